"""What must be true at the end: asked of the pages that installers get, of the mails that arrived, and of what people remember."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tools.demo_campaign.cast import CLOSING, Character, Project, sha256
from tools.demo_campaign.index import Index
from tools.demo_campaign.months import LEAD, Months
from tools.demo_campaign.people import Diary

from homeport.domain.campaign import Campaign, CampaignState, Stand
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import verify
from homeport.domain.release import HostedFile, Origin
from homeport.flows.campaign.show import list_unreached, show_campaign

_LINK = re.compile(r'<a href="([^"]+)"')
_STEPS = (0, LEAD - 90, LEAD - 30, LEAD - 7)
_COMES_HOME = {Character.PROMPT, Character.SECOND, Character.EVE, Character.LATE}


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, how often it was looked at, and every place where it is broken."""

    promise: str
    looked_at: int
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """True when it was looked at, and nothing is wrong."""
        return self.looked_at > 0 and not self.problems


@dataclass(frozen=True, slots=True)
class _End:
    """The end of the story, as the checks see it."""

    months: Months
    campaign: Campaign

    @property
    def index(self) -> Index:
        """The index."""
        return self.months.index

    @property
    def diary(self) -> Diary:
        """What people remember."""
        return self.months.people.diary

    @property
    def outside(self) -> list[Project]:
        """The projects whose files lay elsewhere."""
        return [project for project in self.months.projects if project.is_outside]

    def of(self, *characters: Character) -> list[Project]:
        """The projects of such people."""
        return [project for project in self.months.projects if project.owner.character in characters]

    def files(self, project: Project) -> Sequence[HostedFile]:
        """What is hosted of a project."""
        with self.index.world.store.read() as tx:
            found = tx.projects.find(project.name)
            return tx.files.of_project(found.id) if found else ()

    def links_away(self, project: Project) -> list[str]:
        """The links on its page, in both of its forms, that lead installers to other servers."""
        told = {file["url"] for file in json.loads(self.index.page(project.name, "json"))["files"]}
        links = {link.partition("#")[0] for link in _LINK.findall(self.index.page(project.name))}
        return sorted(link for link in links | told if not link.startswith("/files/"))


Found = Iterator[str | None]
"""Each thing that was looked at: ``None`` where it is as promised, and a sentence where not."""


def checks(months: Months, campaign: Campaign) -> tuple[Check, ...]:
    """Every promise of the campaign."""
    end = _End(months, campaign)
    return tuple(_checked(promise, look(end)) for promise, look in _PROMISES.items())


def _checked(promise: str, found: Found) -> Check:
    every = list(found)
    return Check(promise, len(every), tuple(problem for problem in every if problem))


def _nobody_is_forgotten(end: _End) -> Found:
    """Each maintainer got each mail that was for them on its day, and no project waits any more."""
    got = {(day, mail.recipient, _project_of(mail.subject)) for day, mail in end.months.received}
    unreached = {(one.user, one.project) for one in list_unreached(end.index.world, None, end.campaign.id)}
    for project in end.months.projects:
        for person in project.people:
            if person.character is Character.GONE:
                is_listed = (person.name, project.name) in unreached
                yield None if is_listed else f"nobody is told that no mail reaches {person.name}"
                continue
            for day in _days_of(end, project):
                is_there = (day, person.email, project.name) in got
                yield None if is_there else f"{person.name} was told nothing of {project.name} on day {day}"
    view = show_campaign(end.index.world, None, end.campaign.id)
    yield None if not view.of_stand(Stand.WAITING) else f"{view.of_stand(Stand.WAITING)} projects wait still"
    is_over = view.campaign.state is CampaignState.REPORTED
    yield None if is_over else f"the campaign is {view.campaign.state}"


def _days_of(end: _End, project: Project) -> Iterator[int]:
    """The days on which its people must be told something: until they acted, and of the move."""
    acted = end.diary.acted.get(project.name, LEAD + 1)
    character = project.owner.character
    if character is Character.DONE:
        yield 0
    else:
        yield from (day for day in _STEPS if day <= acted)
    if character not in {Character.PROMPT, Character.SECOND, Character.EXEMPT}:
        yield LEAD


def _project_of(subject: str) -> str:
    return subject.partition(" ")[0]


def _nobody_is_mailed_twice(end: _End) -> Found:
    """No message came twice, and no two of them are about the same step of the same project."""
    by_id = Counter(mail.message_id for _, mail in end.months.received)
    yield from (None if count == 1 else f"{name} came {count} times" for name, count in by_id.items())
    told = Counter(
        (mail.recipient, mail.subject) for _, mail in end.months.received if " pypi-only" in mail.subject
    )
    for (recipient, subject), count in told.items():
        yield None if count == 1 else f"{recipient} was told {count} times: {subject}"
    days = Counter(
        (mail.recipient, _project_of(mail.subject), day)
        for day, mail in end.months.received
        if " pypi-only" in mail.subject
    )
    for (recipient, project, day), count in days.items():
        yield None if count == 1 else f"{recipient} got {count} mails of {project} on day {day}"


