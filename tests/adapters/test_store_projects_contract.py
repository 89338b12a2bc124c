"""The contract of ``ports.store``: projects, roles, and what is known of the outside."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.fake_store import FakeStore
from tests.support.store_rows import add_project, add_user
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ListedProject
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release import ExternalLink
from homeport.domain.source import Filters, Source, SourceKind
from homeport.ports.catalogue import Membership
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


# Projects


def test_a_project_is_found_by_its_pep_503_form(store: Store) -> None:
    """A new project keeps its spelling, has serial 0, and is found by its form only."""
    project = add_project(store, "My.Demo")
    with store.read() as tx:
        assert tx.projects.find("my-demo") == project
        assert tx.projects.find("My.Demo") is None
    assert project == Project(
        project.id, ProjectName("My.Demo"), HostingMode.ONLY, ProjectStatus.ACTIVE, 0, NOW
    )


def test_two_spellings_are_one_project(store: Store) -> None:
    """A second spelling of a name is refused with the first one."""
    add_project(store, "My.Demo")
    with pytest.raises(Conflict, match=r"My\.Demo") as refused, store.write() as tx:
        tx.projects.add(ProjectName("my__demo"), HostingMode.CACHE, NOW)
    assert refused.value.code == "project-exists"
    with store.read() as tx:
        assert list(tx.projects.listed("", None, limit=9)) == [ListedProject("My.Demo", "my-demo", 0)]


def test_mode_and_serial_change(store: Store) -> None:
    """Mode and serial of one project change, and of no other."""
    one, other = add_project(store, "one"), add_project(store, "other")
    with store.write() as tx:
        tx.projects.set_mode(one.id, HostingMode.CACHE)
        tx.projects.set_serial(one.id, 7)
    with store.read() as tx:
        found = tx.projects.find("one")
        assert found is not None
        assert (found.mode, found.serial) == (HostingMode.CACHE, 7)
        assert tx.projects.find("other") == other


def test_the_list_is_in_pep_503_order(store: Store) -> None:
    """The list holds name, form and last change of every project that anybody may know of, ordered by form."""
    projects = {
        name: add_project(store, name) for name in ("zeta", "Beta_2", "alpha", "beta.10", "gone", "own")
    }
    with store.write() as tx:
        tx.projects.set_status(projects["gone"].id, ProjectStatus.QUARANTINED, "looks like another")
        tx.projects.set_status(projects["alpha"].id, ProjectStatus.ARCHIVED, "")
        tx.projects.set_private(projects["own"].id, is_private=True)
        tx.projects.set_serial(projects["zeta"].id, 5)
    listed = [
        ListedProject("alpha", "alpha", 0),
        ListedProject("beta.10", "beta-10", 0),
        ListedProject("Beta_2", "beta-2", 0),
        ListedProject("zeta", "zeta", 5),
    ]
    with store.read() as tx:
        assert list(tx.projects.listed("", None, limit=9)) == listed
        assert list(tx.projects.listed("beta-10", "zeta", limit=9)) == listed[1:3]
        assert list(tx.projects.listed("beta-100", None, limit=1)) == listed[2:3]
        assert list(tx.projects.listed("zz", None, limit=9)) == []
        assert list(tx.projects.listed("", "alpha", limit=9)) == []


def test_every_project_whatever_its_state(store: Store) -> None:
    """All projects come in the order of their ids, hidden ones too, a bounded number behind an id."""
    projects = [add_project(store, name) for name in ("b", "a", "c")]
    with store.write() as tx:
        tx.projects.set_status(projects[0].id, ProjectStatus.QUARANTINED, "x")
        tx.projects.set_private(projects[1].id, is_private=True)
    with store.read() as tx:
        every = tx.projects.every(after=0, limit=9)
        assert [one.id for one in every] == [one.id for one in projects]
        assert list(tx.projects.every(after=projects[0].id, limit=1)) == [every[1]]
        assert list(tx.projects.every(after=projects[2].id, limit=9)) == []


def test_status_and_visibility_change(store: Store) -> None:
    """Status, its reason and who may read are kept as they were said, for one project and no other."""
    one, other = add_project(store, "one"), add_project(store, "other")
    with store.write() as tx:
        tx.projects.set_status(one.id, ProjectStatus.DEPRECATED, 'use "other" & be <happy>')
        tx.projects.set_private(one.id, is_private=True)
    with store.read() as tx:
        found = tx.projects.find("one")
        assert found == replace(
            one, status=ProjectStatus.DEPRECATED, status_reason='use "other" & be <happy>', is_private=True
        )
        assert tx.projects.find("other") == other
    with store.write() as tx:
        tx.projects.set_status(one.id, ProjectStatus.ACTIVE, "")
        tx.projects.set_private(one.id, is_private=False)
        assert tx.projects.find("one") == one


def test_newest_projects_come_first(store: FakeStore | SqlStore) -> None:
    """The projects that were created last are shown first, without quarantined ones, and no more than wanted."""
    projects = [add_project(store, name) for name in ("one", "two", "gone", "three")]
    set_status(store, projects[2], ProjectStatus.QUARANTINED)
    with store.read() as tx:
        assert [one.name.display for one in tx.projects.newest(limit=9)] == ["three", "two", "one"]
        assert list(tx.projects.newest(limit=1)) == [projects[3]]


def test_search_shows_the_best_match_first(store: FakeStore | SqlStore) -> None:
    """The very name comes first, then names that begin so, then those that hold it; wildcards mean themselves."""
    for name in ("my-demo", "Demo.Tools", "zz", "demo", "a-demo-b", "demo-a"):
        add_project(store, name)
    set_status(store, add_project(store, "demo-gone"), ProjectStatus.QUARANTINED)
    with store.read() as tx:
        found = [one.name.display for one in tx.projects.search("demo", limit=9)]
        assert found == ["demo", "demo-a", "Demo.Tools", "a-demo-b", "my-demo"]
        assert [one.name.display for one in tx.projects.search("demo", limit=2)] == found[:2]
        assert [one.name.display for one in tx.projects.search("demo-tools", limit=9)] == ["Demo.Tools"]
        for wildcard in ("%", "_", "d_mo", "*"):
            assert list(tx.projects.search(wildcard, limit=9)) == []


def test_roles(store: Store) -> None:
    """A person has one role per project; a new one replaces it, the same one is none; owners are listed first."""
    demo, other = add_project(store), add_project(store, "Another")
    ada, bob, cyd = (add_user(store, name) for name in ("ada", "bob", "cyd"))
    with store.write() as tx:
        assert tx.projects.grant(demo.id, ada.id, Role.OWNER)
        assert tx.projects.grant(demo.id, ada.id, Role.MAINTAINER)
        assert not tx.projects.grant(demo.id, ada.id, Role.MAINTAINER)
        tx.projects.grant(demo.id, cyd.id, Role.OWNER)
        tx.projects.grant(demo.id, bob.id, Role.OWNER)
        tx.projects.grant(other.id, bob.id, Role.MAINTAINER)
    with store.read() as tx:
        assert tx.projects.role_of(demo.id, ada.id) is Role.MAINTAINER
        assert tx.projects.role_of(other.id, ada.id) is None
        assert list(tx.projects.members(demo.id)) == [
            Membership(bob, Role.OWNER),
            Membership(cyd, Role.OWNER),
            Membership(ada, Role.MAINTAINER),
        ]
        assert list(tx.projects.of_user(bob.id)) == [other, demo]
        assert list(tx.projects.of_user(cyd.id)) == [demo]


# Outside


def test_sources_are_remembered_once(store: Store) -> None:
    """A source is known after it was added, oldest first; the same one again changes nothing."""
    project, other = add_project(store), add_project(store, "other")
    home = Source(SourceKind.HOMEPAGE, "https://example.org/")
    download = Source(SourceKind.DOWNLOAD, "https://example.org/")
    with store.write() as tx:
        assert tx.outside.add_source(project.id, home, by="ada", at=NOW)
        assert tx.outside.add_source(project.id, download, by="ada", at=NOW)
        assert not tx.outside.add_source(project.id, home, by="bob", at=NOW + timedelta(days=1))
        assert tx.outside.add_source(other.id, home, by="ada", at=NOW)
    with store.read() as tx:
        assert list(tx.outside.sources(project.id)) == [home, download]


def test_filters_and_tokens_of_sources(store: Store) -> None:
    """A source keeps its filters and its sealed token until it is changed, and nothing once it is removed."""
    project, other = add_project(store), add_project(store, "other")
    filters = Filters(">=1", ("any",), ("*.whl",), ("v*",), 3, prereleases=True)
    source = Source(SourceKind.GITHUB, "https://github.com/a/b", filters)
    with store.write() as tx:
        assert tx.outside.sealed_token(project.id, source) is None
        tx.outside.add_source(project.id, source, by="ada", at=NOW, sealed_token=b"\0sealed")
        tx.outside.add_source(other.id, source, by="ada", at=NOW)
    with store.read() as tx:
        assert list(tx.outside.sources(project.id)) == [replace(source, has_token=True)]
        assert tx.outside.sealed_token(project.id, source) == b"\0sealed"
        assert list(tx.outside.sources(other.id)) == [source]
    plain = Source(source.kind, source.url)
    with store.write() as tx:
        tx.outside.change_source(project.id, plain, sealed_token=None)
        tx.outside.change_source(project.id, Source(SourceKind.GITEA, source.url), sealed_token=b"x")
    with store.read() as tx:
        assert list(tx.outside.sources(project.id)) == [plain]
    with store.write() as tx:
        tx.outside.remove_source(project.id, Source(SourceKind.GITEA, source.url))
        tx.outside.remove_source(project.id, plain)
    with store.read() as tx:
        assert list(tx.outside.sources(project.id)) == []
        assert list(tx.outside.sources(other.id)) == [source]


def test_links_are_replaced_as_a_whole(store: Store) -> None:
    """The recorded links of a project are those of the last time, each URL once; others keep theirs."""
    project, other = add_project(store), add_project(store, "other")
    version = ReleaseVersion.parse_legacy("1.0")
    url = "https://example.org/demo-{}.zip"
    links = [
        ExternalLink("demo", version, f"demo-{n}.zip", url.format(n), "https://example.org/", n, sha256)
        for n, sha256 in ((1, None), (2, Sha256.of(b"2")))
    ]
    unknown = ExternalLink("demo", version, "demo-3.zip", url.format(3), "https://example.org/")
    theirs = ExternalLink("other", version, "other-1.zip", url.format(1), "https://example.org/")
    with store.write() as tx:
        assert list(tx.outside.links(project.id)) == []
        tx.outside.put_links(other.id, [theirs])
        tx.outside.put_links(project.id, [unknown])
        tx.outside.put_links(project.id, [links[0], unknown, *links])
    with store.read() as tx:
        assert list(tx.outside.links(project.id)) == [links[0], unknown, links[1]]
        assert list(tx.outside.links(other.id)) == [theirs]
