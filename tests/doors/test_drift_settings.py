"""The settings of the drift watch, and what the world is built with."""

from datetime import timedelta
from pathlib import Path

import pytest

from homeport.adapters.net.name_servers import DnsNameServers
from homeport.domain.drift import DriftPolicy
from homeport.domain.errors import Invalid
from homeport.domain.resolver import Resolver
from homeport.settings import read_settings
from homeport.wiring import open_world

RDAP = "https://data.example.org/rdap/dns.json"


def test_by_default_it_looks_weekly_and_asks_nobody(tmp_path: Path) -> None:
    """Sources are looked at once a week; name servers and registries are asked when an operator names them."""
    drift = read_settings({}, tmp_path).drift
    assert (drift.every, drift.rdap_url, drift.resolver) == (timedelta(days=7), "", None)
    world = open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))
    assert (world.drift, world.names) == (DriftPolicy(), None)


def test_what_an_operator_says(tmp_path: Path) -> None:
    """Days, registries and a resolver reach the world; no days turn it off."""
    said = {
        "HOMEPORT_HOME": str(tmp_path),
        "HOMEPORT_DRIFT_DAYS": "1",
        "HOMEPORT_RDAP_URL": RDAP,
        "HOMEPORT_RESOLVER": "192.0.2.53:5353",
    }
    settings = read_settings(said, tmp_path)
    assert settings.drift.resolver == Resolver("192.0.2.53", 5353)
    world = open_world(settings)
    assert world.drift == DriftPolicy(timedelta(days=1), RDAP)
    assert isinstance(world.names, DnsNameServers)
    off = read_settings({"HOMEPORT_DRIFT_DAYS": "0"}, tmp_path)
    assert off.drift.every == timedelta()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DRIFT_DAYS", "-1", "is not a number of days"),
        ("DRIFT_DAYS", "weekly", "is not a number of days"),
        ("RDAP_URL", "http://data.example.org/dns.json", "is not https"),
        ("RDAP_URL", "dns.json", "absolute URL"),
        ("RESOLVER", "dns.example.org", "is not an address"),
    ],
)
def test_what_is_refused(name: str, value: str, says: str, tmp_path: Path) -> None:
    """What cannot be meant is refused with what was wanted."""
    with pytest.raises(Invalid, match=says):
        read_settings({f"HOMEPORT_{name}": value}, tmp_path)
