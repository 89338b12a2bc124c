"""The page of a project's releases: yanks, status and readers, for who may decide, without a script."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from tests.support.browser import Browser, Element, Shown, filled_in
from tests.support.index_pages import hosted_file
from tests.support.web_index import WebIndex, web_index

from homeport.domain.hosting import Policy
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release import HostedFile
from homeport.flows.manage_project import find_project
from homeport.ports.catalogue import Provenance
from homeport.web.app import web_routes

PATH = "/manage/projects/demo/releases/"
WHEEL, SDIST, NEWER = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo-2.0.tar.gz"
REASON = 'It breaks "x" & <script>alert(1)</script>.'


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns demo, which bob maintains and cleo reads."""
    with web_index(tmp_path) as opened:
        project, now = opened.project("demo", "ada"), opened.world.clock.now()
        with opened.world.store.write() as tx:
            for filename, version in ((WHEEL, "1.0"), (SDIST, "1.0"), (NEWER, "2.0")):
                file = hosted_file(filename, version=version, content=filename.encode())
                metadata = CoreMetadata("2.1", "demo", version)
                tx.releases.put(project.id, file.version, metadata, replace=False, at=now)
                tx.files.add(project.id, file, Provenance("ada"), None)
            tx.users.add("root", "root@example.org", None, is_admin=True, at=now)
        for name, role in (("bob", Role.MAINTAINER), ("cleo", Role.READER), ("dan", None)):
            user = opened.user(name)
            if role is not None:
                with opened.world.store.write() as tx:
                    tx.projects.grant(project.id, user.id, role)
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """The owner's browser."""
    return index.signed_in("ada")


def project(index: WebIndex) -> Project:
    """The project as it is now."""
    with index.world.store.read() as tx:
        return find_project(tx, "demo")


def files(index: WebIndex) -> dict[str, HostedFile]:
    """Its files, by name."""
    with index.world.store.read() as tx:
        return {file.filename: file for file in tx.files.of_project(find_project(tx, "demo").id)}


def press(browser: Browser, do: str, version: str, *ticked: str, reason: str = "") -> Shown:
    """Fill in the form of a release and press one of its buttons."""
    main = browser.get(PATH).page.the("main")
    (form,) = (
        form
        for form in main.all("form", method="post")
        if form.all("input", name="version", value=version) and form.all("button", name="do", value=do)
    )
    assert {box.attributes["value"] for box in form.all("input", name="file")} >= set(ticked)
    return browser.post(PATH, filled_in(form) | {"do": do, "reason": reason, "file": list(ticked)})


def buttons(shown: Shown) -> set[str]:
    """Everything that the page's forms do."""
    return {button.attributes["value"] for button in shown.page.the("main").all("button", name="do")}


def problem(shown: Shown) -> str:
    """What the page says on top of why nothing was done."""
    return shown.page.the("section", role="alert").the("p").text


def release(shown: Shown, version: str) -> Element:
    """The part of a page that is about one release."""
    parts = shown.page.all("details", **{"class": "release"})
    (found,) = (one for one in parts if one.all("summary")[0].the("strong").text == version)
    return found


# The page


def test_releases_come_newest_first_with_their_files(ada: Browser) -> None:
    """The newest release is open; each names its files, with a box to tick."""
    shown = ada.get(PATH)
    assert shown.page.the("h1").text == "Releases of demo"
    details = shown.page.all("details", **{"class": "release"})
    assert [one.all("summary")[0].the("strong").text for one in details] == ["2.0", "1.0"]
    assert ["open" in one.attributes for one in details] == [True, False]
    boxes = release(shown, "1.0").all("input", name="file")
    assert [box.attributes["value"] for box in boxes] == [WHEEL, SDIST]


def test_the_pages_of_a_project_lead_to_each_other(ada: Browser) -> None:
    """Every page carries one trail, which says on which of them one is."""
    hosting, releases, members = "/manage/projects/demo/", PATH, "/manage/projects/demo/members/"
    webhooks, consent = "/manage/projects/demo/webhooks/", "/manage/projects/demo/consent/"
    for path in (hosting, consent, releases, members, webhooks):
        trail = ada.get(path).page.the("p", **{"class": "trail"})
        links = {link.attributes["href"]: link for link in trail.all("a")}
        assert list(links) == ["/manage/", "/project/demo/", hosting, consent, releases, members, webhooks]
        assert [href for href, link in links.items() if "aria-current" in link.attributes] == [path]
    assert ada.get("/project/demo/").page.all("a", href=releases)
    assert ada.get("/manage/").page.the("main").all("a", href=releases)
    assert ada.get("/manage/").page.the("main").all("a", href=members)


