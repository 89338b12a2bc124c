"""The form that removes a release, or some of its files, on the page of a project's releases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.browser import Browser, Element, Shown, filled_in
from tests.support.index_pages import hosted_file
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person

from homeport.domain.account import Caller
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.change_status import change_status
from homeport.flows.manage_project import find_project
from homeport.ports.catalogue import Provenance

PATH = "/manage/projects/demo/releases/"
WHEEL, SDIST, NEWER = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo-2.0.tar.gz"
EMPTY = "3.0"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns demo, which bob maintains; one of its releases has no files."""
    with web_index(tmp_path) as opened:
        project, now = opened.project("demo", "ada"), opened.world.clock.now()
        with opened.world.store.write() as tx:
            for filename, version in ((WHEEL, "1.0"), (SDIST, "1.0"), (NEWER, "2.0")):
                file = hosted_file(filename, version=version, content=filename.encode())
                metadata = CoreMetadata("2.1", "demo", version)
                tx.releases.put(project.id, file.version, metadata, replace=False, at=now)
                tx.files.add(project.id, file, Provenance("ada"), None)
            bare = CoreMetadata("2.1", "demo", EMPTY)
            tx.releases.put(project.id, ReleaseVersion.parse(EMPTY), bare, replace=False, at=now)
        bob = opened.user("bob")
        with opened.world.store.write() as tx:
            tx.projects.grant(project.id, bob.id, Role.MAINTAINER)
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """The owner's browser."""
    return index.signed_in("ada")


def files(index: WebIndex) -> set[str]:
    """The names of the project's files."""
    with index.world.store.read() as tx:
        return {file.filename for file in tx.files.of_project(find_project(tx, "demo").id)}


def versions(index: WebIndex) -> list[str]:
    """The project's versions."""
    with index.world.store.read() as tx:
        return list(tx.releases.versions(find_project(tx, "demo").id))


def removal(shown: Shown, version: str) -> Element:
    """The part of the page that removes a release."""
    (found,) = (
        part
        for part in shown.page.all("details", **{"class": "removal"})
        if part.the("input", name="version").attributes["value"] == version
    )
    return found


def send(
    browser: Browser, do: str, version: str, *doomed: str, cause: str = "A secret.", confirm: str = ""
) -> Shown:
    """Fill in the form and press one of its buttons."""
    form = removal(browser.get(PATH), version).the("form")
    assert form.all("button", name="do", value=do)
    assert {box.attributes["value"] for box in form.all("input", name="doomed")} >= set(doomed)
    fields: dict[str, str | list[str]] = {"do": do, "cause": cause, "confirm": confirm}
    fields["doomed"] = list(doomed)
    return browser.post(PATH, filled_in(form) | fields)


def test_the_form_says_what_goes(ada: Browser) -> None:
    """It is closed, names every file that stops being installable, and asks for the version to be typed."""
    part = removal(ada.get(PATH), "1.0")
    assert "open" not in part.attributes
    assert WHEEL in part.text
    assert SDIST in part.text
    assert NEWER not in part.text
    assert "stop being installable" in part.text
    assert (
        part.the("label", **{"for": part.the("input", name="confirm").attributes["id"]}).the("code").text
        == "1.0"
    )
    assert not part.all("input", checked="")
    bare = removal(ada.get(PATH), EMPTY)
    assert "no files" in bare.text
    assert [button.attributes["value"] for button in bare.all("button", name="do")] == ["remove-release"]


def test_a_release_is_removed(index: WebIndex, ada: Browser) -> None:
    """Who typed its version removes it with all its files; it is on no page any more."""
    sent = send(ada, "remove-release", "1.0", confirm=" 1.0 ")
    assert (sent.status, sent.goes_to) == (303, PATH)
    assert files(index) == {NEWER}
    assert versions(index) == ["2.0", EMPTY]
    for path in (PATH, "/project/demo/"):
        assert WHEEL not in ada.get(path).html
    assert send(ada, "remove-release", EMPTY, confirm=EMPTY).status == 303
    assert versions(index) == ["2.0"]


def test_ticked_files_are_removed(index: WebIndex, ada: Browser) -> None:
    """Only what was ticked goes; the release stays."""
    assert send(ada, "remove-files", "1.0", SDIST, confirm="1.0").status == 303
    assert files(index) == {WHEEL, NEWER}
    assert versions(index) == ["1.0", "2.0", EMPTY]


@pytest.mark.parametrize(
    ("do", "doomed", "cause", "confirm", "says"),
    [
        ("remove-release", [], "A secret.", "", "To remove from 1.0, type 1.0"),
        ("remove-release", [], "A secret.", "1.0.0", "To remove from 1.0, type 1.0"),
        ("remove-files", [SDIST], "A secret.", "2.0", "To remove from 1.0, type 1.0"),
        ("remove-files", [], "A secret.", "1.0", "No file is ticked: tick those that are meant."),
        ("remove-files", [SDIST], " ", "1.0", "A removal needs a reason"),
        (
            "remove-release",
            [SDIST],
            "A secret.",
            "1.0",
            "Single files are ticked, and this button means the whole",
        ),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    index: WebIndex, ada: Browser, do: str, doomed: list[str], cause: str, confirm: str, says: str
) -> None:
    """Nothing went; the form is open again with its ticks and its reason, and the version must be typed anew."""
    refused = send(ada, do, "1.0", *doomed, cause=cause, confirm=confirm)
    assert refused.status == 400
    assert refused.page.the("section", role="alert").the("p").text.startswith(says)
    assert files(index) == {WHEEL, SDIST, NEWER}
    part = removal(refused, "1.0")
    assert "open" in part.attributes
    assert part.the("input", name="cause").attributes["value"] == cause.strip()
    assert [box.attributes["value"] for box in part.all("input", checked="")] == doomed
    assert "value" not in part.the("input", name="confirm").attributes
    assert "open" not in removal(refused, "2.0").attributes


def test_enter_does_the_smaller_thing(ada: Browser) -> None:
    """The first button, which a browser presses for Enter, is the one of the ticked files."""
    page = ada.get(PATH).page
    for form in page.all("form", **{"class": "yank"}):
        presses = [button.attributes["value"] for button in form.all("button", name="do")]
        if form.all("input", type="checkbox"):
            assert presses[0] in {"remove-files", "yank-files"}
    assert page.all("input", name="doomed")


def test_only_owners_are_shown_it(index: WebIndex, ada: Browser) -> None:
    """A maintainer has no such form, and is refused when one is sent; in quarantine nobody has it."""
    bob = index.signed_in("bob")
    assert not bob.get(PATH).page.all("details", **{"class": "removal"})
    token = bob.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    fields: dict[str, str | list[str]] = {
        "do": "remove-release",
        "version": "1.0",
        "confirm": "1.0",
        "cause": "x",
        "form_token": token,
    }
    assert bob.post(PATH, fields).status == 403
    root = Caller(add_person(index.world, "root", is_admin=True))
    change_status(index.world, root, "demo", ProjectStatus.QUARANTINED, "Malware.")
    assert not ada.get(PATH).page.all("details", **{"class": "removal"})
    assert len(files(index)) == 3
