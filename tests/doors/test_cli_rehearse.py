"""``homeport campaign rehearse``: a whole campaign in the terminal, on a home that nothing of it touches."""

import json
import logging
import os
import shlex
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.command_line import Run, commands
from tests.support.world import Real, add_person, opened_world, real_world

from homeport.adapters.db.driver import connect_raw
from homeport.cli import campaigns
from homeport.cli.rehearse import _writer
from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind, Entrant
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.mail import Message
from homeport.domain.names import ReleaseVersion
from homeport.domain.release import ExternalLink
from homeport.flows.campaign import days as campaign_days
from homeport.flows.campaign import rehearse as rehearsal
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.manage import (
    Draft,
    announce_campaign,
    draft_campaign,
    pause_campaign,
    preview_campaign,
)
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import create_project
from homeport.flows.survey.run import finish_survey
from homeport.flows.survey.start import start_survey_of_all
from homeport.settings import read_settings
from homeport.wiring import open_clock, prepare, worker_parts

FILES = [f"demo-1.{number}.zip" for number in range(11)]
REHEARSE = ("campaign", "rehearse", "1")
AS_ROOT = ("--as", "root")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mail reaches ada of demo, which has files elsewhere, and not bob of bare; root has drafted campaign 1."""
    folder = tmp_path_factory.mktemp("prepared")
    with real_world(folder) as opened:
        world = opened.world
        root, now = Caller(add_person(world, "root", is_admin=True)), world.clock.now()
        for name, owner in (("demo", "ada"), ("bare", "bob")):
            person = add_person(world, owner)
            project = create_project(world, person, name, HostingMode.ONLY)
            change_hosting(
                world, root, name, Wish(HostingMode.EXT, "Old.", (now + timedelta(days=300)).date())
            )
            with world.store.write() as tx:
                exemption = tx.exemptions.live(project.id)
                assert exemption is not None
                tx.exemptions.put(replace(exemption, until=None))
                if name == "demo":
                    tx.users.put_email(person.id, "ada/x@example.org", verified_at=now)
                    tx.outside.put_links(project.id, [_link(filename) for filename in FILES])
        draft = Draft("Home [1]", "Why.", now.date() + timedelta(days=95), "https://index.test/terms")
        draft_campaign(world, root, CampaignKind.TO_ONLY, draft)
    # Every command brings pages up to date first, if need be.
    prepare(read_settings({"HOMEPORT_HOME": str(folder)}, folder))
    return folder


@pytest.fixture
def home(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Real]:
    """That home, for this test."""
    folder = tmp_path / "home"
    shutil.copytree(prepared, folder)
    monkeypatch.setenv("HOMEPORT_HOME", str(folder))
    monkeypatch.setenv("HOMEPORT_SMTP_URL", "smtp://127.0.0.1:1?from=index@example.org")
    with opened_world(folder) as opened:
        yield opened


def _link(filename: str) -> ExternalLink:
    url = f"https://files.test/{filename}"
    version = ReleaseVersion.parse_legacy(filename.removeprefix("demo-").removesuffix(".zip"))
    return ExternalLink("demo", version, filename, url, "https://files.test/")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line."""
    monkeypatch.setenv("COLUMNS", "200")
    return commands(campaigns)


def everything(home: Real) -> dict[str, list[Any]]:
    """Every row of every table."""
    with closing(connect_raw(home.folder.parent / "homeport.db")) as connection:
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        names = [name for (name,) in connection.execute(asked)]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608


def caller_of(home: Real, name: str) -> Caller:
    """A person who was added to it."""
    with home.world.store.read() as tx:
        user = tx.users.by_name(name)
    assert user is not None
    return Caller(user)


def root_of(home: Real) -> Caller:
    """Who may announce."""
    return caller_of(home, "root")


def left_behind(home: Real) -> set[str]:
    """What there is in the home beside what belongs there."""
    own = {"homeport.db", "homeport.db-wal", "homeport.db-shm", "blobs"}
    return {file.name for file in home.folder.parent.iterdir()} - own


