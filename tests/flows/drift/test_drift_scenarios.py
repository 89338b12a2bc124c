"""T-08 over the simulator and a fake clock: what freezes a host, and what must not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.drift import BODY, FILE, FIRST_TLS, HOST, RDAP, VALIDATORS, Home, begin_home
from tests.support.outside import MISSING, Answer, Mood, page, redirect

from homeport.domain.drift import Sign, State
from homeport.ports.fetch import TlsFacts

OTHER = bytes(reversed(BODY))
URL = f"https://{HOST}/{FILE}"
OTHER_AUTHORITY = TlsFacts("TLSv1.3", "leaf-2", "CA 1, Other Authority, YY", "key-2")
Scenario = Callable[[Home], list[Sign]]


def other_bytes(home: Home) -> list[Sign]:
    """As many bytes as before, and others, with other validators."""
    home.has(OTHER, (("etag", '"two"'),))
    return home.passes()


def longer(home: Home) -> list[Sign]:
    """The same bytes, and more."""
    home.has(BODY + b"!", ())
    return home.passes()


def shorter(home: Home) -> list[Sign]:
    """A part of the bytes, as if that were all."""
    home.has(BODY[:-1], ())
    return home.passes()


def parked(home: Home) -> list[Sign]:
    """Every address of the site is one page now."""
    home.outside.put(URL, page("<h1>This domain is for sale"))
    return home.passes()


def old_validators(home: Home) -> list[Sign]:
    """Other bytes behind the validators and the size of ours: found when the bytes are read again."""
    home.has(OTHER, VALIDATORS)
    assert home.passes(60) == []
    return home.passes(60)


def elsewhere_and_other(home: Home) -> list[Sign]:
    """A redirect to another host, which has other bytes."""
    home.outside.put(URL, redirect(f"https://cdn.test/{FILE}"))
    home.has(OTHER, (), f"https://cdn.test/{FILE}")
    return home.passes()


def gone_then_other(home: Home) -> list[Sign]:
    """Nothing for a month, then something else."""
    home.outside.put(URL, MISSING)
    assert home.passes(30) == [Sign.GONE]
    home.has(OTHER, ())
    return home.passes()


def key_and_issuer(home: Home) -> list[Sign]:
    """Another key, which another authority vouches for; the same bytes."""
    home.seen.tls[HOST] = OTHER_AUTHORITY
    return home.passes()


def key_and_issuer_of_a_redirecting_host(home: Home) -> list[Sign]:
    """The same, where the host only leads on; its own certificate counts."""
    home.outside.put(URL, redirect(f"https://cdn.test/{FILE}"))
    home.has(BODY, (), f"https://cdn.test/{FILE}")
    assert home.passes() == [Sign.MOVED]
    home.seen.tls[HOST] = OTHER_AUTHORITY
    return home.passes()


def name_servers(home: Home) -> list[Sign]:
    """The domain is served by others altogether; the same bytes."""
    home.names.servers[HOST] = frozenset({"ns1.parking.test", "ns2.parking.test"})
    return home.passes()


def registered_anew(home: Home) -> list[Sign]:
    """The domain was registered after the consent; the same bytes."""
    home.registered(home.world.clock.now())
    return home.passes()


def lapsed(home: Home) -> list[Sign]:
    """The name is nobody's for a week and the time between two looks, and comes back with the same bytes."""
    home.outside.move(HOST)
    assert home.passes(17) == [Sign.GONE]
    home.outside.move(HOST, "203.0.114.8")
    return home.passes()


def taken_over(home: Home) -> list[Sign]:
    """Everything at once: lapsed, registered anew, served by others, vouched for by others, the bytes as they were."""
    home.outside.move(HOST)
    home.passes(20)
    home.outside.move(HOST, "203.0.114.8")
    home.registered(home.world.clock.now())
    home.names.servers[HOST] = frozenset({"ns1.parking.test"})
    home.seen.tls[HOST] = OTHER_AUTHORITY
    return home.passes()


