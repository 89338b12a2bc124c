"""How sources, and what they would offer, are shown in the terminal."""

from collections.abc import Sequence

from rich.markup import escape

from homeport.cli.output import hint, table
from homeport.domain.quota import told_size
from homeport.domain.rehost import NotTaken
from homeport.domain.source import Filters
from homeport.formats.trial_json import TriedFile

_TOLD = 40


def told_filters(filters: Filters) -> str:
    """The filters that are set, in one line."""
    told = [f"{name} {_told(value)}" for name, value in filters.to_json().items()]
    return "; ".join(told)


def _told(value: object) -> str:
    if value is True:
        return "too"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def files_table(files: Sequence[TriedFile]) -> None:
    """The files that a plan would have."""
    if not files:
        return
    rows = [
        (
            escape(file.taken.parsed.filename),
            escape(file.taken.parsed.version.text),
            "?" if file.facts.size_bytes is None else told_size(file.facts.size_bytes),
            ", ".join(algorithm for algorithm, _ in file.claimed) or "no",
            escape(file.facts.tag),
            ", ".join(file.facts.seen_by),
        )
        for file in files
    ]
    table(
        ("file", "version", "size", "hash", "tag", "seen by"),
        rows,
        title="1 file" if len(files) == 1 else f"{len(files):,} files",
    )


def left_out_table(left_out: Sequence[NotTaken]) -> None:
    """What a plan would not have, and why."""
    if not left_out:
        return
    rows = [(escape(one.url), escape(one.sentence)) for one in left_out[:_TOLD]]
    table(("left out", "why"), rows)
    if len(left_out) > _TOLD:
        hint(f"… and {len(left_out) - _TOLD:,} more: --json shows all.")
