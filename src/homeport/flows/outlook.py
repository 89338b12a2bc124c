"""The outlook of a project, read in one consistent view: what its hosting mode means, and what each other one would."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.exemption import Exemption
from homeport.domain.hosting_history import Past, past_of
from homeport.domain.outlook import (
    Begun,
    ExternalFile,
    Outlook,
    Word,
    external_files,
    foretell,
    words_of_plan,
    words_of_survey,
)
from homeport.domain.project import Project, Role
from homeport.domain.rehost import Purpose, Rehost, State
from homeport.domain.rights import is_admin_in_person, require_maintainer_or_admin
from homeport.domain.standing_consent import Condition, StandingConsent
from homeport.domain.survey import Survey
from homeport.domain.urls import Url
from homeport.flows.awaited_campaign import Awaited, awaited_by
from homeport.flows.manage_project import find_project
from homeport.flows.standing_consent import condition_of, named_places, unnamed_places
from homeport.ports.store import Transaction
from homeport.ports.surveys import LinkFilter
from homeport.ports.world import World

_MOST_LINES: Final = 50
_MOST_CONSENTED: Final = 20
_UNDECIDED: Final = {State.PLANNING, State.PLANNED, State.REFUSED, State.EXPIRED}


@dataclass(frozen=True, slots=True)
class HostingStory:
    """A project's hosting as it is, was, and might be; ``role`` is ``None`` for an administrator who looks after the index.

    ``plan`` is its last plan of all files, ``survey`` the last survey that looked at it: what is said of external files
    is their word. ``standing`` comes with its ``condition``, and with the places that are named for files and that it does not
    name; ``past`` comes newest first. ``campaign`` waits for the project.
    """

    project: Project
    role: Role | None
    outlook: Outlook
    exemption: Exemption | None
    standing: StandingConsent | None
    condition: Condition | None
    unnamed: tuple[Url, ...]
    plan: Rehost | None
    survey: Survey | None
    past: tuple[Past, ...]
    campaign: Awaited | None


def show_outlook(world: World, caller: Caller, name: str) -> HostingStory:
    """The story, for those who maintain the project and for administrators."""
    now = world.clock.now()
    with world.store.read() as tx:
        project = find_project(tx, name)
        role = require_maintainer_or_admin(caller, project, tx.projects.role_of(project.id, caller.user.id))
        rehosts = tx.rehosts.of_project(project.id)
        histories = [one for one in rehosts if one.purpose is Purpose.HISTORY and not one.version]
        plan, survey = next(iter(histories), None), tx.surveys.last_of(project.id)
        external = _external(tx, project, _planned(histories), survey)
        begun = Begun(
            has_sources=bool(tx.outside.sources(project.id)),
            plan=plan.state if plan else None,
            is_home=any(one.state is State.PUBLISHED for one in histories),
        )
        standing = tx.standing_consents.of_project(project.id)
        return HostingStory(
            project=project,
            role=role,
            outlook=foretell(
                project.mode,
                len(tx.files.of_project(project.id)),
                external,
                begun,
                tx.policies.current(),
                now.date(),
                by_admin=is_admin_in_person(caller),
            ),
            exemption=tx.exemptions.live(project.id),
            standing=standing,
            condition=condition_of(tx, project, standing, now) if standing else None,
            unnamed=unnamed_places(standing, named_places(tx, project)) if standing else (),
            plan=plan,
            survey=survey,
            past=_past(tx, project, rehosts),
            campaign=awaited_by(tx, project),
        )


def project_external(tx: Transaction, project: Project) -> tuple[ExternalFile, ...]:
    """The recorded external files of a project, each with what is known of its chance to come home."""
    rehosts = tx.rehosts.of_project(project.id)
    histories = [one for one in rehosts if one.purpose is Purpose.HISTORY and not one.version]
    return _external(tx, project, _planned(histories), tx.surveys.last_of(project.id))


def _planned(histories: Sequence[Rehost]) -> Rehost | None:
    """The last of them that has a plan: one that is only begun, or failed before, says nothing."""
    return next((one for one in histories if one.plan_digest is not None), None)


def _external(
    tx: Transaction, project: Project, planned: Rehost | None, survey: Survey | None
) -> tuple[ExternalFile, ...]:
    links = tx.outside.links(project.id)
    if not links:
        return ()
    words: list[Word] = []
    if planned is not None:
        words += words_of_plan(tx.rehosts.plan(planned).items, planned.changed_at)
    if survey is not None:
        seen = tx.surveys.links(survey.id, LinkFilter(project=project.name.normalized))
        words += words_of_survey((one.link for one in seen), survey.started_at)
    return external_files(set(tx.files.names(project.id)), links, words)


def _past(tx: Transaction, project: Project, rehosts: Sequence[Rehost]) -> tuple[Past, ...]:
    consented = [one for one in rehosts if one.state not in _UNDECIDED][:_MOST_CONSENTED]
    past = past_of(
        tx.hosting_log.of_project(project.id, limit=_MOST_LINES),
        tx.standing_consents.lines(project.id, limit=_MOST_LINES),
        [consent for rehost in consented for consent in tx.rehosts.consents(rehost.id)],
    )
    return past[:_MOST_LINES]
