"""The table of drift: what each sight makes of a host, and what follows from its signs."""

from datetime import UTC, datetime, timedelta

import pytest

from homeport.domain.drift import (
    CONSEQUENCES,
    Consequence,
    HostMemory,
    HostSeen,
    Seen,
    Sign,
    Tls,
    consequence,
    judge_host,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
HOST = "site.test"
RENEWED = Tls("key-2", "R11, Some Authority, XX")
AUTHORITY = Tls("key-1", "R10, Some Authority, XX")

# A host


def after_sights(memory: HostMemory, *sights: tuple[timedelta, HostSeen]) -> list[Seen]:
    """What is told of the host when it is seen so, at these times."""
    told: list[Seen] = []
    for gap, seen in sights:
        memory, found = judge_host(memory, seen, NOW - DAY, NOW + gap)
        told += found
    return told


def test_first_sights_are_remembered_and_told_to_nobody() -> None:
    """Whatever a host shows first is what it is."""
    seen = HostSeen(True, AUTHORITY, frozenset({"ns1.test"}), NOW - WEEK, asked_about=True)
    memory, told = judge_host(HostMemory(HOST), seen, NOW - DAY, NOW)
    assert told == ()
    assert memory == HostMemory(HOST, AUTHORITY, frozenset({"ns1.test"}), NOW - WEEK, asked_at=NOW)


def test_what_is_not_seen_is_not_forgotten() -> None:
    """A look that shows nothing of the host leaves what is remembered."""
    memory = HostMemory(HOST, AUTHORITY, frozenset({"ns1.test"}), NOW - WEEK, NOW, NOW, NOW)
    assert judge_host(memory, HostSeen(), NOW - DAY, NOW) == (memory, ())


@pytest.mark.parametrize(
    ("now", "is_told"),
    [
        (AUTHORITY, False),
        (RENEWED, False),
        (Tls("key-1", "CA 1, Other Authority, YY"), False),
        (Tls("key-2", "CA 1, Other Authority, YY"), True),
        (Tls("key-2", "Some Authority, XX"), True),
        (Tls("key-2", "Home-made"), True),
    ],
)
def test_tls_is_new_when_key_and_issuer_are(now: Tls, is_told: bool) -> None:
    """A renewed certificate, from whichever of the authority's names, is nobody new; nor is the same key elsewhere."""
    memory, told = judge_host(HostMemory(HOST, AUTHORITY), HostSeen(tls=now), NOW, NOW)
    assert [one.sign for one in told] == ([Sign.NEW_TLS] if is_told else [])
    assert memory.tls == now
    assert judge_host(memory, HostSeen(tls=now), NOW, NOW)[1] == ()


@pytest.mark.parametrize(
    ("now", "is_told"),
    [({"a", "b"}, False), ({"b", "c"}, False), ({"a"}, False), (set[str](), False), ({"c", "d"}, True)],
)
def test_name_servers_are_new_when_none_was_there_before(now: set[str], is_told: bool) -> None:
    """Servers come and go; all of them at once is a move."""
    memory = HostMemory(HOST, name_servers=frozenset({"a", "b"}))
    _, told = judge_host(memory, HostSeen(name_servers=frozenset(now)), NOW, NOW)
    assert [one.sign for one in told] == ([Sign.NEW_NAME_SERVERS] if is_told else [])


@pytest.mark.parametrize(
    ("known", "now", "is_told"),
    [
        (None, NOW - WEEK, False),
        (None, NOW - DAY, False),
        (None, NOW, True),
        (NOW - WEEK, NOW, True),
        (NOW, NOW, False),
        (NOW, None, False),
    ],
)
def test_a_registration_after_the_consent(
    known: datetime | None, now: datetime | None, is_told: bool
) -> None:
    """A domain that was registered after the consent is told, until that registration is known."""
    memory = HostMemory(HOST, registered_at=known)
    _, told = judge_host(memory, HostSeen(registered_at=now), NOW - DAY, NOW)
    assert [one.sign for one in told] == ([Sign.REGISTERED_LATER] if is_told else [])


NAMELESS, NAMED = HostSeen(has_name=False), HostSeen(has_name=True)


@pytest.mark.parametrize(
    ("sights", "is_told"),
    [
        ([(0, NAMELESS), (1, NAMELESS), (8, NAMED)], True),
        ([(0, NAMELESS), (6, NAMELESS), (7, NAMED)], True),
        ([(0, NAMELESS), (6, NAMELESS), (6.9, NAMED)], False),
        ([(0, NAMELESS), (10, NAMED)], False),
        ([(0, NAMELESS), (0.5, NAMELESS), (10, NAMED)], False),
        ([(0, NAMELESS), (4, NAMED), (5, NAMELESS), (9, NAMED)], False),
        ([(0, NAMELESS), (4, HostSeen()), (5, NAMELESS), (9, NAMED)], True),
        ([(0, NAMELESS), (9, NAMELESS)], False),
        ([(0, NAMED), (9, NAMED)], False),
    ],
)
def test_a_name_that_lapsed(sights: list[tuple[float, HostSeen]], is_told: bool) -> None:
    """A name that was nobody's for a week, seen twice, a day apart, is told when somebody has it again."""
    told = after_sights(HostMemory(HOST), *((DAY * days, seen) for days, seen in sights))
    assert [one.sign for one in told] == ([Sign.NAME_LAPSED] if is_told else [])


# What follows


def test_every_sign_has_its_consequence() -> None:
    """No sign is without an answer to what follows of it."""
    assert set(CONSEQUENCES) == set(Sign)
    assert {sign for sign, follows in CONSEQUENCES.items() if follows is Consequence.TELL} == {
        Sign.GONE,
        Sign.MOVED,
    }


@pytest.mark.parametrize(
    ("sign", "is_shared", "others_changed", "follows"),
    [
        (Sign.OTHER_BYTES, False, False, Consequence.FREEZE),
        (Sign.OTHER_BYTES, True, False, Consequence.VOID),
        (Sign.OTHER_BYTES, True, True, Consequence.FREEZE),
        (Sign.NEW_TLS, True, False, Consequence.FREEZE),
        (Sign.GONE, False, False, Consequence.TELL),
    ],
)
def test_one_maintainer_freezes_no_host_of_many(
    sign: Sign, is_shared: bool, others_changed: bool, follows: Consequence
) -> None:
    """Bytes of one project that changed at a shared host cost it its consent, and nobody else anything."""
    assert consequence(sign, is_shared=is_shared, others_changed=others_changed) is follows
