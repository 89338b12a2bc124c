"""What a plan in a terminal says to do next."""

from pathlib import Path

import pytest
import typer
from tests.support.builders import HOLD, REJECT, item, plan, project, rehost
from typer.testing import CliRunner

from homeport.cli import accounts, projects, rehosts, sources
from homeport.cli.plan_table import print_plan
from homeport.domain.evidence import Level
from homeport.domain.rehost import Bytes, Item, State
from homeport.flows.rehost.review import RehostView

ACCEPT, HELD, NOTHING = "Next: homeport rehost accept 1", "Held are 1:", "Nothing here can be accepted"
LISTED = item(2, content=None, bytes=Bytes.LISTED)


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([item()], {ACCEPT}),
        ([item(findings=(HOLD,))], {HELD}),
        ([item(findings=(HOLD,)), LISTED], {HELD}),
        ([item(findings=(HOLD,)), item(2, "demo-1.0-py3-none-any.whl")], {HELD, ACCEPT}),
        ([item(findings=(REJECT,))], {NOTHING}),
        ([], {NOTHING}),
    ],
)
def test_what_is_next(items: list[Item], told: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What can be accepted as it stands, what must be named first, and that nothing can be, are told apart."""
    shown = plan(*items)
    print_plan(RehostView(rehost(), project(), shown, shown.digest(), None))
    out = capsys.readouterr().out
    assert {sentence for sentence in (ACCEPT, HELD, NOTHING) if sentence in out} == told


def test_what_the_policy_stops(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside each file stands that its evidence is too weak for this index, and what helps; once it is over, no more."""
    weak = plan(item()).under(Level.CORROBORATED)
    print_plan(RehostView(rehost(), project(), weak, weak.digest(), None))
    out = " ".join(capsys.readouterr().out.split())
    assert "and this index publishes “corroborated” or better: confirm that its sha256 is" in out
    assert "homeport rehost accept 1 --basis author --sha256 FILE=HEX" in out
    assert NOTHING not in out
    print_plan(RehostView(rehost(State.REFUSED), project(), weak, weak.digest(), None))
    assert "or better" not in capsys.readouterr().out
    rejected = plan(item(findings=(REJECT,)))
    print_plan(RehostView(rehost(), project(), rejected, rejected.digest(), None))
    assert capsys.readouterr().out.count(REJECT.message) == 1


def test_who_waits_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the waiting, not the plan; who did it is told where it can be watched."""

    def sleep(self: object, seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    monkeypatch.setattr("homeport.adapters.system.SystemClock.sleep", sleep)
    app = typer.Typer()
    for module in (accounts, projects, sources, rehosts):
        module.add_commands(app)
    for words in (
        "user add ada --email ada@example.org",
        "project create demo --owner ada --mode pypi-cache",
        "source add demo homepage https://example.org/demo/",
    ):
        assert CliRunner().invoke(app, words.split()).exit_code == 0
    assert "It goes on: homeport rehost watch 1" in CliRunner().invoke(app, ["plan", "demo"]).output
    assert "planning" in CliRunner().invoke(app, ["rehost", "list", "demo"]).output
