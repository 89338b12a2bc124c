"""The machine door and other people's servers."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.api_door import ApiDoor, Told, api_door
from tests.support.forms import basic

from homeport.domain.manners import Host
from homeport.domain.robots import Robots, RobotsStatus
from homeport.flows.sign_in import add_user

PASSWORD = "correct horse battery stable"
NAME = "files.example.org:8080"
HOUR = timedelta(hours=1)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door that root administers; one host failed."""
    with api_door(tmp_path) as opened:
        add_user(opened.world, "root", "root@example.org", PASSWORD, is_admin=True)
        now = opened.world.clock.now()
        robots = Robots(RobotsStatus.READ, "User-agent: *", now + HOUR, 7.0)
        with opened.world.store.write() as tx:
            tx.hosts.put(Host(NAME, now, now, "", None, 3, now + HOUR, "timed-out", robots))
            tx.hosts.take(NAME, now.date(), 5)
        yield opened


def ask(door: ApiDoor, method: str, path: str, **body: Any) -> Told:
    """A call by the administrator."""
    return door.call(method, path, {"authorization": basic("root", PASSWORD)["Authorization"]}, **body)


def test_a_list_and_a_host(door: ApiDoor) -> None:
    """Both tell the same of a host, by its name in the address."""
    listed = ask(door, "GET", "/hosts?state=resting&q=files").json
    assert listed["after"] == ""
    (told,) = listed["hosts"]
    assert told == ask(door, "GET", "/hosts/files.example.org:8080").json
    assert (told["name"], told["state"], told["failures"], told["problem"]) == (
        NAME,
        "resting",
        3,
        "timed-out",
    )
    assert told["today"] == {
        "host_bytes": 5,
        "host_budget": None,
        "domain": "example.org",
        "domain_bytes": 0,
        "domain_budget": None,
    }
    assert told["robots"]["crawl_delay"] == 7.0
    assert told["frozen"] is None
    assert ask(door, "GET", "/hosts?state=frozen").json["hosts"] == []
    assert ask(door, "GET", "/hosts?state=asleep").status == 400


def test_freezing(door: ApiDoor) -> None:
    """Frozen with a reason, and unfrozen with another."""
    frozen = ask(door, "PUT", "/hosts/new.test/frozen", frozen=True, reason="Its domain was sold.").json
    assert (frozen["state"], frozen["frozen"]["by"], frozen["frozen"]["reason"]) == (
        "frozen",
        "root",
        "Its domain was sold.",
    )
    assert (
        ask(door, "PUT", "/hosts/new.test/frozen", frozen=False, reason="Bought back.").json["frozen"] is None
    )
    assert ask(door, "PUT", "/hosts/new.test/frozen", frozen=True).status == 400


def test_resting(door: ApiDoor) -> None:
    """A rest ends when somebody says so, and begins until when somebody says."""
    assert ask(door, "DELETE", f"/hosts/{NAME}/rest").json["state"] == "ready"
    until = (door.world.clock.now() + HOUR).isoformat()
    assert ask(door, "PUT", f"/hosts/{NAME}/rest", until=until).json["state"] == "resting"
    for wrong in ({"until": "soon"}, {}, {"until": "2001-01-01"}):
        assert ask(door, "PUT", f"/hosts/{NAME}/rest", **wrong).status == 400
