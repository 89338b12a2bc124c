"""A survey from its beginning to its report: who may, what is looked at, what is remembered, and who is told."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import NOW
from tests.support.catalogue import publish
from tests.support.outside import Answer, Mood, redirect
from tests.support.world import (
    Fakes,
    add_person,
    add_project,
    drop_jobs,
    fake_world,
    grant,
    set_status,
)

from homeport.domain.account import Caller, Scope, Token
from homeport.domain.errors import Conflict, Forbidden, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.survey import Letter, Reach
from homeport.flows.manage_project import add_source
from homeport.flows.survey import run, show
from homeport.flows.survey.start import job_of, resume_surveys, start_survey, start_survey_of_all
from homeport.ports.fetch import Fetched
from homeport.ports.jobs import Job, Work
from homeport.ports.surveys import LinkFilter
from homeport.ports.world import World


@dataclass
class Index:
    """An index with an administrator, and an owner of projects."""

    fakes: Fakes
    admin: Caller
    owner: Caller

    @property
    def world(self) -> World:
        """Its world."""
        return self.fakes.world

    def project(self, name: str, *urls: str, mode: HostingMode = HostingMode.CACHE) -> Project:
        """A project that seeks its files on these pages."""
        project = add_project(self.world, self.owner.user, name, mode)
        for url in urls:
            add_source(self.world, self.owner, name, "homepage", url)
        return project

    def survey(self, name: str = "") -> show.SurveyView:
        """A survey of one project, or of all, from beginning to end."""
        if name:
            survey = start_survey(self.world, self.owner, name)
        else:
            survey = start_survey_of_all(self.world, self.admin)
        drop_jobs(self.fakes)
        run.look_at_projects(self.world, survey.id)
        run.finish_survey(self.world, survey.id)
        return show.show_survey(self.world, self.admin, survey.id)

    def seen(self, survey_id: int) -> Mapping[str, tuple[Letter | None, int, int]]:
        """Letter, external files and dead files, by project."""
        looks = show.list_looks(self.world, self.admin, survey_id).looks
        return {look.project: (look.letter, look.external_files, look.dead_files) for look in looks}

    def kinds(self) -> list[str]:
        """The kinds of notices that the administrator got."""
        with self.world.store.read() as tx:
            return [notice.kind for notice in tx.notices.of_user(self.admin.user.id, limit=9)]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index without projects."""
    with fake_world(tmp_path) as fakes:
        admin = Caller(add_person(fakes.world, "root", is_admin=True))
        yield Index(fakes, admin, Caller(add_person(fakes.world, "ada")))


def describe(index: Index, project: Project, **metadata: str) -> None:
    """Register a release of it."""
    said = CoreMetadata("1.1", project.name.display, "1.0", **metadata)  # type: ignore[arg-type]
    with index.world.store.write() as tx:
        version = ReleaseVersion.parse("1.0")
        tx.releases.put(project.id, version, said, replace=True, at=index.world.clock.now())


# What is looked at


def test_letters(index: Index) -> None:
    """A project is A, B or C by how its files outside are named; hosted ones are no files outside."""
    outside = index.fakes.outside
    outside.put_page("https://site.test/", '<a href="demo-1.0.zip">1</a> <a href="beta-1.0.zip">2</a>')
    outside.put_file("https://site.test/demo-1.0.zip", b"12345")
    outside.put_file("https://files.test/gamma-1.0.tar.gz", b"1")
    index.project("demo", "https://site.test/")
    index.project("gamma", "https://files.test/gamma-1.0.tar.gz")
    index.project("alone")
    listed = index.project("delta", mode=HostingMode.EXT)
    describe(index, listed, description="Get it: https://files.test/delta-1.0.tar.gz")
    index.project("silent", mode=HostingMode.EXT)
    publish(index.world, index.owner.user, "alone", "1.0")
    view = index.survey()
    assert index.seen(view.survey.id) == {
        "demo": (Letter.C, 1, 0),
        "gamma": (Letter.B, 1, 0),
        "alone": (Letter.A, 0, 0),
        "delta": (Letter.B, 1, 1),
        "silent": (Letter.A, 0, 0),
    }
    assert view.report is not None
    assert view.report.letters == {Letter.A: 2, Letter.B: 2, Letter.C: 1}
    link = show.list_links(index.world, index.admin, view.survey.id, LinkFilter(project="demo")).links[0].link
    assert (link.url, link.host, link.found_on) == (
        "https://site.test/demo-1.0.zip",
        "site.test",
        "https://site.test/",
    )
    assert (link.check.reach, link.check.status, link.check.size_bytes) == (Reach.FOUND, 200, 5)
    assert "easy_install" in link.seen_by


