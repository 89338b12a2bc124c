"""Every file before the inspector, as each kind of asker would have it judged."""

import io
import re
import time
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from unittest.mock import patch

from homeport.adapters.inspect.isolation import ChildIsolation
from homeport.domain.errors import Invalid
from homeport.domain.inspection import Expectation, Inspection
from homeport.domain.legacy_filename import readings_of
from homeport.domain.names import parse_filename
from homeport.domain.rules import Profile
from homeport.formats import inspect_file as inspector
from homeport.formats.archive.second_opinion import ask_second_reader

_GENERATOR = re.compile(rb"^Generator:\s*([\w.-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Looked:
    """One real file, and what inspection says of it to each asker."""

    name: str
    size_bytes: int
    seconds: float
    generator: str
    found: dict[Profile, Inspection]

    @property
    def is_wheel(self) -> bool:
        """True for a wheel, false for an sdist."""
        return self.name.endswith(".whl")


def look_at(files: Iterable[Path], jobs: int) -> Iterator[Looked]:
    """Each file, inspected in a child, ``jobs`` at a time."""
    isolation = ChildIsolation(parallel=jobs)
    try:
        with ThreadPoolExecutor(jobs) as threads:
            yield from threads.map(lambda file: _look(isolation, file), files)
    finally:
        isolation.close()


def _look(isolation: ChildIsolation, file: Path) -> Looked:
    started = time.monotonic()
    found = {Profile.ALONE: isolation.inspect(file, Expectation(file.name))}
    seconds = time.monotonic() - started
    found[Profile.LEGACY] = isolation.inspect(file, _claimed(file.name, is_legacy=True))
    found[Profile.UPLOAD] = isolation.inspect(file, _claimed(file.name, is_legacy=False))
    return Looked(file.name, file.stat().st_size, seconds, _generator(file), found)


def _claimed(filename: str, *, is_legacy: bool) -> Expectation:
    """What somebody expects who knows the project and the version: the maintainer, or the crawler of its pages."""
    with suppress(Invalid):
        parsed = parse_filename(filename)
        return Expectation(filename, parsed.project, parsed.version.text, is_legacy=is_legacy)
    readings = [one for one in readings_of(filename) if one.version[:1].isdigit()]
    if readings:
        name = re.sub(r"[-_.]+", "-", readings[0].name).lower()
        return Expectation(filename, name, readings[0].version, is_legacy=is_legacy)
    return Expectation(filename, is_legacy=is_legacy)


def _generator(file: Path) -> str:
    """The build tool that a wheel names."""
    if file.suffix != ".whl":
        return ""
    with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith(".dist-info/WHEEL"):
                told = _GENERATOR.search(archive.read(name))
                return told[1].decode().lower() if told else "unnamed"
    return "unnamed"


def cost_of_second_reading(files: Iterable[Path]) -> tuple[float, float]:
    """CPU seconds of whole inspections, and of the second reader alone, measured in this process."""
    spent = 0.0
    ask = ask_second_reader

    def timed(file: BinaryIO, *rest: object) -> None:
        nonlocal spent
        started = time.process_time()
        ask(file, *rest)  # type: ignore[arg-type]
        spent += time.process_time() - started

    begun = time.process_time()
    with patch.object(inspector, "ask_second_reader", timed):
        for path in files:
            inspector.inspect_file(io.BytesIO(path.read_bytes()), Expectation(path.name))
    return time.process_time() - begun, spent
