"""Standing consent: the places whose files may come home when a maintainer registers a release."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from homeport.domain.consent import STANDING_LIMIT, StandingConsent
from homeport.domain.errors import Invalid
from homeport.domain.ledger import Kind
from homeport.domain.project import Project
from homeport.domain.release_api import asked_address
from homeport.domain.source import Source
from homeport.ports.store import Transaction


def give_standing(tx: Transaction, project: Project, *, by: str, at: datetime) -> int:
    """Consent for a year to files of every place that is a source of the project now; returns the serial."""
    standing = StandingConsent(
        project=project.name.normalized,
        given_by=by,
        hosts=_hosts(_named(tx, project)),
        patterns=("*",),
        given_at=at,
        expires_at=at + STANDING_LIMIT,
    )
    return _record(tx, project, standing, by=by, at=at)


def live_standing(tx: Transaction, project: Project) -> StandingConsent | None:
    """The standing consent that counts: only in the mode it is for, and while an owner stands by it."""
    standing = tx.rehosts.standing(project.id)
    if standing is None or not project.mode.takes_crawled_files:
        return None
    giver = tx.users.by_name(standing.given_by)
    role = tx.projects.role_of(project.id, giver.id) if giver else None
    return None if standing.is_void(role) else standing


def extend_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Add the hosts of ``source``, which a maintainer has just named; whose consent it is, and for how long, stays."""
    standing = tx.rehosts.standing(project.id)
    if standing is None:
        return give_standing(tx, project, by=by, at=at)
    hosts = tuple(dict.fromkeys((*standing.hosts, *_hosts(_places(source)))))
    return _record(tx, project, replace(standing, hosts=hosts), by=by, at=at)


def renew_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Name the hosts of a known source again, which the drift watch had taken out; 0 when all of them are named."""
    standing = tx.rehosts.standing(project.id)
    if standing is None or not project.mode.takes_crawled_files:
        return 0
    if set(_hosts(_places(source))) <= set(standing.hosts):
        return 0
    return extend_standing(tx, project, source, by=by, at=at)


def narrow_standing(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """Take out the hosts of ``source``, which was removed, unless something else names them; 0 when nothing changes."""
    standing = tx.rehosts.standing(project.id)
    gone = set(_hosts(_places(source))) - set(_hosts(_named(tx, project)))
    if standing is None or not gone & set(standing.hosts):
        return 0
    hosts = tuple(host for host in standing.hosts if host not in gone)
    narrowed = replace(standing, hosts=hosts)
    return _record(tx, project, narrowed, by=by, at=at, kind=Kind.STANDING_CONSENT_NARROWED)


def _named(tx: Transaction, project: Project) -> list[str]:
    """Every place that is named for the project's files now."""
    places = [url for source in tx.outside.sources(project.id) for url in _places(source)]
    for release in tx.releases.of_project(project.id):
        places += [*release.metadata.homepage_urls(), *release.metadata.download_urls()]
    return places


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
) -> int:
    tx.rehosts.put_standing(project.id, standing)
    return tx.ledger.append(
        kind,
        at=at,
        actor=by,
        project=project.name.normalized,
        details={
            "hosts": list(standing.hosts),
            "patterns": list(standing.patterns),
            "until": standing.expires_at.date().isoformat(),
        },
    )


def _hosts(urls: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host for url in urls if (host := urlsplit(url).hostname)))
