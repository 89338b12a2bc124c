"""Administrators at a real browser: everything from an index that nobody used yet to a campaign that is given up.

One index runs for all of it. The first test sees it empty, the last one as all the others left it: on a phone, with every
page below ``/admin/`` that there is.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator
from starlette.routing import Match, Route
from tests.support.archives import make_wheel
from tests.support.office import PASSWORD, Office, download, open_office, rows_of, visit
from tests.support.visitor import NO_SCRIPTS, PHONE, Visitor

from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind
from homeport.domain.hosting import HostingMode
from homeport.flows.campaign.manage import Draft, announce_campaign, draft_campaign, preview_campaign
from homeport.flows.manage_project import create_project
from homeport.flows.sign_in import find_user
from homeport.web.app import web_routes

pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Two administrators, one maintainer, and nothing else."""
    with open_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def test_an_empty_index_says_what_to_do_next(office: Office) -> None:
    """Every place of the administration can be reached from the dashboard, and says where it begins."""
    root = office.signed_in("root")
    assert "There is no project yet" in root.text
    places = root.page.get_by_role("navigation", name="Administration").get_by_role("link").all_inner_texts()
    said = {}
    for place in places:
        visit(root, place)
        said[place] = root.text
    assert "Make a draft below" in said["Campaigns"]
    assert "Give one below" in said["Exemptions"]
    assert "The first one shows how much of this index depends" in said["Surveys"]
    assert "Nothing waits for a second administrator" in said["Proposals"]
    assert "Nobody decided anything yet" in said["Policies"]
    assert "To freeze one, open the releases of its project" in said["Frozen"]
    assert "No other server was asked for anything yet" in said["Hosts"]
    assert "This index sends no mail" in said["Mails"]
    assert "Nobody is told of anything yet" in said["Webhooks"]
    root.require_links()
    root.close()


def test_exemptions_are_given_and_extended(office: Office) -> None:
    """With a reason and a day, both of which everybody may read afterwards; nothing of a refused form is lost."""
    create_project(office.world, find_user(office.world, "ada"), "heron", HostingMode.ONLY)
    root = office.signed_in("root")
    visit(root, "Exemptions")
    give = root.section("Give one")
    give.get_by_label("Project").fill("heron")
    _exempt(root, give, office.day(-1), "The disks come in spring.", "Give", status=400)
    assert "It must hold until a day to come" in root.text
    assert give.get_by_label("Why").input_value() == "The disks come in spring."
    _exempt(root, give, office.day(10), "The disks come in spring.", "Give")
    heron = root.main.get_by_role("row").filter(has_text="heron")
    heron.locator("summary").click()
    _exempt(root, heron, office.day(100), "They are late.", "Extend")
    assert "They are late." in root.text
    ((row,), told) = (rows_of(download(root, "CSV")), json.loads(download(root, "JSON")))
    assert (row["project"], row["until"]) == ("heron", str(office.day(100)))
    assert "They are late." in json.dumps(told)

    # Anybody, without an account.
    reader = Visitor(office.browser, office.index.url)
    reader.go("/")
    reader.follow("Hosting log")
    assert all(one in reader.text for one in ("exemption extended", "They are late.", "come in spring."))
    assert "@" not in reader.text
    for visitor in (root, reader):
        visitor.require_links()
        visitor.close()


def _exempt(root: Visitor, form: Locator, until: date, why: str, do: str, status: int = 200) -> None:
    form.get_by_label("Until").fill(str(until))
    form.get_by_label("Why").fill(why)
    root.press(do, form, status=status)


