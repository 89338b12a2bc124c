"""Settings: typed, read once from the environment or ``homeport.toml``, refused loudly when they contradict.

A variable in the environment wins over the same setting in ``<HOMEPORT_HOME>/homeport.toml``, where names are
lower case and without the prefix: ``base_url = "https://…"``.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from homeport.domain.address import AllowList, parse_allow
from homeport.domain.errors import Invalid, all_problems
from homeport.domain.mail import MailServer, parse_mail_server
from homeport.domain.name_policy import ReservedNames
from homeport.domain.quota import Reserve, parse_size
from homeport.domain.resolver import Resolver
from homeport.domain.throttle import Proxies, parse_proxies
from homeport.domain.urls import Url

T = TypeVar("T")

PREFIX = "HOMEPORT_"
_LAST_PORT = 65_535
_MOST_FETCHES = 2_000
_MOST_WORKERS = 64
_SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")
_LONGEST_PACE = 60
_MOST_DAYS = 36_500
# Names farther from ours than this are somebody else's, such as those of scripts beside the index.
_LIKENESS = 0.7


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
    proxies: Proxies
    """``HOMEPORT_TRUSTED_PROXIES``: addresses or prefixes, comma-separated, whose ``X-Forwarded-For`` is believed; default none."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What the index lets in."""

    reserved_names: ReservedNames
    """``HOMEPORT_RESERVED_NAMES``: a file, in the home unless its path is absolute, of names for administrators only; default none."""
    releases_close_after: timedelta | None
    """``HOMEPORT_RELEASE_CLOSES_AFTER_DAYS``: a release takes no new uploads so many days after it was registered; default never."""
    max_file_bytes: int
    """``HOMEPORT_MAX_FILE``: the largest file; default 2GiB."""
    project_quota_bytes: int | None
    """``HOMEPORT_PROJECT_QUOTA``: how much the files of one project may have together, or ``none``; default 10GiB."""
    user_quota_bytes: int | None
    """``HOMEPORT_USER_QUOTA``: how much the uploads of one user may have together, or ``none``; default ``none``."""
    index_quota_bytes: int | None
    """``HOMEPORT_INDEX_QUOTA``: how much all files may have together, or ``none``; default ``none``."""
    takes_stages: bool
    """``HOMEPORT_UPLOAD2``: ``yes`` takes releases by Upload 2.0, a draft (PEP 694), at ``/upload/2.0/``; default ``no``."""
    disk_reserve: Reserve
    """``HOMEPORT_DISK_RESERVE``: what uploads and rehosts leave free of the disk, a size or a part of it; default ``5%``."""


@dataclass(frozen=True, slots=True)
class OutsideSettings:
    """What the crawler may reach."""

    allow: AllowList
    """``HOMEPORT_OUTSIDE_ALLOW``: addresses besides the public internet, ``address/prefix:port``, comma-separated; default none."""
    ca_file: Path | None
    """``HOMEPORT_OUTSIDE_CA``: a PEM file of extra certificate authorities; default none."""
    pace_seconds: float
    """``HOMEPORT_CRAWL_PACE``: the seconds between the starts of two requests to one host, 0 for none; default 1."""
    host_budget_bytes: int | None
    """``HOMEPORT_HOST_BUDGET``: how much is taken from one host in a day (UTC), or ``none``; default 50GiB."""
    domain_budget_bytes: int | None
    """``HOMEPORT_DOMAIN_BUDGET``: how much is taken from all hosts of one registrable domain in a day, or ``none``; default 100GiB."""
    fetched_unasked: int
    """``HOMEPORT_PLAN_FETCHES``: the files of a plan that are fetched without asking; of more they are only listed; default 100."""


