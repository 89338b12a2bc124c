"""The indexes that pip is configured with, asked for single projects by name and nothing else.

1. What pip's configuration and environment name is asked, in pip's order: the index, then the extra ones.
2. An index on this machine (``file://``) is read in place and gives all its files of a project.
3. Any other is asked one project at a time; what it gives is kept and never fetched twice.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
from pypi_simple import PYPI_SIMPLE_ENDPOINT, DistributionPackage, NoSuchProjectError, ProjectPage, PyPISimple
from tools.inspect_real.names import Wanted, spread

# Larger files take longer to fetch than they teach.
_MAX_FETCHED_BYTES = 20_000_000
_PAUSE_SECONDS = 0.2
_TIMEOUT_SECONDS = 60


class Registry:
    """Gives the files of projects as paths on this machine; what is fetched is kept in ``cache``."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        cache.mkdir(parents=True, exist_ok=True)
        settings = _pip_settings()
        urls = [settings.get("index-url", PYPI_SIMPLE_ENDPOINT), *settings.get("extra-index-url", "").split()]
        self._here = [Path(unquote(urlsplit(url).path)) for url in urls if url.startswith("file:")]
        session = requests.Session()
        session.verify = settings.get("cert", True)
        self._away = [PyPISimple(url, session=session) for url in urls if not url.startswith("file:")]

    def files_of(self, wanted: Wanted) -> Iterator[Path]:
        """The files to inspect: all that are on this machine, else the newest wheel; and the sdists asked for."""
        found = [path for index in self._here for path in _files_here(index, wanted.name)]
        yield from found
        if found and not wanted.sdists:
            return
        packages = self._packages(wanted.name)
        if not found:
            yield from self._fetched([one for one in packages if one.package_type == "wheel"][-1:])
        sdists = [one for one in packages if one.package_type == "sdist"]
        yield from self._fetched(spread(sdists, wanted.sdists))

    def _packages(self, name: str) -> list[DistributionPackage]:
        """The project's files in the order in which they were published, where the index tells."""
        for index in self._away:
            time.sleep(_PAUSE_SECONDS)
            try:
                page = index.get_project_page(name, timeout=_TIMEOUT_SECONDS)
            except NoSuchProjectError:
                continue
            small = [one for one in page.packages if (one.size or 0) <= _MAX_FETCHED_BYTES]
            return sorted(small, key=lambda one: one.upload_time.timestamp() if one.upload_time else 0)
        return []

    def _fetched(self, packages: list[DistributionPackage]) -> Iterator[Path]:
        for package in packages:
            path = self._cache / package.filename
            if not path.exists():
                time.sleep(_PAUSE_SECONDS)
                part = path.with_name(f"{path.name}.part")
                self._away[0].download_package(package, part, timeout=_TIMEOUT_SECONDS)
                part.rename(path)
            yield path


def _files_here(index: Path, name: str) -> Iterator[Path]:
    page = index / name / "index.html"
    if page.is_file():
        for package in ProjectPage.from_html(name, page.read_text(), page.as_uri()).packages:
            yield Path(unquote(urlsplit(package.url).path))


def _pip_settings() -> dict[str, str]:
    """What pip would use; its environment variables win over its files."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    settings: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        scope, _, name = key.partition(".")
        if scope in {"global", ":env:"}:
            settings[name if scope == "global" else name.removeprefix(".")] = value.strip("'\"")
    for name in ("index-url", "extra-index-url", "cert"):
        settings |= {name: told} if (told := os.environ.get(f"PIP_{name.replace('-', '_').upper()}")) else {}
    return settings
