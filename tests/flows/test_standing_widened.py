"""Whose word widens a standing consent: its giver's; another owner's replaces it, and nobody else's does anything (T-32)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.story import Story, begin_story
from tests.support.world import add_person, grant

from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.project import Role
from homeport.domain.standing_consent import (
    EVERY_FILE,
    EVERY_PATH,
    STANDING_LIMIT,
    Condition,
    StandingConsent,
)
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import add_source, find_project, remove_source
from homeport.flows.standing_consent import void_standing
from homeport.flows.standing_consents import StandingWish, give_consent, show_standing, withdraw_consent

NEW = "https://new.test/"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project whose owner ada consented to files of site.test."""
    with begin_story(tmp_path) as story:
        yield story


@pytest.fixture
def eve(story: Story) -> Caller:
    """Another owner."""
    return grant(story.world, story.project, add_person(story.world, "eve"), Role.OWNER)


@pytest.fixture
def bob(story: Story) -> Caller:
    """A maintainer who owns nothing."""
    return grant(story.world, story.project, add_person(story.world, "bob"))


def consent(story: Story) -> StandingConsent:
    """The consent there is."""
    with story.world.store.read() as tx:
        there = tx.standing_consents.of_project(story.project.id)
    assert there is not None
    return there


def told(story: Story, who: str) -> list[str]:
    """The kinds of what a person was told, oldest first."""
    with story.world.store.read() as tx:
        user = tx.users.by_name(who)
        assert user is not None
        return [one.kind for one in reversed(tx.notices.of_user(user.id, limit=99))]


def test_a_maintainer_widens_nothing(story: Story, bob: Caller) -> None:
    """The source is named and looked at; what the owner consented to stays, and the page says what is not covered."""
    before = consent(story)
    assert add_source(story.world, bob, "demo", "homepage", NEW)
    assert consent(story) == before
    assert entries(story.fakes.store)[-1]["kind"] == Kind.SOURCE_ADDED
    assert list(map(str, show_standing(story.world, bob, "demo").unnamed)) == [NEW]
    # Nor does naming it again.
    add_source(story.world, bob, "demo", "homepage", NEW)
    assert consent(story) == before


def test_its_giver_widens_it(story: Story, eve: Caller) -> None:
    """It stays the same consent, and nobody's place is taken."""
    before = consent(story)
    add_source(story.world, story.owner, "demo", "homepage", NEW)
    assert (consent(story).hosts, consent(story).given_by) == (("site.test", "new.test"), "ada")
    assert consent(story).given_at == before.given_at
    assert "replaces" not in entries(story.fakes.store)[-1]["details"]
    assert show_standing(story.world, eve, "demo").unnamed == ()


def test_the_first_one_is_for_what_its_owner_named(story: Story, eve: Caller, bob: Caller) -> None:
    """Where nobody ever consented, naming a source consents to its place, not to what others named; everybody is told."""
    story.fakes.store.committed.standing.clear()
    for url in ("http://bob.test/files/", "https://anybody.test/"):
        add_source(story.world, bob, "demo", "find-links", url)
    assert show_standing(story.world, bob, "demo").standing is None
    add_source(story.world, story.owner, "demo", "homepage", NEW)
    given = consent(story)
    assert (given.given_by, given.hosts) == ("ada", ("new.test",))
    assert (given.paths, given.patterns) == (EVERY_PATH, EVERY_FILE)
    assert given.ends_on == (story.fakes.clock.now() + STANDING_LIMIT).date()
    assert [told(story, who) for who in ("ada", "bob", "eve")] == [
        [],
        ["standing-consent-given"],
        ["standing-consent-given"],
    ]
    unnamed = show_standing(story.world, eve, "demo").unnamed
    assert {"http://bob.test/files/", "https://anybody.test/"} <= {str(url) for url in unnamed}


def test_what_is_removed_takes_out_what_covers_it(story: Story) -> None:
    """Plain http, which an owner wrote, goes with a source of https that it covers, unless it covers what stays."""
    hosts = ("http://new.test", "http://old.test:81", "other.test")
    give_consent(story.world, story.owner, "demo", StandingWish(hosts))
    for path in ("one", "two"):
        add_source(story.world, story.owner, "demo", "homepage", f"{NEW}{path}")
    add_source(story.world, story.owner, "demo", "homepage", "https://old.test:81/")
    assert consent(story).hosts == hosts
    remove_source(story.world, story.owner, "demo", f"{NEW}one")
    assert consent(story).hosts == hosts
    remove_source(story.world, story.owner, "demo", f"{NEW}two")
    assert consent(story).hosts == hosts[1:]
    assert entries(story.fakes.store)[-1]["kind"] == Kind.STANDING_CONSENT_NARROWED
    remove_source(story.world, story.owner, "demo", "https://old.test:81/")
    assert consent(story).hosts == hosts[2:]


