"""A rehearsal: it says what will happen, nothing happens by it, and nothing outside is touched."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.support.campaigns import DAY, Play
from tests.support.fake_mails import FakeMailer
from tests.support.fake_store import FakeStore
from tests.support.invariants import entries
from tests.support.world import add_person, drop_jobs, grant

from homeport.domain.campaign import CampaignKind, CampaignState, Stand
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.mail import Message
from homeport.domain.project import Role
from homeport.domain.survey import Check, Link, Reach, look_of
from homeport.flows.campaign import days as campaign_days
from homeport.flows.campaign.manage import (
    Draft,
    announce_campaign,
    cancel_campaign,
    draft_campaign,
    pause_campaign,
    preview_campaign,
    resume_campaign,
)
from homeport.flows.campaign.rehearse import (
    Beginning,
    Outcome,
    Rehearsal,
    RehearsedDay,
    Stage,
    begin_rehearsal,
    outcome_of,
    require_rehearsable,
    set_stage,
)
from homeport.flows.campaign.rehearse import (
    play as rehearse,
)
from homeport.flows.exemptions import extend_exemption
from homeport.flows.send_mails import send_mails
from homeport.flows.survey.start import start_survey, start_survey_of_all
from homeport.ports.surveys import Seen
from homeport.worker.chores import every_chore

TERMS = "https://index.test/terms"
# What of the worker's chores has a part in a campaign; the others fetch, sweep, post or count.
TAKING_PART = {"mails", "exemptions", "standing consents", "campaigns", "plans"}
Mails = Counter[tuple[date, str, str, str]]


def verify_everybody(play: Play) -> None:
    """Let mail reach all people there are."""
    play.fakes.store.sends_mail = True
    with play.world.store.write() as tx:
        for user in list(play.fakes.store.committed.users.values()):
            tx.users.put_email(user.id, user.email, verified_at=play.now)


def drafted(play: Play, ahead: int = 95) -> int:
    """A draft of root's."""
    draft = Draft("Home", "Why.", play.now.date() + ahead * DAY, TERMS)
    return draft_campaign(play.world, play.root, CampaignKind.TO_ONLY, draft).id


def stage_of(play: Play) -> Stage:
    """A stage over a copy of what there is."""
    copy = FakeStore(sends_mail=play.fakes.store.sends_mail)
    copy.committed = play.fakes.store.committed.snapshot()
    return set_stage(replace(play.world, store=copy))


def rehearsed(
    play: Play, number: int = 1, mails: Mails | None = None
) -> tuple[Rehearsal, list[RehearsedDay], Outcome]:
    """A whole rehearsal, and that nothing of what there is changed by it."""
    before = play.fakes.store.committed.snapshot()
    asked = len(play.fakes.outside.asked)
    stage = stage_of(play)
    rehearsal = begin_rehearsal(stage, play.root, number)

    def look_on(today: date, message: Message) -> None:
        if mails is not None:
            mails[today, message.recipient, message.subject, message.text] += 1

    days = list(rehearse(stage, rehearsal, look_on))
    outcome = outcome_of(stage, rehearsal)
    assert play.fakes.store.committed == before
    assert len(play.fakes.outside.asked) == asked
    return rehearsal, [one for one in days if not one.is_quiet], outcome


def pass_real_days(play: Play, until: CampaignState, mailer: FakeMailer) -> None:
    """Let the real clock's chores be done twice a day until the campaign stands so."""
    world = replace(play.world, mailer=mailer)
    chores = [one for one in every_chore() if one.name in TAKING_PART]
    assert len(chores) == len(TAKING_PART)
    while True:
        for chore in (*chores, *chores):
            chore.work(world)
            play.finish_surveys()
        if play.campaign().state is until:
            send_mails(world)
            return
        play.fakes.clock.advance(timedelta(hours=12))


def given(play: Play) -> dict[date, Counter[str]]:
    """The notices of the campaign, by day and step."""
    found: dict[date, Counter[str]] = {}
    for one in play.fakes.store.committed.campaign_notices.values():
        found.setdefault(one.at.date(), Counter())[one.step] += 1
    return found


def see_outside(play: Play, name: str, filename: str) -> None:
    """Let surveys find a dead link of a project, and have one of all projects that says so."""
    url = f"https://old.test/{filename}"
    dead = Check(Reach.GONE, 404, code="http-error", problem="Gone.")
    link = Link(url, "old.test", filename, "1.0", "https://old.test/", "homepage", True, False, check=dead)
    look = look_of(name, [], [link], at=play.now)
    play.found[name] = Seen(play.projects[name].id, look, (link,))
    start_survey_of_all(play.world, play.root)
    play.finish_surveys()


