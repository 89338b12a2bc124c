"""What takes two administrators: one proposes, another agrees, and then it is done at once.

1. A proposal is tried before it is kept: what could not be done now is refused now, and nothing is changed by the try.
2. The deed is done in the name of who proposed it, in the transaction that says who agreed; and only to what was there
   when it was proposed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from homeport.domain.account import Caller
from homeport.domain.canonical import Plain
from homeport.domain.errors import Conflict, Invalid, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.manners import host_name
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import ProjectStatus, require_reason
from homeport.domain.proposal import OPEN_FOR, Act, Deed, Proposal, ProposalState
from homeport.domain.removal_request import Answer, RemovalRequest
from homeport.domain.rights import require_admin
from homeport.flows.change_status import put_status
from homeport.flows.freeze import unfreeze_now
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.manners.hosts import unfreeze_now as unfreeze_host_now
from homeport.flows.notify import tell, write_notice
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.policies import put_policy
from homeport.flows.removal_requests import answer_now, answer_request, find_request
from homeport.flows.remove import find_doomed, remove_now
from homeport.flows.two_people import TAKES_TWO, require_counting
from homeport.ports.store import Transaction
from homeport.ports.world import World

T = TypeVar("T")
PATH = "/admin/proposals/"
PAGE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """Some proposals with how they stand, newest first; ``before`` asks for older ones, and is 0 when there are none."""

    proposals: Sequence[tuple[Proposal, ProposalState]]
    before: int


def or_propose(world: World, by: Caller, deed: Deed, reason: str, do: Callable[[], T]) -> T | Proposal:
    """What ``do`` does, or, where that takes two administrators, the proposal of it."""
    try:
        return do()
    except Conflict as refusal:
        if refusal.code != TAKES_TWO:
            raise
    return propose(world, by, deed, reason)


def answer_removal(
    world: World, by: Caller, request_id: int, answer: Answer, reason: str
) -> RemovalRequest | Proposal:
    """Answer a request to remove files, or, where that takes two administrators, propose the answer."""
    require_admin(by)
    with world.store.read() as tx:
        request = find_request(tx, request_id)
    deed = Deed(Act.ANSWER_REMOVAL, request.project, str(request_id), request.filenames)
    do = partial(answer_request, world, by, request_id, answer, reason)
    return or_propose(world, by, deed, reason, do)


def proposed_answers(world: World, by: Caller) -> Mapping[int, Proposal]:
    """The requests to remove files whose answer waits for a second administrator, by their ids."""
    require_admin(by)
    with world.store.read() as tx:
        found = tx.proposals.open(world.clock.now())
    return {int(one.deed.subject): one for one in found if one.deed.act is Act.ANSWER_REMOVAL}


def propose(world: World, by: Caller, deed: Deed, reason: str) -> Proposal:
    """Ask another administrator to agree; every one of them is told."""
    require_admin(by)
    now, reason = world.clock.now(), require_reason(reason)
    if deed.project:
        # The ledger names projects in one spelling, and one deed is proposed once.
        deed = replace(deed, project=ProjectName.parse(deed.project).normalized)
    if not reason:
        raise Invalid("Say why: who is to agree wants to know (--reason).", code="reason-missing")
    _try(world, by, deed, reason, now)
    with world.store.write() as tx:
        by = require_live(tx, by, now)
        require_admin(by)
        if deed.act is Act.END_QUARANTINE and not deed.serial:
            deed = replace(deed, serial=find_project(tx, deed.project).serial)
        require_counting(tx, by, now)
        same = next((one for one in tx.proposals.open(now) if one.deed == deed), None)
        if same is not None:
            does = "it waits for another administrator" if same.user_id == by.user.id else "agree to it there"
            raise Conflict(
                f"{same.asked_by} proposed that already, as proposal {same.id}: {does} ({PATH}).",
                code="proposed-already",
            )
        made = tx.proposals.add(deed, reason, by=by.user, at=now, expires_at=now + OPEN_FOR)
        details: dict[str, Plain] = {"proposal": made.id, "deed": deed.to_json(), "reason": reason}
        tx.ledger.append(
            Kind.PROPOSAL_MADE, at=now, actor=by.user.name, project=deed.project, details=details
        )
        facts = {
            "by": by.user.name,
            "deed": deed.sentence,
            "reason": reason,
            "until": f"{made.expires_at:%Y-%m-%d}",
        }
        notice = write_notice("proposal-made", facts, path=PATH, at=now)
        tell(tx, tx.users.administrators(), notice, but_not=by.user.name)
        return made


def list_proposals(world: World, by: Caller | None, *, before: int = 0, limit: int = PAGE_LENGTH) -> Listed:
    """Proposals; the shell shows them to whoever runs the index."""
    if by is not None:
        require_admin(by)
    now = world.clock.now()
    with world.store.read() as tx:
        found = tx.proposals.every(before=before, limit=limit + 1)
    shown = found[:limit]
    return Listed([(one, one.state(now)) for one in shown], shown[-1].id if len(found) > limit else 0)


def every_proposal(world: World, by: Caller) -> Iterator[Sequence[tuple[Proposal, ProposalState]]]:
    """All of :func:`list_proposals`, piece by piece."""
    require_admin(by)
    now = world.clock.now()
    found = pieces(
        world, lambda tx, before: tx.proposals.every(before=before, limit=AT_ONCE), lambda one: one.id, 0
    )
    return ([(one, one.state(now)) for one in piece] for piece in found)


def agree(world: World, by: Caller, proposal_id: int) -> Proposal:
    """Agree: what was proposed is done."""
    return _end(world, by, proposal_id, ProposalState.AGREED, "")


def refuse(world: World, by: Caller, proposal_id: int, answer: str) -> Proposal:
    """Refuse what another administrator proposed."""
    return _end(world, by, proposal_id, ProposalState.REFUSED, answer)


def withdraw(world: World, by: Caller, proposal_id: int) -> Proposal:
    """Take back what one proposed oneself."""
    return _end(world, by, proposal_id, ProposalState.WITHDRAWN, "")


def _end(world: World, by: Caller, proposal_id: int, end: ProposalState, answer: str) -> Proposal:
    require_admin(by)
    now, answer = world.clock.now(), require_reason(answer)
    with world.store.write() as tx:
        by = require_live(tx, by, now)
        require_admin(by)
        proposal = tx.proposals.find(proposal_id)
        if proposal is None:
            raise NotFound(f"There is no proposal {proposal_id}.", code="proposal-unknown")
        ended = proposal.ended(by.user, end, now, answer)
        if end is ProposalState.AGREED:
            require_counting(tx, by, now, proposal)
        tx.proposals.put(ended)
        deed, name = proposal.deed, by.user.name
        details = {"proposal": proposal.id, "end": end.value, "answer": answer}
        tx.ledger.append(Kind.PROPOSAL_ENDED, at=now, actor=name, project=deed.project, details=details)
        if end is ProposalState.AGREED:
            _require_as_asked(tx, proposal)
            _do(tx, _proposer(tx, proposal), deed, proposal.reason, now)
        facts = {"by": name, "deed": deed.sentence, "end": end.value, "answer": answer}
        notice = write_notice("proposal-ended", facts, path=PATH, at=now)
        tell(tx, tx.users.administrators(), notice, but_not=name)
        return ended


def _proposer(tx: Transaction, proposal: Proposal) -> Caller:
    user = tx.users.by_id(proposal.user_id)
    if user is None or user.is_disabled or not user.is_admin:
        raise Conflict(
            f"{proposal.asked_by} administers this index no longer: propose it yourself.",
            code="proposer-gone",
        )
    return Caller(user)


def _require_as_asked(tx: Transaction, proposal: Proposal) -> None:
    """``Conflict`` when there is something that who asked knew nothing of."""
    if any(moment > proposal.asked_at for moment in _moments(tx, proposal.deed)):
        raise _outdated()


def _outdated() -> Conflict:
    return Conflict(
        "It was frozen anew, or changed, since this was proposed: look at it, and propose it again.",
        code="proposal-outdated",
    )


def _moments(tx: Transaction, deed: Deed) -> Iterator[datetime]:
    """When that became what it is, which the deed would end."""
    if deed.act is Act.UNFREEZE_HOST and (frozen := tx.hosts.find(host_name(deed.subject)).frozen):
        yield frozen.at
    if deed.act not in {Act.UNFREEZE, Act.DELETE}:
        return
    project, version = find_project(tx, deed.project), ReleaseVersion.parse_legacy(deed.subject)
    if deed.act is Act.UNFREEZE:
        freeze = tx.freezes.find(project.id, version, next(iter(deed.filenames), ""))
        yield from [freeze.at] if freeze else []
    elif not deed.filenames:
        files = tx.files.of_project(project.id)
        yield from (file.published_at for file in files if file.version.key == version.key)


class _TriedError(Exception):
    """Undoes what was only tried."""


def _try(world: World, by: Caller, deed: Deed, reason: str, now: datetime) -> None:
    with suppress(_TriedError), world.store.write() as tx:
        _do(tx, require_live(tx, by, now), deed, reason, now)
        raise _TriedError


def _do(tx: Transaction, by: Caller, deed: Deed, reason: str, now: datetime) -> None:
    _DEEDS[deed.act](tx, by, deed, reason, now)


def _unfreeze_host(tx: Transaction, by: Caller, deed: Deed, reason: str, now: datetime) -> None:
    unfreeze_host_now(tx, by, deed.subject, reason, now)


def _unfreeze(tx: Transaction, by: Caller, deed: Deed, reason: str, now: datetime) -> None:
    filename = next(iter(deed.filenames), "")
    unfreeze_now(tx, by, deed.project, deed.subject, filename, reason, now)


def _end_quarantine(tx: Transaction, by: Caller, deed: Deed, reason: str, now: datetime) -> None:
    project = find_project(tx, deed.project)
    if project.status is not ProjectStatus.QUARANTINED:
        # Somebody ended it meanwhile, and every other status is its owners' to choose.
        raise Conflict(f"{project.name} is not quarantined any more.", code="not-quarantined")
    if deed.serial not in {0, project.serial}:
        raise _outdated()
    put_status(tx, by, project, ProjectStatus.parse(deed.subject), reason, now)


def _delete(tx: Transaction, by: Caller, deed: Deed, reason: str, now: datetime) -> None:
    doomed = find_doomed(tx, by, deed.project, deed.subject, deed.filenames)
    remove_now(tx, by, doomed, reason, now)


def _answer_removal(tx: Transaction, by: Caller, deed: Deed, reason: str, now: datetime) -> None:
    answer_now(tx, by, int(deed.subject), Answer.REMOVED, reason, now)


def _change_policy(tx: Transaction, by: Caller, deed: Deed, reason: str, now: datetime) -> None:
    put_policy(tx, by, deed.changes, reason, now)


_DEEDS: Mapping[Act, Callable[[Transaction, Caller, Deed, str, datetime], None]] = {
    Act.UNFREEZE_HOST: _unfreeze_host,
    Act.UNFREEZE: _unfreeze,
    Act.END_QUARANTINE: _end_quarantine,
    Act.DELETE: _delete,
    Act.ANSWER_REMOVAL: _answer_removal,
    Act.CHANGE_POLICY: _change_policy,
}
