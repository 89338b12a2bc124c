"""Consent: when it holds, each reason for which it does not, and what a standing one covers."""

from dataclasses import replace
from itertools import product

import pytest
from tests.support.builders import NOW, PAGE, consent, item, project, standing

from homeport.domain.consent import (
    STATEMENT,
    STATEMENT_VERSION,
    Basis,
    Consent,
    StandingConsent,
    require_basis,
    require_live,
)
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, NeedsConsent
from homeport.domain.project import Project, ProjectStatus, Role

AGREED = item(7)
CONSENT = consent(AGREED, item(8, "demo-1.0.zip", content=b"other"))
THESE = Sha256.of(b"bytes")


@pytest.mark.parametrize(
    ("role", "status"),
    [*product([Role.OWNER, Role.MAINTAINER], [ProjectStatus.ACTIVE, ProjectStatus.DEPRECATED])],
)
def test_live(role: Role, status: ProjectStatus) -> None:
    """A consent to these bytes, by somebody who still maintains a project that takes files, holds."""
    assert require_live(CONSENT, 7, THESE, project(status=status), role) is CONSENT


@pytest.mark.parametrize(
    ("given_consent", "item_id", "sha256", "of_project", "role", "code", "words"),
    [
        (None, 7, THESE, project(), Role.OWNER, "consent-missing", "No maintainer has agreed"),
        (replace(CONSENT, withdrawn_at=NOW), 7, THESE, project(), Role.OWNER, "consent-withdrawn", "withdrawn"),
        (CONSENT, 7, Sha256.of(b"x"), project(), Role.OWNER, "consent-other-bytes", "these bytes"),
        (CONSENT, 7, Sha256.of(b"other"), project(), Role.OWNER, "consent-other-bytes", "these bytes"),
        (CONSENT, 8, THESE, project(), Role.OWNER, "consent-other-bytes", "these bytes"),
        (CONSENT, 9, THESE, project(), Role.OWNER, "consent-other-bytes", "these bytes"),
        (consent(), 7, THESE, project(), Role.OWNER, "consent-other-bytes", "these bytes"),
        (CONSENT, 7, THESE, project(), None, "consent-role-lost", "alice, who agreed, no longer maintains demo."),
        (CONSENT, 7, THESE, project(), Role.READER, "consent-role-lost", "alice, who agreed, no longer maintains demo."),
        (CONSENT, 7, THESE, project(status=ProjectStatus.QUARANTINED), Role.OWNER, "consent-project-closed", "quarantined"),
        (CONSENT, 7, THESE, project(status=ProjectStatus.ARCHIVED), Role.OWNER, "consent-project-closed", "archived"),
        # The first reason is told: what was withdrawn does not come back with a role.
        (replace(CONSENT, withdrawn_at=NOW), 9, THESE, project(status=ProjectStatus.ARCHIVED), None, "consent-withdrawn", ""),
    ],
)  # fmt: skip
def test_not_live(
    given_consent: Consent | None,
    item_id: int,
    sha256: Sha256,
    of_project: Project,
    role: Role | None,
    code: str,
    words: str,
) -> None:
    """Without a living consent to exactly these bytes nothing is published, and the reason is told."""
    with pytest.raises(NeedsConsent) as caught:
        require_live(given_consent, item_id, sha256, of_project, role)
    assert caught.value.code == code
    assert words in caught.value.sentence


@pytest.mark.parametrize("basis", Basis)
def test_basis(basis: Basis) -> None:
    """Every basis is read by its name and has words that a person reads."""
    assert Basis.parse(basis.value) is basis
    assert basis.sentence
    assert basis.needs_text is (basis in {Basis.WRITTEN_PERMISSION, Basis.OTHER})


def test_the_statement_is_written_down() -> None:
    """Who changes the words that people agree to gives them another number."""
    assert (STATEMENT_VERSION, Sha256.of(STATEMENT.encode()).hex) == (
        "1",
        "993d5c9d33af7af7344c8ba79de1b51b7d1be1af65532a41cf5175b70dd3fdae",
    )


@pytest.mark.parametrize("text", ["", "AUTHOR", "author ", "license"])
def test_no_basis(text: str) -> None:
    """Any other word is refused with those there are."""
    with pytest.raises(Invalid) as caught:
        Basis.parse(text)
    assert caught.value.code == "basis-unknown"
    assert all(basis in caught.value.sentence for basis in Basis)


@pytest.mark.parametrize(
    ("basis", "text", "suffices"),
    [
        (Basis.AUTHOR, "", True),
        (Basis.LICENCE, "", True),
        (Basis.OTHER, "", False),
        (Basis.OTHER, "123456789", False),
        (Basis.OTHER, " 12345678 \n", False),
        (Basis.OTHER, "1234567890", True),
        (Basis.WRITTEN_PERMISSION, "", False),
        (Basis.WRITTEN_PERMISSION, "By Bob, in his mail of 4 March 2026.", True),
    ],
)
def test_basis_text(basis: Basis, text: str, *, suffices: bool) -> None:
    """A basis that says nothing by itself needs a sentence."""
    if suffices:
        require_basis(basis, text)
        return
    with pytest.raises(Invalid) as caught:
        require_basis(basis, text)
    assert caught.value.code == "basis-text-missing"


FILE = "demo-1.0.tar.gz"


@pytest.mark.parametrize(
    ("given_standing", "page", "filename", "covered"),
    [
        (standing("example.org"), PAGE, FILE, True),
        (standing("example.org"), "HTTP://EXAMPLE.ORG:8080/else?where", FILE, True),
        (standing("a.test", "example.org"), PAGE, FILE, True),
        (standing("a.test"), PAGE, FILE, False),
        (standing("example.org"), "https://sub.example.org/", FILE, False),
        (standing("sub.example.org"), PAGE, FILE, False),
        (standing("example.org"), "https://example.org.evil.test/", FILE, False),
        (standing("example.org"), "https://evil.test/example.org", FILE, False),
        (standing("example.org"), "https://example.org@evil.test/", FILE, False),
        (standing("example.org"), "", FILE, False),
        (standing(hosts=()), "", FILE, False),
        (standing(hosts=("",)), "", FILE, False),
        (standing(patterns=("demo-*.tar.gz",)), PAGE, FILE, True),
        (standing(patterns=("demo-*.whl", "demo-1.?.*")), PAGE, FILE, True),
        (standing(patterns=("demo-*.whl",)), PAGE, FILE, False),
        (standing(patterns=("DEMO-*",)), PAGE, FILE, False),
        (standing(patterns=("demo",)), PAGE, FILE, False),
        (standing(patterns=()), PAGE, FILE, False),
    ],
)
def test_covers(given_standing: StandingConsent, page: str, filename: str, *, covered: bool) -> None:
    """A standing consent covers files whose whole name matches, found on a page of one of its very hosts."""
    assert given_standing.covers(page, filename, NOW) is covered


@pytest.mark.parametrize(
    ("giver", "void"), [(Role.OWNER, False), (Role.MAINTAINER, True), (Role.READER, True), (None, True)]
)
def test_a_standing_consent_is_an_owners(giver: Role | None, *, void: bool) -> None:
    """What somebody gave who owns the project no longer is void (T-32)."""
    assert standing().is_void(giver) is void