FREEZES: dict[Scenario, set[Sign]] = {
    other_bytes: {Sign.OTHER_BYTES},
    longer: {Sign.OTHER_BYTES},
    shorter: {Sign.OTHER_BYTES},
    parked: {Sign.OTHER_BYTES},
    old_validators: {Sign.OTHER_BYTES},
    elsewhere_and_other: {Sign.OTHER_BYTES},
    gone_then_other: {Sign.OTHER_BYTES},
    key_and_issuer: {Sign.NEW_TLS},
    key_and_issuer_of_a_redirecting_host: {Sign.NEW_TLS},
    name_servers: {Sign.NEW_NAME_SERVERS},
    registered_anew: {Sign.REGISTERED_LATER},
    lapsed: {Sign.NAME_LAPSED},
    taken_over: {Sign.NAME_LAPSED, Sign.REGISTERED_LATER, Sign.NEW_NAME_SERVERS, Sign.NEW_TLS},
}


@pytest.mark.parametrize("scenario", FREEZES, ids=lambda one: one.__name__)
def test_what_freezes(scenario: Scenario, tmp_path: Path) -> None:
    """The host is frozen, no standing consent names it, everybody concerned is told once, and our files stay."""
    with begin_home(tmp_path) as home:
        assert set(scenario(home)) == FREEZES[scenario]
        assert home.is_frozen()
        assert not home.consents_to(HOST)
        assert home.consents_to("other.test")
        assert len(home.notices(home.admin, "host-frozen")) == 1
        told = len(home.notices(home.owner, "drift"))
        asked = len(home.outside.asked)
        assert home.passes(30) == []
        assert len(home.notices(home.owner, "drift")) == told
        assert len(home.outside.asked) == asked


def nothing(home: Home) -> list[Sign]:
    """Nothing changes."""
    return home.passes(40)


def without_conditions(home: Home) -> list[Sign]:
    """The site has validators and does not compare them."""
    home.outside.put(URL, *[Answer(405), Answer(body=BODY)] * 3, Answer(body=BODY))
    return home.passes(40)


def new_validators(home: Home) -> list[Sign]:
    """The same bytes under other validators."""
    home.has(BODY, (("etag", '"two"'),))
    return home.passes()


def no_validators(home: Home) -> list[Sign]:
    """The same bytes, and nothing is said of them."""
    home.has(BODY, ())
    return home.passes(40)


def weak_validators(home: Home) -> list[Sign]:
    """The same bytes, with a validator that does not stand for bytes."""
    home.has(BODY, (("etag", 'W/"one"'),))
    return home.passes(40)


def renewed(home: Home) -> list[Sign]:
    """A renewed certificate: another key, another of the names of the same authority."""
    home.seen.tls[HOST] = TlsFacts("TLSv1.3", "leaf-2", "R11, Some Authority, XX", "key-2")
    return home.passes()


def other_authority_same_key(home: Home) -> list[Sign]:
    """The same key, which another authority vouches for."""
    home.seen.tls[HOST] = replace(OTHER_AUTHORITY, key_sha256=FIRST_TLS.key_sha256)
    return home.passes()


def down_for_an_hour(home: Home) -> list[Sign]:
    """The site is down when it is looked at, and up again an hour later."""
    home.outside.put(URL, Answer(mood=Mood.HANGS_UP), Answer(mood=Mood.HANGS_UP), Answer(body=BODY))
    return home.passes(20)


def errors_for_days(home: Home) -> list[Sign]:
    """The site answers 503 for five days."""
    home.outside.put(URL, Answer(503))
    told = home.passes(5)
    home.has(BODY)
    return told + home.passes()


def missing_for_a_moment(home: Home) -> list[Sign]:
    """One look finds nothing there, the next one does."""
    home.outside.put(URL, Answer(404), Answer(404), Answer(body=BODY))
    return home.passes(20)


def gone(home: Home) -> list[Sign]:
    """The site has it no more."""
    home.outside.put(URL, MISSING)
    return home.passes(40)


def silent(home: Home) -> list[Sign]:
    """The site never answers again, and keeps its name."""
    home.outside.put(URL, Answer(mood=Mood.SILENT))
    return home.passes(40)


def gone_and_back(home: Home) -> list[Sign]:
    """Gone for weeks, then the same bytes are there again."""
    home.outside.put(URL, Answer(410))
    told = home.passes(20)
    home.has(BODY)
    return told + home.passes()


