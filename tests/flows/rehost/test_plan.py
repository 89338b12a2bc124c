"""A plan is made: crawled, fetched, inspected, weighed; and nothing of it is visible to installers."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.builders import NOW
from tests.support.outside import Answer, Mood, page, redirect
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import run_jobs

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.digests import Sha256
from homeport.domain.evidence import Level
from homeport.domain.inspection import Verdict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.rehost import Bytes, Item, State
from homeport.flows.crawl.named import metadata_places
from homeport.flows.manage_project import add_source
from homeport.flows.register import register
from homeport.ports.notices import Notice
from homeport.ports.world import Limits


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project."""
    with begin_story(tmp_path) as story:
        yield story


def only_item(story: Story) -> Item:
    """The one item of a fresh plan."""
    (item,) = story.plan().plan.items
    return item


def codes(item: Item) -> list[str]:
    """What was found about an item."""
    return [finding.code for finding in item.findings]


# What is found


def test_everything_is_seen_and_nothing_is_shown(story: Story) -> None:
    """A plan has each file with its bytes, digest, evidence and verdict; pages, files and ledger are as before."""
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    before = story.fakes.store.committed.snapshot()
    view = story.plan()
    assert view.rehost.state is State.PLANNED
    assert view.rehost.plan_digest == view.digest == view.plan.digest()
    item = story.item(view.rehost.id, WHEEL)
    assert item == Item(
        id=item.id,
        filename=WHEEL,
        version=ReleaseVersion.parse("1.0"),
        kind="bdist_wheel",
        url=f"{SITE}/{WHEEL}",
        found_on=f"{SITE}/",
        source="homepage",
        page_is_tls=True,
        bytes=Bytes.HERE,
        hops=((f"{SITE}/{WHEEL}", "203.0.114.7", 200),),
        sha256=Sha256.of(wheel()),
        size_bytes=len(wheel()),
        evidence=item.evidence,
        fetched=item.fetched,
        facts=item.facts,
        verdict=Verdict.ACCEPT,
        change="new",
    )
    assert item.evidence is not None
    assert item.evidence.level is Level.TLS
    assert [(visit.url, visit.status, visit.links) for visit in view.plan.visits] == [(f"{SITE}/", 200, 2)]
    assert Sha256.of(wheel()) in story.fakes.blobs.kept
    after = story.fakes.store.committed
    assert (after.pages, after.files, after.ledger) == (before.pages, before.files, before.ledger)


def test_maintainers_are_told_that_a_plan_waits(story: Story) -> None:
    """A finished plan is a notice with the page to answer it on."""
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    view = story.plan()
    with story.world.store.read() as tx:
        (notice,) = tx.notices.of_user(story.owner.user.id, limit=9)
    assert notice == Notice(
        "plan-ready",
        "demo: 2 files found outside, ready for review",
        "Look at every file, then accept, leave out or refuse.",
        f"/manage/rehosts/{view.rehost.id}",
        story.fakes.clock.now(),
    )


def test_a_claimed_sha256_that_holds_corroborates(story: Story) -> None:
    """A sha256 on a page read over TLS, that the bytes have, is the stronger evidence; an md5 is compared only."""
    body = wheel()
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    story.offer({WHEEL: body, SDIST: sdist()}, {WHEEL: f"#sha256={Sha256.of(body)}", SDIST: ""})
    evidence = story.item(story.plan().rehost.id, WHEEL).evidence
    assert evidence is not None
    assert evidence.level is Level.CORROBORATED
    story.offer({WHEEL: body}, {WHEEL: f"#md5={md5}"})
    item = only_item(story)
    assert item.evidence is not None
    claims = (Claim(ClaimKind.LINK, "md5", md5, f"{SITE}/", is_tls=True, holds=True),)
    assert (item.evidence.level, item.claims) == (Level.TLS, claims)


@pytest.mark.parametrize("claim", ["#sha256=" + "0" * 64, "#md5=" + "0" * 32, "#sha1=" + "0" * 40])
def test_a_claim_that_does_not_hold_rejects(story: Story, claim: str) -> None:
    """Bytes that a page describes otherwise are rejected, whatever the algorithm."""
    story.offer({WHEEL: wheel()}, {WHEEL: claim})
    item = only_item(story)
    assert (item.bytes, item.verdict, codes(item)) == (Bytes.HERE, Verdict.REJECT, ["hash-mismatch"])


def test_hostile_bytes_are_rejected(story: Story) -> None:
    """What inspection rejects stays in the plan, with the reasons."""
    story.offer({WHEEL: b"no wheel"})
    item = only_item(story)
    assert item.verdict is Verdict.REJECT
    assert item.findings


def test_a_name_that_may_be_anothers_is_held(story: Story) -> None:
    """What may be a file of another project is held for a person, and stays so after its bytes were looked at (T-14)."""
    story.offer({"demo-2-1.0.tar.gz": sdist()})
    item = only_item(story)
    assert item.bytes is Bytes.HERE
    assert codes(item)[0] == "name-ambiguous"
    assert item.verdict is not Verdict.ACCEPT


