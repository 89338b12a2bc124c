"""What a plan found is listed for installers of a pypi-ext project, and of no other."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import run_jobs

from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.release import ExternalLink
from homeport.flows.browse import project_story
from homeport.flows.manage_project import add_source
from homeport.flows.remove import remove


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project."""
    with begin_story(tmp_path) as story:
        yield story


@pytest.fixture
def ext(tmp_path: Path) -> Iterator[Story]:
    """A pypi-ext project."""
    with begin_story(tmp_path, HostingMode.EXT) as story:
        yield story


def links(story: Story) -> dict[str, ExternalLink]:
    """What is listed from outside, by file name."""
    with story.world.store.read() as tx:
        return {link.filename: link for link in tx.outside.links(story.project.id)}


def test_pypi_ext_lists_what_the_plan_found(ext: Story) -> None:
    """Installers are given the links, with size and digest where the bytes were seen; what is rejected is not listed."""
    ext.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: b"no wheel"})
    ext.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    ext.plan()
    listed = links(ext)
    assert set(listed) == {WHEEL, SDIST}
    assert (listed[WHEEL].size_bytes, listed[WHEEL].sha256) == (len(wheel()), Sha256.of(wheel()))
    assert (listed[SDIST].size_bytes, listed[SDIST].sha256) == (None, None)
    pages = ext.fakes.store.committed.pages
    assert f'href="{SITE}/{WHEEL}'.encode() in pages["demo", "html"].bodies["identity"]
    assert WHEEL.encode() in pages["demo", "json"].bodies["identity"]
    assert SDIST.encode() not in pages["demo", "json"].bodies["identity"]


def test_the_ledger_tells_which_links_were_listed(ext: Story) -> None:
    """A changed list of links is an entry of its own, and the page carries its serial."""
    ext.offer({WHEEL: wheel(), WHEEL_2: b"no wheel"})
    rehost = ext.plan().rehost
    (entry,) = entries(ext.fakes.store, Kind.LINKS_LISTED)
    assert (entry["actor"], entry["project"]) == ("ada", "demo")
    assert entry["details"] == {"rehost": rehost.id, "links": [f"{SITE}/{WHEEL}"]}
    serial = len(entries(ext.fakes.store))
    assert entries(ext.fakes.store)[-1] == entry
    assert ext.fakes.store.committed.pages["demo", "html"].serial == serial
    assert ext.fakes.store.committed.pages["demo", "json"].serial == serial


def test_a_page_that_was_down_takes_no_link_away(ext: Story) -> None:
    """While a page cannot be read the links it had are kept, but for a file that was seen and rejected since."""
    ext.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")})
    ext.plan()
    ext.fakes.outside.put(f"{SITE}/", page("down", status=503))
    ext.plan()
    assert set(links(ext)) == {WHEEL, SDIST, WHEEL_2}
    ext.fakes.outside.put_file(f"{SITE}/{SDIST}", b"no sdist")
    changed = wheel(content=b"answer = 43\n")
    ext.fakes.outside.put_file(f"{SITE}/{WHEEL}", changed)
    ext.fakes.outside.put(f"{SITE}/other/", page(f"<a href={SITE}/{SDIST}> <a href={SITE}/{WHEEL}>"))
    add_source(ext.world, ext.owner, "demo", "homepage", f"{SITE}/other/")
    ext.plan()
    listed = links(ext)
    assert set(listed) == {WHEEL, WHEEL_2}
    assert listed[WHEEL].sha256 == Sha256.of(changed)
    ext.offer({})
    ext.fakes.outside.put(f"{SITE}/other/", page(""))
    ext.plan()
    assert links(ext) == {}


def test_a_plan_of_one_version_leaves_the_links_of_others(ext: Story) -> None:
    """A plan of one version replaces that version's links only."""
    ext.offer({WHEEL: wheel(), WHEEL_2: wheel("2.0")})
    ext.plan()
    changed = wheel(content=b"answer = 43\n")
    ext.offer({WHEEL: changed, WHEEL_2: wheel("2.0", b"unseen")})
    ext.plan("1.0.0")
    listed = links(ext)
    assert listed[WHEEL].sha256 == Sha256.of(changed)
    assert listed[WHEEL_2].sha256 == Sha256.of(wheel("2.0"))
    ext.offer({WHEEL: changed})
    ext.plan()
    assert set(links(ext)) == {WHEEL}


def test_pypi_cache_lists_nothing_from_outside(story: Story) -> None:
    """A plan of a pypi-cache project leaves no links."""
    story.offer({WHEEL: wheel()})
    story.plan()
    assert links(story) == {}


def seen(story: Story) -> set[str]:
    """The names of the files on the project's page, which are the same for installers and for people."""
    pages = story.fakes.store.committed.pages
    listed = {file["filename"] for file in json.loads(pages["demo", "json"].bodies["identity"])["files"]}
    outside = {link.filename for link in project_story(story.world, lambda: story.owner, "demo").external}
    assert outside == listed - set(story.files())
    return listed | outside | {name for name in (WHEEL, SDIST) if f"{SITE}/{name}" in html(story)}


def html(story: Story) -> str:
    """The page of links."""
    return story.fakes.store.committed.pages["demo", "html"].bodies["identity"].decode()


def test_i04_what_was_removed_leads_nowhere(ext: Story) -> None:
    """I-04: its site offers it still, and every later plan finds it: only who accepts it lists it again."""
    ext.offer({WHEEL: wheel(), SDIST: sdist()})
    ext.accept(ext.plan())
    run_jobs(ext.fakes)
    assert set(ext.files()) == {WHEEL, SDIST}
    remove(ext.world, ext.owner, "demo", "1.0", reason="The author objects.", filenames=[WHEEL])
    assert seen(ext) == {SDIST}
    view = ext.plan()
    assert seen(ext) == {SDIST}
    item = ext.item(view.rehost.id, WHEEL)
    (finding,) = item.findings
    assert finding.code == "removed-before"
    assert f"{WHEEL} was removed here on" in finding.message
    assert "by ada: The author objects." in finding.message
    ext.accept(view, accept=frozenset({item.id}))
    run_jobs(ext.fakes)
    assert seen(ext) == {WHEEL, SDIST}
