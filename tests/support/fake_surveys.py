"""The fake store's surveys."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from tests.support.fake_tables import Tables

from homeport.domain.project import Project
from homeport.domain.survey import Letter, Link, Look, Progress, Survey
from homeport.domain.survey_report import Report
from homeport.ports.surveys import EVERY_LINK, LinkFilter, ListedLink, Seen


class FakeSurveys:
    """``ports.surveys.Surveys``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, project_id: int | None, *, by: str, at: datetime) -> Survey:
        """See the port."""
        projects = self._tables.projects
        name = projects[project_id].name.normalized if project_id is not None else ""
        survey = Survey(self._tables.fresh_id("surveys"), name, by, at)
        self._tables.surveys[survey.id] = survey
        self._tables.waiting_hosts[survey.id] = 0
        for one in projects.values():
            if project_id in {None, one.id}:
                self._tables.survey_looks[survey.id, one.id] = Look(one.name.normalized, None)
        return survey

    def find(self, survey_id: int) -> Survey | None:
        """See the port."""
        return self._tables.surveys.get(survey_id)

    def newest(self, *, before: int = 0, limit: int) -> Sequence[Survey]:
        """See the port."""
        older = [one for one in self._tables.surveys.values() if not before or one.id < before]
        return older[: -limit - 1 : -1]

    def newest_of_all(self) -> Survey | None:
        """See the port."""
        told = (one for one in self.newest(limit=len(self._tables.surveys)) if not one.project)
        return next((one for one in told if one.id in self._tables.survey_reports), None)

    def last_of(self, project_id: int) -> Survey | None:
        """See the port."""
        meant = {"", self._tables.projects[project_id].name.normalized}
        newest = self.newest(limit=len(self._tables.surveys))
        ended = (one for one in newest if not one.is_running and not one.problem)
        return next((one for one in ended if one.project in meant), None)

    def running(self) -> Sequence[Survey]:
        """See the port."""
        return [one for one in self._tables.surveys.values() if one.is_running]

    def restart(self, survey_id: int) -> Survey:
        """See the port."""
        there = self._tables.surveys[survey_id]
        self._tables.surveys[survey_id] = replace(there, tries=there.tries + 1)
        return self._tables.surveys[survey_id]

    def fail(self, survey_id: int, problem: str, at: datetime) -> None:
        """See the port."""
        there = self._tables.surveys[survey_id]
        self._tables.surveys[survey_id] = replace(there, finished_at=at, problem=problem)
        self._tables.waiting_hosts[survey_id] = 0

    def progress(self, survey_id: int) -> Progress:
        """See the port."""
        looks = [look for (of, _), look in self._tables.survey_looks.items() if of == survey_id]
        looked_at = sum(look.at is not None for look in looks)
        links = sum(look.links for look in looks)
        return Progress(len(looks), looked_at, links, self._tables.waiting_hosts[survey_id])

    def progress_of(self, survey_ids: Collection[int]) -> Mapping[int, Progress]:
        """See the port."""
        return {one: self.progress(one) for one in survey_ids if one in self._tables.surveys}

    def to_look_at(self, survey_id: int, *, after: int, limit: int) -> Sequence[Project]:
        """See the port."""
        waiting = sorted(
            project_id
            for (of, project_id), look in self._tables.survey_looks.items()
            if of == survey_id and look.at is None and project_id > after
        )
        return [self._tables.projects[project_id] for project_id in waiting[:limit]]

    def put(self, survey_id: int, seen: Sequence[Seen], *, waiting_hosts: int) -> None:
        """See the port."""
        self._tables.waiting_hosts[survey_id] = waiting_hosts
        links = self._tables.survey_links
        for one in seen:
            self._tables.survey_looks[survey_id, one.project_id] = one.look
            before = [row for row, (of, pid, _) in links.items() if (of, pid) == (survey_id, one.project_id)]
            for row in before:
                del links[row]
            for link in one.links:
                links[self._tables.fresh_id("survey_links")] = (survey_id, one.project_id, link)

    def finish(self, survey_id: int, report: Report, at: datetime) -> None:
        """See the port."""
        self._tables.surveys[survey_id] = replace(self._tables.surveys[survey_id], finished_at=at)
        self._tables.survey_reports[survey_id] = report
        self._tables.waiting_hosts[survey_id] = 0

    def report(self, survey_id: int) -> Report | None:
        """See the port."""
        return self._tables.survey_reports.get(survey_id)

    def reports_of(self, survey_ids: Collection[int]) -> Mapping[int, Report]:
        """See the port."""
        return {one: said for one, said in self._tables.survey_reports.items() if one in survey_ids}

    def looks(
        self, survey_id: int, *, letter: Letter | None = None, after: str = "", limit: int | None = None
    ) -> Iterator[Look]:
        """See the port."""
        looks = [
            look
            for (of, _), look in self._tables.survey_looks.items()
            if of == survey_id and look.at is not None and look.project > after
            if letter is None or look.letter is letter
        ]
        return islice(iter(sorted(looks, key=lambda look: look.project)), limit)

    def links(
        self,
        survey_id: int,
        wanted: LinkFilter = EVERY_LINK,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> Iterator[ListedLink]:
        """See the port."""
        found = (
            ListedLink(row, look.project, link)
            for row, (of, project_id, link) in sorted(self._tables.survey_links.items())
            if of == survey_id and row > after
            if _is_wanted(wanted, look := self._tables.survey_looks[of, project_id], link)
        )
        return islice(found, limit)


def _is_wanted(wanted: LinkFilter, look: Look, link: Link) -> bool:
    return (
        wanted.project in {"", look.project}
        and wanted.host in {"", link.host}
        and wanted.reach in {None, link.check.reach}
        and wanted.letter in {None, look.letter}
        and wanted.is_tls in {None, link.is_tls}
    )
