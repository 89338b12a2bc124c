"""Quotas: who is refused, when, what makes room again, and who gives more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.invariants import broken, entries
from tests.support.story import SDIST, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import Meanwhile, add_person, run_jobs

from homeport.domain.account import Caller, Scope, Token
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, TooLarge, Unavailable
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.ledger import Kind
from homeport.domain.quota import Quotas, Usage
from homeport.domain.rehost import State
from homeport.flows.change_quota import change_project_quota, change_user_quota
from homeport.flows.change_status import change_visibility
from homeport.flows.manage_project import create_project
from homeport.flows.remove import remove
from homeport.flows.room import room_for_body, room_for_file
from homeport.ports.world import Limits, World

SMALL, LARGE = len(sdist()), len(wheel())


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A project with a site; every invariant holds at the end."""
    with begin_story(tmp_path) as story:
        yield story


def bounded(story: Story, **quotas: int) -> Story:
    """The same story where these quotas hold."""
    policy = replace(story.world.policy, quotas=Quotas(**quotas))
    story.fakes.world = replace(story.world, policy=policy)
    return story


@pytest.mark.parametrize("which", ["project_bytes", "user_bytes", "index_bytes"])
def test_w28_a_full_quota_refuses(story: Story, which: str) -> None:
    """W28: what fits to the byte is taken, one byte more is refused and told, and what was removed makes room."""
    bounded(story, **{which: LARGE + SMALL - 1})
    story.upload(WHEEL, wheel())
    with pytest.raises(Invalid, match="of a quota of") as refused:
        story.upload(SDIST, sdist())
    assert refused.value.code == "upload-policy"
    assert set(story.files()) == {WHEEL}
    bounded(story, **{which: LARGE + SMALL})
    story.upload(SDIST, sdist())
    remove(story.world, story.owner, "demo", "1.0", reason="Room.", filenames=[WHEEL])
    story.upload(WHEEL, wheel())


def test_what_is_there_is_not_refused(story: Story) -> None:
    """W15: the same file again is answered as before, however full the quota is."""
    story.upload(WHEEL, wheel())
    bounded(story, project_bytes=0, user_bytes=0, index_bytes=0)
    assert not story.upload(WHEEL, wheel()).is_new
    bounded(story)


def test_i17_two_at_once_do_not_both_fit(story: Story) -> None:
    """I-17: what fills the quota while a file is inspected is seen in the transaction that would count it."""
    bounded(story, project_bytes=LARGE + SMALL - 1)
    before = story.world
    meanwhile = Meanwhile(lambda: upload_in(story, before))
    story.fakes.world = replace(before, isolation=meanwhile)
    with pytest.raises(Invalid, match="The project demo has"):
        story.upload(SDIST, sdist())
    assert set(story.files()) == {WHEEL}


def upload_in(story: Story, world: World) -> None:
    """Another upload, by another process."""
    inspecting, story.fakes.world = story.world, world
    story.upload(WHEEL, wheel())
    story.fakes.world = inspecting


def test_a_rehost_fills_the_project_and_not_the_person(story: Story) -> None:
    """What is brought home counts for the project; when it is full the rehost fails, and says so."""
    bounded(story, project_bytes=SMALL, user_bytes=0)
    story.offer({SDIST: sdist(), WHEEL: wheel()})
    view = story.plan()
    ids = {item.filename: item.id for item in view.plan.items}
    story.accept(view, accept=frozenset({ids[SDIST]}))
    run_jobs(story.fakes)
    assert story.view(view.rehost.id).rehost.state is State.PUBLISHED
    again = story.plan()
    story.accept(again)
    run_jobs(story.fakes)
    failed = story.view(again.rehost.id).rehost
    assert (failed.state, failed.problem_code) == (State.FAILED, "project-quota")
    assert set(story.files()) == {SDIST}


# Room, asked before bytes come


def test_w27_the_room_of_a_file(story: Story) -> None:
    """W27: the tightest bound is told: the file's own, the project's, the person's, the index's, the disk's."""
    fields = {"name": ["Demo"]}

    def room(world: World, fields: dict[str, list[str]]) -> tuple[int, str, type[Refusal]]:
        found = room_for_file(world, story.owner.user, fields)
        return found.left_bytes, found.refusal.code, type(found.refusal)

    story.fakes.world = replace(story.world, limits=Limits(file_bytes=1000))
    assert room(story.world, fields) == (1000, "file-too-large", TooLarge)
    bounded(story, index_bytes=900)
    assert room(story.world, fields) == (900, "index-quota", Conflict)
    bounded(story, index_bytes=900, user_bytes=800)
    assert room(story.world, {}) == (800, "user-quota", Conflict)
    bounded(story, index_bytes=900, user_bytes=800, project_bytes=700)
    assert room(story.world, fields) == (700, "project-quota", Conflict)
    assert room(story.world, {"name": ["no name!"]}) == (700, "project-quota", Conflict), "for one to come"
    story.fakes.blobs.free = 600
    assert room(story.world, fields) == (600, "disk-full", Unavailable)
    body = room_for_body(story.world)
    assert (body.left_bytes, body.refusal.code) == (600, "disk-full")


def test_what_is_hosted_has_room(story: Story) -> None:
    """Who repeats an upload sends all of it, and is told that it is there; a digest that is none changes nothing."""
    story.upload(SDIST, sdist())
    bounded(story, project_bytes=0)
    fields = {"name": ["demo"], "sha256_digest": [story.files()[SDIST].digests.sha256.hex]}
    assert room_for_file(story.world, story.owner.user, fields).refusal.code == "file-too-large"
    change_visibility(story.world, story.owner, "demo", is_private=True)
    eve = add_person(story.world, "eve")
    create_project(story.world, eve, "other", HostingMode.ONLY)
    theirs = fields | {"name": ["other"]}
    assert room_for_file(story.world, eve, theirs).left_bytes == 0, "she learns nothing about it"
    for sha256 in ("", "0" * 64, "no digest"):
        fields["sha256_digest"] = [sha256]
        assert room_for_file(story.world, story.owner.user, fields).left_bytes == 0
    bounded(story)


