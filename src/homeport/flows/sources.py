"""Where a project's files are sought: sources are remembered, and told in the ledger.

1. A project that is ``pypi-only`` has no outside: its sources are refused (design §2).
2. A source that is named again gets the filters, and the token, that it is named with.
3. In ``pypi-cache`` mode an owner who names a source consents to its hosts, until it is removed; in ``pypi-ext`` mode a file
   that is nominated with its sha256 is listed at once, any other when a plan has read it (standards D.3).
4. A nominated file that nothing else names is listed no longer once its source is removed. What a page gave stays listed until
   the next plan: only that knows who else gives it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.canonical import Plain
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.links import Taken
from homeport.domain.project import Project
from homeport.domain.release import ExternalLink
from homeport.domain.source import Source, SourceKind
from homeport.domain.strike_out import without_secrets
from homeport.flows.render_pages import render_project
from homeport.flows.standing_consent import extend_standing, narrow_standing, renew_standing
from homeport.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Removed:
    """A source where nobody looks any more, and what becomes of the links that installers are given.

    ``delisted`` are the files that are listed no longer; ``stays_listed``: what was found there is, until the next plan.
    """

    source: Source
    delisted: tuple[str, ...]
    stays_listed: bool

    @property
    def sentence(self) -> str:
        """The same for people; empty when installers are given nothing of it."""
        if self.stays_listed:
            return "What was found there is still listed until the next plan."
        return "".join(f"{filename} is listed no longer." for filename in self.delisted)


def remember_page(
    tx: Transaction,
    project: Project,
    source: Source,
    *,
    sealed_token: bytes | None = None,
    keeps_token: bool = True,
    by: str,
    at: datetime,
) -> bool:
    """Remember a place to look at; False when it was known just so.

    Of a known one, the filters are replaced, and the token, unless it ``keeps_token``.
    """
    known = find_source(tx, project, source.kind, source.url)
    if known is None:
        serial = _remember(tx, project, source, by=by, at=at, sealed_token=sealed_token)
    else:
        serial = _change(
            tx, project, known, source, sealed_token=sealed_token, keeps_token=keeps_token, by=by, at=at
        )
        serial = renew_standing(tx, project, source, by=by, at=at) or serial
    if serial:
        render_project(tx, project, serial)
    return serial > 0


def find_source(tx: Transaction, project: Project, kind: SourceKind, url: str) -> Source | None:
    """The project's source of that kind and URL."""
    return next((one for one in tx.outside.sources(project.id) if one.kind is kind and one.url == url), None)


