"""``homeport inspect``, ``homeport fetch`` and ``homeport verify``: files, looked at."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import JsonOption, world
from homeport.cli.errors import Exit
from homeport.cli.inspection import inspect
from homeport.cli.output import print_json, say, table
from homeport.domain.digests import digests_of
from homeport.domain.errors import Unavailable
from homeport.domain.quota import told_size

if TYPE_CHECKING:
    from homeport.ports.fetch import Fetched, Hop

_FETCH_LIMIT = 2 * 1024**3
# Somebody sits there and waits.
_TURN_SECONDS = 10.0
_CHUNK = 1024 * 1024


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    app.command("inspect")(inspect)
    app.command("fetch")(_fetch)
    app.command("verify")(_verify)


def _fetch(url: Annotated[str, typer.Argument(metavar="URL")], as_json: JsonOption = False) -> None:
    """Fetch a URL exactly as the crawler does and explain what happened; the bytes are dropped."""
    from homeport.ports.fetch import Ask, Errand, FetchLimits, Outcome

    limits = FetchLimits(_FETCH_LIMIT, turn_seconds=_TURN_SECONDS)
    # A person named this very URL: robots.txt is not asked, but its host is not hurried either.
    fetched = world().fetcher.fetch(url, limits, lambda _: None, Ask(errand=Errand.CALL))
    if as_json:
        print_json(_told(fetched))
    else:
        _show(fetched)
    if fetched.outcome is not Outcome.OK:
        raise typer.Exit(Exit.REFUSED if fetched.outcome is Outcome.REFUSED else Exit.UNAVAILABLE)


def _told(fetched: "Fetched") -> dict[str, object]:
    from homeport.ports.fetch import Outcome

    tls = fetched.tls
    return {
        "allowed": fetched.outcome is not Outcome.REFUSED,
        "outcome": fetched.outcome.value,
        "code": fetched.code,
        "reason": fetched.reason or "fetched",
        "url": fetched.url,
        "hops": [{"url": hop.url, "address": hop.address, "status": hop.status} for hop in fetched.hops],
        "tls": {"protocol": tls.protocol, "leaf_sha256": tls.leaf_sha256, "issuer": tls.issuer}
        if tls
        else None,
        "size": fetched.size_bytes,
        "sha256": fetched.sha256 or None,
    }


def _show(fetched: "Fetched") -> None:
    if fetched.hops:
        rows = [
            (str(hop.status or "-"), escape(hop.url), hop.address, _secured_by(hop)) for hop in fetched.hops
        ]
        table(("Status", "URL", "Address", "TLS"), rows)
    if fetched.reason:
        say(fetched.reason)
    if fetched.sha256:
        say(f"{told_size(fetched.size_bytes)}, sha256 {fetched.sha256}")


def _secured_by(hop: "Hop") -> str:
    return escape(f"{hop.tls.protocol}, {hop.tls.issuer}") if hop.tls else "-"


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
        gone = {sha256 for sha256 in tx.files.removed_sha256() if not tx.files.is_hosted(sha256)}
    stored = sum(path.stat().st_size for sha256 in gone if (path := opened.blobs.path(sha256)))
    if as_json:
        print_json({"files": checked, "problems": problems, "removed_but_stored": stored})
    else:
        for problem in problems:
            say(f"{problem['project']}/{problem['file']}: {problem['problem']}")
        say(f"{checked} files checked, {len(problems)} problems.")
        if stored:
            say(f"{told_size(stored)} are in the store that nobody lists: files that were removed.")
    if problems:
        raise typer.Exit(Exit.REFUSED)
