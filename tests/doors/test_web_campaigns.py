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
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.show import show_campaign
from homeport.flows.change_hosting import Wish, change_hosting
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
    assert "1 in group B: 1 file would stop being listed" in preview.page.text
    assert "1 exempt: left out" in preview.page.text
    assert "is still running" in preview.page.text
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


def form_token(browser: Browser) -> dict[str, str]:
    """What every form of that browser carries."""
    field = browser.get(ONE).page.all("input", name="form_token")[0]
    return {"form_token": str(field.attributes["value"])}


def test_what_begins_needs_somebody_who_is_there(index: WebIndex) -> None:
    """Announcing, resuming and cancelling ask who one is; pausing is quick."""
    announce(index)
    browser = index.later(minutes=60).browser()
    browser.cookies.update(index.signed_in("root").cookies)
    assert "Confirm that it is you" in browser.get(ONE).page.text
    assert press(browser, ONE, "pause").goes_to == ONE
    assert state(index) is CampaignState.PAUSED
    assert not browser.get(ONE).page.all("button", value="resume")
    token = form_token(browser)
    for do in ("resume", "cancel"):
        assert browser.post(ONE, {"do": do, **token}).goes_to.startswith("/confirm/")
