"""Removals: what is gone, what stays taken, who may, and what is refused."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.support.keeping import Keeping, Which, keeping
from tests.support.story import SDIST, WHEEL, WHEEL_2, sdist, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person

from homeport.domain.account import Caller, Scope
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus
from homeport.domain.proposal import SETTLES_AFTER
from homeport.flows.change_status import change_status
from homeport.flows.policies import change_policy
from homeport.flows.remove import Doomed, remove, show_doomed
from homeport.flows.users import make_link
from homeport.flows.yank import yank

REASON = "It holds a <secret> key."
OTHER_WHEEL = wheel(content=b"answer = 43\n")


@pytest.fixture(params=["fake", "real"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeping]:
    """A project with two releases; every test here runs over the fake store and over the real one."""
    which: Which = request.param
    with keeping(which, tmp_path) as kept:
        kept.upload(WHEEL, wheel())
        kept.upload(SDIST, sdist())
        kept.upload(WHEEL_2, wheel("2.0"))
        yield kept


def remove_from(
    kept: Keeping, version: str, *filenames: str, caller: Caller | None = None, reason: str = REASON
) -> Doomed:
    """Remove, as the owner unless somebody else is named."""
    return remove(kept.world, caller or kept.ada, "demo", version, reason=reason, filenames=filenames)


def test_a_file_is_gone_and_the_release_stays(kept: Keeping) -> None:
    """The page lists the other files as before, and the version still; nothing serves the file any more."""
    doomed = remove_from(kept, "1.0", SDIST)
    assert (doomed.filenames, doomed.is_whole) == ((SDIST,), False)
    assert [file["filename"] for file in kept.page()["files"]] == [WHEEL, WHEEL_2]
    assert kept.page()["versions"] == ["1.0", "2.0"]
    assert SDIST not in kept.html()
    assert set(kept.files()) == {WHEEL, WHEEL_2}


def test_a_release_goes_with_all_its_files(kept: Keeping) -> None:
    """Neither its files nor its version are told any more, in whatever spelling it was named."""
    doomed = remove_from(kept, "1.0.0")
    assert (doomed.version.text, doomed.filenames, doomed.is_whole) == ("1.0", (WHEEL, SDIST), True)
    assert [file["filename"] for file in kept.page()["files"]] == [WHEEL_2]
    assert kept.page()["versions"] == ["2.0"]
    with pytest.raises(NotFound) as refused:
        remove_from(kept, "1.0")
    assert refused.value.code == "release-unknown"


def test_the_bytes_stay(kept: Keeping) -> None:
    """What was removed is still in the store, until it is collected."""
    sha256 = kept.files()[WHEEL].digests.sha256
    remove_from(kept, "1.0")
    assert kept.world.blobs.path(sha256) is not None


def test_w17_i04_a_name_is_given_to_no_other_bytes(kept: Keeping) -> None:
    """W17, I-04: other bytes are refused with words that no client takes for a file that is there."""
    remove_from(kept, "1.0", WHEEL)
    with pytest.raises(Conflict) as refused:
        kept.upload(WHEEL, OTHER_WHEEL)
    assert refused.value.code == "file-removed"
    assert refused.value.sentence.startswith("This filename was previously used")
    assert "already exist" not in refused.value.sentence
    assert WHEEL not in kept.files()


def test_the_same_bytes_may_come_back(kept: Keeping) -> None:
    """Who sends the very same file again publishes it again, and its name is as taken as before."""
    sha256 = kept.files()[WHEEL].digests.sha256
    remove_from(kept, "1.0", WHEEL)
    assert kept.upload(WHEEL, wheel()).is_new
    assert kept.files()[WHEEL].digests.sha256 == sha256
    assert len(kept.entries(Kind.FILE_PUBLISHED)) == 4
    with pytest.raises(Conflict) as refused:
        kept.upload(WHEEL, OTHER_WHEEL)
    assert refused.value.code == "file-exists"
    remove_from(kept, "1.0", WHEEL)
    with pytest.raises(Conflict) as refused:
        kept.upload(WHEEL, OTHER_WHEEL)
    assert refused.value.code == "file-removed"


def test_a_release_that_comes_back_is_not_yanked(kept: Keeping) -> None:
    """A yank goes with the release that it was said of."""
    yank(kept.world, kept.ada, "demo", "2.0", reason="Broken.")
    remove_from(kept, "2.0")
    kept.upload(WHEEL_2, wheel("2.0"))
    assert kept.yanked()[WHEEL_2] is False


def test_a_release_without_files_goes(kept: Keeping) -> None:
    """When all files of a version are gone one by one, the version can go as well."""
    remove_from(kept, "1.0", WHEEL, SDIST)
    assert kept.page()["versions"] == ["1.0", "2.0"]
    assert remove_from(kept, "1.0").filenames == ()
    assert kept.page()["versions"] == ["2.0"]


def test_the_ledger_and_the_people_are_told(kept: Keeping) -> None:
    """One entry for each file and one for the release, the last of which the page bears; a notice to the others."""
    sha256 = {name: file.digests.sha256.hex for name, file in kept.files().items()}
    remove_from(kept, "1.0")
    *files, release = kept.entries(Kind.FILE_REMOVED, Kind.RELEASE_REMOVED)
    assert [entry["details"] for entry in files] == [
        {"filename": name, "version": "1.0", "sha256": sha256[name], "size": len(body), "reason": REASON}
        for name, body in ((WHEEL, wheel()), (SDIST, sdist()))
    ]
    assert (release["kind"], release["details"]) == ("release-removed", {"version": "1.0", "reason": REASON})
    assert {entry["actor"] for entry in (*files, release)} == {"ada"}
    assert kept.page()["meta"]["_last-serial"] == kept.project().serial == release["seq"]
    notice = kept.notices(kept.bob)[0]
    assert (notice.kind, notice.subject) == ("files-removed", "demo: demo 1.0 removed by ada")
    assert notice.text == f"> {REASON}\n\n- {WHEEL}\n- {SDIST}"
    assert not [one for one in kept.notices(kept.ada) if one.kind == "files-removed"]
    remove_from(kept, "2.0", WHEEL_2)
    assert kept.notices(kept.bob)[0].subject == f"demo: {WHEEL_2} removed by ada"


def test_looking_changes_nothing(kept: Keeping) -> None:
    """Who is about to remove is shown what would go, and nothing went."""
    before = kept.entries()
    assert show_doomed(kept.world, kept.ada, "demo", "1").filenames == (WHEEL, SDIST)
    doomed = show_doomed(kept.world, kept.ada, "demo", "1.0", filenames=[SDIST])
    assert (doomed.filenames, doomed.version.text, doomed.is_whole) == ((SDIST,), "1.0", False)
    assert kept.entries() == before


def test_only_owners_remove(kept: Keeping) -> None:
    """Maintainers, readers, strangers, administrators' tokens and other tokens are refused, and are shown nothing either."""
    for caller, code in (
        (kept.bob, "owner-only"),
        (kept.cleo, "role-missing"),
        (kept.dan, "role-missing"),
        (by_token(kept.world, kept.root, Scope.MANAGE), "role-missing"),
        (by_token(kept.world, kept.ada, Scope.UPLOAD), "token-scope"),
    ):
        for ask in (
            remove_from,
            lambda kept, version, caller: show_doomed(kept.world, caller, "demo", version),
        ):
            with pytest.raises(Forbidden) as refused:
                ask(kept, "1.0", caller=caller)
            assert refused.value.code == code
    assert len(kept.files()) == 3


