"""What people look at: lists, the story of a project, the inbox, and a project's hosting."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.fake_store import FakeStore
from tests.support.world import add_person, add_project, fake_world, real_world, set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.account import Caller, Scope, Token
from homeport.domain.digests import Digests, Sha256
from homeport.domain.errors import Forbidden, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.rehost import Purpose, State
from homeport.domain.release import ExternalLink, HostedFile, Origin
from homeport.domain.source import Source, SourceKind
from homeport.flows.browse import (
    newest_projects,
    newest_with_files,
    project_story,
    search_projects,
    show_hosting,
    show_inbox,
    show_keeping,
)
from homeport.flows.release_pages import latest_release
from homeport.flows.yank import unyank, yank
from homeport.ports.catalogue import Provenance
from homeport.ports.notices import Notice
from homeport.ports.world import World


def nobody() -> Caller:
    """Whoever reads these is never asked who they are."""
    raise AssertionError("what everybody may read asks nobody")


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Every test here runs over the fake store and over the real one."""
    open_world = fake_world if request.param == "fake" else real_world
    with open_world(tmp_path) as opened:
        yield opened.world


@pytest.fixture
def ada(world: World) -> Caller:
    """Somebody with an account."""
    return Caller(add_person(world, "ada"))


@pytest.fixture
def make(world: World, ada: Caller) -> Callable[..., Project]:
    """Makes projects of ada's."""

    def made(name: str, mode: HostingMode = HostingMode.ONLY) -> Project:
        return add_project(world, ada.user, name, mode)

    return made


def _release(world: World, project: Project, version: str, summary: str = "", *filenames: str) -> None:
    parsed, now = ReleaseVersion.parse_legacy(version), world.clock.now()
    metadata = CoreMetadata("2.1", project.name.display, version, summary=summary)
    with world.store.write() as tx:
        tx.releases.put(project.id, parsed, metadata, replace=True, at=now)
        for filename in filenames:
            sha256 = Sha256.of(filename.encode())
            file = HostedFile(
                project=project.name.normalized,
                version=parsed,
                filename=filename,
                kind=FileKind.SDIST,
                size_bytes=1,
                digests=Digests(sha256, "0" * 64, "0" * 32),
                published_at=now,
                origin=Origin.UPLOAD,
            )
            tx.files.add(project.id, file, Provenance("ada", url=f"https://files.example/{filename}"), None)


def test_newest_projects_come_newest_first(world: World, make: Callable[..., Project]) -> None:
    """The last project made stands on top, with the summary of what it registered last; the limit holds."""
    first, last = make("bbb"), make("aaa")
    _release(world, last, "1.0", "An old summary.")
    _release(world, last, "2.0", "A summary.")
    listed = newest_projects(world, nobody)
    assert [(entry.project.id, entry.summary) for entry in listed] == [
        (last.id, "A summary."),
        (first.id, ""),
    ]
    assert [entry.project.id for entry in newest_projects(world, nobody, limit=1)] == [last.id]


def test_the_newest_with_files_can_be_installed(
    world: World, ada: Caller, make: Callable[..., Project]
) -> None:
    """A project without files, or with yanked ones only, is no example of what to install."""
    assert newest_with_files(world, nobody) is None
    older, newer = make("older"), make("newer")
    make("bare")
    assert newest_with_files(world, nobody) is None
    _release(world, older, "1.0", "", "older-1.0.tar.gz")
    _release(world, newer, "1.0", "", "newer-1.0.tar.gz")
    found = newest_with_files(world, nobody)
    assert found is not None
    assert found.id == newer.id
    yank(world, ada, "newer", "1.0")
    found = newest_with_files(world, nobody)
    assert found is not None
    assert found.id == older.id
    assert newest_with_files(world, nobody, limit=2) is None


def test_a_quarantined_project_is_in_no_list(world: World, make: Callable[..., Project]) -> None:
    """Who browses is not led to a project that may be harmful."""
    project = make("harmful")
    assert isinstance(world.store, FakeStore | SqlStore)
    set_status(world.store, project, ProjectStatus.QUARANTINED)
    assert newest_projects(world, nobody) == ()
    assert search_projects(world, nobody, "harm") == ()


