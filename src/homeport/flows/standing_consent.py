"""Standing consent within a transaction: given, widened and narrowed by sources, voided, withdrawn.

1. Every change is one entry of the ledger, and one line beside it.
2. A source that an owner names adds its hosts: to a consent of their own, or to theirs in place of another owner's, on
   the same terms otherwise, and everybody else who maintains the project is told. Where nobody ever gave one, it is the
   owner's word for its hosts, for none that others named before (T-32), and everybody else is told as well. A source that
   anybody else names adds nothing. One that is removed takes out what covers its addresses, whoever removed it and whoever
   wrote it: plain http for https too. What covers an address that is named still stays.
3. Only an owner's own words give a consent, make it last longer, or set its paths and patterns. What was withdrawn, is
   void, or has ended is given anew by these only, never by a source that somebody names.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from homeport.domain.canonical import Plain
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, Role
from homeport.domain.registration import STANDING_MISSING
from homeport.domain.release_api import asked_address
from homeport.domain.source import Source
from homeport.domain.standing_consent import (
    EVERY_FILE,
    EVERY_PATH,
    STANDING_LIMIT,
    Condition,
    StandingConsent,
    StandingLine,
    Terms,
    host_of,
    place_of,
    reminder,
)
from homeport.domain.urls import Url
from homeport.flows.notify import tell_members, write_notice
from homeport.ports.store import Transaction

_WHY_NOT: Final = {
    Condition.WITHDRAWN: "it was withdrawn on {there.withdrawn_at:%Y-%m-%d}",
    Condition.IDLE: "it is for pypi-cache, and the project is not",
    Condition.VOID: "{there.given_by}, who gave it, does not own the project any more",
    Condition.EXPIRED: "it ended on {there.ends_on}",
}


def give_standing(
    tx: Transaction,
    project: Project,
    *,
    by: str,
    at: datetime,
    terms: Terms | None = None,
    tells: bool = False,
) -> int:
    """Consent on these terms, or for a year to files of every place that is named now; returns the serial.

    With ``tells``, everybody else who maintains the project hears of it.
    """
    hosts = terms.hosts if terms else named_hosts(tx, project)
    expires_at = terms.expires_at if terms else at + STANDING_LIMIT
    standing = StandingConsent(
        project=project.name.normalized,
        given_by=by,
        hosts=hosts,
        patterns=terms.patterns if terms else EVERY_FILE,
        given_at=at,
        expires_at=expires_at,
        paths=terms.paths if terms else EVERY_PATH,
        reminded=reminder(expires_at.date(), at.date()),
    )
    before = tx.standing_consents.of_project(project.id)
    replaces = before.given_by if before and before.given_by != by and not before.withdrawn_at else ""
    if tells:
        _tell(tx, project, standing, at)
    return _record(tx, project, standing, by=by, at=at, replaces=replaces)


def live_standing(tx: Transaction, project: Project) -> StandingConsent | None:
    """The standing consent that counts: only in the mode it is for, not withdrawn, and while an owner stands by it."""
    standing = tx.standing_consents.of_project(project.id)
    if standing is None or standing.withdrawn_at is not None or not project.mode.takes_crawled_files:
        return None
    giver = tx.users.by_name(standing.given_by)
    role = tx.projects.role_of(project.id, giver.id) if giver else None
    return None if standing.is_void(role) else standing


def condition_of(tx: Transaction, project: Project, standing: StandingConsent, now: datetime) -> Condition:
    """How a project's standing consent is."""
    giver = tx.users.by_name(standing.given_by)
    role = tx.projects.role_of(project.id, giver.id) if giver else None
    return standing.condition(role, now, is_asked=project.mode.takes_crawled_files)


