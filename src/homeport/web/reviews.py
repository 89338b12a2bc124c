"""The review of a plan: a maintainer sees every file, decides, states a basis, and agrees; or refuses.

1. What is shown is what is agreed to: the form carries the digest of the plan, the revision of the saved draft, and the version
   of the statement. Who agrees has shown a short while ago who they are, or shows it with the form.
2. Turning a page, setting a filter, deciding about all that it shows: each button saves what was decided so far. Where somebody
   else saved meanwhile, what they changed is told, and the page comes again with everything that was filled in.
3. What is only listed can be ticked as well: to be fetched. Which of the others were not ticked then is remembered.
4. A button that only saves leads to an address that shows the same: Back, reload and bookmarks work. Only where words of the
   answer were typed, which no draft keeps, does the form itself show the page with them.
5. Who agreed, and is shown other files or decisions than they agreed to, agrees anew.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from homeport.domain.consent import STATEMENT, STATEMENT_VERSION, Basis, Hosted
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, IllegalMove, Invalid, NeedsConsent, Refusal, all_problems
from homeport.domain.fetching import Wish
from homeport.domain.known_hashes import HashReport
from homeport.domain.plan_choice import acceptable
from homeport.domain.plan_draft import Changes, require_revision
from homeport.domain.rehost import MOVES, Decision, Step
from homeport.domain.review_filter import Filter, Show
from homeport.domain.row_id import row_id
from homeport.flows.rehost import review as rehosts
from homeport.flows.rehost.draft import Bulk, Review, Saving, Shown, declare_hashes, save_draft, show_review
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.watch import watch_rehost
from homeport.flows.rehost.withdraw import withdraw
from homeport.web.form import Form
from homeport.web.once import Once
from homeport.web.page import Asked, GoTo, Page
from homeport.web.plan_table import (
    Filled,
    Looking,
    filter_from,
    is_incomplete,
    not_taken,
    page_number,
    plan_table,
    report_lists,
)
from homeport.web.timeline import progress, sentence, timeline

_SHA256_FIELDS, _HAD_FIELDS = "sha256-", "had-"
_BULK = {
    "tick-shown": Decision.ACCEPT,
    "leave-shown": Decision.LEAVE_OUT,
    "reset-shown": Decision.UNDECIDED,
}


@dataclass(frozen=True, slots=True)
class _Done:
    """What a button did that is told on the page itself."""

    sentence: str = ""
    report: HashReport | None = None
    told: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def saved(cls, review: Review, *, of_all: bool = False) -> "_Done":
        """What is told of decisions that are in the draft now; ``told`` is the same for an address."""
        sentence = f"Saved as revision {review.draft.revision}"
        sentence += ": it holds for all files that this filter shows." if of_all else "."
        told = {"saved": str(review.draft.revision), **({"of": "all"} if of_all else {})}
        return cls(sentence, told=told)

    @classmethod
    def of(cls, asked: Asked, review: Review) -> "_Done":
        """What the last form told for once, or the address tells while it is still so."""
        if asked.once is not None:
            return cls(asked.once.secret)
        if not review.draft.revision or asked.query.get("saved") != str(review.draft.revision):
            return cls()
        return cls.saved(review, of_all=asked.query.get("of") == "all")


def show_page(asked: Asked) -> Page:
    """The plan as it stands under its draft."""
    review = show_review(asked.world, asked.caller(), _rehost_id(asked))
    return _page(asked, review, Looking.of(asked.query), _fresh(), done=_Done.of(asked, review))


def send_page(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again with everything that was filled in."""
    wanted = asked.form.text("do")
    if wanted in _STEPS:
        return _step(asked, _STEPS[wanted])
    looking, filled = _looking(asked.form), _filled(asked.form)
    leading = _leading_to(asked.form, looking)
    try:
        done = asked.form.chosen(_SAVES)(asked, filled)
    except Refusal as refusal:
        review = show_review(asked.world, asked.caller(), _rehost_id(asked))
        return _page(asked, review, replace(looking, revision=_revision(asked.form)), filled, refusal)
    if done.report is None and not filled.has_words:
        is_for_once = done.sentence and not done.told
        once = Once(asked.path, "done", _rehost_id(asked), done.sentence) if is_for_once else None
        return GoTo(f"{asked.path}{_query({**leading.told(), **done.told})}", once=once)
    review = show_review(asked.world, asked.caller(), _rehost_id(asked))
    kept = replace(filled, was=frozenset(), accept=frozenset(), typed={}, had={}, hashes="")
    return _page(asked, review, leading, kept, done=done)


def _step(asked: Asked, step: Callable[[Asked, int], None]) -> Page | GoTo:
    """A step of the rehost itself; where it was made, the page is another one."""
    rehost_id = _rehost_id(asked)
    try:
        step(asked, rehost_id)
    except Refusal as refusal:
        review = show_review(asked.world, asked.caller(), rehost_id)
        filled = _filled(asked.form)
        looking = replace(_looking(asked.form), revision=_revision(asked.form))
        return _page(asked, review, looking, filled, refusal)
    return GoTo(asked.path)


