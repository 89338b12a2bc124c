"""The webhooks and receivers of everybody, as administrators see them: two lists, each as a file, too."""

from collections.abc import Mapping
from urllib.parse import urlencode

from homeport.domain.row_id import row_id
from homeport.domain.webhook import Feed, HookState
from homeport.flows.webhooks import oversee
from homeport.formats.webhook_json import (
    hooks_csv,
    overseen_hook_json,
    overseen_receiver_json,
    receivers_csv,
)
from homeport.ports.webhooks import HookFilter
from homeport.web.exports import export
from homeport.web.filters import chosen, unknown
from homeport.web.page import Asked, Download

_LIST = "/admin/webhooks/"
_FILTERS = ("feed", "owner", "state", "failures")
_LONGEST = 200
_MOST_FAILURES = 9


def values(asked: Asked) -> Mapping[str, object]:
    """What the page of the index's webhooks shows of all others: both lists, a page of each at a time."""
    query, before, older = _said(asked), _number(asked, "before"), _number(asked, "older")
    hooks = oversee.list_hooks_of_all(asked.world, asked.caller(), _filter(query, before))
    stands = oversee.list_receivers_of_all(asked.world, asked.caller(), _filter(query, older))
    return {
        "all_hooks": hooks.hooks,
        "all_receivers": stands.stands,
        "wanted": {name: query.get(name, "") for name in _FILTERS},
        "query": urlencode(query),
        "feeds": list(Feed),
        "states": list(HookState),
        "is_begin": not (before or older),
        "begin": f"?{urlencode(query)}" if query else _LIST,
        "more_hooks": f"?{urlencode({**query, 'before': hooks.before})}" if hooks.before else "",
        "more_receivers": f"?{urlencode({**query, 'older': stands.before})}" if stands.before else "",
    }


def download(asked: Asked) -> Download:
    """All that the filter shows, as ``webhooks`` or ``receivers``, CSV or JSON."""
    wanted, asked_for = _filter(_said(asked), 0), asked.params["file"]
    if asked_for.startswith("receivers."):
        stands = oversee.every_receiver(asked.world, asked.caller(), wanted)
        return export(
            asked_for,
            "receivers",
            lambda: receivers_csv(stands),
            lambda: (overseen_receiver_json(one) for piece in stands for one in piece),
        )
    hooks = oversee.every_hook(asked.world, asked.caller(), wanted)
    return export(
        asked_for,
        "webhooks",
        lambda: hooks_csv(hooks),
        lambda: (overseen_hook_json(one) for piece in hooks for one in piece),
    )


def stop_receiver(asked: Asked) -> None:
    """Stop the receiver that the form names."""
    oversee.stop_receiver(asked.world, asked.fresh_caller(), _receiver(asked), asked.form.text("why"))


def let_receiver_go(asked: Asked) -> None:
    """Let it go again."""
    oversee.let_receiver_go(asked.world, asked.fresh_caller(), _receiver(asked), asked.form.text("why"))


def _receiver(asked: Asked) -> int:
    return row_id(asked.form.text("receiver"), "receiver")


def _number(asked: Asked, name: str) -> int:
    text = asked.query.get(name, "")
    return row_id(text, "webhook") if text else 0


def _said(asked: Asked) -> dict[str, str]:
    """What of the query says which are wanted."""
    said = {name: asked.query.get(name, "").strip()[:_LONGEST] for name in _FILTERS}
    failures = said["failures"]
    if failures and not (failures.isascii() and failures.isdigit() and len(failures) <= _MOST_FAILURES):
        raise unknown("failures", failures, "a number")
    return {name: text for name, text in said.items() if text}


def _filter(query: Mapping[str, str], before: int) -> HookFilter:
    state, feed = chosen(query, "state", HookState), chosen(query, "feed", Feed)
    return HookFilter(query.get("owner", ""), state, int(query.get("failures", "0")), before, feed)
