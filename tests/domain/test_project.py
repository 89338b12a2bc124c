"""Projects: what a status lets happen, what lists may name, what a role is good for, and what a reason may be."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import project

from homeport.domain.errors import Conflict, Invalid
from homeport.domain.project import LONGEST_REASON, ProjectStatus, Role, require_reason

ACTIVE, ARCHIVED, QUARANTINED, DEPRECATED = ProjectStatus


@pytest.mark.parametrize("status", ProjectStatus)
def test_a_status_is_read_by_its_name(status: ProjectStatus) -> None:
    """The names are those of PEP 792."""
    assert ProjectStatus.parse(status.value) is status


@pytest.mark.parametrize("text", ["", "Active", "active ", "frozen", "x" * 5_000])
def test_other_statuses_are_refused(text: str) -> None:
    """Whatever else is asked for is refused, with the names there are, in a short sentence."""
    with pytest.raises(Invalid, match="use one of active, archived, quarantined, deprecated") as refused:
        ProjectStatus.parse(text)
    assert refused.value.code == "status-unknown"
    assert len(refused.value.sentence) < 200


def test_what_takes_files() -> None:
    """Standards A.13: active and deprecated projects take files, the others do not."""
    assert [status for status in ProjectStatus if status.takes_files] == [ACTIVE, DEPRECATED]


@pytest.mark.parametrize(("status", "is_private"), [*product(ProjectStatus, [False, True])])
def test_what_is_listed(status: ProjectStatus, *, is_private: bool) -> None:
    """Lists name what everybody may read and nobody must be kept from."""
    wanted = not is_private and status is not QUARANTINED
    assert project(status=status, is_private=is_private).is_listed is wanted


@pytest.mark.parametrize("status", ProjectStatus)
def test_quarantine_stops_changes(status: ProjectStatus) -> None:
    """Only a quarantined project must stay as it is."""
    if status is not QUARANTINED:
        project(status=status).require_no_quarantine()
        return
    with pytest.raises(Conflict, match="demo is quarantined: nothing of it changes") as refused:
        project(status=status).require_no_quarantine()
    assert refused.value.code == "project-quarantined"


def test_a_reader_maintains_nothing() -> None:
    """Of the roles, which come from most to least, the last is for reading only."""
    assert [(role.value, role.maintains) for role in Role] == [
        ("owner", True),
        ("maintainer", True),
        ("reader", False),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ""),
        (" \t\n ", ""),
        ("  Broken. ", "Broken."),
        ("Two\r\nlines\tand a\u2028third", "Two lines and a third"),
        ("Ümlauts, 日本語, ✓ and 🚢", "Ümlauts, 日本語, ✓ and 🚢"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("x" * LONGEST_REASON + " ", "x" * LONGEST_REASON),
    ],
)
def test_a_reason_is_one_line(text: str, reason: str) -> None:
    """Blanks of every kind are one space; everything that is seen stays as it is."""
    assert require_reason(text) == reason


@pytest.mark.parametrize(
    "text", ["\0", "a\x1b[31mb", "\x7f", "\x9b", "\u202e", "\u2066x\u2069", "\u200b", "\ud800", "\U000e0041"]
)
def test_a_reason_hides_nothing(text: str) -> None:
    """T-44: what controls a terminal, reorders, or is not seen at all, is no reason."""
    with pytest.raises(Invalid) as refused:
        require_reason(text)
    assert refused.value.code == "reason-unprintable"


def test_a_reason_is_no_book() -> None:
    """The refusal says how long it may be."""
    with pytest.raises(Invalid, match=r"has 1001 characters: at most 1000 are shown") as refused:
        require_reason("x" * (LONGEST_REASON + 1))
    assert refused.value.code == "reason-too-long"


@given(st.text(st.characters(codec=None), max_size=60))
def test_every_reason_can_be_written_in_a_line(text: str) -> None:
    """Whatever is taken is one printable line that UTF-8 has, and stays the same the second time."""
    try:
        reason = require_reason(text)
    except Invalid:
        return
    reason.encode()
    assert reason.isprintable()
    assert require_reason(reason) == reason
