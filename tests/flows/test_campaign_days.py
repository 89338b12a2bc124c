"""A campaign over months: who is told what on which day, what happens on the day, and what stops and starts the clock."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.campaigns import DAY, TERMS, Play, begin_play
from tests.support.invariants import entries
from tests.support.world import add_person, drop_jobs, grant, set_status

from homeport.domain.campaign import CampaignKind, CampaignState, GivenNotice, Group, Stand
from homeport.domain.digests import digests_of
from homeport.domain.errors import Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_log import Event
from homeport.domain.ledger import Kind
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.release import HostedFile, Origin
from homeport.domain.survey import Check, Link, Reach, look_of
from homeport.flows.campaign import days
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.facts import outside_files, why_no_mail
from homeport.flows.campaign.manage import (
    Draft,
    cancel_campaign,
    draft_campaign,
    pause_campaign,
    resume_campaign,
)
from homeport.flows.campaign.opt_in import opt_in, show_opt_in
from homeport.flows.campaign.show import preview_mails
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.exemptions import extend_exemption
from homeport.flows.render_pages import render_project
from homeport.ports.catalogue import Provenance
from homeport.ports.surveys import Seen

ANNOUNCED, REMINDED, MOVED = "campaign-announced", "campaign-reminder", "campaign-moved"


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Project ``bare`` has nothing elsewhere, ``demo`` two files."""
    with begin_play(tmp_path) as play:
        play.add("bare")
        play.add("demo", "demo-1.0.tar.gz", "demo-1.1.tar.gz")
        yield play


def test_three_months(play: Play) -> None:
    """Group B is told three times and on the day, group A once and on the day; then administrators get the report."""
    begun = play.announce()
    play.pass_days(100)
    steps = ((0, ANNOUNCED), (60, REMINDED), (83, REMINDED), (90, MOVED))
    assert play.told("owner-of-demo") == [(begun + days * DAY, kind) for days, kind in steps]
    assert play.told("owner-of-bare") == [(begun, ANNOUNCED), (begun + 90 * DAY, MOVED)]
    assert play.told("root") == [(begun + 90 * DAY, "campaign-reported")]
    assert {play.mode(name) for name in ("bare", "demo")} == {HostingMode.ONLY}
    assert (play.stand("demo"), play.stand("bare")) == (Stand.MOVED, Stand.MOVED)
    assert play.campaign().state is CampaignState.REPORTED


def test_on_the_day_links_go_and_are_not_forgotten(play: Play) -> None:
    """Nothing is asked outside and nothing is hosted; the links are recorded still, and the page has none."""
    play.announce()
    asked = len(play.fakes.outside.asked)
    assert b"files.test" in play.page("demo")
    play.pass_days(90)
    assert b"://" not in play.page("demo")
    assert len(play.fakes.outside.asked) == asked
    with play.world.store.read() as tx:
        project = play.projects["demo"]
        assert [link.filename for link in tx.outside.links(project.id)] == [
            "demo-1.0.tar.gz",
            "demo-1.1.tar.gz",
        ]
        assert list(tx.files.of_project(project.id)) == []


def test_what_the_mails_hold(play: Play) -> None:
    """Links found, how to convert, how to upload by hand, how to run an own index, and the terms (standards D.4)."""
    play.announce()
    play.pass_days(0)
    (notice,) = play.notices("owner-of-demo")
    assert notice.path == "/manage/rehosts/new?project=demo"
    for said in (
        "demo-1.1.tar.gz: https://files.test/demo-1.1.tar.gz",
        "https://index.test/manage/rehosts/new?project=demo",
        "/api/v1/projects/demo/rehosts",
        "twine upload --repository-url https://index.test/legacy/",
        "--extra-index-url",
        TERMS,
        "90 days from now",
    ):
        assert said in notice.text
    (other,) = play.notices("owner-of-bare")
    assert "Nothing stops being installable" in other.text
    assert (other.path, TERMS in other.text) == ("/manage/projects/bare/", True)


