"""Campaigns at the doors: what administrators ask by API and command line, and the page that a mail leads to."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from tests.support.command_line import Run, commands
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person

from homeport.adapters.system import SystemClock
from homeport.api.body import Body
from homeport.api.campaigns import CAMPAIGN_CALLS
from homeport.api.openapi import asked_for
from homeport.cli import accounts, campaigns, hosting, projects
from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind, CampaignState, Stand
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ReleaseVersion
from homeport.domain.release import ExternalLink
from homeport.flows.campaign import manage, show
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.survey.run import finish_survey
from homeport.formats.campaign_json import entrants_csv, unreached_csv
from homeport.ports.campaigns import EntrantFilter
from homeport.settings import read_settings
from homeport.wiring import open_world

TODAY = SystemClock().now().date()
DAY = TODAY + timedelta(days=95)
TERMS = "https://example.org/terms"
DRAFT = manage.Draft("Home", "Why <b>.", DAY, TERMS)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """Ada's demo lists a file that lies elsewhere, plain lists none, exempt has an exemption; root administers."""
    with web_index(tmp_path) as opened:
        root = Caller(add_person(opened.world, "root", is_admin=True))
        for name in ("demo", "plain", "exempt"):
            project = opened.project(name, "ada", HostingMode.ONLY)
            until = TODAY + timedelta(days=300)
            change_hosting(opened.world, root, name, Wish(HostingMode.EXT, "Old.", until))
            with opened.world.store.write() as tx:
                one = tx.exemptions.live(project.id)
                assert one is not None
                if name != "exempt":
                    tx.exemptions.put(replace(one, until=None))
                if name == "demo":
                    version = ReleaseVersion.parse_legacy("1.0")
                    url = "https://files.test/demo-1.0.zip"
                    link = ExternalLink("demo", version, "demo-1.0.zip", url, "https://files.test/")
                    tx.outside.put_links(project.id, [link])
        yield opened


def drafted(index: WebIndex) -> int:
    """A draft of root's."""
    return manage.draft_campaign(index.world, index.caller("root"), CampaignKind.TO_ONLY, DRAFT).id


def announced(index: WebIndex) -> int:
    """The same, announced, and told."""
    number, root = drafted(index), index.caller("root")
    made = manage.preview_campaign(index.world, root, number)
    with index.world.store.write() as tx:
        assert made.survey_id is not None
        tx.surveys.fail(made.survey_id, "Nobody looks.", index.world.clock.now())
    manage.announce_campaign(index.world, root, number)
    assert look_after_campaigns(index.world) == 3
    return number


# Administrators


def test_a_draft_says_everything_that_is_wrong(index: WebIndex) -> None:
    """At once, and to administrators only."""
    root = index.caller("root")
    bad = manage.Draft("", "", TODAY, "ftp://x", (30, 7))
    with pytest.raises(Invalid) as refused:
        manage.draft_campaign(index.world, root, CampaignKind.TO_ONLY, bad)
    for said in ("what it is called", "Say why", "on which day to come", "90, 30, 7 days before", "ftp"):
        assert said in refused.value.sentence
    with pytest.raises(Invalid, match="Say where the terms"):
        manage.draft_campaign(index.world, root, CampaignKind.TO_ONLY, replace(DRAFT, terms_url=" "))
    with pytest.raises(Forbidden):
        manage.draft_campaign(index.world, index.caller("ada"), CampaignKind.TO_ONLY, DRAFT)
    with pytest.raises(NotFound):
        manage.cancel_campaign(index.world, root, 9, "Why.")
    with pytest.raises(NotFound):
        show.show_campaign(index.world, root, 2**70)
    with pytest.raises(Forbidden):
        show.list_campaigns(index.world, index.caller("ada"))