def test_files_of_other_projects_are_not_taken(story: Story) -> None:
    """What names another project is not fetched, and the plan says why (T-13)."""
    story.offer({"requests-99.tar.gz": b"", "demo-0.1-py2.7.egg": b""})
    view = story.plan()
    assert view.plan.items == ()
    assert {entry.url: entry.code for entry in view.plan.not_taken} == {
        f"{SITE}/requests-99.tar.gz": "other-project",
        f"{SITE}/demo-0.1-py2.7.egg": "egg",
    }
    assert story.fakes.outside.asked == [f"{SITE}/"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(mood=Mood.SILENT), Bytes.UNREACHABLE),
        (Answer(body=b"12345678", mood=Mood.BREAKS_OFF), Bytes.UNREACHABLE),
        (page("down", status=503), Bytes.UNREACHABLE),
        (page("no", status=403), Bytes.UNREACHABLE),
        (page("lost", status=404), Bytes.REFUSED),
        (page("gone", status=410), Bytes.REFUSED),
        (Answer(mood=Mood.ENDLESS), Bytes.REFUSED),
        (redirect("http://127.0.0.1/x"), Bytes.REFUSED),
        (redirect("https://169.254.169.254/"), Bytes.REFUSED),
        (redirect(f"{SITE}/{WHEEL}"), Bytes.REFUSED),
    ],
)
def test_bytes_that_do_not_come_are_explained(tmp_path: Path, answer: Answer, expected: Bytes) -> None:
    """A site that is down may be up later; what is gone, too large or forbidden is not tried again."""
    with begin_story(tmp_path, limits=Limits(file_bytes=10_000)) as story:
        story.offer({WHEEL: b""})
        story.fakes.outside.put(f"{SITE}/{WHEEL}", answer)
        item = only_item(story)
        assert item.bytes is expected
        assert item.problem
        assert (item.sha256, item.verdict, item.change) == (None, None, "")
        assert set(story.fakes.blobs.kept) == set()


def test_redirects_are_followed_and_told(story: Story) -> None:
    """Every hop on the way to the bytes is in the plan; one over plain HTTP takes the evidence away."""
    story.offer({WHEEL: b""})
    story.fakes.outside.put(f"{SITE}/{WHEEL}", redirect("https://cdn.test/file"))
    story.fakes.outside.put_file("https://cdn.test/file", wheel())
    item = only_item(story)
    assert [(url, status) for url, _, status in item.hops] == [
        (f"{SITE}/{WHEEL}", 302),
        ("https://cdn.test/file", 200),
    ]
    assert item.sha256 == Sha256.of(wheel())


def test_plain_http_is_the_weakest_evidence(story: Story) -> None:
    """A file over plain HTTP, or named by a page over plain HTTP, cannot be accepted without its sha256 (T-09)."""
    story.offer({WHEEL: wheel()})
    story.fakes.outside.put(f"{SITE}/", page(f'<a href="http://site.test/{WHEEL}">'))
    item = only_item(story)
    assert item.evidence is not None
    assert item.evidence.level is Level.PLAIN
    assert item.obstacles


def test_a_plan_has_a_limit(tmp_path: Path) -> None:
    """Files beyond the limit are not taken, and the plan says so."""
    with begin_story(tmp_path, limits=Limits(rehost_items=1)) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist()})
        plan = story.plan().plan
    assert [item.filename for item in plan.items] == [WHEEL]
    assert [(entry.url, entry.code, entry.found_on) for entry in plan.not_taken] == [
        (f"{SITE}/{SDIST}", "too-many-items", f"{SITE}/")
    ]


def test_an_unreadable_site_is_an_empty_plan_that_says_so(story: Story) -> None:
    """When no page can be read the plan is empty, and its visits say what happened."""
    view = story.plan()
    assert view.plan.items == ()
    assert [(visit.url, bool(visit.problem)) for visit in view.plan.visits] == [(f"{SITE}/", True)]


# Where it looks


def test_places_are_those_of_sources_and_metadata(story: Story) -> None:
    """Sources and the places that releases name are visited, each once; a plan of one version asks its release only."""
    for version, host in (("1.0", "one.test"), ("2.0", "two.test")):
        metadata = CoreMetadata(
            "2.1",
            "demo",
            version,
            home_page=f"https://{host}/",
            project_urls=(("Download", f"https://{host}/dl"), ("Homepage", f"{SITE}/")),
        )
        with story.world.store.write() as tx:
            register(tx, story.project, ReleaseVersion.parse(version), metadata, actor="ada", at=NOW)
    one, two = ([f"https://{host}/", f"https://{host}/dl"] for host in ("one.test", "two.test"))
    for url in (f"{SITE}/", *one, *two):
        story.fakes.outside.put_page(url, "")
    story.plan()
    assert story.fakes.outside.asked == [f"{SITE}/", *one, *two]
    story.fakes.outside.asked.clear()
    story.plan("1.0.0")
    assert story.fakes.outside.asked == [f"{SITE}/", *one]


