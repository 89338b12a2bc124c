"""``homeport rehost items | item | decide | hashes``: the review of a plan, part by part."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import coloured, console, hint, print_json, say, table
from homeport.domain.errors import Invalid
from homeport.domain.plan_draft import Changes, ReviewItem
from homeport.domain.quota import told_size
from homeport.domain.rehost import Decision
from homeport.domain.review_filter import Filter, Show, counts, page_of
from homeport.domain.source import matches

if TYPE_CHECKING:
    from homeport.domain.account import Caller
    from homeport.domain.contents import ContentsDiff, Likeness
    from homeport.domain.known_hashes import HashReport
    from homeport.flows.rehost.draft import Review, Shown
    from homeport.flows.rehost.item_detail import ItemDetail
    from homeport.ports.world import World

_MOST_NAMES = 20
_MOST_HASH_BYTES = 4 * 1024 * 1024
IdArgument = Annotated[int, typer.Argument(metavar="ID", help="The rehost's number.")]
FilterOption = Annotated[Show, typer.Option("--filter", help="What kind of files.", show_default=True)]
VersionOption = Annotated[str, typer.Option(help="Only files of this version.")]
TextOption = Annotated[str, typer.Option(help="Only files with this in their name or address.")]
RevisionOption = Annotated[
    int | None,
    typer.Option("--revision", help="The review you looked at; without it, the one that stands now."),
]


def add_commands(rehost: typer.Typer) -> None:
    """Hang the commands below ``homeport rehost``."""
    rehost.command("items")(_items)
    rehost.command("item")(_item)
    rehost.command("decide")(_decide)
    rehost.command("hashes")(_hashes)


def _items(
    rehost_id: IdArgument,
    show: FilterOption = Show.ALL,
    version: VersionOption = "",
    text: TextOption = "",
    page: Annotated[int, typer.Option(min=1, help="Of a hundred files.")] = 1,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the files of a plan, a page at a time: those a filter shows, and how they stand in the review."""
    from homeport.flows.rehost.draft import show_review
    from homeport.formats.review_json import draft_json, page_json

    opened = world()
    review = show_review(opened, _caller(opened, user, rehost_id), rehost_id)
    chosen = Filter(show, version, text)
    listed, found = page_of(review.items, chosen, page), counts(review.items)
    if as_json:
        told = {**draft_json(review.view.digest, review.draft), **page_json(listed, chosen, found)}
        print_json(told)
        return
    _say_draft(review)
    say(" · ".join(f"{kind}: {number:,}" for kind, number in found.items()))
    table(("#", "file", "version", "size", "verdict", "stands"), [_row(one) for one in listed.rows])
    hint(
        f"Page {listed.page} of {listed.pages}, {listed.matching:,} files. One closely: homeport rehost item {rehost_id} N"
    )


def _row(one: ReviewItem) -> tuple[str, ...]:
    item = one.item
    known = item.size_bytes if item.sha256 else item.facts.size_bytes
    stands = "accepted" if one.is_ticked else "to decide" if one.needs_decision else "left out"
    by = f" by {one.decided_by}" if one.decided_by else ""
    named = f", sha256 by {one.entry.named_by}" if one.entry and one.entry.sha256 else ""
    return (
        str(item.id),
        escape(item.filename),
        escape(item.version.text),
        told_size(known) if known is not None else "?",
        coloured(item.verdict) if item.verdict else item.bytes.value,
        escape(f"{'hosted here' if item.is_published else stands}{by}{named}"),
    )


