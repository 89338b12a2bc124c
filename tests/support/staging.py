"""Upload 2.0 as a client speaks it: it knows one address, and follows the links it is given."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.api_door import ApiDoor, Script, Told
from tests.support.archives import make_wheel
from tests.support.forms import BOUNDARY, FilePart, multipart, upload_fields
from tests.support.world import add_project, grant, real_world

from homeport.api.app import answering, api_routes
from homeport.domain.account import Scope
from homeport.domain.hosting import Policy
from homeport.domain.project import Project, Role
from homeport.ports.world import Limits

MEDIA_TYPE = "application/vnd.pypi.upload.v2+json"
META = {"api-version": "2.0"}
ROOT = "/upload/2.0/"


def wheel(version: str = "1.0", tag: str = "py3-none-any", project: str = "lark") -> tuple[str, bytes]:
    """A good wheel and its name."""
    return f"{project}-{version}-{tag}.whl", make_wheel(project, version, tag=tag)


def claim(filename: str, data: bytes, /, **changes: Any) -> dict[str, Any]:
    """What is announced of a file; ``changes`` replace or (``None``) remove keys."""
    values = {
        "filename": filename,
        "size": len(data),
        "hashes": {"sha256": hashlib.sha256(data).hexdigest(), "blake2b": hashlib.blake2b(data).hexdigest()},
        "mechanism": "http-post-bytes",
    } | changes
    return {key: value for key, value in values.items() if value is not None}


@dataclass
class Client:
    """Somebody with a token at the door of Upload 2.0."""

    door: ApiDoor
    headers: dict[str, str]
    session: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, url: str, **body: Any) -> Told:
        """One call with a document."""
        data = [json.dumps({"meta": META, **body}).encode()] if method == "POST" else []
        return self.raw(method, url, data, MEDIA_TYPE)

    def raw(self, method: str, url: str, script: Script, content_type: str) -> Told:
        """One call with whatever body."""
        headers = self.headers | ({"content-type": content_type} if script else {})
        parts = urlsplit(url)
        return self.door.ask(method, parts.path + (f"?{parts.query}" if parts.query else ""), script, headers)

    def create(self, name: str = "lark", version: str = "1.0") -> Told:
        """Open a session, and remember its links."""
        told = self.ask("POST", ROOT, name=name, version=version)
        if told.status == 201:
            self.session = told.json
        return told

    def status(self) -> dict[str, Any]:
        """The session as it stands."""
        told = self.ask("GET", self.session["links"]["session"])
        assert told.status == 200, told.text
        document: dict[str, Any] = told.json
        return document

    def add(self, filename: str, data: bytes, /, **changes: Any) -> Told:
        """Announce a file."""
        return self.ask("POST", self.session["links"]["upload"], **claim(filename, data, **changes))

    def send(self, file: dict[str, Any], *script: bytes) -> Told:
        """Send bytes of an announced file."""
        return self.raw("POST", file["mechanism"]["file_url"], script or [b""], "application/octet-stream")

    def complete(self, file: dict[str, Any]) -> Told:
        """Say that this was all of it."""
        return self.ask("POST", file["links"]["complete"])

    def stage(self, filename: str, data: bytes) -> dict[str, Any]:
        """Announce, send and complete a good file; its session."""
        added = self.add(filename, data)
        assert added.status == 202, added.text
        sent = self.send(added.json, data)
        assert sent.status == 200, sent.text
        completed = self.complete(added.json)
        assert completed.status == 201, completed.text
        document: dict[str, Any] = added.json
        return document

    def publish(self) -> Told:
        """Publish the session."""
        return self.ask("POST", self.session["links"]["publish"])

    def cancel(self) -> Told:
        """Cancel the session."""
        return self.ask("DELETE", self.session["links"]["session"])

    def legacy(self, filename: str, data: bytes) -> Told:
        """Upload by the protocol of old."""
        body = multipart(upload_fields(filename, data), [FilePart(filename, data)])
        headers = self.headers | {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self.door.ask("POST", "/legacy/", [body], headers)


@dataclass
class StagingDoor(ApiDoor):
    """The machine door of an index that takes stages."""

    def client(self, name: str) -> Client:
        """Somebody with a fresh token to upload."""
        return Client(self, self.token(name, Scope.UPLOAD))

    def hosted(self, project: str = "lark") -> dict[str, str]:
        """The sha256 of every file that the index hosts of a project."""
        with self.world.store.read() as tx:
            found = tx.projects.find(project)
            files = tx.files.of_project(found.id) if found else ()
        return {file.filename: file.digests.sha256.hex for file in files}


@contextmanager
def staging_door(
    folder: Path, policy: Policy | None = None, limits: Limits | None = None
) -> Iterator[StagingDoor]:
    """That door over a real store below ``folder``."""
    with real_world(folder) as real:
        wanted = replace(policy or Policy(), takes_stages=True)
        world = replace(real.world, policy=wanted, limits=limits or Limits())
        yield StagingDoor(world, answering(api_routes(world)), folder)


def add_member(door: StagingDoor, name: str, role: Role = Role.MAINTAINER) -> Client:
    """Somebody with a role in lark."""
    with door.world.store.read() as tx:
        project = tx.projects.find("lark")
    assert project
    grant(door.world, project, door.user(name), role)
    return door.client(name)


def owned(door: StagingDoor, name: str = "lark") -> Project:
    """A project of ada's that is there already."""
    return add_project(door.world, door.user("ada"), name)
