"""What must hold after every step of every story (threats §2.2), asked of a world of fakes."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.support.fake_store import FakeStore
from tests.support.world import Fakes

from homeport.domain.digests import Sha256
from homeport.domain.ledger import Kind, verify
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import Origin
from homeport.flows.render_pages import project_page
from homeport.formats.simple_html import project_page_html
from homeport.formats.simple_json import project_page_json


def entries(store: FakeStore, *kinds: Kind) -> list[dict[str, Any]]:
    """The ledger's entries, of these kinds or of all, as plain values."""
    read = [json.loads(sealed.body) for sealed in store.committed.ledger]
    return [entry for entry in read if not kinds or entry["kind"] in kinds]


def broken(fakes: Fakes) -> list[str]:
    """A sentence for every invariant that does not hold."""
    return [
        *_bytes_without_truth(fakes),
        *_ledger_without_truth(fakes.store),
        *_files_without_consent(fakes.store),
        *(problem for project in _projects(fakes.store) for problem in _pages_without_truth(fakes, project)),
    ]


def _projects(store: FakeStore) -> list[Project]:
    return list(store.committed.projects.values())


def _bytes_without_truth(fakes: Fakes) -> Iterator[str]:
    """I-01 and I-02: every file has its bytes, and they have its digest."""
    for file in fakes.store.committed.files.values():
        kept = fakes.blobs.kept.get(file.digests.sha256)
        if kept is None:
            yield f"I-02: {file.filename} has no bytes"
        elif Sha256.of(kept) != file.digests.sha256 or len(kept) != file.size_bytes:
            yield f"I-01: the bytes of {file.filename} are others"


def _ledger_without_truth(store: FakeStore) -> Iterator[str]:
    """I-03, I-04 and I-16: the chain holds, and every file was published exactly once, as these bytes."""
    if problem := verify(store.committed.ledger).problem:
        yield f"I-03: {problem}"
    told = Counter(
        (entry["project"], entry["details"]["filename"], entry["details"]["sha256"])
        for entry in entries(store, Kind.FILE_PUBLISHED)
    )
    files = store.committed.files.values()
    there = Counter((file.project, file.filename, file.digests.sha256.hex) for file in files)
    if told != there:
        yield f"I-16: the ledger tells of {told - there or 'nothing more'}, the index has {there - told or 'no more'}"
    modes = {entry["project"]: entry["details"]["mode"] for entry in entries(store, Kind.PROJECT_CREATED)}
    modes |= {entry["project"]: entry["details"]["to"] for entry in entries(store, Kind.MODE_CHANGED)}
    for project in _projects(store):
        if modes.get(project.name.normalized) != project.mode:
            yield f"I-16: {project.name} is {project.mode}, the ledger says {modes.get(project.name.normalized)}"


def _files_without_consent(store: FakeStore) -> Iterator[str]:
    """I-05: what was crawled was consented to, as exactly these bytes, and that consent was used."""
    tables = store.committed
    for key, file in tables.files.items():
        if file.origin is not Origin.REHOST:
            continue
        rehost_id = tables.provenances[key].rehost_id
        covering = [
            (consent.id, item_id)
            for consent in tables.consents.values()
            for item_id, sha256 in consent.files
            if consent.rehost_id == rehost_id and sha256 == file.digests.sha256
        ]
        if not tables.consent_uses.intersection(covering):
            yield f"I-05: nobody agreed to {file.filename} as {file.digests.sha256}"


def _pages_without_truth(fakes: Fakes, project: Project) -> Iterator[str]:
    """I-06 and I-08: pages are as their project is now, name a file once, and ours first; only pypi-ext leads outside."""
    name, pages = project.name.normalized, fakes.store.committed.pages
    json_page, html_page = pages[name, "json"], pages[name, "html"]
    with fakes.store.read() as tx:
        now = project_page(tx, project, project.serial)
    if (json_page.body, html_page.body) != (project_page_json(now), project_page_html(now)):
        yield f"the pages of {name} are not as {name} is"
    listed = [file["filename"] for file in json.loads(json_page.body)["files"]]
    if len(set(listed)) < len(listed):
        yield f"I-06: a file of {name} is listed twice"
    wanted = 0 if project.status is ProjectStatus.QUARANTINED else 1
    for of_project, filename in fakes.store.committed.files:
        if of_project == project.id and html_page.body.count(f">{filename}</a>".encode()) != wanted:
            yield f"I-06: {filename} is not listed as often as it should be, {wanted}"
    if not project.mode.lists_external and b"://" in json_page.body + html_page.body:
        yield f"I-08: a page of {name} leads outside although it is {project.mode}"
