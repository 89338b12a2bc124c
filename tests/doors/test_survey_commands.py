"""Surveys in the terminal."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from tests.domain.test_survey import LINK, NOW
from tests.support.surveyed import GONE, survey_of
from typer.testing import CliRunner

from homeport.cli import accounts, projects, surveys
from homeport.domain.errors import Conflict, Invalid, NotFound, Refusal, Unavailable
from homeport.domain.survey import Look
from homeport.flows.survey.run import fail_survey, finish_survey
from homeport.ports.surveys import Seen
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world

Run = Callable[..., str]


@pytest.fixture(scope="module")
def begun_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which ada owns demo, and root administers; made once, because migrating takes longer than a test."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOMEPORT_HOME", str(folder))
        run_command("user", "add", "ada", "--email", "ada@example.org")
        run_command("project", "create", "demo", "--owner", "ada", "--mode", "pypi-cache")
        run_command("user", "add", "root", "--email", "root@example.org", "--admin")
    return folder


@pytest.fixture
def home(begun_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy of that home."""
    shutil.copytree(begun_home, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    return open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))


def run_command(*words: str) -> str:
    """Run a command; what it printed."""
    app = typer.Typer()
    for module in (accounts, projects, surveys):
        module.add_commands(app)
    done = CliRunner().invoke(app, list(words))
    if isinstance(done.exception, Refusal):
        raise done.exception
    return done.output


def test_begun_from_the_shell(home: World) -> None:
    """NAME and --all begin a survey, or show the one that runs; nothing, or both, is a mistake."""
    assert "Survey 1 of all projects" in run_command("survey", "--all", "--no-wait")
    assert json.loads(run_command("survey", "--all", "--no-wait", "--json"))["id"] == 1
    assert "Survey 2 of demo" in run_command("survey", "demo", "--no-wait")
    assert "Survey 2 of demo" in run_command("survey", "run", "demo", "--no-wait")
    for words in (("survey", "run"), ("survey", "demo", "--all")):
        with pytest.raises(Invalid, match="--all"):
            run_command(*words)
    listed = run_command("survey", "list")
    assert "all projects" in listed
    assert "0 of 1" in listed
    assert [one["id"] for one in json.loads(run_command("survey", "list", "--json"))] == [2, 1]


def test_shown_in_the_shell(home: World) -> None:
    """The newest survey is shown, or one by its number: the figures of all projects, or every link of one."""
    with pytest.raises(NotFound):
        run_command("survey", "show")
    assert "None yet." in run_command("survey", "list")
    number = survey_of(home, {"demo": [LINK, GONE]})
    shown = run_command("survey", "show")
    assert "C: external files, through crawled pages" in shown
    assert "site.test" in shown
    assert json.loads(run_command("survey", "show", str(number), "--json"))["report"]["links"] == 2
    with home.store.read() as tx:
        demo = tx.projects.find("demo")
    of_one = survey_of(home, {"demo": [LINK, GONE]}, of=demo)
    shown = run_command("survey", "show", str(of_one))
    assert "Class C" in shown
    assert "demo-3.0.zip" in shown
    told = json.loads(run_command("survey", "show", str(of_one), "--json"))
    assert (told["look"]["class"], len(told["links"])) == ("C", 2)
    assert "finished" in run_command("survey", "list", "--as", "root")


def test_for_whom_the_shell_acts(home: World) -> None:
    """With several administrators the shell asks which one is meant."""
    run_command("user", "add", "toor", "--email", "toor@example.org", "--admin")
    with pytest.raises(Invalid, match="root, toor administer this index"):
        run_command("survey", "--all", "--no-wait")
    assert "Survey 1" in run_command("survey", "--all", "--no-wait", "--as", "toor")


def test_a_survey_that_failed(home: World) -> None:
    """A survey that ended early is an error of the command, with its reason."""
    number = survey_of(home, {}, ends=False)
    fail_survey(home, number, "The disk is full.")
    with pytest.raises(Unavailable, match="The disk is full"):
        run_command("survey", "show", str(number))
    assert "ended early" in run_command("survey", "list")


def test_nobody_takes_it(home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits is told when no worker comes; a project without an outside is refused at once."""
    monkeypatch.setattr(surveys, "_NOBODY_AFTER", 0.01)
    monkeypatch.setattr(surveys, "_POLL_SECONDS", 0.02)
    with pytest.raises(Unavailable, match="No worker took it"):
        run_command("survey", "demo")
    run_command("project", "create", "only", "--owner", "ada")
    with pytest.raises(Conflict, match="pypi-only"):
        run_command("survey", "only")


def test_watched_no_longer(home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the watching; who did it is told that the survey goes on, and where it is seen."""
    number = survey_of(home, {"demo": [LINK]}, ends=False)

    def sleep(self: object, seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("homeport.adapters.system.SystemClock.sleep", sleep)
    assert f"It goes on: homeport survey show {number}" in run_command("survey", "--all")
    with home.store.read() as tx:
        found = tx.surveys.find(number)
    assert found is not None
    assert found.is_running


def test_watched_to_its_end(home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits sees the report when the survey has ended."""
    number = survey_of(home, {"demo": [LINK]}, ends=False)
    polls: list[int] = []

    def sleep(self: object, seconds: float) -> None:
        polls.append(1)
        if len(polls) == 2:
            finish_survey(home, number)

    monkeypatch.setattr("homeport.adapters.system.SystemClock.sleep", sleep)
    told = run_command("survey", "--all")
    assert "projects looked at: 1 of 1; links found: 1; hosts to be asked for more: 3\n" in told
    assert "Survey 1 of all projects" in told
    assert len(polls) == 2
    skipped = Look("demo", None, "It is archived.", at=NOW)
    with home.store.write() as tx:
        demo = tx.projects.find("demo")
        assert demo is not None
        one = tx.surveys.add(demo.id, by="ada", at=NOW)
        tx.surveys.put(one.id, [Seen(demo.id, skipped)], waiting_hosts=0)
    assert "It is archived." in run_command("survey", "show", str(one.id))
