"""A plan in a terminal: every file, what is known of it, and what was not taken."""

from rich.markup import escape

from homeport.cli.output import coloured, console, hint, say, table
from homeport.domain.quota import told_size
from homeport.domain.rehost import Bytes, Decision, Item, State, acceptable
from homeport.flows.rehost.review import RehostView


def print_plan(view: RehostView) -> None:
    """Show ``view`` to a person who must decide."""
    rehost = view.rehost
    console.print(
        f"[bold]Rehost {rehost.id}[/bold] of [bold]{escape(rehost.project)}[/bold]"
        f" · {escape(rehost.version) or 'all versions'} · {coloured(rehost.state)} · plan {view.digest.hex[:16]}…"
    )
    if rehost.problem:
        say(rehost.problem)
    if view.plan.items:
        table(
            ("#", "file", "version", "size", "evidence", "verdict", "decision"),
            [_row(item) for item in view.plan.items],
        )
        for item in view.plan.items:
            _details(item)
    for visit in view.plan.visits:
        hint(f"visited {visit.url} ({visit.source}): {visit.problem or f'{visit.links} links'}")
    if view.plan.not_taken:
        say("Not taken:")
        for entry in view.plan.not_taken:
            say(f"  {entry.url}: {entry.sentence}")
    _next(view)


def _row(item: Item) -> tuple[str, ...]:
    return (
        str(item.id),
        escape(item.filename),
        escape(item.version.text),
        told_size(item.size_bytes) if item.sha256 else "",
        coloured(item.evidence.level) if item.evidence else "",
        coloured(item.verdict) if item.verdict else coloured(item.bytes),
        coloured("published") if item.is_published else item.decision.value,
    )


def _details(item: Item) -> None:
    hint(f"#{item.id} {item.url}" + (f"  on {item.found_on}" if item.found_on else ""))
    if item.sha256:
        hint(f"   sha256 {item.sha256}  {item.change}")
    if item.evidence and item.evidence.needs_confirmed_sha256:
        hint(f"   {item.evidence.sentence}")
    for finding in item.findings:
        console.print(f"   {coloured(finding.severity)} {escape(finding.message)}", soft_wrap=True)
    if item.bytes in {Bytes.UNREACHABLE, Bytes.REFUSED}:
        say(f"   {item.problem}")


def _next(view: RehostView) -> None:
    number, state = view.rehost.id, view.rehost.state
    if state is State.PLANNED and acceptable(view.plan):
        hint(f"Next: homeport rehost accept {number} --basis author   (or --only/--except FILE; or refuse)")
    elif state is State.PLANNED:
        hint(
            f"Nothing here can be accepted as it stands. Next: homeport rehost retry {number}, or refuse it."
        )
    elif state is State.FAILED:
        hint(f"Next: homeport rehost retry {number}")
    elif state is State.PUBLISHED:
        count = sum(item.decision is Decision.ACCEPT for item in view.plan.items)
        say(f"{count} files are hosted here now.")
