"""Who may read the database: its user alone, whatever is usual on the machine (T-29)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.world import add_person

from homeport.adapters.db.driver import ensure_file
from homeport.domain.errors import Unavailable
from homeport.settings import read_settings
from homeport.wiring import open_world, prepare

EVERYBODY_READS = 0o022


@pytest.fixture
def usual_mask() -> Iterator[None]:
    """New files are readable by everybody, as they are where nobody thought of it."""
    before = os.umask(EVERYBODY_READS)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_mask")
def test_nobody_else_reads_it(tmp_path: Path) -> None:
    """Neither the database nor the log that is beside it while it is used."""
    settings = read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path)
    prepare(settings)
    add_person(open_world(settings), "ada")
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("homeport.db*")}
    assert {"homeport.db", "homeport.db-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """Whoever lets a group read it has a reason."""
    file = tmp_path / "homeport.db"
    file.touch(0o640)
    ensure_file(file)
    assert file.stat().st_mode & 0o777 == 0o640


def test_where_none_can_be_made(tmp_path: Path) -> None:
    """The file is named, and what to look at."""
    with pytest.raises(Unavailable, match=r"homeport\.db cannot be used .* HOMEPORT_HOME") as refused:
        ensure_file(tmp_path / "nowhere" / "homeport.db")
    assert refused.value.code == "database-unavailable"
