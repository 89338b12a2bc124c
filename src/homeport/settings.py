"""Settings: typed, read once from the environment or ``homeport.toml``, refused loudly when they contradict.

A variable in the environment wins over the same setting in ``<HOMEPORT_HOME>/homeport.toml``, where names are
lower case and without the prefix: ``base_url = "https://…"``.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from homeport.domain.address import AllowList, parse_allow
from homeport.domain.errors import Invalid, all_problems
from homeport.domain.urls import Url

T = TypeVar("T")

PREFIX = "HOMEPORT_"
_PORTS = range(1, 65_536)
_MOST_WORKERS = 64


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where things are kept."""

    home: Path
    """``HOMEPORT_HOME``: everything lives below this folder unless said otherwise; default ``./var``."""
    database_url: str
    """``HOMEPORT_DATABASE_URL``: ``sqlite:///path``; default ``homeport.db`` in the home."""
    blobs: Path
    """``HOMEPORT_BLOBS_URL``: the folder of the release files, ``file:///path``; default ``blobs`` in the home."""


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How the index is reached."""

    host: str
    """``HOMEPORT_HOST``: the address to listen on; default ``127.0.0.1``."""
    port: int
    """``HOMEPORT_PORT``: the port to listen on; default 8417."""
    workers: int
    """``HOMEPORT_WORKERS``: how many web processes; default 1."""
    base_url: str
    """``HOMEPORT_BASE_URL``: the public address of the index, without a final slash; default from host and port."""
    private: bool
    """``HOMEPORT_PRIVATE``: ``yes`` asks everyone who reads for a token or an account; default ``no``."""


@dataclass(frozen=True, slots=True)
class OutsideSettings:
    """What the crawler may reach."""

    allow: AllowList
    """``HOMEPORT_OUTSIDE_ALLOW``: addresses besides the public internet, ``address/prefix:port``, comma-separated; default none."""
    ca_file: Path | None
    """``HOMEPORT_OUTSIDE_CA``: a PEM file of extra certificate authorities; default none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, one class per concern."""

    store: StoreSettings
    serve: ServeSettings
    outside: OutsideSettings


NAMES = frozenset(
    {
        "home",
        "host",
        "port",
        "workers",
        "base_url",
        "private",
        "database_url",
        "blobs_url",
        "outside_allow",
        "outside_ca",
    }
)


def read_settings(environment: Mapping[str, str], here: Path) -> Settings:
    """The settings of this process, or ``Invalid`` with everything that is wrong with them.

    Relative paths are below ``here``, the folder the process was started in.
    """
    problems: list[str] = []
    home = (here / (environment.get("HOMEPORT_HOME") or "var")).absolute()
    given = _file(home / "homeport.toml", problems)
    given |= {
        name: value
        for name in NAMES
        if (value := environment.get(PREFIX + name.upper(), "")) and name != "home"
    }

    def read(name: str, default: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(given.get(name, default))
        except (Invalid, ValueError) as error:
            problems.append(f"{PREFIX}{name.upper()}: {error}")
            return None

    host = given.get("host", "127.0.0.1")
    port = read("port", "8417", _port)
    shown_host = f"[{host}]" if ":" in host else host
    base_url = read("base_url", f"http://{shown_host}:{port or 8417}", _base_url)
    workers = read("workers", "1", _workers)
    private = read("private", "no", _yes_or_no)
    blobs = read("blobs_url", f"file://{home / 'blobs'}", _blobs_folder)
    allow = read("outside_allow", "", parse_allow)
    ca_file = read("outside_ca", "", _existing_file)
    all_problems("The settings", problems, code="settings-invalid")
    if (
        port is None
        or base_url is None
        or workers is None
        or private is None
        or blobs is None
        or allow is None
    ):
        raise AssertionError("what could not be read is a problem")
    return Settings(
        StoreSettings(home, given.get("database_url", f"sqlite:///{home / 'homeport.db'}"), blobs),
        ServeSettings(host, port, workers, base_url, private),
        OutsideSettings(allow, ca_file),
    )


def _file(path: Path, problems: list[str]) -> dict[str, str]:
    try:
        parsed = tomllib.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        problems.append(f"{path} cannot be read: {error}.")
        return {}
    unknown = sorted(parsed.keys() - (NAMES - {"home"}))
    if unknown:
        problems.append(f"{path} holds settings that do not exist: {', '.join(unknown)}.")
    return {name: str(value) for name, value in parsed.items()}


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in _PORTS:
        raise ValueError(f"{text!r} is not a port: a number from 1 to 65535 is wanted.")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise ValueError(f"{text!r} is not a number of processes: 1 to {_MOST_WORKERS} is wanted.")
    return int(text)


def _yes_or_no(text: str) -> bool:
    answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in answers:
        raise ValueError(f"{text!r} is not an answer: yes or no is wanted.")
    return answers[text.lower()]


def _base_url(text: str) -> str:
    url = Url.parse(text)
    if "?" in text or "#" in text:
        raise ValueError(f"{text!r} must have no query and no fragment.")
    return str(url).rstrip("/")


def _blobs_folder(text: str) -> Path:
    path = text.removeprefix("file://")
    if path == text or not path.startswith("/"):
        raise ValueError(
            f"{text!r} is not a place for files: this version keeps them in a folder, file:///path."
        )
    return Path(path)


def _existing_file(text: str) -> Path | None:
    if not text:
        return None
    if not Path(text).is_file():
        raise ValueError(f"there is no file {text!r}.")
    return Path(text)
