"""A rehost: one run that brings files of one project home. Its states, and the one table that moves it.

1. Nothing reaches ``published`` without passing ``consented`` (a test searches the graph for a way around).
2. Waiting for a person is a state (``planned``), not a sleeping process.
3. ``partly published``: some accepted items are still unreachable; a retry publishes the rest.
4. The published bytes are the reviewed ones: an item's sha256 is fixed when the plan is, and a plan is known
   by the digest of its canonical JSON. What changes the plan changes the digest, and voids what was agreed to.
5. A large plan lists files before it has their bytes (``LISTED``): nobody can agree to those. Fetching them is a step
   back to ``planning``, so that what is agreed to afterwards is a new plan.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from homeport.domain.canonical import Plain, canonical_bytes
from homeport.domain.claim import Claim
from homeport.domain.digests import Sha256
from homeport.domain.errors import IllegalMove
from homeport.domain.evidence import Evidence, Level, is_weaker
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.inspection import Finding, Severity, Verdict
from homeport.domain.names import ReleaseVersion
from homeport.domain.neighbour import Neighbour
from homeport.domain.offer import NO_FACTS, Facts
from homeport.domain.signature import Signature


class State(StrEnum):
    """Where a rehost stands."""

    PLANNING = "planning"
    PLANNED = "planned"
    CONSENTED = "consented"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    PARTLY_PUBLISHED = "partly-published"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNCHANGED = "unchanged"
    FAILED = "failed"

    @property
    def is_running(self) -> bool:
        """True while a worker is, or will be, at it."""
        return self in {State.PLANNING, State.CONSENTED, State.PUBLISHING}

    @property
    def is_open(self) -> bool:
        """True while something is still to come of it: a worker is at it, or it waits for an answer or for a site."""
        return self.is_running or self in {State.PLANNED, State.PARTLY_PUBLISHED}


class Step(StrEnum):
    """What moves a rehost."""

    PLAN = "plan"  # every place was visited, every candidate looked at
    CONSENT = "consent"  # a maintainer agreed to exactly these bytes
    PUBLISH = "publish"  # a worker began to publish
    COMPLETE = "complete"  # every accepted item is hosted
    COMPLETE_PARTLY = "complete-partly"  # some accepted items could not be reached
    FETCH = "fetch"  # a maintainer wants the bytes of files that were only listed
    RETRY = "retry"  # look again at what could not be reached
    REFUSE = "refuse"  # a maintainer wants none of it
    WITHDRAW = "withdraw"  # consent is taken back
    EXPIRE = "expire"  # nobody answered in time
    LEAVE = "leave"  # an update found nothing that it may publish
    FAIL = "fail"  # it cannot go on, and says why


MOVES: dict[State, dict[Step, State]] = {
    State.PLANNING: {Step.PLAN: State.PLANNED, Step.FAIL: State.FAILED, Step.REFUSE: State.REFUSED},
    State.PLANNED: {
        Step.CONSENT: State.CONSENTED,
        Step.FETCH: State.PLANNING,
        Step.RETRY: State.PLANNING,
        Step.REFUSE: State.REFUSED,
        Step.EXPIRE: State.EXPIRED,
        Step.LEAVE: State.UNCHANGED,
        Step.FAIL: State.FAILED,
    },
    State.CONSENTED: {
        Step.PUBLISH: State.PUBLISHING,
        Step.WITHDRAW: State.WITHDRAWN,
        Step.FAIL: State.FAILED,
    },
    State.PUBLISHING: {
        Step.COMPLETE: State.PUBLISHED,
        Step.COMPLETE_PARTLY: State.PARTLY_PUBLISHED,
        Step.WITHDRAW: State.WITHDRAWN,
        Step.FAIL: State.FAILED,
    },
    State.PARTLY_PUBLISHED: {Step.RETRY: State.PUBLISHING, Step.WITHDRAW: State.WITHDRAWN},
    # What was published before it failed came home by a consent, and that can be withdrawn.
    State.FAILED: {Step.RETRY: State.PLANNING, Step.WITHDRAW: State.WITHDRAWN},
    State.PUBLISHED: {Step.WITHDRAW: State.WITHDRAWN},
    State.REFUSED: {},
    State.WITHDRAWN: {},
    State.EXPIRED: {},
    State.UNCHANGED: {},
}


def after(state: State, step: Step) -> State:
    """The state that ``step`` leads to, or ``IllegalMove`` with what is possible instead."""
    try:
        return MOVES[state][step]
    except KeyError:
        possible = ", ".join(sorted(MOVES[state])) or "nothing more"
        raise IllegalMove(
            f"This rehost is {state}: it cannot {step} now. Possible: {possible}.", code="rehost-move-illegal"
        ) from None


class Purpose(StrEnum):
    """Why a rehost was started."""

    HISTORY = "history"  # homeport plan: everything the sources offer
    REGISTRATION = "registration"  # the files of one version, before its registration is answered
    UPDATE_CACHE = "update-cache"  # the same, asked for again by a maintainer


class Decision(StrEnum):
    """What a maintainer decided about an item."""

    UNDECIDED = "undecided"
    ACCEPT = "accept"
    LEAVE_OUT = "leave-out"


class Bytes(StrEnum):
    """Whether an item's bytes are here."""

    LISTED = "listed"  # seen, and nobody asked for its bytes
    WANTED = "wanted"  # not fetched yet
    HERE = "here"  # in the private store
    UNREACHABLE = "unreachable"  # the site did not give them; trying again may help
    REFUSED = "refused"  # our rules forbid to fetch them, or they are too large


