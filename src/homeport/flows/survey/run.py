"""A survey runs: every project is looked at, every link is asked for, and what was seen is remembered in batches.

1. A project is remembered when all its links were asked for; a survey that was killed goes on with the others.
2. Work goes on at many hosts side by side, and at each one piece after the other. How often a host is asked is the
   fetcher's business.
3. One thread keeps the books: others look and ask, and tell it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue

from homeport.domain.ledger import Kind
from homeport.domain.survey import Link, Look, Survey, look_of
from homeport.domain.survey_report import Report, report_of
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell, write_notice
from homeport.flows.survey.check import check_link
from homeport.flows.survey.kept_pages import keeping_pages
from homeport.flows.survey.lanes import Lanes
from homeport.flows.survey.look import ToCheck, ToLookAt, links_of, to_look_at
from homeport.ports.store import Transaction
from homeport.ports.surveys import Seen
from homeport.ports.world import World

# So many projects may wait for their hosts: enough that a large host's line does not keep others from being begun.
_UNDER_WAY = 20_000
_READ_AT_ONCE = 200
_KEPT_AT_ONCE = 500
_KEEP_EVERY = timedelta(seconds=2)
_LOOK_UP_SECONDS = 0.5


def look_at_projects(world: World, survey_id: int) -> None:
    """Look at every project of the survey that was not looked at yet."""
    with world.store.read() as tx:
        survey = tx.surveys.find(survey_id)
    if survey is not None and survey.is_running:
        with Lanes(world.limits.survey_threads) as lanes:
            _Run(world, survey_id, lanes).to_the_end()


@dataclass
class _Project:
    """A project under way: its links, and how many of them were not asked for yet."""

    asked: ToLookAt
    links: list[Link] = field(default_factory=list)
    left: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Looked:
    """The places of a project were read."""

    project: _Project
    found: tuple[ToCheck, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class _Checked:
    """A link was asked for."""

    project: _Project
    place: int
    link: Link


class _Run:
    """The books of one survey."""

    def __init__(self, world: World, survey_id: int, lanes: Lanes) -> None:
        self._world = world
        self._crawling = keeping_pages(world)
        self._survey_id = survey_id
        self._lanes = lanes
        self._news: SimpleQueue[_Looked | _Checked] = SimpleQueue()
        self._answered: set[str] = set()
        self._under_way = 0
        self._done: list[Seen] = []
        self._kept_at = world.clock.now()

    def to_the_end(self) -> None:
        waiting = self._projects()
        is_more = True
        while is_more or self._under_way:
            while is_more and self._under_way < _UNDER_WAY and self._news.empty():
                is_more = self._begin(waiting)
                self._keep_if_due()
            self._keep_if_due()
            if self._under_way:
                self._hear()
        self._keep()

    def _projects(self) -> Iterator[deque[ToLookAt]]:
        after = 0
        while True:
            with self._world.store.read() as tx:
                found = tx.surveys.to_look_at(self._survey_id, after=after, limit=_READ_AT_ONCE)
                read = deque(to_look_at(self._world, tx, project) for project in found)
            if not read:
                return
            after = read[-1].project.id
            yield read

    def _begin(self, waiting: Iterator[deque[ToLookAt]]) -> bool:
        """Begin with some more projects; False when there are none."""
        for asked in (batch := next(waiting, deque())):
            if asked.places:
                self._under_way += 1
                waits = replace(asked, places=()) if asked.is_heavy else asked
                self._lanes.add(asked.host, partial(self._look, _Project(waits)))
            else:
                self._done.append(self._seen(_Project(asked)))
        return bool(batch)

    def _look(self, project: _Project) -> None:
        asked = project.asked
        if not asked.places:
            with self._world.store.read() as tx:
                asked = to_look_at(self._world, tx, asked.project)
        found, problem = links_of(self._crawling, asked)
        self._news.put(_Looked(project, found, problem))

    def _check(self, project: _Project, place: int, asked: ToCheck) -> None:
        self._news.put(_Checked(project, place, check_link(self._world, asked, self._answered)))

    def _hear(self) -> None:
        try:
            news = self._news.get(timeout=_LOOK_UP_SECONDS)
        except Empty:
            self._lanes.require_sound()
            return
        project = news.project
        if isinstance(news, _Looked):
            project.links, project.left = [asked.link for asked in news.found], len(news.found)
            project.problem = news.problem
            for place, asked in enumerate(news.found):
                self._lanes.add(asked.link.host, partial(self._check, project, place, asked))
        else:
            project.links[news.place] = news.link
            project.left -= 1
            if news.link.check.status:
                self._answered.add(news.link.host)
        if not project.left:
            self._under_way -= 1
            self._done.append(self._seen(project))

    def _seen(self, project: _Project) -> Seen:
        asked, at = project.asked, self._world.clock.now()
        name = asked.project.name.normalized
        if asked.skipped:
            look = Look(name, None, asked.skipped, hosted_files=len(asked.hosted), at=at)
        else:
            look = look_of(name, asked.hosted, project.links, problem=project.problem, at=at)
        return Seen(asked.project.id, look, tuple(project.links))

    def _keep_if_due(self) -> None:
        if len(self._done) >= _KEPT_AT_ONCE or abs(self._world.clock.now() - self._kept_at) >= _KEEP_EVERY:
            self._keep()

    def _keep(self) -> None:
        with self._world.store.write() as tx:
            tx.surveys.put(self._survey_id, self._done, waiting_hosts=self._lanes.hosts)
        self._done, self._kept_at = [], self._world.clock.now()


def finish_survey(world: World, survey_id: int) -> None:
    """Say what was seen of all: to the ledger, and to who asked."""
    now = world.clock.now()
    with world.store.read() as tx:
        survey = tx.surveys.find(survey_id)
        if survey is None or not survey.is_running:
            return
        report = _report(tx, survey_id)
    with world.store.write() as tx:
        tx.surveys.finish(survey_id, report, now)
        tx.ledger.append(
            Kind.SURVEY_FINISHED,
            at=now,
            actor=survey.asked_by,
            project=survey.project,
            details={
                "survey": survey.id,
                "projects": report.projects,
                "classes": {letter.value: count for letter, count in report.letters.items()},
                "links": report.links,
                "dead": report.dead_links,
            },
        )
        _tell(tx, survey, _sentence(survey, report), now)


def _report(tx: Transaction, survey_id: int) -> Report:
    return report_of(
        tx.surveys.looks(survey_id), ((one.project, one.link) for one in tx.surveys.links(survey_id))
    )


def fail_survey(world: World, survey_id: int, problem: str) -> None:
    """Say why a survey cannot go on; another one may be begun."""
    now = world.clock.now()
    with world.store.write() as tx:
        survey = tx.surveys.find(survey_id)
        if survey is not None and survey.is_running:
            tx.surveys.fail(survey_id, problem, now)
            _tell(tx, replace(survey, problem=problem), problem, now)


def _tell(tx: Transaction, survey: Survey, text: str, now: datetime) -> None:
    project = find_project(tx, survey.project).name.display if survey.project else ""
    facts = {"project": project, "is_early": bool(survey.problem), "told": text}
    path = f"/admin/surveys/{survey.id}/"
    notice = write_notice("survey-finished", facts, path=path, at=now, about=str(survey.id))
    asked_by = tx.users.by_name(survey.asked_by)
    tell(tx, [asked_by] if asked_by else [], notice)


def _sentence(survey: Survey, report: Report) -> str:
    if survey.project:
        return f"{report.external_files} files outside, {report.dead_files} of them not to be had any more."
    return (
        f"{report.external_projects} of {report.projects} projects have external files: {report.external_files} files, "
        f"by {report.links} links on {report.hosts} hosts. {report.dead_links} links are dead."
    )
