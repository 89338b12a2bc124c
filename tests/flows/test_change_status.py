"""Status markers and visibility: who sets them, what they stop, where they show, and that taking them back is at once."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.support.keeping import Keeping, Which, keeping
from tests.support.story import SDIST, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.token_callers import by_token
from tests.support.world import drop_jobs, grant, register_release, run_jobs

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import LONGEST_REASON, ProjectStatus, Role
from homeport.domain.rehost import State
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.manage_project import create_project
from homeport.flows.rehost import publish
from homeport.flows.rehost.registration import begin_registration
from homeport.flows.rehost.start import start_plan, start_update_cache

ACTIVE, ARCHIVED, QUARANTINED, DEPRECATED = ProjectStatus
CLOSED = [ARCHIVED, QUARANTINED]
METADATA = CoreMetadata("1.0", "demo", "1.0")


@pytest.fixture(params=["fake", "real"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeping]:
    """A project with one file; these tests run over the fake store and over the real one."""
    which: Which = request.param
    with keeping(which, tmp_path) as kept:
        kept.upload(WHEEL, wheel())
        yield kept


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project with two files outside."""
    with begin_story(tmp_path) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist()})
        yield story


def test_a_quarantine_is_ended_by_who_saw_it(kept: Keeping) -> None:
    """What was shown before it began, or before something came to light, ends nothing; without a serial nothing is compared."""
    before = kept.project().serial
    change_status(kept.world, kept.root, "demo", QUARANTINED, "Malware.", serial=before - 1)
    for status in (ACTIVE, ARCHIVED):
        with pytest.raises(Conflict, match="changed meanwhile") as refused:
            change_status(kept.world, kept.root, "demo", status, "Clean.", serial=before)
        assert refused.value.code == "project-changed"
    assert kept.project().status is QUARANTINED
    seen = kept.project().serial
    assert change_status(kept.world, kept.root, "demo", ARCHIVED, "Clean.", serial=seen).status is ARCHIVED
    assert change_status(kept.world, kept.ada, "demo", ACTIVE, serial=seen).status is ACTIVE
    change_status(kept.world, kept.root, "demo", QUARANTINED, "Malware.")
    assert change_status(kept.world, kept.root, "demo", ACTIVE, "Clean.").status is ACTIVE


def mark(kept: Keeping, status: ProjectStatus, reason: str = "Because.") -> None:
    """What an administrator may always do."""
    change_status(kept.world, kept.root, "demo", status, reason)


def code_of(ask: Callable[[], object]) -> str:
    """The code of the refusal, or nothing when there is none."""
    try:
        ask()
    except Refusal as refusal:
        return refusal.code
    return ""


# What each marker means for uploads and for readers


def test_q05_archived(kept: Keeping) -> None:
    """Q05: no upload is taken; files are listed as before, and their bytes stay."""
    mark(kept, ARCHIVED)
    with pytest.raises(Conflict, match="demo is archived: it takes no new files") as refused:
        kept.upload(WHEEL_2, wheel("2.0"))
    assert refused.value.code == "project-takes-no-files"
    assert list(kept.yanked()) == [WHEEL]
    assert kept.page()["project-status"] == {"status": "archived", "reason": "Because."}
    assert kept.names() == ["demo"]


def test_q06_quarantined(kept: Keeping) -> None:
    """Q06, Q10: no upload is taken, no file offered in either form, and no list names the project."""
    mark(kept, QUARANTINED)
    assert code_of(lambda: kept.upload(WHEEL_2, wheel("2.0"))) == "project-takes-no-files"
    assert kept.page()["files"] == []
    assert kept.page()["project-status"] == {"status": "quarantined", "reason": "Because."}
    assert "</a>" not in kept.html()
    assert kept.names() == []
    with kept.world.store.read() as tx:
        assert list(tx.projects.newest(limit=9)) == []
        assert list(tx.projects.search("demo", limit=9)) == []


def test_q07_deprecated(kept: Keeping) -> None:
    """Q07: uploads are taken and files listed; the page says that something else is to be used, and why."""
    mark(kept, DEPRECATED, 'Use <b>"other"</b>.')
    kept.upload(WHEEL_2, wheel("2.0"))
    assert list(kept.yanked()) == [WHEEL, WHEEL_2]
    assert kept.page()["project-status"] == {"status": "deprecated", "reason": 'Use <b>"other"</b>.'}
    assert '<meta name="pypi:project-status" content="deprecated">' in kept.html()
    assert "<b>" not in kept.html()
    assert kept.names() == ["demo"]


