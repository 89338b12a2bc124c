"""Registration: every reason for which a release is not registered, and what is hosted when it is."""

from datetime import timedelta

import pytest
from tests.support.builders import (
    HOLD,
    INFO,
    NOW,
    PAGE,
    PLAIN,
    PLAIN_LOOPBACK,
    REJECT,
    item,
    plan,
    standing,
    unreachable,
)

from homeport.domain.digests import Sha256
from homeport.domain.registration import NotReady, Ready, decide, left_out, nothing_new
from homeport.domain.rehost import Bytes, Item, NotTaken, Plan, Purpose, Visit
from homeport.domain.standing_consent import StandingConsent

MISSING, REFUSED, DOWN, NOTHING = (
    "standing-consent-missing",
    "files-refused",
    "site-unreachable",
    "nothing-found",
)
WHEEL = "demo-1.0-py3-none-any.whl"
SEEN = Visit(PAGE, "download", 200, 3)


def register(
    shown: Plan,
    purpose: Purpose = Purpose.REGISTRATION,
    consent: StandingConsent | None = None,
    *called: str,
    has_hosted_files: bool = False,
) -> Ready | NotReady:
    """The decision under a consent to the host of ``PAGE``, unless another one is given."""
    return decide(
        shown,
        purpose,
        consent or standing(),
        frozenset(called),
        freezes=(),
        has_hosted_files=has_hosted_files,
        now=NOW,
    )


def ids(decision: Ready | NotReady) -> list[int]:
    """What is to be hosted."""
    assert isinstance(decision, Ready), decision
    return [one.id for one in decision.items]


def refusal(decision: Ready | NotReady) -> NotReady:
    """Why nothing was registered."""
    assert isinstance(decision, NotReady), decision
    return decision


@pytest.mark.parametrize("purpose", [Purpose.REGISTRATION, Purpose.UPDATE_CACHE])
def test_no_standing_consent(purpose: Purpose) -> None:
    """Without a standing consent nothing is hosted, whatever was found."""
    decision = decide(
        plan(item()), purpose, None, frozenset({PAGE}), freezes=(), has_hosted_files=True, now=NOW
    )
    assert refusal(decision).code == MISSING


@pytest.mark.parametrize("purpose", [Purpose.REGISTRATION, Purpose.UPDATE_CACHE])
@pytest.mark.parametrize(("days", "lives"), [(0, True), (364, True), (365, False), (366, False)])
def test_standing_consent_ends(purpose: Purpose, days: int, *, lives: bool) -> None:
    """A standing consent ends to the second on its last day; from then on it is none."""
    decision = register(plan(item()), purpose, standing(since=timedelta(days=days)), PAGE)
    if lives:
        assert ids(decision) == [1]
    else:
        assert refusal(decision).code == MISSING
    last_second = standing(since=timedelta(days=365) - timedelta(seconds=1))
    assert ids(register(plan(item()), purpose, last_second)) == [1]