def test_another_owner_puts_theirs_in_its_place(story: Story, eve: Caller, bob: Caller) -> None:
    """The terms and the end stay; the ledger and everybody else are told whose consent it is, and whose it replaces."""
    assert bob.user.name == "bob"
    before = consent(story)
    add_source(story.world, eve, "demo", "homepage", NEW)
    after = consent(story)
    assert (after.hosts, after.given_by, after.given_at) == (
        ("site.test", "new.test"),
        "eve",
        story.fakes.clock.now(),
    )
    assert (after.expires_at, after.paths, after.patterns) == (
        before.expires_at,
        before.paths,
        before.patterns,
    )
    entry = entries(story.fakes.store, Kind.STANDING_CONSENT_GIVEN)[-1]
    assert (entry["actor"], entry["details"]["replaces"]) == ("eve", "ada")
    assert show_standing(story.world, eve, "demo").lines[0].reason == "In place of the consent of ada."
    assert [told(story, who) for who in ("ada", "bob", "eve")] == [
        ["standing-consent-given"],
        ["standing-consent-given"],
        [],
    ]


def test_who_names_nothing_new_takes_nobodys_place(story: Story, eve: Caller) -> None:
    """Another page of a named host is covered already, and the consent stays whose it was."""
    before = consent(story)
    add_source(story.world, eve, "demo", "homepage", "https://site.test/other/")
    assert consent(story) == before
    assert told(story, "ada") == []


def test_another_owners_own_words_are_recorded_so(story: Story, eve: Caller) -> None:
    """New terms, and a renewal by the mode, say whose consent they replace; one's own, or a withdrawn one, they do not."""
    give_consent(story.world, eve, "demo", StandingWish(["files.test"]))
    change_hosting(story.world, story.owner, "demo", Wish(HostingMode.CACHE, consents=True))
    give_consent(story.world, story.owner, "demo", StandingWish())
    withdraw_consent(story.world, story.owner, "demo", "")
    give_consent(story.world, eve, "demo", StandingWish())
    given = entries(story.fakes.store, Kind.STANDING_CONSENT_GIVEN)[-4:]
    assert [entry["details"].get("replaces") for entry in given] == ["ada", "eve", None, None]
    assert told(story, "ada") == ["standing-consent-given", "standing-consent-given"]
    assert told(story, "eve") == [
        "standing-consent-given",
        "standing-consent-given",
        "standing-consent-withdrawn",
    ]


def test_naming_a_source_mends_nothing_that_is_void(story: Story, eve: Caller) -> None:
    """What counts no more is given anew by an owner's own words only."""
    with story.world.store.write() as tx:
        tx.projects.grant(story.project.id, story.owner.user.id, Role.MAINTAINER)
    before = consent(story)
    for url in (NEW, NEW):  # a new source, and a known one that is named again
        add_source(story.world, eve, "demo", "homepage", url)
        assert consent(story) == before
    assert show_standing(story.world, eve, "demo").condition is Condition.VOID


def test_naming_a_source_mends_nothing_that_has_ended(story: Story, eve: Caller) -> None:
    """Neither its giver nor another owner widens what is over; a renewal by words begins from what it named."""
    story.fakes.clock.advance(STANDING_LIMIT)
    before = consent(story)
    for who in (story.owner, eve):
        add_source(story.world, who, "demo", "homepage", f"https://{who.user.name}.test/")
        assert consent(story) == before
    assert told(story, "ada") == []
    assert give_consent(story.world, eve, "demo", StandingWish()).standing == consent(story)
    assert consent(story).hosts == ("site.test",)


def test_what_the_watch_took_out_is_named_again_by_an_owner(story: Story, bob: Caller) -> None:
    """A host that was voided on every port comes back when an owner names its source again, not when a maintainer does."""
    add_source(story.world, story.owner, "demo", "homepage", "https://site.test:8443/")
    with story.world.store.write() as tx:
        project = find_project(tx, "demo")
        void_standing(
            tx, project, consent(story), "site.test", "Sold.", by="homeport", at=story.fakes.clock.now()
        )
    assert consent(story).hosts == ()
    add_source(story.world, bob, "demo", "homepage", "https://site.test/")
    assert consent(story).hosts == ()
    add_source(story.world, story.owner, "demo", "homepage", "https://site.test/")
    assert consent(story).hosts == ("site.test",)
