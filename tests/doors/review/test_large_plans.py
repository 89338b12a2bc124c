"""Plans of more than a page: turning, filters, one answer for all of it, and files that are only listed."""

from typing import Any

import pytest
from tests.support.browser import Browser, Shown, filled_in
from tests.support.builders import HOLD, PLAIN, REJECT, TLS, item
from tests.support.review_page import box_of, card_of, consent_to, page_of, sha256_field
from tests.support.web_index import WebIndex

from homeport.domain.digests import Sha256
from homeport.domain.names import ReleaseVersion
from homeport.domain.offer import Facts
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Decision, Item, State

RIGHT = Sha256.of(b"plain").hex


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
    if press := fields.pop("press", ""):
        fields["do"] = press
    return browser.arrive(browser.post(shown.path, fields))


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


def test_words_without_end_are_refused(index: WebIndex, ada: Browser, demo: Project) -> None:
    """An address and a form that no page of ours makes are told why nothing is shown, and nothing is saved."""
    rehost = index.plan(demo, many(3))
    endless = "1" * 5_000
    for page in (page_of(rehost), f"{page_of(rehost)}/items/1"):
        shown = ada.get(f"{page}?version={endless}")
        assert (shown.status, "is longer than 200 characters" in shown.page.text) == (400, True)
    shown = ada.get(page_of(rehost))
    for changes in ({"filter": f"version={endless}", "press": "leave-shown"}, {"look": "1", "q": endless}):
        assert turn(ada, shown, accept=[], **changes).status == 400
    assert not any(one.decision is Decision.LEAVE_OUT for one in index.items(rehost).values())
    with index.world.store.read() as tx:
        assert tx.drafts.find(demo.id, rehost.version).revision == 0


def test_pages_of_an_answered_plan_are_links(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Where nothing can be chosen any more, pages are turned by addresses, and filters are kept in them."""
    rehost = index.plan(demo, many(250), state=State.REFUSED)
    shown = ada.get(f"{page_of(rehost)}?q=demo")
    links = [one.attributes["href"] for one in shown.page.all("nav", **{"class": "pager"})[0].all("a")]
    assert links == ["?q=demo&page=2", "?q=demo&page=3"]
    assert len(ada.get(page_of(rehost) + links[1]).page.all("article")) == 50


def test_accepting_all_ticks_nothing_that_is_only_listed(
    index: WebIndex, ada: Browser, demo: Project
) -> None:
    """One button accepts what can be accepted; where only listed files are shown it is called by what it does."""
    listed = [item(0, f"demo-3.{n}.tar.gz", None, bytes=Bytes.LISTED) for n in range(20)]
    rehost = index.plan(demo, [*many(40), *listed])
    shown = ada.get(page_of(rehost))
    assert shown.page.the("button", value="tick-shown").text == "Accept all acceptable"
    done = turn(ada, shown, press="tick-shown")
    assert "40 files ticked" in done.page.the("main").text
    told = done.page.the("p", role="status").text
    assert (
        told == "Saved as revision 1. 40 of 60 files can be accepted. 20 are only listed: fetch them first."
    )
    assert not ada.get(page_of(rehost)).page.all("p", role="status"), "it is told once"
    only = ada.get(f"{page_of(rehost)}?show=listed")
    assert only.page.the("button", value="tick-shown").text == "Tick all, to be fetched"


def test_accepting_all_says_what_it_could_not_take(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Where a button changes nothing, the page says so, and what comes first."""
    listed = [item(0, f"demo-3.{n}.tar.gz", None, bytes=Bytes.LISTED) for n in range(60)]
    rehost = index.plan(demo, listed)
    shown = ada.get(page_of(rehost))
    done = turn(ada, shown, press="tick-shown")
    assert done.page.the("p", role="status").text == (
        "0 of 60 files can be accepted. 60 are only listed: fetch them first."
    )
    assert (
        turn(ada, shown, press="tick-shown", basis="author")
        .page.the("p", role="status")
        .text.startswith("0 of 60")
    )
    back = turn(ada, shown, press="reset-shown")
    assert "Nothing changed" in back.page.the("p", role="status").text
    only = turn(ada, ada.get(f"{page_of(rehost)}?show=listed"), press="tick-shown")
    assert "it holds for all files" in only.page.the("p", role="status").text


def test_accepting_all_says_what_must_be_looked_at(index: WebIndex, ada: Browser, demo: Project) -> None:
    """What is held, and what cannot be taken, is counted apart."""
    mixed = index.plan(
        demo,
        [
            *many(50),
            item(0, "demo-7.0.tar.gz", b"held", findings=(HOLD,)),
            item(0, "demo-8.0.tar.gz", b"rejected", findings=(REJECT,)),
        ],
    )
    told = turn(ada, ada.get(page_of(mixed)), press="tick-shown").page.the("p", role="status").text
    assert told == (
        "Saved as revision 1. 50 of 52 files can be accepted. 1 is held: show what is held, look, and accept it there; 1 is not "
        "to be taken: each says why."
    )


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
    other = box_of(shown, "demo-1.2.tar.gz").attributes["value"]
    refused = ada.submit(shown, "accept", accept=wanted, basis="author", agree="on")
    assert refused.status == 403
    assert "Fetch it first" in refused.page.the("section", role="alert").text
    assert "checked" in box_of(refused, "demo-1.1.tar.gz").attributes
    both = ada.submit(refused, "accept", accept=[wanted, other], basis="author", agree="on")
    (alert,) = both.page.all("section", role="alert")
    assert "2 of the files are only listed" in alert.text, "one sentence, however many they are"
    assert not alert.all("li")
    assert both.page.the("header", **{"class": "title"}).all("button", value="fetch-ticked", form="review")
    too_many = ada.submit(both, "fetch", only="* " * 21)
    assert too_many.status == 400
    assert "at most 20 patterns" in too_many.page.the("section", role="alert").text
    assert too_many.page.the("input", name="only").attributes["value"] == " ".join("*" * 21)
    nothing = ada.submit(both, "fetch", only="*.egg x*")
    assert nothing.status == 409
    assert nothing.page.the("input", name="only").attributes["value"] == "*.egg x*"
    assert ada.submit(nothing, "fetch-ticked", accept=wanted).status == 303
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


def test_many_versions_are_typed(index: WebIndex, ada: Browser, demo: Project) -> None:
    """Hundreds of versions are no list to scroll through: the field suggests them."""
    items = [
        item(0, f"demo-{n}.0.tar.gz", str(n).encode(), version=ReleaseVersion.parse(f"{n}.0"))
        for n in range(60)
    ]
    shown = ada.get(f"{page_of(index.plan(demo, items))}?version=7.0")
    field = shown.page.the("input", id="show-version")
    assert field.attributes["value"] == "7.0"
    offered = shown.page.the("datalist", id=field.attributes["list"]).all("option")
    assert [one.attributes["value"] for one in offered[:2]] == ["59.0", "58.0"]
    assert len(offered) == 60
    assert [one.the("label").text for one in shown.page.all("article")] == ["demo-7.0.tar.gz"]
