"""A project's standing consent, for its maintainers: its terms, its history, and the forms of an owner.

What is shown is what is agreed to: a form that consents carries the revision of the terms it was shown beside (T-12).
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from homeport.domain.errors import Refusal
from homeport.domain.exemption import parse_day
from homeport.domain.hosting_history import covered
from homeport.domain.project import Role
from homeport.domain.standing_consent import EVERY_FILE, EVERY_PATH, STANDING_LIMIT, place_of
from homeport.flows.standing_consents import (
    StandingView,
    StandingWish,
    give_consent,
    show_standing,
    withdraw_consent,
)
from homeport.web.page import Asked, GoTo, Page

_SEPARATORS: Final = re.compile(r"[\s,]+")


def show_consent(asked: Asked, refusal: Refusal | None = None) -> Page:
    """The consent as it is, and the form to give it anew, with what was typed or what holds now."""
    view = show_standing(asked.world, asked.caller(), asked.params["name"])
    today = asked.world.clock.now().date()
    return Page(
        "standing_consent.html",
        {
            "view": view,
            "is_owner": view.role is Role.OWNER,
            "typed": {**_terms(view), **_typed(asked)},
            "today": today,
            "covered": covered,
            "latest": today + STANDING_LIMIT,
            "place_of": place_of,
        },
        refusal,
    )


def _terms(view: StandingView) -> Mapping[str, str]:
    """The terms that hold, or those that everything named now makes."""
    standing = view.standing
    hosts = standing.hosts if standing else dict.fromkeys(map(place_of, view.places))
    return {
        "hosts": "\n".join(hosts),
        "paths": "\n".join(standing.paths if standing else EVERY_PATH),
        "files": "\n".join(standing.patterns if standing else EVERY_FILE),
        "until": "",
        "reason": "",
    }


def _typed(asked: Asked) -> Mapping[str, str]:
    names = ("hosts", "paths", "files", "until", "reason")
    return {name: asked.form.text(name) for name in names if asked.form.flag(name)}


def send_consent(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    asked.caller()
    try:
        asked.form.chosen(_ACTIONS)(asked)
    except Refusal as refusal:
        return show_consent(asked, refusal)
    return GoTo(asked.path)


def _give(asked: Asked) -> None:
    form = asked.form
    hosts, paths, files = (_words(form.text(name)) for name in ("hosts", "paths", "files"))
    until = parse_day(form.text("until")) if form.text("until") else None
    _consent(asked, StandingWish(hosts, paths, files, until))


def _renew(asked: Asked) -> None:
    _consent(asked, StandingWish())


def _consent(asked: Asked, wish: StandingWish) -> None:
    caller, revision = asked.fresh_caller(), asked.form.number("revision")
    give_consent(asked.world, caller, asked.params["name"], wish, revision=revision)


def _withdraw(asked: Asked) -> None:
    withdraw_consent(asked.world, asked.caller(), asked.params["name"], asked.form.text("reason"))


def _words(text: str) -> tuple[str, ...]:
    """What is separated by blanks, commas or lines."""
    return tuple(word for word in _SEPARATORS.split(text) if word)


_ACTIONS: dict[str, Callable[[Asked], None]] = {"give": _give, "renew": _renew, "withdraw": _withdraw}