def test_the_policy_is_changed_and_what_is_frozen_takes_two(office: Office) -> None:
    """A problem is told, then the policy is as it was typed; a file, a release, a host and a project need two to be let go."""
    token = office.index.ask("token", "create", "--user", "ada").strip()
    files = [f"swift-{version}-py3-none-any.whl" for version in ("1.0", "2.0")]
    for name in files:
        assert office.index.upload(name, make_wheel("swift", name.split("-")[1]), token).status == 200
    root, rita = office.signed_in("root"), office.signed_in("rita")
    _set_policy(root)
    addresses = [urlsplit(one["url"]).path for one in office.index.simple("swift").values()]
    releases = "/manage/projects/swift/releases/"
    for version, what in (("1.0", files[0]), ("2.0", "")):
        _freeze(root, releases, version, what, "Freeze it")
    assert [office.index.request("GET", path).status for path in addresses] == [451, 451]
    root.follow("Administration")
    visit(root, "Frozen")
    assert (files[0] in root.text, "swift 2.0 the whole release" in root.text) == (True, True)
    assert office.index.hosted("swift") == {}
    for version, what in (("1.0", files[0]), ("2.0", "")):
        _freeze(root, releases, version, what, "Let it go")
        assert root.path == "/admin/proposals/"
    assert "waits for another administrator" in root.text
    assert root.main.get_by_role("button", name="Agree").count() == 0

    _set_status(root, releases, "quarantined")
    _agree(rita, office, f"Unfreeze {files[0]}")
    _agree(rita, office, "Unfreeze swift 2.0")
    assert office.index.hosted("swift") == {}
    _set_status(root, releases, "active")
    _agree(rita, office, "End the quarantine of swift")
    assert sorted(office.index.hosted("swift")) == files

    root.go("/admin/hosts/")
    root.main.get_by_label("Host", exact=True).fill("files.test")
    root.main.get_by_label("Why").fill("Its owner asked.")
    root.press("Freeze it")
    assert "Its owner asked." in root.text
    root.main.get_by_label("Why it may be asked again").fill("It was a mistake.")
    root.press("Unfreeze it")
    _agree(rita, office, "Unfreeze the host files.test")
    root.go("/admin/hosts/files.test/")
    assert "Frozen" not in root.text
    for visitor in (root, rita):
        visitor.require_links()
        visitor.close()


def _set_policy(root: Visitor) -> None:
    visit(root, "Policies")
    root.main.get_by_label("Cooling time in hours").fill("often")
    root.main.get_by_role("group", name="Unfreezing").get_by_label("yes").check()
    root.main.get_by_label("Readers are answered").select_option("451")
    root.main.get_by_label("Why").fill("We grow.")
    root.press("Change the policy", status=400)
    assert "from 0 to 720 is wanted" in root.text
    root.main.get_by_label("Cooling time in hours").fill("0")
    root.press("Change the policy")
    assert "We grow." in root.section("What was decided").inner_text()
    assert root.main.get_by_label("Readers are answered").input_value() == "451"


def _freeze(root: Visitor, path: str, version: str, filename: str, do: str) -> None:
    root.go(path)
    release = root.main.locator("details.release").filter(
        has=root.page.locator("summary strong", has_text=re.compile(f"^{re.escape(version)}$"))
    )
    if release.get_attribute("open") is None:
        release.locator("summary").first.click()
    part = release.locator("details").filter(has_text="Freeze, or let go")
    if part.get_attribute("open") is None:
        part.locator("summary").click()
    part.get_by_label("What").select_option(filename)
    part.get_by_label("Reason").fill("A lawyer wrote.")
    root.press(do, part)


def _set_status(root: Visitor, path: str, status: str) -> None:
    root.go(path)
    part = root.section("Status")
    part.get_by_role("radio", name=re.compile(f"^{status} ")).check()
    part.get_by_label("Reason").fill("Looked into.")
    root.press("Set the status", part)


def _agree(rita: Visitor, office: Office, sentence: str) -> None:
    rita.go("/admin/proposals/")
    proposal = rita.main.get_by_role("article").filter(has_text=sentence)
    rita.press("Agree", proposal)
    assert "Agreed by rita" in rita.main.get_by_role("article").filter(has_text=sentence).inner_text()


