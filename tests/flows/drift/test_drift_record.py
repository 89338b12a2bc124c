"""What looks find is remembered once and told once, also where many projects share a host."""

from datetime import timedelta
from pathlib import Path

from tests.support.drift import BODY, FILE, HOST, begin_home, wait
from tests.support.outside import MISSING
from tests.support.world import add_person

from homeport.domain.account import Caller
from homeport.domain.drift import Consequence, Sign
from homeport.domain.ledger import Kind
from homeport.flows.drift.run import look_at_due
from homeport.flows.manage_project import find_project
from homeport.flows.manners.hosts import unfreeze_host

OTHER = bytes(reversed(BODY))
URL = f"https://{HOST}/{FILE}"
SECOND = "other-1.0.tar.gz"

# Told once


def test_other_bytes_are_an_event_an_entry_and_a_notice(tmp_path: Path) -> None:
    """Other bytes under a known name: everything that follows is one thing each, and says what to do."""
    with begin_home(tmp_path) as home:
        home.has(OTHER, ())
        assert home.passes() == [Sign.OTHER_BYTES]
        (event,) = home.events()
        assert (event.project, event.filename, event.host, event.url) == ("demo", FILE, HOST, URL)
        assert (event.sign, event.consequence) == (Sign.OTHER_BYTES, Consequence.FREEZE)
        (entry,) = home.entries(Kind.DRIFT_SEEN)
        assert (entry["actor"], entry["project"]) == ("drift", "demo")
        assert entry["details"] == {
            "sign": "other-bytes",
            "host": HOST,
            "url": URL,
            "filename": FILE,
            "seen": event.what,
        }
        (frozen,) = home.entries(Kind.HOST_FROZEN)
        reason = f"What came from {HOST} has other bytes there now."
        assert frozen["details"] == {"host": HOST, "reason": reason}
        (voided,) = home.entries(Kind.CONSENT_VOIDED)
        assert voided["details"] == {"host": HOST, "hosts": ["other.test"], "reason": reason}
        (notice,) = home.notices(home.owner, "drift")
        assert event.sentence in notice.text
        assert "standing consent of demo names site.test no longer" in notice.text
        assert notice.path == "/manage/projects/demo/#origins"
        (to_admin,) = home.notices(home.admin, "host-frozen")
        assert to_admin.subject == "site.test was frozen"


def test_a_host_that_alternates_is_told_of_once(tmp_path: Path) -> None:
    """Bytes that come and go (T-11) are two things at most, however often; unfreezing does not repeat them."""
    with begin_home(tmp_path) as home:
        told = []
        for _ in range(4):
            for body in (OTHER, BODY):
                home.has(body, ())
                told += home.passes()
                if home.is_frozen():
                    unfreeze_host(home.world, home.admin, HOST, "It was a mistake.")
        assert told == [Sign.OTHER_BYTES]
        assert len(home.notices(home.owner, "drift")) == 1
        assert len(home.entries(Kind.HOST_FROZEN)) == 1


def test_what_follows_after_unfreezing(tmp_path: Path) -> None:
    """A host that may be asked again is looked at, and freezes anew for something new."""
    with begin_home(tmp_path) as home:
        home.has(OTHER, ())
        home.passes()
        unfreeze_host(home.world, home.admin, HOST, "The owner said why.")
        home.has(OTHER + b"!", ())
        assert home.passes() == [Sign.OTHER_BYTES]
        assert home.is_frozen()
        assert not home.consents_to()


