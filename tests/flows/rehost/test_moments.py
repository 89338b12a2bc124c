"""What changes between two looks: each step finds the world as it is by then, and does no more than is still wanted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pysequoia import Tsk
from tests.support.builders import item
from tests.support.fake_proofs import FakeProofs
from tests.support.story import SDIST, Story, begin_story, sdist
from tests.support.world import drop_jobs

from homeport.domain.errors import Conflict, NotFound
from homeport.domain.rehost import Bytes
from homeport.domain.signature import SigningIdentity
from homeport.flows import signing
from homeport.flows.origins import origin_story
from homeport.flows.rehost.fetch import _go_on, _remember_size
from homeport.flows.rehost.plan import crawl_sources
from homeport.flows.rehost.review import refuse
from homeport.flows.rehost.start import resume, start_plan
from homeport.flows.rehost.testimony import sighting_of
from homeport.flows.signing import add_identity, add_key
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, Fetcher, FetchLimits


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A project with one file outside."""
    with begin_story(tmp_path) as story:
        story.offer({SDIST: sdist()})
        yield story


@dataclass
class Interrupted:
    """A fetcher that lets something happen first."""

    inner: Fetcher
    happens: Callable[[], object]

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """Let it happen, and fetch."""
        self.happens()
        self.happens = bool
        return self.inner.fetch(url, limits, sink, ask)


def test_a_plan_that_was_refused_while_its_pages_were_read_starts_nothing(story: Story) -> None:
    """What the crawl found is of no interest any more: nothing is remembered, and no file is fetched."""
    rehost = start_plan(story.world, story.owner, "demo")
    fetcher = Interrupted(story.world.fetcher, lambda: refuse(story.world, story.owner, rehost.id))
    assert crawl_sources(replace(story.world, fetcher=fetcher), rehost.id) == ()
    assert story.view(rehost.id).plan.items == ()
    drop_jobs(story.fakes)


def test_work_that_comes_to_life_is_not_given_back(story: Story) -> None:
    """A job that was missed by the first look and is there at the second was never lost."""
    start_plan(story.world, story.owner, "demo")
    looks = iter((False, True))
    assert resume(story.world, lambda _: next(looks)) == ()
    drop_jobs(story.fakes)


def test_a_size_comes_too_late(story: Story) -> None:
    """A file that is fetched by now, or gone from its plan, gets no size from an answer to HEAD."""
    rehost = start_plan(story.world, story.owner, "demo")
    crawl_sources(story.world, rehost.id)
    (wanted,) = story.view(rehost.id).plan.items
    assert wanted.bytes is Bytes.WANTED
    with story.world.store.write() as tx:
        _remember_size(tx, rehost.id, wanted.id, 5)
        _remember_size(tx, rehost.id, wanted.id + 1, 5)
    assert story.view(rehost.id).plan.items == (wanted,)
    drop_jobs(story.fakes)


def test_nothing_is_handed_on_when_nothing_is_wanted(story: Story) -> None:
    """Between the look at what is left and the handing on, somebody refused the plan: there is no next part."""
    rehost = start_plan(story.world, story.owner, "demo")
    (job,) = crawl_sources(story.world, rehost.id)
    refuse(story.world, story.owner, rehost.id)
    drop_jobs(story.fakes)
    _go_on(story.world, job, 0, 0.0)
    assert story.fakes.waiting() == []


def test_a_file_of_before_there_were_records(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hosted file without a record says so: the ledger tells of it."""
    story.upload(SDIST, sdist())
    monkeypatch.setattr(FakeProofs, "origin", lambda *_: None)
    with pytest.raises(NotFound) as refused:
        origin_story(story.world, lambda: story.owner, "demo", SDIST)
    assert refused.value.code == "origin-unknown"


def test_only_bytes_that_are_here_were_seen() -> None:
    """There is no sighting of a file whose bytes nobody has."""
    with pytest.raises(AssertionError, match="only bytes that are here"):
        sighting_of(item(content=None), datetime(2026, 3, 4, tzinfo=UTC))


def test_a_file_that_is_not_hosted_has_no_story(story: Story) -> None:
    """It is told apart from a file that has no record."""
    with pytest.raises(NotFound) as refused:
        origin_story(story.world, lambda: story.owner, "demo", SDIST)
    assert refused.value.code == "file-not-hosted"


def test_signers_are_bounded(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more key, or identity, than a project may have is refused, and says what to do."""
    monkeypatch.setattr(signing, "MAX_SIGNERS", 0)
    key = Tsk.generate("Ada <ada@example.org>").extract_certificate()
    with pytest.raises(Conflict) as refused:
        add_key(story.world, story.owner, "demo", str(key).encode())
    assert refused.value.code == "too-many-keys"
    with pytest.raises(Conflict) as refused:
        add_identity(story.world, story.owner, "demo", SigningIdentity("https://issuer.test", subject="ada"))
    assert refused.value.code == "too-many-identities"