def test_what_is_rehearsed_is_what_happens(play: Play) -> None:
    """Days, steps, mails to the letter, moves and final stands: as the worker's own chores then do it."""
    play.add("third")
    extend_exemption(play.world, play.root, "third", play.now.date() + 60 * DAY, "Later.")
    play.add("stays")
    extend_exemption(play.world, play.root, "stays", play.now.date() + 300 * DAY, "Much later.")
    # Nobody's mail was ever refused, but one person was never asked for an address that works.
    verify_everybody(play)
    grant(play.world, play.projects["demo"], add_person(play.world, "cleo"), Role.MAINTAINER)
    see_outside(play, "bare", "bare-1.0.zip")
    number = drafted(play)
    told = Mails()
    rehearsal, days, outcome = rehearsed(play, number, told)
    assert (rehearsal.beginning, rehearsal.survey is not None) == (Beginning.ANNOUNCED, True)

    mailer = FakeMailer()
    preview_campaign(play.world, play.root, number)
    play.finish_surveys()
    announce_campaign(play.world, play.root, number)
    pass_real_days(play, CampaignState.REPORTED, mailer)
    assert {one.day: Counter(one.steps) for one in days if one.steps} == given(play)
    sent = Mails((one.at.date(), one.recipient, one.subject, one.text) for one in mailer.sent)
    # The surveys of the play end without a word; the worker's, and those of a rehearsal, tell who asked.
    assert _without_surveys(told) == _without_surveys(sent)
    moved = {one.day: one.settled.get(Stand.MOVED, 0) for one in days if Stand.MOVED in one.settled}
    assert moved == {play.campaign().day: 2}
    with play.world.store.read() as tx:
        counts, unreached = tx.campaigns.counts(number), tx.campaigns.unreached(number, limit=99)
    assert outcome.view.counts == counts
    assert [(one.project, one.user, one.problem) for one in outcome.unreached] == [
        (one.project, one.user, one.problem) for one in unreached
    ]
    assert [(one.project, one.user) for one in unreached] == [("demo", "cleo")]
    assert {one.project: [file.filename for file in one.files] for one in outcome.lost} == {
        "bare": ["bare-1.0.zip"],
        "demo": ["demo-1.0.tar.gz", "demo-1.1.tar.gz"],
    }
    assert (outcome.lost_files, outcome.is_over, days[-1].is_reported) == (3, True, True)
    assert sum(one.mails for one in days) == told.total()


def _without_surveys(mails: Mails) -> Mails:
    return Mails({key: count for key, count in mails.items() if "survey" not in key[2].lower()})


def test_every_way_out_is_closed(play: Play) -> None:
    """Whatever the world of a rehearsal would reach outside with is not there, and nobody waits in it."""
    stage = stage_of(play)
    for way in (stage.world.fetcher, stage.world.blobs, stage.world.isolation, stage.world.passwords):
        with pytest.raises(AssertionError, match="reaches nothing outside"):
            _ = way.fetch  # type: ignore[union-attr]
    assert (stage.world.poster, stage.world.names, stage.world.sealer) == (None, None, None)
    now = stage.clock.now()
    stage.clock.sleep(1e9)
    assert stage.clock.now() == now
    assert len(stage.clock.random_bytes(3)) == 3


def test_without_a_survey_only_listed_links_count(play: Play) -> None:
    """Nobody looked yet: the survey of the copy ends at once with that as its problem."""
    rehearsal, days, outcome = rehearsed(play, drafted(play, ahead=90))
    assert (rehearsal.survey, outcome.lost_files) == (None, 2)
    assert [one.notices for one in days] == [2, 1, 1, 2]
    assert [(dict(one.steps), one.mails) for one in days] == [
        ({"A-90": 1, "B-90": 1}, 0),
        ({"B-30": 1}, 0),
        ({"B-7": 1}, 0),
        ({"moved": 2}, 0),
    ]


def test_the_survey_of_one_project_is_not_touched(play: Play) -> None:
    """It belongs to somebody who waits for it."""
    start_survey(play.world, play.owner("demo"), "demo")
    drop_jobs(play.fakes)
    stage = stage_of(play)
    rehearsal = begin_rehearsal(stage, play.root, drafted_on(stage, play))
    list(rehearse(stage, rehearsal, lambda *_: None))
    with stage.world.store.read() as tx:
        assert [survey.project for survey in tx.surveys.running()] == ["demo"]


def drafted_on(stage: Stage, play: Play) -> int:
    """A draft that only the copy has."""
    draft = Draft("Home", "Why.", play.now.date() + 95 * DAY, TERMS)
    return draft_campaign(stage.world, play.root, CampaignKind.TO_ONLY, draft).id


def test_one_that_runs_goes_on_from_today(play: Play) -> None:
    """What was told is not told again; who is late has a day of their own, and the report comes after it."""
    begun = play.announce()
    play.pass_days(40)
    play.add("late", "late-1.0.zip")
    rehearsal, days, outcome = rehearsed(play)
    assert rehearsal.beginning is Beginning.NOTHING
    assert [((one.day - begun).days, dict(one.steps)) for one in days] == [
        (60, {"B-30": 1, "B-90": 1}),
        (83, {"B-7": 1}),
        (90, {"moved": 2}),
        (120, {"B-30": 1}),
        (143, {"B-7": 1}),
        (150, {"moved": 1}),
    ]
    assert [one.is_reported for one in days] == [False] * 5 + [True]
    assert outcome.view.of_stand(Stand.MOVED) == 3


