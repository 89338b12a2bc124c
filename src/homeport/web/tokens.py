"""A person's own API tokens: made and shown once, listed, revoked."""

from urllib.parse import urlsplit

from markupsafe import Markup

from homeport.domain.account import Scope, Token
from homeport.domain.errors import Invalid, Refusal
from homeport.domain.token import parse_duration, token_state
from homeport.flows.browse import my_projects
from homeport.flows.tokens import TOKENS_PAGE, TokenWish, create_token, list_tokens, revoke_token
from homeport.web.once import Once
from homeport.web.page import Asked, GoTo, Page

# How long a token may last, the usual choice first; the last one never ends.
_LASTS = {"365d": "a year", "90d": "90 days", "30d": "30 days", "7d": "a week", "": "without end"}


def show_tokens(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Every token, and the form for another one; the one that was made just now is shown this once."""
    caller, world = asked.caller(), asked.world
    now = world.clock.now()
    tokens = list_tokens(world, caller)
    text = asked.once.secret if asked.once else ""
    made = [token for token in tokens if asked.once and token.id == asked.once.id]
    return Page(
        "tokens.html",
        {
            "tokens": [(token, token_state(token, now)) for token in tokens],
            # The one place where a page shows a token: anywhere else it would be struck out. It is letters and digits.
            "made": Markup(text),  # noqa: S704
            "uses": [way for token in made for way in _ways_to_use(token, text, world.base_url)],
            "scopes": list(Scope),
            "projects": my_projects(world, caller),
            "lasts": _LASTS,
            "form": asked.form,
        },
        refusal,
    )


def send_tokens(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    wanted = asked.form.text("do")
    caller = asked.caller()
    try:
        if wanted == "create":
            made = create_token(asked.world, asked.fresh_caller(), _wish(asked))
            return GoTo(TOKENS_PAGE, once=Once(TOKENS_PAGE, "token", made.token.id, made.text))
        if wanted != "revoke":
            raise Invalid(f"{wanted[:40]!r} is nothing that this page does.", code="action-unknown")
        for token_id in asked.form.numbers("token"):
            revoke_token(asked.world, caller, token_id)
    except Refusal as refusal:
        return show_tokens(asked, refusal)
    return GoTo(TOKENS_PAGE)


def _wish(asked: Asked) -> TokenWish:
    form = asked.form
    label = form.text("label")
    if not label:
        raise Invalid(
            "Say what the token is for: you will want to know when it is revoked.", code="label-missing"
        )
    lasts = form.text("lasts")
    return TokenWish(
        scopes=frozenset(map(Scope.parse, form.texts("scope"))),
        projects=(*form.texts("project"), *form.text("others").replace(",", " ").split()),
        lasts=parse_duration(lasts) if lasts else None,
        label=label,
    )


def _ways_to_use(token: Token, text: str, base_url: str) -> list[tuple[str, Markup]]:
    """What to paste where, for what the token may do."""
    scheme, _, place = base_url.partition("://")
    host = urlsplit(base_url).hostname
    said = {"token": Markup(text), "url": base_url, "scheme": scheme, "place": place, "host": host}  # noqa: S704
    ways = (way for scope, ways in _WAYS.items() if scope in token.scopes for way in ways)
    return [(title, Markup(lines).format(**said)) for title, lines in ways]  # noqa: S704 - our own lines


_PYPIRC = """\
[distutils]
index-servers = homeport

[homeport]
repository = {url}/legacy/
username = __token__
password = {token}"""
_TWINE = """\
export TWINE_PASSWORD={token}
twine upload --repository-url {url}/legacy/ -u __token__ dist/*"""
_UV = """\
export UV_PUBLISH_TOKEN={token}
uv publish --publish-url {url}/legacy/"""
_POETRY = """\
poetry config repositories.homeport {url}/legacy/
poetry config pypi-token.homeport {token}
poetry publish --repository homeport"""
_PIP = "pip config set global.index-url {scheme}://__token__:{token}@{place}/simple/"
_NETRC = """\
machine {host}
login __token__
password {token}"""
_CURL = 'curl -H "Authorization: Bearer {token}" {url}/api/v1/tokens'
_WAYS = {
    Scope.UPLOAD: (
        ("twine", _TWINE),
        ("~/.pypirc, for twine and others", _PYPIRC),
        ("uv", _UV),
        ("Poetry", _POETRY),
    ),
    Scope.READ: (("pip", _PIP), ("~/.netrc, for pip and uv", _NETRC)),
    Scope.MANAGE: (("curl", _CURL),),
}
