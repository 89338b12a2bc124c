"""Which files of a plan are fetched, and when: at once where they are few, else when a maintainer says which.

1. A plan of history with more files than a person reviews in one go only lists them: it is shown in seconds, and bytes
   come for what the maintainer keeps. A file whose size nobody told counts as a small one.
2. A plan for one call (a registration, an update of the cache) always fetches: nobody is there to be asked.
3. What a place says of a file beside its hashes must hold as well. A size or a ``requires-python`` that the bytes
   contradict is held, not rejected: no hash was broken, and a person can see which of the two is wrong.
4. Patterns are compared with every file of a plan while nobody else can write: so many of them, and so long ones, are taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from homeport.domain.errors import Conflict, Invalid, all_problems
from homeport.domain.inspection import Finding, Severity
from homeport.domain.names import same_version
from homeport.domain.offer import Facts
from homeport.domain.rehost import Bytes, Item, Plan, Purpose
from homeport.domain.source import MAX_PATTERN, matches, too_many_patterns
from homeport.domain.urls import Url

_TO_FETCH = {Bytes.LISTED, Bytes.UNREACHABLE}


@dataclass(frozen=True, slots=True)
class Few:
    """What is few enough to be fetched unasked: so many files, of so many bytes together."""

    items: int = 100
    size_bytes: int = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Wish:
    """Which listed files a maintainer wants: those of ``items`` by id, or those that the patterns leave.

    ``only`` and ``leave_out`` are patterns for file names, ``version`` is one version, ``everything`` says that nothing
    of that need be given.
    """

    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    version: str = ""
    everything: bool = False
    items: frozenset[int] = frozenset()


def only_lists(purpose: Purpose, items: Iterable[Item], few: Few) -> bool:
    """True when the bytes of ``items`` wait until a maintainer asks for them."""
    sizes = [item.facts.size_bytes or 0 for item in items]
    return purpose is Purpose.HISTORY and (len(sizes) > few.items or sum(sizes) > few.size_bytes)


def require_bounded(wish: Wish) -> None:
    """``Invalid`` with everything that ``wish`` has too much of."""
    problems = too_many_patterns("only", wish.only) + too_many_patterns("except", wish.leave_out)
    if len(wish.version) > MAX_PATTERN:
        problems.append(f"version: {wish.version[:40]!r}… is longer than {MAX_PATTERN} characters.")
    all_problems("The choice of files", problems, code="fetch-choice-too-large")


def wished(plan: Plan, wish: Wish) -> tuple[Item, ...]:
    """The items whose bytes ``wish`` asks for: listed ones, and unreachable ones once more.

    Raises ``Invalid`` when nothing was chosen or an item does not exist, ``Conflict`` when there is nothing to fetch.
    """
    if not (wish.only or wish.leave_out or wish.version or wish.everything or wish.items):
        raise Invalid(
            "Say which files to fetch: patterns of their names (only, except), a version, or all.",
            code="fetch-choice-missing",
        )
    if unknown := sorted(wish.items - {item.id for item in plan.items}):
        raise Invalid(f"The plan has no item {', '.join(map(str, unknown))}.", code="item-unknown")
    meant = [item for item in plan.items if _is_wished(item, wish)]
    if not meant:
        raise Conflict(
            "The plan has no file of such a name and version: look at it again.", code="nothing-to-fetch"
        )
    chosen = tuple(item for item in meant if item.bytes in _TO_FETCH)
    if not chosen:
        raise Conflict(
            "None of the files that were chosen waits to be fetched: look at the plan again.",
            code="nothing-to-fetch",
        )
    return chosen


def _is_wished(item: Item, wish: Wish) -> bool:
    if wish.items:
        return item.id in wish.items
    return (
        (not wish.version or same_version(item.version.text, wish.version))
        and matches(wish.only, item.filename)
        and not (wish.leave_out and matches(wish.leave_out, item.filename))
    )


def host_of(url: str) -> str:
    """The host, and port where it is not the usual one, whose turn it is when ``url`` is fetched.

    Empty for what is no URL of ours: the fetch of it is refused without asking anybody.
    """
    try:
        return Url.parse(url).authority
    except Invalid:
        return ""


def contradicted_facts(facts: Facts, size_bytes: int, requires_python: str | None) -> tuple[Finding, ...]:
    """What places say of a file and its bytes do not; ``requires_python`` is its metadata's, ``None`` without any."""
    found = []
    if facts.size_bytes is not None and facts.size_bytes != size_bytes:
        sentence = f"The place that offers it says {facts.size_bytes:,} bytes, but it has {size_bytes:,}."
        found.append(Finding("size-differs", Severity.HOLD, sentence))
    if facts.requires_python and requires_python is not None:
        claimed, own = facts.requires_python, requires_python
        if not _is_same_requirement(claimed, own):
            sentence = (
                f"The place that offers it says Requires-Python {claimed!r}, its own metadata say {own!r}."
            )
            found.append(Finding("requires-python-differs", Severity.HOLD, sentence))
    return tuple(found)


def _is_same_requirement(one: str, other: str) -> bool:
    try:
        return SpecifierSet(one) == SpecifierSet(other)
    except ValueError:
        # No specifier, or a version in it has more digits than any number that is read.
        return one.strip() == other.strip()