@pytest.mark.parametrize(
    ("consent", "called", "place", "covered"),
    [
        (standing("example.org"), (), PAGE, True),
        (standing("other.test", "example.org"), (), PAGE, True),
        (standing("other.test"), (), PAGE, False),
        (standing("other.test"), (PAGE,), PAGE, True),
        (standing("other.test"), (f"{PAGE}/",), PAGE, False),
        (standing("other.test"), ("ftp://example.org/",), PAGE, False),
        (
            standing("other.test"),
            ("ftp://example.org/", "HTTPS://Example.org:443/downloads#files"),
            PAGE,
            True,
        ),
        (standing("other.test"), ("http://a.test",), "http://a.test/", True),
        (standing("a.test"), (), "http://a.test/", False),
        (standing("http://a.test"), (), "http://a.test/", True),
        (standing("files.example.org"), (), "", True),
        (standing("example.org"), (), "", False),
        (standing(patterns=("*.tar.gz",)), (), PAGE, True),
        (standing(patterns=("*.whl",)), (), PAGE, False),
        (standing(patterns=()), (), PAGE, False),
    ],
)
def test_what_the_standing_consent_names(
    consent: StandingConsent, called: tuple[str, ...], place: str, *, covered: bool
) -> None:
    """A file comes home from a place that the consent, or the call itself, names; its own URL when it has no page."""
    shown = plan(item(found_on=place))
    decision, update = (register(shown, purpose, consent, *called) for purpose in list(Purpose)[1:])
    if covered:
        assert ids(decision) == ids(update) == [1]
        return
    assert refusal(decision).code == REFUSED
    assert (
        f"found at {place or item().url}, and the standing consent does not cover it: "
        in refusal(decision).sentence
    )
    assert ids(update) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (item(2, WHEEL, findings=(REJECT,)), f"{WHEEL}: {REJECT.message}"),
        (
            item(2, WHEEL, findings=(INFO, HOLD)),
            f"A person must look at it first (“Look for files” on its page, or homeport plan): {HOLD.message}",
        ),
        (item(2, WHEEL, evidence=PLAIN), "confirm that its sha256 is"),
        (item(2, WHEEL, content=None), "not fetched yet"),
        (item(2, WHEEL, bytes=Bytes.REFUSED, problem="Too large."), "Too large."),
        (
            item(2, WHEEL, found_on="https://other.test/"),
            "https://other.test/, and the standing consent does not cover it: other.test is none of the named hosts",
        ),
        (item(2, content=b"other"), "the sources offer 2 different files under this name"),
    ],
)
def test_one_wrong_file_refuses_all(wrong: Item, reason: str) -> None:
    """One file that cannot be hosted refuses the whole registration, for good, and says why."""
    told = refusal(register(plan(item(), wrong, visits=(SEEN,)), has_hosted_files=True))
    assert told.code == REFUSED
    assert told.sentence.startswith("Nothing was registered.\n")
    assert reason in told.sentence


def test_every_reason_is_told() -> None:
    """All that is wrong is told at once, also what could not be reached; trying again would not help."""
    told = refusal(
        register(
            plan(
                item(1, findings=(REJECT,)),
                item(2, WHEEL, findings=(HOLD,)),
                item(3, "demo-1.0.zip"),
                item(4, "demo-1.0.zip", content=b"other"),
                unreachable(5, "demo-1.0.tgz"),
            )
        )
    )
    assert told.code == REFUSED
    for words in (
        REJECT.message,
        HOLD.message,
        "2 different files",
        f"{unreachable(5, 'demo-1.0.tgz').url}: The site",
    ):
        assert words in told.sentence


@pytest.mark.parametrize(
    "shown",
    [
        plan(unreachable()),
        plan(item(1), unreachable(2, WHEEL), visits=(SEEN,)),
        plan(visits=(Visit(PAGE, "download", 0, 0, "No answer."),)),
        plan(visits=(Visit(PAGE, "download", 503, 0, "Status 503."),)),
        plan(visits=(SEEN, Visit("https://b.test/", "homepage", 200, 0, "It broke off."))),
    ],
)
def test_a_site_that_may_be_down(shown: Plan) -> None:
    """Where a site did not give a file, or the only pages, nothing is registered, and trying again may help."""
    told = refusal(register(shown))
    assert told.code == DOWN
    down = [one.url for one in shown.items if one.bytes is Bytes.UNREACHABLE]
    down += [visit.url for visit in shown.visits if visit.problem]
    assert all(url in told.sentence for url in down)


def test_an_update_of_a_site_that_is_down() -> None:
    """An update that found nothing because the pages are down is no success; one that found something goes on."""
    down = Visit(PAGE, "download", 0, 0, "No answer.")
    told = refusal(register(plan(visits=(SEEN, down)), Purpose.UPDATE_CACHE, has_hosted_files=True))
    assert (told.code, f"{PAGE}: No answer." in told.sentence) == (DOWN, True)
    gone = Visit(PAGE, "download", 404, 0, "Status 404.")
    assert ids(register(plan(visits=(gone,)), Purpose.UPDATE_CACHE)) == []
    assert ids(register(plan(unreachable(), visits=(down,)), Purpose.UPDATE_CACHE)) == []