def test_a_file_that_is_hosted_here_is_recorded(index: Index) -> None:
    """A link to a file of a name that is hosted is recorded as such, and makes no file external (L23)."""
    index.project("demo", "https://site.test/")
    filename = publish(index.world, index.owner.user, "demo", "1.0")
    index.fakes.outside.put_page("https://site.test/", f'<a href="{filename}#md5={"a" * 32}">the same</a>')
    view = index.survey()
    assert index.seen(view.survey.id) == {"demo": (Letter.A, 0, 0)}
    assert view.report is not None
    assert (view.report.links, view.report.hosted_links, view.report.unhashed_links) == (1, 1, 0)


def test_what_is_not_asked(index: Index) -> None:
    """Nothing outside is asked for a pypi-only project, which is A, nor for an archived one, which has no letter."""
    index.project("only", mode=HostingMode.ONLY)
    old = index.project("old", "https://site.test/")
    set_status(index.fakes.store, old, ProjectStatus.ARCHIVED)
    view = index.survey()
    assert index.seen(view.survey.id) == {"only": (Letter.A, 0, 0), "old": (None, 0, 0)}
    assert index.fakes.outside.asked == []
    assert view.report is not None
    assert view.report.skipped_projects == 1


def test_a_page_is_read_once(index: Index) -> None:
    """A page that two projects name is fetched once, and both find their files on it; the heads are asked for each."""
    page = '<a href="demo-1.0.zip">1</a> <a href="beta-1.0.zip">2</a>'
    index.fakes.outside.put_page("https://site.test/", page)
    for name in ("demo", "beta"):
        index.project(name, "https://site.test/")
    view = index.survey()
    assert index.fakes.outside.asked.count("https://site.test/") == 1
    assert index.seen(view.survey.id) == {"demo": (Letter.C, 1, 1), "beta": (Letter.C, 1, 1)}


def test_pages_that_cannot_be_read_are_told(index: Index) -> None:
    """A project whose pages were down says so: what was found may not be all."""
    urls = [f"https://down{number}.test/" for number in range(4)]
    index.project("demo", *urls)
    view = index.survey("demo")
    look = show.list_looks(index.world, index.owner, view.survey.id).looks[0]
    assert look.letter is Letter.A
    assert look.problem.startswith("4 of 4 pages could not be read. https://down0.test/: ")
    assert look.problem.endswith(" …")
    index.fakes.outside.put_page(urls[0], "nothing")
    problem = show.list_looks(index.world, index.owner, index.survey("demo").survey.id).looks[0].problem
    assert problem.startswith("3 of 4 pages could not be read. ")
    assert not problem.endswith(" …")


def test_a_url_that_cannot_be_asked(index: Index) -> None:
    """Metadata hold what people wrote: what is no URL waits in no host's lane, and is told."""
    project = index.project("demo")
    describe(index, project, home_page="http://[broken/")
    view = index.survey("demo")
    assert index.seen(view.survey.id) == {"demo": (Letter.A, 0, 0)}
    assert show.list_looks(index.world, index.owner, view.survey.id).looks[0].problem


# Who may


def test_all_projects_for_administrators(index: Index) -> None:
    """Every project is surveyed for an administrator in person, and for nobody else."""
    by_token = replace(index.admin, token=Token(1, "t", frozenset({Scope.MANAGE}), frozenset(), NOW, None))
    for caller in (index.owner, by_token):
        with pytest.raises(Forbidden):
            start_survey_of_all(index.world, caller)
    with pytest.raises(Forbidden):
        show.list_surveys(index.world, index.owner)


