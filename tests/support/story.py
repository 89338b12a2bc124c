"""A maintainer, their project, and its page on a site outside: where the stories of a rehost begin."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.archives import make_sdist, make_wheel
from tests.support.forms import upload_fields
from tests.support.invariants import broken, entries
from tests.support.outside import Answer, Mood, page
from tests.support.world import Fakes, add_person, add_project, fake_world, run_jobs

from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.ledger import Kind
from homeport.domain.project import Project
from homeport.domain.rehost import Item, Rehost, State
from homeport.domain.release import HostedFile
from homeport.flows.manage_project import add_source
from homeport.flows.rehost.review import Choice, RehostView, accept, show_rehost
from homeport.flows.rehost.start import start_plan
from homeport.flows.upload import Uploaded, upload
from homeport.ports.world import Limits, World

SITE = "https://site.test"
WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"
WHEEL_2 = "demo-2.0-py3-none-any.whl"


def wheel(version: str = "1.0", content: bytes = b"answer = 42\n", *, build: str = "") -> bytes:
    """A good wheel of the project demo; other ``content`` makes other bytes."""
    return make_wheel("demo", version, files={"demo/content.py": content}, build=build)


def sdist(version: str = "1.0", content: bytes = b"answer = 42\n") -> bytes:
    """A good sdist of the project demo."""
    return make_sdist("demo", version, files={"content.py": content})


@dataclass
class Story:
    """One project ``demo``, owned by ``owner``; its home page is that of ``SITE``."""

    fakes: Fakes
    owner: Caller
    project: Project

    @property
    def world(self) -> World:
        """The world it takes place in."""
        return self.fakes.world

    def offer(self, files: Mapping[str, bytes], claims: Mapping[str, str] | None = None) -> None:
        """Let the site's page name these files and have them; ``claims`` are fragments of links, by name."""
        for name, body in files.items():
            self.fakes.outside.put_file(f"{SITE}/{name}", body)
        told = claims or {}
        links = "".join(f'<a href="{name}{told.get(name, "")}">{name}</a>' for name in files)
        self.fakes.outside.put(f"{SITE}/", page(links))

    def plan(self, version: str | None = None) -> RehostView:
        """Make a plan, and look at it."""
        rehost = start_plan(self.world, self.owner, "demo", version)
        run_jobs(self.fakes)
        return self.view(rehost.id)

    def view(self, rehost_id: int) -> RehostView:
        """What the owner sees of a rehost."""
        return show_rehost(self.world, self.owner, rehost_id)

    def accept(self, view: RehostView, **choice: Any) -> Rehost:
        """Agree to what was seen; publishing is not run yet."""
        return accept(self.world, self.owner, view.rehost.id, Choice(view.digest, Basis.AUTHOR, **choice))

    def upload(self, filename: str, body: bytes, caller: Caller | None = None) -> Uploaded:
        """Send a file by hand, as the owner unless somebody else is named."""
        fields: dict[str, list[str]] = {}
        for name, value in upload_fields(filename, body):
            fields.setdefault(name, []).append(value)
        with self.world.blobs.receive(self.world.limits.file_bytes) as incoming:
            incoming.write(body)
            return upload(self.world, caller or self.owner, fields, filename, incoming)

    def item(self, rehost_id: int, filename: str) -> Item:
        """The one item of that name."""
        (item,) = (item for item in self.view(rehost_id).plan.items if item.filename == filename)
        return item

    def files(self) -> dict[str, HostedFile]:
        """The files the project has, by name."""
        with self.world.store.read() as tx:
            return {file.filename: file for file in tx.files.of_project(self.project.id)}

    def count(self, *kinds: Kind) -> int:
        """How many entries of these kinds the ledger has."""
        return len(entries(self.fakes.store, *kinds))


@contextmanager
def begin_story(
    folder: Path,
    mode: HostingMode = HostingMode.CACHE,
    limits: Limits | None = None,
    policy: Policy | None = None,
) -> Iterator[Story]:
    """A story; at its end every invariant holds, and no work is left that nobody expected."""
    with fake_world(folder, limits, policy) as fakes:
        owner = Caller(add_person(fakes.world, "ada"))
        project = add_project(fakes.world, owner.user, "demo", mode)
        if mode is not HostingMode.ONLY:
            add_source(fakes.world, owner, "demo", "homepage", f"{SITE}/")
        yield Story(fakes, owner, project)
        if problems := broken(fakes):
            raise AssertionError("; ".join(problems))


def ids(view: RehostView) -> dict[str, int]:
    """Item ids by file name."""
    return {item.filename: item.id for item in view.plan.items}


def put_down(story: Story, *names: str) -> None:
    """Let these files' places say nothing."""
    for name in names:
        story.fakes.outside.put(f"{SITE}/{name}", Answer(mood=Mood.SILENT))


def declared(story: Story) -> Rehost:
    """Both files accepted, the sdist by its sha256 while its place says nothing."""
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    view = story.plan()
    hashes = {item.id: Sha256.of(sdist()) for item in view.plan.items if item.filename == SDIST}
    return story.accept(view, declared=hashes, accept=frozenset(item.id for item in view.plan.items))


def state(story: Story, rehost: Rehost) -> tuple[State, str]:
    """Where the rehost stands, and the code of its problem."""
    now = story.view(rehost.id).rehost
    return now.state, now.problem_code
