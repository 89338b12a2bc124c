"""``homeport fetch``: what a person reads, what a script reads, and the status both go by."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from tests.support.http_site import Site, serve
from tests.support.outside import Answer, Outside, page, redirect
from typer.testing import CliRunner

from homeport.cli import files

OK, REFUSED, UNAVAILABLE = 0, 1, 3
BODY = b"what a site has to give"
HOST = "127.0.0.1"

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site with a file, a way to it, and ways to elsewhere."""
    outside = Outside()
    outside.put(f"http://{HOST}/file", Answer(body=BODY))
    outside.put(f"http://{HOST}/old", redirect("/file"))
    outside.put(f"http://{HOST}/inside", redirect("http://10.0.0.1/"))
    outside.put(f"http://{HOST}/gone", page("<p>Gone.", status=410))
    with serve(outside) as served:
        yield served


@pytest.fixture
def run(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in a home of its own; status and what it printed."""
    for name, value in (("HOME", tmp_path), ("OUTSIDE_ALLOW", f"{HOST}:{site.port}"), ("CRAWL_PACE", "0")):
        monkeypatch.setenv(f"HOMEPORT_{name}", str(value))
    app = typer.Typer()
    files.add_commands(app)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["fetch", *words])
        return done.exit_code, done.output

    return run


def test_a_script_reads_everything(run: Run, site: Site) -> None:
    """The names are those of the contract, and every hop is there."""
    status, printed = run(f"{site.base_url}/old", "--json")
    file = f"{site.base_url}/file"
    assert status == OK
    assert json.loads(printed) == {
        "allowed": True,
        "outcome": "ok",
        "code": "",
        "reason": "fetched",
        "url": file,
        "hops": [
            {"url": f"{site.base_url}/old", "address": HOST, "status": 302},
            {"url": file, "address": HOST, "status": 200},
        ],
        "tls": None,
        "size": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
    }


@pytest.mark.parametrize(
    ("url", "status", "allowed", "outcome", "code", "hops"),
    [
        ("http://169.254.169.254/latest/", REFUSED, False, "refused", "address-refused", []),
        ("http://127.1/", REFUSED, False, "refused", "url-refused", []),
        ("file:///etc/passwd", REFUSED, False, "refused", "scheme-refused", []),
        ("{site}/inside", REFUSED, False, "refused", "address-refused", [302]),
        ("{site}/gone", UNAVAILABLE, True, "http-error", "http-error", [410]),
    ],
)
def test_a_script_reads_why_not(
    run: Run, site: Site, url: str, status: int, allowed: bool, outcome: str, code: str, hops: list[int]
) -> None:
    """A refusal has the same names, with the reason, and its own status."""
    got, printed = run(url.format(site=site.base_url), "--json")
    told = json.loads(printed)
    assert got == status
    assert (told["allowed"], told["outcome"], told["code"]) == (allowed, outcome, code)
    assert told["reason"].endswith(".")
    assert [hop["status"] for hop in told["hops"]] == hops
    assert told["tls"] is None


def test_a_person_reads_a_table(run: Run, site: Site) -> None:
    """One row for each hop, then size and digest; or the reason."""
    status, printed = run(f"{site.base_url}/old")
    assert status == OK
    lines = printed.splitlines()
    assert lines[0].split() == ["Status", "URL", "Address", "TLS"]
    assert lines[1].split() == ["302", f"{site.base_url}/old", HOST, "-"]
    assert lines[2].split() == ["200", f"{site.base_url}/file", HOST, "-"]
    assert lines[3].endswith(f"sha256 {hashlib.sha256(BODY).hexdigest()}")
    status, printed = run("http://10.0.0.1/")
    assert status == REFUSED
    assert printed.startswith("10.0.0.1 is not a public address: it is a private network (RFC 1918).")