def test_q08_active(kept: Keeping) -> None:
    """Q08: a project begins active, without a marker, and takes files."""
    assert "project-status" not in kept.page()
    assert "pypi:project-status" not in kept.html()
    kept.upload(WHEEL_2, wheel("2.0"))
    assert list(kept.yanked()) == [WHEEL, WHEEL_2]


@pytest.mark.parametrize("status", CLOSED)
def test_q11_removing_the_marker_restores_uploads_at_once(kept: Keeping, status: ProjectStatus) -> None:
    """Q11: the next upload after the marker is gone is taken, and everything is offered and listed again."""
    mark(kept, status)
    assert code_of(lambda: kept.upload(WHEEL_2, wheel("2.0"))) == "project-takes-no-files"
    mark(kept, ACTIVE, "")
    kept.upload(WHEEL_2, wheel("2.0"))
    assert list(kept.yanked()) == [WHEEL, WHEEL_2]
    assert "project-status" not in kept.page()
    assert kept.names() == ["demo"]


# Every other way that files come: Q09


@pytest.mark.parametrize("status", CLOSED)
def test_q09_no_crawl_and_no_registration(story: Story, status: ProjectStatus) -> None:
    """Q09: registration, plans and updates of the cache refuse, and nobody outside is asked."""
    world = story.world
    change_status(world, moderator(story), "demo", status, "Because.")
    asked = len(story.fakes.outside.asked)
    assert code_of(lambda: register_release(world, story.owner, METADATA)) == "project-takes-no-files"
    assert code_of(lambda: start_plan(world, story.owner, "demo")) == "project-takes-no-files"
    assert code_of(lambda: start_update_cache(world, story.owner, "demo")) == "project-takes-no-files"
    assert run_jobs(story.fakes) == []
    assert len(story.fakes.outside.asked) == asked
    assert story.files() == {}


@pytest.mark.parametrize("status", CLOSED)
@pytest.mark.parametrize("mode", [HostingMode.EXT, HostingMode.ONLY])
def test_q09_no_registration_without_files_either(
    tmp_path: Path, status: ProjectStatus, mode: HostingMode
) -> None:
    """Q09: in the modes that fetch nothing, a registration refuses too."""
    with begin_story(tmp_path, mode) as story:
        change_status(story.world, moderator(story), "demo", status, "Because.")
        assert (
            code_of(lambda: register_release(story.world, story.owner, METADATA)) == "project-takes-no-files"
        )


@pytest.mark.parametrize("status", CLOSED)
def test_q09_a_reviewed_plan_is_not_published(story: Story, status: ProjectStatus) -> None:
    """Q09: a plan made before is not accepted, one accepted before is not published; each says why."""
    waiting = story.plan()
    change_status(story.world, moderator(story), "demo", status, "Because.")
    assert code_of(lambda: story.accept(waiting)) == "project-takes-no-files"
    change_status(story.world, moderator(story), "demo", ACTIVE)
    rehost = story.accept(waiting)
    change_status(story.world, moderator(story), "demo", status, "Because.")
    run_jobs(story.fakes)
    after = story.view(rehost.id).rehost
    assert (after.state, after.problem_code) == (State.FAILED, "project-takes-no-files")
    assert story.files() == {}


@pytest.mark.parametrize("status", CLOSED)
def test_q09_a_publishing_under_way_stops(story: Story, status: ProjectStatus) -> None:
    """Q09: consent is asked again inside the publishing transaction: a marker set meanwhile stops it."""
    rehost = story.accept(story.plan())
    (batch,) = publish.begin_publishing(story.world, rehost.id)
    change_status(story.world, moderator(story), "demo", status, "Because.")
    publish.publish_batch(story.world, rehost.id, batch)
    after = story.view(rehost.id).rehost
    assert (after.state, after.problem_code) == (State.FAILED, "project-takes-no-files")
    assert story.files() == {}
    drop_jobs(story.fakes)


def test_a_deprecated_project_brings_files_home(story: Story) -> None:
    """Q07, Q09: what an active project may, a deprecated one may."""
    change_status(story.world, story.owner, "demo", DEPRECATED)
    story.accept(story.plan())
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}


def moderator(story: Story) -> Caller:
    """An administrator who has no role in the project."""
    with story.world.store.write() as tx:
        there = tx.users.by_name("root")
        now = story.fakes.clock.now()
        return Caller(there or tx.users.add("root", "root@example.org", None, is_admin=True, at=now))


# Who may, and who is told


