"""A maintainer's own list of sha256s, held against a plan."""

from dataclasses import replace

from tests.support.builders import item, plan, unreachable

from homeport.domain.digests import Sha256
from homeport.domain.known_hashes import Unread, compare

ONE, TWO = Sha256.of(b"one"), Sha256.of(b"two")


def test_every_file_is_in_one_part_of_the_report() -> None:
    """Matched, mismatched, awaited, unnamed: each item is one of them; names of no item are unknown; hosted files are done."""
    right, wrong, awaited = (
        item(1, "a-1.tar.gz", b"one"),
        item(2, "b-1.tar.gz", b"one"),
        unreachable(3, "c-1.tar.gz"),
    )
    unnamed, hosted = item(4, "d-1.tar.gz"), item(5, "e-1.tar.gz", is_published=True)
    known = {"a-1.tar.gz": ONE, "b-1.tar.gz": TWO, "c-1.tar.gz": TWO, "e-1.tar.gz": ONE, "z-1.tar.gz": ONE}
    report = compare(plan(right, wrong, awaited, unnamed, hosted), known)
    assert (report.matched, report.mismatched, report.awaited) == ((right,), (wrong,), (awaited,))
    assert (report.unknown, report.unnamed) == (("z-1.tar.gz",), (unnamed,))
    assert report.named == {1: ONE, 2: TWO, 3: TWO}
    assert report.sentence == (
        "1 matched, 1 mismatched, 1 not here yet; 1 name is not in the plan, 1 file is not in the list."
    )


def test_lines_that_were_not_understood_are_told() -> None:
    """The first of them are told with the report, quoted, and that there are more."""
    assert Unread().sentence == ""
    assert Unread(("one",), 1).sentence == "1 line was not understood: 'one'"
    assert Unread(("one", "\u202etwo"), 3).sentence == "3 lines were not understood: 'one', '\\u202etwo' …"
    assert Unread(("h\xfcn\xef <b>\x1b",), 1).sentence == "1 line was not understood: 'hünï <b>\\x1b'"
    assert replace(compare(plan(), {}), unread=Unread(("one",), 1)).sentence.endswith(
        "in the list. 1 line was not understood: 'one'"
    )
