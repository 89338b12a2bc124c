"""What a plan found is listed for installers of a pypi-ext project, and of no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel

from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.release import ExternalLink
from homeport.flows.manage_project import add_source


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
