"""The projects that the checks of standards F.1 to F.7 look at, put on an index by its own doors.

1. Nothing here is changed by a check: a check that changes something takes a project of its own.
2. Texts are hostile wherever a door takes them.
"""

import json
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import quote

from tests.support.archives import make_sdist, make_wheel, metadata_bytes
from tests.support.forms import basic, form_headers, multipart
from tests.support.index import Index, Reply
from tests.support.outside import Answer, Outside

from homeport.adapters.system import SystemClock
from homeport.domain.urls import Url

ADMIN, ADMIN_PASSWORD = "warden", "an administrator's password"
DISPLAY, FULL = "foo.bar_Baz", "foo-bar-baz"
ARCHIVED, DEPRECATED, QUARANTINED = "check-archived", "check-deprecated", "check-quarantined"
ONLY, CACHE, EXT = "check-only", "check-cache", "check-ext"
PRIVATE, EMPTY = "check-private", "check-empty"
EXEMPT_UNTIL = SystemClock().now().date() + timedelta(days=100)
LISTED = (FULL, ARCHIVED, DEPRECATED, ONLY, CACHE, EXT, EMPTY)
READABLE = (*LISTED, QUARANTINED, PRIVATE)

REASON = """Use "finch" <b>&amp; 'wren'</b> 🐦 </script><a href='x'>--> instead"""
PYTHON = ">=3.8,<5,!=3.9.*"
HOSTILE_HOME = 'http://away.example/?a="><a href="http://evil.example/&amp;<script>'

WHEEL = "foo_bar_baz-1.0-py3-none-any.whl"
SDIST = "foo_bar_baz-1.0.tar.gz"
OLD_SDIST = "foo_bar_baz-0.9.tar.gz"  # its PKG-INFO is of metadata 2.1: it promises nothing
LOCAL = "foo_bar_baz-1.1+local.7-py3-none-any.whl"
EPOCH = "foo_bar_baz-1!2.0-py3-none-any.whl"
WITH_REASON = "foo_bar_baz-0.8-py3-none-any.whl"
YANKED: Mapping[str, bool | str] = {OLD_SDIST: True, WITH_REASON: REASON}
WITHOUT_FILES = "1.2"

EXT_HOSTED = "check_ext-1.0-py3-none-any.whl"
EXT_KNOWN = "check_ext-0.9-py3-none-any.whl"
EXT_UNKNOWN = "check_ext-0.6-py3-none-any.whl"
EXT_ODD = "check-ext-0.7&lt='x.tar.gz"
EXT_ODD_URL = "check_ext-0.5-py3-none-any.whl"
ODD_QUERY = "?a=\"><a/href='x'>&lt;"


def metadata_of(filename: str, name: str, *, needs_python: str = "") -> bytes:
    """The metadata that the wheel of this name holds."""
    version = filename.split("-")[1]
    return metadata_bytes(name, version, fields=[("Requires-Python", needs_python)] if needs_python else [])


def wheel(filename: str, name: str = "", *, needs_python: str = "", noise_bytes: int = 0) -> bytes:
    """A good wheel for this file name."""
    stem, version = filename.split("-")[:2]
    metadata = metadata_of(filename, name or stem.replace("_", "-"), needs_python=needs_python)
    noise = {f"{stem}/noise.bin": random.Random(0).randbytes(noise_bytes)} if noise_bytes else {}  # noqa: S311 - no packing makes it smaller
    return make_wheel(stem, version, metadata=metadata, files=noise)


def full_files() -> dict[str, bytes]:
    """The files of the project that has one of everything; two of them are larger than 10 kB."""
    sdist_metadata = metadata_bytes(
        DISPLAY, "1.0", metadata_version="2.2", fields=[("Requires-Python", PYTHON)]
    )
    return {
        WHEEL: wheel(WHEEL, DISPLAY, needs_python=PYTHON, noise_bytes=30_000),
        SDIST: make_sdist(
            "foo_bar_baz",
            "1.0",
            metadata=sdist_metadata,
            files={"noise.bin": random.Random(1).randbytes(20_000)},  # noqa: S311 - as above
        ),
        OLD_SDIST: make_sdist("foo_bar_baz", "0.9", metadata=metadata_bytes(DISPLAY, "0.9")),
        LOCAL: wheel(LOCAL, DISPLAY),
        EPOCH: wheel(EPOCH, DISPLAY),
        WITH_REASON: wheel(WITH_REASON, DISPLAY),
    }


@dataclass(frozen=True)
class Stock:
    """What stands on the index.

    ``files`` are the hosted bytes of each project, ``outside`` those that the site serves. ``token`` is the owner's,
    ``reader`` a token of the same person for reading.
    """

    index: Index
    token: str
    reader: str
    files: Mapping[str, Mapping[str, bytes]]
    outside: Mapping[str, bytes]

    def get(self, path: str, accept: str = "", **headers: str) -> Reply:
        """``GET path`` as its owner's installer asks for it."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if accept:
            fields["Accept"] = accept
        if f"/{PRIVATE}/" in path or "/check_private-" in path:
            fields |= basic("__token__", self.reader)
        return self.index.request("GET", path, headers=fields)

    def page(self, project: str, accept: str = "", **headers: str) -> Reply:
        """A project's page."""
        return self.get(f"/simple/{project}/", accept, **headers)


