"""robots.txt as RFC 9309 has it, and as people write it."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis.strategies import lists, sampled_from, text
from protego import Protego

from homeport.domain.robots import (
    MAX_ROBOTS_BYTES,
    READ_LASTS,
    TROUBLE_LASTS,
    UNREAD,
    RobotsStatus,
    is_absent,
    no_robots,
    own_lines,
    read_robots,
    robots_trouble,
)
from homeport.domain.urls import Url

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
HERE = "https://example.org"

CASES = {
    "empty": ("", "/a", True),
    "only comments": ("# User-agent: *\n# Disallow: /\n", "/a", True),
    "everybody stays out": ("User-agent: *\nDisallow: /", "/a", False),
    "an empty rule allows": ("User-agent: *\nDisallow:", "/a", True),
    "another crawler stays out": ("User-agent: Otherbot\nDisallow: /", "/a", True),
    "we stay out": ("User-agent: Homeport\nDisallow: /", "/a", False),
    "our name in any case": ("user-AGENT: hOmEpOrT\nDISALLOW: /", "/a", False),
    "our name with a version": ("User-agent: Homeport/1.0\nDisallow: /", "/a", False),
    "a part of our name is another's": ("User-agent: Home\nDisallow: /", "/a", True),
    "our name within another's": ("User-agent: Homeport-mirror\nDisallow: /", "/a", True),
    "our own group goes before everybody's": (
        "User-agent: *\nDisallow: /\n\nUser-agent: Homeport\nDisallow: /b",
        "/a",
        True,
    ),
    "our own group that allows all": (
        "User-agent: Homeport\nDisallow:\n\nUser-agent: *\nDisallow: /",
        "/a",
        True,
    ),
    "groups of one name are one": (
        "User-agent: Homeport\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: Homeport\nDisallow: /b",
        "/b",
        False,
    ),
    "names in a row open one group": (
        "User-agent: x\nUser-agent: Homeport\nUser-agent: y\nDisallow: /a",
        "/a",
        False,
    ),
    "a rule belongs to the group above": ("User-agent: *\nAllow: /\nUser-agent: x\nDisallow: /a", "/a", True),
    "rules before any name are nobody's": ("Disallow: /\nUser-agent: *\nAllow: /", "/a", True),
    "the longest rule decides": ("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/b/c", True),
    "the longest rule decides, whatever the order": (
        "User-agent: *\nDisallow: /a\nAllow: /a/b",
        "/a/c",
        False,
    ),
    "of two as long, the one that allows": ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
    "paths have cases": ("User-agent: *\nDisallow: /A", "/a", True),
    "a star in the middle": ("User-agent: *\nDisallow: /*/private", "/x/y/private/z", False),
    "a dollar ends it": ("User-agent: *\nDisallow: /*.zip$", "/a.zip?x", True),
    "a dollar at the end": ("User-agent: *\nDisallow: /*.zip$", "/a.zip", False),
    "the query counts": ("User-agent: *\nDisallow: /a?old", "/a?old=1", False),
    "percent encoding is no other path": ("User-agent: *\nDisallow: /a%2Db", "/a-b", False),
    "other letters": ("User-agent: *\nDisallow: /bücher", "/b%C3%BCcher/", False),
    "two slashes are a path": ("User-agent: *\nDisallow: //private", "//private/x", False),
    "a byte order mark": ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
    "line ends of old machines": ("User-agent: *\rDisallow: /a\r", "/a", False),
    "line ends of other machines": ("User-agent: *\r\nDisallow: /a\r\n", "/a", False),
    "blanks everywhere": ("  User-agent :  *  \n\t Disallow :\t/a  # why", "/a", False),
    "without colons": ("User-agent *\nDisallow /a", "/a", False),
    "a slip of the pen": ("Useragent: *\nDissallow: /a", "/a", False),
    "a sitemap between": ("User-agent: *\nSitemap: https://example.org/s.xml\nDisallow: /a", "/a", False),
    "an HTML page": ("<!doctype html><title>User-agent: *</title>\n<p>Disallow: /", "/a", True),
    "robots.txt itself": ("User-agent: *\nDisallow: /", "/robots.txt", True),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_file_allows(name: str) -> None:
    """T-26: each way of writing a wish is understood as it was meant."""
    body, target, is_allowed = CASES[name]
    robots = read_robots(body.encode(), NOW)
    assert robots.status is RobotsStatus.READ
    assert robots.allows(Url.parse(HERE + target)) is is_allowed


def test_bytes_that_are_no_text() -> None:
    """What cannot be decoded spoils its own line and no other."""
    robots = read_robots(b"User-agent: *\nDisallow: /\xff\nDisallow: /a", NOW)
    assert not robots.allows(Url.parse(f"{HERE}/a"))
    assert robots.allows(Url.parse(f"{HERE}/b"))


def test_what_lies_behind_the_bound_is_not_read() -> None:
    """RFC 9309, 2.5: 500 KiB are read, and no more."""
    start = b"User-agent: *\nDisallow: /a\n"
    within = start + b"#" * (MAX_ROBOTS_BYTES - len(start) - 13) + b"\nDisallow: /b\n"
    assert not read_robots(within, NOW).allows(Url.parse(f"{HERE}/b"))
    beyond = start + b"#" * MAX_ROBOTS_BYTES + b"\nDisallow: /b\n"
    robots = read_robots(beyond, NOW)
    assert robots.allows(Url.parse(f"{HERE}/b"))
    assert not robots.allows(Url.parse(f"{HERE}/a"))


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Crawl-delay: 10", 10.0),
        ("Crawl-delay: 0.5", 0.5),
        ("crawl delay: 7", 7.0),
        ("Crawl-delay: soon", 0.0),
        ("", 0.0),
    ],
)
def test_crawl_delay(line: str, seconds: float) -> None:
    """A number of seconds is read; what is no number is none."""
    assert read_robots(f"User-agent: *\n{line}\nAllow: /".encode(), NOW).crawl_delay_seconds == seconds


@pytest.mark.parametrize(
    ("status", "is_no_file"),
    [
        (204, True),
        (301, True),
        (400, True),
        (401, True),
        (403, True),
        (404, True),
        (410, True),
        (451, True),
        (429, False),
        (500, False),
        (502, False),
        (503, False),
        (599, False),
    ],
)
def test_which_answers_say_that_there_is_none(status: int, is_no_file: bool) -> None:
    """4xx and answers without a file mean that there is none; 429 and 5xx say nothing about it."""
    assert is_absent(status) is is_no_file


def test_without_a_file_everything_may_be_asked() -> None:
    """No file allows all for a day; one that cannot be read forbids all for ten minutes; one unread allows nothing yet known."""
    url = Url.parse(f"{HERE}/a")
    none, trouble = no_robots(NOW), robots_trouble("It broke off.", NOW)
    assert none.allows(url)
    assert not trouble.allows(url)
    for robots, lasts in ((none, READ_LASTS), (trouble, TROUBLE_LASTS), (read_robots(b"", NOW), READ_LASTS)):
        assert robots.is_known(NOW)
        assert robots.is_known(NOW + lasts - timedelta(seconds=1))
        assert not robots.is_known(NOW + lasts)
    assert not UNREAD.is_known(NOW)


def test_nothing_is_known_for_longer_than_a_day() -> None:
    """T-41: where a clock went back, or a row is wrong, the file is asked for again."""
    assert not replace(no_robots(NOW), until=NOW + timedelta(days=400)).is_known(NOW)


@pytest.mark.parametrize(
    "hostile",
    [
        "".join(f"User-agent: a{number}\n" for number in range(15_000)) + "Disallow: /\n" * 20_000,
        "User-agent: *\n" + "Disallow: *a*a*a*a*a*a*a*a*a*b\n" * 16_000,
        "User-agent: *\nDisallow: /" + "*a" * 250_000,
        "User-agent: *\n" * 36_000,
        " " * 500_000,
        "User-agent:" + " " * 250_000 + "x" + " " * 250_000,
        "disallow" * 60_000,
    ],
    ids=["names times rules", "stars", "one long rule", "names", "blanks", "blanks around", "no end"],
)
def test_hostile_files_take_no_time(hostile: str) -> None:
    """T-26: no file of 500 KiB keeps the matcher busy."""
    began = time.process_time()
    robots = read_robots(hostile.encode(), NOW)
    robots.allows(Url.parse(f"{HERE}/{'a' * 2000}"))
    assert time.process_time() - began < 2


def test_a_large_file_is_understood_once() -> None:
    """T-26: however many pages of a host are asked for, what its rules cost is paid once, from whichever row they come."""
    lines = "".join(f"Disallow: /{number}/\n" for number in range(30_000))
    robots = read_robots(f"User-agent: *\n{lines}".encode(), NOW)
    began = time.process_time()
    for number in range(30):
        row = replace(robots, rules="".join(list(robots.rules)))
        assert row.allows(Url.parse(f"{HERE}/page{number}"))
        assert not row.allows(Url.parse(f"{HERE}/{number}/"))
    assert time.process_time() - began < 3


_PIECES = sampled_from(
    [
        "User-agent: *",
        "User-agent: Homeport",
        "User-agent: other",
        "Disallow: /a",
        "Allow: /a/b",
        "Disallow:",
        "Disallow: /",
        "",
        "# note",
        "Sitemap: /s",
        "Allow: /*c$",
        "Crawl-delay: 3",
    ]
)


@given(lists(_PIECES, max_size=12))
@example(["User-agent: Homeport", "Disallow:", "User-agent: *", "Disallow: /"])
@example(["User-agent: other", "User-agent: *", "Disallow: /a", "User-agent: other", "Allow: /"])
def test_what_is_dropped_changes_nothing(lines: list[str]) -> None:
    """The lines that are kept say to us what the whole file says."""
    whole, kept = "\n".join(lines), own_lines("\n".join(lines))
    for target in ("/", "/a", "/a/b", "/a/c", "/b"):
        url = HERE + target
        assert Protego.parse(kept).can_fetch(url, "Homeport") == Protego.parse(whole).can_fetch(
            url, "Homeport"
        ), target


@given(text(max_size=200))
def test_any_text_is_read(anything: str) -> None:
    """There is no file that cannot be read."""
    assert read_robots(anything.encode(errors="replace"), NOW).status is RobotsStatus.READ
