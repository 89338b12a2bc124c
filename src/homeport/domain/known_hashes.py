"""Known hashes: a maintainer's own list of sha256s, held against the items of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeport.domain.digests import Sha256
from homeport.domain.rehost import Item, Plan


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

    @property
    def sentence(self) -> str:
        """The report in one line."""
        return (
            f"{len(self.matched):,} matched, {len(self.mismatched):,} mismatched, {len(self.awaited):,} not here yet; "
            f"{len(self.unknown):,} names are not in the plan, {len(self.unnamed):,} files are not in the list."
        )


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
