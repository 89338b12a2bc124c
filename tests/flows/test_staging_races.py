"""Staging by many at once, over a real database and a real folder; and by some who are killed in the middle."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.forms import upload_fields
from tests.support.staging import claim
from tests.support.world import Real, add_person, fake_world, real_world

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Forbidden, Refusal
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.staged_claim import Hashing
from homeport.domain.staging import FileState
from homeport.flows.staging.add_file import add_file
from homeport.flows.staging.complete_file import complete_file
from homeport.flows.staging.open_stage import open_stage
from homeport.flows.staging.publish_stage import publish_stage
from homeport.flows.staging.receive import awaited, receive_bytes
from homeport.flows.staging.sweep import sweep_stages
from homeport.flows.upload import upload
from homeport.ports.store import Store, Transaction
from homeport.ports.world import World

TAGS = ("py3-none-any", "py2-none-any", "py2.py3-none-any")
LARK, ONE = ProjectName("lark"), ReleaseVersion.parse("1.0")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    """Real adapters."""
    with real_world(tmp_path) as real:
        yield real


def caller(world: World, name: str) -> Caller:
    """Somebody; the account is made when there is none."""
    with world.store.read() as tx:
        user = tx.users.by_name(name)
    return Caller(user or add_person(world, name))


def name_of(tag: str, version: str = "1.0") -> str:
    """The name of a wheel."""
    return f"lark-{version}-{tag}.whl"


def advance(world: World, ada: Caller, tags: tuple[str, ...] = TAGS, version: str = "1.0") -> str:
    """Do whatever is left to do until all files of the release are completed, as a client does; the stage's key."""
    opened = open_stage(world, ada, LARK, ReleaseVersion.parse(version))
    key = opened.view.stage.key
    there = {file.claim.file.filename: file for file in opened.view.files}
    for tag in tags:
        name, data = name_of(tag, version), make_wheel("lark", version, tag=tag)
        file = there.get(name) or add_file(world, ada, key, claim(name, data)).file
        if file.digests is None:
            hashing = Hashing(awaited(world, ada, key, file.id))
            with world.blobs.receive(10**6) as incoming:
                incoming.write(data)
                hashing.update(data)
                receive_bytes(world, ada, key, file.id, incoming, hashing)
        if file.state is not FileState.COMPLETED:
            complete_file(world, ada, key, file.id)
    return key


def hosted(world: World) -> set[str]:
    """What is public."""
    with world.store.read() as tx:
        project = tx.projects.find("lark")
        return {file.filename for file in tx.files.of_project(project.id)} if project else set()


def send_by_hand(world: World, who: Caller, tag: str, version: str = "1.0") -> None:
    """The same name with other bytes, by the upload of old."""
    name = name_of(tag, version)
    data = make_wheel("lark", version, tag=tag, files={"lark/note.py": b"by hand"})
    form: dict[str, list[str]] = {}
    for key, value in upload_fields(name, data):
        form.setdefault(key, []).append(value)
    with world.blobs.receive(10**6) as incoming:
        incoming.write(data)
        upload(world, who, form, name, incoming)


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """What came of all acts, begun at the same moment; a refusal is what comes of one, too."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(30)
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_fifty_open_one_stage(real: Real) -> None:
    """Of fifty at once one opens it, and all are told of the same; of two people one gets the name."""
    world, ada, bob = real.world, caller(real.world, "ada"), caller(real.world, "bob")
    people = [ada, bob] * 25
    opened = at_once([lambda who=who: open_stage(world, who, LARK, ONE) for who in people])  # type: ignore[misc]
    views = [one for one in opened if not isinstance(one, Refusal)]
    assert sum(one.is_new for one in views) == 1  # type: ignore[attr-defined]
    assert len({one.view.stage.key for one in views}) == 1  # type: ignore[attr-defined]
    assert len(views) == 25
    assert all(isinstance(one, Forbidden) for one in opened if isinstance(one, Refusal))


def test_u10_publishers_and_an_upload_at_once(real: Real) -> None:
    """U10: two publish one stage while somebody uploads one of its names: the release is whole, or there is the upload."""
    world, ada = real.world, caller(real.world, "ada")
    winners = set()
    for number in range(5):
        version = f"{number}.0"
        key = advance(world, ada, TAGS[:2], version)
        before = hosted(world)
        publishing, again, by_hand = at_once(
            [
                lambda key=key: publish_stage(world, ada, key),  # type: ignore[misc]
                lambda key=key: publish_stage(world, ada, key),  # type: ignore[misc]
                lambda version=version: send_by_hand(world, ada, TAGS[0], version),  # type: ignore[misc]
            ]
        )
        new, one, both = (
            hosted(world) - before,
            {name_of(TAGS[0], version)},
            {name_of(tag, version) for tag in TAGS[:2]},
        )
        if isinstance(by_hand, Refusal):
            assert isinstance(by_hand, Conflict)
            assert not isinstance(publishing, Refusal)
            assert not isinstance(again, Refusal)
            assert new == both
        else:
            assert isinstance(publishing, Conflict)
            assert isinstance(again, Conflict)
            assert new == one
        winners.add(isinstance(by_hand, Refusal))
    with world.store.read() as tx:
        names = [name for _, name, _, _ in tx.files.every()]
    assert len(names) == len(set(names))


class Killed(BaseException):
    """As if the process had been killed here."""


@dataclass
class Mortal:
    """A store whose process dies at the ``number``-th write: before it is committed, or right after."""

    store: Store
    number: int
    is_after: bool
    count: int = 0

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """As the store does, until it is time."""
        self.count += 1
        is_now = self.count == self.number
        with self.store.write() as tx:
            yield tx
            if is_now and not self.is_after:
                raise Killed
        if is_now:
            raise Killed

    write_lightly = write

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """As the store does."""
        with self.store.read() as tx:
            yield tx


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("is_after", [False, True])
def test_killed_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_after: bool, is_large: bool
) -> None:
    """Wherever a publisher is killed, nothing is public or everything is, and who goes on comes to the end."""
    if is_large:
        monkeypatch.setattr("homeport.flows.staging.publish_stage.MOST_AT_ONCE", 1)
    tags, wanted = TAGS[:2], {name_of(tag) for tag in TAGS[:2]}
    number, was_killed = 0, True
    while was_killed:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        with fake_world(folder) as fakes:
            world, ada = fakes.world, caller(fakes.world, "ada")
            mortal = replace(world, store=Mortal(fakes.store, number, is_after))
            was_killed = False
            try:
                publish_stage(mortal, ada, advance(mortal, ada, tags))
                sweep_stages(mortal)
            except Killed:
                was_killed = True
            assert hosted(world) in (set(), wanted)
            if hosted(world) != wanted:
                fakes.clock.advance(timedelta(minutes=11))
                sweep_stages(world)
                if hosted(world) != wanted:
                    publish_stage(world, ada, advance(world, ada, tags))
                    sweep_stages(world)
            assert hosted(world) == wanted
            with world.store.read() as tx:
                assert tx.stages.live("lark", world.clock.now()) == []
    assert number > 9, "every step of the story was cut"
