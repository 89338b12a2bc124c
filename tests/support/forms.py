"""Forms as uploading clients write them on the wire: well, and with everything that can be wrong with them."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from homeport.domain.names import FileKind, parse_filename

BOUNDARY = "--------------the-boundary"

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class FilePart:
    """A file in a form."""

    filename: str
    data: bytes
    name: str = "content"


def upload_fields(filename: str, data: bytes, **changes: str | None) -> list[tuple[str, str]]:
    """What twine sends beside a file; ``changes`` replace, join or (``None``) remove fields."""
    parsed = parse_filename(filename)
    fields: dict[str, str | None] = {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": parsed.project,
        "version": parsed.version.text,
        "filetype": parsed.kind.value,
        "pyversion": "source" if parsed.kind is FileKind.SDIST else "py3",
        "md5_digest": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "sha256_digest": hashlib.sha256(data).hexdigest(),
        "blake2_256_digest": hashlib.blake2b(data, digest_size=32).hexdigest(),
    }
    fields |= {":action" if name == "action" else name: value for name, value in changes.items()}
    return [(name, value) for name, value in fields.items() if value is not None]


def multipart(fields: Pairs, files: Iterable[FilePart] = (), *, newline: bytes = b"\r\n") -> bytes:
    """The body; with ``newline`` a bare LF as distutils registers, otherwise as everyone else does."""
    lines = []
    for name, value in fields:
        lines += [
            b"--" + BOUNDARY.encode(),
            f'Content-Disposition: form-data; name="{name}"'.encode(),
            b"",
            value.encode(),
        ]
    for file in files:
        disposition = f'Content-Disposition: form-data; name="{file.name}"; filename="{file.filename}"'
        lines += [b"--" + BOUNDARY.encode(), disposition.encode(), b"", file.data]
    return newline.join([*lines, f"--{BOUNDARY}--".encode(), b""])


def form_headers(token: str) -> dict[str, str]:
    """The header fields of such a body, with the sender's token."""
    return basic("__token__", token) | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def basic(user: str, password: str) -> dict[str, str]:
    """Credentials as every client sends them."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