def test_the_ledger_and_the_people_are_told(kept: Keeping) -> None:
    """One entry for each change, which is the page's serial; a notice to who maintains it and did not do it."""
    told = len(kept.notices(kept.bob)), len(kept.notices(kept.ada))
    changed = change_status(kept.world, kept.ada, "Demo", ARCHIVED, "  No time\nany more. ")
    (entry,) = kept.entries(Kind.STATUS_CHANGED)
    assert (entry["actor"], entry["project"]) == ("ada", "demo")
    assert entry["details"] == {"from": "active", "to": "archived", "reason": "No time any more."}
    assert kept.project() == changed
    assert kept.page()["meta"]["_last-serial"] == changed.serial == entry["seq"]
    assert len(kept.notices(kept.bob)) == told[0] + 1
    newest = kept.notices(kept.bob)[0]
    assert (newest.kind, newest.subject, newest.text) == (
        "status-changed",
        "demo is archived now, by ada",
        "> No time any more.",
    )
    assert len(kept.notices(kept.ada)) == told[1], "ada knows"
    assert kept.notices(kept.cleo) == []
    mark(kept, QUARANTINED)
    assert kept.notices(kept.ada)[0].subject == "demo is quarantined now, by root"


def test_the_same_again_is_a_conflict_and_another_reason_is_not(kept: Keeping) -> None:
    """Nothing is written for what is so already; other words are a change."""
    change_status(kept.world, kept.ada, "demo", ARCHIVED, "One.")
    with pytest.raises(Conflict) as refused:
        change_status(kept.world, kept.ada, "demo", ARCHIVED, " One. ")
    assert refused.value.code == "status-unchanged"
    assert change_status(kept.world, kept.ada, "demo", ARCHIVED, "Two.").status_reason == "Two."
    assert len(kept.entries(Kind.STATUS_CHANGED)) == 2


def test_owners_mark_and_others_do_not(kept: Keeping) -> None:
    """A maintainer, a reader, a stranger and a token for other things are refused; an administrator is not."""
    uploads = by_token(kept.world, kept.ada, Scope.UPLOAD, Scope.READ)
    manages = by_token(kept.world, kept.ada, Scope.MANAGE)
    of_root = by_token(kept.world, kept.root, *Scope)
    for caller, code in (
        (kept.bob, "owner-only"),
        (kept.cleo, "role-missing"),
        (kept.dan, "role-missing"),
        (uploads, "token-scope"),
        (of_root, "role-missing"),
    ):
        with pytest.raises(Forbidden) as refused:
            change_status(kept.world, caller, "demo", DEPRECATED)
        assert refused.value.code == code
        with pytest.raises(Forbidden) as refused:
            change_visibility(kept.world, caller, "demo", is_private=True)
        assert refused.value.code == code
    assert kept.entries(Kind.STATUS_CHANGED, Kind.VISIBILITY_CHANGED) == []
    change_status(kept.world, manages, "demo", DEPRECATED)
    change_status(kept.world, kept.root, "demo", ARCHIVED)
    change_visibility(kept.world, kept.root, "demo", is_private=True)


def test_a_quarantine_begins_and_ends_by_an_administrator(kept: Keeping) -> None:
    """Its owner can neither begin nor end it, nor change its reason; a reason is needed to begin it."""
    for caller in (kept.ada, kept.bob, kept.dan):
        assert code_of(partial(change_status, kept.world, caller, "demo", QUARANTINED, "x")) == "admin-only"
    with pytest.raises(Invalid) as refused:
        change_status(kept.world, kept.root, "demo", QUARANTINED, " ")
    assert refused.value.code == "reason-missing"
    mark(kept, QUARANTINED)
    for status in (ACTIVE, ARCHIVED, QUARANTINED):
        assert code_of(partial(change_status, kept.world, kept.ada, "demo", status, "x")) == "admin-only"
    mark(kept, ARCHIVED)
    change_status(kept.world, kept.ada, "demo", ACTIVE)


@pytest.mark.parametrize(
    ("name", "reason", "kind", "code"),
    [
        ("other", "", NotFound, "project-unknown"),
        ("../x", "", Invalid, "name-invalid"),
        ("demo", "x" * (LONGEST_REASON + 1), Invalid, "reason-too-long"),
        ("demo", "\x07", Invalid, "reason-unprintable"),
    ],
)
def test_what_cannot_be_marked(kept: Keeping, name: str, reason: str, kind: type[Refusal], code: str) -> None:
    """Unknown projects and reasons that cannot be shown are refused."""
    with pytest.raises(kind) as refused:
        change_status(kept.world, kept.ada, name, ARCHIVED, reason)
    assert refused.value.code == code
    assert kept.entries(Kind.STATUS_CHANGED) == []


# Visibility


