"""The pages of webhooks and receivers: made and shown once, tested, read, replayed, and taken away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from tests.support.browser import Browser, Shown
from tests.support.hooks import URL, Hooks
from tests.support.outside import Answer
from tests.support.web_index import WebIndex
from tests.support.world import BASE_URL, Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.ledger import Kind
from homeport.domain.receiver import Reception
from homeport.domain.webhook import Feed
from homeport.flows.webhooks import log
from homeport.flows.webhooks.receivers import list_receivers
from homeport.web.app import web_routes

ONCE = "__Host-homeport-once"
OF_DEMO, INDEX, OWN = "/manage/projects/demo/webhooks/", "/admin/webhooks/", "/account/webhooks/"


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def hooks(fakes: Fakes) -> Hooks:
    """An index with ada, who owns demo, and root, who administers it."""
    ada = add_person(fakes.world, "ada")
    add_project(fakes.world, ada)
    hooks = Hooks(fakes, Caller(ada), Caller(add_person(fakes.world, "root", is_admin=True)))
    hooks.answer(Answer(body=b"thanks"))
    return hooks


@pytest.fixture
def index(hooks: Hooks) -> WebIndex:
    """Its browser door."""
    return WebIndex(hooks.world, Starlette(routes=web_routes(hooks.world)))


def secret_on(shown: Shown) -> str:
    """The secret on a page that has just made something."""
    (secret,) = [code.text for code in shown.page.all("code") if code.text.startswith("whsec_")]
    return secret


@pytest.mark.parametrize(("path", "who"), [(OF_DEMO, "ada"), (INDEX, "root"), (OWN, "ada")])
def test_a_webhook_is_made_and_its_secret_shown_once(index: WebIndex, path: str, who: str) -> None:
    """An empty page says what to do; the page that makes one shows the secret, no page does later."""
    browser = index.signed_in(who)
    empty = browser.get(path)
    assert "Nobody is told of anything yet" in empty.page.text
    sent = browser.submit(empty, "add", url=URL)
    assert (sent.status, sent.goes_to) == (303, path)
    made = browser.get(path)
    assert (made.status, len(secret_on(made))) == (200, 50)
    later = browser.get(path)
    assert "ci.example.org" in later.page.text
    assert "whsec_" not in later.page.text
    assert browser.get("/webhooks/1/").status == 200


def test_events_are_chosen(index: WebIndex, hooks: Hooks) -> None:
    """Ticked ones only; what is wrong is told with all that was typed."""
    ada = index.signed_in("ada")
    ada.submit(ada.get(OF_DEMO), "add", url=URL, event=["mode-changed", "file-published"])
    assert "file-published, mode-changed" in ada.get(OF_DEMO).page.text
    wrong = ada.submit(ada.get(OF_DEMO), "add", url="https://gone.example.org/x", event=["mode-changed"])
    assert (wrong.status, "gone.example.org has no address" in wrong.page.text) == (400, True)
    assert wrong.page.the("input", id="url").attributes["value"] == "https://gone.example.org/x"
    assert wrong.page.the("input", value="mode-changed").attributes.keys() >= {"checked"}


def test_a_webhook_is_tested_read_and_replayed(index: WebIndex, hooks: Hooks) -> None:
    """The log shows request and answer; one delivery, or everything from a number, is told again."""
    made = hooks.add(Feed.PROJECT, "file-published")
    ada, path = index.signed_in("ada"), f"/webhooks/{made.hook.id}/"
    assert "Nothing was told yet" in ada.get(path).page.text
    ada.submit(ada.get(path), "test")
    assert "thanks" in ada.get(path).page.text
    serial = hooks.happen(Kind.FILE_PUBLISHED, filename="demo-1.0.tar.gz")
    hooks.work()
    shown = ada.get(path)
    assert "demo-1.0.tar.gz" in shown.page.text
    ada.submit(shown, "replay")
    hooks.work()
    ada.submit(ada.get(path), "replay-from", **{"from": str(serial)})
    hooks.work()
    assert hooks.told() == [("test", 0), *[("file-published", serial)] * 3]
    for wrong in ("", "soon", "99999"):
        assert ada.submit(ada.get(path), "replay-from", **{"from": wrong}).status == 400


def test_failures_are_shown(index: WebIndex, hooks: Hooks) -> None:
    """What was answered, when it is tried again, and why a webhook is disabled; enabling it ends that."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.answer(Answer(500, b"<b>Oops</b>"), Answer(410))
    hooks.happen(Kind.FILE_PUBLISHED)
    hooks.work()
    ada, path = index.signed_in("ada"), f"/webhooks/{made.hook.id}/"
    failing = ada.get(path)
    assert "It answered with status 500." in failing.page.text
    assert "1 failure" in failing.page.text
    assert not failing.page.the("main").all("b")
    hooks.fakes.clock.advance(timedelta(minutes=1))
    hooks.work()
    disabled = index.signed_in("ada").get(path)
    assert "gone for good" in disabled.page.text
    ada = index.signed_in("ada")
    assert ada.submit(ada.get(path), "enable").goes_to == path
    assert ada.submit(ada.get(path), "disable").goes_to == path
    assert "By ada." in ada.get(path).page.text
    assert ada.submit(ada.get(path), "remove").goes_to == OF_DEMO
    assert ada.get(path).status == 404


