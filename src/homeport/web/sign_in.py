"""Signing in and out, and the one-time link of the first administrator."""

from homeport.domain.account import TOKEN_USER
from homeport.domain.errors import Forbidden, NotFound, RateLimited, Refusal, Unauthenticated, Unavailable
from homeport.flows.second_factors import has_factor
from homeport.flows.sessions import close_session, open_session, sign_in_browser
from homeport.flows.sign_in import become_first_admin, is_setup_link, show_password
from homeport.web.confirm import second_step
from homeport.web.page import Asked, GoTo, Page
from homeport.web.session import INBOX, own_path

_WRONG = "The user name or the password is not known here."


def show_sign_in(asked: Asked) -> Page | GoTo:
    """The form; somebody who is signed in goes on at once."""
    wanted = own_path(asked.query.get("next", INBOX))
    return GoTo(wanted) if asked.user else _sign_in_page(asked, wanted, "", None)


def send_sign_in(asked: Asked) -> Page | GoTo:
    """Open a session under a new secret, and end the one there was; a second factor is asked for next."""
    form, wanted = asked.form, own_path(asked.form.text("next"))
    name = form.text("name")
    if name == TOKEN_USER:
        # A session can do all that its user can: a token must not become one (I-15).
        refusal = Forbidden(
            "Pages are for people: sign in with a user name and a password.", code="token-here"
        )
        return _sign_in_page(asked, wanted, "", refusal)
    try:
        shown = show_password(asked.world, name, form.raw("password"), asked.address)
        secret = sign_in_browser(asked.world, shown, asked.agent)
    except Unauthenticated:
        return _sign_in_page(asked, wanted, name, Forbidden(_WRONG, code="password-wrong"))
    except (RateLimited, Unavailable) as refusal:
        return _sign_in_page(asked, wanted, name, refusal)
    if asked.secret:
        close_session(asked.world, asked.secret)
    return GoTo(second_step(wanted) if has_factor(asked.world, shown.user) else wanted, secret=secret)


def send_sign_out(asked: Asked) -> GoTo:
    """End the session, here and in the database."""
    if asked.secret:
        close_session(asked.world, asked.secret)
    return GoTo("/", secret="")


def _sign_in_page(asked: Asked, wanted: str, name: str, refusal: Refusal | None) -> Page:
    takes_people = asked.world.accounts.sign_up_is_open
    return Page("sign_in.html", {"next": wanted, "name": name, "takes_people": takes_people}, refusal)


def show_welcome(asked: Asked) -> Page:
    """The form behind the one-time link."""
    _require_link(asked)
    return _welcome_page("", "", None)


def send_welcome(asked: Asked) -> Page | GoTo:
    """Become the first administrator, and be signed in."""
    _require_link(asked)
    name, email = asked.form.text("name"), asked.form.text("email")
    try:
        user = become_first_admin(
            asked.world, asked.params["secret"], name, email, asked.form.raw("password")
        )
    except Refusal as refusal:
        return _welcome_page(name, email, refusal)
    return GoTo(INBOX, secret=open_session(asked.world, user, asked.agent))


def _welcome_page(name: str, email: str, refusal: Refusal | None) -> Page:
    return Page("welcome.html", {"name": name, "email": email}, refusal)


def _require_link(asked: Asked) -> None:
    # Asked before anything else, so that a wrong link costs no password hash.
    if not is_setup_link(asked.world, asked.params["secret"]):
        raise NotFound(
            "This link was used or has ended. While there is no account, starting the index prints a new one.",
            code="setup-link",
        )
