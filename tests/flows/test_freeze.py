"""Freezing a file or a release: gone for every reader at once, taken by nobody, and back when it ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.keeping import Keeping, Which, keeping
from tests.support.story import SDIST, WHEEL, WHEEL_2, sdist, wheel
from tests.support.token_callers import by_token

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import Role
from homeport.flows.browse import project_story, show_keeping
from homeport.flows.freeze import freeze, list_freezes, unfreeze
from homeport.flows.news import newest_releases, newest_releases_of
from homeport.flows.origins import origin_story
from homeport.flows.rehost.registration import begin_registration
from homeport.flows.release_pages import latest_release, one_release
from homeport.flows.remove import remove
from homeport.flows.yank import yank

VIRUS = "It holds a virus."
CLEAN = "A false alarm."


def nobody() -> Caller:
    """Who reads without signing in; nobody is asked to."""
    raise AssertionError("nobody has to sign in here")


@pytest.fixture(params=["fake", "real"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeping]:
    """A project with two releases, over the fake store and over the real one."""
    which: Which = request.param
    with keeping(which, tmp_path) as kept:
        kept.upload(WHEEL, wheel())
        kept.upload(SDIST, sdist())
        kept.upload(WHEEL_2, wheel("2.0"))
        yield kept


def listed(kept: Keeping) -> list[str]:
    """The names of the files on the project's page, which is the same in both forms."""
    names = [file["filename"] for file in kept.page()["files"]]
    for name in (WHEEL, SDIST, WHEEL_2):
        assert (name in kept.html()) is (name in names)
    return names


def test_a_frozen_file_is_on_no_page(kept: Keeping) -> None:
    """Its release and the other files stay; scripts are not told of it; the end of the freeze brings it back."""
    before = listed(kept)
    made = freeze(kept.world, kept.root, "Demo", "1", filename=WHEEL, reason=f" {VIRUS} ")
    assert (made.project, made.version, made.filename, made.reason, made.by) == (
        "demo",
        "1.0",
        WHEEL,
        VIRUS,
        "root",
    )
    assert listed(kept) == [name for name in before if name != WHEEL]
    assert kept.page()["versions"] == ["1.0", "2.0"]
    told = one_release(kept.world, nobody, "demo", "1.0").release
    assert [file.filename for file in told.files] == [SDIST]
    assert list(list_freezes(kept.world, kept.root).freezes) == [made]
    ended = unfreeze(kept.world, kept.root, "demo", "1.0", filename=WHEEL, reason=CLEAN)
    assert (ended.is_live, ended.ended_by, ended.reason) == (False, "root", CLEAN)
    assert sorted(listed(kept)) == sorted(before)
    assert list(list_freezes(kept.world, None).freezes) == []


def test_of_a_frozen_file_nobody_learns_where_to_get_it(kept: Keeping) -> None:
    """Its origin record names the place it came from: it is told with the file, and not while that is frozen."""
    origin_story(kept.world, nobody, "demo", WHEEL)
    origin_story(kept.world, nobody, "demo", WHEEL_2)
    freeze(kept.world, kept.root, "demo", "1.0", filename=WHEEL, reason=VIRUS)
    freeze(kept.world, kept.root, "demo", "2.0", reason=VIRUS)
    for name in (WHEEL, WHEEL_2):
        with pytest.raises(NotFound, match=VIRUS) as frozen:
            origin_story(kept.world, nobody, "demo", name)
        assert frozen.value.code == "file-frozen"
    unfreeze(kept.world, kept.root, "demo", "1.0", filename=WHEEL, reason=CLEAN)
    assert origin_story(kept.world, nobody, "demo", WHEEL).file.filename == WHEEL


