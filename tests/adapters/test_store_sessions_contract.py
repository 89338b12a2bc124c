"""The contract of the store: sessions, second factors and attempts, by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.store_rows import add_user

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.second_factor import FactorKind, SecondFactor
from homeport.ports.sessions import Session
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
ONE, TWO, THREE = (Sha256.of(name.encode()) for name in ("one", "two", "three"))
APP = SecondFactor(0, FactorKind.APP, "phone", b"secret", 17, NOW)
KEY = SecondFactor(0, FactorKind.KEY, "key", b"public", 0, NOW, credential_id=b"id", last_used_at=NOW + HOUR)


# Sessions


def test_a_session_comes_back_as_it_was(store: Store) -> None:
    """Everything that was remembered of a session is there, until the moment it ends."""
    session = Session(
        ONE,
        add_user(store),
        NOW - HOUR,
        NOW + HOUR,
        NOW,
        is_whole=False,
        challenge=b"\0\xff",
        agent="Mozilla/5.0 \N{OWL}",
    )
    with store.write() as tx:
        tx.sessions.add(session)
    with store.read() as tx:
        assert tx.sessions.find(ONE, NOW + HOUR - MOMENT) == session
        assert tx.sessions.find(ONE, NOW + HOUR) is None
        assert tx.sessions.find(TWO, NOW) is None


def test_what_ended_is_forgotten_as_new_ones_come(store: Store) -> None:
    """Adding a session sweeps those that ended by then, of whomever, and no others."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        tx.sessions.add(Session(ONE, ada, NOW - HOUR, NOW, NOW - HOUR))
        tx.sessions.add(Session(TWO, ada, NOW - HOUR, NOW + MOMENT, NOW - HOUR))
        assert tx.sessions.find(ONE, NOW - HOUR) is not None
        tx.sessions.add(Session(THREE, bob, NOW, NOW + HOUR, NOW))
    with store.read() as tx:
        assert tx.sessions.find(ONE, NOW - HOUR) is None
        assert tx.sessions.find(TWO, NOW) is not None


def test_a_persons_sessions_are_listed_newest_first(store: Store) -> None:
    """Whole sessions that last, of this person alone, the one confirmed last at the top."""
    ada, bob = add_user(store), add_user(store, "bob")
    digests = [Sha256.of(bytes([number])) for number in range(5)]
    made = [
        Session(digests[0], ada, NOW, NOW + HOUR, NOW),
        Session(digests[1], ada, NOW, NOW + 2 * HOUR, NOW + MOMENT),
        Session(digests[2], ada, NOW, NOW + HOUR, NOW, is_whole=False),
        Session(digests[3], ada, NOW, NOW + 2 * MOMENT, NOW),
        Session(digests[4], bob, NOW, NOW + HOUR, NOW),
    ]
    with store.write() as tx:
        for session in made:
            tx.sessions.add(session)
    with store.read() as tx:
        assert list(tx.sessions.of_user(ada.id, NOW + 2 * MOMENT)) == [made[1], made[0]]
        assert list(tx.sessions.of_user(bob.id, NOW)) == [made[4]]


def test_a_challenge_takes_the_place_of_the_one_before(store: Store) -> None:
    """One challenge for a session, until it is taken away; a session that is gone has none."""
    ada = add_user(store)
    with store.write() as tx:
        tx.sessions.add(Session(ONE, ada, NOW, NOW + HOUR, NOW))
        tx.sessions.put_challenge(ONE, b"first")
        tx.sessions.put_challenge(ONE, b"second")
        tx.sessions.put_challenge(TWO, b"nobody")
        found = tx.sessions.find(ONE, NOW)
        assert found is not None
        assert found.challenge == b"second"
        tx.sessions.put_challenge(ONE, None)
        assert tx.sessions.find(ONE, NOW) == replace(found, challenge=None)


def test_sessions_are_closed(store: Store) -> None:
    """One is closed once; all of a person's but one; all of them; nobody else's."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        for secret, user in ((ONE, ada), (TWO, ada), (THREE, bob)):
            tx.sessions.add(Session(secret, user, NOW, NOW + HOUR, NOW))
        assert tx.sessions.close_all(ada.id, but=TWO) == 1
        assert tx.sessions.find(ONE, NOW) is None
        assert tx.sessions.find(TWO, NOW) is not None
        assert tx.sessions.close(TWO)
        assert not tx.sessions.close(TWO)
        assert tx.sessions.close_all(ada.id) == 0
        assert tx.sessions.close_all(bob.id, but=ONE) == 1
        assert tx.sessions.find(THREE, NOW) is None


def test_a_session_shows_its_user_as_they_are_now(store: Store) -> None:
    """Who became an administrator is one in every session."""
    ada = add_user(store)
    with store.write() as tx:
        tx.sessions.add(Session(ONE, ada, NOW, NOW + HOUR, NOW))
        tx.users.make_administrator(ada.id)
        found = tx.sessions.find(ONE, NOW)
    assert found is not None
    assert found.user == replace(ada, is_admin=True)


# Second factors


def test_factors_come_back_as_they_were(store: Store) -> None:
    """A person's factors, oldest first, each with all that was said of it and an id of its own."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        app, key = tx.second_factors.add(ada.id, APP), tx.second_factors.add(ada.id, KEY)
        other = tx.second_factors.add(bob.id, APP)
    assert len({app.id, key.id, other.id}) == 3
    assert (replace(app, id=0), replace(key, id=0)) == (APP, KEY)
    with store.read() as tx:
        assert list(tx.second_factors.of_user(ada.id)) == [app, key]
        assert list(tx.second_factors.of_user(bob.id)) == [other]


