"""Projects come into being, gain sources, and are looked up."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.invariants import broken, entries
from tests.support.project_lists import stored_list
from tests.support.token_callers import by_token
from tests.support.world import Fakes, add_person, add_project, fake_world, grant

from homeport.domain.account import AccountPolicy, Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ListedProject
from homeport.domain.project import Role
from homeport.domain.source import Source, SourceKind
from homeport.flows.manage_project import (
    ProjectView,
    add_source,
    create_project,
    find_project,
    show_project,
)
from homeport.ports.catalogue import Membership

HOME = "https://site.test/"


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes whose invariants hold at the end."""
    with fake_world(tmp_path) as fakes:
        yield fakes
        assert broken(fakes) == []


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """Somebody who owns projects."""
    return Caller(add_person(fakes.world, "ada"))


def told(fakes: Fakes) -> list[tuple[str, str]]:
    """Kind and project of every ledger entry."""
    return [(entry["kind"], entry["project"]) for entry in entries(fakes.store)]


def test_a_project_begins_with_its_owner_and_its_pages(fakes: Fakes, ada: Caller) -> None:
    """A new project is owned by who asked, listed, and has an empty page."""
    project = create_project(fakes.world, ada.user, "My.Demo", HostingMode.ONLY)
    assert told(fakes) == [("project-created", "my-demo"), ("role-granted", "my-demo")]
    with fakes.store.read() as tx:
        assert tx.projects.role_of(project.id, ada.user.id) is Role.OWNER
        assert tx.standing_consents.of_project(project.id) is None
        there = tx.projects.find("my-demo")
    assert there is not None
    assert there.serial == 2
    pages = fakes.store.committed.pages
    assert b'"files":[]' in pages["my-demo", "json"].bodies["identity"]
    assert stored_list(fakes.store) == [ListedProject("My.Demo", "my-demo", 2)]


def test_a_cache_project_begins_with_standing_consent(fakes: Fakes, ada: Caller) -> None:
    """Who chooses pypi-cache for a new project consents to its sources, and the ledger says so."""
    project = create_project(fakes.world, ada.user, "demo", HostingMode.CACHE)
    assert told(fakes)[-1] == ("standing-consent-given", "demo")
    with fakes.store.read() as tx:
        standing = tx.standing_consents.of_project(project.id)
    assert standing is not None
    assert (standing.given_by, standing.hosts) == ("ada", ())


def test_a_new_project_lists_nothing_from_outside(fakes: Fakes, ada: Caller) -> None:
    """pypi-ext is no choice for a new project."""
    with pytest.raises(Invalid) as refused:
        create_project(fakes.world, ada.user, "demo", HostingMode.EXT)
    assert refused.value.code == "mode-for-new"
    assert told(fakes) == []


def test_a_name_is_taken_in_every_spelling(fakes: Fakes, ada: Caller) -> None:
    """A second project of the same PEP 503 form is a conflict."""
    create_project(fakes.world, ada.user, "My.Demo", HostingMode.ONLY)
    with pytest.raises(Conflict):
        create_project(fakes.world, ada.user, "my-demo", HostingMode.ONLY)
    with pytest.raises(Invalid):
        create_project(fakes.world, ada.user, "-", HostingMode.ONLY)


def test_a_project_is_found_in_every_spelling(fakes: Fakes, ada: Caller) -> None:
    """Any spelling finds the project; an unknown or impossible name is a refusal."""
    project = add_project(fakes.world, ada.user, "My.Demo")
    with fakes.store.read() as tx:
        assert find_project(tx, "MY_demo").id == project.id
        with pytest.raises(NotFound) as unknown:
            find_project(tx, "other")
        with pytest.raises(Invalid):
            find_project(tx, "../other")
    assert unknown.value.code == "project-unknown"


def test_a_project_is_shown_with_all_that_is_asked_first(fakes: Fakes, ada: Caller) -> None:
    """The view holds members, files, sources and versions."""
    project = add_project(fakes.world, ada.user, mode=HostingMode.CACHE)
    add_source(fakes.world, ada, "demo", "homepage", HOME)
    bob = grant(fakes.world, project, add_person(fakes.world, "bob"))
    view = show_project(fakes.world, "Demo")
    assert view == ProjectView(
        project=view.project,
        members=(Membership(ada.user, Role.OWNER), Membership(bob.user, Role.MAINTAINER)),
        files=(),
        sources=(Source(SourceKind.HOMEPAGE, HOME),),
        versions=(),
    )
    assert view.project.name.display == "demo"


