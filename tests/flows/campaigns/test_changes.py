"""What changes while a campaign runs: files that are found, projects that act or are in trouble, and policies."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.campaigns import DAY, TERMS, Play, begin_play
from tests.support.invariants import entries
from tests.support.world import add_person, drop_jobs, set_status

from homeport.domain.campaign import CampaignKind, CampaignState, GivenNotice, Group, Stand
from homeport.domain.digests import digests_of
from homeport.domain.errors import Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import ProjectStatus
from homeport.domain.release import HostedFile, Origin
from homeport.domain.survey import Check, Link, Reach, look_of
from homeport.flows.browse import project_story
from homeport.flows.campaign import days
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.facts import outside_files, why_no_mail
from homeport.flows.campaign.manage import Draft, draft_campaign
from homeport.flows.campaign.show import preview_mails
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.outlook import show_outlook
from homeport.flows.render_pages import render_project
from homeport.ports.catalogue import Provenance
from homeport.ports.surveys import Seen

ANNOUNCED, REMINDED, MOVED = "campaign-announced", "campaign-reminder", "campaign-moved"


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
    begun = play.announce()
    play.pass_days(1)
    play.pass_days(60, looks=False)
    play.finishes_surveys = False
    play.pass_hours(20)
    assert [day - begun for day, _ in play.told("owner-of-demo")] == [0 * DAY]
    play.pass_hours(30)
    assert [(day - begun).days for day, _ in play.told("owner-of-demo")] == [0, 62]
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


def test_what_changed_meanwhile_is_left_alone(play: Play) -> None:
    """A project, or a campaign, that changed between the look and the transaction is not touched."""
    play.announce()
    play.pass_hours(1)
    campaign, entrant = play.campaign(), play.entrant("demo")
    assert not days._look_at(play.world, campaign, replace(entrant, external=99))
    assert not days._look_at(play.world, replace(campaign, state=CampaignState.PAUSED), entrant)
    assert not days._look_at(play.world, replace(campaign, id=9), entrant)
    assert days._end(play.world, replace(campaign, day=play.now.date()), play.now) == 0
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
    """A link to a name that is hosted here loses nothing; a phase-out counts the same files as not here yet."""
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
        assert outside_files(tx, phase_out, project) == found
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


def test_the_day_is_told_on_the_pages_of_a_project(play: Play) -> None:
    """The campaign that waits is named with the project's own day, and not any more as soon as somebody acted."""
    begun = play.announce()
    play.pass_days(1)
    owner = play.owner("demo")
    awaited = show_outlook(play.world, owner, "demo").campaign
    assert awaited is not None
    assert (awaited.title, awaited.day, awaited.is_public) == ("Home", begun + 90 * DAY, True)
    assert project_story(play.world, lambda: play.owner("demo"), "demo").campaign == awaited
    change_hosting(play.world, owner, "demo", Wish(HostingMode.ONLY, acknowledges_loss=True))
    assert show_outlook(play.world, owner, "demo").campaign is None
    assert project_story(play.world, lambda: play.owner("demo"), "demo").campaign is None


def test_only_what_the_log_tells_is_public(play: Play) -> None:
    """Before the first notice its maintainers alone see the campaign."""
    play.announce()
    assert show_outlook(play.world, play.owner("demo"), "demo").campaign is not None
    assert project_story(play.world, lambda: play.owner("demo"), "demo").campaign is None
