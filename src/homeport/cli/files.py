"""``homeport inspect``, ``homeport fetch`` and ``homeport verify``: files, looked at."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from homeport.cli.context import JsonOption, settings, world
from homeport.cli.errors import Exit
from homeport.cli.output import coloured, print_json, say, table
from homeport.domain.digests import digests_of
from homeport.domain.errors import Invalid, Unavailable
from homeport.domain.inspection import Expectation, Inspection, Verdict

_FETCH_LIMIT = 2 * 1024**3
_CHUNK = 1024 * 1024


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    app.command("inspect")(_inspect)
    app.command("fetch")(_fetch)
    app.command("verify")(_verify)


def _inspect(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Wheels and sdists.")],
    legacy: Annotated[
        bool, typer.Option("--legacy", help="With the lax name rules for crawled files.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge release files exactly as the index does; nothing is sent anywhere. Exit 1 when one is rejected."""
    from homeport.adapters.inspect.isolation import ChildIsolation

    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise Invalid(f"There is no file {', '.join(missing)}.", code="file-missing")
    isolation = ChildIsolation()
    found = [(file, isolation.inspect(file, Expectation(file.name, is_legacy=legacy))) for file in files]
    if as_json:
        print_json([_json(file, inspection) for file, inspection in found])
    else:
        for file, inspection in found:
            say_verdict(file, inspection)
    rejected = any(inspection.verdict is Verdict.REJECT for _, inspection in found)
    if rejected:
        raise typer.Exit(Exit.REFUSED)


def say_verdict(file: Path, inspection: Inspection) -> None:
    """One file's verdict and its findings, for a person."""
    table(
        (escape(file.name), coloured(inspection.verdict)),
        [(coloured(finding.severity), escape(finding.message)) for finding in inspection.findings],
    )


def _json(file: Path, inspection: Inspection) -> dict[str, Any]:
    findings = [
        {"code": f.code, "severity": f.severity.value, "message": f.message} for f in inspection.findings
    ]
    return {"file": str(file), "verdict": inspection.verdict.value, "findings": findings}


def _fetch(url: Annotated[str, typer.Argument(metavar="URL")], as_json: JsonOption = False) -> None:
    """Fetch a URL exactly as the crawler does and explain what happened; the bytes are dropped."""
    from homeport.ports.fetch import FetchLimits, Outcome
    from homeport.wiring import open_fetcher

    fetched = open_fetcher(settings()).fetch(url, FetchLimits(_FETCH_LIMIT), lambda _: None)
    tls = fetched.tls
    told = {
        "allowed": fetched.outcome is not Outcome.REFUSED,
        "reason": fetched.reason or "fetched",
        "url": fetched.url,
        "hops": [{"url": hop.url, "address": hop.address, "status": hop.status} for hop in fetched.hops],
        "tls": {"protocol": tls.protocol, "leaf_sha256": tls.leaf_sha256, "issuer": tls.issuer}
        if tls
        else None,
        "size": fetched.size_bytes,
        "sha256": fetched.sha256 or None,
    }
    if as_json:
        print_json(told)
    else:
        for hop in fetched.hops:
            say(f"{hop.status or '-'}  {hop.url}  {hop.address}")
        say(f"{told['reason']}: {fetched.size_bytes:,} bytes, sha256 {fetched.sha256 or '-'}")
    if fetched.outcome is not Outcome.OK:
        raise typer.Exit(Exit.REFUSED if fetched.outcome is Outcome.REFUSED else Exit.UNAVAILABLE)


def _verify(as_json: JsonOption = False) -> None:
    """Read every hosted file and compare it with its row; exit 1 when one differs or is missing."""
    opened = world()
    checked, problems = 0, []
    with opened.store.read() as tx:
        for project, filename, sha256, size_bytes in tx.files.every():
            checked += 1
            try:
                with opened.blobs.open(sha256) as file:
                    digest = digests_of(iter(lambda: file.read(_CHUNK), b"")).sha256
                    length = file.tell()
            except Unavailable as error:
                problems.append({"project": project, "file": filename, "problem": error.sentence})
                continue
            if digest != sha256 or length != size_bytes:
                problems.append(
                    {"project": project, "file": filename, "problem": f"its bytes have sha256 {digest}"}
                )
    if as_json:
        print_json({"files": checked, "problems": problems})
    else:
        for problem in problems:
            say(f"{problem['project']}/{problem['file']}: {problem['problem']}")
        say(f"{checked} files checked, {len(problems)} problems.")
    if problems:
        raise typer.Exit(Exit.REFUSED)