def test_a_survey_is_begun_and_read(office: Office) -> None:
    """Its page goes on by itself until there is a report, whose tables are files as well."""
    office.linger("egret", "egret-1.0-py3-none-any.whl")
    root = office.signed_in("root")
    root.follow("Begin a survey of all projects")
    root.press("Survey all projects")
    root.wait_until_done()
    assert "What became of the links" in root.text
    links = rows_of(download(root, "links.csv"))
    assert [row["filename"] for row in links if row["project"] == "egret"] == ["egret-1.0-py3-none-any.whl"]
    assert json.loads(download(root, "report.json"))
    root.follow("Administration")
    assert root.main.get_by_role("link", name=re.compile(r"^127\.0\.0\.1")).first.is_visible()
    assert "egret" in root.text
    root.follow("every day, and as a file")
    assert int(rows_of(download(root, "CSV"))[-1]["pypi-ext"]) >= 1
    assert json.loads(download(root, "JSON"))
    root.require_links()
    root.close()


def test_a_campaign_without_scripts(office: Office) -> None:
    """Draft, survey, groups and mails, announcement, pause, a later day, and the end; each with what it means beside it."""
    office.linger("plover")
    office.linger("ibis", "ibis-1.0-py3-none-any.whl", "ibis-2.0-py3-none-any.whl")
    office.exempt("stork")
    root = office.signed_in("root", NO_SCRIPTS)
    visit(root, "Campaigns")
    _draft(root, office.day(0), status=400)
    assert "Everything comes home" in root.main.get_by_label("What it is called").input_value()
    _draft(root, office.day(120))
    campaign = root.path
    assert "After the preview." in root.text
    root.press("Survey and preview")
    root.follow(re.compile("^survey"))
    root.wait_until_done()
    root.go(campaign)
    _read_preview(root)
    root.require_links()

    office.wait_a_while()
    root.go(campaign)
    root.main.get_by_role("checkbox", name="I have looked at the groups").check()
    announce = root.section("2. Announce it").get_by_label("Your password")
    announce.fill("a wrong one")
    root.press("Announce the campaign", status=403)
    assert root.main.get_by_role("checkbox", name="I have looked at the groups").is_checked()
    announce.fill(PASSWORD)
    root.press("Announce the campaign")
    assert "announced" in root.main.locator("header").inner_text()
    root.main.get_by_label("Why").fill("A holiday.")
    root.press("Pause")
    assert "paused" in root.main.locator("header").inner_text()
    root.main.get_by_label("A later day").fill(str(office.day(200)))
    root.press("Resume")
    assert "announced" in root.main.locator("header").inner_text()
    rows = {row["project"]: row for row in rows_of(download(root, "projects.csv"))}
    assert {"plover", "ibis", "stork"} <= rows.keys()
    assert json.loads(download(root, "report.json"))
    root.main.get_by_label("Why").fill("We found another way.")
    root.press("Cancel the campaign")
    assert "cancelled" in root.main.locator("header").inner_text()
    root.require_links()
    root.close()


def _draft(root: Visitor, day: date, status: int = 200) -> None:
    root.main.get_by_role("radio", name="pypi-ext → pypi-only").check()
    root.main.get_by_label("What it is called").fill("Everything comes home")
    root.main.get_by_label(re.compile("^The day")).fill(str(day))
    root.main.get_by_label("Why").fill("Links rot.")
    root.main.get_by_label("Where the terms").fill("https://example.org/terms")
    root.press("Make the draft", status=status)


def _read_preview(root: Visitor) -> None:
    root.follow("Groups, projects and mails")
    row = root.main.get_by_role("row").filter
    assert "A" in row(has_text="plover").get_by_role("cell").nth(1).inner_text()
    assert "B" in row(has_text="ibis").get_by_role("cell").nth(1).inner_text()
    assert "2 files" in row(has_text="ibis").inner_text()
    assert "exempt" in row(has_text="stork").inner_text()
    assert "in group B: " in root.text
    root.follow("Mails", row(has_text="ibis"))
    mail = root.main.locator("pre").first.inner_text()
    assert all(one in mail for one in ("ibis-2.0-py3-none-any.whl", "https://example.org/terms"))
    # The announcement, three reminders, and what is said on the day.
    assert root.main.locator("pre").count() == 5