def test_a_whole_campaign(home: Real, run: Run, tmp_path: Path) -> None:
    """Every day on which something happens, every mail, who is not reached and what is lost; and nothing is touched."""
    before = everything(home)
    folder = tmp_path / "mails"
    told = json.loads(run(*REHEARSE, "--mails", str(folder), *AS_ROOT, "--json"))
    assert everything(home) == before
    assert left_behind(home) == set()
    today = home.world.clock.now().date()
    days = [today + timedelta(days=ahead) for ahead in (0, 65, 88, 95)]
    assert [(one["day"], one["steps"], one["mails"], one["settled"]) for one in told["days"]] == [
        (f"{days[0]}", {"A-95": 1, "B-95": 1}, 1, {}),
        (f"{days[1]}", {"B-30": 1}, 1, {}),
        (f"{days[2]}", {"B-7": 1}, 1, {}),
        (f"{days[3]}", {"moved": 2}, 1, {"moved": 2}),
    ]
    assert told["days"][-1]["reported"] is True
    assert told["rehearsed"] == {
        "on": f"{today}",
        "begun": "announced",
        "survey": None,
        "surveyed": None,
        "is_over": True,
        "troubles": [],
    }
    assert (told["state"], told["projects"]["moved"]) == ("reported", {"A": 1, "B": 1})
    assert [(one["user"], one["problem"]) for one in told["unreached_people"]] == [
        ("bob", "The e-mail address was never verified.")
    ]
    assert [(one["project"], [file["filename"] for file in one["files"]]) for one in told["lost_files"]] == [
        ("demo", sorted(FILES))
    ]
    assert {file.name for file in folder.iterdir()} == {
        f"{day}-ada_x@example.org-1.{ending}" for day in days for ending in ("txt", "html")
    }
    assert {oct(file.stat().st_mode & 0o777) for file in folder.iterdir()} == {"0o600"}
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert "demo-1.10.zip: https://files.test/" in (folder / f"{days[1]}-ada_x@example.org-1.txt").read_text()
    assert "<html" in (folder / f"{days[1]}-ada_x@example.org-1.html").read_text()


def test_mails_of_long_addresses(tmp_path: Path) -> None:
    """No file's name is too long, and none is written over; a folder that is there is for nobody else, either."""
    folder, longest = tmp_path / "mails", f"{'ä' * 150}@{'b' * 160}.example"
    folder.mkdir(mode=0o755)
    write, day, now = _writer(folder), date(2026, 5, 4), datetime(2026, 5, 4, tzinfo=UTC)
    recipients = (longest, f"{longest}.test", longest, "a/b@example.org", "a_b@example.org")
    for recipient in recipients:
        write(day, Message("1", recipient, f"To {recipient}", "Look.", now))
    files = list(folder.iterdir())
    assert {file.read_text().splitlines()[0] for file in files} == {f"To {one}" for one in recipients}
    assert (len(files), max(len(os.fsencode(file.name)) for file in files) <= 255) == (5, True)
    assert oct(folder.stat().st_mode & 0o777) == "0o700"