def test_one_project_for_its_maintainers(index: Index) -> None:
    """A project is surveyed for who maintains it and for administrators; one that has no outside is refused."""
    project = index.project("demo")
    stranger = Caller(add_person(index.world, "sam"))
    with pytest.raises(Forbidden):
        start_survey(index.world, stranger, "demo")
    first = start_survey(index.world, index.owner, "Demo")
    assert index.fakes.waiting() == [Job(Work.SURVEY, first.id, 1)]
    assert start_survey(index.world, index.admin, "demo") == first
    drop_jobs(index.fakes)
    index.project("only", mode=HostingMode.ONLY)
    with pytest.raises(Conflict, match="pypi-only"):
        start_survey(index.world, index.owner, "only")
    reader = grant(index.world, project, add_person(index.world, "rea"), Role.READER)
    elsewhere = replace(
        index.owner, token=Token(1, "t", frozenset({Scope.MANAGE}), frozenset({"other"}), NOW, None)
    )
    assert show.show_survey(index.world, index.owner, first.id).survey == first
    for caller in (stranger, reader, elsewhere):
        with pytest.raises(NotFound, match="no survey"):
            show.show_survey(index.world, caller, first.id)
    of_all = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    with pytest.raises(NotFound, match="no survey"):
        show.show_survey(index.world, index.owner, of_all.id)
    with pytest.raises(NotFound, match="no survey"):
        show.show_survey(index.world, index.admin, 99)
    assert [view.survey.id for view in show.list_surveys(index.world, index.admin)] == [of_all.id, first.id]


def test_a_running_survey_is_the_answer(index: Index) -> None:
    """Who asks while a survey of the same runs gets that one; after its end a new one begins."""
    first = start_survey_of_all(index.world, index.admin)
    assert start_survey_of_all(index.world, index.admin) == first
    assert drop_jobs(index.fakes) == [Work.SURVEY]
    run.look_at_projects(index.world, first.id)
    run.finish_survey(index.world, first.id)
    assert start_survey_of_all(index.world, index.admin).id != first.id
    assert drop_jobs(index.fakes) == [Work.SURVEY]


# Its end


def test_the_end_is_told(index: Index) -> None:
    """A survey that ends is one entry in the ledger, and a notice to who asked."""
    index.project("demo", "https://site.test/demo-1.0.zip")
    before = len(index.fakes.store.committed.ledger)
    view = index.survey()
    (entry,) = index.fakes.store.committed.ledger[before:]
    assert Kind.SURVEY_FINISHED.encode() in entry.body
    assert index.kinds()[0] == "survey-finished"
    run.finish_survey(index.world, view.survey.id)
    run.finish_survey(index.world, 99)
    assert len(index.fakes.store.committed.ledger) == before + 1
    index.survey("demo")
    with index.world.store.read() as tx:
        notice = tx.notices.of_user(index.owner.user.id, limit=1)[0]
    assert notice.subject == "The survey of demo is finished"
    assert notice.text == "1 files outside, 1 of them not to be had any more."


def test_a_failure_is_told(index: Index) -> None:
    """A survey that cannot go on ends with the reason; another one may be begun."""
    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    run.fail_survey(index.world, survey.id, "It broke.")
    run.fail_survey(index.world, survey.id, "Again.")
    view = show.show_survey(index.world, index.admin, survey.id)
    assert (view.survey.problem, view.survey.is_running, view.report) == ("It broke.", False, None)
    assert index.kinds() == ["survey-finished"]
    run.look_at_projects(index.world, survey.id)
    run.look_at_projects(index.world, 99)
    assert start_survey_of_all(index.world, index.admin).id != survey.id
    drop_jobs(index.fakes)


def test_who_asked_may_be_gone(index: Index) -> None:
    """A survey whose asker has no account any more ends all the same."""
    with index.world.store.write() as tx:
        survey = tx.surveys.add(None, by="nobody", at=index.world.clock.now())
    run.finish_survey(index.world, survey.id)
    assert not show.show_survey(index.world, index.admin, survey.id).survey.is_running


# Killed and begun again


class Killed(BaseException):
    """The process ends here."""


