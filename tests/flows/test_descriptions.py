"""Long descriptions on their way in: rendered once, where a file is judged, and stored with their release (V26, T-21)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.support.archives import make_sdist, make_wheel, metadata_bytes
from tests.support.story import SDIST, WHEEL, Story, begin_story
from tests.support.world import OwnProcess, Says, run_jobs

from homeport.domain.errors import Invalid
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.inspection import Expectation, Finding, Inspection, Severity, Verdict
from homeport.domain.metadata import CoreMetadata, Description
from homeport.domain.names import ReleaseVersion
from homeport.flows.browse import project_story
from homeport.flows.change_status import change_visibility
from homeport.flows.judge_file import Judged, describe, judge_file
from homeport.flows.rehost.registration import begin_registration

MARKDOWN = [("Description-Content-Type", "text/markdown")]
RST = [("Description-Content-Type", "text/x-rst")]
BROKEN_RST = "Demo\n\n.. nonsense::\n"


@dataclass(frozen=True)
class NeverRenders(OwnProcess):
    """An isolation whose renderer must not be asked."""

    def render_description(self, text: str, content_type: str) -> Description:
        """Nobody should."""
        raise AssertionError(f"{content_type} was to be rendered: {text[:80]}")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A project of ada's that takes crawled files."""
    with begin_story(tmp_path) as story:
        yield story


def wheel(body: str, fields: list[tuple[str, str]]) -> bytes:
    """A wheel that describes itself."""
    return make_wheel(metadata=metadata_bytes("demo", "1.0", fields=fields, body=body))


def html_of(story: Story) -> str:
    """What the project's page shows of its newest release."""
    return project_story(story.world, lambda: story.owner, "demo").description_html


def test_an_upload_brings_its_description(story: Story) -> None:
    """The page of the release has it as HTML, made in the look that judged the file."""
    story.upload(WHEEL, wheel("# Demo\n\n*sings*", MARKDOWN))
    assert html_of(story) == '<h3 id="readme-demo">Demo</h3>\n<p><em>sings</em></p>'


def test_another_file_of_the_release_describes_it_only_in_its_words(story: Story) -> None:
    """The first file's description is the release's; a second file renders it when it says the same."""
    story.upload(WHEEL, wheel("*one*", []))
    assert html_of(story) == "<p><em>one</em></p>"
    other = metadata_bytes("demo", "1.0", metadata_version="2.2", fields=MARKDOWN, body="*two*")
    story.upload(SDIST, make_sdist(metadata=other))
    assert html_of(story) == "<p><em>one</em></p>"


def test_a_registered_release_is_rendered_by_its_first_file(story: Story) -> None:
    """What was registered without HTML gets it from a file that says the same."""
    metadata = CoreMetadata("2.1", "demo", "1.0", description="*one*")
    with story.world.store.write() as tx:
        project = tx.projects.find("demo")
        assert project is not None
        version, now = ReleaseVersion.parse("1.0"), story.world.clock.now()
        tx.releases.put(project.id, version, metadata, replace=True, at=now)
    assert html_of(story) == ""
    story.upload(WHEEL, wheel("*one*", MARKDOWN))
    assert html_of(story) == "<p><em>one</em></p>"


def test_v26_an_upload_that_does_not_render_is_refused_with_everything_else(story: Story) -> None:
    """The line is named, beside whatever else is wrong; nothing is published."""
    with pytest.raises(Invalid) as refused:
        story.upload(WHEEL, wheel(BROKEN_RST, [*RST, ("Classifier", "Topic :: Nonsense")]))
    assert refused.value.code == "file-rejected"
    assert 'line 3, (ERROR/3) Unknown directive type "nonsense"' in refused.value.sentence
    assert "Topic :: Nonsense" in refused.value.sentence
    assert story.files() == {}


def test_a_crawled_file_that_does_not_render_is_shown_as_plain_text(story: Story) -> None:
    """Nobody can build old releases anew: they come home, and their page shows the text itself."""
    story.offer({WHEEL: wheel(BROKEN_RST, RST)})
    story.accept(story.plan())
    run_jobs(story.fakes)
    assert WHEEL in story.files()
    shown = project_story(story.world, lambda: story.owner, "demo")
    assert (shown.description_html, shown.metadata and shown.metadata.description) == ("", BROKEN_RST)


def test_a_crawled_file_brings_its_description_home(story: Story) -> None:
    """What renders is rendered, whoever brings the file."""
    story.offer({WHEEL: wheel("*one*", RST)})
    story.accept(story.plan())
    run_jobs(story.fakes)
    assert html_of(story) == "<p><em>one</em></p>"


def test_a_registration_is_described(tmp_path: Path) -> None:
    """Metadata without a file are rendered too, before the transaction that registers them; new text replaces them."""
    with begin_story(tmp_path, HostingMode.ONLY) as story:
        register_thrice(story)


def register_thrice(story: Story) -> None:
    """Register with one text, another, and none."""
    for text in ("*one*", "*two*"):
        begin_registration(story.world, story.owner, CoreMetadata("1.1", "demo", "1.0", description=text))
        assert html_of(story) == f"<p><em>{text.strip('*')}</em></p>"
    begin_registration(story.world, story.owner, CoreMetadata("1.1", "demo", "1.0"))
    assert html_of(story) == ""


@pytest.mark.parametrize(
    ("expectation", "verdict"),
    [
        (Expectation(WHEEL, "demo"), Verdict.REJECT),
        (Expectation(WHEEL), Verdict.ACCEPT),
        (Expectation(WHEEL, "demo", is_legacy=True), Verdict.ACCEPT),
    ],
)
def test_who_asks_decides_what_a_broken_description_weighs(
    tmp_path: Path, expectation: Expectation, verdict: Verdict
) -> None:
    """Uploads must render; a file looked at alone, or found somewhere, is only told of."""
    file = tmp_path / WHEEL
    file.write_bytes(wheel(BROKEN_RST, RST))
    judged = judge_file(OwnProcess(), file, expectation)
    assert "description-not-rendered" in {finding.code for finding in judged.inspection.findings}
    assert (judged.inspection.verdict, judged.description_html) == (verdict, "")


def test_nothing_is_rendered_of_what_was_not_read(tmp_path: Path) -> None:
    """Without metadata, or without a description in them, no renderer is asked."""
    inspection = Inspection((Finding("x", Severity.REJECT, "x"),))
    assert judge_file(Says(inspection), tmp_path / WHEEL, Expectation(WHEEL)) == Judged(inspection)
    assert describe(NeverRenders(), CoreMetadata("2.1", "demo", "1.0", description=" \n")) == Description()


@pytest.mark.parametrize(("is_private", "must_sign_in"), [(True, False), (False, True), (False, False)])
def test_v23_private_classifiers_are_for_private_projects(
    story: Story, *, is_private: bool, must_sign_in: bool
) -> None:
    """'Private ::' keeps a release off public indexes; who keeps one of their own, or a private project, may use it."""
    if is_private:
        change_visibility(story.world, story.owner, "demo", is_private=True)
    story.fakes.world = replace(story.world, policy=replace(Policy(), must_sign_in=must_sign_in))
    data = wheel("", [("Classifier", "Private :: Do Not Upload")])
    if is_private or must_sign_in:
        assert story.upload(WHEEL, data).is_new
        return
    with pytest.raises(Invalid, match="not for the public"):
        story.upload(WHEEL, data)
