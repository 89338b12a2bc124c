"""What is said of files outside is heard: checksum files, signatures, earlier sightings; and what it leads to."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pysequoia
import pytest
from tests.support.outside import Answer, page, redirect
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import add_project, run_jobs

from homeport.domain.claim import ClaimKind
from homeport.domain.digests import Sha256
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Verdict
from homeport.domain.ledger import Kind
from homeport.domain.links import Taken, candidates_named, judge
from homeport.domain.names import ProjectName
from homeport.domain.neighbour import may_speak
from homeport.domain.rehost import Item
from homeport.domain.signature import Outcome, repository_identity
from homeport.domain.source import SourceKind
from homeport.flows.crawl import neighbours
from homeport.flows.crawl.neighbours import MAX_LISTS, MAX_NEIGHBOURS
from homeport.flows.crawl.places import Beside, Discovery, Found, Mention, PageVisit, Place
from homeport.flows.manage_project import add_source
from homeport.flows.origins import origin_story
from homeport.flows.rehost.start import start_plan
from homeport.flows.signing import add_identity, add_key
from homeport.ports.fetch import Fetched
from homeport.ports.fetch import Outcome as FetchOutcome
from homeport.ports.world import Limits

PLAIN_SITE = SITE.replace("https:", "http:")
RECORDED = Path(__file__).parent.parent.parent / "support" / "recorded" / "signatures"
DIGEST = Sha256.of(wheel()).hex


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project."""
    with begin_story(tmp_path) as story:
        yield story


def offer(story: Story, neighbours: dict[str, bytes], body: bytes | None = None, base: str = SITE) -> None:
    """Let the site's page, at ``base``, name the wheel and these neighbours."""
    story.fakes.outside.put_file(f"{base}/{WHEEL}", wheel() if body is None else body)
    for name, content in neighbours.items():
        story.fakes.outside.put_file(f"{base}/{name}", content)
    links = "".join(f'<a href="{base}/{name}">' for name in (WHEEL, *neighbours))
    story.fakes.outside.put(f"{SITE}/", page(links))


def only_item(story: Story) -> Item:
    """The one item of a fresh plan."""
    (item,) = story.plan().plan.items
    assert item.evidence is not None
    return item


def level(item: Item) -> Level:
    """How well its bytes are known."""
    assert item.evidence is not None
    return item.evidence.level


def codes(item: Item) -> list[str]:
    """What was found about it."""
    return [finding.code for finding in item.findings]


# Checksums


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


# Signatures


@pytest.fixture(scope="module")
def key() -> pysequoia.Tsk:
    """The maintainer's key."""
    return pysequoia.Tsk.generate("Ada <ada@example.org>")


def signed(key: pysequoia.Tsk, data: bytes) -> bytes:
    """A detached signature."""
    return pysequoia.sign(key.signer(), data, mode=pysequoia.SignatureMode.DETACHED)


def test_a_registered_key_attests(story: Story, key: pysequoia.Tsk) -> None:
    """A signature by a key that was registered before attests, also what came over plain HTTP."""
    add_key(story.world, story.owner, "demo", str(key.extract_certificate()).encode())
    offer(story, {f"{WHEEL}.asc": signed(key, wheel())}, base=PLAIN_SITE)
    item = only_item(story)
    assert (level(item), item.obstacles) == (Level.ATTESTED, ())
    (signature,) = item.signatures
    assert (signature.proves, signature.document_sha256 != "") == (True, True)


def test_a_confirmed_sha256_takes_nothing_away(story: Story, key: pysequoia.Tsk) -> None:
    """What is attested stays so when the maintainer confirms its sha256 as well, and is told so in its record."""
    add_key(story.world, story.owner, "demo", str(key.extract_certificate()).encode())
    offer(story, {f"{WHEEL}.asc": signed(key, wheel())})
    view = story.plan()
    story.accept(view, declared={view.plan.items[0].id: Sha256.of(wheel())})
    run_jobs(story.fakes)
    told = origin_story(story.world, lambda: story.owner, "demo", WHEEL).told
    assert (told["evidence"]["level"], told["declared_sha256"]) == ("attested", DIGEST)


