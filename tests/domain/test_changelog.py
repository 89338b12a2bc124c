"""The ledger's entries in the words of PyPI's changelog."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest

from homeport.domain.canonical import Plain
from homeport.domain.changelog import TOLD, UNTOLD, Change, change_of, written_at
from homeport.domain.ledger import GENESIS, Entry, Kind, seal

AT = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


def told(kind: Kind, details: Mapping[str, Plain], project: str = "demo") -> Change | None:
    """What mirrors are told of such an entry."""
    return change_of(seal(Entry(7, AT, kind, "ada", project, details), GENESIS))


@pytest.mark.parametrize(
    ("kind", "details", "version", "actions"),
    [
        (Kind.PROJECT_CREATED, {"name": "Demo", "mode": "pypi-only"}, "", ("create",)),
        (Kind.ROLE_GRANTED, {"user": "bob", "role": "owner"}, "", ("add Owner bob",)),
        (Kind.ROLE_GRANTED, {"user": "eve", "role": "maintainer"}, "", ("add Maintainer eve",)),
        (Kind.ROLE_GRANTED, {"user": "zoe", "role": "reader"}, "", ("update readers",)),
        (Kind.MODE_CHANGED, {"from": "pypi-ext", "to": "pypi-only"}, "", ("update hosting_mode",)),
        (Kind.SOURCE_ADDED, {"kind": "homepage", "url": "https://example.org"}, "", ("update sources",)),
        (Kind.STANDING_CONSENT_GIVEN, {"hosts": ["example.org"]}, "", ("update standing consent",)),
        (Kind.RELEASE_REGISTERED, {"version": "1.0-RC1"}, "1.0rc1", ("new release",)),
        (Kind.RELEASE_REGISTERED, {"version": "Early_Alpha"}, "early_alpha", ("new release",)),
        (
            Kind.FILE_PUBLISHED,
            {"version": "1.0", "filename": "demo-1.0-py3-none-any.whl"},
            "1.0",
            ("add py3 file demo-1.0-py3-none-any.whl",),
        ),
        (
            Kind.FILE_PUBLISHED,
            {"version": "1.0", "filename": "demo-1.0.tar.gz"},
            "1.0",
            ("add source file demo-1.0.tar.gz",),
        ),
        (
            Kind.LINKS_LISTED,
            {"links": ["https://a.example/1", "https://b.example/2"]},
            "",
            ("add url https://a.example/1", "add url https://b.example/2"),
        ),
        (Kind.LINKS_LISTED, {"links": []}, "", ("update urls",)),
        (Kind.ROLE_REVOKED, {"user": "ada", "role": "owner"}, "", ("remove Owner ada",)),
        (Kind.ROLE_REVOKED, {"user": "ada", "role": "reader"}, "", ("update readers",)),
        (
            Kind.FILE_REMOVED,
            {"version": "1.0", "filename": "demo-1.0.tar.gz"},
            "1.0",
            ("remove file demo-1.0.tar.gz",),
        ),
        (Kind.RELEASE_YANKED, {"version": "1.0", "files": [], "reason": "bad"}, "1.0", ("yank release",)),
        (Kind.RELEASE_UNYANKED, {"version": "1.0", "files": [], "reason": ""}, "1.0", ("unyank release",)),
        (Kind.STATUS_CHANGED, {"from": "active", "to": "quarantined"}, "", ("project quarantined",)),
        (Kind.STATUS_CHANGED, {"from": "quarantined", "to": "active"}, "", ("project quarantine cleared",)),
        (Kind.STATUS_CHANGED, {"from": "active", "to": "archived"}, "", ("project marked archived",)),
        (Kind.VISIBILITY_CHANGED, {"private": True}, "", ("project made private",)),
        (Kind.VISIBILITY_CHANGED, {"private": False}, "", ("project made public",)),
    ],
)
def test_s12_what_is_told(
    kind: Kind, details: dict[str, Plain], version: str, actions: tuple[str, ...]
) -> None:
    """Every kind that changes what is read has its words, its version in normalized form, and its own moment."""
    assert told(kind, details) == Change(7, "demo", version, AT, actions)


@pytest.mark.parametrize("kind", sorted(UNTOLD))
def test_s12_what_is_not_told(kind: Kind) -> None:
    """What changes nothing that is read is not told, because no page would be as new as it."""
    assert told(kind, {}) is None


def test_s12_the_index_itself_is_not_told() -> None:
    """An entry of no project is not told, whatever its kind."""
    assert told(Kind.PROJECT_CREATED, {}, project="") is None


def test_every_kind_is_told_or_not() -> None:
    """Who adds a kind says whether mirrors are told of it."""
    assert TOLD.keys() | UNTOLD == set(Kind)
    assert not TOLD.keys() & UNTOLD


def test_moments_keep_their_zone() -> None:
    """An entry's moment is the one it was written with, in UTC."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert written_at(seal(Entry(1, elsewhere, Kind.PROJECT_CREATED, "ada", "", {}), GENESIS)) == AT
