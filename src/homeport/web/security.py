"""A person's own security: where they are signed in, their second factors, and their recovery codes."""

from collections.abc import Callable, Sequence

import segno
from markupsafe import Markup

from homeport.domain.digests import Sha256
from homeport.domain.errors import Refusal
from homeport.domain.second_factor import FactorKind, otpauth_link, secret_text
from homeport.flows import second_factors
from homeport.flows.sessions import close_one_of, close_others, show_security
from homeport.formats.passkeys import relying_party
from homeport.web.once import Once
from homeport.web.page import Asked, GoTo, Page

_PATH = second_factors.SECURITY_PAGE
_CODES = f"{_PATH}codes/"
_FACTORS = {FactorKind.APP: "authenticator app", FactorKind.KEY: "security key or passkey"}
_BROWSERS = (
    ("Firefox", "Firefox"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Android", "Android"),
    ("Linux", "Linux"),
)


def show_page(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Sessions, factors, codes."""
    session = asked.signed_in()
    return Page(
        "security.html",
        {
            "security": show_security(asked.world, session.user),
            "here": session.secret,
            "factors": _FACTORS,
            "browser": browser_words,
            "knows_keys": relying_party(asked.world.base_url) is not None,
        },
        refusal,
    )


def send_page(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    asked.signed_in()
    try:
        return asked.form.chosen(_ACTIONS)(asked) or GoTo(_PATH)
    except Refusal as refusal:
        return show_page(asked, refusal)


def _end(asked: Asked) -> None:
    close_one_of(asked.world, asked.signed_in(), Sha256.parse(asked.form.text("session")))


def _end_others(asked: Asked) -> None:
    close_others(asked.world, asked.signed_in())


def _remove(asked: Asked) -> None:
    for factor_id in asked.form.numbers("factor"):
        second_factors.remove_factor(asked.world, asked.signed_in(), factor_id)


def _make_codes(asked: Asked) -> GoTo:
    return _to_codes(second_factors.make_recovery_codes(asked.world, asked.signed_in()))


_ACTIONS: dict[str, Callable[[Asked], GoTo | None]] = {
    "end": _end,
    "end-others": _end_others,
    "remove": _remove,
    "make-codes": _make_codes,
}


def show_app(asked: Asked, refusal: Refusal | None = None) -> Page:
    """The secret that waits for an app's first code, however often it is looked at; or the button that makes one."""
    asked.fresh_caller()
    secret = second_factors.pending_app(asked.world, asked.signed_in())
    return Page("add_app.html", _app_values(asked, secret) if secret else {"picture": None}, refusal)


def send_app(asked: Asked) -> Page | GoTo:
    """Make a secret, or take the app's first code; what was typed and the secret stay when it does not fit."""
    asked.fresh_caller()
    session, form = asked.signed_in(), asked.form
    if form.text("do") == "begin":
        second_factors.begin_app(asked.world, session)
        return GoTo(asked.path)
    try:
        codes = second_factors.add_app(asked.world, session, form.text("label"), form.text("code"))
    except Refusal as refusal:
        return show_app(asked, refusal)
    return _after_adding(codes)


def _app_values(asked: Asked, secret: bytes) -> dict[str, object]:
    host = asked.world.base_url.partition("://")[2].partition("/")[0]
    link = otpauth_link(secret, asked.signed_in().user.name, host)
    text = secret_text(secret)
    return {
        # Our own drawing of our own text: shapes and nothing else.
        "picture": Markup(segno.make(link, error="m").svg_inline(omitsize=True, dark="#000", light="#fff")),  # noqa: S704
        "secret": " ".join(text[start : start + 4] for start in range(0, len(text), 4)),
        "link": link,
        "label": asked.form.text("label"),
    }


def show_key(asked: Asked) -> Page:
    """The browser is asked to make a key."""
    asked.fresh_caller()
    return _key_page(asked, None)


def send_key(asked: Asked) -> Page | GoTo:
    """What the browser made; a refusal asks it for another."""
    asked.fresh_caller()
    form = asked.form
    try:
        codes = second_factors.add_key(
            asked.world, asked.signed_in(), form.text("label"), form.text("answer")
        )
    except Refusal as refusal:
        return _key_page(asked, refusal)
    return _after_adding(codes)


def _key_page(asked: Asked, refusal: Refusal | None) -> Page:
    values = {
        "options": second_factors.begin_key(asked.world, asked.signed_in()),
        "label": asked.form.text("label"),
    }
    return Page("add_key.html", values, refusal)


def _after_adding(codes: Sequence[str]) -> GoTo:
    return _to_codes(codes) if codes else GoTo(_PATH)


def _to_codes(codes: Sequence[str]) -> GoTo:
    return GoTo(_CODES, once=Once(_CODES, "codes", 0, " ".join(codes)))


def show_codes(asked: Asked) -> Page | GoTo:
    """The recovery codes that were made just now, this once."""
    asked.signed_in()
    if asked.once is None:
        return GoTo(_PATH)
    return Page("recovery_codes.html", {"codes": asked.once.secret.split()})


def browser_words(agent: str) -> str:
    """A browser in a few words, by what it says of itself."""
    browser = next((words for part, words in _BROWSERS if part in agent), "")
    system = next((words for part, words in _SYSTEMS if part in agent), "")
    return " on ".join(filter(None, (browser, system))) or "an unknown browser"
