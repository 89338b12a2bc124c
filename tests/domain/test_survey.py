"""What a survey makes of links: the letter of a project, and files that count once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from homeport.domain.survey import Check, Letter, Link, Look, Reach, Survey, look_of

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LINK = Link(
    url="http://site.test/demo-1.0.tar.gz",
    host="site.test",
    filename="demo-1.0.tar.gz",
    version="1.0",
    found_on="",
    source="download",
    is_tls=False,
    is_hosted=False,
    check=Check(Reach.FOUND, 200),
)
CRAWLED = replace(LINK, url="http://site.test/2", filename="demo-2.0.tar.gz", found_on="http://site.test/")
DEAD = Check(Reach.GONE, 404)


def letter(*links: Link, hosted: tuple[str, ...] = ()) -> Letter | None:
    """The letter of a project with these links."""
    return look_of("demo", hosted, links, at=NOW).letter


def test_no_links_no_external_files() -> None:
    """A project to whose files nothing leads has all of them here."""
    assert letter() is Letter.A


def test_hosted_before_external() -> None:
    """A file that is hosted here is not external, however many links name it (PEP 470)."""
    assert letter(LINK, CRAWLED, hosted=("demo-1.0.tar.gz", "demo-2.0.tar.gz")) is Letter.A


def test_direct_links_only() -> None:
    """B: every external file is named by metadata itself."""
    assert letter(LINK, replace(LINK, url="http://x.test/", filename="demo-3.zip")) is Letter.B


def test_one_crawled_file_makes_c() -> None:
    """C: some external file is only found on a page."""
    assert letter(LINK, CRAWLED) is Letter.C


def test_a_file_found_both_ways_is_direct() -> None:
    """A file that metadata names is direct, also when a page names it as well."""
    assert letter(CRAWLED, replace(CRAWLED, url="http://other.test/", found_on="")) is Letter.B


def test_files_count_once() -> None:
    """Of several links of one name one file is counted, as hashed when one of them claims a hash."""
    hashed = replace(LINK, url="http://mirror.test/", claimed=(("md5", "a" * 32),))
    look = look_of("demo", {"demo-0.1.zip"}, [LINK, hashed, CRAWLED], problem="One page.", at=NOW)
    assert look == Look("demo", Letter.C, "One page.", 1, 2, 1, 0, 3, NOW)


@pytest.mark.parametrize(
    ("first", "second", "dead"),
    [
        (Reach.GONE, Reach.SILENT, 1),
        (Reach.GONE, Reach.FOUND, 0),
        (Reach.SILENT, Reach.UNASKED, 0),
        (Reach.UNASKED, Reach.UNASKED, 0),
    ],
)
def test_dead_files(first: Reach, second: Reach, dead: int) -> None:
    """A file is dead when every link to it is known to be; one that was not asked for is not."""
    links = [
        replace(LINK, url=f"http://site.test/{reach}/{place}", check=Check(reach))
        for place, reach in enumerate((first, second))
    ]
    look = look_of("demo", (), links, at=NOW)
    assert (look.dead_files, look.is_lost) == (dead, bool(dead))


def test_nothing_external_is_nothing_lost() -> None:
    """A project without external files has lost none."""
    assert not look_of("demo", ("demo-1.0.tar.gz",), [replace(LINK, check=DEAD)], at=NOW).is_lost


def test_running_until_it_ends() -> None:
    """A survey runs until it has an end."""
    survey = Survey(1, "", "ada", NOW)
    assert survey.is_running
    assert not replace(survey, finished_at=NOW).is_running
