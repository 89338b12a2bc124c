"""What earlier sightings of a file weigh, and the record that is published with it."""

import json
from datetime import timedelta

import pytest
from tests.support.outside import page, redirect
from tests.support.story import SDIST, SITE, WHEEL, Story, sdist, wheel
from tests.support.testimony import DIGEST, PLAIN_SITE, level, offer, only_item
from tests.support.world import run_jobs

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.evidence import Level
from homeport.domain.inspection import Verdict
from homeport.domain.ledger import Kind
from homeport.flows.origins import origin_story

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


def test_a_plan_that_waits_says_what_its_source_gave_since(story: Story) -> None:
    """Other bytes that a later look got are told beside the file, and it is taken only by name; the seen ones come (T-12)."""
    offer(story, {})
    shown = story.plan("1.0")
    story.fakes.clock.advance(timedelta(days=2))
    offer(story, {}, wheel(content=b"answer = 43\n"))
    later = only_item(story)
    view = story.view(shown.rehost.id)
    (item,) = view.plan.items
    assert [finding.code for finding in item.findings] == ["other-bytes-since"]
    assert str(later.sha256) in item.findings[0].message
    with pytest.raises(Conflict, match="The plan changed since it was shown"):
        story.accept(shown)
    with pytest.raises(Invalid, match="1 are held"):
        story.accept(view)
    story.accept(view, accept=frozenset({item.id}))
    run_jobs(story.fakes)
    assert story.files()[WHEEL].digests.sha256 == Sha256.of(wheel())
