"""Consent is withdrawn: nothing more is published from that moment on, and what is hosted becomes what was chosen (I-07).

1. It is one transaction. A batch that is being published meanwhile came before it as a whole, or is not published at all.
2. Every consent to the rehost is withdrawn: an earlier one, of before it was tried anew, published files too.
3. Files that another way brought here, or that are gone, are left alone.
"""

from collections.abc import Sequence
from dataclasses import replace

from homeport.domain.account import Caller
from homeport.domain.consent import Consent, Hosted, Withdrawal, read_withdrawal
from homeport.domain.errors import NeedsConsent
from homeport.domain.ledger import Kind
from homeport.domain.project import Project
from homeport.domain.rehost import Rehost, Step
from homeport.domain.release import HostedFile
from homeport.domain.removal_request import RemovalRequest
from homeport.flows.live_caller import require_live
from homeport.flows.notify import tell_members, write_notice
from homeport.flows.publish_file import counted
from homeport.flows.rehost.review import reached
from homeport.flows.rehost.start import move
from homeport.flows.removal_requests import ask_for_removal
from homeport.flows.yank import yank_files
from homeport.ports.store import Transaction
from homeport.ports.world import World


def withdraw(
    world: World, caller: Caller, rehost_id: int, hosted: Hosted = Hosted.KEEP, reason: str = ""
) -> Rehost:
    """Take every consent to a rehost back, and do with the files that came home by it what ``hosted`` says.

    Raises ``NeedsConsent`` when nobody has agreed to it, ``Invalid`` when a reason is missing.
    """
    now = world.clock.now()
    withdrawal = read_withdrawal(caller.user.name, now, hosted, reason)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        rehost, project = reached(tx, caller, rehost_id)
        consents = [consent for consent in tx.rehosts.consents(rehost_id) if consent.withdrawal is None]
        rehost.require(Step.WITHDRAW)
        if not consents:
            raise NeedsConsent("No maintainer has agreed to this rehost.", code="consent-missing")
        files = files_by(tx, project, rehost, consents)
        withdrawn = move(tx, rehost, Step.WITHDRAW, now, problem=_told(withdrawal))
        serial = tx.ledger.append(
            Kind.CONSENT_WITHDRAWN,
            at=now,
            actor=caller.user.name,
            project=rehost.project,
            details={
                "rehost": rehost_id,
                "hosted": hosted.value,
                "reason": withdrawal.reason,
                "files": [[file.filename, file.digests.sha256.hex] for file in files],
            },
        )
        for consent in consents:
            tx.rehosts.withdraw_consent(consent.id, replace(withdrawal, serial=serial))
        _see_to(tx, project, withdrawn, files, withdrawal)
        facts = {
            "project": project.name.display,
            "actor": caller.user.name,
            "what": counted([file.filename for file in files]),
            "hosted": hosted.sentence if files else "",
            "reason": withdrawal.reason,
            "files": [file.filename for file in files],
        }
        notice = write_notice("consent-withdrawn", facts, path=f"/manage/rehosts/{rehost_id}", at=now)
        tell_members(tx, project, notice, but_not=caller.user.name)
        return withdrawn


def files_by(
    tx: Transaction, project: Project, rehost: Rehost, consents: Sequence[Consent]
) -> tuple[HostedFile, ...]:
    """The hosted files that came home by these consents."""
    agreed = {pair for consent in consents for pair in consent.files}
    published = [item for item in tx.rehosts.plan(rehost).items if item.is_published]
    names = {item.filename: item.sha256 for item in published if (item.id, item.sha256) in agreed}
    return tuple(
        file for file in tx.files.of_project(project.id) if names.get(file.filename) == file.digests.sha256
    )


def _told(withdrawal: Withdrawal) -> str:
    why = f" Reason: {withdrawal.reason}" if withdrawal.reason else ""
    return f"Consent withdrawn by {withdrawal.by}.{why}"


def _see_to(
    tx: Transaction,
    project: Project,
    rehost: Rehost,
    files: Sequence[HostedFile],
    withdrawal: Withdrawal,
) -> None:
    """Do what was chosen with what is hosted."""
    if not files or withdrawal.hosted is Hosted.KEEP:
        return
    if withdrawal.hosted is Hosted.YANK:
        project.require_no_quarantine()
        yank_files(tx, project, files, withdrawal.reason, actor=withdrawal.by, at=withdrawal.at)
        return
    request = RemovalRequest(
        id=0,
        project_id=project.id,
        project=project.name.normalized,
        rehost_id=rehost.id,
        filenames=tuple(file.filename for file in files),
        reason=withdrawal.reason,
        asked_by=withdrawal.by,
        asked_at=withdrawal.at,
    )
    ask_for_removal(tx, request)
