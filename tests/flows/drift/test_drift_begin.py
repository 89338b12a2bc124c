"""A file that comes home is watched from then on, in the transaction that publishes it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.support import builders
from tests.support.outside import Answer, page
from tests.support.story import SITE, WHEEL, begin_story, wheel
from tests.support.world import run_jobs

from homeport.domain.drift import DriftPolicy, State, Watch
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.rehost import Item
from homeport.domain.source import SourceKind
from homeport.flows.drift.begin import watch_source
from homeport.flows.drift.run import look_at_due
from homeport.ports.world import World

FETCHED = FetchFacts(
    "https://cdn.example.org/x", "", "", 200, etag='"one"', last_modified="Mon, 02 Mar 2026 05:06:07 GMT"
)


def test_what_is_published_is_watched(tmp_path: Path) -> None:
    """Plan, consent, publish: the watch is there with the file, is due in a day or so, and finds the same bytes."""
    with begin_story(tmp_path) as story:
        story.fakes.outside.put(f"{SITE}/", page(f"<a href={WHEEL}>"))
        story.fakes.outside.put(f"{SITE}/{WHEEL}", Answer(body=wheel(), headers=(("etag", '"one"'),)))
        agreed_at = story.world.clock.now()
        story.accept(story.plan())
        run_jobs(story.fakes)
        with story.world.store.read() as tx:
            (watch,) = tx.watches.of_project(story.project.id)
        assert (watch.filename, watch.url, watch.host) == (WHEEL, f"{SITE}/{WHEEL}", "site.test")
        assert (watch.sha256, watch.size_bytes) == (story.files()[WHEEL].digests.sha256, len(wheel()))
        assert (watch.source, watch.state, watch.agreed_at) == (SourceKind.HOMEPAGE, State.NEW, agreed_at)
        assert timedelta(hours=19) <= watch.due_at - agreed_at <= timedelta(hours=29)
        story.fakes.clock.advance(timedelta(days=2))
        assert look_at_due(story.world) == 1
        with story.world.store.read() as tx:
            (watch,) = tx.watches.of_project(story.project.id)
        assert (watch.state, watch.etag) == (State.SAME, '"one"')


def watched(world: World, project_id: int, item: Item, every: timedelta = timedelta(days=7)) -> Watch | None:
    """The watch that begins with ``item``."""
    project = builders.project(id=project_id)
    with world.store.write() as tx:
        now = world.clock.now()
        policy = DriftPolicy(every)
        watch_source(tx, project, item, policy=policy, clock=world.clock, agreed_at=now)
        return tx.watches.find(project_id, item.filename)


def test_what_the_fetch_showed_is_remembered(tmp_path: Path) -> None:
    """Validators and the host that gave the bytes; a weak validator stands for nothing."""
    with begin_story(tmp_path) as story:
        one = replace(builders.item(), fetched=FETCHED)
        watch = watched(story.world, story.project.id, one)
        assert watch is not None
        assert (watch.etag, watch.last_modified) == ('"one"', FETCHED.last_modified)
        assert (watch.host, watch.home) == ("files.example.org", "cdn.example.org")
        weak = replace(one, filename="weak-1.0.tar.gz", fetched=replace(FETCHED, etag='W/"one"'))
        watch = watched(story.world, story.project.id, weak)
        assert watch is not None
        assert watch.etag == ""


def test_what_cannot_be_watched_is_not(tmp_path: Path) -> None:
    """No bytes, no place that may be asked, or an index that never looks: there is no watch."""
    with begin_story(tmp_path) as story:
        project_id = story.project.id
        assert watched(story.world, project_id, builders.unreachable()) is None
        assert watched(story.world, project_id, builders.item(url="ftp://example.org/x")) is None
        assert watched(story.world, project_id, builders.item(), timedelta()) is None