def test_what_an_update_leaves_is_told_with_every_reason() -> None:
    """Held, rejected, unreachable, unnamed and contradicted files are told; hosted ones and their other places are not."""
    elsewhere = "https://other.test/"
    shown = plan(
        item(1, WHEEL, is_published=True),
        unreachable(2, WHEEL),
        item(3, "held.zip", findings=(HOLD,)),
        item(4, "rejected.zip", findings=(REJECT,)),
        unreachable(5, "down.zip"),
        item(6, "unnamed.zip", found_on=elsewhere),
        item(7, "two.zip"),
        item(8, "two.zip", content=b"other"),
    )
    assert left_out(shown, standing(), ()) == [
        f"held.zip: A person must look at it first (“Look for files” on its page, or homeport plan): {HOLD.message}",
        f"rejected.zip: {REJECT.message}",
        f"down.zip: {unreachable().obstacles[0]}",
        (
            f"unnamed.zip: It was found at {elsewhere}, and the standing consent does not cover it: other.test is none "
            "of the named hosts (example.org). An owner widens it (“Standing consent” on its page, or homeport "
            "consent give)."
        ),
        "two.zip: the sources offer 2 different files under this name.",
    ]
    assert left_out(plan(item(is_published=True)), standing(), ()) == []


def test_one_file_has_every_reason() -> None:
    """Held, at a place and of a name that no consent covers, and with a hash to confirm: all of it is told at once."""
    wrong = item(2, WHEEL, findings=(HOLD,), evidence=PLAIN, found_on="https://other.test/a")
    told = refusal(register(plan(item(), wrong), consent=standing(paths=("/downloads",), patterns=("*.gz",))))
    for words in (
        HOLD.message,
        "other.test is none of the named hosts (example.org)",
        "path of its page, /a, matches none of the path patterns (/downloads)",
        "its name matches none of the file patterns (*.gz)",
        "confirm that its sha256 is",
    ):
        assert words in told.sentence


def test_waiting_does_not_help_what_no_consent_covers() -> None:
    """A file that could not be reached and is not covered refuses for good; nobody is told to try again."""
    away = unreachable(2, WHEEL)
    told = refusal(register(plan(item(), away), consent=standing(patterns=("*.gz",))))
    assert told.code == REFUSED
    assert f"{WHEEL}: It was found at " in told.sentence
    assert f"{away.url}: {away.problem}" in told.sentence


def test_a_dead_page_beside_a_live_one() -> None:
    """A page that is down does not matter while files are found elsewhere."""
    dead = Visit("https://b.test/", "homepage", 0, 0, "No answer.")
    assert ids(register(plan(item(), visits=(SEEN, dead)))) == [1]


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone(status: int) -> None:
    """A page that is gone for good is not waited for: nothing was found there."""
    gone = Visit(PAGE, "download", status, 0, f"Status {status}.")
    told = refusal(register(plan(visits=(gone,))))
    assert told.code == NOTHING
    assert f"no file of version 1.0 was found at {PAGE} (Status {status}.)" in told.sentence


LEFT = NotTaken("https://example.org/x.egg", PAGE, "egg", "It is an egg.")


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (
            plan(),
            "has no source. Add one (“Sources” on its page, or homeport source add), or upload the files.",
        ),
        (plan(visits=(SEEN,)), f"no file of version 1.0 was found at {PAGE}."),
        (
            plan(not_taken=(LEFT,)),
            f"was found at its sources.\nOne link there was not taken.\n{LEFT.url}: It is an egg.",
        ),
        (
            plan(visits=(SEEN, SEEN), not_taken=(LEFT,) * 9),
            f"{PAGE}, {PAGE}.\n9 links there were not taken. The first:"
            + f"\n{LEFT.url}: {LEFT.sentence}" * 3,
        ),
    ],
)
def test_nothing_found(shown: Plan, words: str) -> None:
    """When there is no file, it is told where was looked, and the first links that were not taken, and why."""
    told = refusal(register(shown))
    assert told.code == NOTHING
    assert told.sentence.endswith(words)


