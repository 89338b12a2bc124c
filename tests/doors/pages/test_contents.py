"""What the pages tell: the newest, what is found, a project's story and hosting, and what waits for somebody."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.browser import Browser, token_of
from tests.support.web_index import WebIndex, web_index
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.digests import Digests, Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.rehost import State
from homeport.domain.release import ExternalLink, HostedFile, Origin
from homeport.flows.change_status import change_status
from homeport.ports.catalogue import Provenance
from homeport.ports.notices import Notice


def publish(index: WebIndex, project: Project, version: str, filename: str, **changes: Any) -> None:
    """A hosted file with metadata, in rows alone."""
    parsed, now = ReleaseVersion.parse(version), index.world.clock.now()
    metadata = CoreMetadata(
        "2.1",
        "demo",
        version,
        summary=f"Summary of {version}",
        home_page="https://home.example/",
        project_urls=(("Source", "https://home.example/source"), ("Homepage", "https://home.example/")),
        download_url="UNKNOWN",
        description="First line\n\n  second <b>line</b>",
        requires_dist=tuple(f"need{number}" for number in range(25)),
        license="MIT",
    )
    file = HostedFile(
        project="demo",
        version=parsed,
        filename=filename,
        kind=FileKind.SDIST,
        size_bytes=1_234_567,
        digests=Digests(Sha256.of(filename.encode()), "0" * 64, "0" * 32),
        published_at=now,
        origin=Origin.REHOST,
    )
    file = replace(file, **changes)
    with index.world.store.write() as tx:
        tx.releases.put(project.id, parsed, metadata, replace=True, at=now)
        provenance = Provenance("ada", 1, f"https://files.example/{filename}", "https://files.example/")
        tx.files.add(project.id, file, provenance, None)


def test_an_empty_index_says_how_to_begin(tmp_path: Path) -> None:
    """With no project there are commands to copy: to publish, to bring home, to install."""
    with web_index(tmp_path, "http://127.0.0.1:8417") as opened:
        page = opened.browser().get("/").page
        commands = " ".join(pre.text for pre in page.all("pre"))
        for command in ("twine upload", "uv publish", "homeport plan", "pip install"):
            assert command in commands
        assert "http://127.0.0.1:8417/legacy/" in commands
        assert not page.all("ul")


def test_the_front_page_lists_the_newest(index: WebIndex, demo: Project) -> None:
    """Projects lead to their pages; the install command names the newest that has files, else a place for a name."""

    def install() -> str:
        (told,) = (pre.text for pre in index.browser().get("/").page.all("pre") if "pip install" in pre.text)
        return str(told.split()[-1])

    index.project("another", "ada")
    assert install() == "NAME"
    publish(index, demo, "1.0", "demo-1.0.tar.gz")
    assert install() == "demo"
    page = index.browser().get("/").page
    links = [link.attributes["href"] for link in page.the("ul").all("a")]
    assert links == ["/project/another/", "/project/demo/"]


def test_search_finds_and_says_when_it_does_not(index: WebIndex) -> None:
    """Hits lead to pages, the field keeps the words, and no hit says what to do."""
    found = index.browser().get("/search/?q=DEM").page
    assert [link.attributes["href"] for link in found.the("ul").all("a")] == ["/project/demo/"]
    assert found.the("input", name="q").attributes["value"] == "DEM"
    missed = index.browser().get("/search/?q=zzz").page
    assert "zzz" in missed.the("h1").text
    assert not missed.all("ul")


def test_a_project_page_tells_its_story(index: WebIndex, demo: Project) -> None:
    """Name, mode, summary, install command, files with digest and origin, metadata, maintainers."""
    publish(index, demo, "1.0", "demo-1.0.tar.gz", requires_python=">=3.9", yanked="Broken.")
    publish(index, demo, "2.0", "demo-2.0.tar.gz")
    page = index.browser().get("/project/demo/").page
    main = page.the("main")
    assert page.the("h1").text == "demo 2.0"
    assert "Summary of 2.0" in main.text
    assert "pypi-cache" in main.text
    assert main.the("pre", **{"class": "command"}).text == (
        "pip install --index-url https://index.test/simple/ demo"
    )
    newest, older = main.all("details")
    assert ("open" in newest.attributes, "open" in older.attributes) == (True, False)
    row = older.the("tbody").the("tr")
    sha256 = Sha256.of(b"demo-1.0.tar.gz").hex
    assert row.all("a")[0].attributes["href"] == f"/files/{sha256}/demo-1.0.tar.gz"
    assert row.the("code").attributes["title"] == sha256
    assert row.the("code").text == f"{sha256[:12]}…"
    for words in ("1.2 MiB", "brought home by ada", "Python >=3.9", "yanked"):
        assert words in row.text
    assert [link.attributes["href"] for link in row.all("a", rel="nofollow noopener noreferrer")] == [
        "https://files.example/demo-1.0.tar.gz"
    ]
    assert "ada owner" in main.text
    assert main.the("pre", **{"class": "description"}).parts == ["First line\n\n  second <b>line</b>"]


def test_a_release_without_files_is_not_installed(index: WebIndex, demo: Project) -> None:
    """Where every file was removed there is no command that would fail, and the heading names no version."""
    publish(index, demo, "2.0", "demo-2.0.tar.gz")
    with index.world.store.write() as tx:
        now = index.world.clock.now()
        tx.files.remove(demo.id, "demo-2.0.tar.gz", by="ada", reason="", at=now)
    main = index.browser().get("/project/demo/").page.the("main")
    assert main.the("h1").text == "demo"
    assert "pip install" not in main.text


def test_a_reason_is_that_of_its_status(index: WebIndex, demo: Project) -> None:
    """Why a project is deprecated stands on its page; once it is active, nothing is quoted, nor offered as a reason."""
    ada, manage = index.signed_in("ada"), "/manage/projects/demo/releases/"
    change_status(index.world, index.caller("ada"), "demo", ProjectStatus.DEPRECATED, "Use the other one.")
    assert index.browser().get("/project/demo/").page.the("q").text == "Use the other one."
    change_status(index.world, index.caller("ada"), "demo", ProjectStatus.ACTIVE, "It was a mistake.")
    assert not index.browser().get("/project/demo/").page.all("q")
    assert ada.get(manage).page.the("input", id="why").attributes["value"] == ""


def test_a_projects_links_are_told_once(index: WebIndex, demo: Project) -> None:
    """Each place is named once, by its first label; UNKNOWN is no place; long lists are cut with their number."""
    publish(index, demo, "1.0", "demo-1.0.tar.gz")
    aside = index.browser().get("/project/demo/").page.the("aside")
    links = [link.attributes["href"] for link in aside.all("a")]
    assert links == ["https://home.example/", "https://home.example/source"]
    assert [name.text for name in aside.all("dt")][:2] == ["Home page", "Source"]
    assert "and 5 more" in aside.text


def test_external_links_are_told_apart(index: WebIndex, demo: Project) -> None:
    """In pypi-ext mode the page lists what is not hosted here, with a warning and without a download of ours."""
    link = ExternalLink(
        "demo",
        ReleaseVersion.parse("3.0"),
        "demo-3.0.tar.gz",
        "https://files.example/demo-3.0.tar.gz",
        "https://files.example/",
    )
    with index.world.store.write() as tx:
        tx.projects.set_mode(demo.id, HostingMode.EXT)
        tx.outside.put_links(demo.id, [link])
    main = index.browser().get("/project/demo/").page.the("main")
    assert "External links" in [heading.text for heading in main.all("h2")]
    assert main.the("tbody").the("a").attributes["href"] == link.url
    assert "unknown" in main.the("tbody").text


def test_a_quarantined_project_offers_nothing(index: WebIndex, demo: Project) -> None:
    """Its page says so, and names no file, no link and no way to install."""
    publish(index, demo, "1.0", "demo-1.0.tar.gz")
    assert isinstance(index.world.store, SqlStore)
    set_status(index.world.store, demo, ProjectStatus.QUARANTINED)
    main = index.browser().get("/project/demo/").page.the("main")
    assert "quarantined" in main.text.lower()
    assert "demo-1.0.tar.gz" not in main.text
    assert "pip install" not in main.text


def test_maintainers_are_led_to_the_hosting_of_their_project(index: WebIndex, ada: Browser) -> None:
    """The public page has a way to manage for those who may, and for nobody else."""
    mine, others = ada.get("/project/demo/").page, index.signed_in("bob").get("/project/demo/").page
    assert mine.all("a", href="/manage/projects/demo/")
    assert not others.all("a", href="/manage/projects/demo/")


def test_the_inbox_shows_what_waits_and_what_was_told(index: WebIndex, ada: Browser) -> None:
    """Open plans first, then projects, then notices that lead to their pages."""
    user = index.user("ada")
    notice = Notice("plan-ready", "Ready for review", "Look.", "/manage/rehosts/1", index.world.clock.now())
    with index.world.store.write() as tx:
        tx.notices.add(user.id, notice)
    main = ada.get("/manage/").page.the("main")
    assert main.the("ul", **{"class": "plans"}).all("a")[0].attributes["href"] == "/manage/rehosts/1"
    assert main.the("tbody").all("a")[0].attributes["href"] == "/manage/projects/demo/"
    assert main.the("ol", **{"class": "notices"}).the("a").attributes["href"] == "/manage/rehosts/1"
    empty = index.signed_in("bob").get("/manage/").page.the("main")
    assert not empty.all("table")
    assert "No news" in empty.text


def test_a_project_is_created_in_the_browser(index: WebIndex, ada: Browser) -> None:
    """The form makes ada its owner and leads to its hosting; a refused name keeps what was typed."""
    chosen = ada.get("/manage/").page.all("input", name="mode", checked="")
    assert [radio.attributes["value"] for radio in chosen] == ["pypi-only"]
    made = ada.submit(ada.get("/manage/"), name="New.Project", mode="pypi-only")
    assert (made.status, made.goes_to) == (303, "/manage/projects/new-project/")
    with index.world.store.read() as tx:
        project = tx.projects.find("new-project")
        assert project is not None
        assert project.mode is HostingMode.ONLY
        assert tx.projects.role_of(project.id, index.user("ada").id) is Role.OWNER
    for name, status in (("demo", 409), ("-bad-", 400)):
        refused = ada.submit(ada.get("/manage/"), name=name)
        assert refused.status == status
        assert refused.page.the("section", role="alert").text
        assert refused.page.the("input", id="name").attributes["value"] == name


def test_hosting_adds_sources_and_looks_for_files(index: WebIndex, ada: Browser, demo: Project) -> None:
    """A source is added once; looking for files makes a plan and leads to it; an odd URL is refused and kept."""
    path = "/manage/projects/demo/"
    added = ada.submit(ada.get(path), "add-source", kind="index", url="https://other.example/simple/demo/")
    assert (added.status, added.goes_to) == (303, path)
    with index.world.store.read() as tx:
        assert [source.kind for source in tx.outside.sources(demo.id)] == ["index"]
    refused = ada.submit(ada.get(path), "add-source", kind="download", url="ftp://other.example/")
    assert refused.status == 400
    assert refused.page.the("input", id="url").attributes["value"] == "ftp://other.example/"
    assert refused.page.the("option", selected="").attributes["value"] == "download"
    planned = ada.submit(ada.get(path), "plan", version="2.0")
    assert (planned.status, planned.goes_to) == (303, "/manage/rehosts/2")
    assert ada.get("/manage/rehosts/2").page.all("meta", **{"http-equiv": "refresh"})
    updated = ada.submit(ada.get(path), "update-cache")
    assert updated.goes_to == "/manage/rehosts/3"
    assert ada.submit(ada.get(path), "plan", version="not a version").status == 400
    assert ada.post(path, {"do": "explode", "form_token": token_of(ada.get(path))}).status == 400


def test_hosting_changes_the_mode(index: WebIndex, ada: Browser, demo: Project) -> None:
    """An owner moves as the table allows, with what the move needs; a maintainer is shown no form for it."""
    path = "/manage/projects/demo/"
    assert "You cannot undo it alone." not in ada.get(path).page.the("main").text
    unread = ada.submit(ada.get(path), "change-mode", reason="We upload now.")
    assert unread.status == 403
    assert unread.page.the("input", name="reason").attributes["value"] == "We upload now."
    assert "No place outside is asked any more" in unread.page.the("main").text
    moved = ada.submit(unread, "change-mode", understood="on")
    assert (moved.status, moved.goes_to) == (303, path)
    without = ada.get(path)
    assert "We upload now." in without.page.the("section", id="history").text
    assert not without.page.all("button", value="plan"), "pypi-only asks nothing outside"
    refused = ada.submit(without, "change-mode")
    assert refused.status == 403, "consent was not ticked"
    assert ada.submit(without, "change-mode", consent="on").status == 303
    bob = index.user("bob")
    with index.world.store.write() as tx:
        tx.projects.grant(demo.id, bob.id, Role.MAINTAINER)
    assert not index.signed_in("bob").get(path).page.all("button", value="change-mode")


def test_hosting_says_when_there_is_no_way_back(index: WebIndex) -> None:
    """Where the index has ended pypi-cache, leaving it says that one cannot return."""
    with index.world.store.write() as tx:
        policy = HostingPolicy(allow_cache_after_only=False)
        tx.policies.put(policy, by="root", reason="Phase-out.", at=index.world.clock.now())
    browser = index.signed_in("ada")
    assert "You cannot undo it alone." in browser.get("/manage/projects/demo/").page.the("main").text


def test_coming_home_asks_for_consent_whatever_it_comes_from(index: WebIndex, ada: Browser) -> None:
    """The move from external links to pypi-cache carries the box of the standing consent, as every other one does."""
    project = index.project("external", "ada", HostingMode.ONLY)
    with index.world.store.write() as tx:
        tx.projects.set_mode(project.id, HostingMode.EXT)
    path = "/manage/projects/external/"
    assert not ada.get(path).page.all("input", name="consent"), "no plan was brought to its end"
    index.plan(project, [], state=State.PUBLISHED)
    boxes = ada.get(path).page.all("input", name="consent")
    assert [box.attributes["type"] for box in boxes] == ["checkbox"]
