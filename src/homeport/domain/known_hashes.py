"""Known hashes: a maintainer's own list of sha256s, held against the items of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeport.domain.digests import Sha256
from homeport.domain.rehost import Item, Plan


@dataclass(frozen=True, slots=True)
class Unread:
    """Lines of a list that nobody understood: the first of them, and how many there are."""

    first: tuple[str, ...] = ()
    total: int = 0

    @property
    def sentence(self) -> str:
        """The same for people; empty when every line was understood."""
        if not self.total:
            return ""
        told = "1 line was" if self.total == 1 else f"{self.total:,} lines were"
        more = " …" if self.total > len(self.first) else ""
        return f"{told} not understood: {', '.join(map(repr, self.first))}{more}"


@dataclass(frozen=True, slots=True)
class HashReport:
    """What a list of hashes says of a plan.

    ``matched`` items have the bytes that the list names, ``mismatched`` ones others; ``awaited`` ones have none here yet.
    ``unknown`` names are in no plan, and ``unnamed`` items in no list. ``named`` holds every digest, by the items' ids.
    """

    named: Mapping[int, Sha256]
    matched: tuple[Item, ...]
    mismatched: tuple[Item, ...]
    awaited: tuple[Item, ...]
    unknown: tuple[str, ...]
    unnamed: tuple[Item, ...]
    unread: Unread = Unread()

    @property
    def sentence(self) -> str:
        """The report in one line."""
        told = (
            f"{len(self.matched):,} matched, {len(self.mismatched):,} mismatched, {len(self.awaited):,} not here yet; "
            f"{_are(len(self.unknown), 'name')} not in the plan, {_are(len(self.unnamed), 'file')} not in the list."
        )
        return f"{told} {self.unread.sentence}".rstrip()


def _are(number: int, what: str) -> str:
    return f"1 {what} is" if number == 1 else f"{number:,} {what}s are"


def compare(plan: Plan, known: Mapping[str, Sha256]) -> HashReport:
    """What ``known``, sha256s by file name, says of the items of ``plan`` that are not hosted yet."""
    items = tuple(item for item in plan.items if not item.is_published)
    named = {item.id: known[item.filename] for item in items if item.filename in known}
    there = {item.filename for item in plan.items}
    return HashReport(
        named=named,
        matched=tuple(item for item in items if item.sha256 and named.get(item.id) == item.sha256),
        mismatched=tuple(
            item for item in items if item.sha256 and named.get(item.id, item.sha256) != item.sha256
        ),
        awaited=tuple(item for item in items if item.sha256 is None and item.id in named),
        unknown=tuple(sorted(name for name in known if name not in there)),
        unnamed=tuple(item for item in items if item.id not in named),
    )
