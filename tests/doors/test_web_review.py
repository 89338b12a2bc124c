"""The review page: what a maintainer sees, what an answer does, and that a refusal loses nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.browser import Browser, Element, Shown, filled_in
from tests.support.builders import HOLD, INFO, PLAIN, REJECT, TLS, item, unreachable
from tests.support.web_index import WebIndex, web_index

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.consent import STATEMENT, Basis, Consent
from homeport.domain.digests import Sha256
from homeport.domain.names import ReleaseVersion
from homeport.domain.offer import Facts
from homeport.domain.project import Project
from homeport.domain.rehost import MOVES, Bytes, Decision, Item, NotTaken, Rehost, State, Step, Visit

RIGHT = Sha256.of(b"plain").hex
OTHER = Sha256.of(b"other").hex
ITEMS = (
    item(0, "demo-2.0.tar.gz", b"2.0", version=ReleaseVersion.parse("2.0")),
    item(0, "demo-1.9.tar.gz", b"1.9", version=ReleaseVersion.parse("1.9"), findings=(INFO,)),
    item(0, "demo-1.8.tar.gz", b"held", findings=(HOLD,)),
    item(0, "demo-1.7.tar.gz", b"rejected", findings=(REJECT,)),
    item(0, "demo-1.6.tar.gz", b"plain", evidence=PLAIN, url="http://files.example/demo-1.6.tar.gz"),
    unreachable(0, "demo-1.5.tar.gz"),
    item(0, "demo-1.4.tar.gz", bytes=Bytes.REFUSED, problem="It is too large."),
    item(0, "demo-1.3.tar.gz", b"hosted", is_published=True),
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index with a person."""
    with web_index(tmp_path) as opened:
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """Ada's browser."""
    return index.signed_in("ada")


@pytest.fixture
def demo(index: WebIndex) -> Project:
    """Ada's project."""
    return index.project("demo", "ada")


@pytest.fixture
def rehost(index: WebIndex, demo: Project) -> Rehost:
    """A rehost of it with an item of every sort."""
    return index.plan(demo, ITEMS)


def page_of(rehost: Rehost) -> str:
    """Where the review is."""
    return f"/manage/rehosts/{rehost.id}"


def box_of(shown: Shown, filename: str) -> Element:
    """The tick box of an item."""
    label = next(one for one in shown.page.all("label") if one.text == filename)
    return shown.page.the("input", id=label.attributes["for"])


def card_of(shown: Shown, filename: str) -> Element:
    """All that is shown of an item."""
    return next(one for one in shown.page.all("article") if filename in one.the("header").text)


def sha256_field(shown: Shown, filename: str) -> str:
    """The name of the field for an item's sha256."""
    return next(
        field.attributes["name"]
        for field in card_of(shown, filename).all("input")
        if field.attributes["name"].startswith("sha256-")
    )


def consent_to(index: WebIndex, rehost: Rehost) -> Consent | None:
    """The consent, if one was given."""
    with index.world.store.read() as tx:
        return tx.rehosts.consent(rehost.id)


def test_everything_known_of_an_item_is_shown(index: WebIndex, ada: Browser, demo: Project) -> None:
    """File, version, size, digest, URLs, redirects, evidence, verdict, findings, claims, change: all of it."""
    hops = (
        ("https://files.example/demo-1.0.tar.gz", "203.0.113.9", 302),
        ("http://mirror.example/demo-1.0.tar.gz", "203.0.113.10", 200),
    )
    shown_item = item(
        0,
        content=b"x" * 12_345,
        hops=hops,
        claims=(
            Claim(
                ClaimKind.LINK, "md5", "d41d8cd98f00b204e9800998ecf8427e", "https://x.example/", holds=False
            ),
            Claim(ClaimKind.SOURCE, "sha256", Sha256.of(b"x" * 12_345).hex, is_tls=True, holds=True),
        ),
        findings=(INFO, HOLD),
        change="new",
    )
    shown = ada.get(page_of(index.plan(demo, [shown_item])))
    text = card_of(shown, "demo-1.0.tar.gz").text
    for words in (
        "12.1 KiB",
        str(shown_item.sha256),
        "https://files.example.org/0/demo-1.0.tar.gz",
        "https://example.org/downloads",
        *(str(part) for hop in hops for part in hop),
        "Fetched over verified TLS.",
        "tls",
        "hold",
        "A person must look.",
        "It was noted.",
        "md5 d41d8cd98f00b204e9800998ecf8427e",
        "✗ does not hold",
        f"✓ holds sha256 {Sha256.of(b'x' * 12_345)} by the source's own address",
        "new",
        "plain http",
    ):
        assert words in text
    assert shown.page.the("section", **{"class": "version"}).the("h2").text == "1.0 1 file"


