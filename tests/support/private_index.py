"""An index with one project that may be private, people who may read it or not, and what they must be told."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.support.asgi import Reply, call
from tests.support.hot_reads import NOW, DictReads, hot_app

from homeport.domain.account import Caller, Scope, Token, User, token_digest, token_text
from homeport.domain.errors import Unauthenticated
from homeport.domain.project import Role
from homeport.ports.reads import StoredMetadata

NAME = "demo-1.0-py3-none-any.whl"
CONTENT = b"many bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PAGE, FILE, METADATA = "/simple/demo/", f"/files/{SHA256}/{NAME}", f"/files/{SHA256}/{NAME}.metadata"
RECORD = f"/files/{SHA256}/{NAME}.origin"
OF_PROJECT = [PAGE, FILE, METADATA, RECORD]
PASSWORDS = {
    "ada": "a long password",
    "bob": "another: password",
    "root": "an administrator's word",
    "eve": "eve's password",
}
USERS = {
    name: User(number, name, f"{name}@example.org", name == "root")
    for number, name in enumerate(PASSWORDS, 1)
}


@dataclass
class Index:
    """An index with a project ``demo``, private or not, whose members are ada and bob; root administers, eve is nobody."""

    reads: DictReads
    must_sign_in: bool = False
    tokens: int = 0

    def ask(
        self, target: str = PAGE, headers: dict[str, str] | None = None, *, method: str = "GET", **more: str
    ) -> Reply:
        """One request; ``more`` are fields as well."""
        app = hot_app(self.reads, sign_in=sign_in, must_sign_in=self.must_sign_in)
        return call(app, target, (headers or {}) | more, method=method)

    def token(
        self,
        name: str,
        *scopes: Scope,
        projects: tuple[str, ...] = (),
        lasts: timedelta | None = None,
    ) -> dict[str, str]:
        """The fields of a token of that person, to read unless told otherwise."""
        self.tokens += 1
        text = token_text(self.tokens.to_bytes(32, "big"))
        ends = None if lasts is None else NOW + lasts
        chosen = frozenset(scopes or (Scope.READ,))
        token = Token(self.tokens, name, chosen, frozenset(projects), NOW, ends)
        digest = token_digest(text)
        assert digest is not None
        self.reads.callers[digest.hex] = (Caller(USERS[name], token), ends)
        return basic("__token__", text)


def sign_in(name: str, password: str, address: str = "") -> Caller:
    """Who has that password."""
    if PASSWORDS.get(name) != password:
        raise Unauthenticated("The user name or password is not known here.", code="credentials-wrong")
    return Caller(USERS[name])


def basic(name: str, password: str) -> dict[str, str]:
    """Basic credentials."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def with_password(name: str) -> dict[str, str]:
    """The credentials of somebody with a password."""
    return basic(name, PASSWORDS[name])


def make(folder: Path, *, is_private: bool, must_sign_in: bool) -> Index:
    """An index with one project."""
    reads = DictReads()
    path = folder / "blob"
    path.write_bytes(CONTENT)
    reads.add_list(b'{"projects":["public"]}', b"<!DOCTYPE html>", serial=9)
    reads.add_project("demo", b'{"name":"demo"}', b"<!DOCTYPE html>demo", is_private=is_private)
    reads.add_file(path, NAME, is_private=is_private)
    reads.metadata[SHA256, NAME] = StoredMetadata(b"Name: demo\n", "demo", is_private)
    reads.origins[SHA256, NAME] = StoredMetadata(b'{"project":"demo"}', "demo", is_private)
    reads.roles = {(USERS["ada"].id, "demo"): Role.OWNER, (USERS["bob"].id, "demo"): Role.READER}
    return Index(reads, must_sign_in)


def require_challenge(reply: Reply) -> None:
    """What a client must be given so that it sends its credentials, and nothing that any cache keeps."""
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == 'Basic realm="pypi"', "R16"
    assert "no-store" in reply.headers["cache-control"], "S05"
    assert "access-control-allow-origin" not in reply.headers
    assert reply.headers["content-type"].startswith("text/plain")
    assert SHA256.encode() not in reply.body
    assert b"demo" not in reply.body


def require_for_one_only(reply: Reply) -> None:
    """What is given to somebody is for nobody else (S05)."""
    control = reply.headers["cache-control"].split(", ")
    assert control[0] == "private"
    assert "public" not in control
    assert "Authorization" in reply.headers["vary"].split(", ")
    assert "access-control-allow-origin" not in reply.headers
