"""``homeport inspect``: what a person reads, what a script reads, and the status both go by."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.support.archives import make_sdist, make_wheel, metadata_bytes
from typer.testing import CliRunner

from homeport.adapters.inspect import isolation
from homeport.cli import files
from homeport.cli.output import console
from homeport.domain.errors import Invalid
from homeport.domain.rules import advice_for

OK, REFUSED, USAGE = 0, 1, 2
GOOD, HELD, BAD = "demo-1.0-py3-none-any.whl", "held-1.0-py3-none-any.whl", "bad-1.0.tar.gz"


@pytest.fixture(autouse=True, scope="module")
def _one_nursery() -> Iterator[None]:
    """All commands of this file share one nursery, which is what takes time to start."""
    shared = isolation.ChildIsolation()
    end = shared.close
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared, "close", lambda: None)
        patch.setattr(isolation, "ChildIsolation", lambda: shared)
        yield
    end()


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A folder with a good wheel, one that a person must look at, an sdist that climbs, and a file of no interest."""
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / GOOD).write_bytes(make_wheel())
    (folder / HELD).write_bytes(make_wheel("held", files={"held.pth": b"import held\n"}))
    (folder / BAD).write_bytes(
        make_sdist("bad", files={"../../evil[red]": b"", "../e": b"", "../f": b"", "../g": b""})
    )
    (folder / "notes.txt").write_text("not a release")
    return folder


@pytest.fixture
def wide() -> Iterator[None]:
    """A terminal in which no line is broken."""
    before, console.width = console.width, 400
    yield
    console.width = before


def run(*arguments: object) -> tuple[int, str]:
    """Exit status and output."""
    app = typer.Typer()
    files.add_commands(app)
    done = CliRunner().invoke(app, ["inspect", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def run_json(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
    """Exit status and what a script reads."""
    status, output = run(*arguments, "--json")
    return status, json.loads(output)


def test_folder_is_its_release_files(dist: Path) -> None:
    """Every wheel and sdist in a folder is judged, in order, and the worst verdict is the status."""
    status, told = run_json(dist)
    assert status == REFUSED
    assert [(Path(one["file"]).name, one["verdict"]) for one in told] == [
        (BAD, "reject"),
        (GOOD, "accept"),
        (HELD, "hold"),
    ]
    (finding,) = told[2]["findings"]
    assert finding == {
        "code": "startup-code",
        "severity": "hold",
        "message": "'held.pth' runs at every start of Python, imported or not.",
        "advice": advice_for("startup-code"),
    }


@pytest.mark.parametrize(
    ("names", "options", "status"),
    [
        ([GOOD], [], OK),
        ([GOOD, HELD], [], OK),
        ([GOOD, HELD], ["--strict"], REFUSED),
        ([GOOD], ["--strict"], OK),
        ([BAD], [], REFUSED),
        ([GOOD], ["--legacy", "--upload"], USAGE),
        ([GOOD], ["--legacy"], OK),
    ],
)
def test_status_tells_scripts(dist: Path, names: list[str], options: list[str], status: int) -> None:
    """0 when all may be published, 1 when one may not (with --strict also when one waits for a person), 2 for usage."""
    assert run(*(dist / name for name in names), *options)[0] == status


def test_person_reads_verdict_reason_and_advice(dist: Path, wide: None) -> None:
    """One line for each file, a table of what was found, what to do about it, and a summary."""
    _, told = run(dist)
    assert "reject  bad-1.0.tar.gz" in told
    assert "accept  demo-1.0-py3-none-any.whl" in told
    assert "evil[red]" in told, "a member's name is no markup"
    assert "… and 1 more like it." in told
    assert advice_for("path-escapes") in told
    assert told.rstrip().endswith("3 files: 1 accept, 1 hold, 1 reject.")
    assert run(dist / GOOD)[1].rstrip().endswith("1 file: 1 accept.")


def test_upload_is_judged_by_its_name(dist: Path) -> None:
    """--upload keeps the rules that bind uploads: what only informs otherwise is a reject."""
    wheel = dist / GOOD
    wheel.write_bytes(make_wheel(metadata=metadata_bytes("demo", "1.0", metadata_version="2.0")))
    assert run_json(wheel)[0] == OK
    status, told = run_json(wheel, "--upload")
    assert (status, told[0]["findings"][0]["code"]) == (REFUSED, "metadata-version-withdrawn")
    strange = dist / "demo.whl"
    strange.write_bytes(make_wheel())
    assert run_json(strange, "--upload")[1][0]["findings"][0]["code"] == "filename-invalid"


def test_what_is_not_there_is_refused(dist: Path, tmp_path: Path) -> None:
    """A file that does not exist, and a folder without release files, are told as what they are."""
    with pytest.raises(Invalid, match="There is no file"):
        run(dist / "gone.whl")
    with pytest.raises(Invalid, match="no wheel and no sdist"):
        run(tmp_path)
