"""The review of a plan over days and people: decisions are saved, hashes declared, and what is accepted is what was shown."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.outside import Answer
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import add_person, run_jobs

from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, IllegalMove, Invalid, NotFound, Refusal, Unauthenticated
from homeport.domain.plan_draft import Changes
from homeport.domain.project import Role
from homeport.domain.rehost import Decision, State
from homeport.domain.review_filter import EVERY_ITEM, Filter, Show
from homeport.domain.said_before import Saying, drafted_words
from homeport.flows.rehost.draft import (
    Bulk,
    Review,
    Saving,
    Shown,
    declare_hashes,
    save_draft,
    show_review,
)
from homeport.flows.rehost.item_detail import MAX_COMPARED_BYTES, show_item
from homeport.flows.rehost.review import Choice, accept
from homeport.flows.rehost.start import start_plan

FILES = {WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0", b"answer = 43\n")}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A project whose site offers three files."""
    with begin_story(tmp_path) as begun:
        begun.offer(FILES)
        yield begun


@pytest.fixture
def rehost(story: Story) -> int:
    """A plan of them."""
    return story.plan().rehost.id


def bob(story: Story) -> Caller:
    """Somebody else who maintains the project."""
    person = add_person(story.world, "bob")
    with story.world.store.write() as tx:
        tx.projects.grant(story.project.id, person.id, Role.MAINTAINER)
    return Caller(person)


def seen(review: Review) -> Shown:
    """What somebody saw who was shown this review."""
    return Shown(review.view.digest, review.draft.revision)


def ids(story: Story, rehost: int) -> dict[str, int]:
    """The items of a plan, by name."""
    return {item.filename: item.id for item in story.view(rehost).plan.items}


def decide(story: Story, rehost: int, decision: Decision, *names: str) -> Review:
    """The owner decides, having seen what stands."""
    here, review = ids(story, rehost), show_review(story.world, story.owner, rehost)
    saving = Saving(Changes({here[name]: decision for name in names}))
    return save_draft(story.world, story.owner, rehost, seen(review), saving)


def test_decisions_survive_days_and_a_new_plan(story: Story, rehost: int) -> None:
    """What was left out stays left out in a plan that is made days later, as long as the bytes are the same."""
    decide(story, rehost, Decision.LEAVE_OUT, SDIST, WHEEL)
    story.fakes.clock.advance(timedelta(days=5))
    story.offer({**FILES, WHEEL: wheel(content=b"other = 1\n")})
    again = story.plan().rehost.id
    assert again != rehost
    review = show_review(story.world, story.owner, again)
    decided = {one.item.filename: one.entry for one in review.items if one.entry}
    assert decided.keys() == {SDIST}
    assert decided[SDIST].decision is Decision.LEAVE_OUT
    assert (review.draft.revision, review.draft.saved_by) == (1, "ada")


def test_pasted_checksums_take_over_nobodys_decision(story: Story, rehost: int) -> None:
    """Whoever names the sha256s of all files has decided about none; what is said later is each one's own."""
    decide(story, rehost, Decision.LEAVE_OUT, SDIST)
    review, mia = show_review(story.world, story.owner, rehost), bob(story)
    sums = "".join(f"{Sha256.of(body)}  {name}\n" for name, body in FILES.items())
    _, after = declare_hashes(story.world, mia, rehost, seen(review), sums.encode())
    by_name = {one.item.filename: one for one in after.items}
    assert {name: one.decided_by for name, one in by_name.items()} == {SDIST: "ada", WHEEL: "", WHEEL_2: ""}
    assert {one.entry.named_by for one in after.items if one.entry} == {"bob"}
    with story.world.store.read() as tx:
        said = drafted_words(tx.drafts.of_project(story.project.id))
    assert {(word.saying, word.by) for word in said if word.filename == SDIST} == {
        (Saying.LEFT_OUT, "ada"),
        (Saying.NAMED, "bob"),
    }


def test_two_people_at_once(story: Story, rehost: int) -> None:
    """The later save is told what the other changed, saves nothing, and goes through once that was seen."""
    here, first = ids(story, rehost), show_review(story.world, story.owner, rehost)
    save_draft(
        story.world, bob(story), rehost, seen(first), Saving(Changes({here[SDIST]: Decision.LEAVE_OUT}))
    )
    mine = Saving(Changes({here[WHEEL]: Decision.LEAVE_OUT}))
    with pytest.raises(Conflict, match="bob saved this review") as refused:
        save_draft(story.world, story.owner, rehost, seen(first), mine)
    assert refused.value.problems[1:] == (f"{SDIST}: bob left it out.",)
    now = show_review(story.world, story.owner, rehost)
    both = save_draft(story.world, story.owner, rehost, seen(now), mine)
    assert {one.item.filename for one in both.items if one.is_ticked} == {WHEEL_2}