def test_every_step_is_in_the_ledger(play: Play) -> None:
    """One entry for each project, one for the campaign; announcing and moving are lines of the hosting log, too."""
    play.announce()
    play.pass_days(100)
    told = entries(play.fakes.store, Kind.CAMPAIGN_ANNOUNCED, Kind.CAMPAIGN_TOLD)
    assert [(one["project"], one["details"]["step"]) for one in told] == [
        ("bare", "A-90"),
        ("demo", "B-90"),
        ("demo", "B-30"),
        ("demo", "B-7"),
    ]
    begun = [one["details"]["step"] for one in entries(play.fakes.store, Kind.CAMPAIGN_STEP_BEGUN)]
    assert begun == ["A-90", "B-90", "B-30", "B-7", "moved"]
    states = [one["details"]["to"] for one in entries(play.fakes.store, Kind.CAMPAIGN_CHANGED)]
    assert states == ["draft", "previewed", "announced", "reported"]
    with play.world.store.read() as tx:
        lines = [(line.event, line.who) for line in tx.hosting_log.lines("demo", limit=2)]
        reason = tx.hosting_log.lines("demo", limit=1)[0].public_reason
    assert lines == [(Event.CAMPAIGN_MOVED, "clock"), (Event.CAMPAIGN_ANNOUNCED, "clock")]
    assert reason == "Home: Why."


def test_whoever_acts_is_told_nothing_more(play: Play) -> None:
    """An owner moves to pypi-only by themselves; another gets an exemption with an end."""
    begun = play.announce()
    play.pass_days(10)
    owner = play.owner("demo")
    change_hosting(play.world, owner, "demo", Wish(HostingMode.ONLY, acknowledges_loss=True))
    until = begun + 400 * DAY
    extend_exemption(play.world, play.root, "bare", until, "Later.")
    play.pass_days(90)
    assert [kind for _, kind in play.told("owner-of-demo")] == [ANNOUNCED]
    assert [kind for _, kind in play.told("owner-of-bare")] == [ANNOUNCED]
    assert (play.stand("demo"), play.stand("bare")) == (Stand.ACTED, Stand.EXEMPT)
    assert play.mode("bare") is HostingMode.EXT


def test_the_opt_in_works_before_and_after_the_day(play: Play) -> None:
    """Before, the plan is made at once; after, the project becomes pypi-cache first, with consent."""
    begun = play.announce()
    play.pass_days(1)
    owner = play.owner("demo")
    found = show_opt_in(play.world, owner, "demo")
    assert ([file.filename for file in found.files], found.needs_consent) == (
        ["demo-1.0.tar.gz", "demo-1.1.tar.gz"],
        False,
    )
    assert (found.campaign, found.day) == (play.campaign(), begun + 90 * DAY)
    first = opt_in(play.world, owner, "demo")
    drop_jobs(play.fakes)
    play.pass_days(89)
    assert play.mode("demo") is HostingMode.ONLY
    found = show_opt_in(play.world, owner, "demo")
    assert (len(found.files), found.needs_consent, found.campaign, found.day) == (2, True, None, None)
    opt_in(play.world, owner, "demo", consents=True)
    drop_jobs(play.fakes)
    assert (play.mode("demo"), first.project) == (HostingMode.CACHE, "demo")


def test_quarantine_waits(play: Play) -> None:
    """A quarantined project is told and moved when quarantine ends, with all the time that it has to be told."""
    project = play.projects["demo"]
    set_status(play.fakes.store, project, ProjectStatus.QUARANTINED)
    begun = play.announce()
    play.pass_days(95)
    assert (play.told("owner-of-demo"), play.mode("demo")) == ([], HostingMode.EXT)
    assert play.campaign().state is CampaignState.REPORTED
    set_status(play.fakes.store, project, ProjectStatus.ACTIVE)
    play.pass_days(95)
    told = play.told("owner-of-demo")
    assert told[0] == (begun + 95 * DAY, ANNOUNCED)
    assert told[-1] == (begun + 185 * DAY, MOVED)


