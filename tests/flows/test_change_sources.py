"""Sources are added, changed, removed and tried: filters, tokens, the ledger, and standing consent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.archives import make_wheel
from tests.support.fake_sealer import FakeSealer
from tests.support.invariants import entries
from tests.support.outside import Answer, Mood
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.places_answers import github_release, json_answer
from tests.support.world import Fakes, add_person, add_project, fake_world, grant, run_jobs

from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.manners import Host, Politeness
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes
from homeport.domain.source import NO_FILTERS, Filters, Source, SourceKind
from homeport.domain.throttle import PER_TRIER
from homeport.flows.crawl.named import places_of
from homeport.flows.crawl.places import Place
from homeport.flows.crawl.try_source import try_anywhere, try_source
from homeport.flows.manage_project import add_source, list_sources, remove_source
from homeport.flows.manners.polite import PoliteFetcher
from homeport.flows.register import register
from homeport.flows.rehost.start import find_rehost, start_plan
from homeport.flows.source_tokens import credential_for_file, shown
from homeport.flows.standing_consent import give_standing

REPO = "https://github.com/octo/demo"
API = "https://api.github.com/repos/octo/demo/releases?per_page=30"
TOKEN = "ghp_0123456789secret"


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as made:
        yield made


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """The owner."""
    return Caller(add_person(fakes.world, "ada"))


@pytest.fixture
def project(fakes: Fakes, ada: Caller) -> Project:
    """Her project, which is ``pypi-cache``."""
    return add_project(fakes.world, ada.user, "demo", HostingMode.CACHE)


def places(fakes: Fakes, project: Project, version: str = "") -> tuple[Place, ...]:
    """Where a plan would look."""
    with fakes.store.read() as tx:
        return places_of(fakes.world, tx, project, version)


def hosts(fakes: Fakes, project: Project) -> tuple[str, ...]:
    """What standing consent covers."""
    return fakes.store.committed.standing[project.id].hosts


def last(fakes: Fakes) -> dict[str, Any]:
    """What the ledger told last."""
    return entries(fakes.store)[-1]


def test_filters_are_kept_and_replaced(fakes: Fakes, ada: Caller, project: Project) -> None:
    """A source keeps its filters; named again with others it gets those, with the same it is known."""
    filters = Filters(versions=">=2", newest=3)
    assert add_source(fakes.world, ada, "demo", "github", REPO, filters)
    assert list_sources(fakes.world, ada, "demo") == (Source(SourceKind.GITHUB, REPO, filters),)
    assert places(fakes, project) == (Place(SourceKind.GITHUB, REPO, filters=filters),)
    assert not add_source(fakes.world, ada, "demo", "github", REPO, filters)
    before = len(entries(fakes.store))
    assert add_source(fakes.world, ada, "demo", "github", REPO)
    assert list_sources(fakes.world, ada, "demo") == (Source(SourceKind.GITHUB, REPO),)
    (told,) = entries(fakes.store)[before:]
    assert (told["kind"], told["details"]) == ("source-changed", {"kind": "github", "url": REPO})
    added = entries(fakes.store, Kind.SOURCE_ADDED)[-1]["details"]
    assert added == {"kind": "github", "url": REPO, "filters": {"versions": ">=2", "newest": 3}}


def test_tokens_are_sealed_and_shown_to_their_place_only(fakes: Fakes, ada: Caller, project: Project) -> None:
    """A token is stored sealed, told nowhere, and shown to the origin of its source; it stays until it is changed."""
    add_source(fakes.world, ada, "demo", "github", REPO, token=f" {TOKEN}\n")
    assert list_sources(fakes.world, ada, "demo")[0].has_token
    assert TOKEN not in repr(fakes.store.committed)
    assert last(fakes)["kind"] == "standing-consent-given"
    assert entries(fakes.store, Kind.SOURCE_ADDED)[-1]["details"]["token"] is True
    (place,) = places(fakes, project)
    credential = place.credential
    assert credential is not None
    assert (credential.origin, credential.value) == ("https://api.github.com", f"Bearer {TOKEN}")
    assert TOKEN not in repr(place)
    add_source(fakes.world, ada, "demo", "github", REPO, Filters(newest=1))
    assert places(fakes, project)[0].credential == credential
    add_source(fakes.world, ada, "demo", "github", REPO, token="other")
    assert places(fakes, project)[0].credential == shown(Source(SourceKind.GITHUB, REPO), "other")
    assert add_source(fakes.world, ada, "demo", "github", REPO, token="")
    assert not add_source(fakes.world, ada, "demo", "github", REPO, token="")
    assert places(fakes, project)[0].credential is None


@pytest.mark.parametrize(
    ("kind", "url", "token", "header", "value"),
    [
        ("gitlab", "https://gl.test/g/p", "t", "PRIVATE-TOKEN", "t"),
        ("gitea", "https://gt.test/o/r", "t", "Authorization", "token t"),
        ("index", "https://i.test/simple/", "user:pass", "Authorization", "Basic dXNlcjpwYXNz"),
        ("bucket", "https://b.test/", "t", "Authorization", "Bearer t"),
    ],
)
def test_how_tokens_are_shown(kind: str, url: str, token: str, header: str, value: str) -> None:
    """Each kind of place is shown a token as it wants it."""
    credential = shown(Source(SourceKind(kind), url), token)
    assert (credential.header, credential.value) == (header, value)


def test_tokens_that_are_none(fakes: Fakes, ada: Caller, project: Project) -> None:
    """A token for a place that takes none, with blanks, or without a place to keep it, is refused."""
    with pytest.raises(Invalid, match="read without a token"):
        add_source(fakes.world, ada, "demo", "homepage", "https://a.test/", token="t")
    with pytest.raises(Invalid, match="without blanks"):
        add_source(fakes.world, ada, "demo", "github", REPO, token="a b")
    with pytest.raises(Unavailable, match="no place to keep secrets"):
        add_source(replace(fakes.world, sealer=None), ada, "demo", "github", REPO, token="t")


@pytest.mark.parametrize(
    ("kind", "url", "instead"),
    [
        ("index", "https://pypi.test/simple/?private_token=abcdef", "--token"),
        ("homepage", "https://a.test/get?X-Amz-Signature=abcdef", "--token"),
        ("urls", f"https://a.test/demo-1.0.tar.gz?sig=abcdef#sha256={'0' * 64}", "upload it"),
    ],
)
def test_an_address_that_holds_a_secret(
    fakes: Fakes, ada: Caller, project: Project, kind: str, url: str, instead: str
) -> None:
    """Where files are sought is public: an address with a secret in it is refused, and the secret is not repeated."""
    before = fakes.store.committed
    with pytest.raises(Invalid, match="holds a secret") as refused:
        add_source(fakes.world, ada, project.name.display, kind, url)
    assert instead in refused.value.sentence
    assert "abcdef" not in refused.value.sentence
    assert fakes.store.committed == before


def test_a_lost_key_and_a_moved_token(fakes: Fakes, ada: Caller, project: Project) -> None:
    """A token that cannot be opened, or was sealed for another place, is sent nowhere: the place says why."""
    add_source(fakes.world, ada, "demo", "github", REPO, token=TOKEN)
    evil = Source(SourceKind.INDEX, "https://evil.test/")
    with fakes.store.write() as tx:
        sealed = tx.outside.sealed_token(project.id, Source(SourceKind.GITHUB, REPO))
        tx.outside.add_source(project.id, evil, by="eve", at=fakes.world.clock.now(), sealed_token=sealed)
    good, moved = places(fakes, project)
    assert good.credential is not None
    assert (moved.credential, "for another place" in moved.obstacle) == (None, True)
    with fakes.store.read() as tx:
        asset = "https://api.github.com/repos/octo/demo/releases/assets/1"
        assert credential_for_file(fakes.world, tx, project.id, asset) == good.credential
        assert credential_for_file(fakes.world, tx, project.id, "https://evil.test/x.zip") is None
        assert credential_for_file(fakes.world, tx, project.id, "https://github.com/x.zip") is None
        assert credential_for_file(fakes.world, tx, project.id, "no url") is None
    assert isinstance(fakes.world.sealer, FakeSealer)
    fakes.world.sealer.lose_key()
    assert places(fakes, project)[0].obstacle


def test_removing_narrows_standing_consent(fakes: Fakes, ada: Caller, project: Project) -> None:
    """The hosts of a removed source, its API's among them, are forgotten unless something else names them."""
    add_source(fakes.world, ada, "demo", "github", REPO)
    add_source(fakes.world, ada, "demo", "homepage", "https://a.test/one")
    add_source(fakes.world, ada, "demo", "download", "https://a.test/two")
    assert hosts(fakes, project) == ("github.com", "api.github.com", "a.test")
    remove_source(fakes.world, ada, "demo", "https://a.test/one")
    assert last(fakes)["kind"] == "source-removed"
    assert hosts(fakes, project) == ("github.com", "api.github.com", "a.test")
    assert remove_source(fakes.world, ada, "demo", "HTTPS://github.com:443/octo/demo").source.url == REPO
    assert hosts(fakes, project) == ("a.test",)
    assert last(fakes)["kind"] == "standing-consent-narrowed"
    assert last(fakes)["details"]["hosts"] == ["a.test"]
    assert [source.kind for source in list_sources(fakes.world, ada, "demo")] == ["download"]