def test_a_decision_about_all_that_is_shown(story: Story, rehost: int) -> None:
    """One decision is about everything a filter shows, and single ones of the same save stand beside it."""
    here, review = ids(story, rehost), show_review(story.world, story.owner, rehost)
    saving = Saving(
        Changes({here[WHEEL_2]: Decision.LEAVE_OUT, here[SDIST]: Decision.LEAVE_OUT}),
        Bulk(Decision.ACCEPT, Filter(version="1.0")),
    )
    saved = save_draft(story.world, story.owner, rehost, seen(review), saving)
    assert {one.item.filename for one in saved.items if one.is_ticked} == {WHEEL, SDIST}
    assert saved.draft.revision == 1
    none = save_draft(story.world, story.owner, rehost, seen(saved), Saving())
    assert none == saved


def test_what_is_accepted_is_what_was_shown(story: Story, rehost: int) -> None:
    """An acceptance names the revision of the review; another one, or none where there is one, accepts nothing (T-12)."""
    saved = decide(story, rehost, Decision.LEAVE_OUT, SDIST)
    choice = Choice(saved.view.digest, Basis.AUTHOR, draft_revision=saved.draft.revision)
    later = decide(story, rehost, Decision.LEAVE_OUT, WHEEL)
    for wrong in (choice, replace(choice, draft_revision=None)):
        with pytest.raises(Conflict) as refused:
            accept(story.world, story.owner, rehost, wrong)
        assert refused.value.code in {"draft-changed", "draft-not-named"}
    named = replace(choice, draft_revision=None, accept=frozenset({ids(story, rehost)[WHEEL_2]}))
    assert later.ticked == named.accept
    accept(story.world, story.owner, rehost, replace(choice, draft_revision=later.draft.revision))
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL_2}


def test_named_files_need_no_review(story: Story, rehost: int) -> None:
    """Who names the files one by one accepts exactly those, whatever somebody drafted."""
    saved = decide(story, rehost, Decision.LEAVE_OUT, SDIST)
    chosen = frozenset({ids(story, rehost)[SDIST]})
    accept(story.world, story.owner, rehost, Choice(saved.view.digest, Basis.AUTHOR, accept=chosen))
    run_jobs(story.fakes)
    assert set(story.files()) == {SDIST}


def test_another_plan_saves_nothing(story: Story, rehost: int) -> None:
    """Decisions are about the plan that was shown: numbers of another one say nothing."""
    other = Shown(Sha256.of(b"other"), 0)
    for attempt in (
        lambda: save_draft(story.world, story.owner, rehost, other, Saving()),
        lambda: declare_hashes(story.world, story.owner, rehost, other, f"{'0' * 64}  {SDIST}".encode()),
    ):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "plan-changed"


def test_who_may_decide(story: Story, rehost: int) -> None:
    """Strangers see nothing; who was disabled since they were shown it saves nothing; a typed sha256 must be true."""
    review = show_review(story.world, story.owner, rehost)
    stranger = Caller(add_person(story.world, "eve"))
    with pytest.raises(NotFound):
        save_draft(story.world, stranger, rehost, seen(review), Saving())
    wrong = Saving(Changes(sha256={ids(story, rehost)[SDIST]: Sha256.of(b"other")}))
    with pytest.raises(Invalid, match="another one"):
        save_draft(story.world, story.owner, rehost, seen(review), wrong)
    with story.world.store.write() as tx:
        tx.users.disable(story.owner.user.id, story.world.clock.now())
    with pytest.raises(Unauthenticated):
        save_draft(story.world, story.owner, rehost, seen(review), Saving())


def test_an_answered_plan_takes_no_decision(story: Story, rehost: int) -> None:
    """What was agreed to is not decided about again."""
    review = show_review(story.world, story.owner, rehost)
    story.accept(review.view)
    run_jobs(story.fakes)
    assert story.view(rehost).rehost.state is State.PUBLISHED
    with pytest.raises(IllegalMove):
        save_draft(story.world, story.owner, rehost, seen(review), Saving())


def test_known_hashes_are_declared_at_once(story: Story) -> None:
    """A checksum file names what it names: what matches is declared, what does not is rejected, and all of it is reported."""
    story.offer(FILES, {})
    rehost = story.plan().rehost.id
    lines = [
        f"{Sha256.of(FILES[WHEEL])}  dist/{WHEEL}",
        f"{Sha256.of(b'other')} *{SDIST}",
        f"SHA256 (demo-9.0.tar.gz) = {'0' * 64}",
        f"{'1' * 128}  {WHEEL_2}",
        "# signed by nobody",
    ]
    review = show_review(story.world, story.owner, rehost)
    report, after = declare_hashes(story.world, story.owner, rehost, seen(review), "\n".join(lines).encode())
    assert [item.filename for item in report.matched] == [WHEEL]
    assert [item.filename for item in report.mismatched] == [SDIST]
    assert report.unknown == ("demo-9.0.tar.gz",)
    assert [item.filename for item in report.unnamed] == [WHEEL_2]
    assert {one.item.filename for one in after.items if one.is_ticked} == {WHEEL, WHEEL_2}
    choice = Choice(after.view.digest, Basis.AUTHOR, draft_revision=after.draft.revision)
    accept(story.world, story.owner, rehost, choice)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, WHEEL_2}
    assert story.item(rehost, WHEEL).declared_sha256 == Sha256.of(FILES[WHEEL]).hex


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "hashes-missing"),
        (b"no hash at all", "hashes-missing"),
        (f"{'1' * 128}  {SDIST}".encode(), "hashes-missing"),
        (f"{'1' * 64}  {SDIST}\n{'2' * 64}  {SDIST}".encode(), "hashes-unreadable"),
    ],
)
def test_what_names_no_hash_is_refused(story: Story, rehost: int, text: bytes, code: str) -> None:
    """A list that says nothing, or two things, declares nothing."""
    with pytest.raises(Refusal) as refused:
        declare_hashes(
            story.world, story.owner, rehost, seen(show_review(story.world, story.owner, rehost)), text
        )
    assert refused.value.code == code
    assert show_review(story.world, story.owner, rehost).draft.revision == 0


