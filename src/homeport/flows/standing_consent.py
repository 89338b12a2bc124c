"""Standing consent: the places whose files may come home when a maintainer registers a release."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from homeport.domain.consent import STANDING_LIMIT, StandingConsent
from homeport.domain.ledger import Kind
from homeport.domain.project import Project
from homeport.ports.store import Transaction


def give_standing(tx: Transaction, project: Project, *, by: str, at: datetime) -> int:
    """Consent for a year to files of every place that is a source of the project now; returns the serial."""
    places = [source.url for source in tx.outside.sources(project.id)]
    for release in tx.releases.of_project(project.id):
        places += [*release.metadata.homepage_urls(), *release.metadata.download_urls()]
    standing = StandingConsent(
        project=project.name.normalized,
        given_by=by,
        hosts=_hosts(places),
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


def extend_standing(tx: Transaction, project: Project, url: str, *, by: str, at: datetime) -> int:
    """Add the host of ``url``, which a maintainer has just named; whose consent it is, and for how long, stays."""
    standing = tx.rehosts.standing(project.id)
    if standing is None:
        return give_standing(tx, project, by=by, at=at)
    hosts = tuple(dict.fromkeys((*standing.hosts, *_hosts([url]))))
    return _record(tx, project, replace(standing, hosts=hosts), by=by, at=at)


def _record(tx: Transaction, project: Project, standing: StandingConsent, *, by: str, at: datetime) -> int:
    tx.rehosts.put_standing(project.id, standing)
    return tx.ledger.append(
        Kind.STANDING_CONSENT_GIVEN,
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
