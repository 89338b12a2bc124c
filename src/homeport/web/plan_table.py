"""A plan as it is shown in the browser: items by version, what may be ticked, and what was left out by reason.

Whether a sha256 would help an item is asked of the domain, not guessed here.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from homeport.domain.digests import Sha256
from homeport.domain.inspection import Verdict
from homeport.domain.names import ReleaseVersion, version_order
from homeport.domain.rehost import Bytes, Item, NotTaken, Plan, acceptable

_ANY_SHA256 = Sha256("0" * 64)
_MOST_PER_REASON = 200


@dataclass(frozen=True, slots=True)
class Row:
    """An item as it is shown.

    ``takes_sha256``: a sha256 named by the maintainer removes all that stands in its way. ``rivals`` are other
    items of the same file name, of which only one can be accepted.
    """

    item: Item
    may_tick: bool
    is_ticked: bool
    takes_sha256: bool
    typed: str
    rivals: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """What stands in the item's way and is not said by its findings."""
        said = {finding.message for finding in self.item.findings}
        return tuple(obstacle for obstacle in self.item.obstacles if obstacle not in said)

    @property
    def is_https(self) -> bool:
        """True when neither the file nor any hop on the way to it was asked for over plain HTTP."""
        return all(url.startswith("https://") for url in (self.item.url, *(hop[0] for hop in self.item.hops)))


@dataclass(frozen=True, slots=True)
class VersionRows:
    """The items of one version."""

    version: ReleaseVersion
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Links that were not taken for one reason: the first of them, and how many there are."""

    code: str
    shown: tuple[NotTaken, ...]
    total: int


@dataclass(frozen=True, slots=True)
class PlanTable:
    """Versions newest first, what was left out, and the counts a reader wants first."""

    versions: tuple[VersionRows, ...]
    left_out: tuple[LeftOut, ...]
    counts: tuple[tuple[int, str], ...]


def plan_table(plan: Plan, ticked: frozenset[int], typed: Mapping[int, str]) -> PlanTable:
    """``plan`` with these items ticked, and these texts typed as their sha256."""
    names = Counter(item.filename for item in plan.items)
    by_version: dict[str, list[Row]] = {}
    versions: dict[str, ReleaseVersion] = {}
    for item in sorted(plan.items, key=lambda item: (item.filename, item.url)):
        row = _row(item, ticked, typed, rivals=names[item.filename] - 1)
        versions.setdefault(item.version.key, item.version)
        by_version.setdefault(item.version.key, []).append(row)
    newest_first = sorted(
        versions.values(), key=lambda version: version_order(version.normalized), reverse=True
    )
    return PlanTable(
        tuple(VersionRows(version, tuple(by_version[version.key])) for version in newest_first),
        _left_out(plan),
        _counts(plan),
    )


def _row(item: Item, ticked: frozenset[int], typed: Mapping[int, str], *, rivals: int) -> Row:
    with_sha256 = replace(item, declared_sha256=(item.sha256 or _ANY_SHA256).hex)
    without_sha256 = replace(item, declared_sha256="")
    takes_sha256 = bool(without_sha256.obstacles) and not with_sha256.obstacles
    may_tick = not item.obstacles or takes_sha256
    return Row(item, may_tick, may_tick and item.id in ticked, takes_sha256, typed.get(item.id, ""), rivals)


def _left_out(plan: Plan) -> tuple[LeftOut, ...]:
    by_code: dict[str, list[NotTaken]] = {}
    for entry in plan.not_taken:
        by_code.setdefault(entry.code, []).append(entry)
    return tuple(
        LeftOut(code, tuple(entries[:_MOST_PER_REASON]), len(entries)) for code, entries in by_code.items()
    )


def _counts(plan: Plan) -> tuple[tuple[int, str], ...]:
    """How many items are what; what none is, is not said."""
    ready = acceptable(plan)
    kinds: tuple[tuple[str, Callable[[Item], bool]], ...] = (
        ("can be accepted as they stand", lambda item: item.id in ready),
        ("hosted here", lambda item: item.is_published),
        ("held: a person must look", lambda item: item.verdict is Verdict.HOLD),
        ("rejected by inspection", lambda item: item.verdict is Verdict.REJECT),
        ("unreachable", lambda item: item.bytes is Bytes.UNREACHABLE),
        ("not fetched yet", lambda item: item.bytes is Bytes.WANTED),
        ("not to be had", lambda item: item.bytes is Bytes.REFUSED),
    )
    found = ((sum(map(is_kind, plan.items)), words) for words, is_kind in kinds)
    return tuple((number, words) for number, words in found if number)
