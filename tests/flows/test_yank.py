"""Yanks: what is marked, what installers are shown, who may, and what is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.keeping import Keeping, Which, keeping
from tests.support.story import SDIST, WHEEL, WHEEL_2, sdist, wheel
from tests.support.token_callers import by_token

from homeport.domain.account import Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import LONGEST_REASON, ProjectStatus
from homeport.flows.change_status import change_status
from homeport.flows.yank import unyank, yank

REASON = 'It breaks "imports" & <more>.'


@pytest.fixture(params=["fake", "real"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeping]:
    """A project with two releases; every test here runs over the fake store and over the real one."""
    which: Which = request.param
    with keeping(which, tmp_path) as kept:
        kept.upload(WHEEL, wheel())
        kept.upload(SDIST, sdist())
        kept.upload(WHEEL_2, wheel("2.0"))
        yield kept


def release_yanked(kept: Keeping, version: str) -> str | None:
    """The mark of a whole release."""
    with kept.world.store.read() as tx:
        release = tx.releases.find(kept.project().id, version)
    assert release is not None
    return release.yanked


def test_q01_a_yanked_file_stays(kept: Keeping) -> None:
    """Q01: what is yanked is listed as before, with the same address and the same bytes."""
    before = {file["filename"]: file["url"] for file in kept.page()["files"]}
    assert yank(kept.world, kept.ada, "demo", "1.0", reason=REASON) == (WHEEL, SDIST)
    assert {file["filename"]: file["url"] for file in kept.page()["files"]} == before
    with kept.world.blobs.open(kept.files()[WHEEL].digests.sha256) as body:
        assert body.read() == wheel()


def test_q02_yank_unyank_yank(kept: Keeping) -> None:
    """Q02: each change shows in both formats, with its reason, and the other release is left alone."""
    for reason in (REASON, None, "Again."):
        if reason is None:
            assert unyank(kept.world, kept.ada, "Demo", "v1.0") == (WHEEL, SDIST)
        else:
            yank(kept.world, kept.ada, "Demo", "v1.0", reason=reason)
        assert kept.yanked() == {WHEEL: reason or False, SDIST: reason or False, WHEEL_2: False}
        assert kept.html().count(" data-yanked=") == (2 if reason else 0)
    assert 'data-yanked="Again."' in kept.html()


def test_q03_a_yank_without_reason(kept: Keeping) -> None:
    """Q03: JSON says true, HTML has an attribute with an empty value."""
    yank(kept.world, kept.ada, "demo", "2.0", reason=" \n ")
    assert kept.yanked()[WHEEL_2] is True
    assert ' data-yanked=""' in kept.html()
    assert kept.files()[WHEEL_2].yanked == ""


def test_a_reason_is_written_as_text(kept: Keeping) -> None:
    """A reason with markup stays text in HTML, and is one line wherever it came from."""
    yank(kept.world, kept.ada, "demo", "2.0", reason='  "><script>\nalert(1) ')
    assert kept.yanked()[WHEEL_2] == '"><script> alert(1)'
    assert "<script" not in kept.html()


def test_another_reason_replaces_the_first(kept: Keeping) -> None:
    """Whoever yanks again with other words changes the words; with the same ones, nothing."""
    yank(kept.world, kept.ada, "demo", "1.0", reason="One.")
    assert yank(kept.world, kept.bob, "demo", "1.0", reason="Two.") == (WHEEL, SDIST)
    entries, serial = kept.entries(), kept.project().serial
    assert yank(kept.world, kept.ada, "demo", "1.0", reason="Two.") == ()
    assert (kept.entries(), kept.project().serial) == (entries, serial)
    assert kept.yanked()[WHEEL] == "Two."


def test_what_was_not_yanked_is_not_unyanked(kept: Keeping) -> None:
    """Taking back what nobody said changes nothing."""
    entries = kept.entries()
    assert unyank(kept.world, kept.ada, "demo", "1.0") == ()
    assert unyank(kept.world, kept.ada, "demo", "1.0", filenames=[WHEEL]) == ()
    assert kept.entries() == entries


def test_a_yanked_release_yanks_what_is_still_to_come(kept: Keeping) -> None:
    """A file that comes to a yanked release is yanked with its reason, until the release is unyanked."""
    yank(kept.world, kept.ada, "demo", "2.0", reason=REASON)
    name, body = "demo-2.0.tar.gz", sdist("2.0")
    kept.upload(name, body)
    assert kept.yanked()[name] == REASON
    assert unyank(kept.world, kept.ada, "demo", "2.0") == (WHEEL_2, name)
    later = "demo-2.0-1-py3-none-any.whl"
    kept.upload(later, wheel("2.0", b"answer = 43\n", build="1"))
    assert kept.yanked()[later] is False


def test_a_file_is_yanked_apart_from_its_release(kept: Keeping) -> None:
    """One file alone: the others of its release, and those to come, are offered as before."""
    assert yank(kept.world, kept.ada, "demo", "1.0", filenames=[SDIST], reason="Broken.") == (SDIST,)
    assert release_yanked(kept, "1.0") is None
    later = "demo-1.0-1-py3-none-any.whl"
    kept.upload(later, wheel(content=b"answer = 43\n", build="1"))
    assert kept.yanked() == {WHEEL: False, SDIST: "Broken.", later: False, WHEEL_2: False}
    # Yanking the whole release for the same reason changes the others only.
    assert set(yank(kept.world, kept.ada, "demo", "1.0", reason="Broken.")) == {WHEEL, later}


def test_a_file_of_a_yanked_release_is_unyanked_apart(kept: Keeping) -> None:
    """One file can be offered again while its release stays yanked, and then all of them."""
    yank(kept.world, kept.ada, "demo", "1.0", reason=REASON)
    assert unyank(kept.world, kept.ada, "demo", "1.0", filenames=[WHEEL]) == (WHEEL,)
    assert (kept.yanked()[WHEEL], kept.yanked()[SDIST]) == (False, REASON)
    assert release_yanked(kept, "1.0") == REASON
    assert unyank(kept.world, kept.ada, "demo", "1.0") == (SDIST,)
    assert release_yanked(kept, "1.0") is None


def test_a_release_without_files_is_yanked(kept: Keeping) -> None:
    """A registered version that has no file yet can be yanked: its first file comes yanked."""
    version = ReleaseVersion.parse("3.0")
    with kept.world.store.write() as tx:
        metadata, now = CoreMetadata("2.1", "demo", "3.0"), kept.world.clock.now()
        tx.releases.put(kept.project().id, version, metadata, replace=False, at=now)
    assert yank(kept.world, kept.ada, "demo", "3.0", reason=REASON) == ()
    (entry,) = kept.entries(Kind.RELEASE_YANKED)
    assert (entry["details"]["files"], entry["details"]["whole"]) == ([], True)
    name = "demo-3.0-py3-none-any.whl"
    kept.upload(name, wheel("3.0"))
    assert kept.yanked()[name] == REASON


def test_the_ledger_and_the_people_are_told(kept: Keeping) -> None:
    """One entry for each change, which is the page's serial; a notice to who maintains it and did not do it."""
    yank(kept.world, kept.ada, "demo", "1.0", reason=REASON)
    unyank(kept.world, kept.bob, "demo", "1.0", filenames=[SDIST])
    yanked, unyanked = kept.entries(Kind.RELEASE_YANKED, Kind.RELEASE_UNYANKED)
    assert (yanked["actor"], yanked["project"]) == ("ada", "demo")
    assert yanked["details"] == {"version": "1.0", "whole": True, "files": [WHEEL, SDIST], "reason": REASON}
    assert unyanked["actor"] == "bob"
    assert unyanked["details"] == {"version": "1.0", "whole": False, "files": [SDIST], "reason": ""}
    assert kept.page()["meta"]["_last-serial"] == kept.project().serial == unyanked["seq"]
    (of_ada,) = (one for one in kept.notices(kept.ada) if one.kind != "files-published")
    assert (of_ada.kind, of_ada.subject) == ("release-unyanked", "demo 1.0 was unyanked by bob")
    (of_bob,) = (one for one in kept.notices(kept.bob) if one.kind != "files-published")
    assert (of_bob.subject, of_bob.text) == (
        "demo 1.0 was yanked by ada",
        f"> {REASON}\n\n- {WHEEL}\n- {SDIST}",
    )
    assert (kept.notices(kept.cleo), kept.notices(kept.dan)) == ([], [])


