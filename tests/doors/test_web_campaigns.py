"""Campaigns in a browser: drafted, looked at, announced, paused and cancelled, and followed to the report."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from tests.support.browser import Browser, Shown
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person, grant

from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignState
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ReleaseVersion
from homeport.domain.release import ExternalLink
from homeport.flows.campaign import manage
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.show import show_campaign
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.exemptions import extend_exemption
from homeport.flows.survey.run import finish_survey
from homeport.web import campaign_lists, campaign_preview
from homeport.web.campaign_charts import notices_given

LIST, ONE = "/admin/campaigns/", "/admin/campaigns/1/"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada's outer has a file elsewhere and no end to its exemption, her stays is exempt for long."""
    with web_index(tmp_path) as opened:
        root = Caller(add_person(opened.world, "root", is_admin=True))
        now = opened.world.clock.now()
        until = now.date() + timedelta(days=300)
        for name in ("outer", "stays"):
            project = opened.project(name, "ada", HostingMode.ONLY)
            change_hosting(opened.world, root, name, Wish(HostingMode.EXT, "Too large.", until))
            with opened.world.store.write() as tx:
                filename = f"{name}-1.0.tar.gz"
                url = f"https://files.example/{filename}"
                version = ReleaseVersion.parse_legacy("1.0")
                tx.outside.put_links(
                    project.id, [ExternalLink(name, version, filename, url, url, None, None)]
                )
        without_end(opened, "outer")
        yield opened


def without_end(index: WebIndex, name: str) -> None:
    """Let the exemption of a project be one from before there had to be an end."""
    with index.world.store.write() as tx:
        project = tx.projects.find(name)
        assert project is not None
        exemption = tx.exemptions.live(project.id)
        assert exemption is not None
        tx.exemptions.put(replace(exemption, until=None))


def fields(index: WebIndex, **changed: str) -> dict[str, str]:
    """What is typed into the form of a draft."""
    day = index.world.clock.now().date() + timedelta(days=95)
    return {
        "title": "Every file comes home",
        "reason": "Nothing shall depend on other servers. <b>",
        "day": day.isoformat(),
        "notices": "",
        "terms_url": "https://index.example/terms",
        **changed,
    }


def press(browser: Browser, path: str, do: str = "", **typed: str) -> Shown:
    """Fill in the form of the page, and press the button."""
    return browser.submit(browser.get(path), do, **typed)


def state(index: WebIndex) -> CampaignState:
    """How far the campaign is."""
    return show_campaign(index.world, None, 1).campaign.state


def test_a_whole_campaign(index: WebIndex) -> None:
    """From an empty list to the report: each step is a page, and says which is next."""
    root = index.signed_in("root")
    assert "There is no campaign yet." in root.get(LIST).page.text
    assert press(root, LIST, kind="to-only", **fields(index)).goes_to == ONE
    drafted = root.get(ONE).page.text
    assert "After the preview." in drafted
    assert "Nothing shall depend on other servers. <b>" in drafted
    assert press(root, ONE, "preview").goes_to == ONE
    assert state(index) is CampaignState.PREVIEWED

    preview = root.get(f"{ONE}preview/")
    assert "\N{EN DASH} in group B: its files would stop being listed" in preview.page.text
    assert "No survey of all projects was finished yet" in preview.page.text
    assert "1 exempt: left out" in preview.page.text
    assert "is still running" in preview.page.text
    finish_survey(index.world, 1)
    preview = root.get(f"{ONE}preview/")
    assert "is still running" not in preview.page.text
    assert "1 in group B: 1 file would stop being listed" in preview.page.text
    assert "homeport campaign rehearse 1 --as root" in preview.page.text
    (mails,) = [
        link
        for link in preview.page.all("a")
        if link.text == "Mails" and "preview" in str(link.attributes["href"])
    ]
    shown = root.get(mails.attributes["href"])
    assert "outer-1.0.tar.gz: https://files.example/outer-1.0.tar.gz" in shown.page.text
    assert len([one for one in shown.page.all("a") if one.text == "Open the HTML part"]) == 4
    page = root.get(f"{ONE}preview/outer/mails/1/")
    assert "outer-1.0.tar.gz" in page.html
    assert root.get(f"{ONE}preview/outer/mails/5/").status == 404
    assert "None: It has an exemption until" in root.get(f"{ONE}preview/stays/").page.text
    with index.world.store.read() as tx:
        assert not tx.campaigns.counts(1)

    refused = press(root, ONE, "announce")
    assert "you have looked at the preview" in refused.page.text
    assert state(index) is CampaignState.PREVIEWED
    assert press(root, ONE, "announce", sure="yes").goes_to == ONE
    look_after_campaigns(index.world)
    announced = root.get(ONE).page.text
    assert "Its 2 projects" in announced

    assert press(root, ONE, "pause", reason="Wait.").goes_to == ONE
    assert state(index) is CampaignState.PAUSED
    assert press(root, ONE, "resume").goes_to == ONE
    assert press(root, ONE, "cancel", reason="Enough.").goes_to == ONE
    assert state(index) is CampaignState.CANCELLED
    look_after_campaigns(index.world)
    report = root.get(ONE).page.text
    assert "Report" in report
    assert "Cancel the campaign" not in report
    assert "Every file comes home" in root.get(LIST).page.text
    assert "cancelled" in root.get("/admin/").page.text


