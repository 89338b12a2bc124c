"""Uploads of one name at once, over a real database and a real folder: one wins, and everybody knows who."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.forms import upload_fields
from tests.support.world import Real, add_person, real_world

from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.flows.upload import upload

# A test of a second or two; `HOMEPORT_RACES=200` takes its time.
ROUNDS_OF_TWO = int(os.environ.get("HOMEPORT_RACES", "25"))
FILES_OF_A_PROJECT = 5


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    """Real adapters."""
    with real_world(tmp_path) as real:
        yield real


class Race:
    """Many try to publish other bytes under one name, all at the same moment."""

    def __init__(self, real: Real, caller: Caller, project: str, version: str, runners: int) -> None:
        self._real, self._caller, self._project, self._version = real, caller, project, version
        self._start = threading.Barrier(runners)
        self.filename = f"{project}-{version}-py3-none-any.whl"
        self.rivals = [
            make_wheel(project, version, files={f"{project}/note.py": b"%d" % number})
            for number in range(runners)
        ]

    def run(self, pool: ThreadPoolExecutor) -> tuple[list[bytes], list[str]]:
        """The bytes that were published, and what the others were told."""
        published: list[bytes] = []
        told: list[str] = []
        for body, refusal in zip(self.rivals, pool.map(self._send, self.rivals), strict=True):
            if refusal:
                told.append(refusal)
            else:
                published.append(body)
        return published, told

    def hosted(self) -> dict[str, Sha256]:
        """What the project has of this version, by name."""
        with self._real.world.store.read() as tx:
            project = tx.projects.find(self._project)
            assert project is not None
            files = tx.files.of_project(project.id)
        return {file.filename: file.digests.sha256 for file in files if file.version.text == self._version}

    def _send(self, body: bytes) -> str:
        world = self._real.world
        form: dict[str, list[str]] = {}
        for name, value in upload_fields(self.filename, body):
            form.setdefault(name, []).append(value)
        with world.blobs.receive(world.limits.file_bytes) as incoming:
            incoming.write(body)
            self._start.wait(30)
            try:
                assert upload(world, self._caller, form, self.filename, incoming).is_new
            except Conflict as conflict:
                return f"{conflict.code}: {conflict.sentence}"
        return ""


def require_one_winner(race: Race, pool: ThreadPoolExecutor) -> None:
    """Exactly one was published, and everybody else was told so in the words that clients know."""
    published, told = race.run(pool)
    assert len(published) == 1
    assert race.hosted() == {race.filename: Sha256.of(published[0])}
    assert len(told) == len(race.rivals) - 1
    assert all(sentence.startswith(f"file-exists: File already exists: {race.filename}") for sentence in told)


def test_two_at_once_again_and_again(real: Real) -> None:
    """Of two at once exactly one wins, every time (W18); the ledger has one entry for each file."""
    ada = Caller(add_person(real.world, "ada"))
    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS_OF_TWO):
            project, version = divmod(number, FILES_OF_A_PROJECT)
            require_one_winner(Race(real, ada, f"lark{project}", f"{version}.0", 2), pool)
    with real.world.store.read() as tx:
        assert sum(1 for _ in tx.files.every()) == ROUNDS_OF_TWO


def test_fifty_at_once(real: Real) -> None:
    """Of fifty at once one wins, also when the project itself is not there yet."""
    ada = Caller(add_person(real.world, "ada"))
    with ThreadPoolExecutor(50) as pool:
        for version in ("1.0", "2.0", "3.0"):
            require_one_winner(Race(real, ada, "lark", version, 50), pool)
