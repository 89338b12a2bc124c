"""The review page in every state of a rehost: what follows, how far it came, and what cannot follow."""

from dataclasses import replace

import pytest
from tests.support.browser import Browser, Element, token_of
from tests.support.builders import item, unreachable
from tests.support.review_page import ITEMS, page_of
from tests.support.web_index import WebIndex

from homeport.domain.consent import Basis, Consent
from homeport.domain.digests import Sha256
from homeport.domain.project import Project
from homeport.domain.rehost import MOVES, Decision, Item, Rehost, State, Step


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
