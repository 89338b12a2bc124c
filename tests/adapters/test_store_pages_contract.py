"""The contract of ``ports.pages.Pages``, by fake and SQLite, and what of it the readers of SQLite are given."""

from dataclasses import replace

import pytest
from tests.support.world import Real

from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.errors import Conflict
from homeport.formats.codings import CODINGS, encoded
from homeport.ports.pages import Rendered
from homeport.ports.reads import StoredPage
from homeport.ports.store import Store


def rendered(body: bytes, serial: int, *, is_private: bool = False) -> Rendered:
    """A page in every coding."""
    bodies = {coding: encoded(body, coding) for coding in CODINGS}
    return Rendered(bodies, f"tag-{serial}", serial, is_private)


def segments(store: Store, *firsts: str) -> None:
    """Segments that begin there."""
    with store.write() as tx:
        for first in firsts:
            tx.pages.put_segment(first, "json", first.encode())
            tx.pages.put_segment(first, "html", first.encode())


def around(store: Store, name: str) -> tuple[str, str | None]:
    """The bounds of the segment a name belongs to."""
    with store.read() as tx:
        return tx.pages.segment_around(name)


@pytest.mark.parametrize("name", ["", "demo", "zzz"])
def test_a_list_that_was_never_written_is_one_segment(store: Store, name: str) -> None:
    """Before there is any segment, every name belongs to the one that is to come."""
    assert around(store, name) == ("", None)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("0", ("", "demo")),
        ("dem", ("", "demo")),
        ("demo", ("demo", "m")),
        ("demo-1", ("demo", "m")),
        ("lz", ("demo", "m")),
        ("m", ("m", None)),
        ("zzz", ("m", None)),
    ],
)
def test_a_name_belongs_to_one_segment(store: Store, name: str, bounds: tuple[str, str | None]) -> None:
    """A segment holds its first name and those up to the next segment's."""
    segments(store, "", "demo", "m")
    assert around(store, name) == bounds


def test_a_segment_in_one_form_is_a_segment(store: Store) -> None:
    """The bounds are the same whichever forms were written."""
    segments(store, "")
    with store.write() as tx:
        tx.pages.put_segment("k", "json", b"k")
        assert tx.pages.segment_around("z") == ("k", None)


def test_forgotten_segments_are_gone(store: Store) -> None:
    """After all segments are forgotten the list is as if it had never been written."""
    segments(store, "", "demo")
    with store.write() as tx:
        tx.pages.forget_segments()
    assert around(store, "demo") == ("", None)


def test_the_rendering_is_remembered(store: Store) -> None:
    """No rendering is 0; the last one that was set is told, and is not set by a transaction that raised."""
    with store.read() as tx:
        assert tx.pages.rendering() == 0
    for version in (2, 3):
        with store.write() as tx:
            tx.pages.set_rendering(version)
    with store.read() as tx:
        assert tx.pages.rendering() == 3

    def fail() -> None:
        with store.write() as tx:
            tx.pages.set_rendering(4)
            tx.pages.put_segment("", "json", b"new")
            raise Conflict("No.", code="no")

    with pytest.raises(Conflict):
        fail()
    with store.read() as tx:
        assert tx.pages.rendering() == 3


def test_a_page_is_kept_in_every_coding(real: Real, reads: SqliteHotReads) -> None:
    """Each coding of each form is found alone, with the tag, the serial and the word who may read it."""
    page = rendered(b"body", 7, is_private=True)
    with real.store.write() as tx:
        tx.pages.put("demo", "json", page)
    for coding in CODINGS:
        assert reads.page("demo", "json", coding) == StoredPage(
            page.bodies[coding], "tag-7", 7, is_private=True
        )
        assert reads.page("demo", "html", coding) is None
        assert reads.page("dem", "json", coding) is None


def test_the_newest_page_takes_the_place_of_the_one_before(real: Real, reads: SqliteHotReads) -> None:
    """A page that is put again is the new one in every coding, for readers that were there before."""
    first, second = rendered(b"first", 1, is_private=True), rendered(b"second", 2)
    for page in (first, second):
        with real.store.write() as tx:
            tx.pages.put("demo", "html", page)
            tx.pages.put("other", "html", first)
        for coding in CODINGS:
            found = reads.page("demo", "html", coding)
            assert found == StoredPage(page.bodies[coding], page.etag, page.serial, page.is_private)
    assert reads.page("other", "html", "gzip") == StoredPage(
        first.bodies["gzip"], "tag-1", 1, is_private=True
    )


def test_a_page_of_a_write_that_failed_is_not_seen(real: Real, reads: SqliteHotReads) -> None:
    """What a transaction put before it raised, nobody reads."""
    kept = rendered(b"kept", 1)
    with real.store.write() as tx:
        tx.pages.put("demo", "json", kept)

    def fail() -> None:
        with real.store.write() as tx:
            tx.pages.put("demo", "json", replace(kept, etag="lost"))
            raise Conflict("No.", code="no")

    with pytest.raises(Conflict):
        fail()
    found = reads.page("demo", "json", "zstd")
    assert found is not None
    assert found.etag == "tag-1"