# One item closely


def test_an_item_is_compared_with_the_version_before(story: Story, rehost: int) -> None:
    """The files in it and what it says of itself are held against the older file of its kind in the same plan."""
    detail = show_item(story.world, story.owner, rehost, ids(story, rehost)[WHEEL_2])
    comparison = detail.comparison
    assert comparison.previous is not None
    assert comparison.diff is not None
    assert (comparison.previous.filename, comparison.previous.is_hosted) == (WHEEL, False)
    assert "demo/content.py" in comparison.diff.changed.shown
    assert (detail.place.number, detail.place.total, detail.place.before) == (1, 3, None)
    assert detail.place.after == ids(story, rehost)[WHEEL]


def test_a_hosted_file_is_what_it_is_compared_with(story: Story) -> None:
    """What the index hosts of the version before comes first; an item that is hosted itself is no candidate."""
    story.upload(WHEEL, FILES[WHEEL])
    rehost = story.plan().rehost.id
    comparison = show_item(story.world, story.owner, rehost, ids(story, rehost)[WHEEL_2]).comparison
    assert comparison.previous is not None
    assert comparison.previous.is_hosted


def test_what_has_nothing_to_be_compared_with(story: Story, rehost: int) -> None:
    """The first of its kind, and one without bytes, say so."""
    assert (
        "no older version"
        in show_item(story.world, story.owner, rehost, ids(story, rehost)[SDIST]).comparison.problem
    )
    story.fakes.outside.put(f"{SITE}/{WHEEL_2}", Answer(status=503))
    again = start_plan(story.world, story.owner, "demo").id
    run_jobs(story.fakes)
    comparison = show_item(story.world, story.owner, again, ids(story, again)[WHEEL_2]).comparison
    assert comparison.problem.startswith("Its bytes are not here")


def test_what_cannot_be_opened_is_said(story: Story, rehost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are gone, and a file that is too large to be opened for a page, leave a sentence."""
    item_id = ids(story, rehost)[WHEEL_2]
    monkeypatch.setattr("homeport.flows.rehost.item_detail.MAX_COMPARED_BYTES", 10)
    assert "larger than" in show_item(story.world, story.owner, rehost, item_id).comparison.problem
    monkeypatch.setattr("homeport.flows.rehost.item_detail.MAX_COMPARED_BYTES", MAX_COMPARED_BYTES)
    monkeypatch.setattr(type(story.fakes.blobs), "path", lambda _self, _sha256: None)
    assert "not here any more" in show_item(story.world, story.owner, rehost, item_id).comparison.problem


def test_an_empty_file_is_said(story: Story, rehost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in which nothing was found is not compared."""
    from homeport.domain.contents import Contents

    monkeypatch.setattr(
        "tests.support.world.OwnProcess.list_contents", lambda _self, _file, _name: Contents()
    )
    comparison = show_item(story.world, story.owner, rehost, ids(story, rehost)[WHEEL_2]).comparison
    assert comparison.problem == f"{WHEEL} holds no files."


def test_findings_come_with_advice_and_rivals(story: Story, rehost: int) -> None:
    """What was found says what to do about it, and who else has the file name is named."""
    here = ids(story, rehost)
    with story.world.store.write() as tx:
        plan = tx.rehosts.plan(story.view(rehost).rehost)
        twin = replace(next(i for i in plan.items if i.filename == SDIST), id=0, url=f"{SITE}/twin")
        tx.rehosts.put_findings(rehost, [*plan.items, twin], (), ())
    items = story.view(rehost).plan.items
    sdists = [item for item in items if item.filename == SDIST]
    detail = show_item(story.world, story.owner, rehost, sdists[0].id, Filter(Show.HELD))
    assert [item.id for item in detail.rivals] == [sdists[1].id]
    assert (detail.place.number, detail.place.after) == (0, None)
    assert all(advice for _, advice in detail.findings)
    last = show_item(story.world, story.owner, rehost, sdists[1].id, EVERY_ITEM)
    assert last.place.before is not None
    with pytest.raises(NotFound):
        show_item(story.world, story.owner, rehost, max(here.values()) + 1000)
