"""A project that somebody keeps, in a world of fakes or of real adapters: what is done to it, and what installers are shown."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.support.forms import upload_fields
from tests.support.invariants import broken
from tests.support.project_lists import stored_list
from tests.support.world import add_person, add_project, fake_world, grant, real_world

from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.project import Project, Role
from homeport.domain.release import HostedFile
from homeport.flows.upload import Uploaded, upload
from homeport.formats.accept import Form
from homeport.ports.notices import Notice
from homeport.ports.world import World

Which = Literal["fake", "real"]


@dataclass(frozen=True)
class Keeping:
    """One project ``demo`` of ada's, which bob maintains, cleo may read, and dan has nothing to do with."""

    world: World
    ada: Caller
    bob: Caller
    cleo: Caller
    dan: Caller
    root: Caller
    body_of: Callable[[Form], bytes]
    names: Callable[[], list[str]]

    def upload(self, filename: str, body: bytes, caller: Caller | None = None) -> Uploaded:
        """Send a file as twine does; as ada unless somebody else is named."""
        fields: dict[str, list[str]] = {}
        for name, value in upload_fields(filename, body):
            fields.setdefault(name, []).append(value)
        with self.world.blobs.receive(self.world.limits.file_bytes) as incoming:
            incoming.write(body)
            return upload(self.world, caller or self.ada, fields, filename, incoming)

    def project(self) -> Project:
        """The project as it is now."""
        with self.world.store.read() as tx:
            found = tx.projects.find("demo")
        assert found is not None
        return found

    def files(self) -> dict[str, HostedFile]:
        """Its files, by name."""
        with self.world.store.read() as tx:
            return {file.filename: file for file in tx.files.of_project(self.project().id)}

    def page(self) -> dict[str, Any]:
        """Its page as JSON."""
        told: dict[str, Any] = json.loads(self.body_of("json"))
        return told

    def html(self) -> str:
        """Its page as HTML."""
        return self.body_of("html").decode()

    def yanked(self) -> dict[str, Any]:
        """What the JSON page says of every file's yank."""
        return {file["filename"]: file["yanked"] for file in self.page()["files"]}

    def entries(self, *kinds: Kind) -> list[dict[str, Any]]:
        """The ledger's entries of these kinds, or all."""
        with self.world.store.read() as tx:
            read = [json.loads(sealed.body) for sealed in tx.ledger.entries()]
        return [entry for entry in read if not kinds or entry["kind"] in kinds]

    def notices(self, caller: Caller) -> list[Notice]:
        """What somebody was told, newest first."""
        with self.world.store.read() as tx:
            return list(tx.notices.of_user(caller.user.id, limit=99))


@contextmanager
def keeping(which: Which, folder: Path, mode: HostingMode = HostingMode.ONLY) -> Iterator[Keeping]:
    """The project; over fakes, every invariant holds at the end."""
    if which == "fake":
        with fake_world(folder) as fakes:
            yield _kept(
                fakes.world,
                mode,
                lambda form: fakes.store.committed.pages["demo", form].bodies["identity"],
                lambda: [line.normalized for line in stored_list(fakes.store)],
            )
            assert broken(fakes) == []
        return
    with (
        real_world(folder) as real,
        closing(SqliteHotReads(sqlite_file(real.database), real.folder)) as reads,
    ):

        def body_of(form: Form) -> bytes:
            page = reads.page("demo", form, "identity")
            assert page is not None
            return page.body

        def names() -> list[str]:
            told = json.loads(b"".join(reads.project_list("json").chunks("identity")))
            return [project["name"] for project in told["projects"]]

        yield _kept(real.world, mode, body_of, names)


def _kept(
    world: World, mode: HostingMode, body_of: Callable[[Form], bytes], names: Callable[[], list[str]]
) -> Keeping:
    ada = add_person(world, "ada")
    project = add_project(world, ada, "demo", mode)
    return Keeping(
        world,
        Caller(ada),
        grant(world, project, add_person(world, "bob")),
        grant(world, project, add_person(world, "cleo"), Role.READER),
        Caller(add_person(world, "dan")),
        Caller(add_person(world, "root", is_admin=True)),
        body_of,
        names,
    )
