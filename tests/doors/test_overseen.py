"""The doors on what an administrator sees and stops, on secrets that are renewed, and on what came from an inner address."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from tests.support.browser import Browser, Shown
from tests.support.hooks import Hooks, hooks_of
from tests.support.outside import Answer
from tests.support.web_index import WebIndex
from tests.support.world import fake_world

from homeport.api.body import Body
from homeport.api.calls import Json
from homeport.api.overseen import OVERSEEN_CALLS
from homeport.api.receivers import RECEIVER_CALLS
from homeport.api.webhooks import WEBHOOK_CALLS
from homeport.domain.account import Caller
from homeport.domain.address import parse_allow
from homeport.domain.errors import Invalid
from homeport.domain.receiver import Forge
from homeport.domain.rights import FRESH_FOR
from homeport.domain.webhook import Feed
from homeport.domain.webhook_signature import BOTH_COUNT_FOR
from homeport.flows.webhooks import oversee
from homeport.flows.webhooks.log import try_hook
from homeport.flows.webhooks.manage import list_hooks
from homeport.flows.webhooks.receivers import add_receiver
from homeport.web.app import web_routes

LIST, OF_DEMO, WHY = "/admin/webhooks/", "/manage/projects/demo/webhooks/", "It asks where nobody may."


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    """An index with ada, who owns demo, and root, who administers it."""
    with fake_world(tmp_path) as fakes:
        yield hooks_of(fakes)


@pytest.fixture
def index(hooks: Hooks) -> WebIndex:
    """Its browser door."""
    return WebIndex(hooks.world, Starlette(routes=web_routes(hooks.world)))


@pytest.fixture
def root(index: WebIndex) -> Browser:
    """The administrator's browser."""
    return index.signed_in("root")


def secrets_on(shown: Shown) -> list[str]:
    """The secrets that a page shows."""
    return [code.text for code in shown.page.all("code") if code.text.startswith("whsec_")]


