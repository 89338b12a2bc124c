"""Webhooks of the index, of a project, and of a person; one webhook with its log; and the receivers of a project."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from markupsafe import Markup

from homeport.domain.errors import Invalid, Refusal
from homeport.domain.receiver import Forge, Receiver
from homeport.domain.row_id import row_id
from homeport.domain.webhook import Feed, Webhook
from homeport.domain.webhook_events import EVENTS, PROJECT_EVENTS
from homeport.flows.manage_project import show_project
from homeport.flows.webhooks import log, manage, oversee, receivers
from homeport.web import overseen
from homeport.web.once import Once
from homeport.web.page import Asked, GoTo, Page

_HOOK, _RECEIVER, _RENEWED = "hook", "receiver", "renewed"
_EVENTS = {Feed.INDEX: EVENTS, Feed.PROJECT: PROJECT_EVENTS, Feed.PERSON: {}}


def show_index(asked: Asked) -> Page:
    """The index's webhooks, for administrators."""
    return _page(asked, Feed.INDEX)


def send_index(asked: Asked) -> Page | GoTo:
    """Add one of them."""
    return _sent(asked, Feed.INDEX, {**_ADDING, **_OVERSEEING})


def show_own(asked: Asked) -> Page:
    """A person's own webhooks."""
    return _page(asked, Feed.PERSON)


def send_own(asked: Asked) -> Page | GoTo:
    """Add one of them."""
    return _sent(asked, Feed.PERSON, _ADDING)


def show_of_project(asked: Asked) -> Page:
    """A project's webhooks and receivers, for its owners."""
    return _page(asked, Feed.PROJECT)


def send_of_project(asked: Asked) -> Page | GoTo:
    """Add one of them, or remove a receiver."""
    return _sent(asked, Feed.PROJECT, {**_ADDING, **_RECEIVING})


def _page(asked: Asked, feed: Feed, refusal: Refusal | None = None) -> Page:
    caller, name = asked.caller(), asked.params.get("name", "")
    hooks = manage.list_hooks(asked.world, caller, feed, name)
    of_project = feed is Feed.PROJECT
    views = receivers.list_receivers(asked.world, caller, name) if of_project else ()
    return Page(
        "webhooks.html",
        {
            "feed": feed,
            "hooks": hooks,
            "events": _EVENTS[feed],
            "project": show_project(asked.world, name).project if of_project else None,
            "receivers": views,
            "forges": list(Forge),
            "made": _made(asked.once, hooks, [view.receiver for view in views]),
            "now": asked.world.clock.now(),
            "form": asked.form,
            **(overseen.values(asked) if feed is Feed.INDEX else {}),
        },
        refusal,
    )


def _made(once: Once | None, hooks: Sequence[Webhook], stands: Sequence[Receiver]) -> Mapping[str, object]:
    """What the form before this page made, with its secret."""
    if once is None:
        return {}
    there = hooks if once.what == _HOOK else stands
    made = next((one for one in there if one.id == once.id), None)
    # Secrets are letters and digits, and shown once.
    return {once.what: made, "secret": Markup(once.secret)} if made else {}  # noqa: S704


Action = Callable[[Asked, Feed], Once | None]


def _sent(asked: Asked, feed: Feed, actions: Mapping[str, Action]) -> Page | GoTo:
    asked.caller()
    try:
        once = asked.form.chosen(actions)(asked, feed)
    except Refusal as refusal:
        return _page(asked, feed, refusal)
    return GoTo(asked.path, once=once)


def _add_hook(asked: Asked, feed: Feed) -> Once:
    form = asked.form
    wish = manage.HookWish(feed, form.text("url"), form.texts("event"), asked.params.get("name", ""))
    made = manage.add_hook(asked.world, asked.fresh_caller(), wish)
    return Once(asked.path, _HOOK, made.hook.id, made.secret)


def _add_receiver(asked: Asked, feed: Feed) -> Once:  # noqa: ARG001 - as every action has it
    forge = Forge.parse(asked.form.text("forge"))
    made = receivers.add_receiver(asked.world, asked.fresh_caller(), asked.params["name"], forge)
    return Once(asked.path, _RECEIVER, made.receiver.id, made.secret)


def _remove_receiver(asked: Asked, feed: Feed) -> None:  # noqa: ARG001 - as every action has it
    named = asked.form.numbers("receiver")
    if not named:
        raise Invalid("Say which receiver is removed: none was named.", code="receiver-missing")
    for number in named:
        receivers.remove_receiver(asked.world, asked.fresh_caller(), number)


