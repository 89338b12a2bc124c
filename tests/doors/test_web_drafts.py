"""The review over pages, days and people: what is decided is kept, what others decided is told, each item has its page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.browser import Browser, Shown, filled_in
from tests.support.builders import HOLD, PLAIN, REJECT, item, unreachable
from tests.support.web_index import WebIndex, web_index

from homeport.domain.digests import Sha256
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, Role
from homeport.domain.rehost import Bytes, Item, Rehost, State

ITEMS = (
    item(0, "demo-2.0.tar.gz", b"2.0", version=ReleaseVersion.parse("2.0")),
    item(0, "demo-1.8.tar.gz", b"held", findings=(HOLD,)),
    item(0, "demo-1.7.tar.gz", b"rejected", findings=(REJECT,)),
    item(0, "demo-1.6.tar.gz", b"plain", evidence=PLAIN, url="http://files.example/demo-1.6.tar.gz"),
    unreachable(0, "demo-1.5.tar.gz"),
)
RIGHT = Sha256.of(b"plain").hex


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
    """Ada's project, which Bob maintains too."""
    project = index.project("demo", "ada")
    bob = index.user("bob")
    with index.world.store.write() as tx:
        tx.projects.grant(project.id, bob.id, Role.MAINTAINER)
    return project


@pytest.fixture
def rehost(index: WebIndex, demo: Project) -> Rehost:
    """A plan with an item of every sort."""
    return index.plan(demo, ITEMS)


def page_of(rehost: Rehost) -> str:
    """Where the review is."""
    return f"/manage/rehosts/{rehost.id}"


def item_page(index: WebIndex, rehost: Rehost, name: str) -> str:
    """Where an item is."""
    return f"{page_of(rehost)}/items/{index.items(rehost)[name].id}"


def ticked(shown: Shown) -> set[str]:
    """The ticked items."""
    return {
        box.attributes["value"]
        for box in shown.page.all("input", name="accept")
        if "checked" in box.attributes
    }


def press(browser: Browser, shown: Shown, **changes: str | list[str]) -> Shown:
    """Press a button of the form that decides."""
    (form,) = (one for one in shown.page.all("form") if one.attributes.get("id") == "review")
    return browser.arrive(browser.post(shown.path, {**filled_in(form), **changes}))


def told(shown: Shown) -> str:
    """What the page says that it did, or why it did nothing."""
    notes = shown.page.all("p", role="status") + shown.page.all("section", role="alert")
    return " ".join(note.text for note in notes)


