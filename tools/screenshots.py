"""``make screenshots``: pictures of the pages, taken by a headless browser of a running Homeport.

1. The product is what ``homeport serve`` starts, with a home of its own; the outside is a web site on loopback, over
   TLS, and an old one over plain HTTP. Files are found, fetched, inspected and published by the worker.
2. Signed-in pages are reached through a relay that adds the session's cookie, because a browser that takes one
   picture cannot sign in first.
"""

import base64
import csv
import gzip
import hashlib
import http.client
import http.server
import io
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import State
from homeport.flows.change_status import change_status
from homeport.flows.manage_project import add_source, create_project
from homeport.flows.rehost import review
from homeport.flows.rehost.start import start_plan
from homeport.flows.sessions import open_session
from homeport.flows.sign_in import add_user
from homeport.flows.yank import yank
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world, prepare

BIN = Path(sys.executable).parent
IMAGES = Path(__file__).parents[1] / "docs" / "images"
PROJECT = "skylark"
START_SECONDS, WORK_SECONDS = 30.0, 60.0
SUMMARIES = {
    "skylark": "Sings at heaven's gate: parsing of bird calls",
    "goldcrest": "A very small HTTP client",
    "treecreeper": "Walks trees upwards, one level at a time",
}
DESCRIPTION = """skylark
=======

Reads recordings of bird calls and names the bird.

    >>> import skylark
    >>> skylark.listen("dawn.wav")
    'Alauda arvensis'
"""


@dataclass(frozen=True)
class Shot:
    """One picture: what it is called, what of, and how large the window is."""

    name: str
    path: str
    width: int = 1200
    height: int = 900
    is_dark: bool = False


def main() -> int:
    """Start everything, fill it, and take the pictures."""
    missing = [name for name in ("chromium", "openssl") if not shutil.which(name)]
    if missing:
        print(f"Install first: apt-get install -y {' '.join(missing)}")
        return 3
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="homeport-pictures-") as name:
        folder = Path(name)
        certificate = make_certificate(folder)
        with site(certificate) as tls_port, site(None) as plain_port:
            allow = f"127.0.0.0/8:{tls_port},127.0.0.0/8:{plain_port}"
            with homeport(folder, allow, certificate) as world:
                tell_the_story(world, folder, tls_port, plain_port)
    return 0


def tell_the_story(world: World, folder: Path, tls_port: int, plain_port: int) -> None:
    """Fill the index step by step, and take each picture when there is something to see."""
    with relay(world, "") as base:
        take(folder, base, Shot("empty", "/", height=980))
    ada = add_user(world, "ada", "ada@example.org", "correct horse battery staple", is_admin=True)
    me = Caller(ada)
    for name in SUMMARIES:
        create_project(world, ada, name, HostingMode.CACHE)
    for name in list(SUMMARIES)[1:]:
        add_source(world, me, name, "homepage", f"https://localhost:{tls_port}/{name}/")
        publish_all(world, me, name)
    add_source(world, me, PROJECT, "homepage", f"https://localhost:{tls_port}/{PROJECT}/")
    add_source(world, me, PROJECT, "download", f"http://127.0.0.1:{plain_port}/old/")
    plan = start_plan(world, me, PROJECT)
    wait_for(world, me, plan.id, State.PLANNED)
    review_path = f"/manage/rehosts/{plan.id}"
    with relay(world, open_session(world, ada)) as base:
        take(folder, base, Shot("review", review_path, height=1250))
        take(folder, base, Shot("review-dark", review_path, height=1250, is_dark=True))
        take(folder, base, Shot("review-phone", review_path, width=390, height=1600))
        take(folder, base, Shot("inbox", "/manage/", height=1100))
        take(folder, base, Shot("hosting", f"/manage/projects/{PROJECT}/", height=1400))
        accept(world, me, plan.id)
        take(folder, base, Shot("published", review_path, height=1200))
        yank(world, me, PROJECT, "2.0", reason="It names larks where swifts are: use 2.1.")
        change_status(world, me, PROJECT, ProjectStatus.DEPRECATED, "Its author moved on to nightingales.")
        releases_path = f"/manage/projects/{PROJECT}/releases/"
        take(folder, base, Shot("releases", releases_path, height=1500))
        take(folder, base, Shot("releases-phone", releases_path, width=390, height=1800))
        take(folder, base, Shot("project", f"/project/{PROJECT}/", height=1100))
    with relay(world, "") as base:
        take(folder, base, Shot("home", "/", height=980))
        take(folder, base, Shot("project-dark", f"/project/{PROJECT}/", height=1100, is_dark=True))
        take(folder, base, Shot("project-phone", f"/project/{PROJECT}/", width=390, height=1200))
        take(folder, base, Shot("sign-in", "/sign-in/", height=640))


