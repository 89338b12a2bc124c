"""Consent: when it holds, and each reason for which it does not."""

from dataclasses import replace
from itertools import product

import pytest
from tests.support.builders import NOW, consent, item, project

from homeport.domain.consent import (
    STATEMENT,
    STATEMENT_VERSION,
    STATEMENTS,
    Basis,
    Consent,
    Grounds,
    Hosted,
    Withdrawal,
    read_evidence,
    read_grounds,
    read_withdrawal,
    require_basis,
    require_live,
)
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, NeedsConsent
from homeport.domain.project import Project, ProjectStatus, Role

AGREED = item(7)
CONSENT = consent(AGREED, item(8, "demo-1.0.zip", content=b"other"))
THESE = Sha256.of(b"bytes")
WITHDRAWN = Withdrawal("ada", NOW, Hosted.KEEP, "")


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
        (replace(CONSENT, withdrawal=WITHDRAWN), 7, THESE, project(), Role.OWNER, "consent-withdrawn", "withdrawn"),
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
        (replace(CONSENT, withdrawal=WITHDRAWN), 9, THESE, project(status=ProjectStatus.ARCHIVED), None, "consent-withdrawn", ""),
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
    assert bool(basis.hint) is basis.needs_text
    assert basis.needs_text is (basis in {Basis.WRITTEN_PERMISSION, Basis.OTHER})


def test_the_statement_is_written_down() -> None:
    """Who changes the words that people agree to, or those of a basis, gives them another number."""
    assert (STATEMENT_VERSION, Sha256.of(STATEMENT.encode()).hex) == (
        "2",
        "993d5c9d33af7af7344c8ba79de1b51b7d1be1af65532a41cf5175b70dd3fdae",
    )
    assert [basis.agreed_in(STATEMENT_VERSION) for basis in Basis] == [
        "I am the author of these files",
        "Their licence permits redistribution",
        "I have written permission",
        "Other",
    ]


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


def test_evidence_may_say_what_the_words_do_not() -> None:
    """Where a basis needs more to be said, a URL says it, too; grounds are recorded without the blanks around them."""
    url = "https://example.org/permission"
    grounds = read_grounds(Basis.WRITTEN_PERMISSION, "  ", f" {url} ")
    assert grounds == Grounds(Basis.WRITTEN_PERMISSION, "", url)
    with pytest.raises(Invalid) as caught:
        read_grounds(Basis.OTHER, "", "yes")
    assert caught.value.code == "basis-text-missing"


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("", ""),
        ("HTTPS://Example.org:443/a/../b", "https://example.org/b"),
        ("From: Bob, 4 March:  go on!\r\nYours\n", "From: Bob, 4 March: go on!\nYours"),
        ("see https://example.org/ for it", "see https://example.org/ for it"),
    ],
)
def test_evidence(text: str, recorded: str) -> None:
    """A URL is recorded in its one spelling, words as they stand, line by line."""
    assert read_evidence(text) == recorded


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ftp://example.org/permission", "url-scheme"),
        ("javascript:alert(1)", "url-scheme"),
        ("https://bob:secret@example.org/", "url-userinfo"),
        ("plain\u202etext", "evidence-unprintable"),
        ("x" * 2001, "evidence-too-long"),
    ],
)
def test_no_evidence(text: str, code: str) -> None:
    """What is no http(s) URL and no plain text is refused: people will follow it, and read it."""
    with pytest.raises(Invalid) as caught:
        read_evidence(text)
    assert caught.value.code == code


@pytest.mark.parametrize("hosted", Hosted)
def test_a_withdrawal_that_touches_files_says_why(hosted: Hosted) -> None:
    """Keeping needs no reason; yanking and removing do, for people are told."""
    assert Hosted.parse(hosted.value) is hosted
    assert hosted.sentence
    assert read_withdrawal("ada", NOW, hosted, " It  ended. ") == Withdrawal("ada", NOW, hosted, "It ended.")
    if hosted is Hosted.KEEP:
        assert read_withdrawal("ada", NOW, hosted, "") == WITHDRAWN
        return
    with pytest.raises(Invalid) as caught:
        read_withdrawal("ada", NOW, hosted, " ")
    assert caught.value.code == "reason-missing"


def test_no_such_fate_of_files() -> None:
    """Any other word is refused with those there are."""
    with pytest.raises(Invalid) as caught:
        Hosted.parse("delete")
    assert all(hosted in caught.value.sentence for hosted in Hosted)


def test_old_statements_are_kept() -> None:
    """Whoever agreed to a statement can still read it."""
    assert STATEMENTS[STATEMENT_VERSION] == STATEMENT
    assert STATEMENTS["1"] == STATEMENT
    assert [basis.agreed_in("1") for basis in Basis] == [
        "I am the author of these files",
        "Their licence permits redistribution",
        "I have written permission (say from whom)",
        "Other (say what)",
    ]
    assert set(STATEMENTS) == {str(number) for number in range(1, int(STATEMENT_VERSION) + 1)}
