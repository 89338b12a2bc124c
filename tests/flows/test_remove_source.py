"""Sources are removed: by what people call them, and with the links that installers were given by nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.outside import page
from tests.support.story import SITE, WHEEL, WHEEL_2, Story, begin_story, wheel

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.source import Source, SourceKind
from homeport.flows.external_links import external_links
from homeport.flows.manage_project import add_source, remove_source
from homeport.flows.outlook import project_external
from homeport.flows.sources import Removed

URL = f"{SITE}/hidden/{WHEEL}"
SHA256 = Sha256.of(wheel()).hex
SHA512 = "a" * 128


@pytest.fixture
def ext(tmp_path: Path) -> Iterator[Story]:
    """A project that lists external links; its home page names one file, and its owner nominated another."""
    with begin_story(tmp_path, HostingMode.EXT) as story:
        story.offer({WHEEL_2: wheel("2.0")})
        story.fakes.outside.put_file(URL, wheel())
        add_source(story.world, story.owner, "demo", "urls", f"{URL}#sha256={SHA256}")
        yield story


def remove(story: Story, url: str, kind: str = "") -> Removed:
    """The owner removes a source."""
    return remove_source(story.world, story.owner, "demo", url, kind)


def listed(story: Story) -> list[str]:
    """What the project's page names."""
    body = story.fakes.store.committed.pages["demo", "html"].bodies["identity"].decode()
    return [name for name in (WHEEL, WHEEL_2) if f">{name}</a>" in body]


def external(story: Story) -> int:
    """How many external files the project has."""
    with story.world.store.read() as tx:
        return len(project_external(tx, story.project))


@pytest.mark.parametrize("is_read", [False, True])
def test_a_nominated_file_goes_with_its_source(ext: Story, *, is_read: bool) -> None:
    """Whether a plan has read it or not, installers are given it no longer, and it is external no more."""
    if is_read:
        ext.plan()
    before = external(ext)
    assert WHEEL in listed(ext)
    removed = remove(ext, f"{URL}#sha256={SHA256}")
    assert (removed.delisted, removed.stays_listed) == ((WHEEL,), False)
    assert removed.sentence == f"{WHEEL} is listed no longer."
    assert listed(ext) == ([WHEEL_2] if is_read else [])
    assert external(ext) == before - 1
    assert entries(ext.fakes.store, Kind.SOURCE_REMOVED)[-1]["details"]["delisted"] == [URL]


def test_what_another_source_names_stays(ext: Story) -> None:
    """A file that was nominated twice, or is a download of its own, is listed while one of them is there."""
    add_source(ext.world, ext.owner, "demo", "urls", f"{URL}#sha512={SHA512}")
    add_source(ext.world, ext.owner, "demo", "download", URL)
    for url in (f"{URL}#sha256={SHA256}", f"{URL}#sha512={SHA512}"):
        assert remove(ext, url).sentence == ""
        assert listed(ext) == [WHEEL]
    assert "delisted" not in entries(ext.fakes.store, Kind.SOURCE_REMOVED)[-1]["details"]


def test_what_a_page_gave_stays_until_the_next_plan(ext: Story) -> None:
    """Only a plan knows who else gives it; the answer says so, unless nothing of it is listed."""
    ext.plan()
    removed = remove(ext, f"{SITE}/")
    assert (removed.delisted, removed.stays_listed) == ((), True)
    assert removed.sentence == "What was found there is still listed until the next plan."
    assert listed(ext) == [WHEEL, WHEEL_2]
    ext.plan()
    assert listed(ext) == [WHEEL]
    add_source(ext.world, ext.owner, "demo", "homepage", f"{SITE}/other/")
    assert not remove(ext, f"{SITE}/other/").stays_listed


def test_a_nominated_file_that_a_page_names_stays(ext: Story) -> None:
    """The link that a plan found on a page is not that of the nomination."""
    ext.fakes.outside.put(f"{SITE}/", page(f'<a href="{URL}">{WHEEL}</a>'))
    remove(ext, URL)
    ext.plan()
    add_source(ext.world, ext.owner, "demo", "urls", f"{URL}#sha256={SHA256}")
    assert remove(ext, URL).delisted == ()
    assert listed(ext) == [WHEEL]


def test_where_nothing_external_is_listed_nothing_is_said(tmp_path: Path) -> None:
    """In pypi-cache mode installers are given no links, before or after."""
    with begin_story(tmp_path) as story:
        add_source(story.world, story.owner, "demo", "urls", f"{URL}#sha256={SHA256}")
        assert remove(story, URL).sentence == ""
        with story.world.store.read() as tx:
            assert list(external_links(tx, story.project)) == []


def test_a_nominated_file_is_named_by_its_url(ext: Story) -> None:
    """Without the hash, where one source has it; of several, the whole address is wanted."""
    add_source(ext.world, ext.owner, "demo", "urls", f"{URL}#sha512={SHA512}")
    with pytest.raises(Invalid) as refused:
        remove(ext, URL)
    assert refused.value.code == "source-unclear"
    assert f"urls {URL}#sha256={SHA256}, urls {URL}#sha512=" in refused.value.sentence
    assert remove(ext, f"{URL}#sha512={SHA512}").source == Source(SourceKind.URLS, f"{URL}#sha512={SHA512}")
    assert remove(ext, URL).source == Source(SourceKind.URLS, f"{URL}#sha256={SHA256}")


def test_a_source_that_is_none_is_answered_with_those_there_are(ext: Story) -> None:
    """The first ten of them, and how many more there are; another hash is another file."""
    with pytest.raises(NotFound) as refused:
        remove(ext, f"{URL}#sha256={'0' * 64}")
    assert f"There are: homepage {SITE}/, urls {URL}#sha256={SHA256}." in refused.value.sentence
    for number in range(10):
        add_source(ext.world, ext.owner, "demo", "homepage", f"https://a{number}.test/")
    with pytest.raises(NotFound, match=r"https://a7\.test/, and 2 more\.$"):
        remove(ext, "https://none.test/")
    with pytest.raises(NotFound, match="no such source"):
        remove(ext, URL, "homepage")
    remove(ext, URL)
    for place in (f"{SITE}/", *(f"https://a{number}.test/" for number in range(9))):
        remove(ext, place)
    with pytest.raises(NotFound, match=r"There is: homepage https://a9\.test/\.$"):
        remove(ext, "https://none.test/")
    remove(ext, "https://a9.test/")
    with pytest.raises(NotFound, match=r"It has none\.$"):
        remove(ext, "https://none.test/")
