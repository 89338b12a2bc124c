"""Surveys are looked at: by administrators, and one of a single project by who maintains it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from homeport.domain.account import Caller
from homeport.domain.rights import require_admin
from homeport.domain.survey import Letter, Look, Progress, Survey
from homeport.domain.survey_report import Report
from homeport.flows.survey.start import reach_survey
from homeport.ports.surveys import EVERY_LINK, LinkFilter, ListedLink
from homeport.ports.world import World

NEWEST = 50
PAGE_LENGTH = 100
_EXPORTED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class SurveyView:
    """A survey as it stands; ``report`` is there when it was finished."""

    survey: Survey
    progress: Progress
    report: Report | None


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
    return _surveys(world, caller, NEWEST)


def every_survey(world: World, caller: Caller) -> tuple[SurveyView, ...]:
    """All of them, for a file to keep."""
    return _surveys(world, caller, None)


def _surveys(world: World, caller: Caller, limit: int | None) -> tuple[SurveyView, ...]:
    require_admin(caller)
    with world.store.read() as tx:
        return tuple(
            SurveyView(survey, tx.surveys.progress(survey.id), tx.surveys.report(survey.id))
            for survey in tx.surveys.newest(limit=limit)
        )


def show_survey(world: World, caller: Caller, survey_id: int) -> SurveyView:
    """One survey."""
    with world.store.read() as tx:
        survey = reach_survey(tx, caller, survey_id)
        return SurveyView(survey, tx.surveys.progress(survey_id), tx.surveys.report(survey_id))


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
    return _pieces_of_looks(world, survey_id, letter)


def _pieces_of_looks(world: World, survey_id: int, letter: Letter | None) -> Iterator[Sequence[Look]]:
    after = ""
    while True:
        with world.store.read() as tx:
            found = list(tx.surveys.looks(survey_id, letter=letter, after=after, limit=_EXPORTED_AT_ONCE))
        if not found:
            return
        yield found
        after = found[-1].project


def every_link(
    world: World, caller: Caller, survey_id: int, wanted: LinkFilter = EVERY_LINK
) -> Iterator[Sequence[ListedLink]]:
    """All of :func:`list_links`, in large pieces."""
    with world.store.read() as tx:
        reach_survey(tx, caller, survey_id)
    return _pieces_of_links(world, survey_id, wanted)


def _pieces_of_links(world: World, survey_id: int, wanted: LinkFilter) -> Iterator[Sequence[ListedLink]]:
    after = 0
    while True:
        with world.store.read() as tx:
            found = list(tx.surveys.links(survey_id, wanted, after=after, limit=_EXPORTED_AT_ONCE))
        if not found:
            return
        yield found
        after = found[-1].id
