"""The outlook of a project as its maintainers read it: numbers, words of plans and surveys, the way, and the history."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person, grant, run_jobs

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Forbidden
from homeport.domain.hosting import HostingMode
from homeport.domain.outlook import Chance, Step
from homeport.domain.project import Role
from homeport.domain.standing_consent import Condition
from homeport.domain.survey import Check, Letter, Link, Look, Reach
from homeport.domain.survey_report import report_of
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_visibility
from homeport.flows.move_project import lost_links
from homeport.flows.outlook import HostingStory, show_outlook
from homeport.flows.rehost.start import start_plan
from homeport.flows.remove import remove
from homeport.ports.surveys import Seen

EXT, CACHE, ONLY = HostingMode


@pytest.fixture
def ext(tmp_path: Path) -> Iterator[Story]:
    """A project that lists a wheel and an sdist from outside, as its last plan found them."""
    with begin_story(tmp_path, EXT) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist()})
        story.plan()
        yield story


def shown(story: Story, caller: Caller | None = None) -> HostingStory:
    """What the owner is shown, unless somebody else is named."""
    return show_outlook(story.world, caller or story.owner, "Demo")


def chances(of: HostingStory) -> dict[str, Chance]:
    """The chance of every external file."""
    return {file.filename: file.chance for file in of.outlook.external}


def survey(story: Story, reach: Reach, *, problem: str = "") -> None:
    """A survey of demo that asked for the wheel, and came to its end or to a problem."""
    now = story.fakes.clock.now()
    found = Link(
        f"{SITE}/{WHEEL}",
        "site.test",
        WHEEL,
        "1.0",
        "",
        "homepage",
        is_tls=True,
        is_hosted=False,
        check=Check(reach),
    )
    look = Look("demo", Letter.B, external_files=1, links=1, at=now)
    with story.world.store.write() as tx:
        made = tx.surveys.add(story.project.id, by="ada", at=now)
        tx.surveys.put(made.id, [Seen(story.project.id, look, (found,))], waiting_hosts=0)
        if problem:
            tx.surveys.fail(made.id, problem, now)
        else:
            tx.surveys.finish(made.id, report_of([look], [("demo", found)]), now)


def test_numbers_and_the_way(ext: Story) -> None:
    """Files are counted by their chance, and the steps that were taken are told."""
    ext.upload(WHEEL_2, wheel("2.0"))
    told = shown(ext)
    assert (told.role, told.project.mode, told.outlook.hosted) == (Role.OWNER, EXT, 1)
    assert chances(told) == {WHEEL: Chance.CAN, SDIST: Chance.CAN}
    cache, only = told.outlook.options
    assert [stage.is_done for stage in cache.way] == [True, True, False, False, False, False]
    assert (len(only.loses), only.rescuable) == (2, 2)
    assert told.exemption is not None
    assert (told.standing, told.condition, told.survey) == (None, None, None)
    assert told.plan is not None


def test_as_the_plan_goes_on(ext: Story) -> None:
    """What was left out stays outside after the plan is done; then the move is ready."""
    wheel_id = ext.item(1, WHEEL).id
    ext.accept(ext.view(1), accept=frozenset({wheel_id}))
    run_jobs(ext.fakes)
    told = shown(ext)
    assert (told.outlook.hosted, chances(told)) == (1, {SDIST: Chance.CAN})
    assert told.outlook.options[0].is_ready
    assert [past.what for past in told.past] == ["consent-given", "exemption-given"]
    assert told.past[0].sentence == "Agreed to 1 file of rehost 1."


def test_what_was_removed_here_cannot_be_lost(ext: Story) -> None:
    """I-04: the link of a file that was removed is listed no more, and counted nowhere: not in numbers, not in what is lost."""
    wheel_id = ext.item(1, WHEEL).id
    ext.accept(ext.view(1), accept=frozenset({wheel_id}))
    run_jobs(ext.fakes)
    remove(ext.world, ext.owner, "demo", "1.0", reason="Broken.", filenames=(WHEEL,))
    assert chances(shown(ext)) == {SDIST: Chance.CAN}
    with ext.world.store.read() as tx:
        assert lost_links(tx, ext.project) == (SDIST,)


def test_a_plan_that_is_only_begun_says_nothing(ext: Story) -> None:
    """While the next plan is being made, the one before is what is known."""
    ext.fakes.clock.advance(timedelta(hours=1))
    begun = start_plan(ext.world, ext.owner, "demo", None)
    told = shown(ext)
    assert told.plan is not None
    assert told.plan.id == begun.id
    assert set(chances(told).values()) == {Chance.CAN}
    assert [stage.step for stage in told.outlook.options[0].way if stage.is_done] == [Step.SOURCES]
    run_jobs(ext.fakes)


def test_a_plan_of_one_version_says_nothing_of_all(ext: Story) -> None:
    """The way home is a plan of everything."""
    ext.plan(version="1.0")
    told = shown(ext)
    assert told.plan is not None
    assert told.plan.id == 1


def test_surveys_speak_too(ext: Story) -> None:
    """The later of plan and survey counts; a survey that is running or failed says nothing."""
    ext.fakes.clock.advance(timedelta(hours=1))
    survey(ext, Reach.GONE, problem="The database went away.")
    assert chances(shown(ext))[WHEEL] is Chance.CAN
    assert shown(ext).survey is None
    survey(ext, Reach.GONE)
    told = shown(ext)
    assert chances(told) == {WHEEL: Chance.CANNOT, SDIST: Chance.CAN}
    assert told.survey is not None
    ext.fakes.clock.advance(timedelta(hours=1))
    ext.plan()
    assert chances(shown(ext))[WHEEL] is Chance.CAN


def test_links_that_are_listed_no_more_are_known_still(ext: Story) -> None:
    """In pypi-only the recorded files are told of, with what can come home."""
    change_hosting(ext.world, ext.owner, "demo", Wish(ONLY, acknowledges_loss=True))
    told = shown(ext)
    assert (told.outlook.listed, len(told.outlook.external)) == ((), 2)
    back, cache = told.outlook.options
    assert (len(back.gains), len(cache.gains)) == (2, 2)
    assert [past.what for past in told.past] == ["moved", "exemption-given"]


def test_the_history_of_a_private_project(ext: Story) -> None:
    """Its maintainers read its moves and consents, though no public log has them."""
    change_hosting(ext.world, ext.owner, "demo", Wish(ONLY, acknowledges_loss=True, reason="Done."))
    change_hosting(ext.world, ext.owner, "demo", Wish(CACHE, consents=True))
    change_visibility(ext.world, ext.owner, "demo", is_private=True)
    told = shown(ext)
    assert [past.what for past in told.past] == [
        "standing-consent-given",
        "moved",
        "moved",
        "exemption-given",
    ]
    assert told.past[2].reason == "Done."
    assert told.condition is Condition.LIVE
    assert [past.serial for past in told.past] == sorted((past.serial for past in told.past), reverse=True)


def test_without_links_nothing_is_read(tmp_path: Path) -> None:
    """A project without an outside has none, and hears what it would need."""
    with begin_story(tmp_path, ONLY) as story:
        told = shown(story)
        assert (told.outlook.external, told.plan, told.past) == ((), None, ())


def test_who_is_shown(ext: Story) -> None:
    """Maintainers and administrators; nobody else, and no token without the scope."""
    bob = grant(ext.world, ext.project, add_person(ext.world, "bob"))
    root = Caller(add_person(ext.world, "root", is_admin=True))
    eve = Caller(add_person(ext.world, "eve"))
    assert shown(ext, bob).role is Role.MAINTAINER
    assert shown(ext, root).role is None
    for caller in (
        eve,
        by_token(ext.world, ext.owner, Scope.UPLOAD),
        replace(eve, token=by_token(ext.world, eve, *Scope).token),
    ):
        with pytest.raises(Forbidden):
            shown(ext, caller)