def moved(home: Home) -> list[Sign]:
    """The same bytes on another host."""
    home.outside.put(URL, redirect(f"https://cdn.test/{FILE}"))
    home.has(BODY, (), f"https://cdn.test/{FILE}")
    return home.passes(40)


def moved_within(home: Home) -> list[Sign]:
    """A redirect within the host."""
    home.outside.put(URL, redirect("/archive/demo.tar.gz"))
    home.has(BODY, (), f"https://{HOST}/archive/demo.tar.gz")
    return home.passes(20)


def server_added(home: Home) -> list[Sign]:
    """One more name server."""
    home.names.servers[HOST] |= {"ns3.dns.test"}
    return home.passes()


def server_retired(home: Home) -> list[Sign]:
    """One name server less, and a new one beside the other."""
    home.names.servers[HOST] = frozenset({"ns2.dns.test", "ns9.dns.test"})
    return home.passes()


def servers_unknown(home: Home) -> list[Sign]:
    """The resolver does not say who serves the domain."""
    home.names.servers.clear()
    return home.passes()


def registration_renewed(home: Home) -> list[Sign]:
    """The domain was renewed and transferred to another registrar; its registration is as old as it was."""
    now = home.world.clock.now()
    actions = ("expiration", "transfer", "last changed")
    more = [{"eventAction": action, "eventDate": now.isoformat()} for action in actions]
    home.registered(now - timedelta(days=3_000), *more)
    return home.passes()


def registry_silent(home: Home) -> list[Sign]:
    """Neither the list of registries nor a registry answers."""
    home.outside.put(RDAP, Answer(mood=Mood.SILENT))
    home.outside.put(f"https://rdap.registry.test/domain/{HOST}", Answer(500))
    return home.passes()


def nameless_for_days(home: Home) -> list[Sign]:
    """The name has no address for three days."""
    home.outside.move(HOST)
    told = home.passes(3)
    home.outside.move(HOST, "203.0.114.8")
    return told + home.passes()


def worker_stood_still(home: Home) -> list[Sign]:
    """One look found no name, and then nobody looked for a month."""
    home.outside.move(HOST)
    while home.state() is not State.SILENT:
        home.passes(1 / 8)
    home.outside.move(HOST, "203.0.114.8")
    home.fakes.clock.advance(timedelta(days=30))
    return home.passes()


def cut_off(home: Home) -> list[Sign]:
    """The answer breaks off before its end."""
    home.has(BODY, (), mood=Mood.BREAKS_OFF)
    return home.passes(2)


def issuer_unreadable(home: Home) -> list[Sign]:
    """A certificate whose issuer has none of the names that are compared."""
    home.seen.tls[HOST] = replace(OTHER_AUTHORITY, issuer="")
    return home.passes()


BENIGN: dict[Scenario, list[Sign]] = {
    nothing: [],
    without_conditions: [],
    new_validators: [],
    no_validators: [],
    weak_validators: [],
    renewed: [],
    other_authority_same_key: [],
    down_for_an_hour: [],
    errors_for_days: [],
    missing_for_a_moment: [],
    gone: [Sign.GONE],
    silent: [Sign.GONE],
    gone_and_back: [Sign.GONE],
    moved: [Sign.MOVED],
    moved_within: [],
    server_added: [],
    server_retired: [],
    servers_unknown: [],
    registration_renewed: [],
    registry_silent: [],
    nameless_for_days: [],
    worker_stood_still: [],
    cut_off: [],
    issuer_unreadable: [],
}


@pytest.mark.parametrize("scenario", BENIGN, ids=lambda one: one.__name__)
def test_what_does_not_freeze(scenario: Scenario, tmp_path: Path) -> None:
    """Nothing is frozen and no consent is void; what is gone or moved is told once, to those who maintain it."""
    with begin_home(tmp_path) as home:
        assert scenario(home) == BENIGN[scenario]
        assert not home.is_frozen()
        assert home.consents_to(HOST)
        assert len(home.notices(home.owner, "drift")) == len(BENIGN[scenario])
        assert home.notices(home.admin, "host-frozen", "drift") == []


def test_there_are_enough() -> None:
    """T-08 asks for twelve scenarios that freeze, and for twenty that do not."""
    assert len(FREEZES) >= 12
    assert len(BENIGN) >= 20
