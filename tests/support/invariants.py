"""What must hold after every step of every story (threats §2.2), asked of a world of fakes."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import Any

from tests.support.fake_store import FakeStore
from tests.support.project_lists import stored_list
from tests.support.world import Fakes

from homeport.domain.digests import Sha256
from homeport.domain.index_page import ListedProject
from homeport.domain.ledger import Kind, Sealed, verify
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.rehost import Purpose
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
    read = [_read(sealed.body) for sealed in store.committed.ledger]
    return [entry for entry in read if not kinds or entry["kind"] in kinds]


@lru_cache(maxsize=4096)
def _read(body: bytes) -> dict[str, Any]:
    """One entry; the same ones are asked for after every step, and nobody changes them."""
    return dict(json.loads(body))


def broken(fakes: Fakes) -> list[str]:
    """A sentence for every invariant that does not hold."""
    return [
        *_bytes_without_truth(fakes),
        *_ledger_without_truth(fakes.store),
        *_files_without_records(fakes.store),
        *_marks_without_entries(fakes.store),
        *_organisations_without_entries(fakes.store),
        *_files_without_consent(fakes.store),
        *_list_without_truth(fakes.store),
        *_more_than_quotas(fakes),
        *_late_files(fakes),
        *_moves_without_lines(fakes.store),
        *(problem for project in _projects(fakes.store) for problem in _pages_without_truth(fakes, project)),
    ]


class History:
    """What was so before: some of it must stay so, whatever happens."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self._entries: list[Sealed] = []
        self._hashes: dict[tuple[int, str], Sha256] = {}
        self._closed: dict[int, set[tuple[int, str]]] = {}

    def broken(self) -> list[str]:
        """A sentence for everything that did not stay; what is so now is remembered."""
        tables, problems = self._store.committed, list[str]()
        if tables.ledger[: len(self._entries)] != self._entries:
            problems.append("I-03: an entry of the ledger was changed, or is gone")
        self._entries = list(tables.ledger)
        for key, file in tables.files.items():
            if self._hashes.setdefault(key, file.digests.sha256) != file.digests.sha256:
                problems.append(f"I-04: {file.filename} was given to other bytes")
        closed = {one.id for one in _projects(self._store) if not one.status.takes_files}
        there = {one: {key for key in tables.files if key[0] == one} for one in closed}
        for project_id, files in there.items():
            if added := files - self._closed.get(project_id, files):
                problems.append(f"I-12: {sorted(added)} came to a project that takes no files")
        self._closed = there
        return problems


def _moves_without_lines(store: FakeStore) -> Iterator[str]:
    """Every move, announced or cancelled move and extension has its line in the hosting log, and who is in pypi-ext is exempt, and nobody else."""
    kinds = (Kind.MODE_CHANGED, Kind.EXEMPTION_EXTENDED, Kind.CAMPAIGN_ANNOUNCED)
    told = [
        entry["seq"]
        for entry in entries(store, *kinds, Kind.CAMPAIGN_TOLD)
        if entry["kind"] != Kind.CAMPAIGN_TOLD or entry["details"]["step"] == "cancelled"
    ]
    if told != [line.serial for _, line in store.committed.hosting_log]:
        yield "the hosting log is not what the ledger tells of modes"
    exempt = Counter(one.project_id for one in store.committed.exemptions.values() if one.ended_at is None)
    if exempt != Counter(one.id for one in _projects(store) if one.mode.lists_external):
        yield "who is in pypi-ext and who is exempt are not the same"


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
    """I-03, I-04 and I-16: the chain holds, a name is one hash for ever, and what is there was published and not removed."""
    if problem := verify(store.committed.ledger).problem:
        yield f"I-03: {problem}"
    published, removed = (_files_told(store, kind) for kind in (Kind.FILE_PUBLISHED, Kind.FILE_REMOVED))
    told = published - removed
    if removed - published:
        yield f"I-16: the ledger tells of the removal of {removed - published}, which was not there"
    named: dict[tuple[str, str], str] = {}
    for of_project, filename, sha256 in published:
        if named.setdefault((of_project, filename), sha256) != sha256:
            yield f"I-04: {filename} of {of_project} was given to two"
    files = store.committed.files.values()
    there = Counter((file.project, file.filename, file.digests.sha256.hex) for file in files)
    if told != there:
        yield f"I-16: the ledger tells of {told - there or 'nothing more'}, the index has {there - told or 'no more'}"
    modes = {entry["project"]: entry["details"]["mode"] for entry in entries(store, Kind.PROJECT_CREATED)}
    modes |= {entry["project"]: entry["details"]["to"] for entry in entries(store, Kind.MODE_CHANGED)}
    for project in _projects(store):
        if modes.get(project.name.normalized) != project.mode:
            yield f"I-16: {project.name} is {project.mode}, the ledger says {modes.get(project.name.normalized)}"