def test_what_was_looked_at_is_not_looked_at_again(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A survey that was killed goes on with the projects that were not looked at, and finds what one run finds."""
    for number in range(6):
        url = f"https://site{number}.test/demo{number}-1.0.zip"
        index.project(f"demo{number}", url)
        index.fakes.outside.put_file(url, b"1")
    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    monkeypatch.setattr(run, "_KEPT_AT_ONCE", 2)
    kept = run._Run._keep
    calls: list[int] = []

    def keep_twice(self: run._Run) -> None:
        if len(calls) == 2:
            raise Killed
        calls.append(1)
        kept(self)

    monkeypatch.setattr(run._Run, "_keep", keep_twice)
    with pytest.raises(Killed):
        run.look_at_projects(index.world, survey.id)
    looked_at = show.show_survey(index.world, index.admin, survey.id).progress.looked_at
    assert 2 <= looked_at < 6
    monkeypatch.setattr(run._Run, "_keep", kept)
    asked_before = len(index.fakes.outside.asked)
    run.look_at_projects(index.world, survey.id)
    assert len(index.fakes.outside.asked) - asked_before == 6 - looked_at
    run.finish_survey(index.world, survey.id)
    assert len(index.seen(survey.id)) == 6


def test_a_quiet_while(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing comes in for a moment, the survey waits on."""
    monkeypatch.setattr(run, "_LOOK_UP_SECONDS", 0.001)
    index.project("demo", "https://site.test/demo-1.0.zip")
    fetcher = index.world.fetcher

    class Slow:
        """The same fetcher, after a while."""

        def fetch(self, *asked: Any) -> Fetched:
            """See the port."""
            time.sleep(0.05)
            return fetcher.fetch(*asked)

    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    run.look_at_projects(replace(index.world, fetcher=Slow()), survey.id)
    assert index.seen(survey.id) == {"demo": (Letter.B, 1, 1)}


def test_lost_work_is_given_back(index: Index) -> None:
    """A survey whose job the engine lost gets another, once; one whose job lives is left alone."""
    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)
    assert resume_surveys(index.world, lambda key: key == job_of(survey).key) == ()
    assert resume_surveys(index.world, lambda _: False) == (survey.id,)
    assert index.fakes.waiting() == [Job(Work.SURVEY, survey.id, 2)]
    drop_jobs(index.fakes)

    def ends_meanwhile(_: str) -> bool:
        run.fail_survey(index.world, survey.id, "It ended.")
        return False

    assert resume_surveys(index.world, ends_meanwhile) == ()


def test_an_error_ends_the_run(index: Index) -> None:
    """What nobody expected in a thread is raised to who runs the survey, and nothing hangs."""
    index.project("demo", "https://site.test/demo-1.0.zip")
    survey = start_survey_of_all(index.world, index.admin)
    drop_jobs(index.fakes)

    class Broken:
        """A fetcher with a mistake in it."""

        def fetch(self, *_: Any) -> Fetched:
            """See the port."""
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run.look_at_projects(replace(index.world, fetcher=Broken()), survey.id)


# Lists


def test_lists_and_exports(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Projects and links are listed by pages, and exported whole."""
    for number in range(3):
        urls = [f"https://site.test/demo{number}-{version}.0.zip" for version in (1, 2)]
        index.project(f"demo{number}", *urls)
    index.fakes.outside.put("https://site.test/demo1-1.0.zip", redirect("https://site.test/1"))
    index.fakes.outside.put("https://site.test/1", Answer(body=b"1", mood=Mood.HONEST))
    survey_id = index.survey().survey.id
    monkeypatch.setattr(show, "PAGE_LENGTH", 2)
    monkeypatch.setattr(show, "_EXPORTED_AT_ONCE", 2)
    first = show.list_looks(index.world, index.admin, survey_id)
    assert ([look.project for look in first.looks], first.after) == (["demo0", "demo1"], "demo1")
    rest = show.list_looks(index.world, index.admin, survey_id, after=first.after)
    assert ([look.project for look in rest.looks], rest.after) == (["demo2"], "")
    links = show.list_links(index.world, index.admin, survey_id)
    assert links.after == links.links[-1].id
    assert len(show.list_links(index.world, index.admin, survey_id, after=links.after).links) == 2
    found = LinkFilter(reach=Reach.FOUND)
    assert show.list_links(index.world, index.admin, survey_id, found).after == 0
    looks = [look for piece in show.every_look(index.world, index.admin, survey_id) for look in piece]
    assert [look.project for look in looks] == ["demo0", "demo1", "demo2"]
    every = [one for piece in show.every_link(index.world, index.admin, survey_id) for one in piece]
    assert len({one.id for one in every}) == 6
