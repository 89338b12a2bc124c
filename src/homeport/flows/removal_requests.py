"""Administrators are asked to remove files that came home, look at what waits, and answer.

1. Nothing is removed by asking. One administrator answers, who is not the one who asked, and everybody who maintains the
   project is told.
2. Files that were removed meanwhile are not removed again; a request about none that is left is answered.
3. Where a removal takes two administrators, the answer of one is a proposal, and the other's agreement gives it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.errors import NotFound
from homeport.domain.ledger import Kind
from homeport.domain.proposal import Act
from homeport.domain.release import HostedFile
from homeport.domain.removal_request import Answer, RemovalRequest, answered
from homeport.domain.rights import require_admin
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell, tell_members, write_notice
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.remove import remove_files
from homeport.flows.two_people import require_one
from homeport.ports.store import Transaction
from homeport.ports.world import World

_MOST_ANSWERED: Final = 50
_PATH: Final = "/admin/removals/"


def ask_for_removal(tx: Transaction, request: RemovalRequest) -> RemovalRequest:
    """Put a request into the administrators' waiting list, and tell them."""
    asked = tx.removal_requests.add(request)
    facts = {
        "project": find_project(tx, asked.project).name.display,
        "actor": asked.asked_by,
        "reason": asked.reason,
        "files": list(asked.filenames),
    }
    notice = write_notice("removal-asked", facts, path=_PATH, at=asked.asked_at)
    tell(tx, tx.users.administrators(), notice, but_not=asked.asked_by)
    return asked


def waiting_requests(world: World, by: Caller | None) -> Sequence[RemovalRequest]:
    """What waits for an answer, longest first; ``by`` is ``None`` for the index's own shell (ADR 0004)."""
    if by is not None:
        require_admin(by)
    with world.store.read() as tx:
        return tx.removal_requests.waiting()


def answered_requests(world: World, by: Caller | None) -> Sequence[RemovalRequest]:
    """What was answered last."""
    if by is not None:
        require_admin(by)
    with world.store.read() as tx:
        return tx.removal_requests.answered(limit=_MOST_ANSWERED)


def every_request(world: World, by: Caller) -> Iterator[Sequence[RemovalRequest]]:
    """What waits, and all that was ever answered, newest first, piece by piece."""
    require_admin(by)
    return pieces(
        world,
        lambda tx, before: tx.removal_requests.every(before=before, limit=AT_ONCE),
        lambda one: one.id,
        0,
    )


def answer_request(
    world: World, caller: Caller, request_id: int, answer: Answer, reason: str
) -> RemovalRequest:
    """Remove the files, or decline; raises ``Conflict`` when somebody answered already, or it takes two."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admin(caller)
        if answer is Answer.REMOVED and _left(tx, find_request(tx, request_id)):
            require_one(tx, Act.ANSWER_REMOVAL)
        return answer_now(tx, caller, request_id, answer, reason, now)


def answer_now(
    tx: Transaction, caller: Caller, request_id: int, answer: Answer, reason: str, now: datetime
) -> RemovalRequest:
    """The same, in the transaction of whoever may decide that."""
    actor = caller.user.name
    request = answered(find_request(tx, request_id), answer, by=actor, reason=reason, at=now)
    project = find_project(tx, request.project)
    tx.removal_requests.put(request)
    gone: Sequence[str] = ()
    if answer is Answer.REMOVED:
        there = _left(tx, request)
        remove_files(tx, project, there, request.answer_reason, actor=actor, at=now)
        gone = [file.filename for file in there]
    else:
        tx.ledger.append(
            Kind.REMOVAL_DECLINED,
            at=now,
            actor=actor,
            project=request.project,
            details={"request": request.id, "reason": request.answer_reason},
        )
    facts = {
        "project": project.name.display,
        "actor": actor,
        "removed": answer is Answer.REMOVED,
        "reason": request.answer_reason,
        "files": list(gone or request.filenames),
    }
    path = f"/manage/rehosts/{request.rehost_id}"
    tell_members(tx, project, write_notice("removal-answered", facts, path=path, at=now), but_not=actor)
    return request


def find_request(tx: Transaction, request_id: int) -> RemovalRequest:
    """The request of that id, or ``NotFound``."""
    found = tx.removal_requests.find(request_id)
    if found is None:
        raise NotFound(f"There is no request {request_id} here.", code="request-unknown")
    return found


def _left(tx: Transaction, request: RemovalRequest) -> Sequence[HostedFile]:
    """The files of the request that are still there."""
    return [file for file in tx.files.of_project(request.project_id) if file.filename in request.filenames]
