"""A maintainer at a real browser, on a desk, on a phone, and without scripts: everything from signing in to withdrawing.

One index runs for all of it, with a web site and a mail server on loopback. Who walks through reads what a newcomer reads,
and presses what a newcomer would press: fields by their labels, buttons and links by their words.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.abroad import Abroad
from tests.support.archives import make_wheel
from tests.support.catalogue import wheel_name
from tests.support.clients import Pip, require_success, say_version
from tests.support.forms import form_headers, multipart
from tests.support.http_site import serve
from tests.support.index import Reply, running
from tests.support.mail_server import mail_server
from tests.support.outside import Answer, Outside
from tests.support.town import PASSWORD, Town
from tests.support.visitor import DEVICES, Device, Visitor, chromium

from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Role
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import create_project
from homeport.flows.membership import invite
from homeport.flows.sign_in import add_user, find_user
from homeport.settings import read_settings
from homeport.wiring import open_world

pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(300)]
_MANY = 51
_UNSUBSCRIBE = re.compile(r"http://[^\s>]+/unsubscribe/[^\s>]+")
_MAILED = re.compile(r"http://\S+/verify-email/\S+")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Everything, started once."""
    folder, outside = tmp_path_factory.mktemp("town"), Outside()
    with ExitStack() as opened:
        browser = opened.enter_context(chromium())
        site = opened.enter_context(serve(outside))
        mails = opened.enter_context(mail_server())
        smtp = f"smtp://127.0.0.1:{mails.port}?from=index@example.org"
        settings = {"HOMEPORT_OUTSIDE_ALLOW": "127.0.0.1:*", "HOMEPORT_SMTP_URL": smtp}
        index = opened.enter_context(running(folder, **settings))
        world = open_world(read_settings(index.environment, folder))
        add_user(world, "root", "root@example.org", PASSWORD, is_admin=True)
        yield Town(index, world, Abroad(outside, site.base_url), mails, browser)


@pytest.fixture(params=DEVICES, ids=lambda device: device.name)
def device(request: pytest.FixtureRequest) -> Device:
    """What somebody looks through."""
    chosen: Device = request.param
    return chosen


def test_a_project_comes_home(town: Town, device: Device, pip: Pip, tmp_path: Path) -> None:
    """From an empty inbox to installed files, their record, and a consent that is taken back."""
    project = f"lark{device.name.replace('-', '')}"
    ada, bob = (town.signed_in(f"{name}-{device.name}", device) for name in ("ada", "bob"))
    files = _put_outside(town, project)
    assert "You keep no project yet" in ada.text

    ada.main.get_by_label("Name").fill(project)
    ada.main.get_by_role("radio", name="pypi-cache").check()
    ada.press("Create")
    assert ada.path == f"/manage/projects/{project}/"
    assert "Name a source of its files first" in ada.text
    _add_source(ada, f"{town.abroad.url}/{project}/")
    _invite(ada, bob, project)
    plan = _plan(ada, project)
    _decide(ada, bob, plan, project, files)
    # Parts of pages that are there while the plan is open.
    ada.require_links()
    bob.require_links()
    _accept(ada, town, project)

    # Two are missing: one that its site keeps back, and one that is rejected.
    hosted = town.index.hosted(project)
    assert len(hosted) == _MANY - 1
    require_success(pip.install(town.index, tmp_path / "site", f"{project}==1.7"))
    assert say_version(sys.executable, tmp_path / "site", project) == "1.7"
    _fetch_the_last(ada, town, project, files)
    _read_the_record(ada, tmp_path)
    _withdraw(ada, town, project)
    ada.go("/manage/")
    for visitor in (ada, bob):
        visitor.require_links()
        visitor.close()


def _put_outside(town: Town, project: str) -> dict[str, bytes]:
    """Fifty-one wheels; one cannot be had now, and one is not what is said of it."""
    files = {wheel_name(project, f"1.{n}"): make_wheel(project, f"1.{n}") for n in range(_MANY)}
    for name, data in files.items():
        town.abroad.outside.put_file(f"{town.abroad.url}/{project}/{name}", data)
    late = wheel_name(project, "1.50")
    town.abroad.outside.put(f"{town.abroad.url}/{project}/{late}", Answer(status=503))
    wrong = wheel_name(project, "0.9")
    town.abroad.outside.put_file(f"{town.abroad.url}/{project}/{wrong}", make_wheel(project, "0.9"))
    town.abroad.page(*files, f"{wrong}#sha256={'0' * 64}", at=f"/{project}/")
    return files


