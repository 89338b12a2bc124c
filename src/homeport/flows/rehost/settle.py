"""A registration's plan is closed: what was consented to beforehand is published, or it fails with every reason.

Where the index's policy has a cooling time, the standing consent must have stood for that long as it is, so that every
owner could object to it; places that only the call names do not count then.
"""

from datetime import datetime
from typing import Final

from homeport.domain.consent import Basis, Grounds
from homeport.domain.freeze import objection
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion, same_version
from homeport.domain.project import Project
from homeport.domain.registration import NotReady, decide, left_out, nothing_new
from homeport.domain.rehost import Plan, Purpose, Rehost, Step
from homeport.domain.standing_consent import StandingConsent
from homeport.flows.notify import tell_members, write_notice
from homeport.flows.rehost.agree import agree
from homeport.flows.rehost.start import move
from homeport.flows.standing_consent import live_standing
from homeport.ports.store import Transaction

# The newest changes of a standing consent; what was narrowed since it was given are few of them.
_LINES: Final = 100
# So many reasons are told in a mail.
_FIRST: Final = 10


def settle_registration(tx: Transaction, rehost: Rehost, plan: Plan, project: Project, now: datetime) -> None:
    """Record the consent that the maintainer's call gives, and go on to publishing; or fail and say why."""
    standing = live_standing(tx, project)
    policy = tx.policies.current()
    cooled = _widened_at(tx, project, standing) + policy.cooling_time if standing else now
    if now < cooled:
        sentence = (
            f"Nothing was published: this index lets a standing consent cool for {policy.cooling_hours} hours. "
            f"Repeat the command after {cooled:%Y-%m-%d %H:%M} UTC."
        )
        move(tx, rehost, Step.FAIL, now, problem=sentence, code="standing-consent-cools")
        return
    metadata = tx.rehosts.registration_metadata(rehost.id)
    called = (*metadata.homepage_urls(), *metadata.download_urls()) if metadata else ()
    if policy.cooling_time:
        called = ()
    plan = plan.under(policy.lowest_evidence)
    freezes = tx.freezes.of_project(project.id)
    decision = decide(
        plan,
        rehost.purpose,
        standing,
        frozenset(called),
        freezes=freezes,
        has_hosted_files=any(
            same_version(f.version.text, rehost.version) for f in tx.files.of_project(project.id)
        ),
        now=now,
    )
    if isinstance(decision, NotReady):
        move(tx, rehost, Step.FAIL, now, problem=decision.sentence, code=decision.code)
        return
    is_known = rehost.purpose is Purpose.UPDATE_CACHE or _is_registered(tx, project, rehost, metadata)
    if is_known and not decision.items and standing is not None:
        _leave(tx, rehost, plan, project, left_out(plan, standing, freezes), now)
        return
    what = f"version {rehost.version}" if rehost.version else "all versions"
    agree(
        tx,
        rehost,
        plan,
        decision.items,
        by=rehost.asked_by,
        grounds=Grounds(
            Basis.OTHER,
            f"The maintainer's own call ({rehost.purpose}) for {what}, under the project's standing consent.",
        ),
        at=now,
    )


def _is_registered(tx: Transaction, project: Project, rehost: Rehost, metadata: CoreMetadata | None) -> bool:
    """True when the registration of its release would change nothing; that of a frozen one is refused."""
    version = ReleaseVersion.parse_legacy(rehost.version)
    release = tx.releases.find(project.id, version.key)
    is_frozen = objection(tx.freezes.of_project(project.id), version) is not None
    return release is not None and release.metadata == metadata and not is_frozen


def _leave(
    tx: Transaction, rehost: Rehost, plan: Plan, project: Project, held: list[str], now: datetime
) -> None:
    """Nothing is to be published or registered: nobody consents to anything; what a person must look at is told."""
    move(tx, rehost, Step.LEAVE, now, problem=nothing_new(plan, held), code="" if held else "nothing-new")
    if held:
        facts = {"project": project.name.display, "held": held[:_FIRST], "more": len(held[_FIRST:])}
        notice = write_notice(
            "update-held", facts, path=f"/manage/rehosts/{rehost.id}", at=now, about=str(rehost.id)
        )
        tell_members(tx, project, notice)


def _widened_at(tx: Transaction, project: Project, standing: StandingConsent) -> datetime:
    """When the standing consent became what it is: by an owner's words, or by a source that somebody named."""
    lines = tx.standing_consents.lines(project.id, limit=_LINES)
    given = (line.at for line in lines if line.kind is Kind.STANDING_CONSENT_GIVEN)
    return max([standing.given_at, *given])