def test_search_ranks_the_name_then_beginnings_then_the_rest(
    world: World, make: Callable[..., Project]
) -> None:
    """The very name comes first, names that begin so next, each group in the order of names."""
    for name in ("my-lark", "Lark-y", "lark", "lark-a", "other"):
        make(name)
    found = [entry.project.name.display for entry in search_projects(world, nobody, "LARK")]
    assert found == ["lark", "lark-a", "Lark-y", "my-lark"]
    assert len(search_projects(world, nobody, "lark", limit=2)) == 2


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Dot_ted", True),
        ("dot ted", True),
        (" t.t ", True),
        ("", False),
        ("  ", False),
        ("%", False),
        ("dot_%", False),
        ("d?t", False),
        ('"', False),
        ("dot\0", False),
        ("\ud800", False),
        ("'; DROP TABLE projects; --", False),
    ],
)
def test_search_reads_every_spelling_and_no_wildcards(
    world: World, make: Callable[..., Project], text: str, is_found: bool
) -> None:
    """Separators are one; what is special to a database is a letter like others."""
    make("dot.ted")
    assert bool(search_projects(world, nobody, text)) is is_found


def test_a_story_orders_releases_newest_first(world: World, make: Callable[..., Project]) -> None:
    """PEP 440 order, what is no version last; files by name, each with where it came from."""
    project = make("demo")
    for version in ("1.0", "10.0", "2.0", "11.0rc1", "2004d"):
        _release(world, project, version, f"Summary of {version}.")
    _release(world, project, "10.0", "Summary of 10.0.", "demo-10.0.zip", "demo-10.0.tar.gz")
    story = project_story(world, nobody, "DEMO")
    assert [release.version.text for release in story.releases] == ["11.0rc1", "10.0", "2.0", "1.0", "2004d"]
    assert [file.filename for file, _ in story.releases[1].files] == ["demo-10.0.tar.gz", "demo-10.0.zip"]
    assert story.releases[1].files[0][1].url == "https://files.example/demo-10.0.tar.gz"
    assert story.newest is not None
    assert story.newest.text == "10.0", "a pre-release is not the newest while there is a final release"
    assert story.metadata is not None
    assert story.metadata.summary == "Summary of 10.0."


@pytest.mark.parametrize(("versions", "newest"), [((), None), (("1.0rc1", "1.0a1"), "1.0rc1"), (("x",), "x")])
def test_a_story_without_final_release_takes_what_there_is(
    world: World, make: Callable[..., Project], versions: tuple[str, ...], newest: str | None
) -> None:
    """A pre-release, a version nobody can read, or nothing."""
    project = make("demo")
    for version in versions:
        _release(world, project, version)
    story = project_story(world, nobody, "demo")
    assert (story.newest.text if story.newest else None) == newest
    assert (story.metadata is None) is (newest is None)


def test_a_story_of_nothing_is_not_found(world: World) -> None:
    """There is no page for a project that is not there."""
    with pytest.raises(NotFound):
        project_story(world, nobody, "nobody")


def test_external_links_are_told_in_pypi_ext_only(world: World, make: Callable[..., Project]) -> None:
    """A link is told while installers are given it; a file hosted here is no link any more."""
    project = make("demo", HostingMode.EXT)
    _release(world, project, "1.0", "", "demo-1.0.tar.gz")
    version = ReleaseVersion.parse("1.0")
    links = [
        ExternalLink("demo", version, name, f"https://files.example/{name}", "https://files.example/")
        for name in ("demo-1.0.tar.gz", "demo-1.0.zip")
    ]
    with world.store.write() as tx:
        tx.outside.put_links(project.id, links)
    assert [link.filename for link in project_story(world, nobody, "demo").external] == ["demo-1.0.zip"]
    with world.store.write() as tx:
        tx.projects.set_mode(project.id, HostingMode.ONLY)
    assert project_story(world, nobody, "demo").external == ()


def test_the_inbox_holds_what_concerns_its_owner(
    world: World, ada: Caller, make: Callable[..., Project]
) -> None:
    """My projects by name, the rehosts that wait or run, and my notices, newest first; nothing of others."""
    project, now = make("demo", HostingMode.CACHE), world.clock.now()
    make("another")
    ids: dict[State, int] = {}
    with world.store.write() as tx:
        for state in State:
            rehost = tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=now, metadata=None)
            tx.rehosts.put(replace(rehost, state=state))
            ids[state] = rehost.id
        for number in range(40):
            tx.notices.add(ada.user.id, Notice("kind", f"Notice {number}", "", "/", now))
    inbox = show_inbox(world, ada)
    another, demo = inbox.kept
    assert (another.project.name.display, another.waiting, another.running) == ("another", (), ())
    assert {rehost.id for rehost in demo.waiting} == {ids[State.PLANNED], ids[State.PARTLY_PUBLISHED]}
    assert {rehost.state for rehost in demo.running} == {
        State.PLANNING,
        State.CONSENTED,
        State.PUBLISHING,
    }
    assert [notice.subject for notice in inbox.notices] == [f"Notice {n}" for n in range(39, 9, -1)]
    stranger = show_inbox(world, Caller(add_person(world, "bob")))
    assert (stranger.kept, stranger.notices) == ((), ())