def require_standing(tx: Transaction, project: Project, now: datetime) -> StandingConsent:
    """The standing consent that counts now, or ``Conflict`` with what became of it."""
    standing = live_standing(tx, project)
    if standing is not None and now < standing.expires_at:
        return standing
    there = tx.standing_consents.of_project(project.id)
    if there is None:
        raise no_standing(project.name)
    why = _WHY_NOT[condition_of(tx, project, there, now)].format(there=there)
    raise _not_live(project.name, f"{why}. An owner gives it anew ({_how_to_give(project.name)}).")


def no_standing(name: ProjectName) -> Conflict:
    """Why nothing comes home for a project whose owners never consented to anything, or that is not there yet."""
    return _not_live(
        name,
        f"nobody gave one. An owner does ({_how_to_give(name)}), or who begins the project in pypi-cache (“New project” "
        f"at /manage/, or homeport project create {name} --mode pypi-cache).",
    )


def _how_to_give(name: ProjectName) -> str:
    return f"“Standing consent” on its page, or homeport consent give {name}"


def _not_live(name: ProjectName, why: str) -> Conflict:
    return Conflict(
        f"There is no live standing consent to host files of {name}: {why}", code=STANDING_MISSING
    )


def extend_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Add the hosts of ``source``, which ``by`` has just named; the paths, the patterns and the end stay.

    Where nobody ever consented, it is a consent for a year to files of these hosts. 0 when nothing is added: all of them are
    named, the source has none, the consent counts no more, or ``by`` may not consent.
    """
    if not _owns(tx, project, by):
        return 0
    standing = tx.standing_consents.of_project(project.id)
    new = [url for url in _asked(source) if standing is None or not standing.names(url)]
    if not new:
        return 0
    added = tuple(dict.fromkeys(map(place_of, new)))
    if standing is None:
        terms = Terms(added, EVERY_PATH, EVERY_FILE, at.date() + STANDING_LIMIT)
        return give_standing(tx, project, by=by, at=at, terms=terms, tells=True)
    live = live_standing(tx, project)
    if live is None or at >= live.expires_at:
        return 0
    hosts = tuple(dict.fromkeys((*live.hosts, *added)))
    if live.given_by == by:
        return _record(tx, project, replace(live, hosts=hosts), by=by, at=at)
    mine = replace(live, hosts=hosts, given_by=by, given_at=at)
    serial = _record(tx, project, mine, by=by, at=at, replaces=live.given_by)
    _tell(tx, project, mine, at)
    return serial


def _tell(tx: Transaction, project: Project, standing: StandingConsent, at: datetime) -> None:
    """Everybody else who maintains the project hears that somebody consented, and to what."""
    facts = {
        "project": project.name.display,
        "by": standing.given_by,
        "until": f"{standing.ends_on}",
        "hosts": list(standing.hosts),
    }
    notice = write_notice("standing-consent-given", facts, path=consent_page(project), at=at)
    tell_members(tx, project, notice, but_not=standing.given_by)


def consent_page(project: Project) -> str:
    """Where who maintains the project sees its standing consent."""
    return f"/manage/projects/{project.name.normalized}/consent/"


def _owns(tx: Transaction, project: Project, name: str) -> bool:
    user = tx.users.by_name(name)
    return user is not None and tx.projects.role_of(project.id, user.id) is Role.OWNER


def renew_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Name the hosts of a known source again, which the drift watch had taken out; 0 when nothing is added."""
    if live_standing(tx, project) is None:
        return 0
    return extend_standing(tx, project, source, by=by, at=at)


def narrow_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Take out what covers the addresses of ``source``, which was removed, and none that is named; 0 when nothing changes."""
    standing = tx.standing_consents.of_project(project.id)
    if standing is None:
        return 0
    gone = _covering(standing, _asked(source)) - _covering(standing, named_places(tx, project))
    if not gone:
        return 0
    hosts = tuple(host for host in standing.hosts if host not in gone)
    narrowed = replace(standing, hosts=hosts)
    return _record(tx, project, narrowed, by=by, at=at, kind=Kind.STANDING_CONSENT_NARROWED)


def void_standing(
    tx: Transaction,
    project: Project,
    standing: StandingConsent,
    host: str,
    reason: str,
    *,
    by: str,
    at: datetime,
) -> int:
    """Take out a host that may be somebody else's now, on every port, for that reason."""
    left = tuple(place for place in standing.hosts if host_of(place) != host)
    serial = tx.ledger.append(
        Kind.CONSENT_VOIDED,
        at=at,
        actor=by,
        project=project.name.normalized,
        details={"host": host, "hosts": list(left), "reason": reason},
    )
    _remember(
        tx, project, replace(standing, hosts=left), Kind.CONSENT_VOIDED, serial, by=by, at=at, reason=reason
    )
    return serial