def test_nothing_is_announced_by_guesses(index: WebIndex) -> None:
    """While the survey of the preview runs, the announcement is refused, and says where to look."""
    root = index.signed_in("root")
    press(root, LIST, kind="to-only", **fields(index))
    press(root, ONE, "preview")
    early = press(root, ONE, "announce", sure="yes")
    assert early.status == 409
    assert "Survey 1 of the preview still runs" in early.page.text
    assert "/admin/surveys/1/" in early.page.text
    with index.world.store.write() as tx:
        fresh = tx.surveys.add(None, by="root", at=index.world.clock.now())
    finish_survey(index.world, fresh.id)
    assert press(root, ONE, "announce", sure="yes").goes_to == ONE


def test_everybody_sees_what_became_of_it(index: WebIndex) -> None:
    """The pages of a project name the campaign while it waits, and the public log when it was cancelled."""
    announce(index)
    root = index.signed_in("root")
    assert "changes it to pypi-only on" in root.get("/project/outer/").page.text
    assert "What you can do" in index.signed_in("ada").get("/manage/projects/outer/").page.text
    assert "Every file comes home" not in root.get("/project/stays/").page.text
    refused = press(root, ONE, "pause")
    assert "Say why" in refused.page.text
    press(root, ONE, "pause", reason="Wait.")
    paused = root.get(ONE).page.text
    assert "Paused by root, " in paused
    assert "Wait." in paused
    assert "“Every file comes home” is paused" in root.get("/project/outer/").page.text
    press(root, ONE, "cancel", reason="Enough.")
    look_after_campaigns(index.world)
    assert "Cancelled by root, " in root.get(ONE).page.text
    log = root.get("/hosting-log/?project=outer").page.text
    assert "campaign cancelled" in log
    assert "Every file comes home: Enough." in log
    assert "Every file comes home" not in root.get("/project/outer/").page.text


def announce(index: WebIndex) -> None:
    """A campaign of which people were told, as the survey before it had ended."""
    root = index.signed_in("root")
    press(root, LIST, kind="to-only", **fields(index))
    press(root, ONE, "preview")
    with index.world.store.write() as tx:
        campaign = tx.campaigns.find(1)
        assert campaign is not None
        assert campaign.survey_id is not None
        tx.surveys.fail(campaign.survey_id, "", index.world.clock.now())
    press(root, ONE, "announce", sure="yes")
    for _ in range(3):
        look_after_campaigns(index.world)


