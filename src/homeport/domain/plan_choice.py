"""Choosing from a plan: what may be accepted, what is taken without a choice, and where a person must look.

1. Nothing is chosen that has an obstacle, and one place for each file name.
2. What inspection holds, and what places contradict each other about, is taken only when a person names it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from homeport.domain.errors import Invalid, NeedsConsent
from homeport.domain.inspection import Verdict, verdict_of
from homeport.domain.rehost import Bytes, Decision, Item, Plan

# So many obstacles are told in the sentence of a plan of which nothing can be accepted; programs get every one.
_TOLD: Final = 5


def choose(plan: Plan, accept: frozenset[int]) -> tuple[Item, ...]:
    """The accepted items of ``plan``, or a refusal with every reason why they cannot be accepted.

    Raises ``Invalid`` when an item does not exist or none was chosen, ``NeedsConsent`` when an item's bytes were
    not seen, were rejected, or are not confirmed.
    """
    known = {item.id for item in plan.items}
    unknown = sorted(accept - known)
    if unknown:
        raise Invalid(f"The plan has no item {', '.join(map(str, unknown))}.", code="item-unknown")
    if not accept and all(item.obstacles for item in plan.items):
        problems = _problems(plan.items)
        more = f" And {len(problems) - _TOLD:,} more." if len(problems) > _TOLD else ""
        raise NeedsConsent(
            " ".join(["Nothing in this plan can be accepted as it stands.", *problems[:_TOLD]]) + more,
            code="nothing-acceptable",
            problems=problems,
        )
    if not accept:
        held = sum(is_held(item) for item in plan.items)
        why = f" {held} are held: look at what was found, then name those you want (--only)." if held else ""
        raise Invalid(
            f"No file was chosen.{why} Accept at least one, or refuse the plan (“Refuse the plan” on its page, or "
            "homeport rehost refuse).",
            code="nothing-accepted",
        )
    chosen = tuple(item for item in plan.items if item.id in accept)
    problems = _problems(chosen)
    twice = {item.filename for item in chosen if sum(other.filename == item.filename for other in chosen) > 1}
    problems += [f"{name}: accepted from more than one place; choose one." for name in sorted(twice)]
    if problems:
        raise NeedsConsent(
            "These files cannot be accepted as they stand. " + " ".join(problems),
            code="items-not-acceptable",
            problems=problems,
        )
    return chosen


def _problems(items: Sequence[Item]) -> list[str]:
    """Every obstacle of these items by name; that many are only listed is told once."""
    listed = [item for item in items if item.bytes is Bytes.LISTED and not item.is_published]
    told_at_once = frozenset(item.id for item in listed) if len(listed) > 1 else frozenset()
    problems = [
        f"{item.filename}: {obstacle}"
        for item in items
        if item.id not in told_at_once
        for obstacle in item.obstacles
    ]
    if told_at_once:
        problems.insert(
            0,
            f"{len(listed):,} of the files are only listed: nobody can agree to bytes that are not here. "
            "Fetch them first (“Fetch the ticked files” on the plan's page, or homeport rehost fetch).",
        )
    return problems


def acceptable(plan: Plan) -> frozenset[int]:
    """The items that ``accept`` without a choice takes: no obstacle, nothing to hold them, one per file name.

    Where places offer different bytes under one name, a person must choose.
    """
    contradicted = contradictions(plan.items)
    chosen: dict[str, int] = {}
    for item in plan.items:
        if (
            not item.obstacles
            and verdict_of(item.findings) is Verdict.ACCEPT
            and item.decision is not Decision.LEAVE_OUT
            and item.filename not in contradicted
        ):
            chosen.setdefault(item.filename, item.id)
    return frozenset(chosen.values())


def is_held(item: Item) -> bool:
    """True when ``item`` is taken only when a person names it: it can be accepted, and something was found."""
    return not item.obstacles and item.verdict is Verdict.HOLD


def contradictions(items: Iterable[Item]) -> dict[str, int]:
    """The file names under which there are different bytes, and how many: nobody can say which are meant."""
    by_name: dict[str, set[str]] = {}
    for item in items:
        if item.sha256 is not None:
            by_name.setdefault(item.filename, set()).add(item.sha256.hex)
    return {name: len(digests) for name, digests in sorted(by_name.items()) if len(digests) > 1}
