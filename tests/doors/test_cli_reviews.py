"""The review of a plan from the shell."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.archives import make_wheel
from tests.support.builders import HOLD, PLAIN, item
from tests.support.command_line import Run, commands
from tests.support.world import OwnProcess

from homeport.cli import accounts, projects, rehosts
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.names import ReleaseVersion
from homeport.domain.rehost import Purpose, State
from homeport.settings import read_settings
from homeport.wiring import open_world

OLD, NEW = (
    make_wheel("demo", version, files={f"demo/v{version[0]}_{n}.py": b"x" for n in range(25)})
    for version in ("1.0", "2.0")
)
FETCHED = FetchFacts(
    "https://a.example/",
    "2026-03-04T05:06:07Z",
    "2026-03-04T05:06:08Z",
    200,
    tls_protocol="TLSv1.3",
    tls_issuer="CA",
)
ITEMS = (
    item(0, "demo-1.0-py3-none-any.whl", OLD),
    item(
        0,
        "demo-2.0-py3-none-any.whl",
        NEW,
        version=ReleaseVersion.parse("2.0"),
        findings=(HOLD,),
        fetched=FETCHED,
    ),
    item(0, "demo-1.0.tar.gz", b"plain", evidence=PLAIN),
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home with a plan of Ada's project; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    monkeypatch.setattr("homeport.adapters.inspect.isolation.ChildIsolation", OwnProcess)
    run = commands(accounts, projects, rehosts)

    run("user", "add", "ada", "--email", "ada@example.org")
    run("project", "create", "demo", "--owner", "ada", "--mode", "pypi-cache")
    world = open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))
    for data in (OLD, NEW):
        with world.blobs.receive(1 << 20) as incoming:
            incoming.write(data)
            incoming.keep()
    with world.store.write() as tx:
        project = tx.projects.find("demo")
        assert project is not None
        rehost = tx.rehosts.add(
            project.id, Purpose.HISTORY, "", by="ada", at=world.clock.now(), metadata=None
        )
        tx.rehosts.put_findings(rehost.id, ITEMS, (), ())
        digest = tx.rehosts.plan(rehost).digest()
        tx.rehosts.put(replace(rehost, state=State.PLANNED, plan_digest=digest))
    return run


def told(run: Run, *words: str, typed: str = "") -> Any:
    """What a command tells a script."""
    return json.loads(run("rehost", *words, "--json", typed=typed))


def test_items_are_listed_by_filter(run: Run) -> None:
    """A person sees a table with how each file stands, a script what the API tells."""
    out = run("rehost", "items", "1")
    for words in (
        "nothing decided yet; 1 accepted, 2 to decide",
        "decision: 2",
        "demo-1.0.tar.gz",
        "Page 1 of 1",
    ):
        assert words in out
    held = told(run, "items", "1", "--filter", "held", "--version", "2")
    assert [one["filename"] for one in held["items"]] == ["demo-2.0-py3-none-any.whl"]


def test_decisions_are_saved_and_accepted(run: Run) -> None:
    """By name, by pattern, by filter; then what the review says is accepted, and no older review."""
    with pytest.raises(Invalid, match="Say what to decide"):
        run("rehost", "decide", "1")
    with pytest.raises(Invalid, match="no file"):
        run("rehost", "decide", "1", "--accept", "x*")
    run("rehost", "decide", "1", "--leave-out", "*.tar.gz", "--accept", "demo-2.0-py3-none-any.whl")
    assert "left out by ada" in run("rehost", "items", "1")
    with pytest.raises(Conflict, match="saved this review"):
        run("rehost", "decide", "1", "--undecided", "*.tar.gz", "--revision", "0")
    assert told(run, "decide", "1", "--all", "leave-out", "--filter", "held")["revision"] == 2
    with pytest.raises(Conflict):
        run("rehost", "accept", "1", "--basis", "author", "--draft", "1", "--no-wait")
    run("rehost", "accept", "1", "--basis", "author", "--draft", "2", "--no-wait")
    decided = {one["filename"]: one["decision"] for one in told(run, "show", "1")["items"]}
    assert decided == {
        "demo-1.0-py3-none-any.whl": "accept",
        "demo-2.0-py3-none-any.whl": "leave-out",
        "demo-1.0.tar.gz": "leave-out",
    }


def test_a_file_left_out_of_the_review(run: Run) -> None:
    """--except leaves files out of what the review ticks, with the digests that the review names."""
    lines = f"{Sha256.of(b'plain')}  demo-1.0.tar.gz\n"
    told(run, "hashes", "1", "-", typed=lines)
    (named,) = (one for one in told(run, "items", "1")["items"] if one["named_by"])
    assert (named["filename"], named["named_by"], named["decided"]) == ("demo-1.0.tar.gz", "ada", None)
    listed = run("rehost", "items", "1")
    assert "sha256 by ada" in listed
    assert "accepted by" not in listed
    run("rehost", "accept", "1", "--basis", "author", "--except", "*.whl", "--no-wait")
    decided = {one["filename"]: one["decision"] for one in told(run, "show", "1")["items"]}
    assert [name for name, decision in decided.items() if decision == "accept"] == ["demo-1.0.tar.gz"]


def test_hashes_come_from_a_file(run: Run, tmp_path: Path) -> None:
    """A checksum file is compared, what is wrong is listed in short, and what cannot be read is refused."""
    sums = tmp_path / "SHA256SUMS"
    unknown = "".join(f"{'1' * 64}  other-{n}.tar.gz\n" for n in range(25))
    sums.write_text(f"{'0' * 64}  demo-1.0.tar.gz\n{unknown}", "utf-8")
    out = run("rehost", "hashes", "1", str(sums))
    for words in (
        "1 mismatched",
        "other bytes than the list says: demo-1.0.tar.gz",
        "not in the plan: 5 more",
    ):
        assert words in out
    with pytest.raises(Invalid, match="cannot be read"):
        run("rehost", "hashes", "1", str(tmp_path / "none"))
    sums.write_bytes(b"x" * (4 << 20) + b"x")
    with pytest.raises(Invalid, match="larger than 4 MiB: name its hashes in parts"):
        run("rehost", "hashes", "1", str(sums))


def test_one_file_closely(run: Run) -> None:
    """How it came, what was found with what to do, and what is different from the version before."""
    out = run("rehost", "item", "1", "2")
    for words in (
        "TLSv1.3, certificate by CA",
        "hold held: A person must look.",
        "compared with demo-1.0-py3-none-any.whl:",
        "+ demo/v2_0.py",
        "- … 5 more",
    ):
        assert words in out
    assert "nothing to compare" not in out
    assert "no older version" in run("rehost", "item", "1", "3")
    assert told(run, "item", "1", "2")["comparison"]["files"]["added"]["total"] == 25