def test_a_key_belongs_to_one_person(store: Store) -> None:
    """The same key is not registered twice, for nobody; the transaction goes on."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        tx.second_factors.add(ada.id, KEY)
        for user in (ada, bob):
            with pytest.raises(Conflict) as refused:
                tx.second_factors.add(user.id, replace(KEY, label="again"))
            assert refused.value.code == "factor-exists"
        tx.second_factors.add(bob.id, replace(KEY, credential_id=b"other"))
    with store.read() as tx:
        assert len(tx.second_factors.of_user(bob.id)) == 1


def test_a_factor_is_used_and_removed(store: Store) -> None:
    """Counter and time of this factor change, the other stays; a removed one is gone."""
    ada = add_user(store)
    with store.write() as tx:
        app, key = tx.second_factors.add(ada.id, APP), tx.second_factors.add(ada.id, KEY)
        tx.second_factors.use(app.id, 18, NOW + MOMENT)
        assert list(tx.second_factors.of_user(ada.id)) == [
            replace(app, counter=18, last_used_at=NOW + MOMENT),
            key,
        ]
        tx.second_factors.remove(app.id)
        tx.second_factors.remove(app.id)
        assert list(tx.second_factors.of_user(ada.id)) == [key]


def test_recovery_codes_are_used_once(store: Store) -> None:
    """A code is its owner's, counts once, and newer ones take the place of all before."""
    ada, bob = add_user(store), add_user(store, "bob")
    with store.write() as tx:
        assert tx.second_factors.recovery_codes_left(ada.id) == 0
        tx.second_factors.put_recovery_codes(ada.id, [ONE, TWO])
        tx.second_factors.put_recovery_codes(bob.id, [ONE])
        assert tx.second_factors.recovery_codes_left(ada.id) == 2
        assert not tx.second_factors.take_recovery_code(bob.id, TWO)
        assert tx.second_factors.take_recovery_code(ada.id, ONE)
        assert not tx.second_factors.take_recovery_code(ada.id, ONE)
        assert tx.second_factors.recovery_codes_left(ada.id) == 1
        tx.second_factors.put_recovery_codes(ada.id, [THREE])
        assert not tx.second_factors.take_recovery_code(ada.id, TWO)
        assert tx.second_factors.recovery_codes_left(ada.id) == 1
        tx.second_factors.put_recovery_codes(ada.id, [])
        assert tx.second_factors.recovery_codes_left(ada.id) == 0
        assert tx.second_factors.recovery_codes_left(bob.id) == 1


# Attempts


def test_attempts_are_counted_by_bucket(store: Store) -> None:
    """The n-th newest failure of a bucket within the window, and none when there were fewer."""
    with store.write() as tx:
        for number in range(3):
            tx.attempts.add(["a", "all"], NOW + number * MOMENT, forget_until=NOW - HOUR)
        tx.attempts.add(["b", "all"], NOW + 9 * MOMENT, forget_until=NOW - HOUR)
    with store.read() as tx:
        nth = tx.attempts.nth_newest
        assert [nth("a", n, NOW - HOUR) for n in (1, 2, 3, 4)] == [NOW + 2 * MOMENT, NOW + MOMENT, NOW, None]
        assert nth("a", 3, NOW) is None
        assert nth("a", 2, NOW) == NOW + MOMENT
        assert nth("all", 4, NOW - HOUR) == NOW
        assert nth("b", 2, NOW - HOUR) is None
        assert nth("c", 1, NOW - HOUR) is None


def test_old_attempts_are_forgotten(store: Store) -> None:
    """As new failures come, what counts no more goes, in every bucket."""
    with store.write() as tx:
        tx.attempts.add(["a", "b"], NOW, forget_until=NOW - HOUR)
        tx.attempts.add(["a"], NOW + MOMENT, forget_until=NOW - HOUR)
        tx.attempts.add(["a"], NOW + HOUR, forget_until=NOW)
    with store.read() as tx:
        assert tx.attempts.nth_newest("a", 3, NOW - HOUR) is None
        assert tx.attempts.nth_newest("a", 2, NOW - HOUR) == NOW + MOMENT
        assert tx.attempts.nth_newest("b", 1, NOW - HOUR) is None
