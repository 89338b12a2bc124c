"""Standing consent as people decide it: shown, given, changed, withdrawn, and what the clock tells of its end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.story import SITE, WHEEL, Story, begin_story, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person, grant, run_jobs

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.standing_consent import STANDING_LIMIT, Condition, StandingConsent
from homeport.domain.urls import Url
from homeport.flows import standing_consent_days
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_status
from homeport.flows.manage_project import add_source, find_project, remove_source
from homeport.flows.rehost.start import start_update_cache
from homeport.flows.standing_consent_days import look_after_standing_consents
from homeport.flows.standing_consents import (
    StandingView,
    StandingWish,
    give_consent,
    show_standing,
    withdraw_consent,
)

DAY = timedelta(days=1)
WATCHED = {"standing-consent-ends", "standing-consent-ended"}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project whose owner consented, as its creation does, to files of site.test."""
    with begin_story(tmp_path) as story:
        yield story


def give(story: Story, wish: StandingWish, caller: Caller | None = None) -> StandingView:
    """Give a consent, as the owner unless somebody else is named."""
    return give_consent(story.world, caller or story.owner, "Demo", wish)


def consent(story: Story) -> StandingConsent:
    """The consent there is."""
    with story.world.store.read() as tx:
        there = tx.standing_consents.of_project(story.project.id)
    assert there is not None
    return there


def told(story: Story, who: str = "ada") -> list[tuple[str, str]]:
    """Kinds and subjects of what a person was told, oldest first."""
    with story.world.store.read() as tx:
        user = tx.users.by_name(who)
        assert user is not None
        return [(one.kind, one.subject) for one in reversed(tx.notices.of_user(user.id, limit=999))]


def test_terms_are_an_owners_choice(story: Story) -> None:
    """Hosts, paths, patterns and the day are stored, told in the ledger, and to everyone else who maintains the project."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    until = story.fakes.clock.now().date() + 90 * DAY
    view = give(story, StandingWish(["Files.test"], ["/acme/*"], ["*.whl"], until))
    assert view.condition is Condition.LIVE
    assert view.standing == consent(story)
    assert (view.standing.hosts, view.standing.paths, view.standing.patterns) == (
        ("files.test",),
        ("/acme/*",),
        ("*.whl",),
    )
    assert (view.standing.ends_on, view.standing.given_by) == (until, "ada")
    entry = entries(story.fakes.store)[-1]
    assert (entry["kind"], entry["actor"], entry["project"]) == ("standing-consent-given", "ada", "demo")
    assert entry["details"]["paths"] == ["/acme/*"]
    assert view.lines[0].serial == entry["seq"]
    assert told(story, "bob") == [("standing-consent-given", f"demo: standing consent until {until}")]
    assert told(story) == []
    shown = show_standing(story.world, bob, "demo")
    place = Url.parse(f"{SITE}/")
    assert (shown.role, shown.standing) == (Role.MAINTAINER, view.standing)
    assert (shown.places, shown.unnamed) == ([place], (place,))


def test_what_is_not_said_stays(story: Story) -> None:
    """A renewal keeps the terms, is in the name of who renews, and lasts as long as one may."""
    give(story, StandingWish(["files.test"], ["/acme/*"], ["*.whl"], story.fakes.clock.now().date() + DAY))
    story.fakes.clock.advance(DAY * 100)
    assert show_standing(story.world, story.owner, "demo").condition is Condition.EXPIRED
    eve = grant(story.world, story.project, add_person(story.world, "eve"), Role.OWNER)
    renewed = give(story, StandingWish(), eve).standing
    assert renewed is not None
    assert (renewed.hosts, renewed.paths, renewed.patterns) == (("files.test",), ("/acme/*",), ("*.whl",))
    assert (renewed.given_by, renewed.ends_on) == ("eve", story.fakes.clock.now().date() + STANDING_LIMIT)


def test_without_hosts_it_is_what_is_named_now(story: Story) -> None:
    """An empty list of hosts means every place that is named; where none is, none can be consented to."""
    give(story, StandingWish(["files.test"]))
    assert give(story, StandingWish([])).standing == consent(story)
    assert consent(story).hosts == ("site.test",)
    remove_source(story.world, story.owner, "demo", f"{SITE}/", "homepage")
    assert consent(story).hosts == ()
    with pytest.raises(Invalid, match="Name a host"):
        give(story, StandingWish([]))


def test_a_renewal_brings_no_host_back(story: Story) -> None:
    """A host that was taken out, because it may be somebody else's now, comes back by its name only."""
    give(story, StandingWish(["site.test"]))
    with story.world.store.write() as tx:
        project = find_project(tx, "demo")
        standing = consent(story)
        tx.standing_consents.put(project.id, replace(standing, hosts=()))
    with pytest.raises(Invalid, match="names no host any more"):
        give(story, StandingWish())
    assert give(story, StandingWish(["site.test"])).standing == consent(story)
    assert consent(story).hosts == ("site.test",)


