"""A project's hosting, for its maintainers: mode, sources, and rehosts."""

from collections.abc import Callable

from homeport.domain.errors import Refusal
from homeport.domain.hosting import MOVES, HostingMode, Move, Mover, is_one_way
from homeport.domain.project import Role
from homeport.domain.source import SourceKind
from homeport.flows import browse
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import add_source
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.web.page import Asked, GoTo, Page


def show_hosting(asked: Asked, refusal: Refusal | None = None) -> Page:
    """What a maintainer decides about, and the forms to decide it."""
    hosting = browse.show_hosting(asked.world, asked.caller(), asked.params["name"])
    return Page(
        "hosting.html",
        {
            "hosting": hosting,
            "moves": _moves(hosting) if hosting.role is Role.OWNER else (),
            "is_one_way": lambda move: is_one_way(move, asked.world.policy),
            "kinds": list(SourceKind),
            "form": asked.form,
            "now": asked.world.clock.now(),
        },
        refusal,
    )


def _moves(hosting: browse.Hosting) -> tuple[Move, ...]:
    return tuple(move for move in MOVES if move.source is hosting.project.mode and move.mover is Mover.OWNER)


def send_hosting(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    asked.caller()
    try:
        return GoTo(asked.form.chosen(_ACTIONS)(asked))
    except Refusal as refusal:
        return show_hosting(asked, refusal)


def _add_source(asked: Asked) -> str:
    form = asked.form
    add_source(asked.world, asked.caller(), asked.params["name"], form.text("kind"), form.text("url"))
    return asked.path


def _plan(asked: Asked) -> str:
    version = asked.form.text("version") or None
    rehost = start_plan(asked.world, asked.caller(), asked.params["name"], version)
    return f"/manage/rehosts/{rehost.id}"


def _update_cache(asked: Asked) -> str:
    version = asked.form.text("version") or None
    rehost = start_update_cache(asked.world, asked.caller(), asked.params["name"], version)
    return f"/manage/rehosts/{rehost.id}"


def _change_mode(asked: Asked) -> str:
    wish = Wish(
        mode=HostingMode.parse(asked.form.text("mode")),
        consents=asked.form.flag("consent"),
        acknowledges_loss=asked.form.flag("loss"),
    )
    change_hosting(asked.world, asked.fresh_caller(), asked.params["name"], wish)
    return asked.path


_ACTIONS: dict[str, Callable[[Asked], str]] = {
    "add-source": _add_source,
    "plan": _plan,
    "update-cache": _update_cache,
    "change-mode": _change_mode,
}
