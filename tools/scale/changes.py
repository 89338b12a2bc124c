"""What changes an index: the product's own flows, one transaction each, large and small in turns; and uploads by HTTP.

1. The same few projects are changed on both, so that both find their rows in memory.
2. The servers run meanwhile, as they do when a command is given beside them.
"""

import base64
import hashlib
import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice

from tools.bench.corpus import wheel
from tools.bench.processes import processor_seconds
from tools.scale.figures import Cost, Figure, cost_of
from tools.scale.homes import OWNER, Home
from tools.scale.names import project_names
from tools.scale.rows import metadata_file
from tools.scale.servers import Side
from tools.scale.shapes import USUAL_FILES, usual_projects, version

from homeport.domain.account import Caller, User
from homeport.domain.digests import Digests, Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release import Origin
from homeport.flows.change_status import change_status
from homeport.flows.manage_project import create_project, find_project
from homeport.flows.membership import grant_role
from homeport.flows.publish_file import Arrival, publish_files
from homeport.flows.yank import unyank, yank
from homeport.ports.catalogue import Provenance
from homeport.ports.world import World

TIMES = 60
UPLOADS = 40
_BOUNDARY = "homeport-scale"
_PATIENCE_SECONDS = 60


class Changer:
    """Somebody who changes one index; what is new is called after the serial at which they began."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.world: World = home.open()
        numbers = usual_projects(len(home.names))
        with self.world.store.read() as tx:
            self._began = tx.ledger.last()
            self.projects: list[Project] = [
                find_project(tx, home.names[number].display) for number in numbers
            ]
            self.owners: list[User] = [tx.projects.members(project.id)[0].user for project in self.projects]
        self._new = islice(project_names(f"new {self._began}"), None)

    def project(self, turn: int) -> tuple[str, Caller]:
        """A project that is there, and its owner."""
        place = turn % len(self.projects)
        return self.projects[place].name.display, Caller(self.owners[place])

    def fresh_version(self, turn: int) -> str:
        """A version that no project has."""
        return f"9.{self._began}.{turn}"

    def fresh_name(self) -> str:
        """A name that no project has."""
        return f"{next(self._new).display}-{self._began}"


@dataclass(frozen=True)
class Change:
    """One kind of change; ``make`` makes it the so many-th time, ``undo`` takes it back outside of what is measured."""

    what: str
    make: Callable[[Changer, int], object]
    undo: Callable[[Changer, int], object] | None = None


def changes() -> list[Change]:
    """Everything that is changed in turns."""
    return [
        Change(f"one file is published to a project of {USUAL_FILES}", _publish),
        Change("a project is created", _create),
        Change("a release is yanked", _yank, _unyank),
        Change("a role is granted", _grant),
        Change("a project is archived", _archive, _activate),
    ]


def measure_change(change: Change, large: Changer, small: Changer) -> Figure:
    """One kind of change on both, in turns; the first time is not counted."""
    told: dict[str, tuple[list[float], list[float]]] = {large.home.kind: ([], []), small.home.kind: ([], [])}
    for turn in range(TIMES + 1):
        for changer in (large, small):
            used, began = time.thread_time(), time.perf_counter()
            change.make(changer, turn)
            took, spent = time.perf_counter() - began, time.thread_time() - used
            if turn:
                seconds, processor = told[changer.home.kind]
                seconds.append(took)
                processor.append(spent)
            if change.undo:
                change.undo(changer, turn)
    return Figure(change.what, cost_of(*told[large.home.kind]), cost_of(*told[small.home.kind]))


def measure_uploads(large: Side, small: Side, changers: tuple[Changer, Changer]) -> Figure:
    """A small wheel is uploaded by HTTP to a project that is there, and looked into by the product."""
    uploaders = [_Uploader(side, changer) for side, changer in zip((large, small), changers, strict=True)]
    for turn in range(UPLOADS + 1):
        for uploader in uploaders:
            uploader.upload(turn)
    costs = [uploader.cost() for uploader in uploaders]
    return Figure(f"one wheel is uploaded by HTTP to a project of {USUAL_FILES} files", costs[0], costs[1])


class _Uploader:
    def __init__(self, side: Side, changer: Changer) -> None:
        self._side = side
        self._changer = changer
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", side.server.port, timeout=_PATIENCE_SECONDS
        )
        self._seconds: list[float] = []
        self._used_before = 0.0
        for turn in range(len(changer.projects)):
            name, owner = changer.project(turn)
            grant_role(changer.world, owner, name, OWNER, Role.MAINTAINER)

    def upload(self, turn: int) -> None:
        """Upload one; the first is not counted."""
        name, _ = self._changer.project(turn)
        body, headers = form(
            ProjectName(name), self._changer.fresh_version(TIMES + 1 + turn), self._side.home.token
        )
        if turn == 1:
            self._used_before = processor_seconds(self._side.server.pid)
        began = time.perf_counter()
        self._connection.request("POST", "/legacy/", body, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != HTTPStatus.OK:
            raise AssertionError(f"the upload to {name} was answered {answer.status}: {said[:300]!r}")
        if turn:
            self._seconds.append(time.perf_counter() - began)

    def cost(self) -> Cost:
        self._connection.close()
        used = processor_seconds(self._side.server.pid) - self._used_before
        return cost_of(self._seconds, used / len(self._seconds))


def form(name: ProjectName, new_version: str, token: str) -> tuple[bytes, dict[str, str]]:
    """An upload form with a wheel, as twine sends it."""
    filename, content = wheel(name.normalized, new_version)
    fields = {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": name.normalized,
        "version": new_version,
        "filetype": "bdist_wheel",
        "pyversion": "py3",
        "sha256_digest": hashlib.sha256(content).hexdigest(),
    }
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n\r\n'
    body = b"".join((*parts, head.encode(), content, f"\r\n--{_BOUNDARY}--\r\n".encode()))
    credentials = base64.b64encode(f"__token__:{token}".encode()).decode()
    return body, {
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        "Authorization": f"Basic {credentials}",
    }


def _publish(changer: Changer, turn: int) -> None:
    name, owner = changer.project(turn)
    world = changer.world
    with world.store.write() as tx:
        project = find_project(tx, name)
        publish_files(
            tx,
            project,
            [_arrival(project.name, changer.fresh_version(turn))],
            policy=world.policy,
            actor=owner.user.name,
            at=world.clock.now(),
        )


def _arrival(name: ProjectName, new_version: str) -> Arrival:
    filename = f"{name.normalized.replace('-', '_')}-{new_version}-py3-none-any.whl"
    content = filename.encode()
    return Arrival(
        version=ReleaseVersion.parse(new_version),
        filename=filename,
        kind=FileKind.WHEEL,
        size_bytes=len(content),
        digests=Digests(
            Sha256.of(content),
            hashlib.blake2b(content, digest_size=32).hexdigest(),
            hashlib.md5(content, usedforsecurity=False).hexdigest(),
        ),
        metadata=CoreMetadata("2.1", name.display, new_version, requires_python=">=3.9"),
        metadata_file=metadata_file(name, new_version),
        origin=Origin.UPLOAD,
        provenance=Provenance(OWNER),
    )


def _create(changer: Changer, turn: int) -> None:
    _, owner = changer.project(turn)
    create_project(changer.world, owner.user, changer.fresh_name(), HostingMode.ONLY)


def _yank(changer: Changer, turn: int) -> None:
    name, owner = changer.project(turn)
    yank(changer.world, owner, name, version(0), reason="a mistake")


def _unyank(changer: Changer, turn: int) -> None:
    name, owner = changer.project(turn)
    unyank(changer.world, owner, name, version(0))


def _grant(changer: Changer, turn: int) -> None:
    name, owner = changer.project(turn)
    grant_role(changer.world, owner, name, OWNER, Role.MAINTAINER)


def _archive(changer: Changer, turn: int) -> None:
    name, owner = changer.project(turn)
    change_status(changer.world, owner, name, ProjectStatus.ARCHIVED, "done")


def _activate(changer: Changer, turn: int) -> None:
    name, owner = changer.project(turn)
    change_status(changer.world, owner, name, ProjectStatus.ACTIVE, "")


def touch(changer: Changer, turn: int) -> None:
    """Change something that the list of projects tells."""
    _grant(changer, turn)