def _add_source(ada: Visitor, url: str) -> None:
    ada.follow("Name a source")
    ada.main.get_by_label("Kind").select_option("homepage")
    ada.main.get_by_label("URL", exact=True).fill(url)
    ada.press("Preview")
    assert "homepage offers 52 files" in ada.text
    assert ada.main.get_by_label("URL", exact=True).input_value() == url
    ada.press("Add source")
    assert ada.section("Sources").get_by_role("link", name=url).is_visible()


def _invite(ada: Visitor, bob: Visitor, project: str) -> None:
    ada.follow("Members")
    name = bob.page.locator(".who").inner_text()
    ada.main.get_by_label("User name or a verified e-mail address").fill(name)
    ada.press("Invite")
    bob.go("/manage/")
    waits = bob.section("What waits for you").get_by_role("listitem").filter(has_text=project)
    bob.follow("Answer", waits)
    bob.press("Accept")


def _plan(ada: Visitor, project: str) -> str:
    """Look for files; the path of the plan that waits."""
    ada.go(f"/manage/projects/{project}/")
    ada.press("Look for files")
    ada.wait_until_done()
    assert "52 files found" in ada.text
    return ada.path.partition("?")[0]


def _decide(ada: Visitor, bob: Visitor, plan: str, project: str, files: dict[str, bytes]) -> None:
    """Filters, decisions for all that they show, drafts of two people, known hashes, and one file looked at closely."""
    bob.go("/manage/")
    bob.follow("Review", bob.section("What waits for you").get_by_role("listitem").filter(has_text=project))
    assert bob.path == plan
    ada.main.get_by_label("Files", exact=True).select_option("rejected")
    ada.press("Show these")
    assert wheel_name(project, "0.9") in ada.text
    assert "1 file of 52" in ada.text
    ada.main.get_by_label("Files", exact=True).select_option("all")
    ada.main.get_by_label("Version", exact=True).fill("1.7")
    ada.press("Show these")
    ada.press("Leave out all shown")
    assert "holds for all files that this filter shows" in ada.text

    # Bob has the page as it was before: he is told what changed since, and his own decision is not lost.
    mine, hers = (bob.main.get_by_role("checkbox", name=wheel_name(project, one)) for one in ("1.9", "1.7"))
    mine.uncheck()
    bob.press("Save decisions", status=409)
    assert f"{ada.page.locator('.who').inner_text()} left it out" in bob.text
    assert (mine.is_checked(), hers.is_checked()) == (False, False)
    bob.press("Save decisions")
    assert "Saved as revision 2" in bob.text
    assert (mine.is_checked(), hers.is_checked()) == (False, False)

    ada.go(plan)
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in files.items()]
    field, chooser = (
        ada.main.get_by_label(words) for words in ("Lines of a checksum file", "Or choose the file")
    )
    # Without scripts there is nothing to choose.
    for chosen in chooser.all():
        chosen.set_input_files({"name": "SUMS", "mimeType": "text/plain", "buffer": b"0" * 800_001})
        ada.main.get_by_text(f"homeport rehost hashes {plan.rpartition('/')[2]} FILE").wait_for()
        assert field.input_value() == ""
    field.fill("\n".join(lines))
    ada.press("Compare and name them")
    assert "Saved as revision 3" in ada.text
    ada.main.get_by_label("Text in name or address").fill("1.8-")
    ada.press("Show these")
    ada.follow("Details")
    assert "What inspection found" in ada.text
    ada.press("Accept it")
    ada.follow("Go to your answer")


def _accept(ada: Visitor, town: Town, project: str) -> None:
    """Say yes, with basis and evidence; the password is asked for because the sign-in was a while ago."""
    town.wait_a_while()
    ada.page.reload()
    ada.look()
    ada.main.get_by_label("Files", exact=True).select_option("all")
    ada.main.get_by_label("Text in name or address").fill("")
    ada.press("Show these")
    ada.press("Accept all acceptable")
    answer = ada.section("Your answer")
    answer.get_by_role("radio", name=re.compile("permi")).first.check()
    answer.get_by_label("In your words").fill("Its author wrote to us.")
    answer.get_by_label("Evidence").fill("https://example.org/permission")
    answer.get_by_role("checkbox").check()
    answer.get_by_label("Your password").fill(PASSWORD)
    ada.press("Accept the ticked files")
    ada.wait_until_done()
    assert "Not here yet" in ada.text, ada.text