@dataclass(frozen=True, slots=True)
class DriftSettings:
    """How the places that files came from are looked at again."""

    every: timedelta
    """``HOMEPORT_DRIFT_DAYS``: the source of every re-hosted file is looked at about once in so many days, or never with 0; default 7."""
    rdap_url: str
    """``HOMEPORT_RDAP_URL``: the list of registries (RFC 9224) by which it is asked when a domain was registered; default none: nobody is asked."""
    resolver: Resolver | None
    """``HOMEPORT_RESOLVER``: the DNS server, ``address`` or ``address:port``, that is asked for the name servers of hosts; default none: nobody is asked."""


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Who gets an account, and how people are written to."""

    smtp: MailServer | None
    """``HOMEPORT_SMTP_URL``: the mail server, ``smtp://user:password@host:587?from=index@example.org`` or ``smtps://…``; default none: no mail is sent."""
    sign_up: bool
    """``HOMEPORT_SIGN_UP``: ``open`` lets everybody make an account, ``closed`` only administrators; default ``closed``."""
    all_make_organisations: bool
    """``HOMEPORT_ORGANISATIONS``: ``anyone`` with an account creates organisations, or only ``admins``; default ``anyone``."""
    verified_uploads: bool
    """``HOMEPORT_VERIFIED_UPLOADS``: ``yes`` takes files, and invites people, only where the e-mail address is verified; default ``yes`` where sign-up is open and mail is sent, else ``no``."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, one class per concern."""

    store: StoreSettings
    serve: ServeSettings
    outside: OutsideSettings
    accounts: AccountSettings
    policy: PolicySettings
    drift: DriftSettings


NAMES = frozenset(
    {
        "home",
        "host",
        "port",
        "workers",
        "base_url",
        "private",
        "trusted_proxies",
        "database_url",
        "blobs_url",
        "reserved_names",
        "release_closes_after_days",
        "max_file",
        "project_quota",
        "user_quota",
        "index_quota",
        "upload2",
        "disk_reserve",
        "outside_allow",
        "outside_ca",
        "crawl_pace",
        "host_budget",
        "domain_budget",
        "plan_fetches",
        "drift_days",
        "rdap_url",
        "resolver",
        "smtp_url",
        "sign_up",
        "organisations",
        "verified_uploads",
    }
)


def read_settings(environment: Mapping[str, str], here: Path) -> Settings:
    """The settings of this process, or ``Invalid`` with everything that is wrong with them.

    Relative paths are below ``here``, the folder the process was started in.
    """
    problems: list[str] = []
    home = (here / (environment.get("HOMEPORT_HOME") or "var")).absolute()
    given = _file(home / "homeport.toml", problems)
    problems += _misspelt(environment)
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
    port = read("port", "8417", _whole("a port", 1, _LAST_PORT))
    shown_host = f"[{host}]" if ":" in host else host
    base_url = read("base_url", f"http://{shown_host}:{port or 8417}", _base_url)
    workers = read("workers", "1", _whole("a number of processes", 1, _MOST_WORKERS))
    private = read("private", "no", _yes_or_no)
    proxies = read("trusted_proxies", "", parse_proxies)
    blobs = read("blobs_url", f"file://{home / 'blobs'}", _blobs_folder)
    allow = read("outside_allow", "", parse_allow)
    ca_file = read("outside_ca", "", _existing_file)
    pace = read("crawl_pace", "1", _seconds)
    of_host = read("host_budget", "50GiB", _quota)
    of_domain = read("domain_budget", "100GiB", _quota)
    unasked = read("plan_fetches", "100", _whole("a number of files", 0, _MOST_FETCHES))
    policy = _policy(read, home)
    accounts = _accounts(read, problems)
    drift = _drift(read)
    all_problems("The settings", problems, code="settings-invalid")
    if (
        port is None
        or base_url is None
        or workers is None
        or private is None
        or proxies is None
        or blobs is None
        or allow is None
        or pace is None
        or unasked is None
        or policy is None
    ):
        raise AssertionError("what could not be read is a problem")
    return Settings(
        StoreSettings(home, given.get("database_url", f"sqlite:///{home / 'homeport.db'}"), blobs),
        ServeSettings(host, port, workers, base_url, private, proxies),
        OutsideSettings(allow, ca_file, pace, of_host, of_domain, unasked),
        accounts,
        policy,
        drift,
    )


class _Read(Protocol):
    def __call__(self, name: str, default: str, parse: Callable[[str], T]) -> T | None: ...