def test_a_draft_is_changed_and_previewed_again(index: WebIndex) -> None:
    """What was previewed is what is announced."""
    number, root = drafted(index), index.caller("root")
    manage.preview_campaign(index.world, root, number)
    changed = manage.change_campaign(index.world, root, number, replace(DRAFT, title="Other"))
    assert (changed.title, changed.state) == ("Other", CampaignState.DRAFT)
    with pytest.raises(Conflict, match="preview first"):
        manage.announce_campaign(index.world, root, number)


def test_a_preview_writes_nothing(index: WebIndex) -> None:
    """Who is in which group, who is exempt, whom no mail reaches, and the very mails that the clock writes later."""
    number = drafted(index)
    totals = show.preview_totals(index.world, None, number)
    assert (totals.group_a, totals.group_b, totals.exempt, totals.files) == (1, 1, 1, 1)
    assert (totals.people, totals.unreached, totals.quarantined) == (2, 2, 0)
    page = show.preview_candidates(index.world, None, number, after="demo")
    assert [(one.project, one.stand) for one in page.candidates] == [
        ("exempt", Stand.EXEMPT),
        ("plain", Stand.WAITING),
    ]
    assert "exemption until" in page.candidates[0].why
    assert show.preview_mails(index.world, None, number, "exempt").mails == ()
    sample = show.preview_mails(index.world, None, number, "Demo").mails
    assert [(DAY - day).days for day, _ in sample] == [95, 30, 7, 0]
    with index.world.store.read() as tx:
        ada = tx.users.by_name("ada")
        assert ada is not None
        assert [one for one in tx.notices.of_user(ada.id, limit=9) if one.kind.startswith("campaign")] == []
    index.project("other", "ada", HostingMode.ONLY)
    with pytest.raises(NotFound, match="not about it"):
        show.preview_mails(index.world, None, number, "other")


def test_the_mails_are_those_of_the_preview(index: WebIndex) -> None:
    """Word for word."""
    number = drafted(index)
    (_, first), *_ = show.preview_mails(index.world, None, number, "demo").mails
    announced_id = announced(index)
    with index.world.store.read() as tx:
        ada = tx.users.by_name("ada")
        assert ada is not None
        told = [one for one in tx.notices.of_user(ada.id, limit=9) if one.path == first.path]
    assert announced_id == number + 1
    assert [(one.subject, one.text) for one in told] == [(first.subject, first.text)]


def test_a_campaign_is_looked_at(index: WebIndex) -> None:
    """Counts, projects with what was told, people whom no mail reaches; for people and as files to keep."""
    number = announced(index)
    view = show.show_campaign(index.world, index.caller("root"), number)
    assert [view.of_stand(stand) for stand in Stand] == [2, 0, 0, 1, 0]
    assert (view.projects, view.unreached, view.told) == (3, 2, {"A-95": 1, "B-95": 1})
    assert view.soonest == DAY - timedelta(days=30)
    pieces = show.every_entrant(index.world, None, number, EntrantFilter())
    rows = list(csv.DictReader(StringIO("".join(entrants_csv(view.campaign, pieces)))))
    assert [(row["project"], row["group"], row["stand"]) for row in rows] == [
        ("demo", "B", "waiting"),
        ("exempt", "A", "exempt"),
        ("plain", "A", "waiting"),
    ]
    assert rows[0]["told"] == f"B-95 {TODAY}"
    people = list(
        csv.DictReader(StringIO("".join(unreached_csv(show.list_unreached(index.world, None, number)))))
    )
    assert [(row["project"], row["user"]) for row in people] == [("demo", "ada"), ("plain", "ada")]