# Buttons that only save


def _save(asked: Asked, filled: Filled) -> _Done:
    return _Done.saved(_saved(asked, filled))


def _turn(asked: Asked, filled: Filled) -> _Done:
    # An answered plan is still looked at, page by page; there is nothing to save.
    with suppress(IllegalMove):
        _saved(asked, filled)
    return _Done()


def _decide(asked: Asked, filled: Filled) -> _Done:
    chosen, decision = filter_from(asked.form.text("filter")), _BULK[asked.form.text("do")]
    before = show_review(asked.world, asked.caller(), _rehost_id(asked))
    after = _saved(asked, filled, Bulk(decision, chosen))
    left = not_taken(before, after, chosen) if decision is Decision.ACCEPT else ""
    if after.draft.revision == before.draft.revision:
        return _Done(left or "Nothing changed: all of these files were decided so already.")
    if left:
        return _Done(f"Saved as revision {after.draft.revision}. {left}")
    return _Done.saved(after, of_all=True)


def _hashes(asked: Asked, filled: Filled) -> _Done:
    shown = _shown(asked.form)
    if _changes(asked, filled) != Changes():
        shown = replace(shown, revision=_saved(asked, filled).draft.revision)
    text = asked.form.raw("hashes").encode()
    report, review = declare_hashes(asked.world, asked.caller(), _rehost_id(asked), shown, text)
    return _Done(f"Saved as revision {review.draft.revision}. {report.sentence}", report)


_SAVES: dict[str, Callable[[Asked, Filled], _Done]] = {
    "": _turn,
    "save": _save,
    "hashes": _hashes,
    **dict.fromkeys(_BULK, _decide),
}


def _saved(asked: Asked, filled: Filled, bulk: Bulk | None = None) -> Review:
    saving = Saving(_changes(asked, filled), bulk)
    return save_draft(asked.world, asked.caller(), _rehost_id(asked), _shown(asked.form), saving)


def _changes(asked: Asked, filled: Filled) -> Changes:
    """What the page decides otherwise than it was shown."""
    decisions = {
        **dict.fromkeys(filled.was - filled.accept, Decision.LEAVE_OUT),
        **dict.fromkeys(filled.accept - filled.was, Decision.ACCEPT),
    }
    texts = {
        item_id: filled.typed.get(item_id, "")
        for item_id in filled.typed.keys() | filled.had.keys()
        if filled.typed.get(item_id, "") != filled.had.get(item_id, "")
    }
    return Changes(decisions, _parsed(asked, texts) if texts else {})


def _parsed(asked: Asked, texts: dict[int, str]) -> dict[int, Sha256 | None]:
    plan = rehosts.show_rehost(asked.world, asked.caller(), _rehost_id(asked)).plan
    names = {item.id: item.filename for item in plan.items}
    parsed: dict[int, Sha256 | None] = {}
    problems: list[str] = []
    for item_id, text in texts.items():
        try:
            parsed[item_id] = Sha256.parse(text) if text else None
        except Invalid as refusal:
            problems.append(f"{names.get(item_id, f'item {item_id}')}: {refusal.sentence}")
    all_problems("The sha256 fields", problems, code="sha256-fields")
    return parsed


# Steps of the rehost


def _accept(asked: Asked, rehost_id: int) -> None:
    form, filled, caller = asked.form, _filled(asked.form), asked.fresh_caller()
    if form.text("statement") != STATEMENT_VERSION:
        raise Conflict(
            "The statement changed since it was shown: read it again, then agree.", code="statement-changed"
        )
    if not filled.agrees:
        raise NeedsConsent("Read the statement and tick that you agree to it.", code="statement-not-agreed")
    shown, basis = _shown(form), Basis.parse(filled.basis)
    before = show_review(asked.world, asked.caller(), rehost_id)
    require_revision(before.draft, before.view.plan, shown.revision)
    changes = _changes(asked, filled)
    _require_ticked(before, changes, filled)
    accept = filled.over(before.ticked)
    after = save_draft(asked.world, asked.caller(), rehost_id, shown, Saving(changes))
    choice = rehosts.Choice(
        shown_digest=shown.plan,
        basis=basis,
        text=filled.text,
        accept=accept,
        declared=after.declared(accept),
        evidence=filled.evidence,
        draft_revision=after.draft.revision,
    )
    rehosts.accept(asked.world, caller, rehost_id, choice)


def _require_ticked(review: Review, changes: Changes, filled: Filled) -> None:
    problems = [
        f"{one.item.filename}: you named its sha256 and did not tick it. Tick it, or empty the field."
        for one in review.items
        if changes.sha256.get(one.item.id) is not None and one.item.id not in filled.accept
    ]
    all_problems("The sha256 fields", problems, code="sha256-fields")


def _fetch(asked: Asked, rehost_id: int) -> None:
    _fetch_wished(asked, rehost_id, _filled(asked.form).wish)


