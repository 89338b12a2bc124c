"""What looks at one host found is remembered and told, and what must follow follows, in one transaction.

1. A look that was overtaken (the watch is not as it was when it began) counts for nothing; so does a killed one.
2. Each thing is told once: one event, one entry of the ledger for it, and one notice to each person for all that one
   run found of a project there.
3. A frozen host is told to the administrators, a voided consent to those who maintain the project. Why it is frozen is
   read by everybody whose files come from there: it names no file of anybody's.
4. Projects that share somebody who maintains them count as one (rule 5 of ``domain.drift``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from homeport.domain.drift import (
    Consequence,
    HostMemory,
    HostSeen,
    Look,
    Seen,
    Sign,
    Watch,
    consequence,
    judge,
    judge_host,
    next_look,
)
from homeport.domain.ledger import Kind
from homeport.domain.project import Project
from homeport.domain.sighting import Sighting
from homeport.domain.strike_out import without_secrets
from homeport.domain.urls import Url
from homeport.flows.drift.begin import chance
from homeport.flows.drift.look import Glance
from homeport.flows.notify import tell, tell_members, write_notice
from homeport.flows.standing_consent import void_standing
from homeport.ports.store import Transaction
from homeport.ports.watches import Stakes
from homeport.ports.world import World

ACTOR = "drift"


@dataclass(frozen=True, slots=True)
class _Place:
    host: str
    url: str
    filename: str = ""


@dataclass(slots=True)
class _News:
    """What is new about each project, by its id; and why its host must be frozen, once for each reason."""

    sentences: dict[int, list[str]] = field(default_factory=dict)
    void_for: dict[int, str] = field(default_factory=dict)
    freeze_for: list[str] = field(default_factory=list)


def record(world: World, host: str, glances: Sequence[Glance], asked: HostSeen) -> int:
    """Remember and tell what ``glances`` at files of ``host`` found, and what was ``asked`` about it; how many signs."""
    now = world.clock.now()
    with world.store.write() as tx:
        found = [
            (watch_id, _Place(host, url, filename), seen)
            for glance in glances
            for watch_id, url, filename, seen in _remember(world, tx, glance)
        ]
        stakes = tx.watches.stakes(host)
        if stakes is None:
            return 0
        memory = tx.watches.host(host) or HostMemory(host)
        after, of_host = judge_host(memory, _seen(glances, asked), stakes.agreed_at, now)
        tx.watches.put_host(after)
        origin = glances[0].watch.url
        found += [(one, _Place(host, origin), seen) for seen in of_host for one in stakes.projects]
        news = _tell(tx, found, stakes, now)
        _freeze(tx, host, Url.parse(origin).host, news, now)
        for project_id, sentences in news.sentences.items():
            _notify(tx, _project(tx, project_id), host, sentences, now)
        return sum(map(len, news.sentences.values()))


def _remember(world: World, tx: Transaction, glance: Glance) -> Iterable[tuple[int, str, str, Seen]]:
    """The watch as it is after the look; what it shows, if anything."""
    watch = glance.watch
    if tx.watches.find(watch.project_id, watch.filename) != watch:
        return
    if tx.files.find(watch.project_id, watch.filename) is None:
        # Its name is never given to other bytes (I-04): there is nothing left to compare.
        tx.watches.forget(watch.project_id, watch.filename)
        return
    judged, seen = judge(watch, glance.look)
    due_at = next_look(watch.state, judged, glance.look, world.drift.every, chance(world.clock))
    tx.watches.put(replace(judged, due_at=due_at))
    _see(tx, watch, glance.look)
    if seen is not None:
        yield watch.project_id, watch.url, watch.filename, seen


def _see(tx: Transaction, watch: Watch, look: Look) -> None:
    """Bytes that were read are a sighting like any other: a later plan weighs them (T-11)."""
    if look.sha256:
        # No redirect leads from https to http: TLS at the first step is TLS at all of them.
        is_tls = watch.url.startswith("https://")
        sighting = Sighting(watch.url, look.sha256, look.ended_at, is_tls, look.at, look.at)
        tx.proofs.see(watch.project_id, sighting)


def _seen(glances: Iterable[Glance], asked: HostSeen) -> HostSeen:
    """All that was seen of the host; one answer shows that it has a name."""
    names = [glance.has_name for glance in glances if glance.has_name is not None]
    shown = (glance.tls for glance in glances if glance.tls is not None)
    return replace(asked, has_name=any(names) if names else None, tls=next(shown, None))


def _tell(tx: Transaction, found: Iterable[tuple[int, _Place, Seen]], stakes: Stakes, now: datetime) -> _News:
    news = _News()
    for project_id, place, seen in found:
        follows = _follows(tx, project_id, seen.sign, stakes)
        if not tx.watches.tell(project_id, (place.host, place.url, place.filename), seen, follows, now):
            continue
        tx.ledger.append(
            Kind.DRIFT_SEEN,
            at=now,
            actor=ACTOR,
            project=_project(tx, project_id).name.normalized,
            details={
                "sign": seen.sign.value,
                "host": place.host,
                "url": without_secrets(place.url),
                "filename": place.filename,
                "seen": seen.what,
            },
        )
        news.sentences.setdefault(project_id, []).append(seen.sentence)
        if follows is Consequence.VOID:
            news.void_for[project_id] = seen.sentence
        elif follows is Consequence.FREEZE and (reason := _reason(place.host, seen)) not in news.freeze_for:
            news.freeze_for.append(reason)
    return news


def _follows(tx: Transaction, project_id: int, sign: Sign, stakes: Stakes) -> Consequence:
    if sign is not Sign.OTHER_BYTES:
        return consequence(sign)
    mine = _maintainers(tx, project_id)

    def others(projects: Iterable[int]) -> bool:
        return any(mine.isdisjoint(_maintainers(tx, one)) for one in projects if one != project_id)

    # Those that changed are few, those that are there may be thousands: the first stranger decides.
    return consequence(sign, is_shared=others(stakes.projects), others_changed=others(stakes.changed))


def _maintainers(tx: Transaction, project_id: int) -> frozenset[int]:
    return frozenset(member.user.id for member in tx.projects.members(project_id) if member.role.maintains)


def _reason(host: str, seen: Seen) -> str:
    if seen.sign is Sign.OTHER_BYTES:
        return f"What came from {host} has other bytes there now."
    return seen.sentence


def _freeze(tx: Transaction, host: str, hostname: str, news: _News, now: datetime) -> None:
    """Freeze the host if anything asks for it, and void the standing consents that must not count any more."""
    reason = " ".join(news.freeze_for)
    if reason and tx.hosts.find(host).frozen is None:
        tx.hosts.freeze(host, ACTOR, reason, now)
        tx.ledger.append(
            Kind.HOST_FROZEN, at=now, actor=ACTOR, project="", details={"host": host, "reason": reason}
        )
        facts = {"host": host, "reason": reason}
        notice = write_notice("host-frozen", facts, path=f"/admin/drift/?host={host}", at=now)
        tell(tx, tx.users.administrators(), notice)
    for project_id, standing in tx.standing_consents.naming(hostname):
        if why := reason or news.void_for.get(project_id, ""):
            project = _project(tx, project_id)
            void_standing(tx, project, standing, hostname, why, by=ACTOR, at=now)
            news.sentences.setdefault(project_id, []).append(
                f"The standing consent of {project.name} names {hostname} no longer: no registration brings files home "
                "from there until an owner names the source again."
            )


def _notify(tx: Transaction, project: Project, host: str, sentences: Sequence[str], now: datetime) -> None:
    facts = {"project": project.name.display, "host": host, "seen": sentences}
    path = f"/manage/projects/{project.name.normalized}/#origins"
    tell_members(tx, project, write_notice("drift", facts, path=path, at=now))


def _project(tx: Transaction, project_id: int) -> Project:
    (project,) = tx.projects.every(after=project_id - 1, limit=1)
    return project
