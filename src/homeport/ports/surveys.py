"""Surveys, as the database remembers them: one row for a survey, one for each project in it, one for each link."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from homeport.domain.project import Project
from homeport.domain.survey import Letter, Link, Look, Progress, Reach, Survey
from homeport.domain.survey_report import Report


@dataclass(frozen=True, slots=True)
class Seen:
    """What a survey saw of one project."""

    project_id: int
    look: Look
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedLink:
    """A link in a list: its row, and the project it belongs to."""

    id: int
    project: str
    link: Link


@dataclass(frozen=True, slots=True)
class LinkFilter:
    """Which links are wanted; what is empty leaves nothing out."""

    project: str = ""
    host: str = ""
    reach: Reach | None = None
    letter: Letter | None = None
    is_tls: bool | None = None


EVERY_LINK: Final = LinkFilter()


class Surveys(Protocol):
    """Surveys, and what they saw."""

    def add(self, project_id: int | None, *, by: str, at: datetime) -> Survey:
        """A new survey, of one project or of every one there is now, none of which was looked at."""
        ...

    def find(self, survey_id: int) -> Survey | None:
        """The survey of that id."""
        ...

    def newest(self, *, before: int = 0, limit: int) -> Sequence[Survey]:
        """The surveys that were begun last, newest first; ``before`` is the id of one, 0 for the newest."""
        ...

    def newest_of_all(self) -> Survey | None:
        """The survey of all projects that came to its end last, and has a report."""
        ...

    def last_of(self, project_id: int) -> Survey | None:
        """The last survey of that project, or of all, that came to its end."""
        ...

    def running(self) -> Sequence[Survey]:
        """Every survey that is not finished, oldest first."""
        ...

    def restart(self, survey_id: int) -> Survey:
        """Count one more try; what was looked at stays."""
        ...

    def fail(self, survey_id: int, problem: str, at: datetime) -> None:
        """The survey ends here, and this is why."""
        ...

    def progress(self, survey_id: int) -> Progress:
        """How far the survey is."""
        ...

    def progress_of(self, survey_ids: Collection[int]) -> Mapping[int, Progress]:
        """How far each of them is, by id."""
        ...

    def to_look_at(self, survey_id: int, *, after: int, limit: int) -> Sequence[Project]:
        """The projects that were not looked at, by id, from the one after ``after`` on."""
        ...

    def put(self, survey_id: int, seen: Sequence[Seen], *, waiting_hosts: int) -> None:
        """Remember what was seen of these projects, in the place of what was seen of them before."""
        ...

    def finish(self, survey_id: int, report: Report, at: datetime) -> None:
        """Every project was looked at, and this is what is said of them all."""
        ...

    def report(self, survey_id: int) -> Report | None:
        """What was said when the survey was finished."""
        ...

    def reports_of(self, survey_ids: Collection[int]) -> Mapping[int, Report]:
        """The same of many, by id; surveys without a report are left out."""
        ...

    def looks(
        self, survey_id: int, *, letter: Letter | None = None, after: str = "", limit: int | None = None
    ) -> Iterator[Look]:
        """The projects that were looked at, by PEP 503 form, those after ``after``."""
        ...

    def links(
        self,
        survey_id: int,
        wanted: LinkFilter = EVERY_LINK,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> Iterator[ListedLink]:
        """The links that were found and are wanted, by row, those after ``after``."""
        ...