def test_what_was_seen_is_what_is_agreed_to(story: Story) -> None:
    """Who says what they saw agrees to nothing else: neither by a renewal nor by terms of their own (T-12)."""
    seen = give(story, StandingWish(["files.test"], patterns=["*.whl"]))
    assert seen.revision == entries(story.fakes.store)[-1]["seq"]
    eve = grant(story.world, story.project, add_person(story.world, "eve"), Role.OWNER)
    give(story, StandingWish(["evil.test"], patterns=["*"]), eve)
    before = story.fakes.store.committed.snapshot()
    for wish in (StandingWish(), StandingWish(["files.test"])):
        with pytest.raises(Conflict, match="eve changed it") as refusal:
            give_consent(story.world, story.owner, "demo", wish, revision=seen.revision)
        assert refusal.value.code == "standing-consent-changed"
        assert "found at evil.test" in refusal.value.problems[1]
    assert story.fakes.store.committed == before
    now = show_standing(story.world, story.owner, "demo").revision
    given = give_consent(story.world, story.owner, "demo", StandingWish(["files.test"]), revision=now)
    assert given.standing == consent(story)
    assert (consent(story).given_by, consent(story).hosts) == ("ada", ("files.test",))


def refused(story: Story, kind: type[Refusal], caller: Caller | None = None) -> str:
    """The code of the refusal to give; nothing changed by it."""
    before = story.fakes.store.committed.snapshot()
    with pytest.raises(kind) as refusal:
        give(story, StandingWish(["a.test"]), caller)
    assert story.fakes.store.committed == before
    return refusal.value.code


def test_only_owners_decide(story: Story) -> None:
    """Maintainers look, strangers do not, and tokens need the scope."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    eve = Caller(add_person(story.world, "eve"))
    assert refused(story, Forbidden, bob) == "owner-only"
    assert refused(story, Forbidden, eve) == "role-missing"
    assert refused(story, Forbidden, by_token(story.world, story.owner, Scope.UPLOAD)) == "token-scope"
    with pytest.raises(Forbidden):
        withdraw_consent(story.world, bob, "demo", "")
    with pytest.raises(Forbidden):
        show_standing(story.world, eve, "demo")


def test_only_in_the_mode_it_is_for(story: Story) -> None:
    """Outside pypi-cache nobody asks for one, and a quarantined project stays as it is."""
    change_hosting(story.world, story.owner, "demo", Wish(HostingMode.ONLY))
    assert refused(story, Conflict) == "mode-not-cache"
    assert show_standing(story.world, story.owner, "demo").condition is Condition.IDLE
    change_hosting(story.world, story.owner, "demo", Wish(HostingMode.CACHE, consents=True))
    root = Caller(add_person(story.world, "root", is_admin=True))
    change_status(story.world, root, "demo", ProjectStatus.QUARANTINED, "Looked at.")
    assert refused(story, Conflict) == "project-quarantined"


def test_withdrawn_it_covers_nothing_at_once(story: Story) -> None:
    """No update of the cache hosts anything from then on; naming a source gives nothing back, an owner's consent does."""
    story.offer({WHEEL: wheel()})
    running = start_update_cache(story.world, story.owner, "demo", None)
    grant(story.world, story.project, add_person(story.world, "bob"))
    assert show_standing(story.world, story.owner, "demo").withdrawal is None
    view = withdraw_consent(story.world, story.owner, "demo", "We upload by hand now.")
    assert view.condition is Condition.WITHDRAWN
    assert view.withdrawal is not None
    assert (view.withdrawal.by, view.withdrawal.reason) == ("ada", "We upload by hand now.")
    run_jobs(story.fakes)
    assert story.view(running.id).rehost.problem_code == "standing-consent-missing"
    assert story.files() == {}
    entry = entries(story.fakes.store, Kind.STANDING_CONSENT_WITHDRAWN)[-1]
    assert (entry["actor"], entry["details"]["reason"]) == ("ada", "We upload by hand now.")
    assert told(story, "bob") == [("standing-consent-withdrawn", "demo: the standing consent was withdrawn")]
    add_source(story.world, story.owner, "demo", "homepage", "https://other.test/")
    assert show_standing(story.world, story.owner, "demo").condition is Condition.WITHDRAWN
    with pytest.raises(NotFound) as refusal:
        withdraw_consent(story.world, story.owner, "demo", "")
    assert refusal.value.code == "standing-consent-unknown"
    give(story, StandingWish())
    start_update_cache(story.world, story.owner, "demo", None)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL}