def withdraw_standing(
    tx: Transaction, project: Project, standing: StandingConsent, reason: str, *, by: str, at: datetime
) -> int:
    """Take the consent back: from this transaction on it covers nothing."""
    withdrawn = replace(standing, withdrawn_at=at)
    kind = Kind.STANDING_CONSENT_WITHDRAWN
    return _record(tx, project, withdrawn, by=by, at=at, kind=kind, reason=reason)


def named_places(tx: Transaction, project: Project) -> list[Url]:
    """Every place that is named for the project's files now, once."""
    places = [url for source in tx.outside.sources(project.id) for url in _asked(source)]
    texts: dict[str, None] = {}
    for head in tx.releases.heads(project.id):
        texts |= dict.fromkeys((*head.homepage_urls(), *head.download_urls()))
    places += [url for text in texts for url in _read(text)]
    return list(dict.fromkeys(places))


def unnamed_places(standing: StandingConsent, places: Sequence[Url]) -> tuple[Url, ...]:
    """Those of ``places`` that a standing consent does not name."""
    return tuple(url for url in places if not standing.names(url))


def _covering(standing: StandingConsent, urls: Sequence[Url]) -> set[str]:
    """Those of its hosts that let one of these addresses through."""
    return {
        host for host in standing.hosts if any(replace(standing, hosts=(host,)).names(url) for url in urls)
    }


def named_hosts(tx: Transaction, project: Project) -> tuple[str, ...]:
    """The hosts of these places, as a standing consent names them."""
    return tuple(dict.fromkeys(map(place_of, named_places(tx, project))))


def _asked(source: Source) -> list[Url]:
    """The address a person named, and the one that is asked for it: a forge's API may be another host."""
    named = _read(source.url)
    try:
        return [*named, *_read(asked_address(source))]
    except Invalid:
        return named


def _read(text: str) -> list[Url]:
    """The URL in ``text``, when there is one that can be asked."""
    try:
        return [Url.parse(text)]
    except Invalid:
        return []


def _record(
    tx: Transaction,
    project: Project,
    standing: StandingConsent,
    *,
    by: str,
    at: datetime,
    kind: Kind = Kind.STANDING_CONSENT_GIVEN,
    reason: str = "",
    replaces: str = "",
) -> int:
    terms: dict[str, Plain] = {
        "hosts": list(standing.hosts),
        "paths": list(standing.paths),
        "patterns": list(standing.patterns),
        "until": standing.ends_on.isoformat(),
    }
    told = {"reason": reason, "replaces": replaces}
    serial = tx.ledger.append(
        kind,
        at=at,
        actor=by,
        project=project.name.normalized,
        details=terms | {name: text for name, text in told.items() if text},
    )
    if replaces:
        reason = f"In place of the consent of {replaces}."
    _remember(tx, project, standing, kind, serial, by=by, at=at, reason=reason)
    return serial


def _remember(
    tx: Transaction,
    project: Project,
    standing: StandingConsent,
    kind: Kind,
    serial: int,
    *,
    by: str,
    at: datetime,
    reason: str,
) -> None:
    tx.standing_consents.put(project.id, standing)
    line = StandingLine(
        serial, at, kind, by, standing.hosts, standing.paths, standing.patterns, standing.ends_on, reason
    )
    tx.standing_consents.add_line(project.id, line)
