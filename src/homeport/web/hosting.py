"""A project's hosting, for its maintainers: what its mode means, what each other one would, sources, and rehosts."""

from collections.abc import Callable
from urllib.parse import quote

from homeport.domain.errors import Invalid, NeedsConsent, Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.outlook import Chance, Outlook, Step, loss_digest
from homeport.domain.source import Filters, SourceKind
from homeport.flows import browse
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.crawl.try_source import Trial, try_source
from homeport.flows.drift.run import look_soon
from homeport.flows.drift.show import show_drift
from homeport.flows.manage_project import add_source, remove_source
from homeport.flows.outlook import show_outlook
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.flows.signing import show_signers
from homeport.flows.standing_consents import show_standing
from homeport.flows.survey.start import start_survey
from homeport.web.form import Form
from homeport.web.once import Once
from homeport.web.page import Asked, GoTo, Page
from homeport.web.signers import SIGNER_ACTIONS
from homeport.web.survey_charts import Part, parts_of

# Where a step is taken, on the same page or another.
_WHERE = {
    Step.SOURCES: "#source",
    Step.PLAN: "#rehosts",
    Step.REVIEW: "#rehosts",
    Step.HOST: "#rehosts",
    Step.RESCUE: "#rehosts",
}
# More digits than any number that is asked for.
_DIGITS = 9


def show_hosting(asked: Asked, refusal: Refusal | None = None, trial: Trial | None = None) -> Page:
    """What a maintainer decides about, and the forms to decide it; ``trial`` is what a source would offer."""
    hosting = browse.show_hosting(asked.world, asked.caller(), asked.params["name"])
    story = show_outlook(asked.world, asked.caller(), asked.params["name"])
    return Page(
        "hosting.html",
        {
            "hosting": hosting,
            "story": story,
            "figures": _figures(story.outlook),
            "loss_digest": loss_digest,
            "where": _WHERE,
            "kinds": list(SourceKind),
            "trial": trial,
            "told": asked.once.secret if asked.once else "",
            "form": asked.form,
            "now": asked.world.clock.now(),
            "signers": show_signers(asked.world, asked.caller(), asked.params["name"]),
            "origins": show_drift(asked.world, asked.caller(), asked.params["name"]),
            "looks_every": asked.world.drift.every,
        },
        refusal,
    )


def _figures(outlook: Outlook) -> tuple[Part, ...]:
    """The project's files as parts of one bar."""
    parts = (
        ("hosted here", outlook.hosted, "good", ""),
        ("external, can come home", outlook.count(Chance.CAN), "busy", ""),
        ("external, nobody looked", outlook.count(Chance.UNKNOWN), "warn", ""),
        ("external, cannot come home", outlook.count(Chance.CANNOT), "bad", ""),
    )
    return parts_of([part for part in parts if part[1]])


def lead_to_hosting(asked: Asked) -> GoTo:
    """From the short address to the page; whoever may not see it is told so there."""
    return GoTo(f"/manage/projects/{quote(asked.params['name'], safe='')}/")


def send_hosting(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    asked.caller()
    try:
        if asked.form.text("do") == "try-source":
            return show_hosting(asked, trial=_try_source(asked))
        after = asked.form.chosen(_ACTIONS)(asked)
        return after if isinstance(after, GoTo) else GoTo(after)
    except Refusal as refusal:
        return show_hosting(asked, refusal)


def _add_source(asked: Asked) -> str:
    form, filters = asked.form, _filters(asked.form)
    token = "" if form.flag("no_token") else form.text("token") or None
    hosting = browse.show_hosting(asked.world, asked.caller(), asked.params["name"])
    add_source(
        asked.world,
        asked.fresh_caller() if hosting.consents_by_source else asked.caller(),
        asked.params["name"],
        form.text("kind"),
        form.text("url"),
        filters,
        token,
    )
    return asked.path


def _remove_source(asked: Asked) -> GoTo:
    form, world, caller, name = asked.form, asked.world, asked.caller(), asked.params["name"]
    before = _consented_hosts(asked)
    removed = remove_source(world, caller, name, form.text("url"), form.text("kind"))
    hosts = ", ".join(sorted(before - _consented_hosts(asked)))
    narrowed = f"The standing consent is narrower by it: it names {hosts} no longer." if hosts else ""
    told = " ".join(filter(None, ("The source is removed.", removed.sentence, narrowed)))
    return GoTo(asked.path, once=Once(asked.path, "told", 0, told))


def _consented_hosts(asked: Asked) -> frozenset[str]:
    standing = show_standing(asked.world, asked.caller(), asked.params["name"]).standing
    return frozenset(standing.hosts if standing else ())


def _try_source(asked: Asked) -> Trial:
    form = asked.form
    return try_source(
        asked.world,
        asked.caller(),
        asked.params["name"],
        form.text("kind"),
        form.text("url"),
        _filters(form),
        form.text("token"),
    )


def _filters(form: Form) -> Filters:
    """The filters that were typed: patterns are separated by blanks or commas."""
    newest = form.text("newest") or "0"
    patterns = {name: form.text(name).replace(",", " ").split() for name in ("platforms", "files", "tags")}
    return Filters.from_json(
        {
            "versions": form.text("versions"),
            **patterns,
            "newest": int(newest)
            if newest.isascii() and newest.isdigit() and len(newest) < _DIGITS
            else newest,
            "prereleases": form.flag("prereleases"),
        }
    )


def _plan(asked: Asked) -> str:
    version = asked.form.text("version") or None
    rehost = start_plan(asked.world, asked.caller(), asked.params["name"], version)
    return f"/manage/rehosts/{rehost.id}"


def _update_cache(asked: Asked) -> str:
    version = asked.form.text("version") or None
    rehost = start_update_cache(asked.world, asked.caller(), asked.params["name"], version)
    return f"/manage/rehosts/{rehost.id}"


def _look_again(asked: Asked) -> str:
    look_soon(asked.world, asked.caller(), asked.params["name"])
    return asked.path


def _survey(asked: Asked) -> str:
    return f"/admin/surveys/{start_survey(asked.world, asked.caller(), asked.params['name']).id}/"


def _change_mode(asked: Asked) -> str:
    form, name, caller = asked.form, asked.params["name"], asked.fresh_caller()
    target = HostingMode.parse(form.text("mode"))
    leaves_cache = target is HostingMode.ONLY and not form.flag("understood")
    if leaves_cache and browse.show_hosting(asked.world, caller, name).project.mode is HostingMode.CACHE:
        raise NeedsConsent("Read what changes, and tick that you have.", code="change-unread")
    if form.flag("loss") and not form.text("loss_digest"):
        raise Invalid(
            "The form does not say which list you read: open the page anew, and send its form.",
            code="form-broken",
        )
    wish = Wish(
        mode=target,
        reason=form.text("reason"),
        consents=form.flag("consent"),
        acknowledges_loss=form.flag("loss"),
        loss_digest=form.text("loss_digest"),
    )
    change_hosting(asked.world, caller, name, wish)
    return asked.path


_ACTIONS: dict[str, Callable[[Asked], str | GoTo]] = {
    "add-source": _add_source,
    "remove-source": _remove_source,
    "plan": _plan,
    "update-cache": _update_cache,
    "look-again": _look_again,
    "survey": _survey,
    "change-mode": _change_mode,
    **SIGNER_ACTIONS,
}
