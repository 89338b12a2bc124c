"""What checksum files and neighbours outside say of a file: what is asked, believed, bounded and told."""

import hashlib
from pathlib import Path
from unittest.mock import Mock

import pytest
from tests.support.outside import Answer, page, redirect
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, wheel
from tests.support.testimony import DIGEST, PLAIN_SITE, codes, level, offer, only_item

from homeport.domain.claim import ClaimKind
from homeport.domain.evidence import Level
from homeport.domain.inspection import Verdict
from homeport.domain.links import Taken, candidates_named, judge
from homeport.domain.names import ProjectName
from homeport.domain.neighbour import may_speak
from homeport.domain.source import SourceKind
from homeport.flows.crawl import neighbours
from homeport.flows.crawl.neighbours import MAX_LISTS, MAX_NEIGHBOURS
from homeport.flows.crawl.places import Beside, Discovery, Found, Mention, PageVisit, Place
from homeport.ports.fetch import Fetched
from homeport.ports.fetch import Outcome as FetchOutcome
from homeport.ports.world import Limits


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SHA256SUMS", f"{DIGEST}  {WHEEL}\n{'0' * 64}  {SDIST}\n"),
        ("SHA512SUMS", f"{hashlib.sha512(wheel()).hexdigest()} *{WHEEL}\n"),
        (f"{WHEEL}.sha256", f"{DIGEST}\n"),
        (f"{WHEEL}.sha256", f"SHA256 ({WHEEL}) = {DIGEST.upper()}\n"),
    ],
)
def test_checksum_files_corroborate(story: Story, name: str, text: str) -> None:
    """A checksum file that was read over TLS, and that the bytes agree with, corroborates them."""
    offer(story, {name: text.encode()})
    item = only_item(story)
    assert level(item) is Level.CORROBORATED
    (claim,) = item.claims
    assert (claim.kind, claim.said_at, claim.is_tls, claim.holds) == (
        ClaimKind.CHECKSUMS,
        f"{SITE}/{name}",
        True,
        True,
    )


@pytest.mark.parametrize("name", ["SHA256SUMS", f"{WHEEL}.sha256"])
def test_a_checksum_that_does_not_hold_rejects(story: Story, name: str) -> None:
    """Bytes that a checksum file describes otherwise are rejected."""
    offer(story, {name: f"{'0' * 64}  {WHEEL}\n".encode()})
    item = only_item(story)
    assert (item.verdict, codes(item)) == (Verdict.REJECT, ["hash-mismatch"])
    assert [claim.holds for claim in item.claims] == [False]


def test_lists_are_visited_and_told(story: Story) -> None:
    """A list is read once while the plan is made, and its visit says how many names it has."""
    offer(story, {"SHA256SUMS": f"{DIGEST}  {WHEEL}\n".encode()})
    visits = story.plan().plan.visits
    assert [(visit.url, visit.source, visit.links) for visit in visits[1:]] == [
        (f"{SITE}/SHA256SUMS", "checksums", 1)
    ]
    assert story.fakes.outside.asked.count(f"{SITE}/SHA256SUMS") == 1


def test_plain_http_lends_no_weight(story: Story) -> None:
    """A checksum file over plain HTTP, or that plain HTTP led to, is compared and proves nothing (T-09)."""
    story.fakes.outside.put_file(f"{SITE}/{WHEEL}", wheel())
    story.fakes.outside.put_file(f"{SITE}/SHA256SUMS", f"{DIGEST}  {WHEEL}\n".encode())
    story.fakes.outside.put(f"{SITE}/", page(f'<a href="{SITE}/{WHEEL}"><a href="{PLAIN_SITE}/SHA256SUMS">'))
    item = only_item(story)
    assert (level(item), [claim.proves for claim in item.claims]) == (Level.TLS, [False])


def test_a_checksum_file_of_elsewhere_is_not_asked(story: Story) -> None:
    """A list that can speak about none of the files is not fetched, and one of another page says nothing."""
    story.offer({WHEEL: wheel()})
    story.fakes.outside.put_page(
        f"{SITE}/",
        f'<a href="{SITE}/{WHEEL}"><a href="https://x.test/{SDIST}.sha256"><a href="https://x.test/{SDIST}.asc">',
    )
    item = only_item(story)
    assert (item.claims, item.neighbours) == ((), ())
    assert not [url for url in story.fakes.outside.asked if "x.test" in url]


