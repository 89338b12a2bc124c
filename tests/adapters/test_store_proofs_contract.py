"""The contract of ``ports.proofs``: sightings, signers and origin records, by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tests.support.world import real_world

from homeport.adapters.db.proofs import SqlProofs
from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.origin_record import OriginRecord
from homeport.domain.sighting import Sighting
from homeport.domain.signature import SigningIdentity, SigningKey
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
URL = "https://a.test/f"
SEEN = Sighting(URL, "a" * 64, "a.test", is_tls=True, first_at=NOW, last_at=NOW)
KEY = SigningKey("ab" * 20, "-----BEGIN", "ada", NOW, ("Ada <ada@example.org>",))
IDENTITY = SigningIdentity("https://i.test", "https://f.test/o/r", "release.yml", "", "ada", NOW)
SHA256 = Sha256.of(b"bytes")


@pytest.fixture
def projects(store: Store) -> tuple[int, int]:
    """Two projects."""
    with store.write() as tx:
        one, two = (
            tx.projects.add(ProjectName.parse(name), HostingMode.ONLY, NOW) for name in ("one", "two")
        )
        return one.id, two.id


def test_sightings(store: Store, projects: tuple[int, int]) -> None:
    """A sighting keeps when it was first made; other bytes, hosts, ways, URLs and projects have their own."""
    one, two = projects
    later = replace(SEEN, first_at=LATER, last_at=LATER)
    others = [replace(later, sha256="b" * 64), replace(later, host="b.test"), replace(later, is_tls=False)]
    with store.write() as tx:
        tx.proofs.see(one, SEEN)
        for sighting in (later, *others, replace(later, url="https://a.test/g")):
            tx.proofs.see(one, sighting)
    with store.read() as tx:
        first, *rest = tx.proofs.sightings(one, URL)
        assert first == replace(SEEN, last_at=LATER)
        assert sorted(rest, key=repr) == sorted(others, key=repr)
        assert list(tx.proofs.sightings(two, URL)) == []
        assert list(tx.proofs.seen_since(one, LATER)) == []
        since = list(tx.proofs.seen_since(one, NOW))
        assert [sighting for sighting in since if sighting.url == URL] == [first, *rest]
        assert [sighting.url for sighting in since if sighting.url != URL] == ["https://a.test/g"]
        assert list(tx.proofs.seen_since(two, NOW)) == []


def test_keys(store: Store, projects: tuple[int, int]) -> None:
    """Keys are listed oldest first; a newer copy takes the place of the one before; each project has its own."""
    one, two = projects
    second = replace(KEY, fingerprint="cd" * 20, at=LATER, user_ids=())
    newer = replace(KEY, armoured="newer", by="bob")
    with store.write() as tx:
        for key in (second, KEY, newer):
            tx.proofs.put_key(one, key)
        assert list(tx.proofs.keys(one)) == [newer, second]
        assert list(tx.proofs.keys(two)) == []
        assert not tx.proofs.remove_key(two, KEY.fingerprint)
        assert tx.proofs.remove_key(one, KEY.fingerprint)
        assert not tx.proofs.remove_key(one, KEY.fingerprint)
        assert list(tx.proofs.keys(one)) == [second]


def test_identities(store: Store, projects: tuple[int, int]) -> None:
    """An identity is named once in each project, and known again whoever named it."""
    one, two = projects
    person = SigningIdentity("https://i.test", subject="ada@example.org", by="ada", at=LATER)
    with store.write() as tx:
        assert tx.proofs.add_identity(one, IDENTITY)
        assert not tx.proofs.add_identity(one, replace(IDENTITY, by="bob", at=LATER))
        assert tx.proofs.add_identity(one, person)
        assert tx.proofs.add_identity(two, IDENTITY)
        assert list(tx.proofs.identities(one)) == [IDENTITY, person]
        assert tx.proofs.remove_identity(one, replace(IDENTITY, by="", at=None))
        assert not tx.proofs.remove_identity(one, IDENTITY)
        assert list(tx.proofs.identities(one)) == [person]
        assert list(tx.proofs.identities(two)) == [IDENTITY]


def test_origins(store: Store, projects: tuple[int, int]) -> None:
    """The newest record of a file with these bytes is told, as it was written."""
    one, two = projects
    with store.write() as tx:
        for body in (b"{}", b'{"a":"\xc3\xa9"}'):
            tx.proofs.add_origin(one, OriginRecord("f.whl", SHA256, NOW, body))
        tx.proofs.add_origin(one, OriginRecord("g.whl", SHA256, NOW, b"[]"))
    with store.read() as tx:
        assert tx.proofs.origin(one, "f.whl", SHA256) == b'{"a":"\xc3\xa9"}'
        assert tx.proofs.origin(one, "g.whl", SHA256) == b"[]"
        assert tx.proofs.origin(two, "f.whl", SHA256) is None
        assert tx.proofs.origin(one, "f.whl", Sha256.of(b"other")) is None


@pytest.mark.parametrize("statement", ["UPDATE origins SET record = x'00'", "DELETE FROM origins"])
def test_records_are_never_changed(tmp_path: Path, statement: str) -> None:
    """The database itself refuses to change a record, or to forget it."""
    with real_world(tmp_path) as real:
        with real.store.write() as tx:
            project = tx.projects.add(ProjectName.parse("one"), HostingMode.ONLY, NOW)
            tx.proofs.add_origin(project.id, OriginRecord("f.whl", SHA256, NOW, b"{}"))
        with real.store.write() as tx:
            assert isinstance(tx.proofs, SqlProofs)
            connection = tx.proofs._connection
            with pytest.raises(IntegrityError, match="append-only"):
                connection.execute(text(statement))
        with real.store.read() as tx:
            assert tx.proofs.origin(project.id, "f.whl", SHA256) == b"{}"