def test_what_was_moved_before_is_not_lost_again(play: Play) -> None:
    """Files that are not listed since long do not stop being listed."""
    play.announce()
    play.pass_days(80)
    play.add("late", "late-1.0.zip")
    play.pass_days(20)
    _, _, outcome = rehearsed(play)
    assert [one.project for one in outcome.lost] == ["late"]


def test_a_paused_one_is_rehearsed_as_if_it_were_resumed(play: Play) -> None:
    """The same days as when it is."""
    play.announce()
    play.pass_days(85)
    pause_campaign(play.world, play.root, 1, "Holidays.")
    play.pass_days(50)
    rehearsal, days, _ = rehearsed(play)
    assert rehearsal.beginning is Beginning.RESUMED
    resumed_on = play.now.date()
    resume_campaign(play.world, play.root, 1)
    play.pass_days(20)
    real = {day: steps for day, steps in given(play).items() if day >= resumed_on}
    assert {one.day: Counter(one.steps) for one in days} == real


def test_exemptions_end_on_their_days(play: Play) -> None:
    """Who has an exemption with an end leaves the list, and is told of that end by mails that are none of the campaign."""
    extend_exemption(play.world, play.root, "demo", play.now.date() + 60 * DAY, "Later.")
    verify_everybody(play)
    _, days, outcome = rehearsed(play, drafted(play))
    others = [(one.day - play.now.date()).days for one in days if not one.steps and one.mails]
    assert others == [30, 53, 60]
    assert (outcome.view.of_stand(Stand.EXEMPT), outcome.view.of_stand(Stand.MOVED)) == (1, 1)
    assert days[0].settled == {Stand.EXEMPT: 1}


def test_the_copy_has_all_of_it(play: Play) -> None:
    """Projects are moved there, and every step is in its ledger."""
    stage = stage_of(play)
    rehearsal = begin_rehearsal(stage, play.root, drafted_on(stage, play))
    list(rehearse(stage, rehearsal, lambda *_: None))
    store = stage.world.store
    assert isinstance(store, FakeStore)
    steps = [one["details"]["step"] for one in entries(store, Kind.CAMPAIGN_STEP_BEGUN)]
    assert steps == ["A-95", "B-95", "B-30", "B-7", "moved"]
    assert {one.mode for one in store.committed.projects.values()} == {HostingMode.ONLY}
    assert {play.mode(name) for name in ("bare", "demo")} == {HostingMode.EXT}


def test_refusals(play: Play) -> None:
    """Those of announcing, before anything is copied; and what is over cannot be rehearsed."""
    number = drafted(play, ahead=30)
    with pytest.raises(Invalid, match="first day there can be"):
        require_rehearsable(play.world, play.root, number)
    with pytest.raises(Forbidden):
        require_rehearsable(play.world, play.owner("demo"), number)
    with pytest.raises(NotFound):
        require_rehearsable(play.world, play.root, 9)
    stage = stage_of(play)
    with pytest.raises(Invalid):
        begin_rehearsal(stage, play.root, number)
    cancel_campaign(play.world, play.root, number, "Never mind.")
    with pytest.raises(Conflict, match="nothing left to rehearse"):
        require_rehearsable(play.world, play.root, number)
    play.announce()
    second = drafted(play)
    with pytest.raises(Conflict, match="not over yet"):
        begin_rehearsal(stage_of(play), play.root, second)


def test_a_preview_that_was_seen_is_not_made_again(play: Play) -> None:
    """One that was previewed is announced as it is."""
    number = drafted(play)
    preview_campaign(play.world, play.root, number)
    play.finish_surveys()
    rehearsal, _, outcome = rehearsed(play, number)
    assert rehearsal.beginning is Beginning.ANNOUNCED
    assert outcome.is_over


def test_one_that_cannot_end_is_given_up(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that meets what nobody expected stops neither the others nor the rehearsal for ever."""
    look_at = campaign_days._look_at

    def stumble(world: object, campaign: object, entrant: object) -> bool:
        if getattr(entrant, "project", "") == "bare":
            raise RuntimeError("broken")
        return look_at(world, campaign, entrant)  # type: ignore[arg-type]

    monkeypatch.setattr(campaign_days, "_look_at", stumble)
    rehearsal, days, outcome = rehearsed(play, drafted(play, ahead=90))
    assert not outcome.is_over
    assert outcome.view.of_stand(Stand.WAITING) == 1
    assert outcome.view.of_stand(Stand.MOVED) == 1
    assert rehearsal.until == play.now.date() + (90 + 90 + 7) * DAY
    assert days[-1].day == play.now.date() + 90 * DAY


def test_whoever_looks_on_may_end_it(play: Play) -> None:
    """What goes wrong with a mail that is shown ends the rehearsal, and is not taken for a mail that cannot be sent."""
    verify_everybody(play)
    stage = stage_of(play)
    rehearsal = begin_rehearsal(stage, play.root, drafted_on(stage, play))

    def look_on(*_: object) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        list(rehearse(stage, rehearsal, look_on))