def test_versions_come_newest_first(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Items stand under their version, ordered as versions are, not as words."""
    items = [
        item(0, f"demo-{v}.tar.gz", version=ReleaseVersion.parse_legacy(v)) for v in ("9.0", "10.0", "x")
    ]
    shown = ada.get(page_of(index.plan(demo, items)))
    headings = [section.the("h2").text for section in shown.page.all("section", **{"class": "version"})]
    assert headings == ["10.0 1 file", "9.0 1 file", "x 1 file"]


def test_what_can_be_accepted_is_ticked_and_obstacles_are_told(ada: Browser, rehost: Rehost) -> None:
    """Ticked: what needs no thought. Open: what a person or a sha256 can settle. Closed: the rest, with the reason."""
    shown = ada.get(page_of(rehost))
    boxes = {one.filename: box_of(shown, one.filename).attributes for one in ITEMS}
    ticked = {name for name, box in boxes.items() if "checked" in box}
    closed = {name for name, box in boxes.items() if "disabled" in box}
    assert ticked == {"demo-2.0.tar.gz", "demo-1.9.tar.gz"}
    assert closed == {"demo-1.7.tar.gz", "demo-1.4.tar.gz", "demo-1.3.tar.gz"}
    for name, reason in (
        ("demo-1.7.tar.gz", REJECT.message),
        ("demo-1.4.tar.gz", "It is too large."),
        ("demo-1.3.tar.gz", "It is already hosted here."),
    ):
        described = shown.page.all("p", id=boxes[name]["aria-describedby"])
        described += shown.page.all("ul", id=boxes[name]["aria-describedby"])
        assert reason in described[0].text
    takes_sha256 = {
        one.filename
        for one in ITEMS
        if any(f.attributes["name"].startswith("sha256-") for f in card_of(shown, one.filename).all("input"))
    }
    assert takes_sha256 == {"demo-1.6.tar.gz", "demo-1.5.tar.gz"}


def test_the_counts_say_what_to_expect(ada: Browser, rehost: Rehost) -> None:
    """A reader sees first how many files there are, and what they are."""
    counts = ada.get(page_of(rehost)).page.the("ul", **{"class": "counts"}).text
    assert counts.startswith("8 files found 3 to decide 2 ticked")
    for words in ("1 held", "1 hosted here", "1 rejected", "1 unreachable", "1 not to be had"):
        assert words in counts
    assert "not fetched yet" not in counts


def test_one_name_from_two_places_must_be_chosen(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Different bytes under one name are both open, neither is ticked, and both say so; both at once are refused."""
    twins = [
        item(0, content=b"one", url="https://a.example/x"),
        item(0, content=b"two", url="https://b.example/x"),
    ]
    rehost = index.plan(demo, twins)
    shown = ada.get(page_of(rehost))
    cards = shown.page.all("article")
    assert len(cards) == 2
    for card in cards:
        assert "checked" not in card.the("input", type="checkbox").attributes
        assert "only one can be accepted" in card.text
    numbers = [card.the("input", type="checkbox").attributes["value"] for card in cards]
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=numbers)
    assert refused.status == 403
    assert "more than one place" in refused.page.the("section", role="alert").text