def publish_all(world: World, me: Caller, name: str) -> None:
    """Plan, accept and wait."""
    plan = start_plan(world, me, name)
    wait_for(world, me, plan.id, State.PLANNED)
    accept(world, me, plan.id)


def accept(world: World, me: Caller, rehost_id: int) -> None:
    """Accept what can be as it stands, and wait until it is hosted."""
    shown = review.show_rehost(world, me, rehost_id)
    review.accept(world, me, rehost_id, review.Choice(shown.digest, Basis.AUTHOR))
    wait_for(world, me, rehost_id, State.PUBLISHED)


def wait_for(world: World, me: Caller, rehost_id: int, state: State) -> None:
    """Return when the worker brought the rehost to ``state``."""
    deadline = time.monotonic() + WORK_SECONDS
    while (rehost := review.show_rehost(world, me, rehost_id).rehost).state is not state:
        if time.monotonic() > deadline or rehost.state is State.FAILED:
            raise SystemExit(f"Rehost {rehost_id} is {rehost.state}, not {state}: {rehost.problem}")
        time.sleep(0.1)


def make_certificate(folder: Path) -> Path:
    """A key and a certificate for ``localhost``, good for a day."""
    file = folder / "site.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "1",
                "-subj",
                "/CN=localhost",
            ),
            *(
                "-addext",
                "subjectAltName=DNS:localhost",
                "-keyout",
                str(file),
                "-out",
                str(folder / "cert.pem"),
            ),
        ],
        check=True,
        capture_output=True,
    )
    file.write_bytes(file.read_bytes() + (folder / "cert.pem").read_bytes())
    return file


