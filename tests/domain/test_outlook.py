"""The outlook of a project: which files would be lost, which can come home, and the way to each mode."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.builders import NOW, item, unreachable

from homeport.domain.hosting import MOVES, HostingMode, Mover, Need
from homeport.domain.hosting_policy import CacheChooser, HostingPolicy
from homeport.domain.inspection import Finding, Severity, Verdict
from homeport.domain.names import ReleaseVersion
from homeport.domain.outlook import (
    Begun,
    Chance,
    ExternalFile,
    Option,
    Outlook,
    Step,
    Word,
    external_files,
    foretell,
    loss_digest,
    told_file,
    unread_loss,
    words_of_plan,
    words_of_survey,
)
from homeport.domain.rehost import Bytes, State
from homeport.domain.release import ExternalLink
from homeport.domain.survey import Check, Link, Reach

EXT, CACHE, ONLY = HostingMode
NOTHING_BEGUN, FREE = Begun(), HostingPolicy()
LATER = NOW + timedelta(days=1)
FILES = (
    ExternalFile("a-1.zip", "1", "https://a.test/a-1.zip", Chance.CAN),
    ExternalFile("a-2.zip", "2", "https://a.test/a-2.zip", Chance.CANNOT, "Gone."),
    ExternalFile("a-3.zip", "3", "https://a.test/a-3.zip"),
)
HOME = Begun(has_sources=True, plan=State.PUBLISHED, is_home=True)


def link(filename: str, url: str = "") -> ExternalLink:
    """A recorded link to a file of version 1.0."""
    return ExternalLink(
        "demo", ReleaseVersion.parse("1.0"), filename, url or f"https://a.test/{filename}", ""
    )


def outlook(
    mode: HostingMode,
    external: tuple[ExternalFile, ...] = FILES,
    begun: Begun = NOTHING_BEGUN,
    policy: HostingPolicy = FREE,
    *,
    by_admin: bool = False,
) -> Outlook:
    """The outlook of a project with two hosted files."""
    return foretell(mode, 2, external, begun, policy, NOW.date(), by_admin=by_admin)


def option(shown: Outlook, target: HostingMode) -> Option:
    """What it says of one mode."""
    (found,) = (one for one in shown.options if one.target is target)
    return found


def way(of: Option) -> list[tuple[Step, bool]]:
    """The steps, and whether they were taken."""
    return [(stage.step, stage.is_done) for stage in of.way]


def test_every_chance_has_words() -> None:
    """A chance that is not known says what makes it known."""
    assert len({chance.words for chance in Chance}) == len(Chance)
    assert Chance.UNKNOWN.words == "nobody knows until you make a plan"


def test_what_a_plan_says() -> None:
    """Bytes that are here or are offered can come home, held ones too; what does not come or is rejected cannot."""
    rejected = item(
        4, "d.zip", verdict=Verdict.REJECT, findings=(Finding("zip-bomb", Severity.REJECT, "A bomb."),)
    )
    items = [
        item(1, "a.zip"),
        item(2, "b.zip", verdict=Verdict.HOLD),
        unreachable(3, "c.zip", problem="No answer."),
        rejected,
        replace(item(5, "e.zip"), bytes=Bytes.REFUSED, problem="Too large."),
        replace(item(6, "f.zip"), bytes=Bytes.LISTED, verdict=None),
    ]
    assert words_of_plan(items, NOW) == [
        Word("a.zip", Chance.CAN, NOW),
        Word("b.zip", Chance.CAN, NOW),
        Word("c.zip", Chance.CANNOT, NOW, "No answer."),
        Word("d.zip", Chance.CANNOT, NOW, "A bomb."),
        Word("e.zip", Chance.CANNOT, NOW, "Too large."),
        Word("f.zip", Chance.CAN, NOW),
    ]


def test_what_a_survey_says() -> None:
    """A link that was found can come home, a dead one cannot, and one that was not asked for says nothing."""
    found = Link("https://a.test/a.zip", "a.test", "a.zip", "1.0", "", "urls", is_tls=True, is_hosted=False)
    links = [
        replace(found, check=Check(reach, problem=problem), filename=f"{reach}.zip")
        for reach, problem in (
            (Reach.FOUND, ""),
            (Reach.GONE, "404"),
            (Reach.SILENT, "No answer."),
            (Reach.UNASKED, "robots.txt"),
        )
    ]
    assert words_of_survey(links, NOW) == [
        Word("found.zip", Chance.CAN, NOW),
        Word("gone.zip", Chance.CANNOT, NOW, "404"),
        Word("silent.zip", Chance.CANNOT, NOW, "No answer."),
    ]


@pytest.mark.parametrize(
    ("words", "chance", "why"),
    [
        ([], Chance.UNKNOWN, ""),
        ([Word("b.zip", Chance.CAN, NOW)], Chance.UNKNOWN, ""),
        ([Word("a.zip", Chance.CAN, NOW)], Chance.CAN, ""),
        ([Word("a.zip", Chance.CANNOT, NOW, "x"), Word("a.zip", Chance.CAN, NOW)], Chance.CAN, ""),
        ([Word("a.zip", Chance.CAN, NOW), Word("a.zip", Chance.CANNOT, NOW, "x")], Chance.CAN, ""),
        ([Word("a.zip", Chance.CAN, NOW), Word("a.zip", Chance.CANNOT, LATER, "x")], Chance.CANNOT, "x"),
        ([Word("a.zip", Chance.CANNOT, LATER, "x"), Word("a.zip", Chance.CAN, NOW)], Chance.CANNOT, "x"),
    ],
)
def test_the_last_word_counts(words: Sequence[Word], chance: Chance, why: str) -> None:
    """Of two looks the later counts; of two places in one look the good one."""
    (file,) = external_files(set(), [link("a.zip")], words)
    assert (file.chance, file.why) == (chance, why)


def test_a_file_counts_once() -> None:
    """Several links are one file, at the first of them; what is hosted is none; they come by name."""
    links = [
        link("b.zip"),
        link("a.zip", "https://one.test/a.zip"),
        link("a.zip", "https://two.test/a.zip"),
        link("c.zip"),
    ]
    files = external_files({"c.zip"}, links, [])
    assert [(file.filename, file.version, file.url) for file in files] == [
        ("a.zip", "1.0", "https://one.test/a.zip"),
        ("b.zip", "1.0", "https://a.test/b.zip"),
    ]


@pytest.mark.parametrize("mode", HostingMode)
def test_every_other_mode_is_told_of(mode: HostingMode) -> None:
    """There is one option for each mode that a person can move the project to, by whom the table says, and none for its own."""
    shown = outlook(mode)
    assert [one.target for one in shown.options] == [target for target in HostingMode if target is not mode]
    for one in shown.options:
        rows = [row for row in MOVES if row.source is mode and row.target is one.target]
        assert any((row.mover, row.need) == (one.mover, one.need) for row in rows)
        assert one.mover is (Mover.ADMIN if one.target is EXT else Mover.OWNER)


def test_numbers_of_the_present() -> None:
    """Files are counted by their chance; who lists nothing external lists none."""
    shown = outlook(EXT)
    assert (shown.mode, shown.hosted, shown.listed) == (EXT, 2, FILES)
    assert [shown.count(chance) for chance in Chance] == [1, 1, 1]
    assert outlook(CACHE).listed == ()


def test_straight_to_only() -> None:
    """Everything listed is lost, what can come home can be saved first, and there is no way back."""
    one = option(outlook(EXT), ONLY)
    assert (one.loses, one.rescuable, one.gains) == (FILES, 1, ())
    assert (one.is_one_way, one.need, one.closed) == (True, Need.ACKNOWLEDGED_LOSS, "")
    assert way(one) == [(Step.RESCUE, False), (Step.LOSS, False), (Step.MOVE, False)]
    assert one.is_ready


def test_nothing_to_save() -> None:
    """Files that cannot come home are not to be brought home first; without any there is nothing to read."""
    assert way(option(outlook(EXT, FILES[1:2]), ONLY)) == [(Step.LOSS, False), (Step.MOVE, False)]
    without = option(outlook(EXT, ()), ONLY)
    assert (way(without), without.loses, without.rescuable) == ([(Step.MOVE, False)], (), 0)


@pytest.mark.parametrize(
    ("begun", "done"),
    [
        (Begun(), 0),
        (Begun(has_sources=True), 1),
        (Begun(has_sources=True, plan=State.PLANNING), 1),
        (Begun(has_sources=True, plan=State.EXPIRED), 1),
        (Begun(has_sources=True, plan=State.PLANNED), 2),
        (Begun(has_sources=True, plan=State.CONSENTED), 3),
        (Begun(has_sources=True, plan=State.PARTLY_PUBLISHED), 3),
        (HOME, 4),
        (Begun(plan=State.PLANNING, is_home=True), 4),
    ],
)
def test_the_way_home(begun: Begun, done: int) -> None:
    """Sources, plan, review, files, consent: what was done is told, and the move waits for the files."""
    one = option(outlook(EXT, begun=begun), CACHE)
    steps = [Step.SOURCES, Step.PLAN, Step.REVIEW, Step.HOST, Step.CONSENT, Step.MOVE]
    assert way(one) == [(step, number < done) for number, step in enumerate(steps)]
    assert one.is_ready is (done == 4)


def test_what_stays_outside_on_the_way_home() -> None:
    """Before the plan is done, what can come home is not lost; afterwards what is still outside is."""
    assert option(outlook(EXT), CACHE).loses == FILES[1:]
    assert option(outlook(EXT), CACHE).gains == FILES[:1]
    assert option(outlook(EXT, begun=HOME), CACHE).loses == FILES


@pytest.mark.parametrize("mode", [CACHE, ONLY])
def test_what_is_not_listed_cannot_be_lost(mode: HostingMode) -> None:
    """From hosted files only nothing is lost; what is recorded can come home, or be listed again by an exemption."""
    shown = outlook(mode)
    assert all(one.loses == () for one in shown.options)
    back = option(shown, EXT)
    assert (back.gains, way(back)) == (FILES, [(Step.EXEMPTION, False), (Step.MOVE, False)])
    assert not back.is_ready


def test_between_hosted_modes() -> None:
    """To pypi-only nothing is needed; back to pypi-cache a consent, where the index allows it."""
    down, up = option(outlook(CACHE), ONLY), option(outlook(ONLY), CACHE)
    assert (way(down), down.is_one_way) == ([(Step.MOVE, False)], False)
    assert (way(up), up.gains) == ([(Step.CONSENT, False), (Step.MOVE, False)], FILES[:1])


def test_the_policy_closes_ways() -> None:
    """What the index has ended says so, and makes leaving it one way; who is an administrator may where owners may not."""
    ended = HostingPolicy(allow_cache_after_only=False)
    up = option(outlook(ONLY, policy=ended), CACHE)
    assert "has ended pypi-cache" in up.closed
    assert not up.is_ready
    assert option(outlook(CACHE, policy=ended), ONLY).is_one_way
    reserved = HostingPolicy(cache_chosen_by=CacheChooser.ADMINISTRATORS)
    assert "Only an administrator" in option(outlook(ONLY, policy=reserved), CACHE).closed
    assert not option(outlook(ONLY, policy=reserved, by_admin=True), CACHE).closed


def test_every_step_is_a_sentence() -> None:
    """Whatever is to be done is said in words."""
    assert all(step.sentence.endswith(".") for step in Step)


def test_the_list_that_was_not_read() -> None:
    """The refusal has the list, with the chance of each file; of a long one the sentence names the first."""
    refusal = unread_loss(EXT, ONLY, FILES)
    assert refusal.code == "needs-acknowledged-loss"
    assert "3 files would stop being installable, of which 1 can come home first" in refusal.sentence
    assert refusal.problems == (
        "a-1.zip: can come home.",
        "a-2.zip: cannot come home (Gone.).",
        "a-3.zip: nobody knows until you make a plan.",
    )
    many = [replace(FILES[0], filename=f"a-{number}.zip") for number in range(60)]
    long = unread_loss(EXT, ONLY, many)
    assert long.sentence.endswith("a-49.zip: can come home. … and 10 more.")
    assert len(long.problems) == 60
    assert "1 file would" in unread_loss(EXT, ONLY, FILES[:1]).sentence
    assert told_file(FILES[0]) in long.sentence.replace("a-0.zip", "a-1.zip")


def test_a_list_is_known_by_its_digest() -> None:
    """The same files in any order have one digest, other files another, whatever is known of them."""
    assert loss_digest(FILES) == loss_digest([replace(file, chance=Chance.CAN) for file in reversed(FILES)])
    assert len({loss_digest(FILES), loss_digest(FILES[:2]), loss_digest(())}) == 3