def test_mails_that_come_back(office: Office) -> None:
    """The page says how to tell it; whoever is marked is listed, and every kind of notice can be read as it is mailed."""
    root = office.signed_in("root")
    visit(root, "Mails")
    assert "homeport mail bounced ADDRESS" in root.text
    office.index.ask("mail", "bounced", "ada@example.org")
    root.page.reload()
    assert "A mail came back." in root.section("Addresses that take no mail").inner_text()
    root.follow("Preview every kind of notice")
    root.follow("campaign-announced")
    assert "Subject" in root.text
    root.follow("Open the HTML part")
    root.close()


def test_a_webhook_is_made(office: Office) -> None:
    """What is no address is refused and not lost; one that is gets a secret that is shown once."""
    root = office.signed_in("root")
    visit(root, "Webhooks")
    root.main.get_by_role("textbox", name="Address").fill("ftp://hooks.example.org/")
    root.press("Add the webhook", status=400)
    assert root.main.get_by_role("textbox", name="Address").input_value() == "ftp://hooks.example.org/"
    root.main.get_by_role("textbox", name="Address").fill(office.site.replace("http:", "https:"))
    root.press("Add the webhook")
    assert "shown this once" in root.text
    secret = root.main.locator("pre").first.inner_text().split()[0]
    root.go("/admin/webhooks/")
    assert "127.0.0.1" in root.section("Told of what happens").inner_text()
    assert secret not in root.text
    root.require_links()
    root.close()


def test_every_page_on_a_phone(office: Office) -> None:
    """Each page of the administration that a link leads to fits; there is none that no link leads to; no link is broken."""
    office.linger("curlew", "curlew-1.0-py3-none-any.whl")
    root = office.signed_in("root", PHONE)
    caller = Caller(find_user(office.world, "root"))
    draft = Draft("All go home", "Links rot.", office.day(120), "https://example.org/terms")
    campaign = draft_campaign(office.world, caller, CampaignKind.TO_ONLY, draft)
    survey = preview_campaign(office.world, caller, campaign.id).survey_id
    root.go(f"/admin/surveys/{survey}/")
    root.wait_until_done()
    announce_campaign(office.world, caller, campaign.id)
    # What is announced has no preview any more.
    later = draft_campaign(office.world, caller, CampaignKind.TO_ONLY, draft)
    preview_campaign(office.world, caller, later.id)
    root.go(later.path)
    root.go(campaign.path)
    pages = {
        route.path: route
        for route in web_routes(office.world)
        if isinstance(route, Route) and "GET" in (route.methods or ()) and _is_page(route.path)
    }
    seen = set[str]()
    while waiting := sorted(_unseen(root, pages, seen)):
        for pattern, path in waiting:
            if pattern not in seen:
                seen.add(pattern)
                _look_at(root, pattern, path)
    root.require_links()
    root.close()
    assert sorted(pages.keys() - seen) == []


def _is_page(path: str) -> bool:
    # Files are asked for with all other links; they have one where there is anything in them.
    return path.startswith("/admin/") and "/export/" not in path and not path.endswith(".json")


def _unseen(root: Visitor, pages: dict[str, Route], seen: set[str]) -> Iterator[tuple[str, str]]:
    for link in root.links:
        path = urlsplit(link).path
        scope = {"type": "http", "method": "GET", "path": path}
        for pattern, route in pages.items():
            if pattern not in seen and route.matches(scope)[0] is Match.FULL:
                yield pattern, path


def _look_at(root: Visitor, pattern: str, path: str) -> None:
    if pattern.endswith(("/page", "/{place}/")):
        # A mail as its program shows it.
        root.page.goto(root.base_url + path)
        wide, window = root.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, path
        assert not root.complaints, root.complaints
        return
    root.go(path)