def test_decisions_are_there_when_one_comes_back(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """Saved ticks and digests are in the page that anybody who maintains the project opens later."""
    shown = ada.get(page_of(rehost))
    assert "Nothing is decided yet" in shown.page.the("main").text
    items = index.items(rehost)
    held, plain = (str(items[f"demo-1.{n}.tar.gz"].id) for n in (8, 6))
    saved = press(ada, shown, do="save", accept=[held, plain], **{f"sha256-{plain}": f" {RIGHT.upper()}"})
    assert "Saved as revision 1." in told(saved)
    again = index.signed_in("bob").get(page_of(rehost))
    assert ticked(again) == {held, plain}
    assert again.page.the("input", name=f"sha256-{plain}").attributes["value"] == RIGHT
    assert "saved by ada" in again.page.the("main").text
    emptied = press(ada, saved, do="save", **{f"sha256-{plain}": ""})
    assert "Saved as revision 2." in told(emptied)
    assert press(ada, emptied, do="save", **{f"sha256-{plain}": "abc"}).status == 400


def test_the_later_save_sees_what_changed(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """Who saves over what they did not see is told who changed what; their own choice is still there, and goes through."""
    items = index.items(rehost)
    good, held = (str(items[name].id) for name in ("demo-2.0.tar.gz", "demo-1.8.tar.gz"))
    shown, bob = ada.get(page_of(rehost)), index.signed_in("bob")
    press(bob, bob.get(page_of(rehost)), do="save", accept=[])
    refused = press(ada, shown, do="save", accept=[good, held])
    assert refused.status == 409
    assert "bob saved this review after you opened it" in told(refused)
    assert "demo-2.0.tar.gz: bob left it out." in told(refused)
    news = next(card for card in refused.page.all("article") if "demo-2.0.tar.gz" in card.text)
    assert "bob left it out." in news.text
    assert held in ticked(refused), "what was chosen is still chosen"
    assert good not in ticked(refused), "what was not touched is as the other left it"
    saved = press(ada, refused, do="save")
    assert saved.status == 200
    assert held in ticked(saved)
    assert good not in ticked(saved)


def test_many_changes_of_others_are_one_sentence(index: WebIndex, ada: Browser, demo: Project) -> None:
    """How many there are is said; which they are is folded below."""
    rehost = index.plan(demo, many(10))
    shown, bob = ada.get(page_of(rehost)), index.signed_in("bob")
    press(bob, bob.get(page_of(rehost)), do="save", accept=[])
    held = str(index.items(rehost)["demo-1.0.tar.gz"].id)
    refused = press(ada, shown, do="save", accept=[held])
    alert = refused.page.the("section", role="alert")
    assert "and decided about 9 files." in alert.all("p")[0].text
    assert len(alert.the("details").all("li")) == 9
    assert "bob left it out." in alert.the("details").text


def test_nothing_is_accepted_over_what_was_not_seen(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """An answer to a review that somebody changed since is no answer, even where it would change nothing."""
    shown, bob = ada.get(page_of(rehost)), index.signed_in("bob")
    held = str(index.items(rehost)["demo-1.8.tar.gz"].id)
    press(bob, bob.get(page_of(rehost)), do="save", accept=[held])
    refused = ada.submit(shown, "accept", basis="author", agree="on")
    assert refused.status == 409
    assert held in ticked(refused)
    assert not is_agreed(refused), "these are other files"
    assert refused.page.the("input", name="basis", value="author").attributes["checked"] == ""
    assert index.rehost(rehost.id).state is State.PLANNED


def is_agreed(shown: Shown) -> bool:
    """True when the statement is ticked."""
    return "checked" in shown.page.the("input", name="agree").attributes


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_the_agreement_is_to_what_is_shown(index: WebIndex, ada: Browser, rehost: Rehost, who: str) -> None:
    """It stays while one decides on, and goes when the page that comes shows what somebody else decided meanwhile."""
    shown, other = ada.get(page_of(rehost)), index.signed_in(who)
    held = str(index.items(rehost)["demo-1.8.tar.gz"].id)
    if who == "bob":
        press(other, other.get(page_of(rehost)), do="save", accept=[held])
        after = press(ada, shown, agree="on", basis="author")
    else:
        after = press(ada, shown, do="save", agree="on", basis="author", accept=[held])
    assert held in ticked(after)
    assert is_agreed(after) is (who == "ada")


def many(count: int) -> list[Item]:
    """So many items, of which every tenth is held."""
    return [
        item(0, f"demo-1.{n}.tar.gz", str(n).encode(), findings=() if n % 10 else (HOLD,))
        for n in range(count)
    ]


def test_decisions_about_all_that_a_filter_shows(index: WebIndex, ada: Browser, demo: Project) -> None:
    """One button decides about every page of what is shown, and not about what the fields say but do not show yet."""
    rehost = index.plan(demo, many(230))
    shown = ada.get(f"{page_of(rehost)}?show=held")
    assert "23 files of 230" in shown.page.the("main").text
    done = press(ada, shown, do="tick-shown", show="all")
    assert "it holds for all files that this filter shows" in told(done)
    everything = press(ada, done, **{"only-show": "ticked"})
    assert "230 files of 230" in everything.page.the("main").text
    left = press(ada, everything, do="leave-shown")
    assert "0 ticked" in left.page.the("section", id="answer").the("h2").text.replace("0 files ", "0 ")
    back = press(ada, press(ada, left, look="1", show="left-out"), do="reset-shown")
    assert "Saved as revision 3" in told(back)
    whole = ada.get(page_of(rehost))
    assert "207 files ticked on all pages" in whole.page.the("main").text
    assert press(ada, whole, do="explode").status == 400


def test_going_back_is_never_an_expired_form(index: WebIndex, ada: Browser, demo: Project) -> None:
    """A filter, a page, and a saved draft are addresses: what was ticked is in the draft, and the page can be loaded again."""
    rehost = index.plan(demo, many(230))
    shown = ada.get(page_of(rehost))
    (form,) = (one for one in shown.page.all("form") if one.attributes.get("id") == "review")
    fields = filled_in(form)
    kept = sorted(ticked(shown))[1:]
    filtered = ada.post(shown.path, {**fields, "accept": kept, "look": "1", "show": "held", "q": "demo-1.1"})
    assert filtered.status == 303
    assert filtered.goes_to == f"{page_of(rehost)}?show=held&q=demo-1.1"
    assert ticked(ada.get(page_of(rehost))) == set(kept)
    page = ada.get(filtered.goes_to)
    (form,) = (one for one in page.page.all("form") if one.attributes.get("id") == "review")
    for changes, place in (
        ({"look": "1", "show": "all", "q": ""}, ""),
        ({"page": "2"}, "?show=held&q=demo-1.1&page=2"),
        ({"only-show": "decision"}, "?show=decision"),
        ({"do": "save"}, "?show=held&q=demo-1.1&saved=1"),
        ({"do": "tick-shown"}, "?show=held&q=demo-1.1&saved=2&of=all"),
    ):
        went = ada.post(page.path, {**filled_in(form), **changes})
        assert (went.status, went.goes_to) == (303, f"{page_of(rehost)}{place}")
    saved = f"{page_of(rehost)}?saved=2&of=all"
    assert "Saved as revision 2: it holds for all" in told(ada.get(saved))
    assert "Saved" not in told(ada.get(f"{page_of(rehost)}?saved=1")), (
        "what was saved since is not told as now"
    )
    words = ada.post(
        page.path, {**filled_in(form), "revision": "2", "look": "1", "show": "all", "basis": "author"}
    )
    assert words.status == 200, "what no draft keeps is not lost"
    assert words.page.all("input", name="basis", checked="")


def test_hashes_are_pasted(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """A pasted list names many sha256s at once; what it contradicts is closed until it is taken back."""
    shown = ada.get(page_of(rehost))
    lines = f"{RIGHT}  demo-1.6.tar.gz\n{'0' * 64}  demo-2.0.tar.gz\n{'1' * 64}  demo-9.9.tar.gz\n"
    held = str(index.items(rehost)["demo-1.8.tar.gz"].id)
    wrong = str(index.items(rehost)["demo-2.0.tar.gz"].id)
    done = press(ada, shown, do="hashes", hashes=lines, accept=[held, wrong])
    assert "1 matched, 1 mismatched" in told(done)
    assert "demo-9.9.tar.gz" in done.page.the("main").text
    assert ticked(done) == {held, str(index.items(rehost)["demo-1.6.tar.gz"].id)}
    card = next(one for one in done.page.all("article") if "demo-2.0.tar.gz" in one.text)
    assert "named sha256" in card.text
    assert "empty the field to take it back" in card.text
    assert wrong in ticked(press(ada, done, do="save", **{f"sha256-{wrong}": ""}, hashes=""))
    refused = press(ada, done, do="hashes", hashes="no hash")
    assert refused.status == 400
    assert refused.page.the("textarea", name="hashes").text == "no hash"


def test_the_answer_is_found(index: WebIndex, ada: Browser, demo: Project) -> None:
    """The link at the top leads to what is to be done next: fetching, answering, or what else there is."""
    listed = item(0, "demo-1.0.tar.gz", None, bytes=Bytes.LISTED)
    for items, place in (([listed], "fetch"), (ITEMS, "answer"), ((), "next")):
        page = ada.get(page_of(index.plan(demo, items))).page
        (link,) = (one for one in page.all("a") if one.attributes.get("href") == f"#{place}")
        assert link.text
        assert [one for one in page.the("main").everything() if one.attributes.get("id") == place]


def test_turning_pages_of_an_answered_plan_saves_nothing(
    index: WebIndex, ada: Browser, rehost: Rehost
) -> None:
    """A page that was open while the plan was answered still turns, and decides nothing."""
    shown = ada.get(page_of(rehost))
    ada.submit(ada.get(page_of(rehost)), "refuse")
    assert press(ada, shown, page="2").status == 200
    assert press(ada, shown, do="save", accept=[]).status == 409


# One item


def test_an_item_has_its_page(index: WebIndex, ada: Browser, demo: Project) -> None:
    """How it came, TLS, claims, findings with what to do, and what is different from the version before."""
    old, new = (
        make_wheel("demo", version, files={"demo/a.py": version.encode(), f"demo/only_{version[0]}.py": b"x"})
        for version in ("1.0", "2.0")
    )
    for data in (old, new):
        with index.world.blobs.receive(1 << 20) as incoming:
            incoming.write(data)
            incoming.keep()
    fetched = FetchFacts(
        "https://files.example/x", "2026-03-04T05:06:07Z", "2026-03-04T05:06:08Z", 200, "application/zip",
        is_tls=True, tls_protocol="TLSv1.3", tls_leaf_sha256="ab" * 32, tls_issuer="Example CA",
    )  # fmt: skip
    items = [
        item(
            0,
            f"demo-{version}-py3-none-any.whl",
            data,
            version=ReleaseVersion.parse(version),
            findings=findings,
            fetched=fetched,
        )
        for version, data, findings in (("1.0", old, ()), ("2.0", new, (HOLD,)))
    ]
    rehost = index.plan(demo, items)
    shown = ada.get(item_page(index, rehost, "demo-2.0-py3-none-any.whl"))
    text = shown.page.the("main").text
    for words in (
        "TLSv1.3, certificate by Example CA",
        "A person must look.",
        "What to do:",
        "from demo-1.0-py3-none-any.whl, in this plan",
        "1 file added, 1 file removed",
        "demo/only_2.py",
        "demo/only_1.py",
        "demo/a.py",
        "1 of 2",
    ):
        assert words in text
    went = ada.submit(shown, "accept")
    assert went.goes_to == item_page(index, rehost, "demo-1.0-py3-none-any.whl")
    assert (
        "It is accepted"
        in ada.get(item_page(index, rehost, "demo-2.0-py3-none-any.whl")).page.the("main").text
    )


def test_deciding_item_by_item(index: WebIndex, ada: Browser, rehost: Rehost) -> None:
    """A decision leads to the next item that the filter shows; a sha256 alone stays; a wrong one is kept and told."""
    path = item_page(index, rehost, "demo-1.5.tar.gz")
    shown = ada.get(f"{path}?show=decision")
    (form,) = (one for one in shown.page.the("main").all("form"))
    left = ada.post(f"{path}?show=decision", {**filled_in(form), "do": "leave-out"})
    assert left.goes_to == f"{item_page(index, rehost, 'demo-1.6.tar.gz')}?show=decision"
    plain = ada.get(item_page(index, rehost, "demo-1.6.tar.gz"))
    wrong = ada.submit(plain, "name", sha256="0" * 64)
    assert wrong.status == 400
    assert wrong.page.the("input", name="sha256").attributes["value"] == "0" * 64
    named = ada.submit(plain, "name", sha256=RIGHT)
    assert named.goes_to == plain.path
    told = ada.get(plain.path).page.the("main").text
    assert "It is accepted as things stand" in told
    assert "sha256 named by ada" in told
    assert " by ada, sha256" not in told, "nobody decided about it"
    back = ada.submit(ada.get(path), "reset")
    assert back.status == 303
    last = ada.submit(ada.get(item_page(index, rehost, "demo-1.8.tar.gz")), "accept")
    assert last.goes_to == page_of(rehost)
    stale = ada.submit(plain, "leave-out")
    assert stale.status == 409
    assert ada.get(f"{page_of(rehost)}/items/999").status == 404
    closed = ada.get(item_page(index, rehost, "demo-1.7.tar.gz")).page.the("main").text
    assert "It cannot be accepted" in closed
