"""A project's outlook and its standing consent for programs."""

from dataclasses import replace
from datetime import date

from tests.support.builders import NOW, standing

from homeport.domain.exemption import Exemption
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_history import Past
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.ledger import Kind
from homeport.domain.outlook import Begun, Chance, ExternalFile, Outlook, foretell, loss_digest
from homeport.domain.standing_consent import Condition, StandingLine
from homeport.domain.urls import Url
from homeport.formats.hosting_json import outlook_json, standing_json, standing_story_json

FILES = (
    ExternalFile("a-1.zip", "1", "https://a.test/a-1.zip", Chance.CAN),
    ExternalFile("a-2.zip", "2", "https://a.test/a-2.zip", Chance.CANNOT, "Gone."),
)
STANDING = {
    "condition": "live",
    "by": "alice",
    "given": "2026-03-04T05:06:07Z",
    "until": "2027-03-04",
    "hosts": ["example.org"],
    "paths": ["/*"],
    "files": ["*"],
    "withdrawn": None,
}
LINE = StandingLine(
    8, NOW, Kind.STANDING_CONSENT_GIVEN, "ada", ("a.test",), ("/*",), ("*",), date(2026, 12, 31)
)


def outlook(mode: HostingMode) -> Outlook:
    """The outlook of a project with one hosted and two external files."""
    return foretell(mode, 1, FILES, Begun(), HostingPolicy(allow_cache_after_only=False), NOW.date())


def test_the_outlook() -> None:
    """Numbers, files, and for every mode what it loses, needs, and the way there."""
    exemption = Exemption(3, 1, "demo", "Large.", date(2026, 12, 31), "root", NOW)
    past = [Past(NOW, "moved", "the owner", "Moved.", "Because.", 7, 3), Past(NOW, "moved", "ada", "Moved.")]
    told = outlook_json(
        "demo", outlook(HostingMode.EXT), exemption=exemption, standing=None, condition=None, past=past
    )
    assert (told["project"], told["mode"], told["hosted_files"]) == ("demo", "pypi-ext", 1)
    assert told["exemption"]["until"] == "2026-12-31"
    assert told["standing_consent"] is None
    assert told["external_files"] == {
        "recorded": 2,
        "listed": 2,
        "can_come_home": 1,
        "cannot_come_home": 1,
        "unknown": 0,
        "files": [
            {
                "filename": "a-1.zip",
                "version": "1",
                "url": "https://a.test/a-1.zip",
                "chance": "can-come-home",
                "why": None,
            },
            {
                "filename": "a-2.zip",
                "version": "2",
                "url": "https://a.test/a-2.zip",
                "chance": "cannot-come-home",
                "why": "Gone.",
            },
        ],
    }
    cache, only = told["outlook"]
    assert (cache["mode"], cache["could_come_home"], cache["ready"]) == ("pypi-cache", 1, False)
    assert only == {
        "mode": "pypi-only",
        "by": "owner",
        "needs": "acknowledged-loss",
        "one_way": True,
        "closed": None,
        "ready": True,
        "would_stop_being_installable": 2,
        "of_them_can_come_home": 1,
        "loss": ["a-1.zip", "a-2.zip"],
        "loss_digest": loss_digest(FILES),
        "could_come_home": 0,
        "steps": [
            {"step": stage.step.value, "what": stage.step.sentence, "done": False}
            for stage in outlook(HostingMode.EXT).options[1].way
        ],
    }
    assert told["history"] == [
        {
            "at": "2026-03-04T05:06:07Z",
            "what": "moved",
            "by": "the owner",
            "sentence": "Moved.",
            "reason": "Because.",
            "serial": 7,
            "rehost": 3,
        },
        {
            "at": "2026-03-04T05:06:07Z",
            "what": "moved",
            "by": "ada",
            "sentence": "Moved.",
            "reason": None,
            "serial": None,
            "rehost": None,
        },
    ]


def test_what_is_recorded_and_not_listed() -> None:
    """Where nothing external is listed, the recorded files are told of; a closed way says why."""
    told = outlook_json(
        "demo",
        outlook(HostingMode.ONLY),
        exemption=None,
        standing=standing(),
        condition=Condition.IDLE,
        past=(),
    )
    assert (told["external_files"]["recorded"], told["external_files"]["listed"]) == (2, 0)
    assert told["exemption"] is None
    assert told["standing_consent"]["condition"] == "idle"
    closed = {one["mode"]: one["closed"] for one in told["outlook"]}
    assert closed["pypi-ext"] is None
    assert "has ended pypi-cache" in closed["pypi-cache"]


def test_standing_consents() -> None:
    """The terms, the condition, the places of today, and every change."""
    assert standing_json(standing(), Condition.LIVE) == STANDING
    withdrawn = standing_json(standing(withdrawn_at=NOW), Condition.WITHDRAWN)
    assert withdrawn == STANDING | {"condition": "withdrawn", "withdrawn": "2026-03-04T05:06:07Z"}
    lines, away = [replace(LINE, reason="No."), LINE], Url.parse("http://b.test/")
    told = standing_story_json("demo", None, None, [Url.parse("https://a.test/"), away], [away], lines)
    assert (told["project"], told["standing_consent"], told["places_named_now"]) == (
        "demo",
        None,
        ["https://a.test/", "http://b.test/"],
    )
    assert told["places_not_covered"] == ["http://b.test/"]
    assert told["revision"] == 8
    assert [line["reason"] for line in told["history"]] == ["No.", None]
    assert told["history"][1] == {
        "serial": 8,
        "at": "2026-03-04T05:06:07Z",
        "what": "standing-consent-given",
        "by": "ada",
        "hosts": ["a.test"],
        "paths": ["/*"],
        "files": ["*"],
        "until": "2026-12-31",
        "reason": None,
    }