def test_an_empty_project_says_so(index: WebIndex, ada: Browser) -> None:
    """Without a release there is nothing to yank, and the rest of the page is there."""
    index.project("empty", "ada")
    shown = ada.get("/manage/projects/empty/releases/")
    assert "No release yet." in shown.page.the("main").text
    assert buttons(shown) == {"set-status", "make-private"}


@pytest.mark.parametrize("name", ["cleo", "dan"])
def test_it_is_for_who_keeps_the_project(index: WebIndex, name: str) -> None:
    """Readers and strangers are refused, and so are their forms."""
    browser = index.signed_in(name)
    assert browser.get(PATH).status == 403
    token = browser.get("/manage/").page.all("input", name="form_token")[0].attributes["value"]
    sent = browser.post(PATH, {"do": "yank", "version": "1.0", "form_token": token})
    assert sent.status == 403
    assert files(index)[WHEEL].yanked is None


def test_a_form_needs_its_token_and_our_page(index: WebIndex, ada: Browser) -> None:
    """A form from elsewhere, of another session, or of nobody does nothing."""
    fields: dict[str, str | list[str]] = {"do": "yank", "version": "1.0"}
    token = ada.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    assert ada.post(PATH, fields).status == 403
    assert ada.post(PATH, fields | {"form_token": token}, origin="https://evil.example").status == 403
    other = index.signed_in("ada")
    assert other.post(PATH, fields | {"form_token": token}).status == 403
    assert index.browser().post(PATH, fields).goes_to.startswith("/sign-in/")
    assert files(index)[WHEEL].yanked is None
    assert ada.post(PATH, fields | {"form_token": token}).status == 303


def test_an_unknown_button_is_refused(ada: Browser) -> None:
    """What the page does not offer is not done."""
    token = ada.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    shown = ada.post(PATH, {"do": "explode", "form_token": token})
    assert (shown.status, problem(shown)) == (400, "'explode' is nothing that this page does.")


# Yanks


def test_a_release_is_yanked_and_unyanked(index: WebIndex, ada: Browser) -> None:
    """All its files are marked, here and on the public page, with the reason as text; and it is taken back."""
    sent = press(ada, "yank", "1.0", reason=REASON)
    assert (sent.status, sent.goes_to) == (303, PATH)
    assert [files(index)[name].yanked for name in (WHEEL, SDIST, NEWER)] == [REASON, REASON, None]
    for path in (PATH, "/project/demo/"):
        shown = ada.get(path)
        assert f"yanked {REASON}" in release(shown, "1.0").all("summary")[0].text
        assert "yanked" not in release(shown, "2.0").all("summary")[0].text
        assert not shown.page.the("main").all("script")
    assert press(ada, "unyank", "1.0").status == 303
    assert {file.yanked for file in files(index).values()} == {None}
    assert "unyank" not in buttons(ada.get(PATH)), "there is nothing to take back"


def test_single_files_are_yanked_and_unyanked(index: WebIndex, ada: Browser) -> None:
    """Only what was ticked changes; none ticked is a mistake, never the whole release."""
    assert press(ada, "yank-files", "1.0", SDIST, reason="Broken.").status == 303
    assert [files(index)[name].yanked for name in (WHEEL, SDIST)] == [None, "Broken."]
    shown = ada.get("/project/demo/")
    assert "yanked" not in release(shown, "1.0").all("summary")[0].text
    assert "yanked Broken." in release(shown, "1.0").the("tbody").text
    for do in ("yank-files", "unyank-files"):
        refused = press(ada, do, "1.0", reason="x")
        assert (refused.status, problem(refused)) == (400, "No file is ticked: tick those that are meant.")
    assert [files(index)[name].yanked for name in (WHEEL, SDIST)] == [None, "Broken."]
    assert press(ada, "unyank-files", "1.0", WHEEL, SDIST).status == 303
    assert files(index)[SDIST].yanked is None


def test_a_refusal_keeps_what_was_typed(index: WebIndex, ada: Browser) -> None:
    """The release stays open, with its ticks and its reason; other forms are as they were."""
    reason = "x" * 1_001
    refused = press(ada, "yank-files", "1.0", SDIST, reason=reason)
    assert (refused.status, files(index)[SDIST].yanked) == (400, None)
    assert problem(refused).startswith("The reason has 1001 characters")
    form = release(refused, "1.0")
    assert "open" in form.attributes
    assert form.the("input", name="reason").attributes["value"] == reason
    assert [box.attributes["value"] for box in form.all("input", checked="")] == [SDIST]
    assert release(refused, "2.0").the("input", name="reason").attributes["value"] == ""
    status = refused.page.the("input", id="why").attributes["value"]
    assert status == ""