def put_stock(index: Index, token: str, outside: Outside, site: str) -> Stock:
    """Make every project, and an administrator; ``token`` is their owner's, ``site`` the address of ``outside``."""
    admin = ("user", "add", ADMIN, "--email", "warden@example.org", "--admin", "--password-stdin")
    index.ask(*admin, stdin=ADMIN_PASSWORD)
    files = {
        name: {f"{name.replace('-', '_')}-1.0-py3-none-any.whl": b""}
        for name in (ARCHIVED, DEPRECATED, QUARANTINED, PRIVATE, ONLY, EXT)
    }
    for wheels in files.values():
        for filename in wheels:
            wheels[filename] = wheel(filename)
            _require(index.upload(filename, wheels[filename], token))
    files[FULL] = full_files()
    for filename, data in files[FULL].items():
        _require(index.upload(filename, data, token, name=DISPLAY))
    _register(index, token, DISPLAY, WITHOUT_FILES)
    _require(index.api("POST", f"/projects/{FULL}/releases/0.9/yank", token))
    _require(index.api("POST", f"/projects/{FULL}/releases/0.8/yank", token, reason=REASON))

    index.ask("project", "create", EMPTY, "--owner", "ada")
    files[EMPTY] = {}
    for name, status in ((ARCHIVED, "archived"), (DEPRECATED, "deprecated")):
        _require(index.api("PUT", f"/projects/{name}/status", token, status=status, reason=REASON))
    mark(index, QUARANTINED, "quarantined", REASON)
    _require(index.api("PUT", f"/projects/{PRIVATE}/visibility", token, private=True))

    far = _put_outside(index, token, outside, site)
    cached = next(name for name in far if name.startswith("check_cache-"))
    files[CACHE] = {cached: far.pop(cached)}
    reader = index.ask("token", "create", "--user", "ada", "--scope", "read").strip()
    return Stock(index, token, reader, files, far)


def _put_outside(index: Index, token: str, outside: Outside, site: str) -> dict[str, bytes]:
    """The projects whose files lie on ``site``, found there by the crawler; the bytes of what it serves."""
    cached = "check_cache-1.0-py3-none-any.whl"
    far = {name: wheel(name) for name in (cached, EXT_KNOWN, EXT_ODD_URL)}
    for name in (cached, EXT_KNOWN, EXT_HOSTED):
        outside.put_file(f"{site}/{name}", wheel(name))
    outside.put_file(str(Url.parse(f"{site}/{EXT_ODD_URL}{ODD_QUERY}")), far[EXT_ODD_URL])
    for name in (EXT_UNKNOWN, quote(EXT_ODD, safe="&=")):
        outside.put(f"{site}/{name}", Answer(status=503))
    links = (
        f"{EXT_KNOWN}#egg=check-ext",
        f"{EXT_UNKNOWN}#sha1={'0' * 40}",
        EXT_HOSTED,
        quote(EXT_ODD, safe="&="),
        EXT_ODD_URL + ODD_QUERY,
    )
    outside.put_page(f"{site}/cache/", f'<a href="../{cached}">{cached}</a>')
    outside.put_page(f"{site}/ext/", "".join(f'<a href="../{escape(link)}">x</a>' for link in links))

    _require(index.api("POST", "/projects", token, name=CACHE, mode="pypi-cache"), 201)
    _require(index.api("POST", f"/projects/{CACHE}/sources", token, kind="homepage", url=f"{site}/cache/"))
    index.ask(
        "mode", "set", EXT, "pypi-ext", "--reason", "moving", "--until", str(EXEMPT_UNTIL), "--as", ADMIN
    )
    _register(index, token, EXT, "1.0", home_page=f"{site}/ext/", download_url=f"{site}/ext/")
    _register(index, token, EXT, "0.9", home_page=HOSTILE_HOME, download_url="javascript:alert(1)")
    started = {name: start_plan(index, token, name) for name in (CACHE, EXT)}
    plans = {name: finished(index, token, number) for name, number in started.items()}
    accepted = {"plan_digest": plans[CACHE]["plan_digest"], "basis": "author"}
    _require(index.api("POST", f"/rehosts/{started[CACHE]}/accept", token, **accepted), 202)
    assert finished(index, token, started[CACHE])["state"] == "published"
    return far


def mark(index: Index, project: str, status: str, reason: str) -> None:
    """Give a project a status; an administrator does it, who alone may begin and end a quarantine."""
    body = json.dumps({"status": status, "reason": reason})
    path = f"/api/v1/projects/{project}/status"
    _require(index.request("PUT", path, body, basic(ADMIN, ADMIN_PASSWORD)))


def _register(index: Index, token: str, project: str, version: str, **fields: str) -> None:
    metadata = {"metadata_version": "2.1", "name": project, "version": version} | fields
    form = multipart([(":action", "submit"), ("protocol_version", "1"), *metadata.items()])
    _require(index.request("POST", "/legacy/", form, form_headers(token)))


def start_plan(index: Index, token: str, project: str) -> int:
    """The number of a new plan of a project's files outside."""
    return int(_require(index.api("POST", f"/projects/{project}/rehosts", token), 202).json()["id"])


def finished(index: Index, token: str, rehost: int) -> dict[str, Any]:
    """The rehost as soon as no worker is at it."""
    for _ in _until(60):
        shown: dict[str, Any] = index.api("GET", f"/rehosts/{rehost}", token).json()
        if shown["state"] not in {"planning", "consented", "publishing"}:
            return shown
    raise AssertionError(f"rehost {rehost} is still {shown['state']}")


def _until(seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.05)


def _require(reply: Reply, status: int = 200) -> Reply:
    assert reply.status == status, reply.text
    return reply
