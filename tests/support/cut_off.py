"""Work on a home that is cut off by SIGKILL before a chosen step, in a process of its own (threats §3.1, A-14).

A step is a line of the file store, the end of a transaction, or a line of a mistake that was planted: between two of
them nothing becomes durable by half. Whoever kills before the first, the second and every further one, kills everywhere.
"""

import hashlib
import io
import json
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, Engine, event
from tests.support.archives import make_sdist, make_wheel
from tests.support.audit import problems
from tests.support.forms import upload_fields
from tests.support.outside import page
from tests.support.world import add_person, add_project, opened_world, real_world, run_plan, steps

from homeport.adapters.blobs import filesystem
from homeport.adapters.db import store
from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.hosting import HostingMode
from homeport.flows.manage_project import add_source
from homeport.flows.rehost.review import Choice, accept, show_rehost
from homeport.flows.rehost.start import start_plan
from homeport.flows.sign_in import find_user
from homeport.flows.upload import upload
from homeport.ports.jobs import Job, Work
from homeport.ports.world import World

SDIST = "swan-1.0.tar.gz"
# More than a chunk of a copy, so that one can be cut off in its middle.
UPLOADED = make_sdist("swan", "1.0", files={"noise.bin": bytes(range(256)) * 2000})
WHEEL, SITE = "goose-1.0-py3-none-any.whl", "https://site.test"
BROUGHT_HOME = make_wheel("goose", "1.0")
_PLANTED = "<planted>"
# What counts as a step, by file: a line there, or that a transaction ended.
_STEPS = {filesystem.__file__: {"line"}, _PLANTED: {"line"}, store.__file__: {"return"}}
_TOLD = "told.json"
_SECONDS = 60
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


def prepare(folder: Path) -> None:
    """A home: swan has no file yet, and goose comes home, agreed to and not published."""
    folder.mkdir()
    with real_world(folder) as real:
        world, ada = real.world, Caller(add_person(real.world, "ada"))
        add_project(world, ada.user, "swan")
        add_project(world, ada.user, "goose", HostingMode.CACHE)
        add_source(world, ada, "goose", "homepage", f"{SITE}/")
        real.outside.put_file(f"{SITE}/{WHEEL}", BROUGHT_HOME)
        real.outside.put(f"{SITE}/", page(f'<a href="{WHEEL}">{WHEEL}</a>'))
        rehost_id = start_plan(world, ada, "goose").id
        run_plan(world, rehost_id)
        view = show_rehost(world, ada, rehost_id)
        accept(world, ada, rehost_id, Choice(view.digest, Basis.AUTHOR))


def _send(world: World) -> None:
    fields: dict[str, list[str]] = {}
    for name, value in upload_fields(SDIST, UPLOADED):
        fields.setdefault(name, []).append(value)
    with world.blobs.receive(world.limits.file_bytes) as incoming:
        incoming.write(UPLOADED)
        upload(world, Caller(find_user(world, "ada")), fields, SDIST, incoming)


def _publish(world: World) -> None:
    for step in steps(world, Job(Work.PUBLISH_REHOST, 1, 1)):
        step()


_DEEDS: Mapping[str, Callable[[World], None]] = {"upload": _send, "publish": _publish}
HOSTED: Mapping[str, Mapping[str, str]] = {
    "upload": {SDIST: hashlib.sha256(UPLOADED).hexdigest()},
    "publish": {WHEEL: hashlib.sha256(BROUGHT_HOME).hexdigest()},
}
"""What is acknowledged when a deed is done."""


def steps_of(prepared: Path, folder: Path, deed: str, planted: str = "") -> int:
    """How many steps ``deed`` has, when ``planted``, a piece of Python, was run before."""
    home = _copy(prepared, folder)
    assert _in_process(_do, home, deed, planted, 0) == 0
    return int((home / _TOLD).read_bytes())


def cut_off(prepared: Path, folder: Path, deed: str, kill_at: int, planted: str = "") -> list[str]:
    """What is wrong with a copy of ``prepared`` after ``deed`` was killed before its step ``kill_at``.

    Where nothing is, ``deed`` is done once more, as whoever saw no answer does: it must come through.
    """
    home = _copy(prepared, folder)
    assert _in_process(_do, home, deed, planted, kill_at) == -signal.SIGKILL
    found = problems(home, {})
    if not found and not planted:
        assert _in_process(_do, home, deed, planted, 0) == 0, f"after a kill at {kill_at} it does not go on"
        found = problems(home, HOSTED[deed])
    return found


def order_of(prepared: Path, folder: Path, deed: str, planted: str = "") -> list[str]:
    """What makes ``deed`` durable, in the order in which it is asked for."""
    home = _copy(prepared, folder)
    assert _in_process(_watch, home, deed, planted, 0) == 0
    told: list[str] = json.loads((home / _TOLD).read_bytes())
    return told


def _copy(prepared: Path, folder: Path) -> Path:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(prepared, home)
    return home


def _in_process(act: Callable[[Path, str, str, int], None], *arguments: Any) -> int | None:
    process = _FORKS.Process(target=act, args=arguments)
    process.start()
    process.join(_SECONDS)
    return process.exitcode


def _do(home: Path, deed: str, planted: str, kill_at: int) -> None:
    """Kill this process before its step ``kill_at``; with 0 it comes through."""
    exec(compile(planted, _PLANTED, "exec"), {})  # noqa: S102 - it is ours
    steps_done = 0

    def trace(frame: FrameType, what: str, _: object) -> Any:
        nonlocal steps_done
        if what in _STEPS.get(frame.f_code.co_filename, ()):
            steps_done += 1
            if steps_done == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace if frame.f_code.co_filename in _STEPS else None

    with opened_world(home) as real:
        before = sys.gettrace()
        sys.settrace(trace)
        _DEEDS[deed](real.world)
        sys.settrace(before)
    (home / _TOLD).write_text(str(steps_done))


def _watch(home: Path, deed: str, planted: str, _: int) -> None:
    """Write down what is synced, read again, linked and committed."""
    exec(compile(planted, _PLANTED, "exec"), {})  # noqa: S102 - it is ours
    told: list[str] = []
    plain_sync, plain_link, plain_open = os.fsync, os.link, io.open

    def named(path: Path) -> str:
        parts = path.relative_to(home).parts if path.is_relative_to(home) else ("elsewhere",)
        if parts[:2] == ("blobs", "incoming"):
            return "the temporary file"
        return (
            ("blobs", "blobs/ab", "blobs/ab/cd", "the blob")[len(parts) - 1]
            if parts[0] == "blobs"
            else parts[0]
        )

    def sync(descriptor: int) -> None:
        told.append(f"sync {named(Path(f'/proc/self/fd/{descriptor}').readlink())}")
        plain_sync(descriptor)

    def link(source: Path, target: Path, **more: Any) -> None:
        told.append(f"link {named(Path(source))} to {named(Path(target))}")
        plain_link(source, target, **more)

    def opened(file: Any, mode: str = "r", *more: Any, **named_more: Any) -> Any:
        if isinstance(file, Path) and file.is_relative_to(home / "blobs"):
            told.append(f"{'read' if mode == 'rb' else 'write'} {named(file)}")
        return plain_open(file, mode, *more, **named_more)

    def committed(connection: Connection) -> None:
        if connection.get_execution_options().get("homeport_writes"):
            told.append("commit")

    with opened_world(home) as real:
        os.fsync, os.link, io.open = sync, link, opened  # type: ignore[assignment]
        event.listen(Engine, "commit", committed)
        _DEEDS[deed](real.world)
        (home / _TOLD).write_text(json.dumps(told))