def test_a_frozen_release_is_nowhere(kept: Keeping) -> None:
    """No file of it is listed, its version is not told, and another one is the latest."""
    freeze(kept.world, kept.root, "demo", "2.0", reason=VIRUS)
    assert sorted(listed(kept)) == sorted([WHEEL, SDIST])
    assert kept.page()["versions"] == ["1.0"]
    assert latest_release(kept.world, nobody, "demo").release.version == "1.0"
    with pytest.raises(NotFound):
        one_release(kept.world, nobody, "demo", "2.0")
    assert [one.version for one in newest_releases(kept.world, nobody)] == ["1.0"]
    assert [one.version for one in newest_releases_of(kept.world, nobody, "demo")[1]] == ["1.0"]
    story = project_story(kept.world, nobody, "demo")
    assert story.newest is not None
    assert (story.newest.text, [one.is_frozen for one in story.releases]) == ("1.0", [True, False])
    assert story.frozen(story.releases[0].version) == VIRUS
    keeping = show_keeping(kept.world, kept.bob, "demo")
    assert (keeping.frozen(keeping.releases[0].version), len(keeping.freezes)) == (VIRUS, 1)


def test_what_is_said_of_it(kept: Keeping) -> None:
    """A freeze, and its end, are one entry each; whoever maintains the project is told, and who did it is not."""
    before = len(kept.entries())
    freeze(kept.world, kept.root, "demo", "1.0", filename=WHEEL, reason=VIRUS)
    freeze(kept.world, kept.root, "demo", "2.0", reason=VIRUS)
    unfreeze(kept.world, kept.root, "demo", "1.0", filename=WHEEL, reason=CLEAN)
    unfreeze(kept.world, kept.root, "demo", "2.0", reason=CLEAN)
    told = [(entry["kind"], entry["actor"], entry["details"]) for entry in kept.entries()[before:]]
    assert told == [
        ("file-frozen", "root", {"version": "1.0", "filename": WHEEL, "reason": VIRUS}),
        ("release-frozen", "root", {"version": "2.0", "reason": VIRUS}),
        ("file-unfrozen", "root", {"version": "1.0", "filename": WHEEL, "reason": CLEAN}),
        ("release-unfrozen", "root", {"version": "2.0", "reason": CLEAN}),
    ]
    for caller in (kept.ada, kept.bob):
        subjects = [notice.subject for notice in kept.notices(caller)][:4]
        assert subjects == [
            "demo: demo 2.0 is served again",
            f"demo: {WHEEL} is served again",
            "demo: demo 2.0 is frozen",
            f"demo: {WHEEL} is frozen",
        ]
    assert VIRUS in kept.notices(kept.ada)[2].text
    assert kept.notices(kept.root) == []


def test_nothing_is_published_under_a_frozen_name(kept: Keeping) -> None:
    """Neither the same bytes nor others, nor under another spelling; other files of the release are taken."""
    freeze(kept.world, kept.root, "demo", "1.0", filename=WHEEL, reason=VIRUS)
    for body in (wheel(), wheel(content=b"answer = 43\n")):
        with pytest.raises(Refusal) as refused:
            kept.upload(WHEEL, body)
        assert VIRUS in refused.value.sentence
    assert kept.upload("demo-1.0-1-py3-none-any.whl", wheel(build="1")).is_new


def test_nothing_is_published_into_a_frozen_release(kept: Keeping) -> None:
    """No new file, no registration; another release is taken."""
    remove(kept.world, kept.ada, "demo", "1.0", filenames=[SDIST], reason="Broken.")
    freeze(kept.world, kept.root, "demo", "1.0", reason=VIRUS)
    with pytest.raises(Refusal) as refused:
        kept.upload(SDIST, sdist())
    assert VIRUS in refused.value.sentence
    with pytest.raises(Conflict) as unregistered:
        begin_registration(kept.world, kept.ada, CoreMetadata("2.1", "demo", "1.0.0", summary="New."))
    assert unregistered.value.code == "frozen"
    assert kept.upload("demo-3.0.tar.gz", sdist("3.0")).is_new