def _files_told(store: FakeStore, kind: Kind) -> Counter[tuple[str, str, str]]:
    """Project, name and digest of the files that entries of this kind tell of, and how often."""
    return Counter(
        (entry["project"], entry["details"]["filename"], entry["details"]["sha256"])
        for entry in entries(store, kind)
    )


def _files_without_records(store: FakeStore) -> Iterator[str]:
    """Whatever was published has its origin record, and the ledger names exactly that one."""
    kept = Counter((record.filename, record.digest.hex) for _, record in store.committed.origins)
    named = Counter(
        (entry["details"]["filename"], entry["details"]["record"])
        for entry in entries(store, Kind.FILE_PUBLISHED)
    )
    if kept != named:
        yield f"origin records and the ledger differ: {(kept - named) + (named - kept)}"


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


def _organisations_without_entries(store: FakeStore) -> Iterator[str]:
    """I-16: who is in an organisation, and what belongs to it, is what the ledger says; a project has an owner."""
    kinds = (Kind.ORGANISATION_ROLE_GRANTED, Kind.ORGANISATION_ROLE_REVOKED)
    people = dict[tuple[str, str], str]()
    for entry in entries(store, *kinds):
        told = entry["details"]
        people.pop((told["organisation"], told["user"]), None)
        if entry["kind"] == Kind.ORGANISATION_ROLE_GRANTED:
            people[told["organisation"], told["user"]] = told["role"]
    tables, names = store.committed, {one.id: one.name for one in store.committed.organisations.values()}
    there = {
        (names[of], tables.users[user_id].name): role.value
        for (of, user_id), role in tables.organisation_members.items()
    }
    if there != people:
        yield f"I-16: in organisations are {there}, the ledger says {people}"
    transferred = {one["project"]: one["details"]["to"] for one in entries(store, Kind.PROJECT_TRANSFERRED)}
    with store.read() as tx:
        for project in _projects(store):
            organisation = tx.organisations.of_project(project.id)
            if (organisation.name if organisation else None) != transferred.get(project.name.normalized):
                yield f"I-16: {project.name} belongs to {organisation}, the ledger says otherwise"
            if organisation and Role.OWNER not in {one.role for one in tx.projects.members(project.id)}:
                yield f"{project.name} of {organisation.name} has no owner"


def _yanks_told(store: FakeStore) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """The reasons of yanked releases, by project and version, and of files, by project and name, as the ledger has them."""
    releases, files = dict[tuple[str, str], str](), dict[tuple[str, str], str]()
    for entry in entries(
        store,
        Kind.RELEASE_YANKED,
        Kind.RELEASE_UNYANKED,
        Kind.FILE_PUBLISHED,
        Kind.FILE_REMOVED,
        Kind.RELEASE_REMOVED,
    ):
        project, told = entry["project"], entry["details"]
        release = project, ReleaseVersion.parse_legacy(told["version"]).key
        if entry["kind"] == Kind.FILE_REMOVED:
            files.pop((project, told["filename"]), None)
        elif entry["kind"] == Kind.RELEASE_REMOVED:
            releases.pop(release, None)
        elif entry["kind"] == Kind.FILE_PUBLISHED:
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


