"""Showing who one is again: the second factor after the password, and anything before what gives rights away.

Whichever it is, the browser gets a new secret and goes where it was going.
"""

from urllib.parse import quote

from homeport.domain.errors import Refusal, Unauthenticated
from homeport.flows.second_factors import ask, confirm_by_code, confirm_by_key, confirm_by_password
from homeport.ports.sessions import Session
from homeport.web.page import SECOND_STEP, Asked, GoTo, Page
from homeport.web.session import INBOX, own_path


def second_step(wanted: str) -> str:
    """Where the second factor is asked for; it leads on to ``wanted``."""
    return f"{SECOND_STEP}?next={quote(wanted, safe='')}"


def show_second(asked: Asked) -> Page | GoTo:
    """What there is to show after the password; whoever is signed in goes on, and nobody begins with it."""
    wanted = own_path(asked.query.get("next", INBOX))
    if asked.user:
        return GoTo(wanted)
    return _page(asked, _half(asked), wanted, None)


def send_second(asked: Asked) -> Page | GoTo:
    """Make the session whole."""
    return _shown(asked, _half(asked))


def show_confirm(asked: Asked) -> Page:
    """Everything that the signed-in user can show."""
    return _page(asked, asked.signed_in(), own_path(asked.query.get("next", INBOX)), None)


def send_confirm(asked: Asked) -> Page | GoTo:
    """Make the session freshly confirmed."""
    return _shown(asked, asked.signed_in())


def _shown(asked: Asked, session: Session) -> Page | GoTo:
    form, wanted = asked.form, own_path(asked.form.text("next"))
    try:
        if form.text("do") == "key":
            secret = confirm_by_key(asked.world, session, form.text("answer"), asked.address)
        elif form.text("do") == "code":
            secret = confirm_by_code(asked.world, session, form.text("code"), asked.address)
        else:
            secret = confirm_by_password(asked.world, session, form.raw("password"), asked.address)
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return _page(asked, session, wanted, refusal)
    return GoTo(wanted, secret=secret)


def _half(asked: Asked) -> Session:
    if asked.half is None:
        raise Unauthenticated("Sign in with your password first.", code="sign-in-needed")
    return asked.half


def _page(asked: Asked, session: Session, wanted: str, refusal: Refusal | None) -> Page:
    values = {
        "showable": ask(asked.world, session),
        "name": session.user.name,
        "is_second": not session.is_whole,
        "next": wanted,
    }
    return Page("confirm.html", values, refusal)