def test_pause_and_resume(play: Play) -> None:
    """A paused campaign tells and moves nobody; where the last notice was long ago, it is given again."""
    begun = play.announce()
    play.pass_days(85)
    pause_campaign(play.world, play.root, 1, "Holidays.")
    play.pass_days(100)
    assert play.mode("demo") is HostingMode.EXT
    resume_campaign(play.world, play.root, 1)
    play.pass_days(20)
    days_told = [(day - begun).days for day, _ in play.told("owner-of-demo")]
    assert days_told == [0, 60, 83, 185, 192]
    assert play.mode("demo") is HostingMode.ONLY


def test_cancelled(play: Play) -> None:
    """Who was told is told that nothing happens; who was moved stays moved; nothing else is ever said."""
    play.announce()
    play.pass_days(10)
    cancel_campaign(play.world, play.root, 1, "Lawyers.")
    play.pass_days(200)
    assert [kind for _, kind in play.told("owner-of-demo")] == [ANNOUNCED, "campaign-cancelled"]
    assert (play.stand("demo"), play.mode("demo")) == (Stand.RELEASED, HostingMode.EXT)


def test_cancelled_before_anybody_was_told(play: Play) -> None:
    """Who was told nothing is told nothing."""
    play.announce()
    cancel_campaign(play.world, play.root, 1)
    play.pass_days(2)
    assert play.told("owner-of-demo") == []
    assert play.stand("demo") is Stand.RELEASED


def test_files_that_a_survey_finds(play: Play) -> None:
    """A project whose homepage names a file is in group B from the next look on, with the dead link marked."""
    begun = play.announce()
    play.pass_days(57)
    dead = Check(Reach.GONE, 404, code="http-error", problem="Gone.")
    link = Link(
        "https://old.test/bare-1.0.zip",
        "old.test",
        "bare-1.0.zip",
        "1.0",
        "",
        "homepage",
        is_tls=True,
        is_hosted=False,
        check=dead,
    )
    project = play.projects["bare"]
    play.found["bare"] = Seen(project.id, look_of("bare", [], [link], at=play.now), (link,))
    play.pass_days(130)
    days_told = [(day - begun).days for day, _ in play.told("owner-of-bare")]
    assert days_told == [0, 90, 150, 173, 180]
    kinds = [kind for _, kind in play.told("owner-of-bare")]
    assert kinds == [ANNOUNCED, ANNOUNCED, REMINDED, REMINDED, MOVED]
    assert "bare-1.0.zip (not to be had there now)" in play.notices("owner-of-bare")[1].text


def test_a_survey_is_waited_for_but_not_forever(play: Play) -> None:
    """While it runs nobody is told; after a day the clock goes on with what is known."""
    begun = play.announce(finishes_surveys=False)
    play.pass_hours(20)
    assert play.told("owner-of-demo") == []
    play.pass_hours(30)
    (first,) = play.told("owner-of-demo")
    assert first[0] - begun == DAY
    play.finishes_surveys = True
    drop_jobs(play.fakes)
    with play.world.store.write() as tx:
        for survey in tx.surveys.running():
            tx.surveys.fail(survey.id, "Lost.", play.now)


def test_who_was_in_group_b_stays_there_while_nobody_knows(play: Play) -> None:
    """A survey that ended early is no proof that a project loses nothing."""
    play.announce()
    play.pass_days(1)
    with play.world.store.write() as tx:
        tx.outside.put_links(play.projects["demo"].id, [])
        project = tx.projects.find("demo")
        assert project is not None
        render_project(tx, project, project.serial)
        campaign = play.campaign()
        survey = tx.surveys.add(None, by="root", at=play.now)
        tx.surveys.fail(survey.id, "Lost.", play.now)
        tx.campaigns.put(replace(campaign, survey_id=survey.id))
        tx.campaigns.wake(campaign.id, play.now.date())
    look_after_campaigns(play.world)
    entrant = play.entrant("demo")
    assert (entrant.group, entrant.external) == (Group.B, 2)