def test_what_was_left_out_and_visited_is_shown(index: WebIndex, ada: Browser, demo: Project) -> None:
    """By reason with their number; a page's problem stands beside it; a long list is cut, and says so."""
    eggs = [
        NotTaken(f"https://x.example/{n}.egg", "https://x.example/", "egg", "An egg.") for n in range(205)
    ]
    others = [NotTaken("https://x.example/other", "https://x.example/", "other-project", "Another's.")]
    visits = [
        Visit("https://x.example/", "homepage", 200, 206),
        Visit("https://down.example/", "download", 0, 0, "It did not answer."),
    ]
    shown = ada.get(page_of(index.plan(demo, ITEMS, not_taken=[*eggs, *others], visits=visits)))
    egg, other = shown.page.all("details")
    assert egg.the("summary").text == "egg 205 links"
    assert len(egg.all("li")) == 201
    assert egg.all("li")[-1].text == "and 5 more"
    assert other.the("summary").text == "other-project 1 link"
    rows = [row.text for row in shown.page.the("tbody").all("tr")]
    assert rows == [
        "https://x.example/ homepage 200 206",
        "https://down.example/ It did not answer. download none 0",
    ]


@pytest.mark.parametrize("basis", list(Basis))
def test_accepting_binds_consent_to_the_ticked_files(
    index: WebIndex, ada: Browser, rehost: Rehost, basis: Basis
) -> None:
    """The consent names exactly the ticked items with their sha256, the plan, the basis and the words."""
    shown = ada.get(page_of(rehost))
    accepted = ada.submit(
        shown, "accept", basis=basis.value, agree="on", text="  Mail of J. Doe, May 2026.  "
    )
    assert (accepted.status, accepted.goes_to) == (303, page_of(rehost))
    consent, items = consent_to(index, rehost), index.items(rehost)
    assert consent is not None
    assert dict(consent.files) == {
        items[name].id: items[name].sha256 for name in ("demo-2.0.tar.gz", "demo-1.9.tar.gz")
    }
    assert (consent.given_by, consent.basis, consent.text) == ("ada", basis, "Mail of J. Doe, May 2026.")
    assert shown.page.the("main").the("input", name="plan").attributes["value"] == consent.plan_digest.hex
    assert index.rehost(rehost.id).state is State.CONSENTED
    decisions = {name: one.decision for name, one in items.items()}
    assert decisions["demo-2.0.tar.gz"] is Decision.ACCEPT
    assert decisions["demo-1.8.tar.gz"] is Decision.LEAVE_OUT


def test_a_person_may_take_what_was_held_and_leave_what_was_ticked(
    index: WebIndex, ada: Browser, rehost: Rehost
) -> None:
    """The ticks decide, not what the page proposed."""
    shown = ada.get(page_of(rehost))
    held = box_of(shown, "demo-1.8.tar.gz").attributes["value"]
    assert ada.submit(shown, "accept", basis="author", agree="on", accept=held).status == 303
    consent = consent_to(index, rehost)
    assert consent is not None
    assert [item_id for item_id, _ in consent.files] == [int(held)]


def test_a_sha256_settles_what_came_plainly_or_not_at_all(
    index: WebIndex, ada: Browser, rehost: Rehost
) -> None:
    """Confirmed or supplied in the page, in any case and with blanks around it, it is what consent is bound to."""
    shown = ada.get(page_of(rehost))
    plain, missing = (box_of(shown, f"demo-1.{n}.tar.gz").attributes["value"] for n in (6, 5))
    accepted = ada.submit(
        shown,
        "accept",
        basis="author",
        agree="on",
        accept=[plain, missing],
        **{
            sha256_field(shown, "demo-1.6.tar.gz"): f"  {RIGHT.upper()} ",
            sha256_field(shown, "demo-1.5.tar.gz"): OTHER,
        },
    )
    assert accepted.status == 303
    consent = consent_to(index, rehost)
    assert consent is not None
    assert dict(consent.files) == {int(plain): Sha256(RIGHT), int(missing): Sha256(OTHER)}


REFUSED_ANSWERS: list[tuple[dict[str, str | None], int, str]] = [
    ({"basis": None}, 400, "is not a basis"),
    ({"basis": "because"}, 400, "is not a basis"),
    ({"basis": "other", "text": "short"}, 400, "needs a sentence"),
    ({"agree": None}, 403, "tick that you agree"),
    ({"statement": "0"}, 409, "statement changed"),
    ({"statement": None}, 409, "statement changed"),
    ({"plan": "0" * 64}, 409, "The plan changed"),
    ({"plan": ""}, 400, "is not a SHA-256 digest"),
    ({"accept": None}, 400, "No file was chosen"),
    ({"accept": "999999"}, 400, "has no item 999999"),
]