# Sources


def test_a_source_is_added_once(fakes: Fakes, ada: Caller) -> None:
    """A source is remembered in canonical form; the same one again changes nothing."""
    project = add_project(fakes.world, ada.user, mode=HostingMode.EXT)
    assert add_source(fakes.world, ada, "demo", "homepage", "HTTPS://Site.test:443")
    before = fakes.store.committed.snapshot()
    assert not add_source(fakes.world, ada, "Demo", "homepage", HOME)
    assert fakes.store.committed == before
    entry = entries(fakes.store)[-1]
    assert (entry["kind"], entry["details"]) == ("source-added", {"kind": "homepage", "url": HOME})
    with fakes.store.read() as tx:
        assert list(tx.outside.sources(project.id)) == [Source(SourceKind.HOMEPAGE, HOME)]
        assert tx.standing_consents.of_project(project.id) is None


def test_a_source_of_a_cache_project_extends_its_consent(fakes: Fakes, ada: Caller) -> None:
    """In pypi-cache mode the standing consent learns the host of a source that its giver names, and of no other one."""
    project = add_project(fakes.world, ada.user, mode=HostingMode.CACHE)
    bob = grant(fakes.world, project, add_person(fakes.world, "bob"))
    add_source(fakes.world, ada, "demo", "download", HOME)
    assert [kind for kind, _ in told(fakes)][-2:] == ["source-added", "standing-consent-given"]
    add_source(fakes.world, bob, "demo", "download", "https://other.test/")
    assert [kind for kind, _ in told(fakes)][-1] == "source-added"
    with fakes.store.read() as tx:
        standing = tx.standing_consents.of_project(project.id)
    assert standing is not None
    assert (standing.given_by, standing.hosts) == ("ada", ("site.test",))


@pytest.mark.parametrize(
    ("kind", "url", "code"),
    [
        ("homepages", HOME, "source-kind"),
        ("homepage", "ftp://site.test/", "url-scheme"),
        ("homepage", "https://me:secret@site.test/", "url-userinfo"),
    ],
)
def test_a_source_is_a_known_kind_at_a_plain_address(
    fakes: Fakes, ada: Caller, kind: str, url: str, code: str
) -> None:
    """Other kinds, and URLs that our grammar refuses, are no sources."""
    add_project(fakes.world, ada.user, mode=HostingMode.CACHE)
    with pytest.raises(Invalid) as refused:
        add_source(fakes.world, ada, "demo", kind, url)
    assert refused.value.code == code


def test_pypi_only_has_no_sources(fakes: Fakes, ada: Caller) -> None:
    """A project that lists only uploads refuses external URLs, and says what to do."""
    add_project(fakes.world, ada.user)
    with pytest.raises(Conflict, match="pypi-cache first") as refused:
        add_source(fakes.world, ada, "demo", "homepage", HOME)
    assert refused.value.code == "external-refused"


def test_only_maintainers_add_sources(fakes: Fakes, ada: Caller) -> None:
    """Neither a stranger nor an upload token may say where files come from."""
    add_project(fakes.world, ada.user, mode=HostingMode.CACHE)
    for caller, code in (
        (Caller(add_person(fakes.world, "eve")), "role-missing"),
        (by_token(fakes.world, ada, Scope.UPLOAD), "token-scope"),
    ):
        with pytest.raises(Forbidden) as refused:
            add_source(fakes.world, caller, "demo", "homepage", HOME)
        assert refused.value.code == code


def test_an_unverified_account_creates_no_project(fakes: Fakes, ada: Caller) -> None:
    """Where a verified address is wanted, names are for those who have one, or get them from an administrator."""
    strict = replace(fakes.world, accounts=AccountPolicy(needs_verified=True))
    with pytest.raises(Forbidden) as refused:
        create_project(strict, ada.user, "demo", HostingMode.ONLY)
    assert refused.value.code == "email-unverified"
    assert told(fakes) == []
    root = Caller(add_person(fakes.world, "root", is_admin=True))
    create_project(strict, ada.user, "one", HostingMode.ONLY, overriding=root)
    create_project(strict, replace(ada.user, is_verified=True), "two", HostingMode.ONLY)
    assert [name for kind, name in told(fakes) if kind == "project-created"] == ["one", "two"]
