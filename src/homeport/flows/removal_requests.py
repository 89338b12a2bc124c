"""Administrators are asked to remove files that came home, look at what waits, and answer.

1. Nothing is removed by asking. One administrator answers, who is not the one who asked, and everybody who maintains the
   project is told.
2. Files that were removed meanwhile are not removed again; a request about none that is left is answered all the same. So it
   is where a removal takes two administrators: they propose it and agree to it, and then one of them answers.
"""

from collections.abc import Sequence
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.errors import NotFound
from homeport.domain.ledger import Kind
from homeport.domain.proposal import Act
from homeport.domain.removal_request import Answer, RemovalRequest, answered
from homeport.domain.rights import require_admin
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell, tell_members, write_notice
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
        "project": asked.project,
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


def every_request(world: World, by: Caller) -> Sequence[RemovalRequest]:
    """What waits, and all that was ever answered."""
    require_admin(by)
    with world.store.read() as tx:
        return [*tx.removal_requests.waiting(), *tx.removal_requests.answered(limit=None)]


def answer_request(
    world: World, caller: Caller, request_id: int, answer: Answer, reason: str
) -> RemovalRequest:
    """Remove the files, or decline; raises ``Conflict`` when somebody answered already."""
    now, actor = world.clock.now(), caller.user.name
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admin(caller)
        found = tx.removal_requests.find(request_id)
        if found is None:
            raise NotFound(f"There is no request {request_id} here.", code="request-unknown")
        request = answered(found, answer, by=actor, reason=reason, at=now)
        project = find_project(tx, request.project)
        tx.removal_requests.put(request)
        gone: Sequence[str] = ()
        if answer is Answer.REMOVED:
            there = [file for file in tx.files.of_project(project.id) if file.filename in request.filenames]
            if there:
                require_one(tx, Act.DELETE)
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
            "project": request.project,
            "actor": actor,
            "removed": answer is Answer.REMOVED,
            "reason": request.answer_reason,
            "files": list(gone or request.filenames),
        }
        path = f"/manage/rehosts/{request.rehost_id}"
        tell_members(tx, project, write_notice("removal-answered", facts, path=path, at=now), but_not=actor)
        return request
