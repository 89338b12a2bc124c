"""Pages of the simple API are rendered and compressed when something changes, in the transaction that changes it."""

import gzip

from homeport.domain.digests import Sha256
from homeport.domain.index_page import MetadataLink, ProjectList, ProjectPage
from homeport.domain.project import Project
from homeport.domain.release import ExternalLink
from homeport.formats.accept import Form
from homeport.formats.simple_html import project_list_html, project_page_html
from homeport.formats.simple_json import project_list_json, project_page_json
from homeport.ports.catalogue import Release
from homeport.ports.store import Transaction

_LEVEL = 6
_ETAG_DIGITS = 32


def render_project(tx: Transaction, project: Project, serial: int) -> None:
    """Render the project's page as it is after the change that the ledger entry ``serial`` records."""
    tx.projects.set_serial(project.id, serial)
    page = project_page(tx, project, serial)
    _put(tx, page.name, project_page_json(page), project_page_html(page), serial)


def render_project_list(tx: Transaction, serial: int) -> None:
    """Render the list of projects; only a project that comes or goes changes it."""
    listed = ProjectList(serial, tuple(tx.projects.names()))
    _put(tx, "", project_list_json(listed), project_list_html(listed), serial)


def project_page(tx: Transaction, project: Project, serial: int) -> ProjectPage:
    """What installers are given: which links are among it is decided by the hosting mode (standards D.2)."""
    releases = tx.releases.of_project(project.id)
    hosted = tuple(tx.files.of_project(project.id))
    external: tuple[ExternalLink, ...] = ()
    links: tuple[MetadataLink, ...] = ()
    if project.mode.lists_external:
        external = tuple(tx.outside.links(project.id))
        links = tuple(link for release in releases for link in _metadata_links(release))
    versions = [release.version.normalized for release in releases]
    versions += [file.version.normalized for file in hosted] + [link.version.normalized for link in external]
    return ProjectPage(
        name=project.name.normalized,
        serial=serial,
        versions=tuple(dict.fromkeys(versions)),
        files=hosted,
        external=external,
        links=links,
        status=project.status,
    )


def _metadata_links(release: Release) -> tuple[MetadataLink, ...]:
    version, metadata = release.version.text, release.metadata
    home = [MetadataLink("homepage", version, url) for url in metadata.homepage_urls()]
    return (*home, *(MetadataLink("download", version, url) for url in metadata.download_urls()))


def _put(tx: Transaction, normalized: str, json: bytes, html: bytes, serial: int) -> None:
    forms: tuple[tuple[Form, bytes], ...] = (("json", json), ("html", html))
    for form, body in forms:
        etag = Sha256.of(body).hex[:_ETAG_DIGITS]
        tx.pages.put(
            normalized,
            form,
            body=body,
            gzipped=gzip.compress(body, _LEVEL, mtime=0),
            etag=etag,
            serial=serial,
        )