@pytest.mark.parametrize(("changes", "status", "words"), REFUSED_ANSWERS)
def test_a_refused_answer_loses_nothing(
    index: WebIndex, ada: Browser, rehost: Rehost, changes: dict[str, str | None], status: int, words: str
) -> None:
    """The reason is on top, nothing was done, and everything that was filled in is there to be sent again."""
    shown = ada.get(page_of(rehost))
    typed = sha256_field(shown, "demo-1.6.tar.gz")
    plain = box_of(shown, "demo-1.6.tar.gz").attributes["value"]
    filled: dict[str, str | None] = {
        "basis": "licence",
        "text": "It says so in <LICENSE>.",
        "agree": "on",
        "accept": plain,
        typed: RIGHT,
    }
    if "accept" in changes:
        filled[typed] = ""
    refused = ada.submit(shown, "accept", **(filled | changes))
    assert refused.status == status
    assert words in refused.page.the("section", role="alert").text
    assert consent_to(index, rehost) is None
    assert index.rehost(rehost.id).state is State.PLANNED
    form = next(form for form in refused.page.the("main").all("form") if form.all("button", value="accept"))
    again = filled_in(form)
    sent = filled | changes
    for name in ("text", "accept", "agree", typed):
        there = again.get(name)
        value = there[0] if isinstance(there, list) else there
        is_unknown = name == "accept" and sent[name] == "999999"
        assert (value or None) == (None if is_unknown else sent[name] or None)
    known_basis = sent["basis"] if sent["basis"] in list(Basis) else None
    assert again.get("basis") == ([known_basis] if known_basis else None)
    assert again["plan"] == index_digest(index, rehost)


def index_digest(index: WebIndex, rehost: Rehost) -> str:
    """The digest of the plan as it stands."""
    with index.world.store.read() as tx:
        return tx.rehosts.plan(rehost).digest().hex


def test_a_plan_that_changed_is_shown_anew_with_the_ticks(
    index: WebIndex, ada: Browser, rehost: Rehost
) -> None:
    """Between looking and answering a file changed: nothing is agreed to, and the next answer is to the new plan."""
    shown = ada.get(page_of(rehost))
    changed = index.items(rehost)["demo-2.0.tar.gz"]
    with index.world.store.write() as tx:
        tx.rehosts.put_item(rehost.id, replace(changed, sha256=Sha256.of(b"changed")))
    held = box_of(shown, "demo-1.8.tar.gz").attributes["value"]
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=[held, str(changed.id)])
    assert refused.status == 409
    assert consent_to(index, rehost) is None
    assert {box_of(refused, f"demo-{v}.tar.gz").attributes.get("checked") for v in ("1.8", "2.0")} == {""}
    assert "checked" not in box_of(refused, "demo-1.9.tar.gz").attributes
    assert ada.submit(refused, "accept").status == 303, "sent again as it came, it is an answer"
    consent = consent_to(index, rehost)
    assert consent is not None
    assert dict(consent.files)[changed.id] == Sha256.of(b"changed")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("abc", "demo-1.6.tar.gz: 'abc' is not a SHA-256 digest"),
        ("g" * 64, "is not a SHA-256 digest"),
        (OTHER, "The sha256 you named is another one"),
        ("", "confirm that its sha256 is"),
    ],
)
def test_a_wrong_sha256_is_refused_and_kept(
    index: WebIndex, ada: Browser, rehost: Rehost, typed: str, words: str
) -> None:
    """What was typed stays in its field beside the reason."""
    shown = ada.get(page_of(rehost))
    field = sha256_field(shown, "demo-1.6.tar.gz")
    plain = box_of(shown, "demo-1.6.tar.gz").attributes["value"]
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=plain, **{field: typed})
    assert refused.status in {400, 403}
    assert words in refused.page.the("section", role="alert").text
    assert refused.page.the("input", name=field).attributes["value"] == typed
    assert consent_to(index, rehost) is None


