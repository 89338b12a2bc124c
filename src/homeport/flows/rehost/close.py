"""A plan is closed once nothing of it is wanted any more: a person looks at it next, or consent given beforehand decides.

It happens inside the transaction that remembers the last thing that was looked at, whichever worker that is: there is
one writer at a time, so a plan is closed exactly once.
"""

from dataclasses import replace
from datetime import datetime

from homeport.domain.fetching import host_of
from homeport.domain.inspection import Severity, Verdict
from homeport.domain.ledger import Kind
from homeport.domain.names import same_version
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Item, Plan, Purpose, Rehost, Step
from homeport.domain.release import ExternalLink
from homeport.domain.said_before import answered_words, drafted_words, told_beside
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell_members, write_notice
from homeport.flows.rehost.settle import settle_registration
from homeport.flows.rehost.start import move, require_open_outside
from homeport.flows.render_pages import render_project
from homeport.ports.jobs import Job, Urgency, Work
from homeport.ports.store import Transaction

# A plan is shown without the sizes that nobody told; so many are asked for afterwards.
_SIZES = 50
# What a mail names of the places that could not be read.
_PROBLEMS = 10


def close_if_complete(tx: Transaction, rehost: Rehost, now: datetime) -> None:
    """Close the plan of ``rehost``, which is being planned, unless bytes are still wanted."""
    if tx.rehosts.is_wanting(rehost.id):
        return
    project = find_project(tx, rehost.project)
    plan = _with_words(tx, project, rehost, tx.rehosts.plan(rehost))
    tx.fetches.forget_all(rehost.id)
    planned = move(tx, replace(rehost, plan_digest=plan.digest()), Step.PLAN, now)
    require_open_outside(tx, project, now)
    if rehost.purpose is not Purpose.HISTORY:
        settle_registration(tx, planned, plan, project, now)
        return
    if project.mode.lists_external:
        _list_externally(tx, project, rehost, plan, now)
    _ask_for_sizes(tx, planned, plan)
    listed = sum(item.bytes is Bytes.LISTED for item in plan.items)
    facts = {
        "project": project.name.display,
        "files": len(plan.items),
        "listed": listed,
        "problems": [f"{visit.url}: {visit.problem}" for visit in plan.visits if visit.problem][:_PROBLEMS],
    }
    notice = write_notice("plan-ready", facts, path=f"/manage/rehosts/{rehost.id}", at=now)
    tell_members(tx, project, notice)


def _with_words(tx: Transaction, project: Project, rehost: Rehost, plan: Plan) -> Plan:
    """The plan with what people said of its files before; where nobody looks at it before it is published, that holds."""
    is_looked_at = rehost.purpose is Purpose.HISTORY
    drafts = {
        version: draft
        for version, draft in tx.drafts.of_project(project.id).items()
        if not (is_looked_at and version == rehost.version)
    }
    names = {item.filename for item in plan.items if item.bytes is Bytes.HERE and not item.is_published}
    answers = tx.rehosts.answers(project.id, names)
    said = (*drafted_words(drafts), *answered_words(answers))
    weight = Severity.INFO if is_looked_at else Severity.HOLD
    told = {item.id: item for item in told_beside(plan, said, weight)}
    for item in told.values():
        tx.rehosts.put_item(rehost.id, item)
    return replace(plan, items=tuple(told.get(item.id, item) for item in plan.items))


def _ask_for_sizes(tx: Transaction, rehost: Rehost, plan: Plan) -> None:
    unknown = [item for item in plan.items if item.bytes is Bytes.LISTED and item.facts.size_bytes is None]
    for host in dict.fromkeys(host_of(item.url) for item in unknown[:_SIZES]):
        job = Job(Work.LEARN_SIZES, rehost.id, rehost.tries, host=host, urgency=Urgency.NOBODY)
        tx.jobs.enqueue(job)


def _list_externally(tx: Transaction, project: Project, rehost: Rehost, plan: Plan, now: datetime) -> None:
    """In ``pypi-ext`` mode installers are given the links themselves, with what is now known of them."""
    # A plan of one version says nothing about the links of the others, and a page that was down nothing at all.
    was_down = any(visit.problem for visit in plan.visits)
    seen = {item.url for item in plan.items}
    kept = [
        link
        for link in tx.outside.links(project.id)
        if link.url not in seen
        and (was_down or (plan.version and not same_version(link.version.text, plan.version)))
    ]
    found = [_link(project, item) for item in plan.items if item.verdict is not Verdict.REJECT]
    tx.outside.put_links(project.id, [*kept, *found])
    serial = tx.ledger.append(
        Kind.LINKS_LISTED,
        at=now,
        actor=rehost.asked_by,
        project=project.name.normalized,
        details={"rehost": rehost.id, "links": [link.url for link in found]},
    )
    render_project(tx, project, serial)


def _link(project: Project, item: Item) -> ExternalLink:
    return ExternalLink(
        project=project.name.normalized,
        version=item.version,
        filename=item.filename,
        url=item.url,
        found_on=item.found_on,
        size_bytes=item.size_bytes if item.sha256 else None,
        sha256=item.sha256,
    )