def _drift(read: _Read) -> DriftSettings:
    every = read("drift_days", "7", _days_or_never) or timedelta()
    rdap_url = read("rdap_url", "", _https_url) or ""
    return DriftSettings(every, rdap_url, read("resolver", "", _if_given(Resolver.parse)))


def _days_or_never(text: str) -> timedelta:
    return timedelta() if text == "0" else _days(text)


def _https_url(text: str) -> str:
    if text and not Url.parse(text).is_tls:
        raise ValueError(f"{text!r} is not https: what anybody on the way could change is not believed.")
    return text


def _accounts(read: _Read, problems: list[str]) -> AccountSettings:
    smtp = read("smtp_url", "", _if_given(parse_mail_server))
    sign_up = read("sign_up", "closed", _one_of("open", "closed")) or False
    default = "yes" if smtp and sign_up else "no"
    verified_uploads = read("verified_uploads", default, _yes_or_no) or False
    if verified_uploads and smtp is None:
        problems.append(
            f"{PREFIX}VERIFIED_UPLOADS: addresses are verified by mail, so {PREFIX}SMTP_URL is needed."
        )
    organisations = read("organisations", "anyone", _one_of("anyone", "admins")) or False
    return AccountSettings(smtp, sign_up, organisations, verified_uploads)


def _if_given(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    return lambda text: parse(text) if text else None


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


def _misspelt(environment: Mapping[str, str]) -> list[str]:
    known = {PREFIX + name.upper(): name for name in NAMES}
    strange = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    likely = (
        (name, difflib.get_close_matches(name.removeprefix(PREFIX).lower(), NAMES, 1, _LIKENESS))
        for name in strange
    )
    return [
        f"{name} is no setting: is {PREFIX}{meant[0].upper()} meant? Otherwise give it another name."
        for name, meant in likely
        if meant
    ]


def _seconds(text: str) -> float:
    if not _SECONDS.fullmatch(text) or float(text) > _LONGEST_PACE:
        raise ValueError(f"{text!r} is not a pace: a number of seconds from 0 to {_LONGEST_PACE} is wanted.")
    return float(text)


def _one_of(yes: str, no: str) -> Callable[[str], bool]:
    """A parser of two words: true for the first one."""

    def parse(text: str) -> bool:
        if text not in {yes, no}:
            raise ValueError(f"{text!r} is not an answer: {yes} or {no} is wanted.")
        return text == yes

    return parse


def _whole(what: str, lowest: int, highest: int) -> Callable[[str], int]:
    """A parser of ``what``, a whole number."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise ValueError(f"{text!r} is not {what}: {lowest} to {highest} is wanted.")
        return int(text)

    return parse


def _yes_or_no(text: str) -> bool:
    if text.lower() in {"true", "1", "false", "0"}:
        return text.lower() in {"true", "1"}
    return _one_of("yes", "no")(text.lower())


def _policy(read: _Read, home: Path) -> PolicySettings | None:
    reserved = read("reserved_names", "", partial(_reserved_names, home))
    closes_after = read("release_closes_after_days", "", _if_given(_days))
    max_file = read("max_file", "2GiB", parse_size)
    of_project = read("project_quota", "10GiB", _quota)
    of_user = read("user_quota", "none", _quota)
    of_index = read("index_quota", "none", _quota)
    takes_stages = read("upload2", "no", _yes_or_no) or False
    reserve = read("disk_reserve", "5%", Reserve.parse)
    if reserved is None or max_file is None or reserve is None:
        return None
    return PolicySettings(
        reserved, closes_after, max_file, of_project, of_user, of_index, takes_stages, reserve
    )


def _reserved_names(home: Path, text: str) -> ReservedNames:
    if not text:
        return ReservedNames()
    try:
        return ReservedNames.parse((home / text).read_text())
    except OSError as error:
        raise ValueError(f"{text!r} cannot be read ({error.strerror}).") from error


def _days(text: str) -> timedelta:
    return timedelta(days=_whole("a number of days", 1, _MOST_DAYS)(text))


def _quota(text: str) -> int | None:
    return None if text == "none" else parse_size(text)


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