def test_many_files_gone_are_one_notice(tmp_path: Path) -> None:
    """What one run finds of a project at a host is one notice, with a line for each."""
    with begin_home(tmp_path) as home:
        with home.world.store.read() as tx:
            demo = find_project(tx, "demo")
        names = [f"demo-9.{number}.tar.gz" for number in range(5)]
        for name in names:
            home.bring(demo, name, name.encode(), due_at=home.world.clock.now())
        for name in names:
            home.outside.put(f"https://{HOST}/{name}", MISSING)
        look_at_due(home.world)
        home.fakes.clock.advance(timedelta(hours=40))
        look_at_due(home.world)
        assert [event.sign for event in home.events()] == [Sign.GONE] * 5
        (notice,) = home.notices(home.owner, "drift")
        assert all(name in notice.text for name in names)
        assert "5 things changed" in notice.subject


# Shared hosts


def test_one_maintainer_costs_the_others_nothing(tmp_path: Path) -> None:
    """Where files of two people come from, one loses consents by what changes, however many projects are hers."""
    with begin_home(tmp_path, projects=("demo", "third")) as home:
        bob = Caller(add_person(home.world, "bob"))
        home.bring(home.add("other", owner=bob), SECOND)
        assert home.passes(2) == []
        home.has(OTHER, ())
        home.has(OTHER, (), f"https://{HOST}/third-1.0.tar.gz")
        assert home.passes() == [Sign.OTHER_BYTES] * 2
        assert {event.consequence for event in home.events()} == {Consequence.VOID}
        assert not home.is_frozen()
        assert not home.consents_to(project="demo")
        assert home.consents_to(project="other")
        assert home.notices(home.admin, "host-frozen") == []

        home.has(OTHER, (), f"https://{HOST}/{SECOND}")
        assert home.passes() == [Sign.OTHER_BYTES]
        assert home.is_frozen()
        assert not home.consents_to(project="other")


def test_why_a_host_is_frozen_names_nobodys_files(tmp_path: Path) -> None:
    """Whoever else's files come from there reads the reason: a private project's file is not told in it."""
    with begin_home(tmp_path) as home:
        bob = Caller(add_person(home.world, "bob"))
        home.add("other", owner=bob)
        home.has(OTHER, ())
        home.passes()
        (frozen,) = home.entries(Kind.HOST_FROZEN)
        (notice,) = home.notices(bob, "drift")
        with home.world.store.read() as tx:
            shown = tx.hosts.find(HOST).frozen
        assert shown is not None
        for text in (frozen["details"]["reason"], shown.reason, notice.text):
            assert HOST in text
            assert "demo" not in text


def test_a_taken_host_is_told_to_every_project(tmp_path: Path) -> None:
    """Signs of the host concern all that came from there; consents of those that nothing came to yet are void too."""
    with begin_home(tmp_path, projects=("demo", "other")) as home:
        home.add("third")
        home.names.servers[HOST] = frozenset({"ns.parking.test"})
        assert home.passes() == [Sign.NEW_NAME_SERVERS] * 2
        assert {event.project for event in home.events()} == {"demo", "other"}
        assert {event.filename for event in home.events()} == {""}
        assert not any(home.consents_to(project=name) for name in ("demo", "other", "third"))
        assert len(home.entries(Kind.HOST_FROZEN)) == 1
        assert len(home.entries(Kind.CONSENT_VOIDED)) == 3
        texts = [notice.text for notice in home.notices(home.owner, "drift")]
        assert sum("third names site.test no longer" in text for text in texts) == 1


def test_an_administrators_freeze_is_not_replaced(tmp_path: Path) -> None:
    """A host that was frozen while it was looked at stays frozen by who froze it; the consent is void all the same."""
    with begin_home(tmp_path) as home:
        home.has(OTHER, ())
        wait(home)

        def freeze(_: str) -> None:
            with home.world.store.write() as tx:
                tx.hosts.freeze(HOST, "root", "Seen by hand.", home.world.clock.now())

        home.seen.meanwhile = freeze
        look_at_due(home.world)
        with home.world.store.read() as tx:
            frozen = tx.hosts.find(HOST).frozen
        assert frozen is not None
        assert frozen.by == "root"
        assert home.entries(Kind.HOST_FROZEN) == []
        assert not home.consents_to()