def test_the_list_of_everybody(hooks: Hooks, root: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by owner, state and failures, a page at a time; where they lead and their secrets are not shown."""
    monkeypatch.setattr(oversee, "PAGE_LENGTH", 1)
    hooks.add()
    own = hooks.add(Feed.PERSON)
    for _ in range(2):
        add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    shown = root.get(LIST)
    assert shown.page.all("a", href=f"/webhooks/{own.hook.id}/")
    for hidden in ("/hook\n", "ci.example.org/hook", "/hooks/", "whsec_"):
        assert hidden not in shown.html
    older = shown.page.the("a", rel="next").attributes["href"]
    assert shown.page.all("a", href="?older=2")
    assert root.get(f"{LIST}{older}").page.all("a", href="/webhooks/1/")
    kept = root.get(f"{LIST}?owner=demo&state=live&failures=0")
    assert kept.page.the("input", id="owner").attributes["value"] == "demo"
    assert kept.page.all("a", href="?owner=demo&state=live&failures=0&older=2")
    of_people = root.get(f"{LIST}?feed=person")
    assert of_people.page.the("option", value="person", selected="").text == "person"
    assert of_people.page.all("a", href=f"/webhooks/{own.hook.id}/")
    assert "No receiver is like that." in of_people.page.text
    assert root.get(f"{LIST}?owner=DEMO").page.all("a", href="/webhooks/1/")
    assert not root.get(f"{LIST}?owner=De.Mo").page.all("a", href="/webhooks/1/")
    none = root.get(f"{LIST}?state=disabled").page.text
    assert ("No webhook here is like that." in none, "No receiver is like that." in none) == (True, True)
    for wrong in ("state=nonsense", "failures=x", "feed=zz"):
        assert root.get(f"{LIST}?{wrong}").status == 400
    assert root.get(f"{LIST}?before=x").status == 404


def test_a_webhook_is_stopped_on_its_page(hooks: Hooks, index: WebIndex, root: Browser) -> None:
    """With a reason; its owner reads it, is offered nothing that starts it, and gets it back when it is let go."""
    made = hooks.add()
    path = f"/webhooks/{made.hook.id}/"
    try_hook(hooks.world, hooks.ada, made.hook.id)
    seen = root.get(path)
    assert "thanks" in seen.page.text
    assert "ci.example.org/hook" not in seen.html
    assert [button.attributes["value"] for button in seen.page.the("main").all("button", name="do")] == [
        "stop"
    ]
    assert root.submit(seen, "stop", why=" ").status == 400
    assert root.submit(root.get(path), "stop", why=WHY).goes_to == path
    ada = index.signed_in("ada")
    offered = {
        button.attributes["value"] for button in ada.get(path).page.the("main").all("button", name="do")
    }
    assert offered == {"renew", "remove"}
    assert WHY in ada.get(path).page.text
    assert root.submit(root.get(path), "let-go", why="A mistake.").goes_to == path
    assert WHY not in ada.get(path).page.text


def test_a_receiver_is_stopped_in_the_list(hooks: Hooks, index: WebIndex, root: Browser) -> None:
    """With a reason, which the project's page shows; and let go."""
    add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    refused = root.submit(root.get(LIST), "stop-receiver", why=" ")
    assert (refused.status, "Say why" in refused.page.text) == (400, True)
    assert root.submit(root.get(LIST), "stop-receiver", why=WHY).goes_to == LIST
    assert WHY in root.get(LIST).page.text
    assert WHY in index.signed_in("ada").get(OF_DEMO).page.text
    assert root.submit(root.get(LIST), "let-receiver-go", why="A mistake.").goes_to == LIST
    assert WHY not in index.signed_in("ada").get(OF_DEMO).page.text


def test_it_is_asked_again_who_it_is(hooks: Hooks, root: Browser) -> None:
    """To stop one an administrator shows who they are, in the form in which the reason is typed."""
    made = hooks.add()
    add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    hooks.fakes.clock.advance(FRESH_FOR + timedelta(minutes=1))
    for path in (LIST, f"/webhooks/{made.hook.id}/"):
        shown = root.get(path)
        posted = [form for form in shown.page.the("main").all("form") if form.attributes["method"] == "post"]
        assert posted
        assert all(form.all("input", name="own_password", type="password") for form in posted)
    refused = root.submit(shown, "stop", why=WHY)
    assert refused.status == 403
    assert refused.page.the("input", id="why").attributes["value"] == WHY
    assert not list_hooks(hooks.world, hooks.ada, made.hook.feed, made.hook.project)[0].stopped_by


def test_secrets_are_renewed_in_place(hooks: Hooks, index: WebIndex) -> None:
    """Each new secret is on the page that made it, and on none later; until when both count stays there."""
    made = hooks.add()
    add_receiver(hooks.world, hooks.ada, "demo", Forge.GITLAB)
    ada, path = index.signed_in("ada"), f"/webhooks/{made.hook.id}/"
    assert ada.submit(ada.get(path), "renew").goes_to == path
    renewed = ada.get(path)
    (secret,) = secrets_on(renewed)
    assert (renewed.status, secret != made.secret) == (200, True)
    later = ada.get(path)
    assert (secrets_on(later), "the one before signs, too" in later.page.text) == ([], True)
    assert ada.submit(ada.get(OF_DEMO), "renew-receiver").goes_to == OF_DEMO
    (told,) = secrets_on(ada.get(OF_DEMO))
    assert told.startswith("whsec_")
    later = ada.get(OF_DEMO)
    assert (secrets_on(later), "the one before is taken until" in later.page.text) == ([], True)
    assert ada.submit(later, "renew-receiver", receiver="99").status == 404
    hooks.fakes.clock.advance(BOTH_COUNT_FOR)
    ada = index.signed_in("ada")
    for page in (path, OF_DEMO):
        assert "the one before" not in ada.get(page).page.text


def test_what_came_from_an_inner_address(hooks: Hooks, index: WebIndex, root: Browser) -> None:
    """The owner's page says that it is not shown; an administrator's shows it."""
    hooks.poster.allow = parse_allow("10.0.0.0/8")
    hooks.outside.move("ci.example.org", "10.0.0.7")
    hooks.answer(Answer(body=b"root:x:0:0"))
    path = f"/webhooks/{hooks.add().hook.id}/"
    ada = index.signed_in("ada")
    ada.submit(ada.get(path), "test")
    shown = ada.get(path).page.text
    assert ("root:x:0:0" in shown, "shown to administrators only" in shown) == (False, True)
    assert "root:x:0:0" in root.get(path).page.text


def ask(hooks: Hooks, caller: Caller, name: str, number: int = 0, **body: object) -> Json:
    """What a call is answered; ``name`` is its method and path."""
    calls = {
        f"{one.method} {one.path}": one.handler for one in (*OVERSEEN_CALLS, *WEBHOOK_CALLS, *RECEIVER_CALLS)
    }
    return calls[name](hooks.world, caller, {"id": str(number)}, Body(body))


def test_calls(hooks: Hooks) -> None:
    """Programs list, stop, let go and renew as the pages do; no answer but the one to who renews holds a secret."""
    made, root, ada = hooks.add(), hooks.root, hooks.ada
    add_receiver(hooks.world, ada, "demo", Forge.GITHUB)
    (one,) = ask(hooks, root, "GET /admin/webhooks", owner="demo", state="live")["webhooks"]
    assert (one["id"], one["host"], one["owner"]) == (made.hook.id, "ci.example.org", "demo")
    assert not {"url", "secret"} & set(one)
    (one,) = ask(hooks, root, "GET /admin/receivers", failures="0")["receivers"]
    assert (one["forge"], one["state"]) == ("github", "live")
    assert not {"url", "key", "secret"} & set(one)
    assert ask(hooks, root, "GET /admin/webhooks", before=str(made.hook.id)) == {
        "webhooks": [],
        "before": None,
    }
    assert ask(hooks, root, "GET /admin/webhooks", owner="demo", feed="person")["webhooks"] == []
    with pytest.raises(Invalid):
        ask(hooks, root, "GET /admin/webhooks", state="nonsense", failures="many")
    with pytest.raises(Invalid):
        ask(hooks, root, "GET /admin/webhooks", feed="nonsense")
    for kind in ("webhooks", "receivers"):
        stop = f"PUT /{kind}/{{id}}/stopped"
        assert ask(hooks, root, stop, 1, stopped=True, reason=WHY)["stopped_by"] == "root"
        assert ask(hooks, root, stop, 1, stopped=False, reason=WHY)["stopped_by"] is None
        renewed = ask(hooks, ada, f"POST /{kind}/{{id}}/secret", 1)
        assert renewed["secret"].startswith("whsec_")
        assert renewed["both_secrets_until"]
    seen = ask(hooks, root, "GET /webhooks/{id}", made.hook.id)
    assert seen["url"] == "https://ci.example.org/"