@dataclass(frozen=True)
class Item:
    """One external file in a plan. ``claims`` are the digests that places claim for it, ``hops`` the redirect chain.

    ``page_is_tls`` and ``page_is_loopback`` speak of the page it was found on and of what led there.
    ``neighbours`` lie beside it and speak about it; they are read when its bytes are, and leave claims and ``signatures``.
    ``sha256``, ``size_bytes``, ``evidence`` and ``verdict`` are known once the bytes are ``HERE``;
    ``problem`` says why they are not, or why they were kept out when they were to be published. ``change`` says what
    is different from what is already hosted.
    ``facts`` is what places say of it beside its hashes.
    ``tries`` counts how often it was tried in vain since it was accepted, and ``next_try_at`` is when it is tried next.
    ``lowest`` is the weakest evidence that this index publishes (:meth:`Plan.under`).
    """

    id: int
    filename: str
    version: ReleaseVersion
    kind: str
    url: str
    found_on: str
    source: str
    claims: tuple[Claim, ...] = ()
    page_is_tls: bool = False
    page_is_loopback: bool = False
    bytes: Bytes = Bytes.WANTED
    problem: str = ""
    hops: tuple[tuple[str, str, int], ...] = ()
    sha256: Sha256 | None = None
    size_bytes: int = 0
    evidence: Evidence | None = None
    verdict: Verdict | None = None
    findings: tuple[Finding, ...] = ()
    change: str = ""
    declared_sha256: str = ""
    decision: Decision = Decision.UNDECIDED
    is_published: bool = False
    facts: Facts = NO_FACTS
    neighbours: tuple[Neighbour, ...] = ()
    signatures: tuple[Signature, ...] = ()
    fetched: FetchFacts | None = None
    tries: int = 0
    next_try_at: datetime | None = None
    lowest: Level = Level.PLAIN

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Why this item cannot be accepted as it stands; empty when it can."""
        if self.is_published:
            return ("It is already hosted here.",)
        if self.bytes is Bytes.HERE:
            return self._objections()
        if self.bytes is Bytes.LISTED:
            why = (
                "It is only listed: nobody can agree to bytes that are not here. "
                "Fetch it first (“Fetch the ticked files” on the plan's page, or homeport rehost fetch)."
            )
            return (why,)
        if self.bytes is Bytes.UNREACHABLE and self.declared_sha256:
            return ()
        hint = (
            " Supply its sha256 to accept it before it can be fetched."
            if self.bytes is Bytes.UNREACHABLE
            else ""
        )
        return (f"Its bytes are not here: {self.problem or 'they were not fetched yet.'}{hint}",)

    def _objections(self) -> tuple[str, ...]:
        """Why bytes that are here cannot be accepted; what was not looked at is not accepted."""
        if self.sha256 is None or self.evidence is None or self.verdict is None:
            return ("Its bytes were not inspected.",)
        if self.verdict is Verdict.REJECT:
            return tuple(f.message for f in self.findings if f.severity is Severity.REJECT) or (
                "Inspection rejects it.",
            )
        is_confirmed = self.declared_sha256.lower() == self.sha256.hex
        if self.evidence.needs_confirmed_sha256 and not is_confirmed:
            return (f"It came over plain HTTP: confirm that its sha256 is {self.sha256}.",)
        return (self.weakness,) if self.weakness else ()

    @property
    def weakness(self) -> str:
        """Why its evidence is too weak for this index, and what helps; empty when it is not, or not known yet."""
        if self.sha256 is None or self.evidence is None:
            return ""
        is_confirmed = self.declared_sha256.lower() == self.sha256.hex
        levels = (self.evidence.level, *([Level.DECLARED] if is_confirmed else []))
        if not all(is_weaker(level, self.lowest) for level in levels):
            return ""
        wanted = f"Its evidence is “{levels[-1]}”, and this index publishes “{self.lowest}” or better: "
        if is_weaker(Level.DECLARED, self.lowest):
            return (
                f"{wanted}it must be signed by somebody whom a maintainer named (“Who signs its files” on the project's "
                "page, or homeport identity add and homeport key add)."
            )
        return f"{wanted}confirm that its sha256 is {self.sha256}."


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A link that was seen and is not an item, and why."""

    url: str
    found_on: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that was visited for this plan; ``problem`` is empty when it was read to its end."""

    url: str
    source: str
    status: int
    links: int
    problem: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything a maintainer is shown, and agrees to."""

    project: str
    version: str
    items: tuple[Item, ...]
    not_taken: tuple[NotTaken, ...] = ()
    visits: tuple[Visit, ...] = ()

    def under(self, lowest: Level) -> "Plan":
        """The same plan where nothing weaker than ``lowest`` is published; its digest is the same."""
        if lowest is Level.PLAIN:
            return self
        return replace(self, items=tuple(replace(item, lowest=lowest) for item in self.items))

    def digest(self) -> Sha256:
        """The digest of what was shown. Decisions, publishing and supplied hashes are no part of it."""
        return Sha256.of(
            canonical_bytes(
                {
                    "format": "homeport-plan-2",
                    "project": self.project,
                    "version": self.version,
                    "items": [_item_shown(item) for item in sorted(self.items, key=lambda item: item.id)],
                    "not_taken": [[n.url, n.found_on, n.code, n.sentence] for n in self.not_taken],
                    "visits": [[v.url, v.source, v.status, v.links, v.problem] for v in self.visits],
                }
            )
        )