def _fetch_the_last(ada: Visitor, town: Town, project: str, files: dict[str, bytes]) -> None:
    late = wheel_name(project, "1.50")
    town.abroad.outside.put_file(f"{town.abroad.url}/{project}/{late}", files[late])
    ada.press("Try now")
    ada.wait_until_done()
    assert town.index.hosted(project)[late] == hashlib.sha256(files[late]).hexdigest()


def _read_the_record(ada: Visitor, folder: Path) -> None:
    with ada.page.expect_download() as coming:
        ada.main.get_by_role("link", name="Download the record").click()
    coming.value.save_as(folder / "consent.json")
    record = json.loads((folder / "consent.json").read_text())
    assert "https://example.org/permission" in json.dumps(record)


def _withdraw(ada: Visitor, town: Town, project: str) -> None:
    hosted = town.index.hosted(project)
    ada.press("Withdraw consent")
    assert "withdrew it on" in ada.text
    assert town.index.hosted(project) == hosted, "what is hosted was to stay"


def test_a_registration_comes_home(town: Town, device: Device) -> None:
    """Its owner narrows the standing consent; a program's token registers a release, and only what is covered comes home."""
    project, name = f"swift{device.name.replace('-', '')}", f"eve-{device.name}"
    eve = town.visitor(name, device)
    create_project(town.world, find_user(town.world, name), project, HostingMode.CACHE)
    eve = town.signed_in(name, device)
    for version in ("1.0", "1.1"):
        town.abroad.outside.put_file(
            f"{town.abroad.url}/{project}/{wheel_name(project, version)}", make_wheel(project, version)
        )
    town.abroad.page(wheel_name(project, "1.0"), wheel_name(project, "1.1"), at=f"/{project}/")

    eve.follow(project, eve.section("Projects"))
    eve.follow("Name a source")
    eve.main.get_by_label("Kind").select_option("homepage")
    eve.main.get_by_label("URL", exact=True).fill(f"{town.abroad.url}/{project}/")
    eve.press("Add source")
    eve.follow("See, renew, change or withdraw it")
    town.wait_a_while()
    eve.page.reload()
    eve.section("Change its terms").get_by_label("Your password").fill(PASSWORD)
    eve.main.get_by_label("Hosts").fill(town.abroad.url)
    eve.main.get_by_label("Pages at").fill(f"/{project}/*")
    eve.main.get_by_label("Files named").fill("*-1.0-*.whl")
    eve.press("Consent on these terms")
    assert f"/{project}/*" in eve.section("As it is").inner_text()

    eve.go("/account/")
    eve.follow("API tokens")
    eve.main.get_by_label("What it is for").fill("CI")
    eve.main.get_by_role("checkbox", name="manage").check()
    eve.press("Create the token")
    token = eve.section("Your new token").locator("pre").first.inner_text().split()[0]
    assert _register(town, token, project, "1.0").status == 200
    refused = _register(town, token, project, "1.1")
    assert (refused.status, "none of the file patterns (*-1.0-*.whl)" in refused.text) == (400, True)
    assert list(town.index.hosted(project)) == [wheel_name(project, "1.0")]

    eve.go(f"/manage/projects/{project}/consent/")
    eve.main.get_by_label("Why").fill("We upload now.")
    eve.press("Withdraw")
    assert "withdrawn" in eve.section("As it is").inner_text()
    eve.require_links()
    eve.close()


def _register(town: Town, token: str, project: str, version: str) -> Reply:
    """What the index says to a release that a program registers."""
    form = [(":action", "submit"), ("metadata_version", "2.1"), ("name", project), ("version", version)]
    return town.index.request("POST", "/legacy/", multipart(form), form_headers(token))