def test_a_sha256_without_tick_is_asked_about(ada: Browser, rehost: Rehost) -> None:
    """Whoever names a file's sha256 and does not tick it may have forgotten to: nothing is left out in silence."""
    shown = ada.get(page_of(rehost))
    field = sha256_field(shown, "demo-1.6.tar.gz")
    refused = ada.submit(shown, "accept", basis="author", agree="on", **{field: RIGHT})
    assert refused.status == 400
    assert "did not tick it" in refused.page.the("section", role="alert").text


def test_what_is_closed_stays_closed(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """A form that ticks what its page does not offer is refused, with every reason."""
    shown, items = ada.get(page_of(rehost)), index.items(rehost)
    forced = [str(items[f"demo-1.{n}.tar.gz"].id) for n in (7, 4, 3)]
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=forced)
    assert refused.status == 403
    reasons = [reason.text for reason in refused.page.the("section", role="alert").all("li")]
    assert len(reasons) == 3
    assert consent_to(index, rehost) is None


def test_refusing_retrying_and_withdrawing(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Each button does what it says, and the page afterwards tells the new state."""
    refused = index.plan(demo, ITEMS)
    assert ada.submit(ada.get(page_of(refused)), "refuse", reason="Not ours.").status == 303
    assert index.rehost(refused.id).state is State.REFUSED
    assert "Not ours." in ada.get(page_of(refused)).page.the("main").text
    retried = index.plan(demo, ITEMS)
    assert ada.submit(ada.get(page_of(retried)), "retry").status == 303
    assert index.rehost(retried.id).state is State.PLANNING
    withdrawn = index.plan(demo, ITEMS)
    ada.submit(ada.get(page_of(withdrawn)), "accept", basis="author", agree="on")
    assert ada.submit(ada.get(page_of(withdrawn)), "withdraw").status == 303
    assert index.rehost(withdrawn.id).state is State.WITHDRAWN
    assert "withdrew it on" in ada.get(page_of(withdrawn)).page.the("main").text


def test_what_cannot_follow_is_refused_on_the_page(index: WebIndex, ada: Browser, demo: Project) -> None:
    """A button of a page that is out of date says what is possible instead, and ticks nothing else."""
    rehost = index.plan(demo, ITEMS)
    old = ada.get(page_of(rehost))
    ada.submit(old, "refuse")
    refused = ada.submit(old, "retry")
    assert refused.status == 409
    assert "refused" in refused.page.the("section", role="alert").text
    unknown = {"do": "explode", "form_token": token_of(refused)}
    assert ada.post(page_of(rehost), {**unknown}).status == 400


def token_of(shown: Shown) -> str:
    """The form token of a page."""
    return shown.page.all("input", name="form_token")[0].attributes["value"]


def agreed(index: WebIndex, rehost: Rehost) -> None:
    """Somebody agreed to nothing of it."""
    now = index.world.clock.now()
    with index.world.store.write() as tx:
        tx.rehosts.add_consent(Consent(0, rehost.id, "ada", Basis.AUTHOR, "", "1", Sha256("0" * 64), (), now))


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_page(index: WebIndex, ada: Browser, demo: Project, state: State) -> None:
    """It says where the rehost stands, offers the moves there are and no others, and looks again while it runs."""
    rehost = index.plan(demo, ITEMS, state=state)
    if Step.WITHDRAW in MOVES[state]:
        agreed(index, rehost)
    page = ada.get(page_of(rehost)).page
    steps = page.the("ol", **{"class": "timeline"}).all("li")
    assert [step.text for step in steps if "aria-current" in step.attributes] == [state.replace("-", " ")]
    buttons = {
        button.attributes["value"]
        for button in page.the("main").all("button")
        if button.attributes.get("name")
    }
    offered = {Step.CONSENT: "accept", Step.RETRY: "retry", Step.REFUSE: "refuse", Step.WITHDRAW: "withdraw"}
    kept = {"save", "hashes", "try-now"} if state is State.PLANNED else set()
    assert buttons == kept | {button for step, button in offered.items() if step in MOVES[state]}
    assert bool(page.all("meta", **{"http-equiv": "refresh"})) is state.is_running
    assert bool(page.all("progress")) is state.is_running
    assert bool(page.all("input", type="checkbox")) is (state is State.PLANNED)


@pytest.mark.parametrize(
    ("state", "has_consent", "has_plan", "marks"),
    [
        (State.PLANNING, False, False, "now ahead ahead ahead ahead"),
        (State.PLANNED, False, True, "done now ahead ahead ahead"),
        (State.CONSENTED, True, True, "done done now ahead ahead"),
        (State.PUBLISHING, True, True, "done done done now ahead"),
        (State.PUBLISHED, True, True, "done done done done done"),
        (State.PARTLY_PUBLISHED, True, True, "done done done stopped"),
        (State.WITHDRAWN, True, True, "done done done stopped"),
        (State.REFUSED, False, True, "done done stopped"),
        (State.EXPIRED, False, True, "done done stopped"),
        (State.REFUSED, False, False, "done stopped"),
        (State.FAILED, False, False, "done stopped"),
        (State.FAILED, True, True, "done done done stopped"),
    ],
)
def test_the_timeline_shows_how_far_it_came(
    index: WebIndex, ada: Browser, demo: Project, state: State, has_consent: bool, has_plan: bool, marks: str
) -> None:
    """Done, now and ahead on the straight way; a rehost that stopped shows after what."""
    rehost = index.plan(demo, ITEMS, state=state, **({} if has_plan else {"plan_digest": None}))
    if has_consent:
        agreed(index, rehost)
    steps = ada.get(page_of(rehost)).page.the("ol", **{"class": "timeline"}).all("li")
    places = {"done", "now", "ahead", "stopped"}
    assert [next(iter(step.classes & places)) for step in steps] == marks.split()


def test_progress_counts_what_is_done(index: WebIndex, ada: Browser, demo: Project) -> None:
    """While it plans: files looked at. While it publishes: accepted files that are hosted. Unknown: no number."""

    def bar(state: State, *items: Item) -> Element:
        rehost = index.plan(demo, items, state=state)
        return ada.get(page_of(rehost)).page.the("p", **{"class": "progress"}).the("progress")

    wanted = item(0, content=None)
    planning = bar(State.PLANNING, wanted, wanted, unreachable(0), item(0))
    assert (planning.attributes["value"], planning.attributes["max"]) == ("2", "4")
    unknown = bar(State.PLANNING)
    assert (unknown.attributes, unknown.text) == ({}, "visiting the sources")
    accepted = item(0, decision=Decision.ACCEPT)
    hosted = replace(accepted, is_published=True)
    publishing = bar(State.PUBLISHING, hosted, hosted, accepted, item(0, decision=Decision.LEAVE_OUT))
    assert (publishing.attributes["value"], publishing.attributes["max"]) == ("2", "3")
    assert publishing.text == "2 of 3 files published"


def test_an_empty_plan_says_what_to_do(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Nothing found and nowhere looked: there is no form to accept, and a way to name a source."""
    page = ada.get(page_of(index.plan(demo, (), not_taken=(), visits=()))).page
    assert not page.all("button", value="accept")
    assert page.the("main").all("a", href="/manage/projects/demo/")
    assert "Nothing was found" in page.the("main").text
    assert "names no place" in page.the("main").text


def test_the_statement_is_shown_word_for_word(ada: Browser, rehost: Rehost) -> None:
    """What is agreed to stands beside the box that agrees to it."""
    page = ada.get(page_of(rehost)).page
    label = next(one for one in page.all("label") if one.all("input", name="agree"))
    assert label.text == STATEMENT


def test_a_large_plan_is_one_answer(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Two thousand items are twenty pages of which each is small, and one answer is about all of them."""
    items = [
        item(0, f"demo-1.{n}.tar.gz", str(n).encode(), evidence=PLAIN if n % 2 else TLS) for n in range(2_000)
    ]
    rehost = index.plan(demo, items)
    shown = ada.get(page_of(rehost))
    assert len(shown.page.all("article")) == 100
    assert len(shown.html) < 250_000
    assert [one.text for one in shown.page.all("nav", **{"class": "pager"})[0].all("button")] == [
        *"234",
        "20",
    ]
    assert ada.submit(shown, "accept", basis="author", agree="on").status == 303
    consent = consent_to(index, rehost)
    assert consent is not None
    assert len(consent.files) == 1_000


def many(count: int, **fields: Any) -> list[Item]:
    """So many items of two versions and two hosts."""
    return [
        item(
            0,
            f"demo-{1 + n % 2}.{n}.tar.gz",
            str(n).encode(),
            url=f"https://{'ab'[n % 2]}.example/{n}",
            version=ReleaseVersion.parse(f"{1 + n % 2}.0"),
            **fields,
        )
        for n in range(count)
    ]


def turn(browser: Browser, shown: Shown, **changes: str | list[str]) -> Shown:
    """Press a button that shows another part of the plan."""
    (form,) = (one for one in shown.page.all("form") if one.all("button", value="accept"))
    fields = {**filled_in(form), **changes}
    fields.pop("do", None)
    return browser.post(shown.path, fields)


def test_turning_a_page_loses_nothing(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Ticks, typed digests and words stay while pages are turned and filters are set, there and back."""
    rehost = index.plan(
        demo,
        [
            *many(300),
            item(0, "demo-9.0.tar.gz", b"plain", evidence=PLAIN, version=ReleaseVersion.parse("9.0")),
        ],
    )
    shown = ada.get(page_of(rehost))
    unwanted = shown.page.all("input", name="accept")[1].attributes["value"]
    field = sha256_field(shown, "demo-9.0.tar.gz")
    kept = {box.attributes["value"] for box in shown.page.all("input", name="accept")} - {unwanted}
    told: dict[str, str | list[str]] = {
        "accept": sorted(kept),
        "basis": "licence",
        "text": "So it says.",
        field: RIGHT,
    }
    second = turn(ada, shown, page="2", **told)
    assert second.status == 200
    assert len(second.page.all("article")) == 100
    rejected = turn(ada, second, look="1", show="rejected")
    assert rejected.page.all("article") == []
    back = turn(ada, rejected, look="1", show="all")
    ticked = {
        box.attributes["value"]
        for box in back.page.all("input", name="accept")
        if "checked" in box.attributes
    }
    assert ticked == kept
    assert back.page.the("input", name=field).attributes["value"] == RIGHT
    assert back.page.the("textarea", name="text").text == "So it says."
    refused = ada.submit(back, "accept", basis="licence")
    assert refused.status == 403
    assert ada.submit(refused, "accept", basis="licence", agree="on").status == 303
    consent = consent_to(index, rehost)
    assert consent is not None
    assert {str(item_id) for item_id, _ in consent.files} >= kept
    assert int(unwanted) not in {item_id for item_id, _ in consent.files}
    assert len(consent.files) == 300


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 60),
        ("?host=a.example", 30),
        ("?version=2", 30),
        ("?version=2&host=a.example", 0),
        ("?show=ticked", 60),
        ("?show=held", 0),
        ("?q=DEMO-2.1", 6),
        ("?show=unreachable", 0),
        ("?show=sideways&page=99", 60),
        ("?page=-1", 60),
    ],
)
def test_filters(index: WebIndex, ada: Browser, demo: Project, query: str, count: int) -> None:
    """An address shows the items that fit all it says; words that mean nothing filter nothing."""
    rehost = index.plan(demo, many(60))
    assert len(ada.get(page_of(rehost) + query).page.all("article")) == count


