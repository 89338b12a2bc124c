"""The review page shows all that is known of a plan, and what may be answered."""

from dataclasses import replace

from tests.support.browser import Browser
from tests.support.builders import HOLD, INFO, REJECT, item, unreachable
from tests.support.review_page import ITEMS, box_of, card_of, page_of
from tests.support.web_index import WebIndex

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.consent import STATEMENT
from homeport.domain.digests import Sha256
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.rehost import NotTaken, Rehost, Visit


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


def test_an_empty_plan_says_what_to_do(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Nothing found and nowhere looked: there is no form to accept, and a way to name a source."""
    page = ada.get(page_of(index.plan(demo, (), not_taken=(), visits=()))).page
    assert not page.all("button", value="accept")
    assert page.the("main").all("a", href="/manage/projects/demo/")
    assert "Nothing was found" in page.the("main").text
    assert "names no place" in page.the("main").text


def test_looking_again_is_offered_where_it_may_find_more(
    index: WebIndex, ada: Browser, demo: Project
) -> None:
    """Where everything was reached there is nothing to try again; an empty plan, a file or a page that was away is another thing."""
    here = item(0, "demo-1.0.tar.gz")
    away = Visit("https://files.example/", "homepage", 503, 0, "It is down.")
    read = replace(away, status=200, problem="")
    for items, visits, is_offered in (
        ((here,), (read,), False),
        ((here,), (away,), True),
        ((here, unreachable(0, "demo-0.9.tar.gz")), (read,), True),
        ((), (), True),
    ):
        rehost = index.plan(demo, items, visits=visits)
        assert bool(ada.get(page_of(rehost)).page.all("button", value="retry")) is is_offered
        assert ada.get(page_of(rehost)).page.all("button", value="refuse")


def test_the_statement_is_shown_word_for_word(ada: Browser, rehost: Rehost) -> None:
    """What is agreed to stands beside the box that agrees to it."""
    page = ada.get(page_of(rehost)).page
    label = next(one for one in page.all("label") if one.all("input", name="agree"))
    assert label.text == STATEMENT
