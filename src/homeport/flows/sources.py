"""Where a project's files are sought: sources are remembered, and told in the ledger.

1. A project that is ``pypi-only`` has no outside: its sources are refused (design §2).
2. In ``pypi-cache`` mode naming a source is consent to its host; in ``pypi-ext`` mode a file that is nominated with its
   sha256 is listed at once, any other when a plan has read it (standards D.3).
"""

from datetime import datetime

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.links import Taken
from homeport.domain.project import Project
from homeport.domain.release import ExternalLink
from homeport.domain.source import SourceKind
from homeport.flows.render_pages import render_project
from homeport.flows.standing_consent import extend_standing
from homeport.ports.catalogue import Source
from homeport.ports.store import Transaction


def remember_page(
    tx: Transaction, project: Project, kind: SourceKind, url: str, *, by: str, at: datetime
) -> bool:
    """Remember a page, or a file, to look at; False when it was known."""
    serial = _remember(tx, project, Source(kind.value, url), by=by, at=at)
    if serial:
        render_project(tx, project, serial)
    return serial > 0


def remember_nominated(tx: Transaction, project: Project, taken: Taken, *, by: str, at: datetime) -> bool:
    """Remember one file that a maintainer nominated with its hash; False when nothing changed."""
    candidate = taken.candidate
    fragment = "&".join(f"{algorithm}={digest}" for algorithm, digest in candidate.claimed)
    source = Source(SourceKind.URLS.value, f"{candidate.url}#{fragment}")
    serial = _remember(tx, project, source, by=by, at=at)
    if project.mode.lists_external:
        serial = _list(tx, project, taken, by=by, at=at) or serial
    if serial:
        render_project(tx, project, serial)
    return serial > 0


def _remember(tx: Transaction, project: Project, source: Source, *, by: str, at: datetime) -> int:
    """The ledger entry that tells of it; 0 when it was known."""
    if project.mode is HostingMode.ONLY:
        raise Conflict(
            f"{project.name} is pypi-only: only uploaded files are listed, so external URLs are refused. "
            "Choose pypi-cache first (homeport mode set).",
            code="external-refused",
        )
    if not tx.outside.add_source(project.id, source, by=by, at=at):
        return 0
    serial = tx.ledger.append(
        Kind.SOURCE_ADDED,
        at=at,
        actor=by,
        project=project.name.normalized,
        details={"kind": source.kind, "url": source.url},
    )
    if project.mode.takes_crawled_files:
        serial = extend_standing(tx, project, source.url, by=by, at=at)
    return serial


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