def test_only_administrators_remove_what_is_frozen(kept: Keeping) -> None:
    """An owner waits for the end of the freeze, and may warn; an administrator may remove it."""
    freeze(kept.world, kept.root, "demo", "1.0", filename=WHEEL, reason=VIRUS)
    for filenames in ([WHEEL], []):
        with pytest.raises(Conflict) as refused:
            remove(kept.world, kept.ada, "demo", "1.0", filenames=filenames, reason="Away.")
        assert refused.value.code == "frozen"
    assert yank(kept.world, kept.ada, "demo", "1.0", filenames=[WHEEL], reason="A virus.") == (WHEEL,)
    remove(kept.world, kept.ada, "demo", "1.0", filenames=[SDIST], reason="Away.")
    doomed = remove(kept.world, kept.root, "demo", "1.0", filenames=[WHEEL], reason="A court said so.")
    assert (doomed.filenames, doomed.by_admin) == ((WHEEL,), True)
    with pytest.raises(Refusal) as still:
        kept.upload(WHEEL, wheel())
    assert VIRUS in still.value.sentence


@pytest.mark.parametrize(
    ("version", "filename", "reason", "code"),
    [
        ("1.0", "", " ", "reason-missing"),
        ("1.0", "", "x\x07", "reason-unprintable"),
        ("9.0", "", VIRUS, "release-unknown"),
        ("1.0", WHEEL_2, VIRUS, "file-unknown"),
    ],
)
def test_what_cannot_be_frozen(kept: Keeping, version: str, filename: str, reason: str, code: str) -> None:
    """What is not there, and what nobody gives a reason for."""
    with pytest.raises((Invalid, NotFound)) as refused:
        freeze(kept.world, kept.root, "demo", version, filename=filename, reason=reason)
    assert refused.value.code == code
    assert kept.entries(Kind.FILE_FROZEN, Kind.RELEASE_FROZEN) == []


def test_what_cannot_be_let_go(kept: Keeping) -> None:
    """What is not frozen by itself; and a freeze is made once."""
    freeze(kept.world, kept.root, "demo", "1.0", reason=VIRUS)
    with pytest.raises(Conflict) as again:
        freeze(kept.world, kept.root, "demo", "1.0", reason=VIRUS)
    assert again.value.code == "frozen-already"
    for version, filename in (("1.0", WHEEL), ("2.0", "")):
        with pytest.raises(NotFound) as refused:
            unfreeze(kept.world, kept.root, "demo", version, filename=filename, reason=CLEAN)
        assert refused.value.code == "not-frozen"
    with pytest.raises(Invalid):
        unfreeze(kept.world, kept.root, "demo", "1.0", reason="")


def test_only_administrators_in_person(kept: Keeping) -> None:
    """Neither owners nor a token freeze, let go, or are shown the list; nor who administers no longer."""
    for caller in (kept.ada, by_token(kept.world, kept.root, Scope.MANAGE)):
        with pytest.raises(Forbidden):
            freeze(kept.world, caller, "demo", "1.0", reason=VIRUS)
        with pytest.raises(Forbidden):
            unfreeze(kept.world, caller, "demo", "1.0", reason=VIRUS)
        with pytest.raises(Forbidden):
            list_freezes(kept.world, caller)
    with kept.world.store.write() as tx:
        tx.users.unmake_administrator(kept.root.user.id)
        tx.projects.grant(kept.project().id, kept.root.user.id, Role.OWNER)
    for ask in (freeze, unfreeze):
        with pytest.raises(Forbidden):
            ask(kept.world, kept.root, "demo", "1.0", reason=VIRUS)


def test_the_list_goes_on(kept: Keeping) -> None:
    """A page of freezes says where the older ones begin."""
    freeze(kept.world, kept.root, "demo", "1.0", reason=VIRUS)
    newer = freeze(kept.world, kept.root, "demo", "2.0", reason=VIRUS)
    first = list_freezes(kept.world, kept.root, limit=1)
    assert (list(first.freezes), first.before) == ([newer], newer.id)
    rest = list_freezes(kept.world, kept.root, before=first.before, limit=1)
    assert ([one.version for one in rest.freezes], rest.before) == (["1.0"], 0)