def test_many_people_are_in_the_files_only(index: WebIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows the first of those whom no mail reaches, and says how many more there are."""
    monkeypatch.setattr(campaign_lists, "_MOST_SHOWN", 1)
    with index.world.store.read() as tx:
        project = tx.projects.find("outer")
    assert project is not None
    grant(index.world, project, add_person(index.world, "bob"))
    announce(index)
    root = index.signed_in("root")
    shown = root.get(f"{ONE}unreached/").page.text
    assert "outer ada" in shown
    assert "outer bob" not in shown
    assert "And 1 person more" in shown
    assert root.get(f"{ONE}unreached/export/unreached.csv").html.count("outer") == 2


def test_projects_and_people_are_listed(index: WebIndex) -> None:
    """By stand, group and name, with the files to keep; who is not reached by mail, with why."""
    announce(index)
    root = index.signed_in("root")
    text = root.get(f"{ONE}projects/").page.text
    assert "outer" in text
    assert "stays" in text
    waiting = root.get(f"{ONE}projects/?stand=waiting&group=B&project=x").page.text
    assert "No project of it is like that." in waiting
    listed = list(csv.DictReader(StringIO(root.get(f"{ONE}projects/export/projects.csv?stand=waiting").html)))
    assert [(one["project"], one["group"]) for one in listed] == [("outer", "B")]
    told = json.loads(root.get(f"{ONE}projects/export/projects.json").html)
    assert [one["project"] for one in told] == ["outer", "stays"]
    assert "outer ada" in root.get(f"{ONE}unreached/").page.text
    assert "more: the files" not in root.get(f"{ONE}unreached/").page.text
    people = json.loads(root.get(f"{ONE}unreached/export/unreached.json").html)
    assert [one["user"] for one in people] == ["ada"]
    assert root.get(f"{ONE}unreached/export/unreached.csv").html.count("ada") == 1
    report = json.loads(root.get(f"{ONE}report.json").html)
    assert report["projects"]["waiting"]["B"] == 1
    assert report["unreached"] == 1
    shown = root.get(ONE)
    assert "group B, 95 days before" in shown.page.text
    # Nothing was cancelled, so that is not among them.
    assert len(shown.page.all("polygon")) == 4
    view = show_campaign(index.world, None, 1)
    assert [line.count for line in notices_given(view)] == [1]
    told = {"moved": 6, "B-30": 4, "B-30-1": 5, "B-90": 3, "A-120": 1, "B-120": 2}
    assert [line.count for line in notices_given(replace(view, told=told))] == [1, 2, 3, 4, 5, 6]


def test_what_was_typed_is_kept(index: WebIndex) -> None:
    """A refusal shows the form again with all problems and everything that was typed; nothing is made."""
    root = index.signed_in("root")
    refused = press(root, LIST, kind="to-only", **fields(index, notices="soon", day="tomorrow"))
    assert refused.status == 400
    assert "soon" in refused.html
    assert "Every file comes home" in refused.html
    assert len(refused.page.all("li")) >= 2
    assert "campaign-kind" not in press(root, LIST, kind="nonsense", **fields(index)).goes_to
    assert root.get(ONE).status == 404
    press(root, LIST, kind="phase-out", **fields(index))
    changed = press(root, ONE, "change", **fields(index, title="Shorter", notices="40"))
    assert changed.goes_to == ONE
    assert "40 days before" in root.get(ONE).page.text
    refused = press(root, ONE, "change", **fields(index, title="Other", notices="1"))
    assert refused.status == 400
    assert "Other" in refused.html
    assert "No project is in pypi-cache" in root.get(f"{ONE}preview/").page.text
    assert root.get(f"{ONE}preview/outer/").status == 404


def test_many_are_added_up_when_asked(index: WebIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where adding up would take a while, the page says so, and leaves it to who looks."""
    monkeypatch.setattr(campaign_preview, "_ADDED_UP_UNASKED", 1)
    root = index.signed_in("root")
    press(root, LIST, kind="to-only", **fields(index))
    assert "2 projects are in pypi-ext now." in root.get(f"{ONE}preview/").page.text
    assert "in group B" in root.get(f"{ONE}preview/?totals=yes").page.text


def test_what_begins_needs_somebody_who_is_there(index: WebIndex) -> None:
    """Announcing, resuming and cancelling ask who one is; pausing is quick."""
    announce(index)
    browser = index.later(minutes=60).browser()
    browser.cookies.update(index.signed_in("root").cookies)
    assert press(browser, ONE, "pause", reason="Wait.").goes_to == ONE
    assert state(index) is CampaignState.PAUSED
    for do in ("resume", "cancel"):
        refused = press(browser, ONE, do, reason="Enough.")
        assert refused.status == 403
        assert refused.page.the("input", id="why").attributes["value"] == "Enough."
    assert state(index) is CampaignState.PAUSED


def test_what_was_seen_is_what_is_decided(index: WebIndex) -> None:
    """A page that shows an older campaign decides nothing about the newer one, and keeps what was typed."""
    root = index.signed_in("root")
    add_person(index.world, "frank", is_admin=True)
    press(root, LIST, kind="phase-out", **fields(index))
    press(root, ONE, "preview")
    stale = root.get(ONE)
    day = index.world.clock.now().date() + timedelta(days=140)
    frank, draft = index.caller("frank"), manage.typed_draft(**fields(index, title="Other", day=f"{day}"))
    manage.change_campaign(index.world, frank, 1, draft)
    manage.preview_campaign(index.world, frank, 1)
    refused = root.submit(stale, "announce", sure="yes")
    assert refused.status == 409
    assert "frank changed campaign 1 meanwhile" in refused.page.text
    assert f"its day is {day}" in refused.page.text
    assert "look at it, then decide again" in refused.page.text.casefold()
    assert state(index) is CampaignState.PREVIEWED
    refused = root.submit(stale, "change", **fields(index, title="Mine"))
    assert refused.status == 409
    assert 'value="Mine"' in refused.html
    refused = root.submit(stale, "cancel", reason="Never mind.")
    assert refused.status == 409
    assert 'value="Never mind."' in refused.html
    assert press(root, ONE, "announce", sure="yes").goes_to == ONE
    announced = root.get(ONE)
    assert f"{day}" in announced.html
    manage.pause_campaign(index.world, frank, 1, "Wait.")
    assert root.submit(announced, "pause", reason="Wait.").status == 409
    paused = root.get(ONE)
    manage.resume_campaign(index.world, frank, 1)
    assert root.submit(paused, "resume").status == 409


def test_everything_wrong_with_a_draft_at_once(index: WebIndex) -> None:
    """The kind, the numbers, the day and the title are told together, each as what it is."""
    root = index.signed_in("root")
    typed = fields(index, title="x" * 5000, day="tomorrow", notices="soon", reason="")
    said = press(root, LIST, kind="nonsense", **typed).page.text
    for one in (
        "'nonsense' is no kind of campaign",
        "'soon' are no numbers of days",
        "on which day to come",
        "what it is called, instead of 5000",
        "the reason is public",
    ):
        assert one in said
    assert "The reason has" not in said
    assert "invisible" in press(root, LIST, kind="to-only", **fields(index, title="a\u200bb")).page.text


def test_a_day_that_is_too_near(index: WebIndex) -> None:
    """The draft is kept, and says at once which day there can be."""
    root, today = index.signed_in("root"), index.world.clock.now().date()
    near = today + timedelta(days=89)
    press(root, LIST, kind="to-only", **fields(index, day=near.isoformat()))
    shown = root.get(ONE).page.text
    assert "It cannot be announced for" in shown
    assert f"{today + timedelta(days=90)} is the first day there can be" in shown
    press(root, ONE, "change", **fields(index))
    assert "It cannot be announced for" not in root.get(ONE).page.text


def test_a_survey_that_ended_early_is_no_count(index: WebIndex) -> None:
    """The last whole survey counts instead, and the page says so."""
    root, now = index.signed_in("root"), index.world.clock.now()
    press(root, LIST, kind="to-only", **fields(index))
    press(root, ONE, "preview")
    with index.world.store.write() as tx:
        tx.surveys.fail(1, "Lost.", now)
    said = root.get(f"{ONE}preview/").page.text
    assert "Survey 1 ended early: Lost." in said
    assert "\N{EN DASH} in group A" in said
    with index.world.store.write() as tx:
        whole = tx.surveys.add(None, by="root", at=now)
    finish_survey(index.world, whole.id)
    said = root.get(f"{ONE}preview/").page.text
    assert f"Groups and files are those of survey {whole.id}" in said
    assert "1 in group B: 1 file" in said


def test_an_empty_preview_says_what_there_is_to_do(index: WebIndex) -> None:
    """Projects whose exemptions all end on a day are moved by that."""
    root = index.signed_in("root")
    press(root, LIST, kind="to-only", **fields(index))
    extend_exemption(
        index.world,
        index.caller("root"),
        "outer",
        index.world.clock.now().date() + timedelta(days=40),
        "End.",
    )
    said = root.get(f"{ONE}preview/").page.text
    assert "Every project of it has an exemption with an end" in said
    for name in ("outer", "stays"):
        wish = Wish(HostingMode.ONLY, acknowledges_loss=True)
        change_hosting(index.world, index.caller("ada"), name, wish)
    assert "by an exemption with an end only" in root.get(f"{ONE}preview/").page.text