def _nothing_without_consent(end: _End) -> Found:
    """Every hosted file is one that its owner agreed to, or uploaded, to the last byte."""
    for project in end.months.projects:
        for file in end.files(project):
            known = (project.name, file.filename, file.digests.sha256.hex)
            if file.origin is Origin.REHOST:
                yield None if known in end.diary.agreed else f"nobody agreed to {file.filename}"
            elif project.is_outside:
                yield None if known in end.diary.uploaded else f"nobody uploaded {file.filename}"
            else:
                is_its = file.digests.sha256.hex == sha256(project.files[file.filename])
                yield None if is_its else f"{file.filename} has other bytes"
    for project in end.of(Character.SILENT, Character.GONE):
        yield None if not end.files(project) else f"{project.name} has files, and nobody answered"


def _no_links_after_the_day(end: _End) -> Found:
    """Installers are sent nowhere else; what has an exemption is listed as before."""
    for project in end.outside:
        is_exempt = project.owner.character is Character.EXEMPT
        links, mode = end.links_away(project), end.index.mode(project.name)
        if is_exempt:
            is_kept = mode is HostingMode.EXT and len(links) == len(project.files)
            yield (
                None if is_kept else f"{project.name} has an exemption and is {mode} with {len(links)} links"
            )
        else:
            is_gone = mode is not HostingMode.EXT and not links
            yield None if is_gone else f"{project.name} is {mode} and sends installers to {links}"


def _who_acted_has_their_files(end: _End) -> Found:
    """Whoever did something about it has every file here, and it is the file that they released."""
    for project in end.of(*_COMES_HOME - {Character.LATE}, Character.BY_HAND):
        yield _has_its_files(end, project)


def _late_opt_in(end: _End) -> Found:
    """Who said yes after the day has their files, too: what was recorded was not forgotten."""
    for project in end.of(Character.LATE):
        yield _has_its_files(end, project)
        by_consent = [file for file in end.files(project) if file.origin is Origin.REHOST]
        is_closed = project.place == CLOSING
        yield None if by_consent or is_closed or project.changes else f"nothing of {project.name} came home"


def _has_its_files(end: _End, project: Project) -> str | None:
    there = {file.filename: file.digests.sha256.hex for file in end.files(project)}
    wanted = {filename: sha256(body) for filename, body in project.files.items()}
    shown = end.index.page(project.name)
    if there != wanted:
        return f"{project.name} has {sorted(there)} instead of {sorted(wanted)}, or other bytes"
    missing = [name for name, digest in wanted.items() if f"/files/{digest}/{name}" not in shown]
    return f"the page of {project.name} does not list {', '.join(missing)}" if missing else None


def _eve(end: _End) -> Found:
    """Consent that was given on the last evening stands on the day: the project was moved, and its files came home."""
    for project in end.of(Character.EVE):
        agreed = {name for owner, name, _ in end.diary.agreed if owner == project.name}
        there = {file.filename for file in end.files(project) if file.origin is Origin.REHOST}
        mode = end.index.mode(project.name)
        is_so = agreed == there == set(project.files) and mode is HostingMode.ONLY
        yield None if is_so else f"{project.name} is {mode}; {sorted(agreed - there)} did not come"


def _no_trouble(end: _End) -> Found:
    """The worker's log tells of mails that came back, and of nothing else."""
    for told in end.index.troubles.told:
        yield None if told == "a mail was given up" else told


def _ledger(end: _End) -> Found:
    """The chain holds from the first entry to the last."""
    with end.index.world.store.read() as tx:
        entries = list(tx.ledger.entries())
    yield from (None for _ in entries)
    yield verify(entries).problem or None


def _bytes(end: _End) -> Found:
    """Every hosted file is on the disk, with the bytes that its row names."""
    for project in end.months.projects:
        for file in end.files(project):
            path = end.index.world.blobs.path(file.digests.sha256)
            told = hashlib.sha256(path.read_bytes()).hexdigest() if path else "nothing"
            yield None if told == file.digests.sha256.hex else f"{file.filename} has {told} on the disk"


_PROMISES: dict[str, Callable[[_End], Found]] = {
    "nobody was forgotten": _nobody_is_forgotten,
    "nobody was mailed twice for one thing": _nobody_is_mailed_twice,
    "nothing was re-hosted without consent": _nothing_without_consent,
    "after the day no page sends installers elsewhere, but for exemptions": _no_links_after_the_day,
    "whoever acted has every file here": _who_acted_has_their_files,
    "opting in after the day brought files home": _late_opt_in,
    "consent of the last evening stood on the day": _eve,
    "the worker met nothing that nobody expected": _no_trouble,
    "the ledger verifies": _ledger,
    "every hosted file has its bytes": _bytes,
}
