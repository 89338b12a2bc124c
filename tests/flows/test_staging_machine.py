"""Releases are staged, published, canceled and uploaded beside, in any order, and a model says what is public.

``HOMEPORT_STORY_EXAMPLES`` is how many stories are played.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import booleans, sampled_from
from pytest import raises  # noqa: PT013 - a rule is no test
from tests.support.archives import make_wheel
from tests.support.forms import upload_fields
from tests.support.staging import claim
from tests.support.world import add_person, fake_world

from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import Refusal
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.staged_claim import Hashing
from homeport.flows.staging.add_file import add_file, delete_file
from homeport.flows.staging.complete_file import complete_file
from homeport.flows.staging.life import cancel_stage, show_stage
from homeport.flows.staging.open_stage import open_stage
from homeport.flows.staging.publish_stage import publish_stage
from homeport.flows.staging.receive import awaited, receive_bytes
from homeport.flows.staging.sweep import sweep_stages
from homeport.flows.upload import upload

VERSIONS, TAGS = ("1.0", "2.0"), ("py3-none-any", "py2-none-any")
VERSION, TAG = sampled_from(VERSIONS), sampled_from(TAGS)


def filename(version: str, tag: str) -> str:
    """The name of a wheel of lark."""
    return f"lark-{version}-{tag}.whl"


def body(version: str, tag: str, *, by_hand: bool = False) -> bytes:
    """Its bytes; other ones when it is uploaded by hand."""
    return make_wheel("lark", version, tag=tag, files={"lark/note.py": b"by hand"} if by_hand else {})


@dataclass
class Modelled:
    """A live stage: its key, and of each file its number and how far it has come."""

    key: str
    files: dict[str, tuple[int, str]] = field(default_factory=dict)


class StagingMachine(RuleBasedStateMachine):
    """One project, two releases of it, and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.fakes = self.open.enter_context(fake_world(folder))
        self.world = self.fakes.world
        self.ada = Caller(add_person(self.world, "ada"))
        self.live: dict[str, Modelled] = {}
        self.public: dict[str, Sha256] = {}
        self.is_there = False

    def teardown(self) -> None:
        """In the end nothing is stored but what is public, and what stages that live have brought."""
        self.fakes.clock.advance(timedelta(days=60))
        while sweep_stages(self.world):
            self.fakes.clock.advance(timedelta(days=60))
        kept = set(self.fakes.blobs.kept)
        self.open.close()
        assert kept == set(self.public.values())

    def succeeds(self, is_expected: bool, act: Callable[[], object]) -> None:
        """Do it: it goes as the model says."""
        if is_expected:
            act()
            return
        with raises(Refusal):
            act()

    @rule(version=VERSION)
    def opens(self, version: str) -> None:
        """A stage is opened, or there is one."""
        opened = open_stage(self.world, self.ada, ProjectName("lark"), ReleaseVersion.parse(version))
        assert opened.is_new is (version not in self.live)
        self.live.setdefault(version, Modelled(opened.view.stage.key))

    @rule(version=VERSION, tag=TAG)
    def announces(self, version: str, tag: str) -> None:
        """A file is announced."""
        stage, name = self.live.get(version), filename(version, tag)
        if stage is None:
            return

        def act() -> None:
            view = add_file(self.world, self.ada, stage.key, claim(name, body(version, tag)))
            stage.files[name] = (view.file.id, "pending")

        self.succeeds(name not in stage.files and name not in self.public, act)

    def _file(self, version: str, tag: str) -> tuple[Modelled, int, str] | None:
        stage, name = self.live.get(version), filename(version, tag)
        return (stage, *stage.files[name]) if stage and name in stage.files else None

    @rule(version=VERSION, tag=TAG, is_right=booleans())
    def sends(self, version: str, tag: str, *, is_right: bool) -> None:
        """Bytes come, the right ones or others."""
        if (found := self._file(version, tag)) is None:
            return
        stage, number, state = found

        def act() -> None:
            data = body(version, tag) if is_right else b"other bytes"
            hashing = Hashing(awaited(self.world, self.ada, stage.key, number))
            with self.world.blobs.receive(10**6) as incoming:
                incoming.write(data)
                hashing.update(data)
                receive_bytes(self.world, self.ada, stage.key, number, incoming, hashing)

        self.succeeds(state == "pending" and is_right, act)
        if state == "pending":
            stage.files[filename(version, tag)] = (number, "here" if is_right else "error")

    @rule(version=VERSION, tag=TAG)
    def completes(self, version: str, tag: str) -> None:
        """A file is said to be complete."""
        if (found := self._file(version, tag)) is None:
            return
        stage, number, state = found
        self.succeeds(state == "here", lambda: complete_file(self.world, self.ada, stage.key, number))
        if state == "here":
            stage.files[filename(version, tag)] = (number, "completed")

    @rule(version=VERSION, tag=TAG)
    def deletes(self, version: str, tag: str) -> None:
        """A file is taken out, whatever became of it."""
        if (found := self._file(version, tag)) is not None:
            stage, number, _ = found
            delete_file(self.world, self.ada, stage.key, number)
            del stage.files[filename(version, tag)]

    @rule(version=VERSION)
    def publishes(self, version: str) -> None:
        """A stage is published."""
        stage = self.live.get(version)
        if stage is None:
            return
        is_complete = all(state == "completed" for _, state in stage.files.values())
        is_free = not stage.files.keys() & self.public.keys()
        is_something = bool(stage.files) or not self.is_there

        def act() -> None:
            publish_stage(self.world, self.ada, stage.key)
            self.public |= {
                filename(version, tag): Sha256.of(body(version, tag))
                for tag in TAGS
                if filename(version, tag) in stage.files
            }
            self.is_there = True
            del self.live[version]

        self.succeeds(is_complete and is_free and is_something, act)

    @rule(version=VERSION)
    def cancels(self, version: str) -> None:
        """A stage is canceled."""
        if (stage := self.live.pop(version, None)) is not None:
            cancel_stage(self.world, self.ada, stage.key)

    @rule(version=VERSION, tag=TAG)
    def uploads_beside(self, version: str, tag: str) -> None:
        """The same name comes by the upload of old, with other bytes."""
        name, data = filename(version, tag), body(version, tag, by_hand=True)
        form: dict[str, list[str]] = {}
        for key, value in upload_fields(name, data):
            form.setdefault(key, []).append(value)

        def act() -> None:
            with self.world.blobs.receive(10**6) as incoming:
                incoming.write(data)
                upload(self.world, self.ada, form, name, incoming)
            self.public[name] = Sha256.of(data)
            self.is_there = True

        self.succeeds(self.public.get(name, Sha256.of(data)) == Sha256.of(data), act)

    @rule(days=sampled_from([0, 1, 8]))
    def time_passes(self, days: int) -> None:
        """The worker looks after stages; after a week they are over."""
        self.fakes.clock.advance(timedelta(days=days))
        for version, stage in list(self.live.items()):
            if show_stage(self.world, self.ada, stage.key).stage.has_ended:
                del self.live[version]
        sweep_stages(self.world)

    @invariant()
    def what_is_public_is_what_the_model_says(self) -> None:
        """Files, their bytes, and the stages that live."""
        with self.world.store.read() as tx:
            project = tx.projects.find("lark")
            files = tx.files.of_project(project.id) if project else ()
            live = tx.stages.live("lark", self.world.clock.now())
        assert {file.filename: file.digests.sha256 for file in files} == self.public
        assert (project is not None) is self.is_there
        assert all(file.digests.sha256 in self.fakes.blobs.kept for file in files)
        assert {stage.key for stage in live} == {stage.key for stage in self.live.values()}


TestStaging = StagingMachine.TestCase
TestStaging.settings = settings(
    max_examples=int(os.environ.get("HOMEPORT_STORY_EXAMPLES", "15")), stateful_step_count=40, deadline=None
)
