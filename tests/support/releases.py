"""Releases that tests put on an index: pure wheels for every Python there ever was."""

import random

from tests.support.archives import make_wheel, metadata_bytes
from tests.support.index import Index

TAG = "py2.py3-none-any"


def wheel_name(project: str, version: str) -> str:
    """The name of a release's only file."""
    return f"{project}-{version}-{TAG}.whl"


def host(
    index: Index,
    token: str,
    project: str,
    *versions: str,
    needs: str = "",
    python: str = "",
    noise_bytes: int = 0,
) -> None:
    """Host one wheel for each version: one that ``needs`` another project, is for some ``python``, or is large."""
    wanted = (("Requires-Dist", needs), ("Requires-Python", python))
    fields = [(key, value) for key, value in wanted if value]
    noise = {f"{project}/noise.bin": random.Random(0).randbytes(noise_bytes)} if noise_bytes else {}  # noqa: S311 - no packing makes it smaller
    for version in versions:
        metadata = metadata_bytes(project, version, fields=fields)
        data = make_wheel(project, version, tag=TAG, metadata=metadata, files=noise)
        reply = index.upload(wheel_name(project, version), data, token)
        assert reply.status == 200, reply.text


def yank(index: Index, token: str, project: str, version: str, reason: str) -> None:
    """Yank a release."""
    reply = index.api("POST", f"/projects/{project}/releases/{version}/yank", token, reason=reason)
    assert reply.status == 200, reply.text


def unyank(index: Index, token: str, project: str, version: str) -> None:
    """Take the yank back."""
    reply = index.api("POST", f"/projects/{project}/releases/{version}/unyank", token)
    assert reply.status == 200, reply.text
