"""Signing up: an account for whoever asks, where the index lets everybody in."""

from homeport.domain.errors import Refusal
from homeport.flows.accounts import sign_up
from homeport.web.page import Asked, Page


def show_sign_up(asked: Asked, refusal: Refusal | None = None) -> Page:
    """The form, or who makes accounts here."""
    return Page(
        "sign_up.html",
        {
            "is_open": asked.world.accounts.sign_up_is_open,
            "sends_mail": asked.world.mailer is not None,
            "name": asked.form.text("name"),
            "email": asked.form.text("email"),
        },
        refusal,
    )


def send_sign_up(asked: Asked) -> Page:
    """Make the account; nobody is signed in by it, because an address that has an account is answered alike (T-27)."""
    form = asked.form
    try:
        sign_up(asked.world, form.text("name"), form.text("email"), form.raw("password"), asked.address)
    except Refusal as refusal:
        return show_sign_up(asked, refusal)
    if asked.world.mailer is None:
        heading, text = "Welcome aboard", f"Sign in as {form.text('name')}, with the password that you chose."
    else:
        heading = "Look into your mail"
        text = f"A link is on its way to {form.text('email')}. Open it within 24 hours and press its button; then sign in."
    return Page("done.html", {"heading": heading, "text": text, "on": ("/sign-in/", "Sign in")})