def _item_shown(item: Item) -> dict[str, Plain]:
    return {
        # An acceptance names items by their ids.
        "id": item.id,
        "filename": item.filename,
        "version": item.version.text,
        "kind": item.kind,
        "url": item.url,
        "found_on": item.found_on,
        "source": item.source,
        "claims": [claim.to_json() for claim in item.claims],
        "neighbours": [neighbour.to_json() for neighbour in item.neighbours],
        "signatures": [signature.to_json() for signature in item.signatures],
        "page": [item.page_is_tls, item.page_is_loopback],
        "bytes": item.bytes.value,
        # What is here was shown without one; why it is kept out when it is to be published comes later.
        "problem": "" if item.bytes is Bytes.HERE else item.problem,
        "hops": [list(hop) for hop in item.hops],
        "sha256": item.sha256.hex if item.sha256 else "",
        "size": item.size_bytes,
        "evidence": [item.evidence.level.value, item.evidence.sentence] if item.evidence else [],
        "verdict": item.verdict.value if item.verdict else "",
        "findings": [[f.code, f.severity.value, f.message] for f in item.findings],
        "change": item.change,
        **_facts_shown(item),
    }


def _facts_shown(item: Item) -> dict[str, Plain]:
    # The size of what is only listed may be learned after the plan was shown, and nobody can agree to it then.
    facts = replace(item.facts, size_bytes=None) if item.bytes is Bytes.LISTED else item.facts
    if facts == NO_FACTS:
        return {}
    return {
        "facts": {
            "size": facts.size_bytes,
            "uploaded": facts.uploaded_at.isoformat() if facts.uploaded_at else None,
            "requires_python": facts.requires_python,
            "yanked": facts.yanked,
            "tag": facts.tag,
            "prerelease": facts.is_prerelease,
            "seen_by": list(facts.seen_by),
        }
    }


@dataclass(frozen=True)
class Rehost:
    """One rehost as it stands. ``tries`` counts workflow starts; ``problem`` says why it failed or waits.

    ``warned`` is how many days before a plan expires people were last told of it.
    """

    id: int
    project: str
    purpose: Purpose
    version: str
    state: State
    tries: int
    plan_digest: Sha256 | None
    asked_by: str
    created_at: datetime
    changed_at: datetime
    problem: str = ""
    problem_code: str = ""
    warned: int | None = None

    def require(self, step: Step) -> State:
        """The state after ``step``, or ``IllegalMove``."""
        return after(self.state, step)
