"""Registration: whether what was found for one version suffices for an answer of success, and if not, why not.

1. Success means that every file found for the version is, or can be, hosted: one mismatch, one rejected
   archive, or one unreachable file refuses all, with every reason (design §3).
2. The maintainer's call is the consent to the files of exactly that version, found at places that the standing
   consent names, or that the call itself named.
"""

from dataclasses import dataclass
from datetime import datetime

from homeport.domain.consent import StandingConsent
from homeport.domain.inspection import Verdict
from homeport.domain.rehost import Bytes, Item, Plan, Purpose


@dataclass(frozen=True, slots=True)
class Ready:
    """These items are to be hosted; nothing, when all of them are already."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class NotReady:
    """Why not, with every reason. ``may_retry`` when a site may just be down."""

    code: str
    sentence: str
    may_retry: bool = False


def decide(
    plan: Plan,
    purpose: Purpose,
    standing: StandingConsent | None,
    called_places: frozenset[str],
    *,
    has_hosted_files: bool,
    now: datetime,
) -> Ready | NotReady:
    """What follows from ``plan``. ``called_places`` are the URLs that the registration call itself named."""
    if standing is None or now >= standing.expires_at:
        return NotReady(
            "standing-consent-missing",
            "There is no live consent to host files of this project: give it with homeport mode set NAME pypi-cache --consent.",
        )
    if purpose is Purpose.UPDATE_CACHE:
        return Ready(
            tuple(
                item
                for item in _one_per_name(plan.items)
                if not _obstacles(item, standing, called_places, now)
            )
        )
    unreachable = [
        f"{visit.url}: {visit.problem}" for visit in plan.visits if visit.problem and not plan.items
    ]
    unreachable += [f"{item.url}: {item.problem}" for item in plan.items if item.bytes is Bytes.UNREACHABLE]
    reasons = [
        f"{item.filename}: {reason}"
        for item in plan.items
        if item.bytes is not Bytes.UNREACHABLE
        for reason in _obstacles(item, standing, called_places, now)
    ]
    reasons += _contradictions(plan.items)
    if reasons:
        return NotReady("files-refused", "Nothing was registered. " + " ".join(reasons + unreachable))
    if unreachable:
        return NotReady(
            "site-unreachable",
            "Nothing was registered: could not reach " + "; ".join(unreachable),
            may_retry=True,
        )
    if not plan.items and not has_hosted_files:
        return NotReady("nothing-found", _nothing_found(plan))
    return Ready(tuple(item for item in _one_per_name(plan.items) if not item.is_published))


def _obstacles(
    item: Item, standing: StandingConsent, called_places: frozenset[str], now: datetime
) -> tuple[str, ...]:
    if item.is_published:
        return ()
    if item.verdict is Verdict.HOLD:
        held = " ".join(finding.message for finding in item.findings if finding.severity == "hold")
        return (f"A person must look at it first (homeport plan, then rehost show): {held}",)
    place = item.found_on or item.url
    if not (standing.covers(place, item.filename, now) or place in called_places):
        return (
            f"It was found at {place}, which the standing consent does not name: add it with homeport source add.",
        )
    return item.obstacles


def _contradictions(items: tuple[Item, ...]) -> list[str]:
    """One name, two different files: nobody can say which one is meant."""
    by_name: dict[str, set[str]] = {}
    for item in items:
        if item.sha256 is not None:
            by_name.setdefault(item.filename, set()).add(item.sha256.hex)
    return [
        f"{name}: the sources offer {len(digests)} different files under this name."
        for name, digests in sorted(by_name.items())
        if len(digests) > 1
    ]


def _one_per_name(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple({item.filename: item for item in reversed(items)}.values())[::-1]


def _nothing_found(plan: Plan) -> str:
    looked = ", ".join(visit.url for visit in plan.visits)
    if not looked and not plan.not_taken:
        return (
            "Nothing was registered: the project names no home page and no download URL, and has no source. "
            "Add one (homeport source add), or upload the files."
        )
    seen = " ".join(f"{entry.url}: {entry.sentence}" for entry in plan.not_taken[:5])
    return f"Nothing was registered: no file of version {plan.version} was found at {looked or 'its sources'}. {seen}".strip()