def forget(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> Removed:
    """Look there no more; standing consent forgets a host that nothing else of the project names."""
    tx.outside.remove_source(project.id, source)
    links = tx.outside.links(project.id)
    named = {one.place for one in tx.outside.sources(project.id)}
    gone = _given_only_by(source, links, named)
    if gone:
        tx.outside.put_links(project.id, [link for link in links if link not in gone])
    serial = tx.ledger.append(
        Kind.SOURCE_REMOVED,
        at=at,
        actor=by,
        project=project.name.normalized,
        details={
            "kind": source.kind.value,
            "url": without_secrets(source.url),
            **({"delisted": [link.url for link in gone]} if gone else {}),
        },
    )
    serial = narrow_standing(tx, project, source, by=by, at=at) or serial
    render_project(tx, project, serial)
    if not project.mode.lists_external:
        return Removed(source, (), stays_listed=False)
    is_place = source.kind is not SourceKind.URLS
    return Removed(
        source,
        tuple(link.filename for link in gone),
        stays_listed=is_place and any(link.url not in named for link in links),
    )


def _given_only_by(
    source: Source, links: Sequence[ExternalLink], named: Collection[str]
) -> list[ExternalLink]:
    """The links that nothing but ``source`` gave, which was nominated; ``named`` are the other sources."""
    if source.kind is not SourceKind.URLS:
        return []
    return [
        link for link in links if link.url == source.place and not link.found_on and link.url not in named
    ]


def require_outside(tx: Transaction, project: Project, at: datetime) -> None:
    """``Conflict`` when external files are refused for this project; it names a way only where one is open."""
    if project.mode is HostingMode.ONLY:
        closed = tx.policies.current().cache_refusal(at.date())
        choose = f"Choose pypi-cache first (“Hosting” on its page, or homeport mode set {project.name} pypi-cache)."
        raise Conflict(
            f"{project.name} is pypi-only: external files are refused. {closed.sentence if closed else choose}",
            code="external-refused",
        )


def remember_nominated(tx: Transaction, project: Project, taken: Taken, *, by: str, at: datetime) -> bool:
    """Remember one file that a maintainer nominated with its hash; False when nothing changed."""
    candidate = taken.candidate
    fragment = "&".join(f"{algorithm}={digest}" for algorithm, digest in candidate.claimed)
    source = Source(SourceKind.URLS, f"{candidate.url}#{fragment}")
    serial = _remember(tx, project, source, by=by, at=at)
    if project.mode.lists_external:
        serial = _list(tx, project, taken, by=by, at=at) or serial
    if serial:
        render_project(tx, project, serial)
    return serial > 0


def _remember(
    tx: Transaction,
    project: Project,
    source: Source,
    *,
    by: str,
    at: datetime,
    sealed_token: bytes | None = None,
) -> int:
    """The ledger entry that tells of it; 0 when it was known."""
    require_outside(tx, project, at)
    if not tx.outside.add_source(project.id, source, by=by, at=at, sealed_token=sealed_token):
        return 0
    serial = tx.ledger.append(
        Kind.SOURCE_ADDED,
        at=at,
        actor=by,
        project=project.name.normalized,
        details=_told(source, has_token=sealed_token is not None),
    )
    if project.mode.takes_crawled_files:
        serial = extend_standing(tx, project, source, by=by, at=at) or serial
    return serial


def _change(
    tx: Transaction,
    project: Project,
    known: Source,
    source: Source,
    *,
    sealed_token: bytes | None,
    keeps_token: bool,
    by: str,
    at: datetime,
) -> int:
    """The ledger entry that tells of what is other now; 0 when nothing is."""
    sealed = tx.outside.sealed_token(project.id, known) if keeps_token else sealed_token
    has_other_token = not keeps_token and (sealed is not None or known.has_token)
    if known.filters == source.filters and not has_other_token:
        return 0
    tx.outside.change_source(project.id, source, sealed_token=sealed)
    return tx.ledger.append(
        Kind.SOURCE_CHANGED,
        at=at,
        actor=by,
        project=project.name.normalized,
        details=_told(source, has_token=sealed is not None),
    )


def _told(source: Source, *, has_token: bool) -> dict[str, Plain]:
    """A source in the ledger: that it has a token, never which."""
    told: dict[str, Plain] = {"kind": source.kind.value, "url": without_secrets(source.url)}
    if filters := source.filters.to_json():
        told["filters"] = filters
    return told | ({"token": True} if has_token else {})


def _list(tx: Transaction, project: Project, taken: Taken, *, by: str, at: datetime) -> int:
    """List the file by the sha256 it was nominated with; 0 when there is none, or it is listed already."""
    claimed = dict(taken.candidate.claimed).get("sha256")
    if claimed is None:
        return 0
    link = ExternalLink(
        project=project.name.normalized,
        version=taken.parsed.version,
        filename=taken.parsed.filename,
        url=taken.candidate.url,
        found_on="",
        sha256=Sha256.parse(claimed),
    )
    links = list(tx.outside.links(project.id))
    there = next((other for other in links if other.url == link.url), None)
    if there is not None and there.sha256 is not None:
        if there.sha256 == link.sha256:
            return 0
        raise Conflict(
            f"{link.url} was read with sha256 {there.sha256}, and files never change: put other bytes under another name.",
            code="link-differs",
        )
    tx.outside.put_links(project.id, [*(other for other in links if other.url != link.url), link])
    return tx.ledger.append(
        Kind.LINKS_LISTED,
        at=at,
        actor=by,
        project=project.name.normalized,
        details={"rehost": None, "links": [link.url]},
    )