@pytest.mark.parametrize(
    ("version", "filenames", "reason", "kind", "code"),
    [
        ("9.9", [], REASON, NotFound, "release-unknown"),
        ("no version", [], REASON, Invalid, "version-invalid"),
        ("1.0", [WHEEL_2], REASON, Invalid, "file-unknown"),
        ("1.0", [WHEEL, "nothing.whl"], REASON, Invalid, "file-unknown"),
        ("1.0", [], " \n ", Invalid, "reason-missing"),
        ("1.0", [], "\x1b[31mred", Invalid, "reason-unprintable"),
    ],
)
def test_what_cannot_be_removed(
    kept: Keeping, version: str, filenames: Sequence[str], reason: str, kind: type[Refusal], code: str
) -> None:
    """Unknown versions and files, and a removal that says not why, are refused, and nothing is written."""
    before = kept.entries()
    with pytest.raises(kind) as refused:
        remove_from(kept, version, *filenames, reason=reason)
    assert refused.value.code == code
    assert kept.entries() == before


def test_nothing_is_removed_in_quarantine(kept: Keeping) -> None:
    """A quarantined project stays as it is; an archived one may lose files."""
    change_status(kept.world, kept.root, "demo", ProjectStatus.QUARANTINED, "Malware.")
    with pytest.raises(Conflict) as refused:
        remove_from(kept, "1.0")
    assert refused.value.code == "project-quarantined"
    change_status(kept.world, kept.root, "demo", ProjectStatus.ARCHIVED)
    assert remove_from(kept, "1.0").filenames == (WHEEL, SDIST)


def test_i17_removing_makes_room(kept: Keeping) -> None:
    """I-17: what was removed counts for nobody any more."""
    with kept.world.store.read() as tx:
        before = tx.files.total_bytes()
    remove_from(kept, "1.0")
    with kept.world.store.read() as tx:
        assert tx.files.total_bytes() == before - len(wheel()) - len(sdist())
        assert tx.quotas.of_project(kept.project().id).used_bytes == len(wheel("2.0"))
        assert tx.quotas.of_user(kept.ada.user.id).used_bytes == len(wheel("2.0"))
        assert set(tx.files.removed_sha256()) == {Sha256.of(wheel()), Sha256.of(sdist())}


def test_an_owner_whose_account_an_administrator_had_in_hands(kept: Keeping) -> None:
    """Where a removal takes two administrators, none goes around that by an owner's account; 72 hours later it is theirs."""
    add_person(kept.world, "eve", is_admin=True)
    change_policy(kept.world, kept.root, {"two_to_delete": "yes"}, "Careful.")
    make_link(kept.world, kept.root, "ada")
    with pytest.raises(Forbidden, match="An administrator reset what opens your account") as refused:
        remove_from(kept, "1.0", SDIST)
    assert refused.value.code == "account-unsettled"
    assert SDIST in kept.files()
    with kept.world.store.write() as tx:
        tx.users.put_handed(kept.ada.user.id, kept.world.clock.now() - SETTLES_AFTER)
    remove_from(kept, "1.0", SDIST)
    assert SDIST not in kept.files()


def test_where_one_administrator_removes_hands_do_not_count(kept: Keeping) -> None:
    """They could remove it themselves."""
    make_link(kept.world, kept.root, "ada")
    remove_from(kept, "1.0", SDIST)
    assert SDIST not in kept.files()
