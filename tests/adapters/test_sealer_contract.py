"""Sealers keep secrets: the fake and the key file alike; and what the file promises besides."""

import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.fake_sealer import FakeSealer

from homeport.adapters.sealer import FILENAME, FileSealer
from homeport.domain.errors import Conflict, Unavailable
from homeport.ports.sealer import Sealer

Made = tuple[Sealer, Callable[[], None]]


@pytest.fixture(params=["fake", "file"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    """A sealer, and what loses its key."""
    if request.param == "fake":
        fake = FakeSealer()
        return fake, fake.lose_key
    return FileSealer(tmp_path), (tmp_path / FILENAME).unlink


def test_what_was_sealed_is_opened(made: Made) -> None:
    """A secret comes back as it was, and looks like nothing meanwhile."""
    sealer, _ = made
    for secret in ("ghp_secret", "", "ü" * 1_000):
        assert sealer.open(sealer.seal(secret)) == secret
    one, two = sealer.seal("ghp_secret"), sealer.seal("ghp_secret")
    assert one != two
    assert b"ghp_secret" not in one


def test_a_lost_key_is_told(made: Made) -> None:
    """Without its key nothing is opened, and the refusal says what to do."""
    sealer, lose_key = made
    sealed = sealer.seal("ghp_secret")
    lose_key()
    with pytest.raises(Conflict, match="cannot be opened") as refused:
        sealer.open(sealed)
    assert refused.value.code == "secret-key-lost"
    assert "ghp_secret" not in refused.value.sentence


def test_the_key_file(tmp_path: Path) -> None:
    """It is made when it is first needed, for its owner only, and by reading alone never."""
    sealer = FileSealer(tmp_path)
    with pytest.raises(Conflict, match="is not there"):
        sealer.open(b"x")
    assert list(tmp_path.iterdir()) == []
    sealed = sealer.seal("s")
    assert [path.name for path in tmp_path.iterdir()] == [FILENAME]
    assert stat.S_IMODE((tmp_path / FILENAME).stat().st_mode) == 0o600
    assert FileSealer(tmp_path).open(sealed) == "s"


def test_another_key_and_no_key(tmp_path: Path) -> None:
    """A file with another key, or with none, is said to be that."""
    sealed = FileSealer(tmp_path).seal("s")
    other = tmp_path / "other"
    other.mkdir()
    FileSealer(other).seal("s")
    with pytest.raises(Conflict, match="not the one"):
        FileSealer(other).open(sealed)
    (tmp_path / FILENAME).write_text("no key\n")
    for act in (lambda: FileSealer(tmp_path).open(sealed), lambda: FileSealer(tmp_path).seal("s")):
        with pytest.raises(Conflict, match="holds no key"):
            act()


def test_places_where_no_key_can_be(tmp_path: Path) -> None:
    """A home that is not there, and a key that is a folder, are troubles of the machine."""
    with pytest.raises(Unavailable, match="cannot be made"):
        FileSealer(tmp_path / "nowhere").seal("s")
    (tmp_path / FILENAME).mkdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        FileSealer(tmp_path).open(b"x")


def test_many_at_once_make_one_key(tmp_path: Path) -> None:
    """Whoever is first makes the key; what anybody sealed is opened by all."""
    sealed: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: sealed.append(FileSealer(tmp_path).seal("s"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [FileSealer(tmp_path).open(one) for one in sealed] == ["s"] * 8
