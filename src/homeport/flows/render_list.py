"""The list of projects, rendered in segments: a change writes the one that holds its project's name.

1. A segment holds at most ``MOST_NAMES`` names; one that grows past them becomes two.
2. The HTML of a segment changes when a project comes or goes; its JSON also tells each project's last change.
"""

from collections.abc import Iterable, Sequence

from homeport.domain.index_page import ListedProject
from homeport.formats.accept import Form
from homeport.formats.simple_list import segment_of
from homeport.ports.store import Transaction

MOST_NAMES = 512

_FORMS: tuple[Form, ...] = ("json", "html")


def render_in_list(tx: Transaction, normalized: str, *, comes_or_goes: bool) -> None:
    """Render the segment of the project of that PEP 503 form anew."""
    first, before = tx.pages.segment_around(normalized)
    _render(tx, first, before, _FORMS if comes_or_goes else ("json",))


def render_whole_list(tx: Transaction) -> None:
    """Render every segment anew, each half full, so that there is room for those who come."""
    tx.pages.forget_segments()
    _render(tx, "", None, _FORMS)


def _render(tx: Transaction, first: str, before: str | None, forms: Iterable[Form]) -> None:
    while len(listed := tx.projects.listed(first, before, limit=MOST_NAMES + 1)) > MOST_NAMES:
        half = len(listed) // 2
        _put(tx, first, listed[:half], _FORMS)
        first, forms = listed[half].normalized, _FORMS
    _put(tx, first, listed, forms)


def _put(tx: Transaction, first: str, listed: Sequence[ListedProject], forms: Iterable[Form]) -> None:
    for form in forms:
        tx.pages.put_segment(first, form, segment_of(listed, form))
