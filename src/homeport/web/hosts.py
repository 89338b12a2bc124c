"""Other people's servers, for administrators: how they stand, and what may be decided about them."""

from collections.abc import Callable
from functools import partial
from urllib.parse import quote, urlencode

from homeport.domain.errors import Invalid, Refusal
from homeport.domain.manners import HostState, parse_moment
from homeport.domain.proposal import Act, Deed, Proposal
from homeport.flows.manners import hosts
from homeport.flows.proposals import PATH as PROPOSALS
from homeport.flows.proposals import or_propose
from homeport.formats.dashboard_json import host_row_json, hosts_csv
from homeport.web.exports import export
from homeport.web.filters import chosen
from homeport.web.page import Asked, Download, GoTo, Page

_LIST = "/admin/hosts/"


def show_hosts(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Hosts by name, a page at a time, all or those that stand so."""
    caller, text = asked.caller(), asked.query.get("q", "")[:200].strip()
    after, state = asked.query.get("after", ""), chosen(asked.query, "state", HostState)
    listed = hosts.list_hosts(asked.world, caller, state, text, after=after)
    kept = {"q": text} if text else {}
    here = kept | ({"state": state.value} if state else {})
    return Page(
        "hosts.html",
        {
            "listed": listed,
            "text": text,
            "state": state,
            "states": {"": _address(kept)}
            | {one: _address(kept | {"state": one.value}) for one in HostState},
            "is_begin": not after,
            "begin": _address(here),
            "following": _address(here | {"after": listed.after}) if listed.after else "",
            "export_query": urlencode(here),
            "politeness": asked.world.politeness,
            "form": asked.form,
        },
        refusal,
    )


def download(asked: Asked) -> Download:
    """The same hosts, all of them, as ``hosts.csv`` or ``hosts.json``."""
    text, state = asked.query.get("q", "")[:200].strip(), chosen(asked.query, "state", HostState)
    views = hosts.every_host(asked.world, asked.caller(), state, text)
    pieces = ([(view.host, view.state) for view in piece] for piece in views)
    return export(
        asked.params["file"],
        "hosts",
        lambda: hosts_csv(pieces),
        lambda: (host_row_json(*one) for piece in pieces for one in piece),
    )


def send_hosts(asked: Asked) -> Page | GoTo:
    """Freeze a host, also one that was never asked."""
    caller, form = asked.caller(), asked.form
    try:
        form.chosen({"freeze": True})
        view = hosts.freeze_host(asked.world, caller, form.text("name"), form.text("reason"))
    except Refusal as refusal:
        return show_hosts(asked, refusal)
    return GoTo(f"{_LIST}{quote(view.host.name, safe='')}/")


def show_host(asked: Asked, refusal: Refusal | None = None) -> Page:
    """One host, and what an administrator may do with it."""
    view = hosts.show_host(asked.world, asked.caller(), asked.params["name"])
    return Page(
        "host.html", {"view": view, "politeness": asked.world.politeness, "form": asked.form}, refusal
    )


def send_host(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says."""
    asked.caller()
    try:
        is_waiting = asked.form.chosen(_ACTIONS)(asked, asked.params["name"])
    except Refusal as refusal:
        return show_host(asked, refusal)
    return GoTo(PROPOSALS if is_waiting else asked.path)


def _freeze(asked: Asked, name: str) -> None:
    hosts.freeze_host(asked.world, asked.caller(), name, asked.form.text("reason"))


def _unfreeze(asked: Asked, name: str) -> bool:
    caller, reason = asked.fresh_caller(), asked.form.text("reason")
    deed = Deed(Act.UNFREEZE_HOST, subject=name)
    do = partial(hosts.unfreeze_host, asked.world, caller, name, reason)
    return isinstance(or_propose(asked.world, caller, deed, reason, do), Proposal)


def _rest(asked: Asked, name: str) -> None:
    if not asked.form.text("until"):
        raise Invalid("Say until when the host rests.", code="moment-missing")
    hosts.rest_host(asked.world, asked.caller(), name, parse_moment(asked.form.text("until")))


def _wake(asked: Asked, name: str) -> None:
    hosts.wake_host(asked.world, asked.caller(), name)


# Each says whether what it does waits for a second administrator.
_ACTIONS: dict[str, Callable[[Asked, str], bool | None]] = {
    "freeze": _freeze,
    "unfreeze": _unfreeze,
    "rest": _rest,
    "wake": _wake,
}


def _address(query: dict[str, str]) -> str:
    return f"?{urlencode(query)}" if query else _LIST
