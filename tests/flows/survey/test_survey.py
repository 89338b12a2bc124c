"""What a survey looks at, and who may ask for one."""

from dataclasses import replace

import pytest
from tests.support.builders import NOW
from tests.support.catalogue import publish
from tests.support.surveyed_index import Index
from tests.support.world import add_person, drop_jobs, grant, set_status

from homeport.domain.account import Caller, Scope, Token
from homeport.domain.errors import Conflict, Forbidden, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.survey import Letter, Reach
from homeport.flows.survey import run, show
from homeport.flows.survey.start import start_survey, start_survey_of_all
from homeport.ports.jobs import Job, Work
from homeport.ports.surveys import LinkFilter


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
