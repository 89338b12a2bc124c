"""Four places as maintainers keep them, on loopback: a forge, a flat page of wheels, a large index, an old home page.

Each has a loopback address of its own, so that to Homeport they are four hosts. What they offer is made by code.
"""

import contextlib
import hashlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.support.archives import make_sdist, make_wheel, metadata_bytes

Handle = Callable[[str, Mapping[str, str]], "Answer"]
_PER_PAGE = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a place says: a body and its headers."""

    body: bytes
    content_type: str = "application/octet-stream"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = Answer(b"There is nothing here.\n", "text/plain", 404)


@dataclass(frozen=True, slots=True)
class Place:
    """A running place: ``authority`` is its address and port, ``requests`` what it was asked for, in order."""

    authority: str
    requests: list[str]

    def url(self, path: str) -> str:
        """The address of ``path`` there."""
        return f"http://{self.authority}{path}"


@contextlib.contextmanager
def served(address: str, make: Callable[[str], Handle], port: int = 0) -> Iterator[Place]:
    """A place on the loopback ``address``, on any port unless one is named; ``make`` is told the authority it has there."""
    requests: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer with a body."""
            self._answer(has_body=True)

        def do_HEAD(self) -> None:
            """Answer without."""
            self._answer(has_body=False)

        def _answer(self, *, has_body: bool) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            requests.append(f"{self.command} {self.path}")
            answer = handle(unquote(parts.path), query)
            self.send_response(answer.status)
            for name, value in (("Content-Type", answer.content_type), *answer.headers):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if has_body:
                self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer((address, port), Handler)
    place = Place(f"{address}:{server.server_port}", requests)
    handle = make(place.authority)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()


@cache
def wheel(name: str, version: str, tag: str = "py3-none-any") -> bytes:
    """A small wheel that can be installed."""
    fields = (("Requires-Python", ">=3.9"),)
    return make_wheel(name, version, tag=tag, metadata=metadata_bytes(name, version, fields=fields))


@cache
def sdist(name: str, version: str) -> bytes:
    """A small source archive."""
    return make_sdist(name, version)


def sha256(body: bytes) -> str:
    """Its digest, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def forge(authority: str) -> Handle:
    """Releases of ``acme/lark`` as GitHub's API tells them, in pages; a draft and a pre-release among them."""
    versions = [f"1.{minor}" for minor in range(12)]
    releases = [_release(authority, number, version) for number, version in enumerate(versions, 1)]
    releases[-1] |= {"prerelease": True}
    releases.append(_release(authority, 99, "9.9") | {"draft": True})
    releases.reverse()

    def handle(path: str, query: Mapping[str, str]) -> Answer:
        if path == "/repos/acme/lark/releases":
            page, size = int(query.get("page", 1)), int(query.get("per_page", 30))
            size = min(size, _PER_PAGE)
            shown = releases[(page - 1) * size : page * size]
            more = f'<http://{authority}{path}?per_page={size}&page={page + 1}>; rel="next"'
            headers = (("Link", more),) if page * size < len(releases) else ()
            return Answer(json.dumps(shown).encode(), "application/json", headers=headers)
        if path.startswith("/acme/lark/releases/download/"):
            return Answer(_asset(path.rpartition("/")[2]))
        return NOT_FOUND

    return handle


def _asset(filename: str) -> bytes:
    version = filename.split("-")[1].removesuffix(".tar.gz")
    return wheel("lark", version) if filename.endswith(".whl") else sdist("lark", version)


def _release(authority: str, number: int, version: str) -> dict[str, object]:
    names = (f"lark-{version}-py3-none-any.whl", f"lark-{version}.tar.gz")
    at = f"2024-{(number - 1) % 12 + 1:02}-01T10:00:00Z"
    return {
        "id": number,
        "tag_name": f"v{version}",
        "name": f"lark {version}",
        "draft": False,
        "prerelease": False,
        "created_at": at,
        "published_at": at,
        "assets": [
            {
                "id": 100 * number + place,
                "name": name,
                "state": "uploaded",
                "size": len(_asset(name)),
                "digest": f"sha256:{sha256(_asset(name))}",
                "created_at": at,
                "updated_at": at,
                "url": f"http://{authority}/repos/acme/lark/releases/assets/{100 * number + place}",
                "browser_download_url": f"http://{authority}/acme/lark/releases/download/v{version}/{name}",
            }
            for place, name in enumerate(names)
        ],
    }


