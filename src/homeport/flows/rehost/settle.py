"""A registration's plan is closed: what was consented to beforehand is published, or it fails with every reason."""

from datetime import datetime

from homeport.domain.consent import Basis
from homeport.domain.names import same_version
from homeport.domain.project import Project
from homeport.domain.registration import NotReady, decide
from homeport.domain.rehost import Plan, Rehost, Step
from homeport.flows.rehost.agree import agree
from homeport.flows.rehost.start import move
from homeport.flows.standing_consent import live_standing
from homeport.ports.store import Transaction


def settle_registration(tx: Transaction, rehost: Rehost, plan: Plan, project: Project, now: datetime) -> None:
    """Record the consent that the maintainer's call gives, and go on to publishing; or fail and say why."""
    standing = live_standing(tx, project)
    metadata = tx.rehosts.registration_metadata(rehost.id)
    called = (*metadata.homepage_urls(), *metadata.download_urls()) if metadata else ()
    decision = decide(
        plan,
        rehost.purpose,
        standing,
        frozenset(called),
        has_hosted_files=any(
            same_version(f.version.text, rehost.version) for f in tx.files.of_project(project.id)
        ),
        now=now,
    )
    if isinstance(decision, NotReady):
        move(tx, rehost, Step.FAIL, now, problem=decision.sentence, code=decision.code)
        return
    what = f"version {rehost.version}" if rehost.version else "all versions"
    agree(
        tx,
        rehost,
        plan,
        decision.items,
        by=rehost.asked_by,
        basis=Basis.OTHER,
        text=f"The maintainer's own call ({rehost.purpose}) for {what}, under the project's standing consent.",
        at=now,
    )
