"""Webhooks and receivers from the shell, over the real way outside."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.command_line import Run, commands
from tests.support.hearing import Heard, hearing
from tests.support.outside import Answer

from homeport.cli import accounts, overseen, projects, webhooks
from homeport.domain.errors import Invalid
from homeport.settings import read_settings
from homeport.wiring import open_world


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    """Who is told."""
    with hearing(Answer(body=b"thanks")) as heard:
        yield heard


def runner(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on that home; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(home))
    monkeypatch.setenv("HOMEPORT_OUTSIDE_ALLOW", "127.0.0.1:*")
    return commands(accounts, projects, webhooks)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that root administers, where ada owns demo; to be copied."""
    folder = tmp_path_factory.mktemp("webhooks") / "home"
    with pytest.MonkeyPatch.context() as monkeypatch:
        run = runner(folder, monkeypatch)
        run("user", "add", "root", "--email", "root@example.org", "--admin")
        run("user", "add", "ada", "--email", "ada@example.org")
        run("project", "create", "demo", "--owner", "ada")
    return folder


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a copy of that home."""
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    return runner(tmp_path, monkeypatch)


def test_a_webhook_from_its_making_to_its_end(run: Run, heard: Heard) -> None:
    """Everything the pages do, for a person and for a script."""
    assert "There is no webhook" in run("webhook", "list", "--project", "demo")
    assert run("webhook", "add", heard.url, "--project", "demo", "--event", "mode-changed").startswith(
        "whsec_"
    )
    added = json.loads(run("webhook", "add", heard.url, "--index", "--as", "root", "--json"))
    assert added["feed"] == "index"
    assert heard.url in run("webhook", "list", "--project", "demo")
    (listed,) = json.loads(run("webhook", "list", "--index", "--as", "root", "--json"))
    assert listed["id"] == added["id"]
    assert "Nothing was told yet" in run("webhook", "show", "1", "--as", "ada")
    assert "It was taken: status 200" in run("webhook", "test", "1", "--as", "ada")
    assert json.loads(heard.bodies[-1])["type"] == "test"
    assert json.loads(run("webhook", "test", "1", "--as", "ada", "--json"))["status"] == 200
    assert "test" in run("webhook", "show", "1", "--as", "ada")
    shown = json.loads(run("webhook", "show", "1", "--as", "ada", "--json"))
    assert [one["event"] for one in shown["deliveries"]] == ["test", "test"]
    assert "is told again" in run("webhook", "replay", "1", "--from", "1", "--as", "ada")
    assert json.loads(run("webhook", "replay", "1", "--delivery", "1", "--as", "ada", "--json"))["due"]
    assert run("webhook", "renew", "1", "--as", "ada").startswith("whsec_")
    assert json.loads(run("webhook", "renew", "1", "--as", "ada", "--json"))["both_secrets_until"]
    assert "told nothing" in run("webhook", "disable", "1", "--as", "ada")
    assert json.loads(run("webhook", "disable", "1", "--as", "ada", "--json"))["state"] == "disabled"
    assert "told again" in run("webhook", "enable", "1", "--as", "ada")
    assert json.loads(run("webhook", "enable", "1", "--as", "ada", "--json"))["state"] == "live"
    assert "is gone" in run("webhook", "remove", "1", "--as", "ada")
    assert json.loads(run("webhook", "remove", "2", "--as", "root", "--json"))["id"] == 2


def test_what_must_be_said(run: Run, heard: Heard) -> None:
    """Whose it is, and what is replayed; a test that was not taken ends with status 1."""
    for words in (("list",), ("list", "--index", "--mine"), ("replay", "1", "--as", "ada")):
        with pytest.raises(Invalid):
            run("webhook", *words)
    with hearing(Answer(500)) as failing:
        run("webhook", "add", failing.url, "--mine", "--as", "ada")
        assert "status 500" in run("webhook", "test", "1", "--as", "ada", status=1)


def test_receivers(run: Run, tmp_path: Path) -> None:
    """Made with an address and a secret, listed with what they were told, removed."""
    assert "has no receiver" in run("receiver", "list", "demo")
    address, secret = run("receiver", "add", "demo", "gitea").split()
    assert "/hooks/" in address
    assert secret.startswith("whsec_")
    assert json.loads(run("receiver", "add", "demo", "github", "--json"))["forge"] == "github"
    assert "gitea" in run("receiver", "list", "demo")
    assert [one["told"] for one in json.loads(run("receiver", "list", "demo", "--json"))] == [[], []]
    assert run("receiver", "renew", "1", "--as", "ada").startswith("whsec_")
    assert json.loads(run("receiver", "renew", "1", "--as", "ada", "--json"))["both_secrets_until"]
    assert "is gone" in run("receiver", "remove", "1", "--as", "ada")
    assert json.loads(run("receiver", "remove", "2", "--as", "ada", "--json"))["forge"] == "github"
    world = open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))
    with world.store.read() as tx:
        assert tx.receivers.by_key(address.rpartition("/")[2]) is None


def test_what_administrators_look_after(run: Run, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's webhooks and receivers are listed, stopped with a reason, and let go."""
    for kind in ("webhook", "receiver"):
        assert f"No {kind} is like that." in run(kind, "everybody", "--as", "root")
    run("webhook", "add", heard.url, "--project", "demo")
    run("webhook", "add", heard.url, "--mine", "--as", "ada")
    for _ in range(2):
        run("receiver", "add", "demo", "gitea")
    (own,) = json.loads(run("webhook", "everybody", "--as", "root", "--feed", "person", "--json"))
    assert (own["owner"], own["feed"]) == ("ada", "person")
    monkeypatch.setattr(overseen, "_LONGEST", 1)
    for kind in ("webhook", "receiver"):
        assert "demo" in run(kind, "everybody", "--as", "root", "--owner", "demo")
        listed = json.loads(run(kind, "everybody", "--as", "root", "--state", "live", "--json"))
        assert [one["id"] for one in listed] == [2, 1]
        assert "live" in run(kind, "everybody", "--as", "root")
        stop, let_go = (
            (kind, do, "1", "--reason", "It does harm.", "--as", "root") for do in ("stop", "let-go")
        )
        assert "is stopped." in run(*stop)
        assert json.loads(run(*stop, "--json"))["stopped_by"] == "root"
        assert run(*let_go).endswith("is live.\n")
        assert json.loads(run(*let_go, "--json"))["stopped_by"] is None
        with pytest.raises(Invalid, match="Say why"):
            run(kind, "stop", "1", "--as", "root")