def _more_than_quotas(fakes: Fakes) -> Iterator[str]:
    """I-17: what is counted is what came and was not removed; nothing came that was more than the quota of that moment."""
    defaults, own = fakes.world.policy.quotas, dict[tuple[str, str], int | None]()
    used = Counter[tuple[str, str]]()
    uploaders = dict[tuple[str, str], str]()
    for entry in entries(fakes.store, Kind.QUOTA_CHANGED, Kind.FILE_PUBLISHED, Kind.FILE_REMOVED):
        project, told = entry["project"], entry["details"]
        if entry["kind"] == Kind.QUOTA_CHANGED:
            own["project" if project else "user", project or told["user"]] = told["bytes"]
            continue
        file = project, told["filename"]
        if entry["kind"] == Kind.FILE_REMOVED:
            used["project", project] -= told["size"]
            used["user", uploaders.pop(file, "")] -= told["size"]
            continue
        uploaders[file] = entry["actor"] if told["origin"] == Origin.UPLOAD else ""
        for whose, default in (
            (("project", project), defaults.project_bytes),
            (("user", uploaders[file]), defaults.user_bytes),
        ):
            used[whose] += told["size"]
            quota = default if own.get(whose) is None else own[whose]
            if whose[1] and quota is not None and used[whose] > quota:
                yield f"I-17: with {told['filename']} {whose[1]} had {used[whose]} of {quota} bytes"
    with fakes.store.read() as tx:
        counted = {
            ("project", one.name.normalized): tx.quotas.of_project(one.id) for one in _projects(fakes.store)
        }
        counted |= {
            ("user", one.name): tx.quotas.of_user(one.id) for one in fakes.store.committed.users.values()
        }
    for whose, usage in counted.items():
        if (usage.used_bytes, usage.own_quota_bytes) != (used[whose], own.get(whose)):
            yield f"I-17: {whose[1]} has {used[whose]} bytes and may have {own.get(whose)}, counted is {usage}"


def _late_files(fakes: Fakes) -> Iterator[str]:
    """T-38: what came to a closed release came by a plan that a person reviewed."""
    closes_after, tables = fakes.world.policy.releases_close_after, fakes.store.committed
    for key, file in tables.files.items():
        age = file.published_at - tables.registered[key[0], file.version.key]
        if closes_after is None or age <= closes_after:
            continue
        rehost = tables.rehosts.get(tables.provenances[key].rehost_id or 0)
        if rehost is None or rehost.rehost.purpose is not Purpose.HISTORY:
            yield f"T-38: {file.filename} came {age} after its release, and nobody reviewed it"


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
    hidden = _frozen(fakes.store, project)
    for of_project, filename in fakes.store.committed.files:
        wanted = 0 if project.status is ProjectStatus.QUARANTINED or filename in hidden else 1
        if of_project == project.id and html_page.count(f">{filename}</a>".encode()) != wanted:
            yield f"I-06: {filename} is not listed as often as it should be, {wanted}"
    if not project.mode.lists_external and b"://" in json_page + html_page:
        yield f"I-08: a page of {name} leads outside although it is {project.mode}"


def _frozen(store: FakeStore, project: Project) -> set[str]:
    """The files that somebody froze, alone or with their release, by the freezes themselves."""
    tables = store.committed
    live = [one for of, one in tables.freezes.values() if of == project.id and one.ended_at is None]
    return {
        name
        for (of, name), file in tables.files.items()
        for one in live
        if of == project.id
        and (one.filename == name or (not one.filename and file.version.normalized == one.version))
    }


def _marks_without_truth(
    store: FakeStore, project: Project, told: dict[str, Any], html: str
) -> Iterator[str]:
    """Q01, Q03, Q06: a page's yanks and status are the rows', in both forms, read by other means than they are written."""
    rows = {name: file.yanked for (of, name), file in store.committed.files.items() if of == project.id}
    hidden = set(rows) if project.status is ProjectStatus.QUARANTINED else _frozen(store, project)
    offered = {name: reason for name, reason in rows.items() if name not in hidden}
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
