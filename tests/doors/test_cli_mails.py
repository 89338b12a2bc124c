"""``homeport mail bounced``: what came back, told from the shell."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from homeport.cli import accounts, mails
from homeport.domain.errors import Invalid, NotFound, Refusal, TooLarge
from homeport.formats.delivery_report import MAX_REPORT_BYTES


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with ada."""
    folder = tmp_path_factory.mktemp("home")
    run(folder, "user", "add", "ada", "--email", "ada@example.org")
    return folder


def run(home: Path, *words: str, stdin: bytes = b"") -> str:
    """Run a command on that home; what it printed."""
    app = typer.Typer()
    accounts.add_commands(app)
    mails.add_commands(app)
    done = CliRunner().invoke(app, list(words), input=stdin, env={"HOMEPORT_HOME": str(home)})
    if isinstance(done.exception, Refusal):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_an_address_is_marked_by_name(home: Path) -> None:
    """To people and to scripts; an address that nobody has is refused."""
    said = run(home, "mail", "bounced", "ada@example.org")
    assert said == "ada <ada@example.org> is marked: A mail came back.\n"
    (told,) = json.loads(run(home, "mail", "bounced", "ada@example.org", "--json"))
    assert told == {"user": "ada", "email": "ada@example.org", "problem": "A mail came back."}
    with pytest.raises(NotFound):
        run(home, "mail", "bounced", "nobody@example.org")


def test_a_report_is_read_from_standard_input(home: Path) -> None:
    """Of no mail from here: nobody is marked; no report, or too much of one, is refused."""
    report = (
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        b"Final-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: 5.1.1\n\n--b\n"
        b"Content-Type: text/rfc822-headers\n\n"
        b"Message-ID: <homeport.9.20260304050607000000." + b"0" * 32 + b"@example.org>\n\n--b--\n"
    )
    assert run(home, "mail", "bounced", stdin=report).startswith("Nobody is marked")
    assert json.loads(run(home, "mail", "bounced", "-", "--json", stdin=report)) == []
    with pytest.raises(Invalid):
        run(home, "mail", "bounced", "-", stdin=b"hello")
    with pytest.raises(TooLarge):
        run(home, "mail", "bounced", "-", stdin=b"x" * (MAX_REPORT_BYTES + 2))
