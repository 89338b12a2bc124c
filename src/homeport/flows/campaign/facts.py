"""What is true of a project that a campaign is about: its mode, its exemption, and its files that are not here.

1. A file is elsewhere when it is named by a link that is recorded, or by one that the survey found, and no file of that
   name is hosted here. ``to-only`` takes its link from installers; ``phase-out`` takes the last way on which it comes home.
2. ``to-only`` counts by the survey that it asked for, ``phase-out`` by the last one that looked at the project.
3. Where the survey did not come to its end, a project is not taken for one that loses nothing because of that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from homeport.domain.account import User
from homeport.domain.campaign import Campaign, CampaignKind, Entrant, Group, Seen
from homeport.domain.exemption import Standing
from homeport.domain.project import Project
from homeport.ports.store import Transaction
from homeport.ports.surveys import LinkFilter


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """A file that a project has elsewhere; ``is_dead`` says that nobody could get it there when it was asked for."""

    filename: str
    url: str
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a mail tells of the files that are not here; ``stays_open`` says that they come home after the day, too."""

    files: tuple[OutsideFile, ...]
    stays_open: bool


def outside_files(tx: Transaction, campaign: Campaign, project: Project) -> tuple[OutsideFile, ...]:
    """The files of ``project`` that lie elsewhere and are not here, by name; of several places one that has it."""
    if campaign.kind is CampaignKind.TO_ONLY:
        return _elsewhere(tx, project, campaign.survey_id)
    return files_elsewhere(tx, project)


def files_elsewhere(tx: Transaction, project: Project) -> tuple[OutsideFile, ...]:
    """The same as the last survey saw it, without a campaign."""
    last = tx.surveys.last_of(project.id)
    return _elsewhere(tx, project, last.id if last else None)


def comes_home_after(tx: Transaction, campaign: Campaign, day: date) -> bool:
    """True when files that lie elsewhere can still be brought home after the campaign's day."""
    return campaign.kind is CampaignKind.TO_ONLY and tx.policies.current().allows_cache_again(day)


def _elsewhere(tx: Transaction, project: Project, survey_id: int | None) -> tuple[OutsideFile, ...]:
    had = set(tx.files.names(project.id))
    found = [OutsideFile(link.filename, link.url) for link in tx.outside.links(project.id)]
    if survey_id is not None:
        of_project = LinkFilter(project=project.name.normalized)
        seen = [one.link for one in tx.surveys.links(survey_id, of_project)]
        # What was asked for lately comes first, and of that what was found there.
        asked = [OutsideFile(link.filename, link.url, link.check.reach.is_dead) for link in seen]
        found = [*sorted(asked, key=lambda one: one.is_dead), *found]
    by_name: dict[str, OutsideFile] = {}
    for one in found:
        if one.filename not in had:
            by_name.setdefault(one.filename, one)
    return tuple(by_name[name] for name in sorted(by_name))


def seen_of(
    tx: Transaction, campaign: Campaign, entrant: Entrant, project: Project, files: Sequence[OutsideFile]
) -> Seen:
    """What the clock decides by."""
    exemption = tx.exemptions.live(project.id)
    is_dated = exemption is not None and exemption.standing is Standing.DATED
    until = exemption.until if exemption is not None and is_dated else None
    external = len(files)
    if not external and entrant.group is Group.B and not _is_whole(tx, campaign):
        external = entrant.external
    return Seen(project.mode, external, until)


def _is_whole(tx: Transaction, campaign: Campaign) -> bool:
    survey = tx.surveys.find(campaign.survey_id) if campaign.survey_id is not None else None
    return survey is not None and not survey.is_running and not survey.problem


def maintainers(tx: Transaction, project: Project) -> tuple[User, ...]:
    """Who is told of a project, each once."""
    members = (member.user for member in tx.projects.members(project.id) if member.role.maintains)
    return tuple({user.id: user for user in members}.values())


def why_no_mail(tx: Transaction, user: User) -> str:
    """Why a person is to be reached otherwise than by mail; empty when mail reaches them, as far as is known."""
    if user.is_disabled:
        return "The account is disabled."
    if not user.is_verified:
        return "The e-mail address was never verified."
    if user.mail_problem:
        return user.mail_problem
    return "" if tx.mails.are_sent else "This index sends no mail."