def test_an_unknown_key_is_recorded(story: Story, key: pysequoia.Tsk) -> None:
    """A signature by a key that nobody registered gives no level, and the reason is kept."""
    offer(story, {f"{WHEEL}.asc": signed(key, wheel())})
    item = only_item(story)
    assert (level(item), item.verdict) == (Level.TLS, Verdict.ACCEPT)
    assert [(one.outcome, one.is_named) for one in item.signatures] == [(Outcome.UNVERIFIED, False)]


def test_a_bad_signature_rejects(story: Story, key: pysequoia.Tsk) -> None:
    """A signature by a registered key over other bytes rejects the file."""
    add_key(story.world, story.owner, "demo", str(key.extract_certificate()).encode())
    offer(story, {f"{WHEEL}.asc": signed(key, b"other")})
    item = only_item(story)
    assert (item.verdict, codes(item)) == (Verdict.REJECT, ["signature-bad"])


def test_a_bundle_of_another_file_says_nothing(story: Story) -> None:
    """A bundle that speaks of another file says nothing about this one."""
    document = (RECORDED / "pypi_attestations-0.0.19.tar.gz.provenance").read_bytes()
    offer(story, {f"{WHEEL}.provenance": document})
    item = only_item(story)
    assert (item.verdict, item.signatures[0].outcome) == (Verdict.ACCEPT, Outcome.UNVERIFIED)


def test_a_signature_that_is_not_there(story: Story) -> None:
    """A signature that cannot be fetched is recorded with the reason."""
    offer(story, {f"{WHEEL}.sigstore": b""})
    story.fakes.outside.put(f"{SITE}/{WHEEL}.sigstore", page("gone", status=404))
    item = only_item(story)
    (signature,) = item.signatures
    assert signature.outcome is Outcome.UNVERIFIED
    assert "could not be fetched" in signature.sentence


def test_an_identity_that_was_named_attests(story: Story) -> None:
    """The real attestation of a real release attests its bytes once its repository was named; before, it is only told."""
    name, site = "gitlab_oidc_project-0.0.3.tar.gz", "https://real.test"
    add_project(story.world, story.owner.user, "gitlab-oidc-project", HostingMode.CACHE)
    add_source(story.world, story.owner, "gitlab-oidc-project", "homepage", f"{site}/")
    for beside in (name, f"{name}.publish.attestation"):
        story.fakes.outside.put_file(f"{site}/{beside}", (RECORDED / beside).read_bytes())
    story.fakes.outside.put_page(f"{site}/", f"<a href={name}><a href={name}.publish.attestation>")

    def planned() -> Item:
        rehost = start_plan(story.world, story.owner, "gitlab-oidc-project", None)
        run_jobs(story.fakes)
        (item,) = story.view(rehost.id).plan.items
        return item

    before = planned()
    assert level(before) is Level.TLS
    assert [(one.outcome, one.is_named) for one in before.signatures] == [(Outcome.GOOD, False)]
    identity = repository_identity("facutuesca/gitlab-oidc-project", forge="gitlab")
    assert add_identity(story.world, story.owner, "gitlab-oidc-project", identity)
    item = planned()
    assert level(item) is Level.ATTESTED
    assert item.evidence is not None
    assert "https://gitlab.com/facutuesca/gitlab-oidc-project" in item.evidence.sentence


# The same bytes, and others


def test_the_same_bytes_a_day_later_corroborate(story: Story) -> None:
    """A second plan, 24 hours later, raises what was seen over TLS before; sooner it does not (T-11)."""
    offer(story, {})
    assert level(only_item(story)) is Level.TLS
    story.fakes.clock.advance(timedelta(hours=23))
    assert level(only_item(story)) is Level.TLS
    story.fakes.clock.advance(timedelta(hours=1))
    item = only_item(story)
    assert level(item) is Level.CORROBORATED
    assert item.evidence is not None
    assert "at least 24 hours before" in item.evidence.sentence


def test_bytes_that_alternate_are_held(story: Story) -> None:
    """A URL that gives now these bytes and now those is held, with both digests, and is never corroborated (T-11)."""
    first, second = wheel(), wheel(content=b"answer = 43\n")
    for body, other in ((first, None), (second, first), (first, second)):
        offer(story, {}, body)
        item = only_item(story)
        assert item.verdict is (Verdict.HOLD if other else Verdict.ACCEPT)
        if other:
            (finding,) = item.findings
            assert finding.code == "bytes-alternate"
            assert Sha256.of(body).hex in finding.message
            assert Sha256.of(other).hex in finding.message
        assert level(item) is Level.TLS
        story.fakes.clock.advance(timedelta(days=2))


