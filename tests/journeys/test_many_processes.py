"""Several web processes over one home: what was answered as done is seen by all of them, at once."""

import http.client
import threading
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.index import SIMPLE_JSON, Index, running

pytestmark = pytest.mark.journey

_PROCESSES = 3
# Connections are dealt out by the system: with so many, no process is left out but once in a billion runs.
_CONNECTIONS = 48
_ROUNDS = 12


class Watcher:
    """Connections that stay open, so that the answers of every process are kept in its memory."""

    def __init__(self, index: Index) -> None:
        self._connections = [
            http.client.HTTPConnection("127.0.0.1", index.port, timeout=30) for _ in range(_CONNECTIONS)
        ]

    def see(self, path: str) -> list[bytes]:
        """What each of them is answered now."""
        seen = []
        for connection in self._connections:
            connection.request("GET", path, headers={"Accept": SIMPLE_JSON})
            seen.append(connection.getresponse().read())
        return seen

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections:
            connection.close()


def test_an_upload_is_seen_by_every_process_at_once(tmp_path: Path) -> None:
    """After the answer to an upload, a yank or a new project, no process shows the page or the list of before (S03)."""
    with running(tmp_path / "many", HOMEPORT_WORKERS=str(_PROCESSES)) as index:
        token = index.add_user("ada")
        watcher = Watcher(index)
        for number in range(_ROUNDS):
            name = f"finch-1.{number}-py3-none-any.whl"
            assert index.upload(name, make_wheel("finch", f"1.{number}"), token).status == 200
            assert all(name.encode() in page for page in watcher.see("/simple/finch/"))
        assert len(set(watcher.see("/simple/"))) == 1
        index.ask("release", "yank", "finch", "1.3", "--reason", "sings out of tune")
        assert all(b'"yanked":"sings out of tune"' in page for page in watcher.see("/simple/finch/"))
        index.ask("project", "create", "wren", "--owner", "ada")
        assert all(b'"name":"wren"' in page for page in watcher.see("/simple/"))
        watcher.close()


def test_nobody_ever_sees_less_than_before(tmp_path: Path) -> None:
    """While files arrive, a connection's pages only grow, and never lack a file whose upload was answered (S07)."""
    with running(tmp_path / "growing", HOMEPORT_WORKERS=str(_PROCESSES)) as index:
        token = index.add_user("ada")
        assert index.upload("finch-0-py3-none-any.whl", make_wheel("finch", "0"), token).status == 200
        answered = [1]
        problems: list[str] = []
        is_over = threading.Event()

        def look() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", index.port, timeout=30)
            seen = 0
            while not is_over.is_set() and not problems:
                wanted = answered[0]
                connection.request("GET", "/simple/finch/", headers={"Accept": SIMPLE_JSON})
                now = connection.getresponse().read().count(b'"filename"')
                if now < max(wanted, seen):
                    problems.append(f"{now} files, after {seen} and with {wanted} answered")
                seen = now
            connection.close()

        lookers = [threading.Thread(target=look) for _ in range(6)]
        for looker in lookers:
            looker.start()
        for number in range(1, 2 * _ROUNDS):
            done = index.upload(f"finch-{number}-py3-none-any.whl", make_wheel("finch", str(number)), token)
            assert done.status == 200
            answered[0] += 1
        is_over.set()
        for looker in lookers:
            looker.join()
        assert problems == []
