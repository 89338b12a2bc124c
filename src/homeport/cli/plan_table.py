"""A plan in a terminal: every file, what is known of it, and what was not taken."""

from collections import Counter

from rich.markup import escape

from homeport.cli.output import coloured, console, hint, say, table
from homeport.domain.names import version_order
from homeport.domain.plan_choice import acceptable, is_held
from homeport.domain.quota import told_size
from homeport.domain.rehost import Bytes, Decision, Item, State
from homeport.flows.rehost.review import RehostView

# More files than this are counted before they are listed.
_MANY = 200


def print_plan(view: RehostView, *, show_all: bool = False) -> None:
    """Show ``view`` to a person who must decide; of a large plan the versions first, and ``show_all`` for every file."""
    rehost = view.rehost
    console.print(
        f"[bold]Rehost {rehost.id}[/bold] of [bold]{escape(rehost.project)}[/bold]"
        f" · {escape(rehost.version) or 'all versions'} · {coloured(rehost.state)} · plan {view.digest.hex[:16]}…"
    )
    if rehost.problem:
        say(rehost.problem)
    if view.expires_at is not None:
        hint(f"It waits for an answer until {view.expires_at:%Y-%m-%d %H:%M} UTC, and expires then.")
    is_large = len(view.plan.items) > _MANY and not show_all
    if is_large:
        _print_versions(view)
    elif view.plan.items:
        _print_items(view)
    for visit in view.plan.visits:
        hint(f"visited {visit.url} ({visit.source}): {visit.problem or f'{visit.links} links'}")
    if view.plan.not_taken:
        shown = view.plan.not_taken[:_MANY] if is_large else view.plan.not_taken
        say("Not taken:")
        for entry in shown:
            say(f"  {entry.url}: {entry.sentence}")
        if more := len(view.plan.not_taken) - len(shown):
            say(f"  and {more:,} more links")
    _next(view)


def _print_items(view: RehostView) -> None:
    table(
        ("#", "file", "version", "size", "evidence", "verdict", "decision"),
        [_row(item) for item in view.plan.items],
    )
    for item in view.plan.items:
        _details(item)
        if view.rehost.state is State.PLANNED and item.bytes is Bytes.HERE:
            _obstacles(item)


def _print_versions(view: RehostView) -> None:
    """One line for each version, newest first: how many files, how large, and how they stand."""
    by_version: dict[str, list[Item]] = {}
    for item in view.plan.items:
        by_version.setdefault(item.version.text, []).append(item)
    newest_first = sorted(
        by_version, key=lambda text: version_order(by_version[text][0].version.normalized), reverse=True
    )
    table(
        ("version", "files", "size", "how they stand"),
        [_version_row(text, by_version[text]) for text in newest_first],
    )
    number = view.rehost.id
    hint(f"Every file: homeport rehost show {number} --all")


def _version_row(version: str, items: list[Item]) -> tuple[str, ...]:
    sizes = [item.size_bytes if item.sha256 else item.facts.size_bytes for item in items]
    known = sum(size for size in sizes if size)
    told = told_size(known) if known else ""
    stands = Counter("published" if item.is_published else item.verdict or item.bytes for item in items)
    return (
        escape(version),
        str(len(items)),
        f"{told} and more" if told and None in sizes else told,
        ", ".join(f"{number} {coloured(word)}" for word, number in stands.items()),
    )


def _row(item: Item) -> tuple[str, ...]:
    return (
        str(item.id),
        escape(item.filename),
        escape(item.version.text),
        _size(item),
        coloured(item.evidence.level) if item.evidence else "",
        coloured(item.verdict) if item.verdict else coloured(item.bytes),
        coloured("published") if item.is_published else item.decision.value,
    )


def _size(item: Item) -> str:
    if item.sha256:
        return told_size(item.size_bytes)
    return f"({told_size(item.facts.size_bytes)})" if item.facts.size_bytes is not None else ""


def _details(item: Item) -> None:
    hint(f"#{item.id} {item.url}" + (f"  on {item.found_on}" if item.found_on else ""))
    if item.sha256:
        hint(f"   sha256 {item.sha256}  {item.change}")
    if item.evidence:
        hint(f"   {item.evidence.sentence}")
    for claim in item.claims:
        holds = {True: "✓ holds", False: "✗ does not hold", None: "not compared yet"}[claim.holds]
        hint(f"   {claim.sentence} {claim.algorithm} {claim.value[:16]}…  {holds}")
    for signature in item.signatures:
        hint(f"   {signature.outcome}: {signature.sentence}  {signature.url}")
    for finding in item.findings:
        console.print(f"   {coloured(finding.severity)} {escape(finding.message)}", soft_wrap=True)
    if item.bytes in {Bytes.UNREACHABLE, Bytes.REFUSED}:
        say(f"   {item.problem}{_tries(item)}")


def _obstacles(item: Item) -> None:
    """Why bytes that are here cannot be accepted, where no finding says it."""
    told = {finding.message for finding in item.findings}
    for obstacle in item.obstacles:
        if obstacle not in told:
            say(f"   {obstacle}")


def _tries(item: Item) -> str:
    if not item.tries:
        return ""
    times = "once" if item.tries == 1 else f"{item.tries} times"
    following = f"at {item.next_try_at:%Y-%m-%d %H:%M} UTC" if item.next_try_at else "when you ask for it"
    return f"  (tried {times}; next {following})"


def _next(view: RehostView) -> None:
    number, state = view.rehost.id, view.rehost.state
    if state is State.PLANNED and any(item.bytes is Bytes.LISTED for item in view.plan.items):
        hint(
            f"Files that are only listed have no bytes here. Fetch what you want to keep: homeport rehost fetch {number} "
            "--only PATTERN   (or --version V, --except PATTERN, --all)"
        )
    held = sum(is_held(item) for item in view.plan.items) if state is State.PLANNED else 0
    if held:
        hint(
            f"Held are {held:,}: look at what was found, then name those that you want: homeport rehost accept {number} "
            "--only FILE --basis author"
        )
    if state is State.PLANNED and acceptable(view.plan):
        hint(f"Next: homeport rehost accept {number} --basis author   (or --only/--except FILE; or refuse)")
    elif state is State.PLANNED and any(item.weakness for item in view.plan.items):
        hint(
            "Nothing here is known as well as this index publishes it; what helps is told with each file. To confirm a sha256: "
            f"homeport rehost accept {number} --basis author --sha256 FILE=HEX   (or refuse it)"
        )
    elif state is State.PLANNED and not held:
        hint(
            f"Nothing here can be accepted as it stands. Next: homeport rehost retry {number}, or refuse it."
        )
    elif state is State.FAILED:
        hint(f"Next: homeport rehost retry {number}")
    elif state is State.PARTLY_PUBLISHED:
        hint(
            f"It is tried again by itself. Try now: homeport rehost retry {number}   (--file FILE for one of them)"
        )
    elif state is State.CONSENTED and view.cooled_at is not None:
        hint(
            f"The files are published after {view.cooled_at:%Y-%m-%d %H:%M} UTC; until then the consent can be withdrawn: "
            f"homeport rehost withdraw {number}"
        )
    elif state is State.PUBLISHED:
        count = sum(item.decision is Decision.ACCEPT for item in view.plan.items)
        say("1 file is hosted here now." if count == 1 else f"{count:,} files are hosted here now.")
