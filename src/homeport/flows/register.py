"""A release is registered: its metadata, without files (PEP 301), and its mention in the ledger."""

from datetime import datetime

from homeport.domain.freeze import objection
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project
from homeport.flows.render_pages import render_project
from homeport.ports.store import Transaction


def register(
    tx: Transaction,
    project: Project,
    version: ReleaseVersion,
    metadata: CoreMetadata,
    *,
    description_html: str = "",
    actor: str,
    at: datetime,
) -> None:
    """Register ``version``, or update what was registered; the same metadata again changes nothing.

    Raises ``Conflict`` while the release is frozen.
    ``description_html`` is the long description, rendered; empty when that is shown as plain text.
    """
    if frozen := objection(tx.freezes.of_project(project.id), version):
        raise frozen
    if not tx.releases.put(project.id, version, metadata, replace=True, at=at):
        return
    tx.releases.set_description(project.id, version.key, description_html)
    serial = tx.ledger.append(
        Kind.RELEASE_REGISTERED,
        at=at,
        actor=actor,
        project=project.name.normalized,
        details={
            "version": version.text,
            "home_page": metadata.home_page,
            "download_url": metadata.download_url,
        },
    )
    render_project(tx, project, serial)