def test_metadata_name_homepages_and_downloads() -> None:
    """The places of metadata are their homepages and downloads, not their other links."""
    metadata = CoreMetadata(
        "2.1", "demo", "1.0", home_page="https://a.test/", project_urls=(("Docs", "https://docs.test/"),)
    )
    assert [(place.kind.value, place.url) for place in metadata_places(metadata)] == [
        ("homepage", "https://a.test/")
    ]


def test_a_source_may_be_the_file(story: Story) -> None:
    """A source that names a file is that file, found on no page."""
    story.offer({})
    story.fakes.outside.put_file(f"{SITE}/{WHEEL}", wheel())
    add_source(story.world, story.owner, "demo", "download", f"{SITE}/{WHEEL}")
    item = only_item(story)
    assert (item.found_on, item.source, item.page_is_tls, item.bytes) == ("", "download", False, Bytes.HERE)
    assert item.evidence is not None
    assert item.evidence.level is Level.TLS


CLAIM = f"#sha256={Sha256.of(wheel())}"
PLAIN_SITE = SITE.replace("https:", "http:")


@pytest.mark.parametrize(
    ("sources", "has_proof", "level"),
    [
        ([("download", f"{SITE}/{WHEEL}"), ("homepage", f"{PLAIN_SITE}/claims/")], False, Level.TLS),
        ([("download", f"{SITE}/{WHEEL}"), ("homepage", f"{SITE}/claims/")], True, Level.CORROBORATED),
        ([("homepage", f"{SITE}/names/"), ("homepage", f"{PLAIN_SITE}/claims/")], False, Level.TLS),
        (
            [("homepage", f"{SITE}/claims/"), ("homepage", f"{PLAIN_SITE}/claims/")],
            True,
            Level.CORROBORATED,
        ),
        ([("download", f"{SITE}/{WHEEL}{CLAIM}")], True, Level.CORROBORATED),
        ([("download", f"{PLAIN_SITE}/{WHEEL}{CLAIM}")], True, Level.PLAIN),
        ([("index", f"{PLAIN_SITE}/leads/")], False, Level.PLAIN),
        ([("index", f"{SITE}/leads/")], True, Level.CORROBORATED),
        ([("index", f"{PLAIN_SITE}/leads-to-file/")], False, Level.PLAIN),
        ([("index", f"{PLAIN_SITE}/leads/"), ("homepage", f"{SITE}/claims/")], True, Level.CORROBORATED),
    ],
)
def test_only_what_was_claimed_over_tls_corroborates(
    story: Story, sources: list[tuple[str, str]], has_proof: bool, level: Level
) -> None:
    """However places are mixed, plain HTTP never lends a sha256 or a page more weight than it has (T-09)."""
    story.offer({})
    story.fakes.outside.put_file(f"{SITE}/{WHEEL}", wheel())
    for path, html in (
        ("names", f"<a href={SITE}/{WHEEL}>"),
        ("claims", f"<a href={SITE}/{WHEEL}{CLAIM}>"),
        ("leads", f"<a rel='homepage' href={SITE}/claims/>"),
        ("leads-to-file", f"<a rel='download' href={SITE}/{WHEEL}{CLAIM}>"),
    ):
        story.fakes.outside.put_page(f"{SITE}/{path}/", html)
    for kind, url in sources:
        add_source(story.world, story.owner, "demo", kind, url)
    item = only_item(story)
    assert item.evidence is not None
    assert (any(claim.proves for claim in item.claims), item.evidence.level) == (has_proof, level)
    assert bool(item.obstacles) is (level is Level.PLAIN)


# What is hosted already


def publish_first(story: Story, body: bytes) -> None:
    """Let ``body`` be hosted as the wheel."""
    story.offer({WHEEL: body})
    story.accept(story.plan())
    run_jobs(story.fakes)


def test_the_same_bytes_are_published_already(story: Story) -> None:
    """What is hosted with the same bytes needs nothing more."""
    publish_first(story, wheel())
    item = only_item(story)
    assert (item.is_published, item.change) == (True, "already hosted, the same bytes")


def test_other_bytes_under_a_hosted_name_are_rejected(story: Story) -> None:
    """A hosted file is never replaced: other bytes at its place outside are shown, and rejected (T-10)."""
    publish_first(story, wheel())
    story.offer({WHEEL: wheel(content=b"answer = 43\n")})
    item = only_item(story)
    assert (item.is_published, item.verdict) == (False, Verdict.REJECT)
    assert item.change == "other bytes than the hosted file"
    assert codes(item) == ["bytes-alternate", "other-bytes-hosted"]


def test_what_was_found_before_does_not_hide_a_change(story: Story) -> None:
    """A plan's digest is that of what is shown: another time, other bytes, another digest."""
    story.offer({WHEEL: wheel()})
    first = story.plan()
    story.offer({WHEEL: wheel(content=b"answer = 43\n")})
    second = story.plan()
    assert first.digest != second.digest
    assert replace(first.plan, items=second.plan.items).digest() == second.digest