def test_a_private_project_is_in_no_list(kept: Keeping) -> None:
    """Private: gone from every list at once, its page kept for members; public again: there as before."""
    create_project(kept.world, kept.dan.user, "other", HostingMode.ONLY)
    assert change_visibility(kept.world, kept.ada, "Demo", is_private=True) == kept.project()
    assert kept.project().is_private
    assert kept.names() == ["other"]
    with kept.world.store.read() as tx:
        assert [one.name.normalized for one in tx.projects.newest(limit=9)] == ["other"]
        assert list(tx.projects.search("demo", limit=9)) == []
    assert list(kept.yanked()) == [WHEEL], "its members install from it"
    kept.upload(WHEEL_2, wheel("2.0"))
    assert kept.names() == ["other"], "what happens to it brings it into no list"
    change_visibility(kept.world, kept.ada, "demo", is_private=False)
    assert kept.names() == ["demo", "other"]


def test_visibility_is_told(kept: Keeping) -> None:
    """One entry each, notices to who maintains it; what is so already is a conflict."""
    before = len(kept.notices(kept.bob))
    for is_private, word in ((True, "private"), (False, "public")):
        changed = change_visibility(kept.world, kept.ada, "demo", is_private=is_private)
        entry = kept.entries(Kind.VISIBILITY_CHANGED)[-1]
        assert (entry["actor"], entry["details"], entry["seq"]) == (
            "ada",
            {"private": is_private},
            changed.serial,
        )
        newest = kept.notices(kept.bob)[0]
        assert (newest.kind, newest.subject) == ("visibility-changed", f"demo is {word} now, by ada")
        with pytest.raises(Conflict, match=f"demo is {word} already") as refused:
            change_visibility(kept.world, kept.ada, "demo", is_private=is_private)
        assert refused.value.code == "visibility-unchanged"
    assert len(kept.notices(kept.bob)) == before + 2
    assert kept.notices(kept.cleo) == []
    assert (
        code_of(lambda: change_visibility(kept.world, kept.ada, "other", is_private=True))
        == "project-unknown"
    )


def test_a_quarantined_project_cannot_hide(kept: Keeping) -> None:
    """The page that warns of it stays readable for who installed it: its owners cannot make it private."""
    mark(kept, QUARANTINED)
    for caller in (kept.ada, kept.root):
        with pytest.raises(Conflict) as refused:
            change_visibility(kept.world, caller, "demo", is_private=True)
        assert refused.value.code == "project-quarantined"
    assert not kept.project().is_private


def test_a_private_project_that_was_quarantined_stays_private(kept: Keeping) -> None:
    """The end of a quarantine brings nothing into a list that was not there before."""
    change_visibility(kept.world, kept.ada, "demo", is_private=True)
    mark(kept, QUARANTINED)
    mark(kept, ACTIVE, "")
    assert kept.project().is_private
    assert kept.names() == []


# The reader


def test_a_reader_reads_and_nothing_else(kept: Keeping) -> None:
    """The role of a reader opens no upload, no management, no inbox; being promoted opens all of them."""
    world = kept.world
    assert code_of(lambda: kept.upload(WHEEL_2, wheel("2.0"), kept.cleo)) == "role-missing"
    assert code_of(lambda: register_release(world, kept.cleo, METADATA)) == "role-missing"
    with world.store.read() as tx:
        assert list(tx.projects.of_user(kept.cleo.user.id)) == []
        assert [one.name.display for one in tx.projects.of_user(kept.bob.user.id)] == ["demo"]
    grant(world, kept.project(), kept.cleo.user, Role.MAINTAINER)
    assert kept.upload(WHEEL_2, wheel("2.0"), kept.cleo).is_new


def test_the_consent_of_a_reader_does_not_count(story: Story) -> None:
    """Whoever agreed and may only read by now has not agreed: nothing is published, and the reason is told."""
    rehost = story.accept(story.plan())
    grant(story.world, story.project, story.owner.user, Role.READER)
    run_jobs(story.fakes)
    with story.world.store.read() as tx:
        after = tx.rehosts.find(rehost.id)
    assert after is not None
    assert (after.state, after.problem_code) == (State.FAILED, "consent-role-lost")
    assert story.files() == {}


def test_the_registration_of_a_reader_counts_no_more(story: Story) -> None:
    """Who became a reader while their registration was running registers nothing."""
    rehost_id = begin_registration(story.world, story.owner, METADATA)
    assert isinstance(rehost_id, int)
    grant(story.world, story.project, story.owner.user, Role.READER)
    run_jobs(story.fakes)
    with story.world.store.read() as tx:
        after = tx.rehosts.find(rehost_id)
    assert after is not None
    assert after.state is State.FAILED
    assert story.files() == {}