def test_how_full_a_project_is_its_own_business(story: Story) -> None:
    """Somebody else is told the bound of a project that would be new, also of a private one."""
    story.upload(SDIST, sdist())
    bounded(story, project_bytes=1000)
    change_visibility(story.world, story.owner, "demo", is_private=True)
    eve = add_person(story.world, "eve")
    theirs = room_for_file(story.world, eve, {"name": ["demo"]})
    assert (theirs.left_bytes, "demo" in theirs.refusal.sentence) == (1000, False)
    own = room_for_file(story.world, story.owner.user, {"name": ["demo"]})
    assert (own.left_bytes, "demo" in own.refusal.sentence) == (1000 - SMALL, True)


# Administrators give more, or less


@pytest.fixture
def root(story: Story) -> Caller:
    """An administrator."""
    return Caller(add_person(story.world, "root", is_admin=True))


def test_a_project_is_given_more(story: Story, root: Caller) -> None:
    """Its own quota holds at once, is an entry of the ledger, is told to its people, and can be taken back."""
    bounded(story, project_bytes=SMALL)
    assert change_project_quota(story.world, root, "Demo", LARGE) == Usage(0, LARGE)
    story.upload(WHEEL, wheel())
    assert change_project_quota(story.world, root, "demo", None) == Usage(LARGE, None)
    with pytest.raises(Invalid, match="quota"):
        story.upload(SDIST, sdist())
    changed = entries(story.fakes.store, Kind.QUOTA_CHANGED)
    assert [(one["project"], one["details"], one["actor"]) for one in changed] == [
        ("demo", {"bytes": LARGE}, "root"),
        ("demo", {"bytes": None}, "root"),
    ]
    with story.world.store.read() as tx:
        subjects = [one.subject for one in tx.notices.of_user(story.owner.user.id, limit=9)]
    assert "demo may have 1015 bytes of files now, by root" in subjects
    assert "demo may have the index's usual amount of files now, by root" in subjects
    change_project_quota(story.world, root, "demo", LARGE)


def test_a_person_is_given_more(story: Story, root: Caller) -> None:
    """Their own quota holds at once, whatever they upload to; they are told."""
    bounded(story, user_bytes=0)
    assert change_user_quota(story.world, root, "ada", SMALL) == Usage(0, SMALL)
    story.upload(SDIST, sdist())
    assert change_user_quota(story.world, root, "ada", None) == Usage(SMALL, None)
    (given, taken) = entries(story.fakes.store, Kind.QUOTA_CHANGED)
    assert (given["project"], given["details"]) == ("", {"user": "ada", "bytes": SMALL})
    assert taken["details"] == {"user": "ada", "bytes": None}
    with story.world.store.read() as tx:
        newest = tx.notices.of_user(story.owner.user.id, limit=1)[0]
    assert newest.subject == "You may have the index's usual amount of uploads now, by root"


def test_only_administrators_change_quotas(story: Story, root: Caller) -> None:
    """Owners and tokens may not; unknown projects and people are told."""
    token = Token(1, "root", frozenset({Scope.MANAGE}), frozenset(), story.fakes.clock.now(), None)
    for caller in (story.owner, Caller(root.user, token)):
        for change, name in ((change_project_quota, "demo"), (change_user_quota, "ada")):
            with pytest.raises(Forbidden):
                change(story.world, caller, name, 1)
    for change, code in ((change_project_quota, "project-unknown"), (change_user_quota, "user-unknown")):
        with pytest.raises(NotFound) as refused:
            change(story.world, root, "nobody", 1)
        assert refused.value.code == code
    assert entries(story.fakes.store, Kind.QUOTA_CHANGED) == []


# Closed releases


def closing(story: Story, days: int = 14) -> Story:
    """The same story where releases close."""
    story.fakes.world = replace(story.world, policy=Policy(releases_close_after=timedelta(days=days)))
    return story


def test_v51_an_old_release_takes_no_upload(story: Story) -> None:
    """V51: on the last day a file is taken, then refused with what to do; the same file again is no new one."""
    closing(story).upload(WHEEL, wheel())
    story.fakes.clock.advance(timedelta(days=14))
    story.upload(SDIST, sdist())
    story.fakes.clock.advance(timedelta(seconds=1))
    with pytest.raises(Invalid, match="takes no new files after 14 days: release a new version") as refused:
        story.upload("demo-1.0-py2-none-any.whl", wheel(content=b"x = 1\n"))
    assert "demo 1.0 was registered on" in refused.value.sentence
    assert not story.upload(WHEEL, wheel()).is_new
    assert story.upload("demo-2.0-py3-none-any.whl", wheel("2.0")).is_new


def test_t38_removing_does_not_open_it_again(story: Story) -> None:
    """T-38: a closed release that is removed is closed when its version comes back, in whatever spelling."""
    closing(story).upload(WHEEL, wheel())
    story.fakes.clock.advance(timedelta(days=15))
    remove(story.world, story.owner, "demo", "1.0", reason="Start over.")
    with pytest.raises(Invalid, match="takes no new files"):
        story.upload("demo-1.0.0-py3-none-any.whl", wheel("1.0.0"))
    assert broken(story.fakes) == []
    assert story.files() == {}