def test_removals_that_are_refused(fakes: Fakes, ada: Caller, project: Project) -> None:
    """What is no source, two at once, and a stranger's wish are refused."""
    bob = Caller(add_person(fakes.world, "bob"))
    for kind in ("homepage", "download"):
        add_source(fakes.world, ada, "demo", kind, "https://a.test/")
    with pytest.raises(NotFound, match="no such source"):
        remove_source(fakes.world, ada, "demo", "not a url")
    with pytest.raises(Invalid, match="which of homepage, download"):
        remove_source(fakes.world, ada, "demo", "https://a.test/")
    removed = remove_source(fakes.world, ada, "demo", "https://a.test/", "download")
    assert removed.source.kind is SourceKind.DOWNLOAD
    for act in (
        lambda: remove_source(fakes.world, bob, "demo", "https://a.test/"),
        lambda: list_sources(fakes.world, bob, "demo"),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(
    ("kind", "url", "filters", "code"),
    [
        ("github", "https://github.com/octo", NO_FILTERS, "source-no-repository"),
        ("links", "https://a.test/", NO_FILTERS, "source-without-url"),
        ("homepage", "https://a.test/", Filters(tags=("v*",)), "filters-invalid"),
        ("index", "", NO_FILTERS, "url-invalid"),
    ],
)
def test_sources_that_are_none(
    fakes: Fakes, ada: Caller, project: Project, kind: str, url: str, filters: Filters, code: str
) -> None:
    """What cannot be looked at is refused when it is named, not when it is looked at."""
    with pytest.raises(Invalid) as refused:
        add_source(fakes.world, ada, "demo", kind, url, filters)
    assert refused.value.code == code


def test_links_of_releases(fakes: Fakes, ada: Caller, project: Project) -> None:
    """The source `links` stands for the texts of the releases, newest first, and for each page a label names."""
    with fakes.store.write() as tx:
        for version in ("1.0", "2.0"):
            metadata = CoreMetadata(
                "2.1", "demo", version, description=f"d{version}",
                project_urls=(("Docs", "https://docs.test/"), ("Homepage", f"https://h.test/{version}")),
            )  # fmt: skip
            register(
                tx, project, ReleaseVersion.parse(version), metadata, actor="ada", at=fakes.world.clock.now()
            )
    assert add_source(fakes.world, ada, "demo", "links", "")
    looked_at = places(fakes, project)
    assert [(place.kind.value, place.url, place.text) for place in looked_at] == [
        ("links", "", "d2.0\nd1.0"),
        ("links", "https://docs.test/", ""),
        ("links", "https://h.test/1.0", ""),
        ("links", "https://h.test/2.0", ""),
        ("homepage", "https://h.test/1.0", ""),
        ("homepage", "https://h.test/2.0", ""),
    ]
    assert [place.text for place in places(fakes, project, "1.0") if place.text] == ["d1.0"]
    assert try_source(fakes.world, ada, "demo", "links", "").discovery.found == ()


def test_trying_remembers_nothing(fakes: Fakes, ada: Caller, project: Project) -> None:
    """A trial tells what a plan would have, newest first, with the token that is given, or that the source has."""
    names = ["demo-1.0.zip", "demo-2.0.zip"]
    fakes.outside.put(API, json_answer([github_release("octo/demo", "9", names)]))
    before = len(entries(fakes.store))
    trial = try_source(fakes.world, ada, "demo", "github", REPO, token=TOKEN)
    assert [file["filename"] for file in trial.to_json()["files"]] == ["demo-2.0.zip", "demo-1.0.zip"]
    assert fakes.outside.requests[-1].headers["authorization"] == f"Bearer {TOKEN}"
    assert (len(entries(fakes.store)), list_sources(fakes.world, ada, "demo")) == (before, ())
    assert not trial.is_unreachable
    add_source(fakes.world, ada, "demo", "github", REPO, token="stored")
    try_source(fakes.world, ada, "demo", "github", REPO)
    assert fakes.outside.requests[-1].headers["authorization"] == "Bearer stored"
    told = trial.to_json()
    assert told["files"][0]["claimed"]["sha256"]
    assert told["source"]["has_token"] is False
    assert told["visits"] == [{"url": API, "status": 200, "links": 2, "problem": None}]


def test_trying_at_the_shell(fakes: Fakes) -> None:
    """Without a project, the files of every project are told; a place that does not answer is told as that."""
    fakes.outside.put_page("https://w.test/", "<a href=one-1.0.zip>1</a> <a href=two-1.0.zip>2</a>")
    assert len(try_anywhere(fakes.world, "find-links", "https://w.test/").files) == 2
    (file,) = try_anywhere(fakes.world, "find-links", "https://w.test/", "two").files
    assert file.taken.parsed.filename == "two-1.0.zip"
    fakes.outside.put("https://down.test/", Answer(mood=Mood.HANGS_UP))
    assert try_anywhere(fakes.world, "listing", "https://down.test/").is_unreachable
    assert not try_anywhere(fakes.world, "listing", "https://w.test/empty").is_unreachable


def test_trying_is_bounded_and_counted(fakes: Fakes, ada: Caller, project: Project) -> None:
    """Nobody has places looked at without end, and nobody for others' projects."""
    fakes.outside.put_page("https://w.test/", "")
    bob = Caller(add_person(fakes.world, "bob"))
    with pytest.raises(Forbidden):
        try_source(fakes.world, bob, "demo", "listing", "https://w.test/")
    for _ in range(PER_TRIER):
        try_source(fakes.world, ada, "demo", "listing", "https://w.test/")
    with pytest.raises(RateLimited, match="20 places looked at") as refused:
        try_source(fakes.world, ada, "demo", "listing", "https://w.test/")
    assert refused.value.code == "tried-too-often"
    grant(fakes.world, project, bob.user)
    assert try_source(fakes.world, bob, "demo", "listing", "https://w.test/").files == ()


def test_who_tries_waits_for_no_busy_host(fakes: Fakes, ada: Caller, project: Project) -> None:
    """A door answers soon that a host is asked by others; whoever is at the shell waits for a turn there."""
    url, start = "https://w.test/", fakes.clock.now()
    with fakes.store.write() as tx:
        tx.hosts.put(Host("w.test", asked_at=start, next_at=start + timedelta(seconds=30)))
    polite = PoliteFetcher(OutsideFetcher(fakes.outside), fakes.store, fakes.clock, Politeness())
    world = replace(fakes.world, fetcher=polite)
    (visit,) = try_source(world, ada, "demo", "index", url).discovery.visited
    assert (visit.code, fakes.clock.now()) == ("host-busy", start)
    try_anywhere(world, "index", url)
    assert fakes.clock.now() >= start + timedelta(seconds=30)


def test_no_source_without_an_outside(fakes: Fakes, ada: Caller) -> None:
    """A ``pypi-only`` project has no sources, of any kind."""
    add_project(fakes.world, ada.user, "closed", HostingMode.ONLY)
    with pytest.raises(Conflict, match="pypi-only"):
        add_source(fakes.world, ada, "closed", "github", REPO, token=TOKEN)


def test_a_private_file_comes_home(fakes: Fakes, ada: Caller, project: Project) -> None:
    """The file of a private release is fetched where the API gives it, with the token, as bytes."""
    asset = "https://api.github.com/repos/octo/demo/releases/assets/1"
    wheel = "demo-1.0-py3-none-any.whl"
    release = github_release("octo/demo", "1.0", [wheel])
    data = make_wheel("demo", "1.0")
    release["assets"][0] |= {"digest": f"sha256:{Sha256.of(data).hex}", "size": len(data)}
    fakes.outside.put(API, json_answer([release]))
    fakes.outside.put_file(asset, data)
    add_source(fakes.world, ada, "demo", "github", REPO, token=TOKEN)
    rehost = start_plan(fakes.world, ada, "demo")
    run_jobs(fakes)
    with fakes.store.read() as tx:
        (item,) = tx.rehosts.plan(find_rehost(tx, rehost.id)).items
    assert (item.filename, item.bytes, item.facts.tag) == (wheel, Bytes.HERE, "v1.0")
    assert item.sha256 == Sha256.of(data)
    (request,) = [one for one in fakes.outside.requests if one.url == asset]
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["accept"] == "application/octet-stream"
    assert TOKEN not in repr(fakes.store.committed)


def test_a_source_that_was_stored_otherwise(fakes: Fakes, ada: Caller, project: Project) -> None:
    """A stored address that names no repository has its own host; consent that nobody gave is not narrowed."""
    odd = Source(SourceKind.GITHUB, "https://github.com/")
    with fakes.store.write() as tx:
        tx.outside.add_source(project.id, odd, by="ada", at=fakes.world.clock.now())
        give_standing(tx, project, by="ada", at=fakes.world.clock.now())
    assert hosts(fakes, project) == ("github.com",)
    assert places(fakes, project) == (Place(SourceKind.GITHUB, "https://github.com/"),)
    fakes.store.committed.standing.clear()
    remove_source(fakes.world, ada, "demo", "https://github.com/")
    assert last(fakes)["kind"] == "source-removed"


def test_the_ledger_has_no_secret_of_a_url(fakes: Fakes, ada: Caller, project: Project) -> None:
    """A secret in an address that is older than its refusal is not written down for ever."""
    url = "https://files.test/?private_token=s3cret"
    with fakes.store.write() as tx:
        old = Source(SourceKind.FIND_LINKS, url)
        tx.outside.add_source(project.id, old, by="ada", at=fakes.world.clock.now())
    remove_source(fakes.world, ada, "demo", url)
    told = entries(fakes.store, Kind.SOURCE_REMOVED)
    assert [one["details"]["url"] for one in told] == ["https://files.test/?private_token=***"]
