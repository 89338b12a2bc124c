"""What a source gave after a plan was made is said beside the file, and a person must look."""

from datetime import timedelta

import pytest
from tests.support.builders import NOW, item, plan, unreachable

from homeport.domain.digests import Sha256
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.inspection import Verdict
from homeport.domain.later_bytes import with_later_bytes
from homeport.domain.rehost import Item
from homeport.domain.sighting import Sighting

LATER = NOW + timedelta(days=2)
OTHER = Sha256.of(b"other").hex
OURS = item(fetched=FetchFacts("https://files.example.org/1", "", "2026-03-04T05:06:07Z", 200))


def seen(sha256: str = OTHER, at: timedelta = timedelta(days=2), url: str = OURS.url) -> Sighting:
    """That a URL gave these bytes, so long after the plan's own."""
    return Sighting(url, sha256, "files.example.org", True, NOW + at, NOW + at)


def test_other_bytes_since_are_told_and_hold() -> None:
    """The newest are told, with their day; what would be published is what was looked at."""
    told = with_later_bytes(plan(OURS), [seen("0" * 64, timedelta(days=1)), seen()])
    (kept,) = told.items
    (finding,) = kept.findings
    assert (kept.verdict, finding.code, kept.sha256) == (Verdict.HOLD, "other-bytes-since", OURS.sha256)
    assert f"gave other bytes: sha256 {OTHER}, on 2026-03-06 at 05:06 UTC." in finding.message
    assert told.digest() != plan(OURS).digest()


@pytest.mark.parametrize(
    ("one", "sighting"),
    [
        (OURS, seen(Sha256.of(b"bytes").hex)),
        (OURS, seen(at=timedelta(0))),
        (OURS, seen(url="https://files.example.org/2")),
        (item(), seen()),
        (unreachable(), seen()),
        (item(fetched=OURS.fetched, is_published=True), seen()),
    ],
    ids=["the same", "before", "elsewhere", "no facts", "no bytes", "hosted"],
)
def test_what_says_nothing(one: Item, sighting: Sighting) -> None:
    """The same bytes, earlier ones, those of another address, and those of what is hosted change nothing."""
    assert with_later_bytes(plan(one), [sighting]) == plan(one)
    assert with_later_bytes(plan(one), []) == plan(one)