def test_a_long_log_has_pages(index: WebIndex, hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older deliveries are a page away, and so are the newest; what is no number is no page."""
    monkeypatch.setattr(log, "PAGE_LENGTH", 1)
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.happen(Kind.FILE_PUBLISHED, Kind.FILE_PUBLISHED)
    hooks.work()
    ada, path = index.signed_in("ada"), f"/webhooks/{made.hook.id}/"
    older = ada.get(path).page.the("a", rel="next").attributes["href"]
    assert "To the newest" in ada.get(f"{path}{older}").page.text
    assert "There is nothing older" in ada.get(f"{path}?before=1").page.text
    assert ada.get(f"{path}?before=x").status == 404
    assert ada.get("/webhooks/x/").status == 404


def test_a_receiver_is_made_shown_and_removed(index: WebIndex, hooks: Hooks) -> None:
    """Its address stays on the page, its secret does not; what it was told is listed."""
    ada = index.signed_in("ada")
    assert ada.submit(ada.get(OF_DEMO), "add-receiver", forge="gitlab").goes_to == OF_DEMO
    made = ada.get(OF_DEMO)
    assert secret_on(made)
    (view,) = list_receivers(hooks.world, hooks.ada, "demo")
    later = ada.get(OF_DEMO)
    assert f"{BASE_URL}{view.receiver.path}" in later.page.text
    assert "whsec_" not in later.page.text
    assert "It was told of no release yet." in later.page.text
    now = hooks.world.clock.now()
    with hooks.world.store.write() as tx:
        tx.receivers.add_reception(Reception(0, view.receiver.id, "release v1.2", now, 202, "Looking.", 7))
        tx.receivers.add_reception(Reception(0, view.receiver.id, "release v1.3", now, 409, "No consent."))
    told = ada.get(OF_DEMO)
    assert told.page.the("a", href="/manage/rehosts/7").text == "Rehost 7"
    assert "No consent." in told.page.text
    assert ada.submit(ada.get(OF_DEMO), "add-receiver", forge="bitbucket").status == 400
    token = ada.get(OF_DEMO).page.all("input", name="form_token")[0].attributes["value"]
    nothing = ada.post(OF_DEMO, {"do": "remove-receiver", "form_token": token})
    assert (nothing.status, "none was named" in nothing.page.text) == (400, True)
    ada.submit(ada.get(OF_DEMO), "remove-receiver")
    assert list_receivers(hooks.world, hooks.ada, "demo") == []


def test_it_is_asked_again_who_it_is(index: WebIndex, hooks: Hooks) -> None:
    """What gives an outsider something needs a fresh session: until then a page shows the way to confirm."""
    made = hooks.add()
    ada = index.signed_in("ada")
    hooks.fakes.clock.advance(timedelta(hours=1))
    for path in (OF_DEMO, f"/webhooks/{made.hook.id}/"):
        shown = ada.get(path)
        assert shown.status == 200
        assert shown.page.the("main").all("a", href=f"/confirm/?next={path.replace('/', '%2F')}")
        assert not shown.page.the("main").all("button", value="remove")
    page = ada.get(OWN)
    assert page.page.the("form", **{"class": "card"}).all("input", name="own_password", type="password")
    refused = ada.submit(page, "add", url="https://ci.example.org/told")
    assert refused.status == 403
    assert refused.page.the("input", id="url").attributes["value"] == "https://ci.example.org/told", (
        "nothing is lost"
    )


def test_the_way_there(index: WebIndex) -> None:
    """Owners find it from their project, people from their account."""
    ada: Browser = index.signed_in("ada")
    assert ada.get("/manage/projects/demo/members/").page.all("a", href=OF_DEMO)
    assert ada.get("/account/").page.all("a", href=OWN)


def test_a_new_secret_is_shown_once(index: WebIndex, hooks: Hooks) -> None:
    """Also of a webhook and of a receiver that are there: by the page after the form, to this session, and no other page."""
    made = hooks.add(Feed.PROJECT, "file-published")
    ada, path = index.signed_in("ada"), f"/webhooks/{made.hook.id}/"
    assert ada.submit(ada.get(path), "renew").goes_to == path
    assert "whsec_" not in ada.get(OF_DEMO).html
    stranger = index.signed_in("ada")
    stranger.cookies[ONCE] = ada.cookies[ONCE]
    assert "whsec_" not in stranger.get(path).html, "it is another session's"
    assert secret_on(ada.get(path))
    assert ONCE not in ada.cookies
    assert "whsec_" not in ada.get(path).html
    ada.submit(ada.get(OF_DEMO), "add-receiver", forge="gitlab")
    first = secret_on(ada.get(OF_DEMO))
    ada.submit(ada.get(OF_DEMO), "renew-receiver")
    assert secret_on(ada.get(OF_DEMO)) != first
    ada.cookies[ONCE] = "e30=.0"
    assert "whsec_" not in ada.get(OF_DEMO).html


def test_webhooks_at_one_host_are_told_apart(index: WebIndex, hooks: Hooks) -> None:
    """Those who may see the whole address do, each once; of others' webhooks an administrator sees the host."""
    hooks.add(Feed.PROJECT, "file-published")
    root = index.signed_in("root")
    for path in ("one", "two?x=1"):
        root.submit(root.get(INDEX), "add", url=f"https://ci.example.org/{path}")
        root.get(INDEX)
    shown = root.get(INDEX).page
    names = [cell.text for cell in shown.all("td", **{"data-label": "Address"})]
    assert sorted(names) == ["ci.example.org /one", "ci.example.org /two?x=1"]
    assert [cell.text for cell in shown.all("td", **{"data-label": "Host"})] == ["ci.example.org"]


def test_nothing_is_replayed_when_nothing_is_named(index: WebIndex, hooks: Hooks) -> None:
    """A form without a delivery is refused, not done."""
    made = hooks.add(Feed.PROJECT, "file-published")
    ada, path = index.signed_in("ada"), f"/webhooks/{made.hook.id}/"
    token = ada.get(path).page.all("input", name="form_token")[0].attributes["value"]
    sent = ada.post(path, {"do": "replay", "form_token": token})
    assert (sent.status, "none was named" in sent.page.text) == (400, True)