def _fetch_ticked(asked: Asked, rehost_id: int) -> None:
    review = show_review(asked.world, asked.caller(), rehost_id)
    _fetch_wished(asked, rehost_id, Wish(items=_filled(asked.form).over(review.ticked)))


def _fetch_wished(asked: Asked, rehost_id: int, wish: Wish) -> None:
    filled = _filled(asked.form)
    review = _saved(asked, filled)
    not_ticked = acceptable(review.view.plan) - filled.over(review.ticked)
    rehosts.fetch(asked.world, asked.caller(), rehost_id, wish, leave_out=not_ticked)


def _refuse(asked: Asked, rehost_id: int) -> None:
    rehosts.refuse(asked.world, asked.caller(), rehost_id, asked.form.text("reason"))


def _retry(asked: Asked, rehost_id: int) -> None:
    retry(asked.world, asked.caller(), rehost_id, asked.form.texts("file"))


def _withdraw(asked: Asked, rehost_id: int) -> None:
    hosted = Hosted.parse(asked.form.text("hosted"))
    withdraw(asked.world, asked.caller(), rehost_id, hosted, asked.form.text("why"))


_STEPS: dict[str, Callable[[Asked, int], None]] = {
    "accept": _accept,
    "fetch": _fetch,
    "fetch-ticked": _fetch_ticked,
    "refuse": _refuse,
    "retry": _retry,
    "try-now": _retry,
    "withdraw": _withdraw,
}


# What a form says


def _fresh() -> Filled:
    return Filled()


def _filled(form: Form) -> Filled:
    return Filled(
        was=_ids(form.text("was")),
        accept=form.numbers("accept"),
        typed=form.numbered_texts(_SHA256_FIELDS),
        had=form.numbered_texts(_HAD_FIELDS),
        basis=form.text("basis"),
        text=form.text("text"),
        evidence=form.text("evidence"),
        agrees=form.flag("agree"),
        reason=form.text("reason"),
        hosted=form.text("hosted"),
        why=form.text("why"),
        wish=Wish(
            only=tuple(form.text("only").split()),
            leave_out=tuple(form.text("except").split()),
            version=form.text("of-version"),
            everything=form.flag("all"),
        ),
        hashes=form.raw("hashes"),
    )


def _ids(text: str) -> frozenset[int]:
    return Form({"was": tuple(text.split())}).numbers("was")


def _shown(form: Form) -> Shown:
    return Shown(Sha256.parse(form.text("plan")), _revision(form))


def _revision(form: Form) -> int:
    return row_id(form.text("revision") or "0", "revision")


def _looking(form: Form) -> Looking:
    """What the page showed when the button was pressed."""
    return Looking(filter_from(form.text("filter")), page_number(form.text("here")))


def _leading_to(form: Form, looking: Looking) -> Looking:
    """What the button leads to: another page of the same, what the fields of the filter say, or one kind of items."""
    if only := form.text("only-show"):
        return Looking(Filter.of({"show": only}))
    if page := form.text("page"):
        return replace(looking, page=page_number(page))
    if form.flag("look"):
        return Looking(Filter.of({name: form.text(name) for name in ("show", "version", "q", "host")}))
    return looking


def _query(told: Mapping[str, str]) -> str:
    return f"?{urlencode(told)}" if told else ""


def _rehost_id(asked: Asked) -> int:
    return row_id(asked.params["id"], "rehost")


_NOTHING_DONE = _Done()


def _is_overtaken(asked: Asked, review: Review, refusal: Refusal | None) -> bool:
    """True when what was agreed to by the form is not what is shown now, by anybody's doing but the form's own."""
    since, me = _revision(asked.form), asked.caller().user.name
    return (
        asked.form.text("plan") != str(review.view.digest)
        or (refusal is not None and refusal.code == "draft-changed")
        or any(entry.revision > since and entry.by != me for entry in review.draft.entries.values())
    )


def _page(
    asked: Asked,
    review: Review,
    looking: Looking,
    filled: Filled,
    refusal: Refusal | None = None,
    done: _Done = _NOTHING_DONE,
) -> Page:
    view = review.view
    state = view.rehost.state
    if filled.agrees and _is_overtaken(asked, review, refusal):
        filled = replace(filled, agrees=False)
    watched = watch_rehost(asked.world, asked.caller(), view.rehost.id) if state.is_running else None
    return Page(
        "review.html",
        {
            "view": view,
            "draft": review.draft,
            "table": plan_table(review, looking, filled),
            "hosts": watched.progress.hosts if watched else (),
            "filled": filled,
            "shows": list(Show),
            "done": done,
            "report": report_lists(done.report) if done.report else (),
            "marks": timeline(view),
            "progress": progress(view),
            "sentence": sentence(view),
            "may": {step.value for step in MOVES[state]},
            "is_open": Step.CONSENT in MOVES[state],
            "may_look_again": not view.plan.items or is_incomplete(view.plan),
            "statement": STATEMENT,
            "statement_version": STATEMENT_VERSION,
            "bases": list(Basis),
            "hosted": list(Hosted),
        },
        refusal,
    )
