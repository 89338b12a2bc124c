"""How values read on a page, and that the page can be read: words for everything, and enough contrast."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest

import homeport.web
from homeport.domain.campaign import Stand
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Severity, Verdict
from homeport.domain.outlook import Chance
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import Bytes, Decision, Purpose, State
from homeport.domain.release import Origin
from homeport.domain.source import SourceKind
from homeport.domain.standing_consent import Condition
from homeport.web import words
from homeport.web.timeline import _SENTENCES

STATIC = Path(homeport.web.__file__).parent / "static"
SCHEMES = {"light", "dark"}


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (12_345, "12,345 files")]
)
def test_counts(number: int, shown: str) -> None:
    """One is one; all others are many."""
    assert words.count(number, "file") == shown


def test_moments() -> None:
    """A time says its zone."""
    assert words.moment(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)) == "04 Mar 2026, 05:06 UTC"


@pytest.mark.parametrize("base_url", ["https://index.test", "http://127.0.0.1:8417/python"])
def test_addresses_for_installers(base_url: str) -> None:
    """Where a token is needed it stands where installers take it from; elsewhere there is nothing to fill in."""
    scheme, _, rest = base_url.partition("://")
    assert words.simple_url(base_url, needs_token=False) == f"{base_url}/simple/"
    assert words.simple_url(base_url, needs_token=True) == f"{scheme}://__token__:TOKEN@{rest}/simple/"


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (words.MODES, HostingMode),
        (words.STATUSES, ProjectStatus),
        (words.EFFECTS, ProjectStatus),
        (words.SOURCES, SourceKind),
        (words.PURPOSES, Purpose),
        (words.BYTES, Bytes),
        (words.EVIDENCE, Level),
        (words.DECISIONS, Decision),
        (words.ORIGINS, Origin),
        (words.CHANCE_TONES, Chance),
        (words.CONDITIONS, Condition),
        (words.CONDITION_TONES, Condition),
        (words.CONDITION_SENTENCES, Condition),
        (_SENTENCES, State),
    ],
)
def test_every_word_has_its_sentence(table: dict[StrEnum, str], kind: type[StrEnum]) -> None:
    """A value that the domain knows is told on a page, and no sentence is left over."""
    assert table.keys() == set(kind)


@pytest.mark.parametrize("word", [*State, *Level, *Severity, *Verdict, *HostingMode, *ProjectStatus])
def test_every_badge_has_a_colour_of_the_style_sheet(
    word: State | Level | Severity | Verdict | HostingMode | ProjectStatus,
) -> None:
    """A word is shown in one of five tones, and the style sheet knows it."""
    assert f".badge.{words.tone(word)} " in (STATIC / "style.css").read_text()


def colours(scheme: str) -> dict[str, str]:
    """The named colours of a scheme."""
    light, dark = re.findall(r":root \{(.*?)\}", (STATIC / "style.css").read_text(), re.DOTALL)
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    return found | (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *product(("text", "soft", "accent"), ("paper", "card", "sunk")),
    *product(("bad", "warn"), ("paper", "card")),
    *((tone, f"{tone}-wash") for tone in ("good", "warn", "bad", "busy", "calm", "quiet")),
    ("text", "bad-wash"),
    ("on-accent", "accent"),
]


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_has_contrast(scheme: str, text: str, ground: str) -> None:
    """Every text on every ground it stands on reaches 4.5 to 1, by day and by night."""
    named = colours(scheme)
    assert contrast(named[text], named[ground]) >= 4.5


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_edges_of_fields_have_contrast(scheme: str, ground: str) -> None:
    """Where a field begins is seen: 3 to 1."""
    named = colours(scheme)
    assert contrast(named["edge"], named[ground]) >= 3


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_stands_of_a_campaign_are_told_apart(scheme: str) -> None:
    """Each has a colour of its own, which is drawn, and is seen on what charts stand on: 3 to 1."""
    tones = [words.STAND_TONES[stand] for stand in Stand]
    named = colours(scheme) | {"quiet": colours(scheme)["edge"]}
    assert len({named[tone] for tone in tones}) == len(Stand)
    sheet = (STATIC / "parts.css").read_text()
    for tone, ground in product(tones, ("card", "sunk")):
        assert contrast(named[tone], named[ground]) >= 3
        assert f".chart rect.{tone} " in sheet
        assert f".chart polygon.{tone} " in sheet


@pytest.mark.parametrize("name", ["style.css", "parts.css"])
def test_styles_are_small_sheets(name: str) -> None:
    """Two hand-written files below 400 lines, which ask nobody else for anything."""
    sheet = (STATIC / name).read_text()
    assert len(sheet.splitlines()) < 400
    assert "url(" not in sheet
    assert "@import" not in sheet