def test_what_was_rejected_may_be_mended(story: Story) -> None:
    """Bytes that nobody could host leave no sighting: mended ones at the same URL are as good as new."""
    offer(story, {}, b"no wheel")
    assert only_item(story).verdict is Verdict.REJECT
    offer(story, {})
    assert only_item(story).verdict is Verdict.ACCEPT


def test_one_flipped_byte_over_plain_http_is_never_published(story: Story) -> None:
    """Whatever byte is changed on the way over plain HTTP, nothing is published, whatever a maintainer accepts (T-09)."""
    good = wheel()
    for position in range(0, len(good), max(1, len(good) // 12)):
        flipped = bytearray(good)
        flipped[position] ^= 1
        offer(story, {"SHA256SUMS": f"{DIGEST}  {WHEEL}\n".encode()}, bytes(flipped), base=PLAIN_SITE)
        view = story.plan()
        (item,) = view.plan.items
        assert item.obstacles
    run_jobs(story.fakes)
    assert story.files() == {}


# The record


def test_what_is_published_has_its_record(story: Story) -> None:
    """The origin record stands with the file, says how it came, and the ledger names its sha256."""
    offer(story, {"SHA256SUMS": f"{DIGEST}  {WHEEL}\n".encode()})
    story.fakes.outside.put(f"{SITE}/{WHEEL}", redirect("https://cdn.test/f"))
    story.fakes.outside.put_file("https://cdn.test/f", wheel())
    view = story.plan()
    story.accept(view)
    run_jobs(story.fakes)
    origin = origin_story(story.world, lambda: story.owner, "demo", WHEEL)
    told = origin.told
    assert [(hop["url"], hop["status"]) for hop in told["fetch"]["hops"]] == [
        (f"{SITE}/{WHEEL}", 302),
        ("https://cdn.test/f", 200),
    ]
    assert told["fetch"]["tls"]["protocol"] == "TLSv1.3"
    assert [claim["holds"] for claim in told["claims"]] == [True]
    assert told["evidence"]["level"] == "corroborated"
    assert (told["rehost"], told["consent"]["by"]) == (view.rehost.id, "ada")
    assert told["inspection"]["verdict"] == "accept"
    published = [
        entry
        for entry in (json.loads(sealed.body) for sealed in story.fakes.store.committed.ledger)
        if entry["kind"] == Kind.FILE_PUBLISHED
    ]
    assert [entry["details"]["record"] for entry in published] == [origin.digest.hex]


def test_what_is_published_tells_no_secret_of_its_way(story: Story) -> None:
    """A redirect to a signed URL, and a link that holds a token, are told for ever without what opens them."""
    link, signed_url = (
        f"{SITE}/{WHEEL}?private_token=s3cret",
        f"https://cdn.test/{WHEEL}?X-Amz-Signature=s3cret&v=1",
    )
    story.fakes.outside.put(link, redirect(signed_url))
    story.fakes.outside.put_file(signed_url, wheel())
    story.fakes.outside.put(f"{SITE}/", page(f'<a href="{link}">'))
    story.accept(story.plan())
    run_jobs(story.fakes)
    origin = origin_story(story.world, lambda: story.owner, "demo", WHEEL)
    assert [hop["url"] for hop in origin.told["fetch"]["hops"]] == [
        f"{SITE}/{WHEEL}?private_token=***",
        f"https://cdn.test/{WHEEL}?X-Amz-Signature=***&v=1",
    ]
    assert b"s3cret" not in origin.body
    published = [one.body for one in story.fakes.store.committed.ledger if b"file-published" in one.body]
    assert len(published) == 1
    assert b"s3cret" not in published[0]


def test_an_upload_has_its_record(story: Story) -> None:
    """The record of an uploaded file says by whom and when, and no label of any token."""
    story.upload(SDIST, sdist())
    told = origin_story(story.world, lambda: story.owner, "demo", SDIST).told
    assert (told["origin"], told["published"]["by"], told["fetch"]) == ("upload", "ada", None)
    assert told["inspection"]["inspector"].startswith("homeport ")
