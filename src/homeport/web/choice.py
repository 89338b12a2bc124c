"""Which items of a plan a page shows, and what was chosen of those that it does not show.

A plan may hold more than one page does. A form carries the ticks of all its pages, so that turning one loses nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from homeport.domain.errors import Invalid
from homeport.domain.fetching import host_of
from homeport.domain.inspection import Verdict
from homeport.domain.names import same_version
from homeport.domain.rehost import Bytes, Item

PAGE_ITEMS = 200
_MOST_IDS = 10_000
_RANGES = re.compile(r"(?:[0-9]{1,18}(?:-[0-9]{1,18})?(?:,|$))*", re.ASCII)
_PAGE = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items are shown: everything that is not empty must fit. ``page`` counts from 1.

    A form tells its own page as ``here``, and that of the button that was pressed as ``page``.
    """

    bytes: str = ""
    verdict: str = ""
    host: str = ""
    version: str = ""
    page: int = 1

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Filter":
        """The filter that an address or a form tells; words that mean nothing filter nothing."""
        page = told.get("page") or told.get("here", "")
        return cls(
            bytes=_known(told.get("bytes", ""), Bytes),
            verdict=_known(told.get("verdict", ""), Verdict),
            host=told.get("host", "").strip(),
            version=told.get("version", "").strip(),
            page=max(1, int(page)) if _PAGE.fullmatch(page) else 1,
        )

    def query(self, page: int) -> str:
        """The address of another page of the same items, without its path."""
        told = {"bytes": self.bytes, "verdict": self.verdict, "host": self.host, "version": self.version}
        return "?" + urlencode({**{name: value for name, value in told.items() if value}, "page": page})

    def shows(self, item: Item) -> bool:
        """True when ``item`` is among those that are shown, on whichever page."""
        return (
            self.bytes in {"", item.bytes.value}
            and self.verdict in {"", item.verdict}
            and (not self.version or same_version(item.version.text, self.version))
            and self.host in {"", host_of(item.url)}
        )


EVERY_ITEM: Final = Filter()


def _known(word: str, words: Iterable[str]) -> str:
    return word if word in set(words) else ""


def to_ranges(ids: Iterable[int]) -> str:
    """Ids as one short text: ``1-40,42``."""
    runs: list[list[int]] = []
    for number in sorted(ids):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def from_ranges(text: str) -> frozenset[int]:
    """What :func:`to_ranges` wrote, or ``Invalid``."""
    ids: set[int] = set()
    if not _RANGES.fullmatch(text):
        raise _broken()
    for run in filter(None, text.split(",")):
        first, _, last = run.partition("-")
        start, end = int(first), int(last or first)
        if end - start + len(ids) >= _MOST_IDS:
            raise _broken()
        ids.update(range(start, end + 1))
    return frozenset(ids)


def _broken() -> Invalid:
    return Invalid("The form's list of files on other pages cannot be read.", code="form-broken")
