"""Upload 2.0 at a running index: real installers at a stage, a large file in little memory, and the worker."""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.support.archives import make_wheel
from tests.support.clients import Pip, require_success, say_version, uv
from tests.support.index import Index, Reply, running
from tests.support.processes import family

pytestmark = pytest.mark.journey

MEDIA_TYPE = "application/vnd.pypi.upload.v2+json"
META = {"api-version": "2.0"}
LARGE_BYTES = 128 * 1024 * 1024
MEMORY_BYTES = 48 * 1024 * 1024
_CHUNK = bytes(1024 * 1024)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An index that takes stages."""
    with running(
        tmp_path_factory.mktemp("upload2"), HOMEPORT_UPLOAD2="yes", HOMEPORT_DISK_RESERVE="1MB"
    ) as index:
        yield index


@pytest.fixture(scope="module")
def token(index: Index) -> str:
    """Somebody's."""
    return index.add_user("ada")


@dataclass
class Client:
    """Somebody who speaks Upload 2.0."""

    index: Index
    token: str
    session: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, url: str, **body: Any) -> Reply:
        """One call with a document."""
        data = json.dumps({"meta": META, **body}) if method == "POST" else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": MEDIA_TYPE}
        return self.index.request(method, url.removeprefix(self.index.url), data, headers)

    def open(self, name: str) -> None:
        """Open a session."""
        reply = self.call("POST", "/upload/2.0/", name=name, version="1.0")
        assert reply.status == 201, reply.text
        self.session = reply.json()

    def announce(self, filename: str, size: int, sha256: str) -> dict[str, Any]:
        """Announce a file."""
        values = {
            "filename": filename,
            "size": size,
            "hashes": {"sha256": sha256},
            "mechanism": "http-post-bytes",
        }
        reply = self.call("POST", self.session["links"]["upload"], **values)
        assert reply.status == 202, reply.text
        file: dict[str, Any] = reply.json()
        return file

    def send(self, file: dict[str, Any], body: Any, size: int) -> Reply:
        """Send its bytes."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/octet-stream",
            "Content-Length": str(size),
        }
        path = file["mechanism"]["file_url"].removeprefix(self.index.url)
        return self.index.request("POST", path, body, headers)

    def stage(self, filename: str, data: bytes) -> None:
        """A whole file."""
        file = self.announce(filename, len(data), hashlib.sha256(data).hexdigest())
        assert self.send(file, data, len(data)).status == 200
        assert self.call("POST", file["links"]["complete"]).status == 201

    def status(self) -> str:
        """How the session stands."""
        return str(self.call("GET", self.session["links"]["session"]).json()["status"])


def test_u13_installers_at_a_stage(index: Index, token: str, pip: Pip, tmp_path: Path) -> None:
    """U13, U09: pip and uv install from a stage beside the index, without credentials, and from the index when it is public."""
    ada = Client(index, token)
    ada.open("skylark")
    ada.stage("skylark-1.0-py3-none-any.whl", make_wheel("skylark", "1.0"))
    assert index.simple("skylark") == {}
    stage = ada.session["links"]["stage"]

    by_pip, by_uv = tmp_path / "by-pip", tmp_path / "by-uv"
    require_success(
        pip.from_index(index, "install", "--extra-index-url", stage, "--target", str(by_pip), "skylark")
    )
    assert say_version(sys.executable, by_pip, "skylark") == "1.0"
    urls = ("--index-url", f"{index.url}/simple/", "--extra-index-url", stage)
    require_success(
        uv(tmp_path, "pip", "install", "--python", sys.executable, *urls, "--target", str(by_uv), "skylark")
    )
    assert say_version(sys.executable, by_uv, "skylark") == "1.0"

    assert ada.call("POST", ada.session["links"]["publish"]).status == 201
    assert index.request("GET", f"{stage.removeprefix(index.url)}skylark/").status == 404
    require_success(pip.install(index, tmp_path / "public", "skylark"))


def peak_bytes(index: Index) -> int:
    """The most memory that any one process of the index ever had."""
    peaks = []
    for process in family(index.process.pid):
        status = Path(f"/proc/{process.pid}/status").read_text()
        peaks += [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")]
    return max(peaks)


def test_a_large_file_in_little_memory(index: Index, token: str) -> None:
    """A file of any size comes in constant memory, and one that is canceled is never public."""
    ada = Client(index, token)
    ada.open("whale")
    digest = hashlib.sha256()
    for _ in range(LARGE_BYTES // len(_CHUNK)):
        digest.update(_CHUNK)
    file = ada.announce("whale-1.0-py3-none-any.whl", LARGE_BYTES, digest.hexdigest())
    before = peak_bytes(index)
    body = (_CHUNK for _ in range(LARGE_BYTES // len(_CHUNK)))
    reply = ada.send(file, body, LARGE_BYTES)
    assert reply.status == 200, reply.text
    assert peak_bytes(index) - before < MEMORY_BYTES
    assert ada.call("DELETE", ada.session["links"]["session"]).status == 204
    assert index.incoming() == []


def test_a_worker_publishes_what_is_large(index: Index, token: str) -> None:
    """U10: more files than are published at once are published by the worker: all of them, or none yet."""
    ada = Client(index, token)
    ada.open("flock")
    names = [f"flock-1.0-{number}-py3-none-any.whl" for number in range(1, 52)]
    for number, name in enumerate(names, 1):
        ada.stage(name, make_wheel("flock", "1.0", build=str(number)))
    assert ada.call("POST", ada.session["links"]["publish"]).status == 202
    deadline = time.monotonic() + 30
    while (status := ada.status()) == "processing":
        assert len(index.simple("flock")) in {0, len(names)}
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status == "published"
    assert set(index.simple("flock")) == set(names)