@contextmanager
def site(certificate: Path | None) -> Iterator[int]:
    """The outside's web site on loopback, over TLS when there is a certificate; yields its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        yield server.server_port


class Site(http.server.BaseHTTPRequestHandler):
    """Answers from ``PAGES``; what is told to be down is down."""

    def do_GET(self) -> None:
        """One file, page, redirect, or a bad day."""
        status, headers, body = PAGES.get(self.path, (404, {"content-type": "text/html"}, b"<p>Not here."))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


def make_wheel(name: str, version: str, *, forgets_a_file: bool = False) -> bytes:
    """A wheel; one that forgets a file in RECORD is rejected."""
    info = f"{name}-{version}.dist-info"
    metadata = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {SUMMARIES[name]}\n"
        "Home-page: https://example.org/\nProject-URL: Source, https://example.org/source\n"
        f"License: MIT\nRequires-Python: >=3.9\n\n{DESCRIPTION}"
    )
    contents = {
        f"{name}/__init__.py": b"def listen(recording):\n    return 'Alauda arvensis'\n" * 400,
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = io.StringIO()
    lines = csv.writer(record, lineterminator="\n")
    for path, data in list(contents.items())[forgets_a_file:]:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.writerow([path, f"sha256={digest}", len(data)])
    lines.writerow([f"{info}/RECORD", "", ""])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in {**contents, f"{info}/RECORD": record.getvalue().encode()}.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 5, 1, 8, 0, 0)), data)
    return file.getvalue()


def make_sdist(name: str, version: str) -> bytes:
    """An sdist, as an old one is."""
    contents = {
        "PKG-INFO": f"Metadata-Version: 1.1\nName: {name}\nVersion: {version}\nSummary: {SUMMARIES[name]}\n",
        "setup.py": f"from setuptools import setup\nsetup(name={name!r}, version={version!r})\n",
        f"{name}.py": "def listen(recording):\n    return 'Alauda arvensis'\n" * 300,
    }
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for path, text in contents.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0)


Answer = tuple[int, Mapping[str, str], bytes]


def _page(*links: str) -> Answer:
    anchors = "".join(f'<li><a href="{link}">{link}</a>' for link in links)
    return 200, {"content-type": "text/html"}, f"<!doctype html><h1>Downloads</h1><ul>{anchors}</ul>".encode()


def _file(body: bytes) -> Answer:
    return 200, {"content-type": "application/octet-stream"}, body


def _pages() -> dict[str, Answer]:
    wheel, sdist = make_wheel(PROJECT, "2.1"), make_sdist(PROJECT, "2.0")
    pages = {
        f"/{PROJECT}/": _page(
            f"skylark-2.1-py3-none-any.whl#sha256={hashlib.sha256(wheel).hexdigest()}",
            "skylark-2.0.tar.gz",
            f"skylark-1.5.tar.gz#md5={'0' * 32}",
            "skylark-1.4-py3-none-any.whl",
            "skylark-1.3.tar.gz",
            "skylark-0.9-py2.7.egg",
            "nightingale-7.0.tar.gz",
            "robin-1.0.tar.gz",
        ),
        "/old/": _page("skylark-1.0.tar.gz"),
        f"/{PROJECT}/skylark-2.1-py3-none-any.whl": _file(wheel),
        f"/{PROJECT}/skylark-2.0.tar.gz": (302, {"location": "/mirror/skylark-2.0.tar.gz"}, b""),
        "/mirror/skylark-2.0.tar.gz": _file(sdist),
        f"/{PROJECT}/skylark-1.5.tar.gz": _file(make_sdist(PROJECT, "1.5")),
        f"/{PROJECT}/skylark-1.4-py3-none-any.whl": _file(make_wheel(PROJECT, "1.4", forgets_a_file=True)),
        f"/{PROJECT}/skylark-1.3.tar.gz": (503, {"content-type": "text/plain"}, b"Back soon."),
        "/old/skylark-1.0.tar.gz": _file(make_sdist(PROJECT, "1.0")),
    }
    for name in list(SUMMARIES)[1:]:
        pages[f"/{name}/"] = _page(f"{name}-1.2-py3-none-any.whl")
        pages[f"/{name}/{name}-1.2-py3-none-any.whl"] = _file(make_wheel(name, "1.2"))
    return pages


PAGES = _pages()


@contextmanager
def homeport(folder: Path, allow: str, certificate: Path) -> Iterator[World]:
    """A running Homeport, and the world it lives in."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOMEPORT_")} | {
        "HOMEPORT_HOME": str(folder / "home"),
        "HOMEPORT_PORT": str(free_port()),
        "HOMEPORT_OUTSIDE_ALLOW": allow,
        "HOMEPORT_OUTSIDE_CA": str(certificate.with_name("cert.pem")),
    }
    settings = read_settings(environment, folder)
    prepare(settings)
    world = open_world(settings)
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen([BIN / "homeport", "serve", "--quiet"], env=environment, stderr=log)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_up(settings.serve.port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"Homeport did not start: {(folder / 'log').read_text()}")
                time.sleep(0.05)
            yield world
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_up(port: int) -> bool:
    """True when something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def relay(world: World, secret: str) -> Iterator[str]:
    """The index as somebody who is signed in sees it; yields its address."""
    host = world.base_url.removeprefix("http://")

    class Relay(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            connection = http.client.HTTPConnection(host, timeout=30)
            headers = {"accept": "text/html", "cookie": f"homeport={secret}"}
            connection.request("GET", self.path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() in {"content-type", "content-security-policy", "location"}:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def serving(server: http.server.ThreadingHTTPServer) -> Iterator[None]:
    """``server`` answers while this lasts."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def take(folder: Path, base: str, shot: Shot) -> None:
    """Take one picture with a browser that knows nothing from before."""
    target = IMAGES / f"{shot.name}.png"
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        subprocess.run(
            [
                *(
                    "chromium",
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                ),
                *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
                *("--hide-scrollbars", f"--user-data-dir={profile}", f"--screenshot={target}"),
                f"--window-size={shot.width},{shot.height}",
                f"--blink-settings=preferredColorScheme={0 if shot.is_dark else 1}",
                base + shot.path,
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    print(f"docs/images/{target.name}")


if __name__ == "__main__":
    sys.exit(main())
