"""Proposals: what takes two administrators is asked by one and agreed to by another.

1. Whether a deed takes two is the policy's (``domain/hosting_policy``); what one alone may do needs no proposal.
2. Nobody agrees to what they asked for themselves; whoever asked may take it back, any other administrator may refuse.
3. It is open for seven days. What is agreed to is done at once, in the same transaction, as it would be done then.
4. Who asked must still be an administrator when somebody agrees.
5. Two accounts are two people only when neither was put into its hands by the other just now: whoever was made an
   administrator, let in again, or had a password or second factors reset by another administrator, neither proposes nor
   agrees for 72 hours, and never agrees to what was proposed before (I-11).
6. Nor is an owner whose account an administrator had in hands: for as long they remove nothing where that takes two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from homeport.domain.account import User
from homeport.domain.errors import Conflict, Forbidden
from homeport.domain.hosting_policy import HostingPolicy

OPEN_FOR = timedelta(days=7)
SETTLES_AFTER = timedelta(hours=72)
_TWO = 2


class Act(StrEnum):
    """What can take two."""

    UNFREEZE_HOST = "unfreeze-host"
    UNFREEZE = "unfreeze"
    END_QUARANTINE = "end-quarantine"
    DELETE = "delete"
    ANSWER_REMOVAL = "answer-removal"
    CHANGE_POLICY = "change-policy"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do.

    ``subject`` is a host's name, a version, the status after a quarantine, or the id of a request to remove files.
    ``filenames`` are the files that are meant, none for the whole release. ``changes`` are those of a policy. ``serial``
    is that of a quarantined project as who asks saw it; 0 where nobody said.
    """

    act: Act
    project: str = ""
    subject: str = ""
    filenames: tuple[str, ...] = ()
    changes: Mapping[str, str] = field(default_factory=dict)
    serial: int = 0

    @property
    def sentence(self) -> str:
        """What would be done, as a heading says it."""
        what = ", ".join(self.filenames) or f"{self.project} {self.subject}"
        match self.act:
            case Act.UNFREEZE_HOST:
                return f"Unfreeze the host {self.subject}"
            case Act.UNFREEZE:
                return f"Unfreeze {what}"
            case Act.END_QUARANTINE:
                return f"End the quarantine of {self.project}: it becomes {self.subject}"
            case Act.DELETE:
                return f"Delete {what}"
            case Act.ANSWER_REMOVAL:
                return f"Remove from {self.project} what request {self.subject} asks for: {what}"
            case _:
                told = ", ".join(f"{name} to {text or 'nothing'}" for name, text in self.changes.items())
                return f"Change the policy: {told}"

    def to_json(self) -> dict[str, Any]:
        """The deed as it is kept and told."""
        return {
            "act": self.act.value,
            "project": self.project,
            "subject": self.subject,
            "filenames": list(self.filenames),
            "changes": dict(self.changes),
            "serial": self.serial,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Deed":
        """What ``to_json`` wrote."""
        filenames: Sequence[str] = kept["filenames"]
        # What was kept before there was a serial has none.
        serial: int = kept.get("serial", 0)
        return cls(
            Act(kept["act"]), kept["project"], kept["subject"], tuple(filenames), kept["changes"], serial
        )


class ProposalState(StrEnum):
    """How a proposal stands."""

    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A deed that waits for a second administrator, or did; ``end`` is what came of it, if somebody decided."""

    id: int
    deed: Deed
    reason: str
    user_id: int
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    end: ProposalState | None = None
    ended_by: str = ""
    ended_at: datetime | None = None
    answer: str = ""

    def state(self, now: datetime) -> ProposalState:
        """How it stands: time alone ends what nobody decided."""
        if self.end is not None:
            return self.end
        return ProposalState.OPEN if now < self.expires_at else ProposalState.EXPIRED

    def ended(self, by: User, end: ProposalState, now: datetime, answer: str = "") -> "Proposal":
        """The proposal as ``by`` decides it, or why it is not theirs to decide."""
        state = self.state(now)
        if state is not ProposalState.OPEN:
            raise Conflict(f"Proposal {self.id} is {state}: propose it again.", code="proposal-ended")
        if (by.id == self.user_id) is not (end is ProposalState.WITHDRAWN):
            raise Forbidden(
                f"{self.asked_by} asked for this: another administrator agrees or refuses, and {self.asked_by} may "
                "withdraw it.",
                code="proposal-not-yours",
            )
        return replace(self, end=end, ended_by=by.name, ended_at=now, answer=answer)


BY_THE_SHELL = (
    "whom the server's shell makes one counts at once: homeport user add NAME --email ADDRESS --admin"
)


def is_settled(handed_at: datetime | None, now: datetime) -> bool:
    """True when an account that another administrator last had in hands ``handed_at`` counts by itself (rule 5)."""
    return handed_at is None or now >= handed_at + SETTLES_AFTER


def require_settled(
    handed_at: datetime | None, now: datetime, asked: Proposal | None = None, *, others_do: bool = True
) -> None:
    """``Forbidden`` unless the account counts by itself (``is_settled``); ``others_do``: other administrators' accounts do.

    ``asked`` is the proposal that its user would agree to.
    """
    if handed_at is None:
        return
    if not is_settled(handed_at, now):
        way = "others do" if others_do else f"nobody else can, but {BY_THE_SHELL}"
        raise Forbidden(
            f"Another administrator made you one, or reset what opens your account, on {_at(handed_at)}: you propose "
            f"and agree from {_at(handed_at + SETTLES_AFTER)} on. Until then {way}.",
            code="account-unsettled",
        )
    if asked is not None and handed_at >= asked.asked_at:
        raise Forbidden(
            f"Another administrator made you one, or reset what opens your account, on {_at(handed_at)}, after "
            f"proposal {asked.id} was made: somebody else agrees to it. You agree to what was proposed later.",
            code="account-unsettled",
        )


def require_two_settled(handed: Mapping[str, datetime | None], now: datetime) -> None:
    """``Conflict`` unless two of these administrators, each with when their account was in others' hands, count."""
    if len(handed) == 1:
        raise Conflict(
            "There is one administrator only: nobody could agree to anything. Make a second one first.",
            code="one-administrator",
        )
    if sum(is_settled(at, now) for at in handed.values()) >= _TWO:
        return
    waiting = ", ".join(
        f"{name} from {_at(at + SETTLES_AFTER)} on"
        for name, at in handed.items()
        if at and not is_settled(at, now)
    )
    raise Conflict(
        f"Nobody could agree to anything yet, nor take this back: whom another administrator made one, or let in again, "
        f"counts after 72 hours ({waiting}). Ask again then, or have another one made: {BY_THE_SHELL}.",
        code="administrators-unsettled",
    )


def require_own_hands(handed_at: datetime | None, now: datetime) -> None:
    """``Forbidden`` while an owner who takes away what takes two may be the administrator who had the account in hands."""
    if handed_at is not None and now < (settled_at := handed_at + SETTLES_AFTER):
        raise Forbidden(
            f"An administrator reset what opens your account, or made you one, on {_at(handed_at)}, and here it takes two of "
            f"them to remove files: you remove yours from {_at(settled_at)} on. Until then yank them, or ask an "
            "administrator, who needs another one.",
            code="account-unsettled",
        )


def _at(moment: datetime) -> str:
    return f"{moment:%d %b %Y, %H:%M} UTC"


def takes_two(act: Act, policy: HostingPolicy) -> bool:
    """True when the policy has two administrators do it; taking that rule back is told apart elsewhere."""
    if act in {Act.DELETE, Act.ANSWER_REMOVAL}:
        return policy.two_to_delete
    return policy.two_to_unfreeze if act is not Act.CHANGE_POLICY else policy.asks_two