def flat_page(authority: str) -> Handle:  # noqa: ARG001 - every place is told
    """A vendor's page of wheels of several projects, and their SHA256SUMS beside it."""
    files = {
        f"{name}-{version}-py3-none-any.whl": wheel(name, version)
        for name in ("wren", "robin", "dunnock")
        for version in ("2.0", "2.1", "2.2")
    }
    sums = "".join(f"{sha256(body)}  {name}\n" for name, body in files.items())
    links = "".join(f'<a href="{name}">{name}</a><br>\n' for name in [*files, "SHA256SUMS"])
    page = f"<!DOCTYPE html><html><head><title>wheels</title></head><body>\n{links}</body></html>\n"

    def handle(path: str, query: Mapping[str, str]) -> Answer:  # noqa: ARG001
        name = path.removeprefix("/wheels/")
        if path == "/wheels/":
            return Answer(page.encode(), "text/html; charset=utf-8")
        if name == "SHA256SUMS":
            return Answer(sums.encode(), "text/plain")
        return Answer(files[name]) if name in files else NOT_FOUND

    return handle


def large_index(authority: str) -> Handle:  # noqa: ARG001 - every place is told
    """An index with folders for each accelerator, thousands of wheels in each, and local versions."""
    folders = {folder: _owls(folder) for folder in ("cpu", "cu126")}

    def handle(path: str, query: Mapping[str, str]) -> Answer:  # noqa: ARG001
        parts = [part for part in path.split("/") if part]
        if len(parts) < 2 or parts[0] != "whl" or parts[1] not in folders:  # noqa: PLR2004
            return NOT_FOUND
        owls = folders[parts[1]]
        match parts[2:]:
            case []:
                return Answer(b'<!DOCTYPE html><a href="owl/">owl</a><br>', "text/html")
            case ["owl"]:
                return Answer(_owl_page(parts[1], owls).encode(), "text/html")
            case [name] if name in owls:
                return Answer(owls[name]())
        return NOT_FOUND

    return handle


def _owls(folder: str) -> dict[str, Callable[[], bytes]]:
    tags = [
        f"cp3{minor}-cp3{minor}{suffix}-{platform}"
        for minor in (9, 10, 11, 12, 13)
        for suffix in ("", "t")
        for platform in ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "win_amd64", "macosx_11_0_arm64")
    ]
    versions = [f"2.{minor}.{patch}+{folder}" for minor in range(25) for patch in (0, 1)]
    return {
        f"owl-{version}-{tag}.whl": partial(wheel, "owl", version, tag)
        for version in versions
        for tag in tags
    }


def _owl_page(folder: str, owls: Mapping[str, Callable[[], bytes]]) -> str:
    links = (
        f'<a href="/whl/{folder}/{quote(name)}#sha256={sha256(make())}" data-requires-python="&gt;=3.9">{name}</a><br/>\n'
        for name, make in owls.items()
    )
    return f"<!DOCTYPE html>\n<html><body><h1>Links for owl</h1>\n{''.join(links)}</body></html>\n"


def old_home_page(authority: str) -> Handle:  # noqa: ARG001 - every place is told
    """The home page of ``finch`` as it was written in 2005, and not touched since."""
    files = {f"finch-{version}.tar.gz": sdist("finch", version) for version in ("0.7", "0.8", "0.9")}
    md5 = hashlib.md5(files["finch-0.9.tar.gz"], usedforsecurity=False).hexdigest()
    page = f"""<HTML><HEAD><TITLE>Finch!</TITLE></HEAD>
<BODY BGCOLOR=#FFFFFF><CENTER><H1>Finch</H1></CENTER>
<!-- <A HREF="finch-0.8.tar.gz">0.8 was not so good</A> -->
<TABLE BORDER=1><TR><TH>Download<TD><A HREF=finch-0.9.tar.gz#md5={md5}>the newest</A>
<TR><TH>Windows<TD><A HREF="finch-0.9.win32-py2.4.exe">installer</A>, <A HREF='finch-0.9-py2.4.egg'>egg</A></TABLE>
<P>Older: <A HREF="old/finch-0.7.tar.gz">0.7</A>. Development: <A HREF="svn/trunk#egg=finch-dev">subversion</A>.
<P><A HREF="links.html">My links</A>, <A HREF="mailto:me@example.org">mail me</A>
</BODY></HTML>
""".encode("latin-1")

    def handle(path: str, query: Mapping[str, str]) -> Answer:  # noqa: ARG001
        if path == "/~me/finch/":
            return Answer(page, "text/html")
        name = path.rpartition("/")[2]
        return Answer(files[name], "application/x-gzip") if name in files else NOT_FOUND

    return handle
