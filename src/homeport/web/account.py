"""A person's own account, and the pages behind the links to one: an address verified, a password set."""

from collections.abc import Callable

from homeport.domain.account_link import LinkPurpose
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Invalid, Refusal
from homeport.flows.account_links import whose_link
from homeport.flows.accounts import (
    ACCOUNT_PAGE,
    NO_MAIL,
    PasswordChange,
    ask_reset,
    change_email,
    change_password,
    set_password_by_link,
    verify_email,
)
from homeport.web.page import Asked, GoTo, Page


def show_account(asked: Asked, refusal: Refusal | None = None, done: str = "") -> Page:
    """Who one is here, and what one may change of it."""
    user = asked.caller().user
    return Page(
        "account.html",
        {
            "done": done,
            "sends_mail": asked.world.mailer is not None,
            "needs_verified": not asked.world.accounts.admits(user),
            "email": asked.form.text("email"),
        },
        refusal,
    )


def send_account(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    asked.caller()
    try:
        done = asked.form.chosen(_ACTIONS)(asked)
    except Refusal as refusal:
        return show_account(asked, refusal)
    return show_account(asked, done=done) if done else GoTo(ACCOUNT_PAGE)


def _change_email(asked: Asked) -> str:
    return _emailed(asked, asked.form.text("email"))


def _verify(asked: Asked) -> str:
    return _emailed(asked, asked.caller().user.email)


def _emailed(asked: Asked, email: str) -> str:
    if not change_email(asked.world, asked.caller(), email):
        return ""
    return f"A link is on its way to {email}. Nothing changes before you open it and press its button."


def _change_password(asked: Asked) -> str:
    change = PasswordChange(asked.form.raw("present"), asked.form.raw("password"), asked.address)
    change_password(asked.world, asked.caller(), change, but=Sha256.of(asked.secret.encode()))
    return "The password was changed, and every other browser signed out. Your tokens work as before."


_ACTIONS: dict[str, Callable[[Asked], str]] = {
    "change-email": _change_email,
    "verify": _verify,
    "change-password": _change_password,
}


def show_verification(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Whose address will be verified, and the button that does it: mail programs look at links, too."""
    try:
        user, link = whose_link(asked.world, asked.params["secret"], LinkPurpose.VERIFY_EMAIL)
    except Conflict:
        text = "This link was used for that. Sign in, and go on."
        return Page(
            "done.html", {"heading": "Verified already", "text": text, "on": ("/sign-in/", "Sign in")}
        )
    return Page("verify_email.html", {"name": user.name, "email": link.email}, refusal)


def send_verification(asked: Asked) -> Page:
    """Verify it."""
    try:
        user = verify_email(asked.world, asked.params["secret"])
    except Conflict as refusal:
        return show_verification(asked, refusal)
    text = f"Mail to it reaches {user.name}."
    return Page(
        "done.html", {"heading": "The address is verified", "text": text, "on": ("/manage/", "Go on")}
    )


def show_set_password(asked: Asked, refusal: Refusal | None = None) -> Page:
    """The form behind a link to set a password."""
    user, _ = whose_link(asked.world, asked.params["secret"], LinkPurpose.SET_PASSWORD)
    return Page("set_password.html", {"name": user.name}, refusal)


def send_set_password(asked: Asked) -> Page:
    """Set it; signing in comes after, with whatever second factor there is."""
    # Asked before anything else, so that a wrong link costs no password hash (T-28).
    whose_link(asked.world, asked.params["secret"], LinkPurpose.SET_PASSWORD)
    try:
        user = set_password_by_link(asked.world, asked.params["secret"], asked.form.raw("password"))
    except Invalid as refusal:
        return show_set_password(asked, refusal)
    text = f"{user.name} signs in with it from now on. Every browser was signed out; tokens work as before."
    return Page("done.html", {"heading": "The password is set", "text": text, "on": ("/sign-in/", "Sign in")})


def show_forgotten(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Where a link to set another password is asked for."""
    return Page(
        "forgotten.html",
        {"who": asked.form.text("who"), "sends_mail": asked.world.mailer is not None, "no_mail": NO_MAIL},
        refusal,
    )


def send_forgotten(asked: Asked) -> Page:
    """The same answer, whether there is such an account or not (T-27)."""
    try:
        ask_reset(asked.world, asked.form.text("who"), asked.address)
    except Refusal as refusal:
        return show_forgotten(asked, refusal)
    text = (
        "If there is such an account, and its e-mail address is verified, a link is on its way there. It works once, "
        "within an hour. When nothing comes, ask an administrator for a link."
    )
    return Page("done.html", {"heading": "Look into your mail", "text": text, "on": ("/sign-in/", "Sign in")})
