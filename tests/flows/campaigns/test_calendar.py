"""A campaign over months: who is told what on which day, what happens on the day, and what stops and starts the clock."""

from pathlib import Path

from tests.support.campaigns import DAY, TERMS, Play, begin_play
from tests.support.invariants import entries
from tests.support.world import add_person, drop_jobs, grant, set_status

from homeport.domain.campaign import CampaignKind, CampaignState, Stand
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_log import Event
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.campaign.manage import cancel_campaign, pause_campaign, resume_campaign
from homeport.flows.campaign.opt_in import opt_in, show_opt_in
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.exemptions import extend_exemption

ANNOUNCED, REMINDED, MOVED = "campaign-announced", "campaign-reminder", "campaign-moved"


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
    assert "“Lawyers.”" in play.notices("owner-of-demo")[-1].text
    with play.world.store.read() as tx:
        newest = tx.hosting_log.of_project(play.projects["demo"].id, limit=1)[0]
    assert (newest.event, newest.reason) == (Event.CAMPAIGN_CANCELLED, "Home: Lawyers.")
    last = entries(play.fakes.store, Kind.CAMPAIGN_TOLD)[-1]
    assert (last["seq"], last["details"]["reason"]) == (newest.serial, "Lawyers.")


def test_cancelled_before_anybody_was_told(play: Play) -> None:
    """Who was told nothing is told nothing."""
    play.announce()
    cancel_campaign(play.world, play.root, 1, "Never mind.")
    play.pass_days(2)
    assert play.told("owner-of-demo") == []
    assert play.stand("demo") is Stand.RELEASED


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
