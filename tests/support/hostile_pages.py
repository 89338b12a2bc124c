"""An index whose every field of every page holds texts that want to become scripts."""

import re
from dataclasses import replace

from tests.support.index_pages import external_link, hosted_file
from tests.support.web_index import WebIndex
from tests.support.xss import VECTORS

from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ProjectPage
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import ProjectStatus
from homeport.formats.description import render_description
from homeport.formats.simple_html import project_page_html
from homeport.ports.catalogue import Provenance

# Every third: a page that holds them all would be a test of patience.
CHOSEN = VECTORS[::3]
DESCRIBED, PLAIN, KEPT = "vectors-described", "vectors-plain", "vectors-kept"
_SEARCHED = 40
SMALL = "vectors-0"
PATHS = (
    f"/project/{DESCRIBED}/",
    f"/project/{PLAIN}/",
    f"/project/{KEPT}/",
    f"/manage/projects/{KEPT}/releases/",
    f"/manage/projects/{KEPT}/",
    "/search/?q=vectors",
    "/",
)


def fill(index: WebIndex, owner: str = "ada") -> None:
    """Put the texts into descriptions, links, file names, reasons, versions, summaries."""
    version = ReleaseVersion.parse("1.0")
    now = index.world.clock.now()
    urls = tuple((vector[:32], vector) for vector in CHOSEN)
    about = CoreMetadata(
        "2.6", DESCRIBED, "1.0", summary=" ".join(CHOSEN[:9]), project_urls=urls, requires_dist=CHOSEN[:20],
        license=CHOSEN[3], home_page=CHOSEN[4], download_url=CHOSEN[5], requires_python=CHOSEN[6],
    )  # fmt: skip
    rendered = [render_description("\n\n".join(VECTORS[at::97]), "text/markdown").html for at in range(97)]
    # Each was rendered by itself, and names its places without knowing of the others: here none has a name.
    html = re.sub(r' id="[^"]*"', "", "".join(rendered))
    described, plain, kept = (index.project(name, owner) for name in (DESCRIBED, PLAIN, KEPT))
    searched = [index.project(f"vectors-{number}", owner) for number in range(_SEARCHED)]
    with index.world.store.write() as tx:
        tx.releases.put(described.id, version, about, replace=True, at=now)
        tx.releases.set_description(described.id, "1.0", html)
        tx.releases.put(
            plain.id, version, replace(about, description="\n\n".join(CHOSEN)), replace=True, at=now
        )
        tx.releases.put(kept.id, version, about, replace=True, at=now)
        tx.releases.set_yanked(kept.id, "1.0", CHOSEN[0])
        for vector in CHOSEN:
            file = replace(hosted_file(content=vector.encode("utf-8", "replace")), yanked=vector)
            file = replace(file, filename=vector, requires_python=vector)
            tx.files.add(kept.id, file, Provenance(owner, url=vector, found_on=vector), None)
        tx.projects.set_mode(kept.id, HostingMode.EXT)
        tx.outside.put_links(
            kept.id, [replace(external_link(), url=vector, filename=f"{vector}2") for vector in CHOSEN]
        )
        tx.projects.set_status(kept.id, ProjectStatus.DEPRECATED, " ".join(CHOSEN[:30]))
        for project, vector in zip(searched, VECTORS[::46], strict=False):
            summary = replace(about, summary=vector, project_urls=())
            tx.releases.put(project.id, version, summary, replace=True, at=now)


def simple_page() -> bytes:
    """A page for installers that holds the texts wherever it can hold a text."""
    files = tuple(hosted_file(vector, yanked=vector, requires_python=vector) for vector in CHOSEN)
    links = tuple(external_link(vector, url=vector, requires_python=vector) for vector in CHOSEN)
    return project_page_html(
        ProjectPage(
            name=CHOSEN[0],
            serial=1,
            versions=CHOSEN[:50],
            files=files,
            external=links,
            status=ProjectStatus.DEPRECATED,
            status_reason=CHOSEN[1],
        )
    )