def test_pages_of_an_answered_plan_are_links(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Where nothing can be chosen any more, pages are turned by addresses, and filters are kept in them."""
    rehost = index.plan(demo, many(250), state=State.REFUSED)
    shown = ada.get(f"{page_of(rehost)}?show=ticked")
    links = [one.attributes["href"] for one in shown.page.all("nav", **{"class": "pager"})[0].all("a")]
    assert links == ["?show=ticked&page=2", "?show=ticked&page=3"]
    assert len(ada.get(page_of(rehost) + links[1]).page.all("article")) == 50


def test_listed_files_are_ticked_to_be_fetched(index: WebIndex, ada: Browser, demo: Project) -> None:
    """What is only listed can be ticked and fetched, not accepted; what was not ticked of the rest is left out."""
    listed = [
        item(0, f"demo-1.{n}.tar.gz", None, bytes=Bytes.LISTED, facts=Facts(size_bytes=2048))
        for n in range(3)
    ]
    rehost = index.plan(demo, [*listed, item(0, "demo-2.0.tar.gz")])
    shown = ada.get(page_of(rehost))
    assert "2 KiB as the place says" in card_of(shown, "demo-1.0.tar.gz").text
    wanted = box_of(shown, "demo-1.1.tar.gz").attributes["value"]
    refused = ada.submit(shown, "accept", accept=wanted, basis="author", agree="on")
    assert refused.status == 403
    assert "Fetch it first" in refused.page.the("section", role="alert").text
    assert "checked" in box_of(refused, "demo-1.1.tar.gz").attributes
    nothing = ada.submit(refused, "fetch", only="*.egg x*")
    assert nothing.status == 409
    assert nothing.page.the("input", name="only").attributes["value"] == "*.egg x*"
    assert ada.submit(nothing, "fetch-ticked").status == 303
    with index.world.store.read() as tx:
        items = {one.filename: one for one in tx.rehosts.plan(rehost).items}
        stored = tx.rehosts.find(rehost.id)
    assert stored is not None
    assert stored.state is State.PLANNING
    assert [name for name, one in items.items() if one.bytes is Bytes.WANTED] == ["demo-1.1.tar.gz"]
    assert items["demo-2.0.tar.gz"].decision is Decision.LEAVE_OUT
    watched = ada.get(page_of(rehost)).page.the("section", **{"class": "hosts"})
    assert "1 of 2" in watched.text
    assert "waits: its turn" in watched.text


# Who agrees is asked again when they signed in a while ago


def age(index: WebIndex, browser: Browser) -> None:
    """Let the browser have been confirmed an hour ago."""
    with index.world.store.write() as tx:
        secret = Sha256.of(browser.cookies["__Host-homeport"].encode())
        session = tx.sessions.find(secret, index.world.clock.now())
        assert session is not None
        tx.sessions.close(secret)
        tx.sessions.add(replace(session, confirmed_at=session.confirmed_at - timedelta(hours=1)))


def test_nothing_is_lost_by_who_took_their_time(index: WebIndex, rehost: Rehost) -> None:
    """Reading may take longer than a confirmation lasts: the page comes again with every tick, and asks beside them."""
    password = "correct horse battery"
    with index.world.store.write() as tx:
        tx.users.put_password(index.user("ada").id, index.world.passwords.hash(password))
    ada = index.signed_in("ada")
    shown = ada.get(page_of(rehost))
    assert not shown.page.all("input", id="password")
    held = box_of(shown, "demo-1.8.tar.gz").attributes["value"]
    age(index, ada)
    refused = ada.submit(shown, "accept", basis="author", agree="on", accept=held, text="Mine.")
    assert refused.status == 403
    assert "type your password" in refused.page.the("section", role="alert").text
    wrong = ada.submit(refused, "accept", password="wrong")
    assert wrong.status == 403
    assert wrong.page.the("textarea", id="text").text == "Mine."
    before = ada.cookies["__Host-homeport"]
    ticked = box_of(wrong, "demo-1.7.tar.gz").attributes["value"]
    rejected = ada.submit(wrong, "accept", password=password, accept=ticked)
    assert rejected.status >= 400
    assert ada.cookies["__Host-homeport"] != before, "confirmed, though nothing was agreed to"
    assert not rejected.page.all("input", id="password")
    assert consent_to(index, rehost) is None
    assert ada.submit(rejected, "accept", accept=held).status == 303
    consent = consent_to(index, rehost)
    assert consent is not None
    assert (consent.text, [item_id for item_id, _ in consent.files]) == ("Mine.", [int(held)])


def test_who_comes_late_is_asked_at_once(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """The plan is shown, and the answer has a field for the password; refusing the plan needs none."""
    age(index, ada)
    assert len(ada.get(page_of(rehost)).page.all("input", id="password")) == 1
    assert ada.submit(ada.get(page_of(rehost)), "refuse", reason="Not ours.").status == 303