def test_hosting_is_told_to_maintainers_only(world: World, ada: Caller, make: Callable[..., Project]) -> None:
    """Sources, and rehosts newest first; a stranger is refused."""
    project = make("demo", HostingMode.CACHE)
    now = world.clock.now()
    with world.store.write() as tx:
        tx.outside.add_source(
            project.id, Source(SourceKind.HOMEPAGE, "https://files.example/"), by="ada", at=now
        )
        for _ in range(55):
            tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=now, metadata=None)
    hosting = show_hosting(world, ada, "Demo")
    assert hosting.role is Role.OWNER
    assert [source.url for source in hosting.sources] == ["https://files.example/"]
    numbers = [rehost.id for rehost in hosting.rehosts]
    assert len(numbers) == 50
    assert numbers == sorted(numbers, reverse=True)
    with pytest.raises(Forbidden):
        show_hosting(world, Caller(add_person(world, "bob")), "demo")


def test_a_story_leads_with_the_release_that_is_meant(
    world: World, ada: Caller, make: Callable[..., Project]
) -> None:
    """It is the one that scripts are told of: a yanked release, as a whole or file by file, gives way to an older one."""
    project = make("demo")
    for version in ("1.0", "2.0", "3.0"):
        _release(world, project, version, f"Summary of {version}.", f"demo-{version}.tar.gz")
    _release(world, project, "4.0rc1", "Summary of 4.0rc1.")

    def led() -> tuple[str, str]:
        story = project_story(world, nobody, "demo")
        assert story.newest is not None
        assert story.metadata is not None
        assert story.newest.text == latest_release(world, nobody, "demo").release.version
        return story.newest.text, story.metadata.summary

    assert led() == ("3.0", "Summary of 3.0.")
    yank(world, ada, "demo", "3.0", reason="Broken.")
    assert led() == ("2.0", "Summary of 2.0.")
    yank(world, ada, "demo", "2.0", filenames=["demo-2.0.tar.gz"])
    assert led() == ("1.0", "Summary of 1.0.")


def test_a_release_is_told_with_its_yank(world: World, ada: Caller, make: Callable[..., Project]) -> None:
    """A yanked release says so beside its files, of which each has its own mark."""
    project = make("demo")
    _release(world, project, "1.0", "", "demo-1.0.tar.gz", "demo-1.0.zip")
    _release(world, project, "2.0", "", "demo-2.0.tar.gz")
    yank(world, ada, "demo", "1.0", reason="Broken.")
    unyank(world, ada, "demo", "1.0", filenames=["demo-1.0.zip"])
    yank(world, ada, "demo", "2.0", filenames=["demo-2.0.tar.gz"])
    for releases in (
        project_story(world, nobody, "demo").releases,
        show_keeping(world, ada, "demo").releases,
    ):
        assert [
            (release.version.text, release.yanked, [file.yanked for file, _ in release.files])
            for release in releases
        ] == [("2.0", None, [""]), ("1.0", "Broken.", ["Broken.", None])]


def test_keeping_is_told_to_maintainers_and_administrators(
    world: World, ada: Caller, make: Callable[..., Project]
) -> None:
    """Who maintains the project has a role there, an administrator none; readers and strangers are refused."""
    project = make("demo")
    people = {name: Caller(add_person(world, name)) for name in ("bob", "cleo", "dan")}
    root = Caller(add_person(world, "root", is_admin=True))
    with world.store.write() as tx:
        tx.projects.grant(project.id, people["bob"].user.id, Role.MAINTAINER)
        tx.projects.grant(project.id, people["cleo"].user.id, Role.READER)
    assert show_keeping(world, ada, "Demo").role is Role.OWNER
    assert show_keeping(world, people["bob"], "demo").role is Role.MAINTAINER
    keeping = show_keeping(world, root, "demo")
    assert (keeping.role, keeping.releases) == (None, ())
    assert [(member.user.name, member.role) for member in keeping.members] == [
        ("ada", Role.OWNER),
        ("bob", Role.MAINTAINER),
        ("cleo", Role.READER),
    ]
    of_root = Caller(root.user, Token(1, "root", frozenset(Scope), frozenset(), world.clock.now(), None))
    for caller in (people["cleo"], people["dan"], of_root):
        with pytest.raises(Forbidden):
            show_keeping(world, caller, "demo")
    with world.store.write() as tx:
        tx.projects.grant(project.id, root.user.id, Role.READER)
    assert show_keeping(world, root, "demo").role is None, "to read is not to maintain"
    with pytest.raises(NotFound):
        show_keeping(world, ada, "nobody")