def test_phase_out(tmp_path: Path) -> None:
    """pypi-cache ends: told a month before, moved on the day, the policy changed, and who comes late has a month, too."""
    with begin_play(tmp_path) as play:
        play.add("kept", mode=HostingMode.CACHE)
        begun = play.announce(CampaignKind.PHASE_OUT, ahead=40)
        play.pass_days(38)
        play.add("late", mode=HostingMode.CACHE)
        play.pass_days(60)
        days_told = [((day - begun).days, kind) for day, kind in play.told("owner-of-kept")]
        assert days_told == [(0, ANNOUNCED), (33, REMINDED), (40, MOVED)]
        days_told = [((day - begun).days, kind) for day, kind in play.told("owner-of-late")]
        assert days_told == [(40, ANNOUNCED), (63, REMINDED), (70, MOVED)]
        with play.world.store.read() as tx:
            policy = tx.policies.current()
        assert (policy.allow_cache_after_only, policy.cache_ends_on) == (False, begun + 40 * DAY)
        assert play.campaign().state is CampaignState.REPORTED
        assert len(entries(play.fakes.store, Kind.POLICY_CHANGED)) == 1


def test_who_no_mail_reaches_is_listed(play: Play) -> None:
    """An unverified address, a disabled account, a mailbox that is gone: each with why."""
    reader = add_person(play.world, "rita")
    grant(play.world, play.projects["demo"], reader, Role.READER)
    play.announce()
    play.pass_days(1)
    with play.world.store.read() as tx:
        found = [(one.project, one.user, one.problem) for one in tx.campaigns.unreached(1, limit=9)]
    never = "The e-mail address was never verified."
    assert found == [("bare", "owner-of-bare", never), ("demo", "owner-of-demo", never)]


def test_what_changed_meanwhile_is_left_alone(play: Play) -> None:
    """A project, or a campaign, that changed between the look and the transaction is not touched."""
    play.announce()
    play.pass_hours(1)
    campaign, entrant = play.campaign(), play.entrant("demo")
    assert not days._look_at(play.world, campaign, replace(entrant, external=99))
    assert not days._look_at(play.world, replace(campaign, state=CampaignState.PAUSED), entrant)
    assert not days._look_at(play.world, replace(campaign, id=9), entrant)
    assert days._end(play.world, replace(campaign, title="Other"), play.now) == 0
    assert days._begin_survey(play.world, replace(campaign, title="Other"), play.now) == 0
    set_status(play.fakes.store, play.projects["demo"], ProjectStatus.QUARANTINED)
    assert not days._look_at(play.world, campaign, entrant)
    set_status(play.fakes.store, play.projects["demo"], ProjectStatus.ACTIVE)


