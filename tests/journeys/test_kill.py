"""Kill -9, again and again: what was acknowledged is there, nothing is there by half, and what was begun goes on.

``HOMEPORT_KILLS`` is how often each kind of work is killed, ``HOMEPORT_KILL_SEED`` repeats a run's moments. They are
spread evenly over the measured duration of the work, so that every part of it is hit.
"""

import hashlib
import http.client
import itertools
import os
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.support.abroad import Abroad
from tests.support.archives import make_sdist, make_wheel
from tests.support.audit import problems
from tests.support.index import Index
from tests.support.mistakes import COMMIT_BEFORE_BYTES

from homeport.adapters.db.driver import sqlite_driver
from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.fetching import Wish
from homeport.domain.hosting import HostingMode
from homeport.domain.rehost import Bytes, State
from homeport.flows.manage_project import add_source, create_project
from homeport.flows.rehost.review import Choice, accept, fetch, show_rehost
from homeport.flows.rehost.start import start_plan
from homeport.flows.sign_in import find_user
from homeport.settings import read_settings
from homeport.wiring import open_world

KILLS = int(os.environ.get("HOMEPORT_KILLS", "6"))
SEED = int(os.environ.get("HOMEPORT_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
# Every kill is followed by a look at the whole index: a long run begins anew before that takes longer than the work.
MOST_OF_ONE_INDEX = 100
RUNS = [min(MOST_OF_ONE_INDEX, KILLS - done) for done in range(0, KILLS, MOST_OF_ONE_INDEX)]
# Under load a start may take seconds; this is for a run that hangs.
pytestmark = [pytest.mark.journey, pytest.mark.kill, pytest.mark.timeout(180 + 20 * max(RUNS))]

SENDERS = 3


def moments(seconds: float, kills: int) -> Iterator[float]:
    """So many moments spread evenly over ``seconds``, in random order."""
    print(f"HOMEPORT_KILL_SEED={SEED} repeats these moments")  # noqa: T201 - shown when the test fails
    chance = random.Random(SEED)  # noqa: S311 - moments, not secrets
    spread = [seconds * (number + chance.random()) / kills for number in range(kills)]
    chance.shuffle(spread)
    return iter(spread)


class Senders:
    """Uploads from several threads, until the index is killed; ``acknowledged`` is what was answered with success."""

    def __init__(self, index: Index, token: str) -> None:
        self.acknowledged: dict[str, str] = {}
        self._index, self._token = index, token
        self._numbers = itertools.count(1)
        self._threads: list[threading.Thread] = []
        self._is_over = threading.Event()

    def start(self) -> None:
        """Begin to send."""
        self._is_over.clear()
        self._threads = [threading.Thread(target=self._send, args=(kind,)) for kind in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def wait_for(self, count: int) -> None:
        """Wait until so many more are acknowledged."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + 60
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, self._index.log()
            time.sleep(0.005)

    def stop(self) -> None:
        """Wait until nobody sends any more."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, kind: int) -> None:
        while not self._is_over.is_set():
            filename, data = self._file(kind, next(self._numbers))
            try:
                reply = self._index.upload(filename, data, self._token)
            except (OSError, http.client.HTTPException):
                return
            if reply.status == 200:
                self.acknowledged[filename] = hashlib.sha256(data).hexdigest()

    @staticmethod
    def _file(kind: int, number: int) -> tuple[str, bytes]:
        """A release of a project that is there, a large one, or the first of a new project."""
        if kind == 0:
            return f"flock-{number}-py3-none-any.whl", make_wheel("flock", str(number))
        if kind == 1:
            noise = {"noise.bin": hashlib.shake_256(bytes(f"{number}", "ascii")).digest(400_000)}
            return f"swan-{number}.tar.gz", make_sdist("swan", str(number), files=noise)
        return f"egg{number}-1.0.tar.gz", make_sdist(f"egg{number}", "1.0")


def seconds_of_uploads(index: Index, senders: Senders) -> float:
    """What a dozen uploads take after a start; then everything is killed."""
    index.start("web")
    began = time.monotonic()
    senders.start()
    senders.wait_for(12)
    took = time.monotonic() - began
    index.kill()
    senders.stop()
    return took


@pytest.mark.parametrize("kills", RUNS)
def test_uploads(own: Index, kills: int) -> None:
    """However often every process is killed during uploads, what was acknowledged is hosted, whole and once."""
    index, senders = own, Senders(own, own.add_user("ada"))
    for number, moment in enumerate(moments(seconds_of_uploads(index, senders), kills)):
        # The worker has no part in it, and takes the longest to start.
        index.start("web" if number % 5 else "serve")
        assert problems(index.home, senders.acknowledged) == []
        assert index.incoming() == [], "a start sweeps what a crash left"
        senders.start()
        time.sleep(moment)
        index.kill()
        senders.stop()
    index.start()
    assert len(senders.acknowledged) > kills
    assert problems(index.home, senders.acknowledged) == []
    for filename, sha256 in senders.acknowledged.items():
        data = index.request("GET", f"/files/{sha256}/{filename}").body
        assert hashlib.sha256(data).hexdigest() == sha256, filename
    assert index.json("verify")["problems"] == []
    assert index.json("ledger", "verify")["problem"] is None
    assert index.stop() == 0
    index.require_no_traceback()


class Homecoming:
    """Projects that come home one after another, with a worker that is killed meanwhile."""

    def __init__(self, index: Index, abroad: Abroad) -> None:
        self.index, self.abroad = index, abroad
        self.published: dict[str, str] = {}
        self.states: Counter[State] = Counter()
        index.add_user("ada")
        index.environment["HOMEPORT_PLAN_FETCHES"] = "4"
        self._world = open_world(read_settings(index.environment, index.home))
        self._ada = Caller(find_user(self._world, "ada"))
        self._numbers = itertools.count(1)
        self._begin()

    def _begin(self) -> None:
        """A project with files outside, and the wish for a plan; every other one is large: its files are only listed."""
        number = next(self._numbers)
        self._project = f"goose{number}"
        self._files = self.abroad.wheels(
            self._project, *("1.0", "1.1", "1.2", "1.3", "1.4")[: 4 + number % 2]
        )
        create_project(self._world, self._ada.user, self._project, HostingMode.CACHE)
        add_source(self._world, self._ada, self._project, "homepage", f"{self.abroad.url}/")
        self._rehost = start_plan(self._world, self._ada, self._project).id

    def look(self) -> State:
        """Fetch what is only listed, agree when a plan is ready; go on to the next project when all of one is published."""
        view = show_rehost(self._world, self._ada, self._rehost)
        state = view.rehost.state
        if state is State.PLANNED and any(item.bytes is Bytes.LISTED for item in view.plan.items):
            fetch(self._world, self._ada, self._rehost, Wish(everything=True))
        elif state is State.PLANNED:
            accept(self._world, self._ada, self._rehost, Choice(view.digest, Basis.AUTHOR))
        elif state is State.PUBLISHED:
            for name, data in self._files.items():
                self.published[name] = hashlib.sha256(data).hexdigest()
            self._begin()
        else:
            assert state.is_running, (state, view.rehost.problem)
        return state

    def start_worker(self) -> None:
        """Start one, and wait until it works."""
        seen = self.index.log().count("worker ready")
        self.index.spawn("worker")
        while self.index.log().count("worker ready") == seen:
            assert self.index.process.poll() is None, self.index.log()
            time.sleep(0.01)

    def kill(self) -> None:
        """Kill the worker; the lease of the turn that it had at a host, most of a minute, is over at once."""
        self.index.kill()
        in_database("UPDATE hosts SET held_until = NULL")(self.index.home)

    def watch(self, seconds: float) -> State:
        """Look again and again for so long; the state at the end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            time.sleep(0.01)
        return self.look()

    def watch_one(self) -> float:
        """Look until one more project is at home; the seconds it took."""
        began, before = time.monotonic(), len(self.published)
        while len(self.published) == before:
            assert time.monotonic() < began + 90, self.index.log()
            self.look()
            time.sleep(0.01)
        return time.monotonic() - began


@pytest.mark.parametrize("kills", RUNS)
def test_rehosts(own: Index, abroad: Abroad, kills: int) -> None:
    """However often the worker is killed while it plans and publishes, every run finishes: nothing twice, nothing half."""
    index, coming = own, Homecoming(own, abroad)
    coming.start_worker()
    duration = coming.watch_one()
    coming.kill()
    for number, moment in enumerate(moments(duration, kills)):
        if number % 5:
            coming.start_worker()
        else:
            # Now and then it is killed while it starts, or takes up what was left.
            index.spawn("worker")
        coming.states[coming.watch(moment)] += 1
        coming.kill()
        assert problems(index.home, coming.published) == []
    coming.start_worker()
    coming.watch_one()
    index.stop()
    print(f"states at the kills: {dict(coming.states)}")  # noqa: T201 - shown when the test fails
    assert problems(index.home, coming.published) == []
    assert len(coming.states) > 1 or kills <= 10, "the kills met one state only"
    assert index.json("verify")["problems"] == []
    index.require_no_traceback()


def test_finds_a_planted_mistake(own: Index, tmp_path: Path) -> None:
    """An index that commits the row before its bytes are kept does not get through these kills."""
    (tmp_path / "sitecustomize.py").write_text(COMMIT_BEFORE_BYTES)
    index, senders = own, Senders(own, own.add_user("ada"))
    index.environment["PYTHONPATH"] = str(tmp_path)
    for _ in range(5):
        index.start("web")
        senders.start()
        senders.wait_for(5)
        index.kill()
        senders.stop()
        if found := problems(index.home, senders.acknowledged):
            assert all("is listed and has no bytes" in problem for problem in found)
            return
    pytest.fail("five kills in the middle of uploads found nothing")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """A stopped home with uploaded and brought-home files, in which all is well."""
    index = Index(tmp_path_factory.mktemp("sound"))
    token = index.add_user("ada")
    index.start("web")
    for version in ("1.0", "1.1"):
        assert index.upload(f"flock-{version}.tar.gz", make_sdist("flock", version), token).status == 200
    index.stop()
    return index


def acknowledged(index: Index) -> dict[str, str]:
    """What was uploaded there."""
    with closing(sqlite_driver().connect(index.home / "homeport.db")) as database:
        return dict(database.execute("SELECT filename, sha256 FROM files").fetchall())


def in_database(*statements: str) -> Callable[[Path], None]:
    """Damage done by SQL."""

    def damage(home: Path) -> None:
        with closing(sqlite_driver().connect(home / "homeport.db", isolation_level=None)) as database:
            for statement in statements:
                database.execute(statement)

    return damage


def of_a_blob(change: Callable[[Path], object]) -> Callable[[Path], None]:
    """Damage done to the bytes of one file."""

    def damage(home: Path) -> None:
        change(next(path for path in (home / "blobs").glob("??/??/*")))

    return damage


def of_the_database_file(home: Path) -> None:
    """Bytes of the database overwritten in its middle."""
    with (home / "homeport.db").open("r+b") as file:
        file.seek(4096 * 12)
        file.write(b"\xa5" * 4096 * 3)


NO_TRIGGERS = ("DROP TRIGGER ledger_update", "DROP TRIGGER ledger_delete")
DAMAGES: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "a blob is gone": (of_a_blob(Path.unlink), "is listed and has no bytes"),
    "a blob is cut": (of_a_blob(lambda path: os.truncate(path, 100)), "has other bytes than its row says"),
    "a blob is changed": (
        of_a_blob(lambda path: path.write_bytes(b"evil")),
        "has other bytes than its row says",
    ),
    "a name is that of other bytes": (
        of_a_blob(lambda path: path.with_name("0" * 64).write_bytes(b"half")),
        "is the name of other bytes",
    ),
    "a ledger entry is changed": (
        in_database(
            *NO_TRIGGERS, "UPDATE ledger SET body = CAST(replace(body, 'ada', 'eve') AS BLOB) WHERE seq = 2"
        ),
        "Entry 2 was changed",
    ),
    "a ledger entry is gone": (
        in_database(*NO_TRIGGERS, "DELETE FROM ledger WHERE seq = 3"),
        "Entry 3 is missing",
    ),
    "the last ledger entry is gone": (
        in_database(*NO_TRIGGERS, "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)"),
        "has 0 ledger entries and 1 rows",
    ),
    "a row is gone": (in_database("DELETE FROM files WHERE id = 1"), "was acknowledged with"),
    "a row is changed": (
        in_database("UPDATE files SET sha256 = replace(sha256, substr(sha256, 1, 1), 'z') WHERE id = 1"),
        "was acknowledged with",
    ),
    "a page is gone": (in_database("DELETE FROM pages WHERE normalized = 'flock'"), "the page of flock"),
    "a page is stale": (
        in_database(
            "UPDATE pages SET body = CAST(replace(body, '1.1', '1.0') AS BLOB) "
            "WHERE normalized = 'flock' AND form = 'json' AND coding = 'identity'"
        ),
        "the page of flock in identity",
    ),
    "a page is another's in one coding": (
        in_database(
            "UPDATE pages SET body = x'1f8b08000000000000ffabae050043bfa6a302000000' "
            "WHERE normalized = 'flock' AND coding = 'gzip' AND form = 'html'"
        ),
        "the HTML page of flock in gzip",
    ),
    "the list is stale": (
        # An empty block of deflate: nobody is listed.
        in_database("UPDATE list_segments SET deflated = x'0300'"),
        "the list of projects",
    ),
    "a project without owner": (in_database("DELETE FROM roles"), "belongs to nobody"),
    "a file without consent": (in_database("UPDATE files SET origin = 'rehost'"), "without a use of consent"),
    "a project of nowhere": (in_database("UPDATE releases SET project_id = 77"), "foreign key"),
    "the database is torn": (of_the_database_file, ""),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_audit_sees(sound: Index, tmp_path: Path, case: str) -> None:
    """The audit that every kill is followed by reports each damage done by hand, and nothing in a sound home."""
    kept = acknowledged(sound)
    assert len(kept) == 2
    assert problems(sound.home, kept) == []
    home = tmp_path / "damaged"
    shutil.copytree(sound.home, home)
    damage, words = DAMAGES[case]
    damage(home)
    found: list[str] = ["the database cannot be read"]
    with suppress(sqlite_driver().DatabaseError):
        found = problems(home, kept)
    assert any(words in problem for problem in found), found
