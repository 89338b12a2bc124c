"""The outside of the pictures, on loopback: a web site over TLS, an old one over plain HTTP; what they offer, by code."""

import base64
import csv
import gzip
import hashlib
import http.server
import io
import ssl
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROJECT = "skylark"
PLAIN_PORT, TLS_PORT = 8080, 8443
# Where webhooks are sent: it takes everything but what it does not understand.
HOOKS = "/hooks/ci"
_TOO_NEW = b"deprecated"
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
    port = TLS_PORT if certificate else PLAIN_PORT
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Site)
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

    def do_POST(self) -> None:
        """A receiver of webhooks, which has a bad day as well."""
        told = self.rfile.read(int(self.headers["content-length"]))
        status, said = (503, b"Back soon.") if _TOO_NEW in told else (202, b'{"queued": true}')
        self.send_response(status)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


def make_wheel(
    name: str,
    version: str,
    *,
    forgets_a_file: bool = False,
    needs: str = "Requires-Python: >=3.9\n",
    files: Mapping[str, bytes] = {},
) -> bytes:
    """A wheel; one that forgets a file in RECORD is rejected."""
    info = f"{name}-{version}.dist-info"
    metadata = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {SUMMARIES[name]}\n"
        "Home-page: https://example.org/\nProject-URL: Source, https://example.org/source\n"
        f"License: MIT\n{needs}\n{DESCRIPTION}"
    )
    contents = {
        f"{name}/__init__.py": b"def listen(recording):\n    return 'Alauda arvensis'\n" * 400,
        **files,
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


def release_again(name: str) -> str:
    """The page of ``name`` offers one more version, which needs more, has one file more, and one that is another; its file."""
    needs = "Requires-Python: >=3.10\nRequires-Dist: goldcrest >=1.2\nRequires-Dist: certifi\n"
    files = {
        f"{name}/__init__.py": b"from .branches import climb\n",
        f"{name}/branches.py": b"climb = print\n",
    }
    filename = f"{name}-1.3-py3-none-any.whl"
    PAGES[f"/{name}/"] = _page(f"{name}-1.2-py3-none-any.whl", filename)
    PAGES[f"/{name}/{filename}"] = _file(make_wheel(name, "1.3", needs=needs, files=files))
    return filename


@contextmanager
def serving(server: http.server.ThreadingHTTPServer) -> Iterator[None]:
    """``server`` answers while this lasts."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