def test_a_maintainer_yanks_and_decides_nothing_else(index: WebIndex) -> None:
    """Bob has the forms of releases; those of owners are not there, and are refused when they are sent."""
    bob = index.signed_in("bob")
    assert buttons(bob.get(PATH)) == {"yank", "yank-files", "unyank-files"}
    assert press(bob, "yank", "2.0").status == 303
    token = bob.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    for fields in (
        {"do": "set-status", "status": "archived", "serial": "0"},
        {"do": "make-private"},
    ):
        assert bob.post(PATH, {**fields, "form_token": token}).status == 403
    assert project(index).status is ProjectStatus.ACTIVE


# Status


def test_an_owner_sets_the_status(index: WebIndex, ada: Browser) -> None:
    """Three of the four statuses are offered to her; the public page says which it is, and why."""
    shown = ada.get(PATH)
    radios = shown.page.all("input", name="status")
    assert [radio.attributes["value"] for radio in radios] == ["active", "archived", "deprecated"]
    assert [radio.attributes["value"] for radio in radios if "checked" in radio.attributes] == ["active"]
    sent = ada.submit(shown, "set-status", status="deprecated", reason=REASON)
    assert (sent.status, sent.goes_to) == (303, PATH)
    assert (project(index).status, project(index).status_reason) == (ProjectStatus.DEPRECATED, REASON)
    for page in (ada.get(PATH).page, index.browser().get("/project/demo/").page):
        assert page.the("q").text == REASON
        assert "deprecated" in page.the("main").text
        assert not page.the("main").all("script")
    assert ada.get(PATH).page.the("input", id="why").attributes["value"] == REASON
    refused = ada.submit(ada.get(PATH), "set-status")
    assert (refused.status, problem(refused)) == (409, "demo is deprecated already.")


def test_a_quarantine_is_for_administrators(index: WebIndex, ada: Browser) -> None:
    """Root begins it with a reason; while it lasts nobody but an administrator can do anything here."""
    root = index.signed_in("root")
    assert [radio.attributes["value"] for radio in root.get(PATH).page.all("input", name="status")] == list(
        ProjectStatus
    )
    alone = {"remove-release", "remove-files", "freeze", "unfreeze"}
    assert buttons(root.get(PATH)) == {"set-status", "make-private"} | alone, "root does not maintain it"
    assert [
        link.attributes["href"] for link in root.get(PATH).page.the("p", **{"class": "trail"}).all("a")
    ] == [
        "/manage/",
        "/project/demo/",
        PATH,
    ]
    refused = ada.post(PATH, _status_form(ada, "quarantined"))
    assert (refused.status, problem(refused)) == (403, "Only an administrator may do this.")
    without = root.submit(root.get(PATH), "set-status", status="quarantined")
    assert without.status == 400
    assert without.page.the("input", name="status", checked="").attributes["value"] == "quarantined"
    assert root.submit(root.get(PATH), "set-status", status="quarantined", reason="Malware.").status == 303

    frozen = ada.get(PATH)
    assert buttons(frozen) == set()
    assert "Only an administrator ends a quarantine." in frozen.page.the("main").text
    assert WHEEL in release(frozen, "1.0").text
    assert buttons(root.get(PATH)) == {"set-status", "freeze", "unfreeze"}
    assert root.submit(root.get(PATH), "set-status", status="active", reason=None).status == 303
    assert project(index).status is ProjectStatus.ACTIVE
    assert ada.get(PATH).status == 200


def _status_form(browser: Browser, status: str) -> dict[str, str | list[str]]:
    token = browser.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    return {"do": "set-status", "status": status, "serial": "0", "reason": "x", "form_token": token}


def test_administrators_find_the_page(index: WebIndex, ada: Browser) -> None:
    """The public page leads a moderator to the status; other people are not led there."""
    assert index.signed_in("root").get("/project/demo/").page.all("a", href=PATH)
    for name in ("cleo", "dan"):
        assert not index.signed_in(name).get("/project/demo/").page.all("a", href=PATH)
    assert not index.browser().get("/project/demo/").page.all("a", href=PATH)


def test_what_everybody_is_told_is_decided_freshly(index: WebIndex, ada: Browser) -> None:
    """Who signed in a while ago confirms that it is them before the status changes, or all may read what few did."""
    shown = ada.get(PATH)
    assert ada.submit(shown, "make-private").status == 303
    private = ada.get(PATH)
    late = index.later(minutes=20)
    browser = Browser(late.app, late.world.base_url)
    browser.cookies = dict(ada.cookies)
    sent = browser.submit(private, "make-public")
    assert sent.goes_to == "/confirm/?next=%2Fmanage%2Fprojects%2Fdemo%2Freleases%2F"
    refused = browser.submit(shown, "set-status", status="archived", reason="No time.")
    assert refused.status == 403
    assert refused.page.the("input", id="why").attributes["value"] == "No time."
    assert project(index).is_private
    assert project(index).status is ProjectStatus.ACTIVE