@pytest.mark.parametrize(
    "shown", [plan(), plan(visits=(SEEN,)), plan(item(is_published=True), visits=(SEEN,))]
)
def test_already_hosted(shown: Plan) -> None:
    """A version whose files are hosted already is registered, and nothing more is to be done."""
    assert ids(register(shown, has_hosted_files=True)) == []


def test_success() -> None:
    """Every file that is new is hosted, once, in the order it was found."""
    shown = plan(
        item(4, WHEEL),
        item(2, evidence=PLAIN_LOOPBACK),
        item(3),
        item(1, "demo-1.0.zip", is_published=True, found_on="https://other.test/"),
        item(5, "demo-1.0.tgz", findings=(INFO,)),
    )
    assert ids(register(shown)) == [4, 2, 5]


@pytest.mark.parametrize(
    "left",
    [
        item(2, WHEEL, findings=(HOLD,)),
        item(2, WHEEL, findings=(REJECT,)),
        item(2, WHEEL, evidence=PLAIN),
        item(2, WHEEL, content=None),
        item(2, WHEEL, found_on="https://other.test/"),
        item(2, WHEEL, is_published=True),
        unreachable(2, WHEEL),
    ],
)
def test_update_cache_takes_what_it_can(left: Item) -> None:
    """An update hosts every new file that it may, and leaves the others as they are."""
    shown = plan(item(1), left, visits=(Visit(PAGE, "download", 0, 0, "No answer."),))
    assert ids(register(shown, Purpose.UPDATE_CACHE)) == [1]


def test_update_cache_takes_a_name_from_the_place_that_has_it() -> None:
    """Where one mirror is down, the other one serves."""
    shown = plan(unreachable(1), item(2), item(3))
    assert ids(register(shown, Purpose.UPDATE_CACHE)) == [2]


def test_update_cache_does_not_choose_between_bytes() -> None:
    """Different bytes under one name are left to a person, also when only one of them could be hosted."""
    shown = plan(item(1), item(2, content=b"other", findings=(REJECT,)), item(3, WHEEL))
    assert ids(register(shown, Purpose.UPDATE_CACHE)) == [3]


def test_update_cache_finds_nothing() -> None:
    """An update that finds nothing new is no failure."""
    assert ids(register(plan(), Purpose.UPDATE_CACHE)) == []


def test_a_declared_hash_does_not_reach_a_site() -> None:
    """A registration waits for its bytes, also when somebody knows their sha256."""
    known = unreachable(declared_sha256=Sha256.of(b"bytes").hex)
    assert refusal(register(plan(known))).code == DOWN


def test_one_reason_is_told_once() -> None:
    """Files that stay outside for the same reason are one line: the first of them, and how many others there are."""
    shown = plan(*(item(number, f"demo-{number}.0.zip", findings=(REJECT,)) for number in range(1, 4)))
    assert left_out(shown, standing(), ()) == [f"demo-1.0.zip and 2 more: {REJECT.message}"]
    assert refusal(register(shown)).sentence.splitlines()[1:] == [
        f"demo-1.0.zip and 2 more: {REJECT.message}"
    ]


@pytest.mark.parametrize(
    ("shown", "held", "told"),
    [
        (plan(visits=(SEEN,), version="9.9"), [], f"Nothing of 9.9 was found at {PAGE}."),
        (plan(version=""), [], "Nothing of any version was found at any place: the project has no source."),
        (
            plan(item(is_published=True), item(2, is_published=True)),
            [],
            "Nothing is new: the one file found is hosted already.",
        ),
        (
            plan(item(is_published=True), item(2, WHEEL, is_published=True)),
            [],
            "Nothing is new: all 2 files found are hosted already.",
        ),
        (plan(item(findings=(HOLD,))), ["a: held", "b: held"], "Nothing was published.\na: held\nb: held"),
    ],
)
def test_an_update_that_publishes_nothing(shown: Plan, held: list[str], told: str) -> None:
    """It says why: nothing was found, nothing is new, or what must be looked at, a line each."""
    assert nothing_new(shown, held) == told