def test_external_links_are_given_up(town: Town, device: Device) -> None:
    """A pypi-ext project becomes pypi-only: its owner reads the list that is lost, acknowledges it, and there is no way back."""
    project, name = f"rook{device.name.replace('-', '')}", f"kim-{device.name}"
    town.visitor(name, device).close()
    create_project(town.world, find_user(town.world, name), project, HostingMode.ONLY)
    until = (town.world.clock.now() + timedelta(days=90)).date()
    exempt = Wish(HostingMode.EXT, reason="The disks come in spring.", until=until)
    change_hosting(town.world, Caller(find_user(town.world, "root")), project, exempt)

    kim = town.signed_in(name, device)
    kim.follow(project, kim.section("Projects"))
    for version in ("1.0", "1.1"):
        kim.main.get_by_label("Kind").select_option("urls")
        kim.main.get_by_label("URL", exact=True).fill(
            f"{town.abroad.url}/{wheel_name(project, version)}#sha256={'0' * 64}"
        )
        kim.press("Add source")
    move = kim.section("pypi-only")
    assert "2 files would stop being installable" in move.inner_text()
    assert "One way." in move.inner_text()
    assert wheel_name(project, "1.1") in move.inner_text()
    move.get_by_role("checkbox", name="I have read the list").check()
    kim.press("Move to pypi-only")
    assert town.index.hosted(project) == {}
    assert "The disks come in spring." in kim.section("History").inner_text()
    assert not kim.main.get_by_role("button", name="Look for files").count()
    kim.follow("hosting log")
    assert project in kim.text
    kim.go("/manage/")
    kim.require_links()
    kim.close()


def test_the_longest_name_fits(town: Town, device: Device) -> None:
    """No page is wider than its window, whatever a project is called."""
    name = f"lea-{device.name}"
    town.visitor(name, device).close()
    project = f"{device.name}{'x' * 128}"[:128]
    create_project(town.world, find_user(town.world, name), project, HostingMode.CACHE)
    lea = town.signed_in(name, device)
    for path in ("/account/tokens/", f"/project/{project}/"):
        lea.go(path)
    for page in ("", "consent/", "releases/", "members/", "webhooks/"):
        lea.go(f"/manage/projects/{project}/{page}")
    lea.close()


def test_what_is_mailed(town: Town, device: Device) -> None:
    """An address is verified by its mail; preferences are kept; opening an unsubscribe link changes nothing before its button."""
    name = f"uma-{device.name}"
    uma = town.signed_in(name, device)
    waits = uma.section("What waits for you")
    uma.follow("Verify it", waits)
    uma.press("Send me a link")
    link = _MAILED.search(town.mail_to(name, lambda text: "/verify-email/" in text))
    assert link is not None
    uma.go(link[0])
    uma.press("It is mine: verify it")
    uma.go("/manage/")
    assert "Nothing." in uma.section("What waits for you").inner_text()

    uma.follow("Which of them come by mail")
    assert uma.main.get_by_role("checkbox", name="consents").is_disabled()
    uma.main.get_by_role("checkbox", name="drift").uncheck()
    uma.press("Keep")
    uma.go("/account/notices/")
    assert not uma.main.get_by_role("checkbox", name="drift").is_checked()

    project = f"wren{device.name.replace('-', '')}"
    root = find_user(town.world, "root")
    create_project(town.world, root, project, HostingMode.ONLY)
    invite(town.world, Caller(root), project, name, Role.MAINTAINER)
    link = _UNSUBSCRIBE.search(town.mail_to(name, lambda text: f"invites you to {project}" in text))
    assert link is not None
    # Nobody needs to be signed in for it, and looking is not pressing.
    stranger = Visitor(town.browser, town.index.url, device)
    for _ in range(2):
        stranger.go(link[0])
        assert "No more mails of this topic?" in stranger.text
    uma.page.reload()
    assert uma.main.get_by_role("checkbox", name="people").is_checked()
    stranger.press("No more mails of this topic")
    assert "gets no mail of it" in stranger.text
    uma.page.reload()
    assert not uma.main.get_by_role("checkbox", name="people").is_checked()
    uma.go("/manage/")
    uma.require_links()
    uma.follow("Answer")
    uma.press("Decline")
    uma.go("/manage/")
    assert "Nothing." in uma.section("What waits for you").inner_text()
    stranger.require_links()
    for visitor in (stranger, uma):
        visitor.close()