# Who may read it


def test_an_owner_makes_it_private_and_lets_a_reader_in(index: WebIndex, ada: Browser) -> None:
    """Strangers are led to sign in, other accounts find nothing; who was let in reads, and nothing else."""
    assert ada.submit(ada.get(PATH), "make-private").status == 303
    assert project(index).is_private
    assert index.browser().get("/project/demo/").goes_to == "/sign-in/?next=%2Fproject%2Fdemo%2F"
    dan = index.signed_in("dan")
    assert dan.get("/project/demo/").status == 404
    assert "demo" not in dan.get("/search/?q=dem").page.the("main").text.replace("dem”", "")
    assert ada.get(PATH).page.the("main").all("a", href="/manage/projects/demo/members/")
    invited = ada.submit(ada.get("/manage/projects/demo/members/"), "invite", who="dan", role="reader")
    assert invited.status == 303
    assert dan.get("/project/demo/").status == 404, "who has not accepted reads nothing"
    (answer,) = dan.get("/manage/").page.the("main").all("a", **{"class": "button strong"})
    assert dan.submit(dan.get(answer.attributes["href"]), "accept").goes_to == "/project/demo/"
    shown = dan.get("/project/demo/")
    assert shown.status == 200
    assert "private" in [
        badge.text for badge in shown.page.the("main").all("span") if "badge" in badge.classes
    ]
    command = shown.page.the("main").all("pre")[0].text
    assert command == "pip install --index-url https://__token__:TOKEN@index.test/simple/ demo"
    assert "--scope read" in shown.page.the("main").text
    assert dan.get(PATH).status == 403
    assert "dan reader" in ada.get(PATH).page.the("main").text
    assert "dan" not in shown.page.the("aside").text, "who reads it does not maintain it"
    assert "private" in ada.get("/manage/").page.the("main").the("tbody").text
    assert ada.submit(ada.get(PATH), "make-public").status == 303
    assert index.browser().get("/project/demo/").status == 200


# A private index


@pytest.fixture
def closed(index: WebIndex) -> WebIndex:
    """The same index where everybody must sign in."""
    world = replace(index.world, policy=Policy(must_sign_in=True))
    return WebIndex(world, Starlette(routes=web_routes(world)))


@pytest.mark.parametrize(
    "path", ["/", "/search/", "/search/?q=demo", "/project/demo/", "/project/nobody-has-this/"]
)
def test_a_private_index_leads_to_the_sign_in_page(closed: WebIndex, path: str) -> None:
    """Who is not signed in sees nothing of it, and is led back afterwards."""
    shown = closed.browser().get(path)
    assert (shown.status, shown.html) == (303, "")
    form = closed.browser().get(shown.goes_to).page.the("main").the("form")
    assert form.the("input", name="next").attributes["value"] == path.partition("?")[0]
    assert closed.signed_in("dan").get(path).status == (404 if "nobody" in path else 200)


def test_a_private_index_keeps_some_doors_open(closed: WebIndex) -> None:
    """Signing in, what the crawler is, how pages look, and an address that is nowhere are no secrets."""
    browser = closed.browser()
    static = [link.attributes["href"] for link in browser.get("/sign-in/").page.all("link")]
    for path in ("/sign-in/", "/about/crawler/", *static):
        assert browser.get(path).status == 200, path
    assert browser.get("/nowhere/at/all").status == 404
    assert browser.get("/welcome/not-a-link").status == 404


def test_a_private_index_tells_how_to_read_it(closed: WebIndex) -> None:
    """Its commands have a place for a token, and say where one comes from."""
    browser = closed.signed_in("dan")
    for path in ("/", "/project/demo/"):
        text = browser.get(path).page.the("main").text
        assert "https://__token__:TOKEN@index.test/simple/" in text
        assert "https://index.test/account/tokens/" in text
        assert "homeport token create --user NAME --scope read" in text
    assert "Everybody with an account may read it" in closed.signed_in("ada").get(PATH).page.the("main").text


def test_marks_are_told_to_every_reader(index: WebIndex) -> None:
    """A reason is told beside the marker that it explains; of an active project the page is quiet."""
    caller = index.signed_in("ada")
    quiet = index.browser().get("/project/demo/").page.the("main")
    assert not quiet.all("q")
    assert "private" not in quiet.text
    sent = caller.submit(caller.get(PATH), "set-status", status="archived", reason="No time.")
    assert sent.status == 303
    assert index.browser().get("/project/demo/").page.the("q").text == "No time."
