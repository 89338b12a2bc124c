"""The command line: what it refuses and how, and what it tells people and scripts."""

import json
import re
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.journeys.conftest import People
from tests.support.abroad import Abroad
from tests.support.archives import make_sdist, make_wheel
from tests.support.index import Index, require_sentence

pytestmark = pytest.mark.journey
REFUSED, USAGE, UNAVAILABLE, INTERRUPTED = 1, 2, 3, 130
WRONG_USE = {
    "no such command": ("burn",),
    "no such command of a group": ("rehost", "burn"),
    "no such option": ("verify", "--deep"),
    "an argument too few": ("project", "create"),
    "an argument too many": ("verify", "everything"),
    "an option too few": ("user", "add", "bob"),
    "an option without its value": ("plan", "lark", "--version"),
    "a number that is none": ("rehost", "show", "first"),
}


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use(quiet: Index, case: str) -> None:
    """A command that cannot be read ends with 2 and says what is wrong with it."""
    assert "Error: " in require_sentence(quiet.cli(*WRONG_USE[case]), USAGE)


REFUSALS = {
    "unknown project": (("project", "show", "nobody-has-this"), "project-unknown"),
    "unknown project to plan": (("plan", "nobody-has-this"), "project-unknown"),
    "a name that is none": (("project", "show", "../etc/passwd"), "name-invalid"),
    "unknown user": (("project", "create", "wren", "--owner", "nobody"), "user-unknown"),
    "unknown user of a token": (("token", "create", "--user", "nobody"), "user-unknown"),
    "unknown user to act for": (("plan", "lark", "--as", "nobody"), "user-unknown"),
    "a user twice": (("user", "add", "ada", "--email", "other@example.org"), ""),
    "a mail address twice": (("user", "add", "eve", "--email", "ada@example.org"), ""),
    "no mail address": (("user", "add", "eve", "--email", "nothing"), ""),
    "a project twice": (("project", "create", "LARK", "--owner", "ada"), ""),
    "unknown scope": (("token", "create", "--user", "ada", "--scope", "everything"), ""),
    "no duration": (("token", "create", "--user", "ada", "--expires", "soon"), "duration-invalid"),
    "unknown rehost": (("rehost", "show", "4711"), "rehost-unknown"),
    "unknown rehost to accept": (("rehost", "accept", "4711", "--basis", "author"), "rehost-unknown"),
    "a rehost below all": (("rehost", "show", "0"), "rehost-unknown"),
    "a rehost beyond all": (("rehost", "show", "9" * 40), "rehost-unknown"),
    "unknown mode": (("mode", "set", "lark", "pypi-maybe"), "mode-unknown"),
    "no date": (("mode", "set", "lark", "pypi-ext", "--until", "tomorrow"), "date-invalid"),
    "unknown kind of source": (("source", "add", "lark", "rumour", "https://example.test/"), ""),
    "no URL": (("source", "add", "lark", "homepage", "not a url"), ""),
    "a source that is a file": (("source", "add", "lark", "homepage", "file:///etc/passwd"), "url-scheme"),
    "a pypi-only project": (("plan", "finch"), "external-refused"),
    "a cache it does not have": (("update-cache", "finch"), "external-refused"),
    "a release it does not have": (("release", "yank", "lark", "9.9"), "release-unknown"),
    "to take back what is not there": (("release", "unyank", "nobody-has-this", "1.0"), "project-unknown"),
    "a version that is none": (("release", "yank", "lark", "no version"), "version-invalid"),
    "a reason that hides": (
        ("project", "status", "lark", "archived", "--reason", "\x1b[2J"),
        "reason-unprintable",
    ),
    "a reason that is no text": (
        ("project", "status", "lark", "archived", "--reason", "\udcff"),
        "reason-unprintable",
    ),
    "a reason that is a book": (
        ("release", "yank", "lark", "1.0", "--reason", "x" * 1001),
        "reason-too-long",
    ),
    "unknown status": (("project", "status", "lark", "frozen"), "status-unknown"),
    "the status it has": (("project", "status", "lark", "active"), "status-unchanged"),
    "a quarantine by its owner": (
        ("project", "status", "lark", "quarantined", "--reason", "x"),
        "admin-only",
    ),
    "unknown visibility": (("project", "visibility", "lark", "hidden"), "visibility-unknown"),
    "the visibility it has": (("project", "visibility", "lark", "public"), "visibility-unchanged"),
    "an unknown role": (("project", "grant", "lark", "ada", "--role", "admin"), "role-unknown"),
    "to leave nobody": (("project", "revoke", "lark", "ada"), "last-owner"),
    "a token it does not have": (("token", "revoke", "4711", "--as", "ada"), "token-unknown"),
    "no such file": (("inspect", "/nonexistent/lark-1.0.tar.gz"), "file-missing"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(quiet: Index, case: str) -> None:
    """What cannot be done ends with 1; with --json the refusal is one JSON object on standard error."""
    arguments, code = REFUSALS[case]
    done = quiet.cli(*arguments, "--json")
    told = json.loads(require_sentence(done, REFUSED))
    assert done.stdout == ""
    assert told["code"]
    assert told["code"] == code or not code
    assert told["detail"].endswith((".", "…"))


def test_refusal_for_people(quiet: Index) -> None:
    """Without --json a refusal is one line that begins with the program's name."""
    told = require_sentence(quiet.cli("project", "show", "nobody-has-this"), REFUSED)
    assert told == "homeport: There is no project nobody-has-this here.\n"


BAD_SETTINGS = {
    "HOMEPORT_PORT": "http",
    "HOMEPORT_WORKERS": "0",
    "HOMEPORT_BASE_URL": "packages.example.org",
    "HOMEPORT_BLOBS_URL": "s3://bucket",
    "HOMEPORT_OUTSIDE_ALLOW": "everything",
    "HOMEPORT_OUTSIDE_CA": "/nonexistent.pem",
}


def test_settings_all_at_once(quiet: Index) -> None:
    """Every setting that cannot be read is named, in one refusal, by whatever command comes first."""
    for command in (("serve",), ("worker",), ("verify",)):
        told = require_sentence(quiet.cli(*command, **BAD_SETTINGS), REFUSED)
        for name, value in BAD_SETTINGS.items():
            assert re.search(rf"{name}: .*{re.escape(value)}", told), (name, told)


@pytest.mark.parametrize(
    "url",
    ["postgresql://db.test/homeport", "sqlite:///:memory:", "sqlite://", "not a url", "sqlite+nothing:///x"],
)
def test_database_url(quiet: Index, url: str) -> None:
    """A database that this version cannot use is refused in words, without its password."""
    assert "HOMEPORT_DATABASE_URL" in require_sentence(
        quiet.cli("verify", HOMEPORT_DATABASE_URL=url), REFUSED
    )
    secret = quiet.cli("verify", HOMEPORT_DATABASE_URL="postgresql://homeport:s3cret@db.test/homeport")
    assert "s3cret" not in require_sentence(secret, REFUSED)


def test_settings_file(tmp_path: Path) -> None:
    """``homeport.toml`` in the home is read; what is wrong in it is named; the environment wins."""
    index = Index(tmp_path)
    index.home.mkdir()
    file = index.home / "homeport.toml"
    file.write_text('port = "http"\ncolour = "green"\n')
    del index.environment["HOMEPORT_PORT"]
    told = require_sentence(index.cli("verify"), REFUSED)
    assert "colour" in told
    assert "HOMEPORT_PORT: 'http' is not a port" in told
    file.write_text('port = "http"\n')
    assert index.cli("verify", HOMEPORT_PORT="8417").returncode == 0
    file.write_text("port = [[[")
    assert str(file) in require_sentence(index.cli("verify"), REFUSED)


def test_home_below_a_file(tmp_path: Path) -> None:
    """A home that cannot be made is unavailable, and the sentence names it."""
    (tmp_path / "file").write_text("no folder")
    index = Index(tmp_path)
    told = require_sentence(index.cli("verify", HOMEPORT_HOME=str(tmp_path / "file" / "home")), UNAVAILABLE)
    assert str(tmp_path / "file" / "home") in told


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b"This is not a database. " * 400),
        lambda file: file.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000),
        lambda file: file.mkdir(),
    ],
    ids=["text", "garbage", "folder"],
)
def test_database_that_is_none(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """A database file that is something else is unavailable, and stays as it is."""
    index = Index(tmp_path)
    index.home.mkdir()
    file = index.home / "homeport.db"
    damage(file)
    before = file.read_bytes() if file.is_file() else b""
    for command in ("verify", "serve", "worker"):
        assert "database" in require_sentence(index.cli(command), UNAVAILABLE)
    assert (file.read_bytes() if file.is_file() else b"") == before


def test_database_of_another_program(tmp_path: Path) -> None:
    """A database that another program made, or a later version of this one, is left alone."""
    index = Index(tmp_path)
    index.ask("db", "upgrade")
    with sqlite3.connect(index.home / "homeport.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    told = require_sentence(index.cli("verify"), UNAVAILABLE)
    assert "9999" in told


def test_port_is_taken(quiet: Index) -> None:
    """A port that another program holds is unavailable, at once and in words."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for command in ("serve", "web"):
            told = require_sentence(quiet.cli(command, HOMEPORT_PORT=str(port)), UNAVAILABLE)
            assert f"Cannot listen on 127.0.0.1 port {port}: another program listens there." in told
    told = require_sentence(quiet.cli("serve", HOMEPORT_HOST="192.0.2.1"), UNAVAILABLE)
    assert "Cannot listen on 192.0.2.1 port" in told, "an address of another machine"


ROOT = Path(__file__).parents[2]


def helps() -> dict[tuple[str, ...], str]:
    """The help of every command as the reference has it; ``tests/doors/test_reference.py`` asks every command itself."""
    page = (ROOT / "docs" / "reference" / "commands.md").read_text()
    found = re.findall(r"^## homeport ([a-z -]+)\n\n```text\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)
    return {tuple(command.split()): told for command, told in found}


CONTRACT = {
    ("serve",), ("web",), ("worker",), ("user", "add"), ("token", "create"), ("token", "list"),
    ("token", "revoke"), ("project", "create"), ("project", "show"), ("project", "grant"), ("project", "revoke"),
    ("project", "members"), ("project", "status"), ("project", "visibility"), ("release", "yank"),
    ("release", "unyank"), ("mode", "set"), ("source", "add"), ("plan",), ("rehost", "show"), ("rehost", "accept"),
    ("rehost", "retry"), ("rehost", "refuse"), ("update-cache",), ("ledger", "verify"), ("ledger", "show"),
    ("verify",), ("inspect",), ("fetch",), ("db", "upgrade"),
}  # fmt: skip


def test_help() -> None:
    """Every command has help that says what it does, and those that other programs rely on are there."""
    found = helps()
    assert found.keys() >= CONTRACT
    for told in found.values():
        assert told.startswith("Usage: homeport")
        assert re.search(r"^  [A-Z].*(\n  .+)*\.$", told, re.MULTILINE), told
    assert {command for command, told in found.items() if "--json" not in told} == {
        ("serve",),
        ("web",),
        ("worker",),
    }


def test_no_arguments(quiet: Index) -> None:
    """Without a command it shows what there is."""
    assert "Commands:" in quiet.cli().stdout + quiet.cli().stderr


def test_every_command_tells_scripts(
    index: Index, people: People, project: str, abroad: Abroad, tmp_path: Path
) -> None:
    """Every command that other programs rely on prints JSON when asked to."""
    abroad.wheels(project, "1.0")
    wheel, broken = tmp_path / f"{project}-1.0-py3-none-any.whl", tmp_path / "lark-1.0.tar.gz"
    wheel.write_bytes(make_wheel(project))
    broken.write_bytes(make_sdist("lark")[:-50])

    user = f"{project}-user"
    assert index.json("user", "add", user, "--email", f"{user}@example.org")["name"] == user
    token = index.json("token", "create", "--user", user, "--scope", "read", "--expires", "90d")
    assert re.fullmatch(r"hp_[0-9a-f]+", token.pop("token"))
    assert index.json("token", "list", "--user", user) == [token]
    assert index.json("token", "revoke", str(token["id"]), "--as", user)["state"] == "revoked"
    created = index.json("project", "create", project, "--owner", user)
    assert (created["name"], created["mode"]) == (project, "pypi-only")
    assert index.json("mode", "set", project, "pypi-cache", "--consent")["mode"] == "pypi-cache"
    assert index.json("source", "add", project, "homepage", f"{abroad.url}/") == {"added": True}
    assert index.json("source", "add", project, "homepage", f"{abroad.url}/") == {"added": False}
    refused = str(index.json("plan", project, "--no-wait")["id"])
    index.ask("rehost", "refuse", refused)
    plan = str(index.json("plan", project, "--version", "1.0")["id"])
    assert index.json("rehost", "show", plan)["plan_digest"]
    assert index.json("rehost", "accept", plan, "--basis", "licence")["state"] == "published"
    assert [rehost["id"] for rehost in index.json("rehost", "list", project)] == [int(plan), int(refused)]
    assert index.json("update-cache", project)["state"] == "unchanged"
    assert len(index.json("project", "show", project)["files"]) == 1
    answer = {"project": project, "version": "1.0"}
    assert index.json("release", "yank", project, "1.0") == {**answer, "yanked": [wheel.name]}
    assert index.json("release", "unyank", project, "1.0", "--file", wheel.name) == {
        **answer,
        "unyanked": [wheel.name],
    }
    assert index.json("project", "grant", project, "bob", "--role", "reader")["role"] == "reader"
    members = index.json("project", "members", project)["members"]
    assert [(one["user"], one["role"]) for one in members] == [(user, "owner"), ("bob", "reader")]
    assert index.json("project", "revoke", project, "bob")["was"] == "reader"
    assert index.json("project", "status", project, "deprecated")["status"] == "deprecated"
    assert index.json("project", "visibility", project, "private")["private"] is True
    entries = index.json("ledger", "show", "--project", project)
    assert (
        index.json("ledger", "show", "--after", str(entries[-2]["seq"]), "--project", project) == entries[-1:]
    )
    assert index.json("ledger", "verify")["problem"] is None
    assert index.json("verify")["problems"] == []
    assert index.json("db", "upgrade")["revision"]

    inspected = index.cli("inspect", str(wheel), str(broken), "--json")
    assert inspected.returncode == REFUSED, "one is rejected"
    assert [one["verdict"] for one in json.loads(inspected.stdout)] == ["accept", "reject"]
    fetched = index.json("fetch", f"{abroad.url}/{wheel.name}")
    assert (fetched["allowed"], fetched["size"]) == (True, wheel.stat().st_size)
    forbidden = index.cli("fetch", "http://169.254.169.254/latest/meta-data/", "--json")
    assert (forbidden.returncode, json.loads(forbidden.stdout)["allowed"]) == (REFUSED, False)
    missing = index.cli("fetch", f"{abroad.url}/nothing", "--json")
    assert (missing.returncode, json.loads(missing.stdout)["hops"][0]["status"]) == (UNAVAILABLE, 404)
