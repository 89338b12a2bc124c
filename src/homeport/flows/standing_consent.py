"""Standing consent within a transaction: given, widened and narrowed by sources, voided, withdrawn.

1. Every change is one entry of the ledger, and one line beside it.
2. A source that is named adds its hosts, one that is removed takes them out; only an owner's own words give a consent,
   make it last longer, or set its paths and patterns.
3. What was withdrawn is given anew by an owner only, never by a source that somebody names.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from homeport.domain.canonical import Plain
from homeport.domain.errors import Invalid
from homeport.domain.ledger import Kind
from homeport.domain.project import Project
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
    reminder,
)
from homeport.domain.urls import Url
from homeport.ports.store import Transaction


def give_standing(
    tx: Transaction, project: Project, *, by: str, at: datetime, terms: Terms | None = None
) -> int:
    """Consent on these terms, or for a year to files of every place that is named now; returns the serial."""
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
    return _record(tx, project, standing, by=by, at=at)


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


def extend_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Add the hosts of ``source``, which a maintainer has just named; whose consent it is, and for how long, stays.

    0 when it was withdrawn.
    """
    standing = tx.standing_consents.of_project(project.id)
    if standing is None:
        return give_standing(tx, project, by=by, at=at)
    if standing.withdrawn_at is not None:
        return 0
    hosts = tuple(dict.fromkeys((*standing.hosts, *_hosts(_places(source)))))
    return _record(tx, project, replace(standing, hosts=hosts), by=by, at=at)


def renew_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Name the hosts of a known source again, which the drift watch had taken out; 0 when all of them are named."""
    standing = tx.standing_consents.of_project(project.id)
    if standing is None or not project.mode.takes_crawled_files:
        return 0
    if set(_hosts(_places(source))) <= set(standing.hosts):
        return 0
    return extend_standing(tx, project, source, by=by, at=at)


def narrow_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Take out the hosts of ``source``, which was removed, unless something else names them; 0 when nothing changes."""
    standing = tx.standing_consents.of_project(project.id)
    gone = set(_hosts(_places(source))) - set(named_hosts(tx, project))
    if standing is None or not gone & set(standing.hosts):
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
    """Take out a host that may be somebody else's now, for that reason."""
    left = tuple(name for name in standing.hosts if name != host)
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


def named_places(tx: Transaction, project: Project) -> list[str]:
    """Every place that is named for the project's files now, once."""
    places = [url for source in tx.outside.sources(project.id) for url in _places(source)]
    for release in tx.releases.of_project(project.id):
        places += [*release.metadata.homepage_urls(), *release.metadata.download_urls()]
    return list(dict.fromkeys(place for place in places if _host(place)))


def named_hosts(tx: Transaction, project: Project) -> tuple[str, ...]:
    """The hosts of these places."""
    return _hosts(named_places(tx, project))


def _places(source: Source) -> list[str]:
    """The address a person named, and the one that is asked for it: a forge's API may be another host."""
    try:
        return [source.url, asked_address(source)]
    except Invalid:
        return [source.url]


def _record(
    tx: Transaction,
    project: Project,
    standing: StandingConsent,
    *,
    by: str,
    at: datetime,
    kind: Kind = Kind.STANDING_CONSENT_GIVEN,
    reason: str = "",
) -> int:
    terms: Mapping[str, Plain] = {
        "hosts": list(standing.hosts),
        "paths": list(standing.paths),
        "patterns": list(standing.patterns),
        "until": standing.ends_on.isoformat(),
    }
    serial = tx.ledger.append(
        kind,
        at=at,
        actor=by,
        project=project.name.normalized,
        details={**terms, "reason": reason} if reason else terms,
    )
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


def _hosts(urls: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host for url in urls if (host := _host(url))))


def _host(url: str) -> str:
    """The host as ``StandingConsent.covers`` compares it; empty for what nobody can ask."""
    try:
        return Url.parse(url).host
    except Invalid:
        return ""