@pytest.mark.parametrize(
    "answer",
    [page("gone", status=404), Answer(body=b"x" * 65_537), redirect("http://127.0.0.1/"), Answer(body=b"\0")],
)
def test_a_checksum_file_that_cannot_be_read(story: Story, answer: Answer) -> None:
    """Whatever a neighbour answers, the file is judged without it."""
    offer(story, {"SHA256SUMS": b"", f"{WHEEL}.sha256": b""})
    for name in ("SHA256SUMS", f"{WHEEL}.sha256"):
        story.fakes.outside.put(f"{SITE}/{name}", answer)
    item = only_item(story)
    assert (level(item), item.verdict, item.claims) == (Level.TLS, Verdict.ACCEPT, ())


def test_neighbours_are_bounded(story: Story) -> None:
    """So many lists are read, and so many neighbours of one file, and no more."""
    lists = {f"{number}-SHA256SUMS": b"" for number in range(MAX_LISTS + 5)}
    signatures = {f"{number}/{WHEEL}.asc": b"" for number in range(MAX_NEIGHBOURS + 5)}
    offer(story, {**lists, **signatures})
    view = story.plan()
    assert len(view.plan.visits) == 1 + MAX_LISTS
    assert len(view.plan.items[0].signatures) == MAX_NEIGHBOURS


def test_many_neighbours_of_many_files_are_told_apart_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many files with a signature of each, or of one file as often, few pairs are compared."""
    asked = Mock(wraps=may_speak)
    monkeypatch.setattr(neighbours, "may_speak", asked)
    place, count = Place(SourceKind.HOMEPAGE, f"{SITE}/"), 300
    visit = PageVisit(place, Fetched(FetchOutcome.OK, f"{SITE}/", status=200, is_tls=True))
    for names in (
        [f"{SITE}/demo-1.{number}.tar.gz" for number in range(count)],
        [f"{SITE}/{number}/demo-1.0.tar.gz" for number in range(count)],
    ):
        decided = [(url, judge(candidates_named(url, ""), ProjectName("demo"), None)) for url in names]
        found = tuple(
            Found(taken, (Mention(url, place, visit),)) for url, taken in decided if isinstance(taken, Taken)
        )
        beside = tuple(Beside(f"{url}.asc", visit) for url in names)
        asked.reset_mock()
        said = neighbours.hear(Mock(), Mock(), Discovery((visit,), found, (), beside))
        assert set(said.neighbours) == set(names)
        assert asked.call_count <= 100 * count


def test_one_name_is_spoken_about_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a name, so many neighbours are looked at; those of files that were not found say nothing."""
    monkeypatch.setattr(neighbours, "_MOST_OF_A_NAME", 2)
    place, url = Place(SourceKind.HOMEPAGE, f"{SITE}/"), f"{SITE}/demo-1.0.tar.gz"
    visit = PageVisit(place, Fetched(FetchOutcome.OK, f"{SITE}/", status=200, is_tls=True))
    taken = judge(candidates_named(url, ""), ProjectName("demo"), None)
    assert isinstance(taken, Taken)
    beside = tuple(Beside(f"{url}{ending}", visit) for ending in (".asc", ".sig", ".sha256", ".sigstore"))
    beside += (Beside(f"{SITE}/other-1.0.tar.gz.asc", visit),)
    discovery = Discovery((visit,), (Found(taken, (Mention(url, place, visit),)),), (), beside)
    assert len(neighbours.hear(Mock(), Mock(), discovery).neighbours[url]) == 2


def test_listed_files_have_no_signatures_fetched(tmp_path: Path) -> None:
    """While files are only listed, what speaks about one of them is not asked for."""
    limits = Limits()
    with begin_story(tmp_path, limits=limits) as story:
        names = [f"demo-{number}-py3-none-any.whl" for number in range(limits.few.items + 1)]
        links = "".join(f'<a href="{SITE}/{name}"><a href="{SITE}/{name}.asc">' for name in names)
        story.fakes.outside.put(f"{SITE}/", page(links))
        view = story.plan()
        assert all(item.neighbours and not item.signatures for item in view.plan.items)
        assert not [url for url in story.fakes.outside.asked if url.endswith(".asc")]
