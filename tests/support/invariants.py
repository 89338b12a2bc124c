"""What must hold after every step of every story (threats §2.2), asked of a world of fakes."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any

from tests.support.fake_store import FakeStore
from tests.support.project_lists import stored_list
from tests.support.world import Fakes

from homeport.domain.digests import Sha256
from homeport.domain.index_page import ListedProject
from homeport.domain.ledger import Kind, verify
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import Origin
from homeport.flows.render_pages import project_page
from homeport.formats.accept import Form
from homeport.formats.simple_html import project_page_html
from homeport.formats.simple_json import project_page_json

_FORMS: tuple[Form, Form] = ("json", "html")
_ANCHOR = re.compile("<a ([^>]*)>([^<]*)</a>")
_YANKED = re.compile(' data-yanked="([^"]*)"')


def entries(store: FakeStore, *kinds: Kind) -> list[dict[str, Any]]:
    """The ledger's entries, of these kinds or of all, as plain values."""
    read = [json.loads(sealed.body) for sealed in store.committed.ledger]
    return [entry for entry in read if not kinds or entry["kind"] in kinds]


def broken(fakes: Fakes) -> list[str]:
    """A sentence for every invariant that does not hold."""
    return [
        *_bytes_without_truth(fakes),
        *_ledger_without_truth(fakes.store),
        *_marks_without_entries(fakes.store),
        *_files_without_consent(fakes.store),
        *_list_without_truth(fakes.store),
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


def _marks_without_entries(store: FakeStore) -> Iterator[str]:
    """I-16: status, privacy and yanks are what the ledger says, read from its beginning."""
    changed = entries(store, Kind.STATUS_CHANGED)
    statuses = {entry["project"]: (entry["details"]["to"], entry["details"]["reason"]) for entry in changed}
    changed = entries(store, Kind.VISIBILITY_CHANGED)
    private = {entry["project"]: entry["details"]["private"] for entry in changed}
    for project in _projects(store):
        name = project.name.normalized
        if (project.status, project.status_reason) != statuses.get(name, ("active", "")):
            yield f"I-16: {name} is {project.status}, the ledger says {statuses.get(name)}"
        if project.is_private != private.get(name, False):
            yield f"I-16: is {name} private? {project.is_private}, but the ledger says otherwise"
    names = {project.id: project.name.normalized for project in _projects(store)}
    tables = store.committed
    yanked = (
        {
            (names[of], version): one.yanked
            for (of, version), one in tables.releases.items()
            if one.yanked is not None
        },
        {(names[of], name): one.yanked for (of, name), one in tables.files.items() if one.yanked is not None},
    )
    if yanked != (told := _yanks_told(store)):
        yield f"I-16: yanked are {yanked}, the ledger says {told}"


def _yanks_told(store: FakeStore) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """The reasons of yanked releases, by project and version, and of files, by project and name, as the ledger has them."""
    releases, files = dict[tuple[str, str], str](), dict[tuple[str, str], str]()
    for entry in entries(store, Kind.RELEASE_YANKED, Kind.RELEASE_UNYANKED, Kind.FILE_PUBLISHED):
        project, told = entry["project"], entry["details"]
        release = project, ReleaseVersion.parse_legacy(told["version"]).normalized
        if entry["kind"] == Kind.FILE_PUBLISHED:
            files |= {(project, told["filename"]): releases[release]} if release in releases else {}
        elif entry["kind"] == Kind.RELEASE_YANKED:
            releases |= {release: told["reason"]} if told["whole"] else {}
            files |= {(project, filename): told["reason"] for filename in told["files"]}
        else:
            releases = {
                one: reason for one, reason in releases.items() if one != release or not told["whole"]
            }
            for filename in told["files"]:
                del files[project, filename]
    return releases, files


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
    json_page, html_page = (pages[name, form].bodies["identity"] for form in _FORMS)
    with fakes.store.read() as tx:
        now = project_page(tx, project, project.serial)
    if (json_page, html_page) != (project_page_json(now), project_page_html(now)):
        yield f"the pages of {name} are not as {name} is"
    if {pages[name, form].is_private for form in _FORMS} != {project.is_private}:
        yield f"the pages of {name} are kept for others than may read {name}"
    told = json.loads(json_page)
    yield from _marks_without_truth(fakes.store, project, told, html_page.decode())
    listed = [file["filename"] for file in told["files"]]
    if len(set(listed)) < len(listed):
        yield f"I-06: a file of {name} is listed twice"
    wanted = 0 if project.status is ProjectStatus.QUARANTINED else 1
    for of_project, filename in fakes.store.committed.files:
        if of_project == project.id and html_page.count(f">{filename}</a>".encode()) != wanted:
            yield f"I-06: {filename} is not listed as often as it should be, {wanted}"
    if not project.mode.lists_external and b"://" in json_page + html_page:
        yield f"I-08: a page of {name} leads outside although it is {project.mode}"


def _marks_without_truth(
    store: FakeStore, project: Project, told: dict[str, Any], html: str
) -> Iterator[str]:
    """Q01, Q03, Q06: a page's yanks and status are the rows', in both forms, read by other means than they are written."""
    rows = {name: file.yanked for (of, name), file in store.committed.files.items() if of == project.id}
    offered = {} if project.status is ProjectStatus.QUARANTINED else rows
    in_json = {file["filename"]: file["yanked"] for file in told["files"] if file["filename"] in rows}
    if in_json != {name: False if reason is None else reason or True for name, reason in offered.items()}:
        yield f"the JSON page of {project.name} says yanked {in_json}, the rows say {offered}"
    anchors = {unescape(text): _YANKED.search(attributes) for attributes, text in _ANCHOR.findall(html)}
    in_html = {name: yank and unescape(yank[1]) for name, yank in anchors.items() if name in rows}
    if in_html != offered:
        yield f"the HTML page of {project.name} says yanked {in_html}, the rows say {offered}"
    status, reason = project.status, {"reason": project.status_reason} if project.status_reason else {}
    wanted = {} if status is ProjectStatus.ACTIVE else {"status": status.value} | reason
    if told.get("project-status", {}) != wanted:
        yield f"the page of {project.name} says {told.get('project-status')}, it is {wanted}"


def _list_without_truth(store: FakeStore) -> Iterator[str]:
    """R01: the list names every project that anybody may know of once, in order, with its last change."""
    listed = sorted((one for one in _projects(store) if one.is_listed), key=lambda one: one.name.normalized)
    wanted = [ListedProject(one.name.display, one.name.normalized, one.serial) for one in listed]
    if stored_list(store) != wanted:
        yield "R01: the list of projects is not as the projects are"