@pytest.mark.parametrize("ask", [yank, unyank])
@pytest.mark.parametrize(
    ("name", "version", "filenames", "kind", "code"),
    [
        ("other", "1.0", [], NotFound, "project-unknown"),
        ("demo", "9.9", [], NotFound, "release-unknown"),
        ("demo", "no version", [], Invalid, "version-invalid"),
        ("demo", "1.0", [WHEEL_2], Invalid, "file-unknown"),
        ("demo", "1.0", [WHEEL, "nothing.whl"], Invalid, "file-unknown"),
    ],
)
def test_what_is_not_there_is_not_yanked(
    kept: Keeping,
    ask: Callable[..., object],
    name: str,
    version: str,
    filenames: list[str],
    kind: type[Refusal],
    code: str,
) -> None:
    """Unknown projects, versions and files are refused by name, and nothing is written."""
    entries = kept.entries()
    with pytest.raises(kind) as refused:
        ask(kept.world, kept.ada, name, version, filenames=filenames)
    assert refused.value.code == code
    assert kept.entries() == entries


def test_the_refusal_names_the_files_there_are(kept: Keeping) -> None:
    """Who mistypes a file name is shown the right ones."""
    with pytest.raises(Invalid, match=f"demo 1.0 has no file typo; its files are: {WHEEL}, {SDIST}."):
        yank(kept.world, kept.ada, "demo", "1.0", filenames=["typo"])


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("x" * (LONGEST_REASON + 1), "reason-too-long"),
        ("\x1b[31mred", "reason-unprintable"),
        ("\u202egnp", "reason-unprintable"),
        ("\ud800", "reason-unprintable"),
        ("nul\0", "reason-unprintable"),
    ],
)
def test_a_reason_can_be_shown(kept: Keeping, reason: str, code: str) -> None:
    """What would not be seen in a terminal, or nobody reads to its end, is no reason."""
    with pytest.raises(Invalid) as refused:
        yank(kept.world, kept.ada, "demo", "1.0", reason=reason)
    assert refused.value.code == code
    assert kept.yanked()[WHEEL] is False