def test_one_in_trouble_stops_no_other(
    play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody expected is told of, and due again; a database that is away stops the round."""
    play.announce()
    play.pass_hours(1)
    play.pass_days(60, looks=False)
    real = days._look_at

    def fail(error: Exception) -> None:
        def look_at(*_: object) -> bool:
            raise error

        monkeypatch.setattr(days, "_look_at", look_at)

    look_after_campaigns(play.world)
    play.finish_surveys()
    fail(RuntimeError("never seen"))
    assert look_after_campaigns(play.world) == 0
    assert "a project of a campaign could not be looked after" in caplog.text
    fail(Unavailable("Away."))
    with pytest.raises(Unavailable):
        look_after_campaigns(play.world)
    monkeypatch.setattr(days, "_look_at", real)
    assert look_after_campaigns(play.world) == 1


def test_why_no_mail(play: Play) -> None:
    """Each reason in words; no reason where mail reaches them."""
    ada = add_person(play.world, "ada")
    with play.world.store.read() as tx:
        assert "never verified" in why_no_mail(tx, ada)
        verified = replace(ada, is_verified=True)
        assert why_no_mail(tx, verified) == "This index sends no mail."
        assert why_no_mail(tx, replace(verified, is_disabled=True)) == "The account is disabled."
        assert why_no_mail(tx, replace(verified, mail_problem="No such box.")) == "No such box."
    play.fakes.store.sends_mail = True
    with play.world.store.read() as tx:
        assert why_no_mail(tx, verified) == ""


class Undo(Exception):  # noqa: N818 - nothing is wrong
    """What was written is not kept."""


def test_a_file_that_is_hosted_is_not_lost(play: Play) -> None:
    """A link to a name that is hosted here loses nothing; a phase-out loses nothing ever."""
    play.announce()
    with suppress(Undo), play.world.store.write() as tx:
        project = play.projects["demo"]
        content = make_wheel("demo", "1.1")
        assert [one.filename for one in outside_files(tx, play.campaign(), project)] == [
            "demo-1.0.tar.gz",
            "demo-1.1.tar.gz",
        ]
        file = HostedFile(
            "demo",
            ReleaseVersion.parse_legacy("1.1"),
            "demo-1.1.tar.gz",
            FileKind.SDIST,
            len(content),
            digests_of([content]),
            play.now,
            Origin.UPLOAD,
        )
        tx.files.add(project.id, file, Provenance("ada"), None)
        found = outside_files(tx, play.campaign(), project)
        phase_out = replace(play.campaign(), kind=CampaignKind.PHASE_OUT)
        assert outside_files(tx, phase_out, project) == ()
        assert [one.filename for one in found] == ["demo-1.0.tar.gz"]
        raise Undo


def test_nobody_is_told_of_a_step_twice(play: Play) -> None:
    """What was remembered of a person and a step keeps them from being told again, whatever else was lost."""
    play.announce()
    with play.world.store.write() as tx:
        owner = play.owner("demo").user
        given = GivenNotice("", "", "B-90", play.now, by_mail=True)
        assert tx.campaigns.give_notice(1, play.projects["demo"].id, owner.id, given)
    play.pass_days(0)
    assert play.told("owner-of-demo") == []
    assert [one.step for one in play.entrant("demo").told] == ["B-90"]


def test_who_comes_after_everybody_acted(play: Play) -> None:
    """A campaign whose projects all acted waits for its day, and takes in who comes till then."""
    begun = play.announce()
    for name in ("bare", "demo"):
        change_hosting(play.world, play.owner(name), name, Wish(HostingMode.ONLY, acknowledges_loss=True))
    play.pass_days(20)
    assert play.campaign().state is CampaignState.ANNOUNCED
    play.add("late")
    play.pass_days(100)
    assert play.told("owner-of-late") == [(begun + 20 * DAY, ANNOUNCED), (begun + 90 * DAY, MOVED)]


def test_a_policy_that_says_so_already(tmp_path: Path) -> None:
    """Nothing is changed, and nobody told, where pypi-cache ended before the campaign."""
    with begin_play(tmp_path) as play:
        play.add("kept", mode=HostingMode.CACHE)
        play.announce(CampaignKind.PHASE_OUT, ahead=40)
        with play.world.store.write() as tx:
            over = replace(tx.policies.current(), allow_cache_after_only=False, cache_ends_on=play.now.date())
            tx.policies.put(over, by="root", reason="Before.", at=play.now)
        play.pass_days(41)
        assert play.stand("kept") is Stand.MOVED
        assert entries(play.fakes.store, Kind.POLICY_CHANGED) == []


def test_a_preview_of_a_day_that_is_too_near(play: Play) -> None:
    """It shows the campaign as it would be, had it been announced in time."""
    draft = Draft("Home", "Why.", play.now.date() + 5 * DAY, TERMS)
    made = draft_campaign(play.world, play.root, CampaignKind.TO_ONLY, draft)
    mails = preview_mails(play.world, None, made.id, "demo").mails
    assert [(made.day - day).days for day, _ in mails] == [90, 30, 7, 0]