def _renew_receiver(asked: Asked, feed: Feed) -> Once:  # noqa: ARG001 - as every action has it
    number = row_id(asked.form.text("receiver"), "receiver")
    made = receivers.renew_receiver_secret(asked.world, asked.fresh_caller(), number)
    return Once(asked.path, _RENEWED, made.receiver.id, made.secret)


def _stop_receiver(asked: Asked, feed: Feed) -> None:  # noqa: ARG001 - as every action has it
    overseen.stop_receiver(asked)


def _let_receiver_go(asked: Asked, feed: Feed) -> None:  # noqa: ARG001 - as every action has it
    overseen.let_receiver_go(asked)


_ADDING: Mapping[str, Action] = {"add": _add_hook}
_RECEIVING: Mapping[str, Action] = {
    "add-receiver": _add_receiver,
    "renew-receiver": _renew_receiver,
    "remove-receiver": _remove_receiver,
}
_OVERSEEING: Mapping[str, Action] = {"stop-receiver": _stop_receiver, "let-receiver-go": _let_receiver_go}


def show_hook(asked: Asked, refusal: Refusal | None = None) -> Page:
    """One webhook: how it stands, and what it was told and answered, newest first."""
    hook_id, before = _hook_id(asked), asked.query.get("before", "")
    number = row_id(before, "delivery") if before else 0
    shown = log.show_log(asked.world, asked.caller(), hook_id, before=number)
    return Page(
        "webhook.html",
        {
            "log": shown,
            "hook": shown.hook,
            "is_begin": not number,
            "following": f"?{urlencode({'before': shown.before})}" if shown.before else "",
            # A secret is letters and digits, and shown once.
            "secret": Markup(asked.once.secret if asked.once else ""),  # noqa: S704
            "now": asked.world.clock.now(),
            "form": asked.form,
        },
        refusal,
    )


def send_hook(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    asked.caller()
    try:
        if asked.form.text("do") == "renew":
            made = manage.renew_secret(asked.world, asked.fresh_caller(), _hook_id(asked))
            return GoTo(asked.path, once=Once(asked.path, _HOOK, made.hook.id, made.secret))
        path = asked.form.chosen(_HOOK_ACTIONS)(asked)
    except Refusal as refusal:
        return show_hook(asked, refusal)
    return GoTo(path)


def _try(asked: Asked) -> str:
    log.try_hook(asked.world, asked.fresh_caller(), _hook_id(asked))
    return asked.path


def _enable(asked: Asked) -> str:
    manage.enable_hook(asked.world, asked.fresh_caller(), _hook_id(asked))
    return asked.path


def _disable(asked: Asked) -> str:
    manage.disable_hook(asked.world, asked.fresh_caller(), _hook_id(asked))
    return asked.path


def _remove(asked: Asked) -> str:
    return manage.remove_hook(asked.world, asked.fresh_caller(), _hook_id(asked)).page


def _replay(asked: Asked) -> str:
    deliveries = asked.form.numbers("delivery")
    if not deliveries:
        raise Invalid("Say which delivery is sent again: none was named.", code="delivery-missing")
    for number in deliveries:
        log.replay_delivery(asked.world, asked.fresh_caller(), _hook_id(asked), number)
    return asked.path


def _replay_from(asked: Asked) -> str:
    text = asked.form.text("from")
    if not text.isdecimal():
        raise Invalid(
            "Say with which number to begin: every delivery in the log has one.", code="serial-unknown"
        )
    log.replay_from(asked.world, asked.fresh_caller(), _hook_id(asked), row_id(text, "entry"))
    return asked.path


def _stop(asked: Asked) -> str:
    oversee.stop_hook(asked.world, asked.fresh_caller(), _hook_id(asked), asked.form.text("why"))
    return asked.path


def _let_go(asked: Asked) -> str:
    oversee.let_hook_go(asked.world, asked.fresh_caller(), _hook_id(asked), asked.form.text("why"))
    return asked.path


_HOOK_ACTIONS: Mapping[str, Callable[[Asked], str]] = {
    "test": _try,
    "enable": _enable,
    "disable": _disable,
    "remove": _remove,
    "replay": _replay,
    "replay-from": _replay_from,
    "stop": _stop,
    "let-go": _let_go,
}


def _hook_id(asked: Asked) -> int:
    return row_id(asked.params["id"], "webhook")