def test_only_maintainers_yank(kept: Keeping) -> None:
    """Readers, strangers, administrators and tokens for other things are refused; a token to manage is not."""
    tokens = {scope: by_token(kept.world, kept.ada, scope) for scope in Scope}
    for caller, code in (
        (kept.cleo, "role-missing"),
        (kept.dan, "role-missing"),
        (kept.root, "role-missing"),
        (tokens[Scope.READ], "token-scope"),
        (tokens[Scope.UPLOAD], "token-scope"),
    ):
        with pytest.raises(Forbidden) as refused:
            yank(kept.world, caller, "demo", "1.0")
        assert refused.value.code == code
    assert yank(kept.world, tokens[Scope.MANAGE], "demo", "2.0") == (WHEEL_2,)


def test_nothing_is_yanked_in_quarantine(kept: Keeping) -> None:
    """A quarantined project stays as it is; an archived one can still be yanked."""
    change_status(kept.world, kept.root, "demo", ProjectStatus.QUARANTINED, "Malware.")
    with pytest.raises(Conflict) as refused:
        yank(kept.world, kept.ada, "demo", "1.0")
    assert refused.value.code == "project-quarantined"
    change_status(kept.world, kept.root, "demo", ProjectStatus.ARCHIVED)
    assert yank(kept.world, kept.ada, "demo", "1.0") == (WHEEL, SDIST)
