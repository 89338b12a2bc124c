"""Registrations that wait for a worker: they hold nobody up, and end with its outcome or with a word of where it stands."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.api_door import ApiDoor, Told, api_door, exchange
from tests.support.forms import BOUNDARY, multipart

from homeport.domain.hosting import HostingMode
from homeport.flows.manage_project import create_project
from homeport.flows.rehost.registration import Registered
from homeport.ports.world import Limits, World

# More than a server has threads for its requests.
MANY = 60
PATIENCE = 4.0


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door without a worker behind it."""
    with api_door(tmp_path, Limits(registration_wait_seconds=PATIENCE)) as opened:
        create_project(opened.world, opened.user("ada"), "Lark", HostingMode.CACHE)
        yield opened


async def register(door: ApiDoor, token: dict[str, str], version: str) -> Told:
    """Register as distutils does."""
    body = multipart(
        [(":action", "submit"), ("metadata_version", "1.0"), ("name", "Lark"), ("version", version)]
    )
    headers = token | {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await exchange(door.app, "POST", "/legacy/", [body], headers)


def test_waiting_holds_no_thread(door: ApiDoor) -> None:
    """While more registrations wait than there are threads, others are answered; at last each is told to come again."""
    token = door.token("ada")

    async def main() -> list[Told]:
        waiting = [asyncio.create_task(register(door, token, f"1.{number}")) for number in range(MANY)]
        await asyncio.sleep(PATIENCE / 8)
        assert (await exchange(door.app, "GET", "/readyz")).status == 200
        assert not [task for task in waiting if task.done()], "all of them still wait"
        return await asyncio.gather(*waiting)

    for told in asyncio.run(main()):
        assert (told.status, told.headers["retry-after"]) == (503, "5")
        assert told.text.startswith("Still looking for files;")


def test_the_outcome_is_told_when_it_is_there(door: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registration that ends while its caller waits is answered then, with the files that are hosted now."""
    asked: list[int] = []

    def outcome(_world: World, rehost_id: int) -> Registered | None:
        asked.append(rehost_id)
        return Registered("lark", "1.0", ("lark-1.0.tar.gz",)) if len(asked) == 3 else None

    monkeypatch.setattr("homeport.api.upload.registration_outcome", outcome)
    began = time.monotonic()
    told = asyncio.run(register(door, door.token("ada"), "1.0"))
    assert (told.status, told.text) == (200, "lark-1.0.tar.gz\n")
    assert asked == [asked[0]] * 3
    assert time.monotonic() - began < PATIENCE


def test_a_project_without_crawling_waits_for_nobody(door: ApiDoor) -> None:
    """Where nothing is to be brought home, a registration is answered at once."""
    create_project(door.world, door.user("bob"), "Wren", HostingMode.ONLY)
    body = multipart(
        [(":action", "submit"), ("metadata_version", "1.0"), ("name", "wren"), ("version", "1.0")]
    )
    headers = door.token("bob") | {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    began = time.monotonic()
    told = door.ask("POST", "/pypi", [body], headers)
    assert (told.status, told.text) == (200, "OK\n")
    assert time.monotonic() - began < PATIENCE


def test_a_program_attaches_by_repeating(door: ApiDoor) -> None:
    """While no worker has come to the end of it, every repetition names the same run; other metadata must wait."""
    ada = door.token("ada")
    assert door.call("POST", "/projects", ada, name="demo", mode="pypi-cache").status == 201
    release = {
        "version": "1.0",
        "home_page": "https://site.test/",
        "project_urls": ["Download, https://site.test/d/"],
    }
    told = [door.call("POST", "/projects/demo/releases", ada, **release) for _ in range(3)]
    assert {one.status for one in told} == {202}
    assert {(one.json["rehost"], one.json["registered"]) for one in told} == {(1, False)}
    other = door.call("POST", "/projects/demo/releases", ada, version="1.0", summary="Another call.")
    assert (other.status, other.code) == (503, "registration-running")
    assert int(other.headers["retry-after"]) > 0


def test_a_program_registers_at_once_where_nothing_is_crawled(door: ApiDoor) -> None:
    """In pypi-only the metadata is all there is to register, and a file elsewhere is refused."""
    ada = door.token("ada")
    assert door.call("POST", "/projects", ada, name="demo").status == 201
    done = door.call("POST", "/projects/demo/releases", ada, version="1.0", summary="A lark.")
    assert (done.status, done.json["registered"], done.json["rehost"]) == (202, True, None)
    away = door.call(
        "POST",
        "/projects/demo/releases",
        ada,
        version="1.1",
        download_url="https://site.test/demo-1.1.tar.gz",
    )
    assert (away.status, away.code) == (409, "external-refused")
