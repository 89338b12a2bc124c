"""Surveys are looked at: by administrators, and one of a single project by who maintains it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from homeport.domain.account import Caller
from homeport.domain.rights import require_admin
from homeport.domain.survey import Letter, Look, Progress, Survey
from homeport.domain.survey_report import Report
from homeport.flows.manage_project import find_project
from homeport.flows.pieces import pieces
from homeport.flows.survey.start import reach_survey
from homeport.ports.store import Transaction
from homeport.ports.surveys import EVERY_LINK, LinkFilter, ListedLink
from homeport.ports.world import World

NEWEST = 50
PAGE_LENGTH = 100
_EXPORTED_AT_ONCE = 5_000
_COUNTED_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class SurveyView:
    """A survey as it stands; ``report`` is there when it was finished. ``of`` is the one project that it is of, if it is of one."""

    survey: Survey
    progress: Progress
    report: Report | None
    of: str = ""


@dataclass(frozen=True, slots=True)
class LooksPage:
    """Some projects; ``after`` asks for those that follow, and is empty when there are none."""

    looks: Sequence[Look]
    after: str


@dataclass(frozen=True, slots=True)
class LinksPage:
    """Some links; ``after`` asks for those that follow, and is 0 when there are none."""

    links: Sequence[ListedLink]
    after: int


def list_surveys(world: World, caller: Caller) -> tuple[SurveyView, ...]:
    """The surveys that were begun last, newest first, for administrators."""
    require_admin(caller)
    with world.store.read() as tx:
        return _newest(tx, 0, NEWEST)


def every_survey(world: World, caller: Caller) -> Iterator[Sequence[SurveyView]]:
    """All of them, piece by piece: the projects of each are counted, so that a piece is a small one."""
    require_admin(caller)
    return pieces(
        world, lambda tx, before: _newest(tx, before, _COUNTED_AT_ONCE), lambda view: view.survey.id, 0
    )


def _newest(tx: Transaction, before: int, limit: int) -> tuple[SurveyView, ...]:
    found = tx.surveys.newest(before=before, limit=limit)
    ids = {survey.id for survey in found}
    progress, reports = tx.surveys.progress_of(ids), tx.surveys.reports_of(ids)
    return tuple(SurveyView(survey, progress[survey.id], reports.get(survey.id)) for survey in found)


def show_survey(world: World, caller: Caller, survey_id: int) -> SurveyView:
    """One survey."""
    with world.store.read() as tx:
        survey = reach_survey(tx, caller, survey_id)
        of = find_project(tx, survey.project).name.display if survey.project else ""
        return SurveyView(survey, tx.surveys.progress(survey_id), tx.surveys.report(survey_id), of)


def list_looks(
    world: World, caller: Caller, survey_id: int, *, letter: Letter | None = None, after: str = ""
) -> LooksPage:
    """The projects of a survey that were looked at, by name, a page at a time."""
    with world.store.read() as tx:
        reach_survey(tx, caller, survey_id)
        found = list(tx.surveys.looks(survey_id, letter=letter, after=after, limit=PAGE_LENGTH + 1))
    shown = found[:PAGE_LENGTH]
    return LooksPage(shown, shown[-1].project if len(found) > PAGE_LENGTH else "")


def list_links(
    world: World, caller: Caller, survey_id: int, wanted: LinkFilter = EVERY_LINK, *, after: int = 0
) -> LinksPage:
    """The links of a survey, a page at a time."""
    with world.store.read() as tx:
        reach_survey(tx, caller, survey_id)
        found = list(tx.surveys.links(survey_id, wanted, after=after, limit=PAGE_LENGTH + 1))
    shown = found[:PAGE_LENGTH]
    return LinksPage(shown, shown[-1].id if len(found) > PAGE_LENGTH else 0)


def every_look(
    world: World, caller: Caller, survey_id: int, letter: Letter | None = None
) -> Iterator[Sequence[Look]]:
    """All of :func:`list_looks`, in large pieces."""
    with world.store.read() as tx:
        reach_survey(tx, caller, survey_id)
    return pieces(
        world,
        lambda tx, after: list(
            tx.surveys.looks(survey_id, letter=letter, after=after, limit=_EXPORTED_AT_ONCE)
        ),
        lambda look: look.project,
        "",
    )


def every_link(
    world: World, caller: Caller, survey_id: int, wanted: LinkFilter = EVERY_LINK
) -> Iterator[Sequence[ListedLink]]:
    """All of :func:`list_links`, in large pieces."""
    with world.store.read() as tx:
        reach_survey(tx, caller, survey_id)
    return pieces(
        world,
        lambda tx, after: list(tx.surveys.links(survey_id, wanted, after=after, limit=_EXPORTED_AT_ONCE)),
        lambda link: link.id,
        0,
    )