def test_without_any(tmp_path: Path) -> None:
    """A project that was never pypi-cache has none to show or to withdraw."""
    with begin_story(tmp_path, HostingMode.ONLY) as only:
        view = show_standing(only.world, only.owner, "demo")
        assert (view.standing, view.condition, view.lines) == (None, None, [])
        with pytest.raises(NotFound):
            withdraw_consent(only.world, only.owner, "demo", "")


def test_the_terms_bind_the_update(story: Story) -> None:
    """A file on a page that no path pattern covers stays outside, and the reason is told."""
    story.offer({WHEEL: wheel()})
    give(story, StandingWish(paths=["/downloads/*"]))
    rehost = start_update_cache(story.world, story.owner, "demo", None)
    run_jobs(story.fakes)
    assert story.files() == {}
    assert (
        "the path of its page, /, matches none of the path patterns (/downloads/*)"
        in story.view(rehost.id).rehost.problem
    )


# The clock


def pass_days(story: Story, days: int) -> None:
    """Let the clock look every day."""
    for _ in range(days):
        story.fakes.clock.advance(DAY)
        look_after_standing_consents(story.world)


def test_a_year(story: Story) -> None:
    """Who maintains the project is told 30 and 7 days before and when it is over, each once; readers are not."""
    grant(story.world, story.project, add_person(story.world, "rita"), Role.READER)
    pass_days(story, 334)
    assert told(story) == []
    pass_days(story, 100)
    assert told(story) == [
        ("standing-consent-ends", "demo: the standing consent ends in 30 days"),
        ("standing-consent-ends", "demo: the standing consent ends in 7 days"),
        ("standing-consent-ended", "demo: the standing consent has ended"),
    ]
    assert told(story, "rita") == []
    assert look_after_standing_consents(story.world) == 0


def test_a_renewal_begins_anew(story: Story) -> None:
    """Who renews is not reminded of the old end; who asks for a short time is not reminded of what they just said."""
    pass_days(story, 340)
    give(story, StandingWish())
    pass_days(story, 334)
    assert [kind for kind, _ in told(story)] == ["standing-consent-ends"]
    give(story, StandingWish(until=story.fakes.clock.now().date() + 10 * DAY))
    pass_days(story, 3)
    assert told(story)[1:] == [("standing-consent-ends", "demo: the standing consent ends in 7 days")]


def test_the_clock_jumps(story: Story) -> None:
    """Two years later it is told once that it has ended; back in time nothing is told again (T-41)."""
    story.fakes.clock.advance(DAY * 730)
    assert look_after_standing_consents(story.world) == 1
    story.fakes.clock.advance(-DAY * 400)
    assert look_after_standing_consents(story.world) == 0
    assert [kind for kind, _ in told(story)] == ["standing-consent-ended"]


def test_what_counts_no_more_is_not_reminded_of(story: Story) -> None:
    """Nobody is told of the end of what was withdrawn, of what waits in another mode, or of whose giver left."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"), Role.OWNER)
    with story.world.store.write() as tx:
        tx.projects.grant(story.project.id, story.owner.user.id, Role.MAINTAINER)
    pass_days(story, 340)
    assert told(story) == []
    withdraw_consent(story.world, bob, "demo", "")
    pass_days(story, 40)
    assert [kind for kind, _ in told(story) if kind in WATCHED] == []
    give(story, StandingWish(), bob)
    change_hosting(story.world, bob, "demo", Wish(HostingMode.ONLY))
    pass_days(story, 400)
    assert [kind for kind, _ in told(story) if kind in WATCHED] == []


def test_what_changed_meanwhile_is_left_alone(story: Story) -> None:
    """A consent that was renewed between the look and the writing is not told of."""
    story.fakes.clock.advance(DAY * 340)
    seen = consent(story)
    give(story, StandingWish())
    assert not standing_consent_days._looked_after(story.world, story.project.id, seen)
    assert [kind for kind, _ in told(story)] == []


def test_trouble_with_one_stops_no_other(
    story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody expected is told of and due again; a database that cannot be reached is the chore's business."""
    story.fakes.clock.advance(DAY * 340)

    def fail(*_: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr(standing_consent_days, "_tell", fail)
    assert look_after_standing_consents(story.world) == 0
    assert "could not be looked after" in caplog.text
    monkeypatch.undo()
    assert look_after_standing_consents(story.world) == 1

    def away(*_: object) -> None:
        raise Unavailable("The database is away.")

    story.fakes.clock.advance(DAY * 30)
    monkeypatch.setattr(standing_consent_days, "_tell", away)
    with pytest.raises(Unavailable):
        look_after_standing_consents(story.world)


def test_the_world_is_the_same(story: Story) -> None:
    """Nothing that is hosted is touched by the end of a consent."""
    story.offer({WHEEL: wheel()})
    start_update_cache(story.world, story.owner, "demo", None)
    run_jobs(story.fakes)
    files = story.files()
    pass_days(story, 400)
    assert story.files() == files
