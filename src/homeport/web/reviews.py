"""The review of a plan: a maintainer sees every file, ticks, states a basis, and agrees; or refuses.

1. What is shown is what is agreed to: the form carries the digest of the plan, and the version of the statement.
   Who agrees has shown a short while ago who they are, or shows it with the form.
2. A refusal loses nothing: the page comes again with every tick, every typed sha256 and every word. So does another
   page of a large plan, which is turned to by the form itself.
3. What is only listed can be ticked as well: to be fetched. Which of the others were not ticked then is remembered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from homeport.domain.consent import STATEMENT, STATEMENT_VERSION, Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import (
    Conflict,
    Invalid,
    NeedsConsent,
    Refusal,
    all_problems,
)
from homeport.domain.fetching import Wish
from homeport.domain.rehost import MOVES, Plan, Step, acceptable
from homeport.domain.row_id import row_id
from homeport.flows.rehost import review
from homeport.flows.rehost.watch import watch_rehost
from homeport.web.choice import Filter, from_ranges
from homeport.web.confirm import confirm_here
from homeport.web.form import Form
from homeport.web.page import Asked, GoTo, Page
from homeport.web.plan_table import plan_table
from homeport.web.timeline import progress, sentence, timeline

_ACCEPT = "accept"
_FETCH, _FETCH_TICKED, _TURN = "fetch", "fetch-ticked", ""
_KEEPS_DRAFT = {_ACCEPT, _FETCH, _FETCH_TICKED}
_SHA256_FIELDS = "sha256-"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a maintainer filled in so far; ``typed`` holds the text typed as an item's sha256."""

    ticked: frozenset[int]
    typed: Mapping[int, str]
    basis: str = ""
    text: str = ""
    agrees: bool = False
    reason: str = ""
    wish: Wish = field(default_factory=Wish)


def show_review(asked: Asked) -> Page:
    """The plan, ticked as it would be accepted without a choice."""
    view = review.show_rehost(asked.world, asked.caller(), _rehost_id(asked))
    return _page(asked, view, _fresh(view.plan), None)


def send_review(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again with everything that was filled in."""
    caller, rehost_id = asked.caller(), _rehost_id(asked)
    wanted, secret = asked.form.text("do"), None
    if wanted == _TURN:
        view = review.show_rehost(asked.world, caller, rehost_id)
        return _page(asked, view, _draft(asked.form), None)
    try:
        act = asked.form.chosen(_ACTIONS)
        secret = confirm_here(asked) if wanted == _ACCEPT else None
        act(asked, rehost_id)
    except Refusal as refusal:
        view = review.show_rehost(asked.world, caller, rehost_id)
        draft = _draft(asked.form) if wanted in _KEEPS_DRAFT else _fresh(view.plan)
        page = _page(asked, view, draft, refusal)
        return replace(page, secret=secret)
    return GoTo(asked.path, secret=secret)


def _accept(asked: Asked, rehost_id: int) -> None:
    form = asked.form
    draft = _draft(form)
    if form.text("statement") != STATEMENT_VERSION:
        raise Conflict(
            "The statement changed since it was shown: read it again, then agree.", code="statement-changed"
        )
    if not draft.agrees:
        raise NeedsConsent("Read the statement and tick that you agree to it.", code="statement-not-agreed")
    choice = review.Choice(
        shown_digest=Sha256.parse(form.text("plan")),
        basis=Basis.parse(draft.basis),
        text=draft.text,
        accept=draft.ticked,
        declared=_declared(asked, rehost_id, draft),
    )
    review.accept(asked.world, asked.caller(), rehost_id, choice)


def _declared(asked: Asked, rehost_id: int, draft: Draft) -> dict[int, Sha256]:
    if not draft.typed:
        return {}
    plan = review.show_rehost(asked.world, asked.caller(), rehost_id).plan
    names = {item.id: item.filename for item in plan.items}
    declared: dict[int, Sha256] = {}
    problems: list[str] = []
    for item_id, text in draft.typed.items():
        name = names.get(item_id, f"item {item_id}")
        try:
            declared[item_id] = Sha256.parse(text)
        except Invalid as refusal:
            problems.append(f"{name}: {refusal.sentence}")
        if item_id not in draft.ticked:
            problems.append(f"{name}: you named its sha256 and did not tick it. Tick it, or empty the field.")
    all_problems("The sha256 fields", problems, code="sha256-fields")
    return declared


def _fetch(asked: Asked, rehost_id: int) -> None:
    _fetch_wished(asked, rehost_id, _draft(asked.form).wish)


def _fetch_ticked(asked: Asked, rehost_id: int) -> None:
    _fetch_wished(asked, rehost_id, Wish(items=_draft(asked.form).ticked))


def _fetch_wished(asked: Asked, rehost_id: int, wish: Wish) -> None:
    plan = review.show_rehost(asked.world, asked.caller(), rehost_id).plan
    not_ticked = acceptable(plan) - _draft(asked.form).ticked
    review.fetch(asked.world, asked.caller(), rehost_id, wish, leave_out=not_ticked)


def _refuse(asked: Asked, rehost_id: int) -> None:
    review.refuse(asked.world, asked.caller(), rehost_id, asked.form.text("reason"))


def _retry(asked: Asked, rehost_id: int) -> None:
    review.retry(asked.world, asked.caller(), rehost_id)


def _withdraw(asked: Asked, rehost_id: int) -> None:
    review.withdraw(asked.world, asked.caller(), rehost_id)


_ACTIONS: dict[str, Callable[[Asked, int], None]] = {
    _ACCEPT: _accept,
    _FETCH: _fetch,
    _FETCH_TICKED: _fetch_ticked,
    "refuse": _refuse,
    "retry": _retry,
    "withdraw": _withdraw,
}


def _fresh(plan: Plan) -> Draft:
    typed = {item.id: item.declared_sha256 for item in plan.items if item.declared_sha256}
    return Draft(acceptable(plan), typed)


def _draft(form: Form) -> Draft:
    return Draft(
        ticked=form.numbers("accept") | from_ranges(form.text("elsewhere")),
        typed=form.numbered_texts(_SHA256_FIELDS),
        basis=form.text("basis"),
        text=form.text("text"),
        agrees=form.flag("agree"),
        reason=form.text("reason"),
        wish=Wish(
            only=tuple(form.text("only").split()),
            leave_out=tuple(form.text("except").split()),
            version=form.text("of-version"),
            everything=form.flag("all"),
        ),
    )


def _rehost_id(asked: Asked) -> int:
    return row_id(asked.params["id"], "rehost")


def _page(asked: Asked, view: review.RehostView, draft: Draft, refusal: Refusal | None) -> Page:
    state = view.rehost.state
    told = {name: asked.form.text(name) for name in asked.form.fields} or asked.query
    watched = watch_rehost(asked.world, asked.caller(), view.rehost.id) if state.is_running else None
    return Page(
        "review.html",
        {
            "view": view,
            "table": plan_table(view.plan, draft.ticked, draft.typed, Filter.of(told)),
            "hosts": watched.progress.hosts if watched else (),
            "draft": draft,
            "marks": timeline(view),
            "progress": progress(view),
            "sentence": sentence(view),
            "may": {step.value for step in MOVES[state]},
            "is_open": Step.CONSENT in MOVES[state],
            "statement": STATEMENT,
            "statement_version": STATEMENT_VERSION,
            "bases": list(Basis),
        },
        refusal,
    )