def _item(
    rehost_id: IdArgument,
    item_id: Annotated[int, typer.Argument(metavar="ITEM", help="The file's number in the plan.")],
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at one file closely: how it came, what was found, and what is different from the version before."""
    from homeport.flows.rehost.item_detail import show_item
    from homeport.formats.review_json import comparison_json, review_item_json

    opened = world()
    detail = show_item(opened, _caller(opened, user, rehost_id), rehost_id, item_id)
    comparison = detail.comparison
    if as_json:
        compared = comparison_json(comparison.previous, comparison.diff, comparison.problem)
        print_json({**review_item_json(detail.shown), "comparison": compared})
        return
    _print_item(detail)


def _print_item(detail: "ItemDetail") -> None:
    item, comparison = detail.shown.item, detail.comparison
    console.print(f"[bold]{escape(item.filename)}[/bold] {escape(item.version.text)}")
    say(f"sha256 {item.sha256}" if item.sha256 else f"no bytes: {item.problem or item.bytes}")
    say(f"found on {item.found_on or 'no page: it was named'} ({item.source})")
    for url, address, status in item.hops or ((item.url, "", 0),):
        say(f"  {url} {address} {status or ''}".rstrip())
    if item.fetched and item.fetched.tls_protocol:
        say(f"{item.fetched.tls_protocol}, certificate by {item.fetched.tls_issuer}")
    if item.evidence:
        say(f"evidence {item.evidence.level}: {item.evidence.sentence}")
    for finding, advice in detail.findings:
        say(f"{finding.severity} {finding.code}: {finding.message}")
        hint(f"  {advice}")
    if comparison.diff is None or comparison.previous is None:
        hint(comparison.problem)
        return
    _print_diff(comparison.previous, comparison.diff)


def _print_diff(previous: "Likeness", diff: "ContentsDiff") -> None:
    say(f"compared with {previous.filename}:")
    for sign, part in (("+", diff.added), ("-", diff.removed), ("*", diff.changed)):
        for path in part.shown[:_MOST_NAMES]:
            say(f"  {sign} {path}")
        if part.total > _MOST_NAMES:
            say(f"  {sign} … {part.total - _MOST_NAMES:,} more")
    for field in diff.fields:
        for sign, lines in (("-", field.removed), ("+", field.added)):
            for line in lines:
                say(f"  {sign} {field.name}: {line}")


def _decide(
    rehost_id: IdArgument,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Accept this file, or those of a pattern; repeat."),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", metavar="FILE", help="Leave it out, or those of a pattern; repeat."),
    ] = None,
    undecided: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Take the decision back; repeat.")
    ] = None,
    decide_all: Annotated[
        Decision | None, typer.Option("--all", help="Decide about everything that the filter shows.")
    ] = None,
    show: FilterOption = Show.ALL,
    version: VersionOption = "",
    text: TextOption = "",
    revision: RevisionOption = None,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save decisions about the files of a plan. Nothing is published by that; others can go on from there."""
    from homeport.flows.rehost.draft import Bulk, Saving, save_draft, show_review
    from homeport.formats.review_json import draft_json

    opened = world()
    caller = _caller(opened, user, rehost_id)
    review = show_review(opened, caller, rehost_id)
    named = ((accept, Decision.ACCEPT), (leave_out, Decision.LEAVE_OUT), (undecided, Decision.UNDECIDED))
    decisions = {
        item_id: decision
        for patterns, decision in named
        for pattern in patterns or ()
        for item_id in _items_like(review, pattern)
    }
    if not decisions and decide_all is None:
        raise Invalid(
            "Say what to decide: --accept FILE, --leave-out FILE, --undecided FILE, or --all with a filter.",
            code="decision-missing",
        )
    bulk = Bulk(decide_all, Filter(show, version, text)) if decide_all else None
    saved = save_draft(opened, caller, rehost_id, _shown(review, revision), Saving(Changes(decisions), bulk))
    if as_json:
        print_json(draft_json(saved.view.digest, saved.draft))
        return
    _say_draft(saved)


def _hashes(
    rehost_id: IdArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A checksum file; - is what is piped in.")],
    revision: RevisionOption = None,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name the sha256 of many files at once, by a SHA256SUMS file, and report what matched."""
    from homeport.flows.rehost.draft import declare_hashes, show_review
    from homeport.formats.review_json import draft_json, report_json

    opened = world()
    caller = _caller(opened, user, rehost_id)
    shown = _shown(show_review(opened, caller, rehost_id), revision)
    report, review = declare_hashes(opened, caller, rehost_id, shown, _read(file))
    if as_json:
        print_json({**draft_json(review.view.digest, review.draft), "report": report_json(report)})
        return
    _print_report(report)
    _say_draft(review)


def _print_report(report: "HashReport") -> None:
    say(report.sentence)
    parts = (
        ("other bytes than the list says", [item.filename for item in report.mismatched]),
        ("not in the plan", list(report.unknown)),
        ("not in the list", [item.filename for item in report.unnamed]),
    )
    for words, names in parts:
        for name in names[:_MOST_NAMES]:
            say(f"  {words}: {name}")
        if len(names) > _MOST_NAMES:
            say(f"  {words}: {len(names) - _MOST_NAMES:,} more")


def _read(file: Path) -> bytes:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as opened:
            data = opened.read(_MOST_HASH_BYTES + 1)
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.", code="file-unreadable") from None
    if len(data) > _MOST_HASH_BYTES:
        raise Invalid(
            f"{file} is larger than {_MOST_HASH_BYTES >> 20} MiB: name its hashes in parts.",
            code="hashes-too-large",
        )
    return data


def _items_like(review: "Review", pattern: str) -> list[int]:
    found = [one.item.id for one in review.items if matches((pattern,), one.item.filename)]
    if not found:
        raise Invalid(f"The plan has no file {pattern!r}.", code="item-unknown")
    return found


def _shown(review: "Review", revision: int | None) -> "Shown":
    from homeport.flows.rehost.draft import Shown

    return Shown(review.view.digest, review.draft.revision if revision is None else revision)


def _say_draft(review: "Review") -> None:
    draft, number = review.draft, review.view.rehost.id
    undecided = sum(one.needs_decision for one in review.items)
    by = f"revision {draft.revision}, saved by {draft.saved_by}" if draft.revision else "nothing decided yet"
    say(f"Review of rehost {number}: {by}; {len(review.ticked):,} accepted, {undecided:,} to decide.")
    hint(f"Accept what it says: homeport rehost accept {number} --draft {draft.revision} --basis …")


def _caller(opened: "World", user: str | None, rehost_id: int) -> "Caller":
    from homeport.flows.rehost.start import find_rehost

    with opened.store.read() as tx:
        project = find_rehost(tx, rehost_id).project
    return caller_for(opened, user, project)
