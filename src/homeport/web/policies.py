"""The policy of the index: what holds, and the one form that changes it."""

from functools import partial

from homeport.domain.errors import Refusal
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import FIELDS, CacheChooser, Decided, HostingPolicy, changed_fields
from homeport.domain.proposal import Act, Deed, Proposal
from homeport.domain.rights import require_admin
from homeport.flows.policies import PATH, PolicyView, change_policy, every_decision, show_policy
from homeport.flows.proposals import PATH as PROPOSALS
from homeport.flows.proposals import or_propose
from homeport.formats.policy_json import decided_json, decisions_csv
from homeport.web.exports import export
from homeport.web.form import NO_FORM
from homeport.web.page import Asked, Download, GoTo, Page


def show_page(asked: Asked, refusal: Refusal | None = None) -> Page:
    """The policy as it is, or as it was typed when that was refused, and what was decided before."""
    require_admin(asked.caller())
    view = show_policy(asked.world)
    kept = view.now.policy.to_texts()
    return Page(
        "policies.html",
        {
            "now": view.now,
            "texts": kept if asked.form is NO_FORM else kept | _typed(asked),
            "revision": view.now.revision if asked.form is NO_FORM else asked.form.text("revision"),
            "changes": _changes(view),
            "modes": list(HostingMode),
            "choosers": list(CacheChooser),
            "levels": list(Level),
            "form": asked.form,
        },
        refusal,
    )


def download(asked: Asked) -> Download:
    """Every policy there was, as ``policies.csv`` or ``policies.json``."""
    pieces = every_decision(asked.world, asked.caller())
    return export(
        asked.params["file"],
        "policies",
        lambda: decisions_csv(pieces),
        lambda: (decided_json(decided) for piece in pieces for decided in piece),
    )


def _changes(view: PolicyView) -> list[tuple[Decided, dict[str, tuple[str, str]]]]:
    """Every decision with what it changed; the first one changed the defaults, of any other that is the oldest it is not known."""
    pairs = zip(view.history, view.history[1:], strict=False)
    return [(later, changed_fields(earlier.policy, later.policy)) for later, earlier in pairs] + [
        (oldest, changed_fields(HostingPolicy(), oldest.policy) if oldest.revision == 1 else {})
        for oldest in view.history[-1:]
    ]


def send_page(asked: Asked) -> Page | GoTo:
    """Change what was changed in the form, or propose it where that takes two."""
    asked.caller()
    try:
        asked.form.chosen({"change": True})
        world, caller, reason = asked.world, asked.fresh_caller(), asked.form.text("reason")
        kept = show_policy(world).now.policy.to_texts()
        changes = {name: text for name, text in _typed(asked).items() if text != kept[name]}
        change = partial(
            change_policy, world, caller, changes, reason, revision=asked.form.number("revision")
        )
        done = or_propose(world, caller, Deed(Act.CHANGE_POLICY, changes=changes), reason, change)
    except Refusal as refusal:
        return show_page(asked, refusal)
    return GoTo(PROPOSALS if isinstance(done, Proposal) else PATH)


def _typed(asked: Asked) -> dict[str, str]:
    form = asked.form
    typed = {name: form.text(name).strip() for name in FIELDS if name in form.fields}
    # Boxes that are not ticked are not sent.
    return typed | {"allowed_modes": ", ".join(form.texts("allowed_modes"))}