def test_for_people(home: Real, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """Tables, the first of what is long, and by what the outside is known; no log comes in between."""
    survey = start_survey_of_all(home.world, root_of(home))
    finish_survey(home.world, survey.id)
    shown = run(*REHEARSE, *AS_ROOT)
    for said in (
        "As if it were announced today",
        f"as survey 1 of {survey.started_at.date()} saw it",
        "moved, reported",
        "Home [1]",
        "No mail reaches 1 of them",
        "11 files of 1 projects stop being listed.",
        "… and 1 more: --json has all of them.",
    ):
        assert said in shown
    assert capfd.readouterr().err == ""


def test_one_that_is_paused(home: Real, run: Run) -> None:
    """It says as if what it is rehearsed, and by what the outside is known; what was told is not told again."""
    root = root_of(home)
    preview_campaign(home.world, root, 1)
    with home.world.store.write() as tx:
        tx.surveys.fail(1, "Nobody looks.", home.world.clock.now())
    announce_campaign(home.world, root, 1)
    assert look_after_campaigns(home.world) == 2
    pause_campaign(home.world, root, 1, "Wait.")
    shown = run(*REHEARSE, *AS_ROOT)
    assert "It is paused: as if it were resumed today" in shown
    assert "no survey of all projects was finished yet" in shown
    assert "B-95 " not in shown.partition("Campaign 1")[0]


def test_a_copy_that_is_kept(home: Real, run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is opened by the command that is told; no worker runs on it, and its time is the day after the campaign."""
    kept = tmp_path / "kept here.db"
    told = json.loads(run(*REHEARSE, "--keep", str(kept), *AS_ROOT, "--json"))
    *given, name, door = shlex.split(told["look"])
    assert (told["kept"], name, door) == (str(kept), "homeport", "web")
    environment = dict(one.split("=", 1) for one in given)
    chosen = read_settings(environment, tmp_path)
    assert (chosen.store.home, chosen.serve.base_url) == (home.folder.parent, "http://127.0.0.1:8418")
    with closing(connect_raw(kept)) as connection:
        for table in ("mails", "webhooks", "webhook_deliveries", "workflow_status"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
        modes = {mode for (mode,) in connection.execute("SELECT mode FROM projects")}
    assert modes == {"pypi-only"}
    with pytest.raises(Conflict, match="no worker runs on it"):
        worker_parts(chosen)
    assert open_clock(chosen).now() > home.world.clock.now() + timedelta(days=94)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
    with pytest.raises(Conflict, match="this is in its way"):
        run(*REHEARSE, "--keep", str(kept), *AS_ROOT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_it_leaves_no_copy(
    home: Real, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: signal.Signals
) -> None:
    """By Ctrl-C, by kill, or by closing the terminal."""
    before, handlers = everything(home), [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)]

    def end(_: object) -> int:
        assert len(left_behind(home)) == 1 or (tmp_path / "kept.db").exists()
        os.kill(os.getpid(), number)
        return 0

    monkeypatch.setattr(rehearsal, "send_mails", end)
    run(*REHEARSE, *AS_ROOT, status=130)
    if number is signal.SIGINT:
        run(*REHEARSE, *AS_ROOT, "--keep", str(tmp_path / "kept.db"), status=130)
    assert left_behind(home) == set()
    assert {file.name for file in tmp_path.iterdir()} == {"home"}
    assert everything(home) == before
    assert [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)] == handlers


def test_refusals(home: Real, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who may not, what is not there, and mails that have no place; nothing is copied for any of them."""
    with pytest.raises(Invalid, match="Say for whom"):
        run(*REHEARSE)
    with pytest.raises(Forbidden):
        run(*REHEARSE, "--as", "ada")
    with pytest.raises(NotFound):
        run("campaign", "rehearse", "9", *AS_ROOT)
    used = tmp_path / "used"
    used.mkdir()
    (used / "mine.txt").touch()
    with pytest.raises(Conflict, match="a folder of their own"):
        run(*REHEARSE, "--mails", str(used), *AS_ROOT)
    with pytest.raises(Unavailable, match="cannot be written into"):
        run(*REHEARSE, "--mails", str(used / "mine.txt"), *AS_ROOT)
    monkeypatch.setattr(Path, "write_text", _full)
    with pytest.raises(Unavailable, match="No space left"):
        run(*REHEARSE, "--mails", str(tmp_path / "mails"), *AS_ROOT)
    assert left_behind(home) == set()


def _full(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_what_goes_wrong_is_told_at_the_end(
    home: Real,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Once, with its project, and not between the lines of the terminal; and that an index without a mail server sends none."""
    # It ends sooner than another kind, and so does the rehearsal of one that is never over.
    draft = Draft(
        "Short", "Why.", home.world.clock.now().date() + timedelta(days=32), "https://x.test/", (30,)
    )
    for name in ("early", "late"):
        create_project(home.world, caller_of(home, "ada").user, name, HostingMode.CACHE)
    short = draft_campaign(home.world, root_of(home), CampaignKind.PHASE_OUT, draft)

    def stumble(seen: object, campaign: object, entrant: Entrant) -> bool:
        if entrant.project == "late":
            raise RuntimeError("broken")
        return look_at(seen, campaign, entrant)  # type: ignore[arg-type]

    look_at = campaign_days._look_at
    monkeypatch.setattr(campaign_days, "_look_at", stumble)
    monkeypatch.delenv("HOMEPORT_SMTP_URL")
    shown = run("campaign", "rehearse", str(short.id), *AS_ROOT, "--mails", str(tmp_path / "mails"))
    assert shown.count("a project of a campaign could not be looked after project=late (broken)") == 1
    for said in ("The campaign was not over on", "No mail would leave.", "This index sends no mail."):
        assert said in shown
    assert capfd.readouterr().err == ""