def test_pages_of_many(index: WebIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists go on where they stopped."""
    number = announced(index)
    monkeypatch.setattr(show, "PAGE_LENGTH", 1)
    pieces = list(show.every_entrant(index.world, None, number, EntrantFilter()))
    assert [one.project for piece in pieces for one in piece] == ["demo", "exempt", "plain"]
    assert show.preview_totals(index.world, None, number).exempt == 1


# API


def test_calls(index: WebIndex) -> None:
    """Everything that administrators do, and what is refused."""
    root = index.caller("root")
    handlers: dict[tuple[str, str], Callable[..., Any]] = {
        (call.method, call.path): call.handler for call in CAMPAIGN_CALLS
    }

    def call(method: str, path: str, /, **body: object) -> Any:
        return handlers[method, path](index.world, root, {"id": "1", "name": "demo"}, Body(body))

    told = {"title": "Home", "reason": "Why.", "day": str(DAY), "terms_url": TERMS}
    made = call("POST", "/campaigns", kind="to-only", notices=[100, 30, 7], **told)
    assert (made["state"], made["notices"], made["id"]) == ("draft", [100, 30, 7], 1)
    assert call("PUT", "/campaigns/{id}", **told)["notices"] == [90, 30, 7]
    assert call("GET", "/campaigns")["campaigns"][0]["title"] == "Home"
    assert call("GET", "/campaigns", before="1") == {"campaigns": [], "before": None}
    found = call("GET", "/campaigns/{id}/preview")
    assert [one["project"] for one in found["projects"]] == ["demo", "exempt", "plain"]
    assert found["projects"][0]["files"][0]["filename"] == "demo-1.0.zip"
    mails = call("GET", "/campaigns/{id}/mails/{name}")["mails"]
    assert len(mails) == 4
    assert mails[0]["html"].startswith("<p>")
    assert call("POST", "/campaigns/{id}/preview")["state"] == "previewed"
    with pytest.raises(Conflict, match="/admin/surveys/1/"):
        call("POST", "/campaigns/{id}/announce")
    assert call("GET", "/campaigns/{id}/preview")["counted_by"] is None
    finish_survey(index.world, 1)
    assert call("GET", "/campaigns/{id}/preview")["counted_by"] == 1
    seen = call("GET", "/campaigns/{id}")["revision"]
    with pytest.raises(Conflict, match="root changed campaign 1 meanwhile"):
        call("POST", "/campaigns/{id}/announce", revision="other")
    assert call("POST", "/campaigns/{id}/announce", revision=seen)["state"] == "announced"
    for act in ("pause", "cancel"):
        with pytest.raises(Invalid, match="Say why"):
            call("POST", f"/campaigns/{{id}}/{act}", reason=" ")
    paused = call("POST", "/campaigns/{id}/pause", reason="Wait.")
    assert (paused["state"], paused["changed_by"], paused["why"]) == ("paused", "root", "Wait.")
    later = str(DAY + timedelta(days=9))
    assert call("POST", "/campaigns/{id}/resume", day=later)["day"] == later
    shown = call("GET", "/campaigns/{id}")
    assert shown["projects"]["waiting"] == {"A": 3, "B": 0}
    paused, resumed = shown["history"][-2:]
    assert (paused["event"], paused["by"], paused["why"]) == ("paused", "root", "Wait.")
    assert (resumed["event"], resumed["day"], resumed["why"]) == ("resumed", later, None)
    assert len(call("GET", "/campaigns/{id}/projects", stand="waiting")["projects"]) == 3
    assert call("GET", "/campaigns/{id}/unreached") == {"unreached": []}
    assert call("POST", "/campaigns/{id}/cancel", reason="Enough.")["state"] == "cancelled"
    ada = handlers["POST", "/projects/{name}/opt-in"]
    assert ada(index.world, index.caller("ada"), {"name": "demo"}, Body({}))["state"] == "planning"


def test_a_call_tells_everything_that_is_wrong(index: WebIndex) -> None:
    """An unknown kind, a day that is none, and what is missing are one answer; programs can read what is wanted."""
    draft = next(call for call in CAMPAIGN_CALLS if (call.method, call.path) == ("POST", "/campaigns"))
    outline = asked_for(index.world, draft)
    assert outline.properties["kind"]["enum"] == ["to-only", "phase-out"]
    assert outline.required == {"kind", "title", "reason", "day", "terms_url"}
    body = {"kind": "sideways", "title": "", "day": "soon", "terms_url": "ftp://x"}
    with pytest.raises(Invalid) as refused:
        draft.handler(index.world, index.caller("root"), {}, Body(body))
    wrong = ("'sideways' is no kind", "what it is called", "Say why", "ftp", "on which day to come")
    told = zip(refused.value.problems, wrong, strict=True)
    assert all(said in problem for problem, said in told), refused.value.problems


# The page that a mail leads to


def test_the_page_of_a_mail_changes_nothing_when_it_is_looked_at(index: WebIndex) -> None:
    """It names files and campaign; its button makes the plan, and leads to it."""
    announced(index)
    ada = index.signed_in("ada")
    shown = ada.get("/manage/rehosts/new?project=demo")
    assert shown.status == 200
    for said in ("demo-1.0.zip", "Home", "Nothing is hosted until you have agreed to it"):
        assert said in shown.page.text
    with index.world.store.read() as tx:
        project = tx.projects.find("demo")
        assert project is not None
        assert list(tx.rehosts.of_project(project.id)) == []
    sent = ada.submit(shown)
    with index.world.store.read() as tx:
        (rehost,) = tx.rehosts.of_project(project.id)
    assert sent.goes_to == f"/manage/rehosts/{rehost.id}"


def test_after_the_day_the_page_asks_for_consent(index: WebIndex) -> None:
    """A pypi-only project becomes pypi-cache first; without the tick nothing happens."""
    ada = index.signed_in("ada")
    change_hosting(index.world, index.caller("ada"), "demo", Wish(HostingMode.ONLY, acknowledges_loss=True))
    shown = ada.get("/manage/rehosts/new?project=demo")
    assert "demo-1.0.zip" in shown.page.text
    refused = ada.submit(shown)
    assert "hosted here" in refused.page.text
    assert "checked" not in refused.page.the("input", name="consent").attributes
    sent = ada.submit(ada.get("/manage/rehosts/new?project=demo"), consent="on")
    assert sent.goes_to.startswith("/manage/rehosts/")
    with index.world.store.read() as tx:
        project = tx.projects.find("demo")
    assert project is not None
    assert project.mode is HostingMode.CACHE
    assert index.signed_in("eve").get("/manage/rehosts/new?project=demo").status == 403
    assert ada.get("/manage/rehosts/new").status == 404
    assert index.browser().get("/manage/rehosts/new?project=demo").goes_to.startswith("/sign-in/")


# The command line


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home where ada's demo is exempt without an end, and root administers; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    run = commands(accounts, projects, hosting, campaigns)

    run("user", "add", "ada", "--email", "ada@example.org")
    run("user", "add", "root", "--email", "root@example.org", "--admin")
    run("project", "create", "demo", "--owner", "ada", "--mode", "pypi-cache")
    return run


def test_the_commands(run: Run, tmp_path: Path) -> None:
    """A campaign from draft to cancelled, for people and for scripts."""
    assert "There is no campaign." in run("campaign", "list")
    told = ("--title", "End", "--reason", "Why.", "--day", str(DAY), "--terms", TERMS)
    as_root = ("--as", "root")
    assert "Drafted campaign 1" in run("campaign", "new", "phase-out", *told, *as_root)
    made = json.loads(run("campaign", "new", "phase-out", *told, "--notices", "60 10", *as_root, "--json"))
    assert (made["id"], made["notices"]) == (2, [60, 10])
    assert "phase-out" in run("campaign", "list")
    assert len(json.loads(run("campaign", "list", "--json"))) == 2
    previewed = run("campaign", "preview", "1", *as_root)
    for said in ("The mails:", "files not here yet", "there may be more files elsewhere than are known"):
        assert said in previewed
    totals = json.loads(run("campaign", "preview", "1", *as_root, "--json"))["preview"]
    assert (totals["group_a"], totals["people"]) == (1, 1)
    assert "demo becomes pypi-only" in run("campaign", "preview", "1", "--project", "demo")
    folder = tmp_path / "mails"
    mails = run("campaign", "preview", "1", "--project", "demo", "--mails", str(folder), "--json")
    assert len(json.loads(mails)["mails"]) == 4
    assert len(list(folder.iterdir())) == 8
    assert "rehearse 1 --as root" in run("campaign", "preview", "1", *as_root)
    revision = json.loads(run("campaign", "show", "1", "--json"))["revision"]
    assert revision in run("campaign", "show", "1")
    with pytest.raises(Conflict, match="meanwhile"):
        run("campaign", "announce", "1", *as_root, "--revision", "other")
    announced = run("campaign", "announce", "1", *as_root, "--revision", revision)
    for said in ("“End”", f"the day is {DAY}", "30, 7 days before", "pause 1 --reason WHY --as root"):
        assert said in announced
    assert json.loads(run("campaign", "preview", "1", "--json"))["state"] == "announced"
    assert "waiting" in run("campaign", "show", "1", "--project", "Demo", "--stand", "waiting")
    shown = json.loads(run("campaign", "show", "1", "--json"))
    assert shown["entrants"][0]["project"] == "demo"
    assert {one["event"] for one in shown["history"]} == {"drafted", "previewed", "announced"}
    with pytest.raises(Invalid):
        run("campaign", "show", "1", "--stand", "lying")
    with pytest.raises(NotFound, match="There is no project 'nope' in campaign 1"):
        run("campaign", "show", "1", "--project", "nope")
    with pytest.raises(NotFound, match="'demo' that is moved"):
        run("campaign", "show", "1", "--project", "demo", "--stand", "moved")
    for act in ("pause", "cancel"):
        with pytest.raises(Invalid, match="Say why"):
            run("campaign", act, "1", *as_root)
    assert "resume 1 --as root" in run("campaign", "pause", "1", *as_root, "--reason", "Wait.")
    assert str(DAY) in run("campaign", "resume", "1", *as_root, "--day", str(DAY))
    assert "is announced" in run("campaign", "report", "1")
    assert json.loads(run("campaign", "report", "1", "--json"))["unreached_people"] == []
    assert "is cancelled" in run("campaign", "cancel", "1", *as_root, "--reason", "Enough.")
    assert f"Last decided by root on {TODAY}: Enough." in run("campaign", "report", "1")


def test_the_commands_say_what_is_not_known(run: Run, tmp_path: Path) -> None:
    """A day that is too near is told at once; groups are dashes before a survey of all projects is finished."""
    day = TODAY + timedelta(days=40)
    told = ("--title", "Home", "--reason", "Why.", "--day", str(day), "--terms", TERMS, "--as", "root")
    drafted = run("campaign", "new", "to-only", *told)
    assert "campaign preview 1 --as root" in drafted
    assert f"{TODAY + timedelta(days=90)} is the first day there can be" in drafted
    shown = run("campaign", "preview", "1", "--as", "root")
    assert "Survey 1 of all projects still runs" in shown
    assert "which files lie elsewhere is not known" in shown
    totals = json.loads(run("campaign", "preview", "1", "--as", "root", "--json"))["preview"]
    assert (totals["group_a"], totals["group_b"], totals["files"], totals["counted_by"]) == (None,) * 4
    opened = open_world(read_settings(os.environ, tmp_path))
    finish_survey(opened, 1)
    assert "still runs" not in run("campaign", "preview", "1", "--as", "root")
    with opened.store.write() as tx:
        lost = tx.surveys.add(None, by="root", at=opened.clock.now())
        tx.surveys.fail(lost.id, "Lost.", opened.clock.now())
        campaign = tx.campaigns.find(1)
        assert campaign is not None
        tx.campaigns.put(replace(campaign, survey_id=lost.id))
    shown = run("campaign", "preview", "1", "--as", "root")
    assert "Survey 2 ended early: Lost." in shown
    assert f"those of survey 1, finished on {TODAY}" in shown
