"""Pages of the simple API are rendered and compressed when something changes, in the transaction that changes it.

1. A change renders its project's page, and its line in the list, once; its cost does not depend on other projects.
2. What is frozen is on no page, and neither frozen nor removed names lead outside (``external_links``).
3. Equal pages have equal bytes, and the tag names them; a new way of rendering renders everything anew.
"""

from homeport.domain.digests import Sha256
from homeport.domain.index_page import MetadataLink, ProjectPage
from homeport.domain.names import version_key
from homeport.domain.project import Project
from homeport.flows.external_links import external_links
from homeport.flows.render_list import render_in_list
from homeport.formats.accept import Form
from homeport.formats.codings import CODINGS, encoded
from homeport.formats.simple_html import project_page_html
from homeport.formats.simple_json import project_page_json
from homeport.ports.catalogue import Release
from homeport.ports.pages import Rendered
from homeport.ports.store import Transaction

_ETAG_DIGITS = 32


def render_project(tx: Transaction, project: Project, serial: int, *, comes_or_goes: bool = False) -> None:
    """Render the project as it is after the change that the ledger entry ``serial`` records.

    ``comes_or_goes`` says that the change put it into the list of projects, or took it out.
    """
    tx.projects.set_serial(project.id, serial)
    put_page(tx, project, serial)
    if comes_or_goes or project.is_listed:
        render_in_list(tx, project.name.normalized, comes_or_goes=comes_or_goes)


def put_page(tx: Transaction, project: Project, serial: int) -> None:
    """Render and store the project's page alone."""
    page = project_page(tx, project, serial)
    forms: tuple[tuple[Form, bytes], ...] = (
        ("json", project_page_json(page)),
        ("html", project_page_html(page)),
    )
    for form, body in forms:
        bodies = {coding: encoded(body, coding) for coding in CODINGS}
        etag = Sha256.of(body).hex[:_ETAG_DIGITS]
        tx.pages.put(page.name, form, Rendered(bodies, etag, serial, project.is_private))


def project_page(tx: Transaction, project: Project, serial: int) -> ProjectPage:
    """What installers are given: which links are among it is decided by the hosting mode (standards D.2)."""
    hosted = tuple(file for file in tx.files.of_project(project.id) if not file.is_frozen)
    external = external_links(tx, project)
    links: tuple[MetadataLink, ...] = ()
    if project.mode.lists_external:
        links = tuple(
            link
            for release in tx.releases.of_project(project.id)
            if not release.is_frozen
            for link in _metadata_links(release)
        )
    versions = dict.fromkeys(tx.releases.versions(project.id))
    known = {version_key(version) for version in versions}
    # What is only linked to has no release yet; of several spellings the first is told.
    for version in [file.version for file in hosted] + [link.version for link in external]:
        if version.key not in known:
            known.add(version.key)
            versions[version.normalized] = None
    return ProjectPage(
        name=project.name.normalized,
        serial=serial,
        versions=tuple(versions),
        files=hosted,
        external=external,
        links=links,
        status=project.status,
        status_reason=project.status_reason,
    )


def _metadata_links(release: Release) -> tuple[MetadataLink, ...]:
    version, metadata = release.version.text, release.metadata
    home = [MetadataLink("homepage", version, url) for url in metadata.homepage_urls()]
    return (*home, *(MetadataLink("download", version, url) for url in metadata.download_urls()))
