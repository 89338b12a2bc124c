"""Who may do what: every route and method there is, asked by everybody there is (G-27).

1. A row says who may. Everybody else gets the answer that they deserve, and leaves nothing in the ledger.
2. A route without its row fails, and so does a row without its route.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from tests.support.api_door import Told
from tests.support.archives import make_wheel
from tests.support.catalogue import wheel_name
from tests.support.forms import BOUNDARY, FilePart, multipart, upload_fields
from tests.support.hooks import URL as HOOK
from tests.support.rights import (
    PASSWORD,
    PERSONS,
    STAGE_KEY,
    STAGED,
    Actor,
    Doors,
    Prepared,
    Request,
    doors,
    prepared,
)
from tests.support.staging import MEDIA_TYPE, META, claim, wheel

from homeport.adapters.system import SystemClock

BAD = 400
NEXT_WEEK = (SystemClock().now() + timedelta(days=7)).date().isoformat()
TOMORROW = (SystemClock().now() + timedelta(days=1)).isoformat()
SIGNED_IN = PERSONS + Actor.ELSEWHERE
CAMPAIGN = {
    "title": "Home",
    "reason": "Why.",
    "day": (SystemClock().now() + timedelta(days=95)).date().isoformat(),
    "terms_url": "https://example.org/terms",
}
KEEPERS = "MO"
"""A maintainer, or an owner."""


@dataclass(frozen=True)
class Row:
    """Who may, and what they ask. ``refused`` is what those with an account are told who may not."""

    allowed: str
    request: Request
    refused: int = 403
    answered: int = 0
    """What those are told who may; 0 is any success."""
    is_hidden: bool = False
    """True when who has no role in the project is told that there is no such thing: numbers tell no names."""


def call(method: str, path: str, allowed: str, refused: int = 403, /, **body: object) -> tuple[str, Row]:
    """A row of the management API; ``path`` is filled in by the usual names."""
    return f"{method} /api/v1{path}", Row(allowed, Request(method, f"/api/v1{filled(path)}", body), refused)


def page(path: str, allowed: str, refused: int = 403) -> tuple[str, Row]:
    """A row of a page that is looked at."""
    return f"GET {path}", Row(allowed, Request("GET", filled(path)), refused)


def form(
    path: str, do: str, allowed: str, refused: int = 403, /, **fields: str | list[str]
) -> tuple[str, Row]:
    """A row of a button that is pressed."""
    sent = {"do": do, **fields} if do else fields
    return f"POST {path} {do}".strip(), Row(allowed, Request("POST", filled(path), fields=sent), refused)


def answered(status: int, row: tuple[str, Row]) -> tuple[str, Row]:
    """``row``, in which those who may are told why it does not go on."""
    return row[0], replace(row[1], answered=status)


def hidden(row: tuple[str, Row]) -> tuple[str, Row]:
    """``row``, which strangers to the project cannot tell from a number that nothing has."""
    return row[0], replace(row[1], is_hidden=True)


def about(last: str, row: tuple[str, Row]) -> tuple[str, Row]:
    """``row``, about another person or project than the usual one, named last in the path."""
    request = row[1].request
    path = f"{request.path.rpartition('/')[0]}/{last}"
    return row[0], replace(row[1], request=replace(request, path=path))


FILLED = {
    "{name}": "demo",
    "{version}": "1.0",
    "{user}": "zoe",
    "{id}": "1",
    "{item}": "1",
    "{project}": "demo",
    "{team}": "core",
    "{kind}": "drift",
    "{export}": "links.csv",
    "{filename}": wheel_name("demo", "1.0"),
    "{fingerprint}": "ab" * 20,
    "{file}": "events.csv",
    "{table}": "exemptions.csv",
    "{delivery}": "1",
}


def filled(path: str) -> str:
    """The path with the names of what there is."""
    if path.startswith(("/organisations/", "/manage/organisations/")):
        path = path.replace("{name}", "acme")
    if path.startswith(("/users/", "/admin/users/")):
        path = path.replace("{name}", "zoe")
    if path.startswith(("/hosts/", "/admin/hosts/")):
        path = path.replace("{name}", "files.example.org")
    for gap, name in FILLED.items():
        path = path.replace(gap, name)
    return path


def uploaded(project: str, version: str) -> tuple[bytes, str]:
    """The form that twine sends."""
    filename, data = wheel_name(project, version), make_wheel(project, version)
    body = multipart(upload_fields(filename, data), [FilePart(filename, data)])
    return body, f"multipart/form-data; boundary={BOUNDARY}"


def legacy(path: str) -> tuple[str, Row]:
    """A row of an address that takes uploads."""
    return f"POST {path}", Row(KEEPERS, Request("POST", path, raw=uploaded("demo", "3.0")))


_UPLOADS = tuple(map(legacy, ("/legacy/", "/legacy", "/pypi", "/pypi/", "/")))

_CALLS = (
    call("GET", "/account", SIGNED_IN),
    call("PUT", "/account/email", PERSONS, email="new@example.org"),
    call("PUT", "/account/password", PERSONS, present=PASSWORD, password="another battery staple"),
    call("GET", "/users", "A"),
    call("POST", "/users", "A", name="new", email="new@example.org"),
    call("GET", "/users/{name}", "A"),
    call("POST", "/users/{name}/link", "A"),
    call("PUT", "/users/{name}/disabled", "A", disabled=True),
    call("PUT", "/users/{name}/admin", "A", admin=True),
    call("PUT", "/users/{name}/quota", "A", quota="1 GiB"),
    call("GET", "/projects/{name}/drift", KEEPERS + "A"),
    call("POST", "/projects/{name}/drift", KEEPERS),
    call("GET", "/admin/dashboard", "A"),
    call("GET", "/admin/modes", "A"),
    call("GET", "/admin/projects", "A"),
    call("GET", "/admin/rehosts", "A"),
    call("GET", "/drift", "A"),
    call("GET", "/projects/{name}/hosting", KEEPERS + "A"),
    call("GET", "/projects/{name}/consent", KEEPERS),
    call("PUT", "/projects/{name}/consent", "O", hosts=["files.example.org"]),
    call("POST", "/projects/{name}/consent/withdraw", "O"),
    call("GET", "/exemptions", "A"),
    # Who may is told that the project has none.
    answered(404, call("PUT", "/projects/{name}/exemption", "A", until=NEXT_WEEK, reason="Large.")),
    answered(404, call("POST", "/projects/{name}/exemption/end", "A", reason="Enough.")),
    call("GET", "/campaigns", "A"),
    call("POST", "/campaigns", "A", kind="to-only", **CAMPAIGN),
    # Who may is told that there is none of that number.
    answered(404, call("GET", "/campaigns/{id}", "A")),
    answered(404, call("PUT", "/campaigns/{id}", "A", **CAMPAIGN)),
    answered(404, call("GET", "/campaigns/{id}/projects", "A")),
    answered(404, call("GET", "/campaigns/{id}/unreached", "A")),
    answered(404, call("GET", "/campaigns/{id}/preview", "A")),
    answered(404, call("GET", "/campaigns/{id}/mails/{name}", "A")),
    answered(404, call("POST", "/campaigns/{id}/preview", "A")),
    answered(404, call("POST", "/campaigns/{id}/announce", "A")),
    answered(404, call("POST", "/campaigns/{id}/pause", "A")),
    answered(404, call("POST", "/campaigns/{id}/resume", "A")),
    answered(404, call("POST", "/campaigns/{id}/cancel", "A")),
    call("POST", "/projects/{name}/opt-in", KEEPERS, consent=True),
    call("GET", "/policy", SIGNED_IN),
    call("PUT", "/policy", "A", cooling_hours=24, reason="Careful."),
    call("GET", "/proposals", "A"),
    # Who may is told that nobody proposed anything.
    answered(404, call("POST", "/proposals/{id}/agree", "A")),
    answered(404, call("POST", "/proposals/{id}/refuse", "A", reason="No.")),
    answered(404, call("POST", "/proposals/{id}/withdraw", "A")),
    call("GET", "/frozen", "A"),
    call("PUT", "/projects/{name}/releases/{version}/frozen", "A", frozen=True, reason="A virus."),
    call("GET", "/hosts", "A"),
    call("GET", "/hosts/{name}", "A"),
    call("PUT", "/hosts/{name}/frozen", "A", frozen=True, reason="Its domain was sold."),
    call("PUT", "/hosts/{name}/rest", "A", until=TOMORROW),
    call("DELETE", "/hosts/{name}/rest", "A"),
    call("GET", "/tokens", SIGNED_IN),
    # A token makes others that reach no farther than itself.
    call("POST", "/tokens", SIGNED_IN, scopes=["upload"]),
    call("POST", "/tokens/{id}/revoke", "OA", reason="It was in a log."),
    call("POST", "/projects", PERSONS, name="fresh"),
    call("GET", "/projects/{name}", KEEPERS),
    call("PUT", "/projects/{name}/quota", "A", quota="1 GiB"),
    call("GET", "/projects/{name}/sources", KEEPERS),
    call("POST", "/projects/{name}/sources", KEEPERS, kind="homepage", url="https://example.org/"),
    # Who may is told that there is no such source.
    answered(404, call("POST", "/projects/{name}/sources/remove", KEEPERS, url="https://gone.example/")),
    call("POST", "/projects/{name}/sources/try", KEEPERS, kind="homepage", url="https://example.org/"),
    call("PUT", "/projects/{name}/mode", "O", mode="pypi-only"),
    call("PUT", "/projects/{name}/status", "OA", status="archived"),
    call("PUT", "/projects/{name}/visibility", "OA", private=True),
    call("POST", "/projects/{name}/releases/{version}/yank", KEEPERS, reason="broken"),
    call("POST", "/projects/{name}/releases/{version}/unyank", KEEPERS),
    call("POST", "/projects/{name}/releases/{version}/remove", "OA", reason="a secret is in it"),
    call("GET", "/projects/{name}/files/{filename}/origin", SIGNED_IN),
    call("GET", "/projects/{name}/signers", KEEPERS),
    # Who may is told that this is no key, or that there is none of these.
    answered(400, call("POST", "/projects/{name}/signers/keys", KEEPERS, key="none")),
    answered(404, call("POST", "/projects/{name}/signers/keys/{fingerprint}/remove", KEEPERS)),
    call("POST", "/projects/{name}/signers/identities", "O", repository="ada/demo"),
    answered(404, call("POST", "/projects/{name}/signers/identities/remove", "O", repository="ada/demo")),
    call("GET", "/projects/{name}/rehosts", KEEPERS),
    call("POST", "/projects/{name}/rehosts", KEEPERS),
    call("POST", "/projects/{name}/update-cache", KEEPERS),
    hidden(call("GET", "/rehosts/{id}", KEEPERS)),
    # Who may is told that this is another plan.
    hidden(
        answered(409, call("POST", "/rehosts/{id}/accept", KEEPERS, plan_digest="0" * 64, basis="author"))
    ),
    hidden(call("GET", "/rehosts/{id}/items", KEEPERS)),
    # Who may is told that the plan has no such item.
    hidden(answered(404, call("GET", "/rehosts/{id}/items/{item}", KEEPERS))),
    hidden(call("GET", "/rehosts/{id}/draft", KEEPERS)),
    # Who may is told that this is another plan.
    hidden(answered(409, call("PUT", "/rehosts/{id}/draft", KEEPERS, plan_digest="0" * 64))),
    hidden(
        answered(
            409,
            call(
                "POST",
                "/rehosts/{id}/hashes",
                KEEPERS,
                plan_digest="0" * 64,
                hashes=f"{'0' * 64}  demo-1.tar.gz",
            ),
        )
    ),
    hidden(call("POST", "/rehosts/{id}/refuse", KEEPERS, reason="no")),
    # Who may is told that there is nothing to fetch.
    hidden(answered(409, call("POST", "/rehosts/{id}/fetch", KEEPERS, all=True))),
    hidden(call("GET", "/rehosts/{id}/progress", KEEPERS)),
    hidden(call("POST", "/rehosts/{id}/retry", KEEPERS)),
    # Who may is told that there is nothing to withdraw yet.
    hidden(answered(409, call("POST", "/rehosts/{id}/withdraw", KEEPERS))),
    hidden(answered(404, call("GET", "/rehosts/{id}/consent", KEEPERS))),
    call("POST", "/projects/{name}/releases", KEEPERS, version="9.0"),
    call("GET", "/removals", "A"),
    answered(404, call("POST", "/removals/{id}", "A", answer="declined", reason="no")),
    call("GET", "/surveys", "A"),
    call("POST", "/surveys", "A", all=True),
    # What there is by that number is told to nobody else, not even who maintains some project.
    call("GET", "/surveys/{id}", "A", 404),
    call("GET", "/surveys/{id}/projects", "A", 404),
    call("GET", "/surveys/{id}/links", "A", 404),
    call("GET", "/projects/{name}/members", KEEPERS),
    call("PUT", "/projects/{name}/members/{user}", "O", role="maintainer"),
    call("DELETE", "/projects/{name}/members/{user}", "O"),
    call("POST", "/projects/{name}/invitations", "O", user="rex", role="reader"),
    call("GET", "/invitations", PERSONS),
    call("POST", "/invitations/{id}/accept", "S", 404),
    call("POST", "/invitations/{id}/decline", "S", 404),
    hidden(call("POST", "/invitations/{id}/take-back", "O")),
    call("GET", "/webhooks", "A"),
    call("POST", "/webhooks", "A", url=HOOK),
    call("GET", "/projects/{name}/webhooks", "O"),
    call("POST", "/projects/{name}/webhooks", "O", url=HOOK),
    call("GET", "/account/webhooks", PERSONS),
    call("POST", "/account/webhooks", PERSONS, url=HOOK),
    hidden(call("GET", "/webhooks/{id}", "O")),
    hidden(call("DELETE", "/webhooks/{id}", "O")),
    hidden(call("PUT", "/webhooks/{id}/enabled", "O", enabled=False)),
    hidden(call("POST", "/webhooks/{id}/test", "O")),
    hidden(call("POST", "/webhooks/{id}/replay", "O", **{"from": 1})),
    hidden(call("POST", "/webhooks/{id}/deliveries/{delivery}/replay", "O")),
    call("GET", "/projects/{name}/receivers", "O"),
    call("POST", "/projects/{name}/receivers", "O", forge="github"),
    hidden(call("DELETE", "/receivers/{id}", "O")),
    call("GET", "/organisations", PERSONS),
    call("POST", "/organisations", PERSONS, name="newcomers"),
    call("GET", "/organisations/{name}", KEEPERS),
    call("PUT", "/organisations/{name}/members/{user}", "O", role="owner"),
    call("DELETE", "/organisations/{name}/members/{user}", "O"),
    call("POST", "/organisations/{name}/invitations", "O", user="rex"),
    about("sam", call("DELETE", "/organisations/{name}/invitations/{user}", "O")),
    call("POST", "/organisations/{name}/accept", "S", 404),
    call("POST", "/organisations/{name}/decline", "S", 404),
    about("lone", call("PUT", "/organisations/{name}/projects/{project}", "O")),
    call("DELETE", "/organisations/{name}/projects/{project}", "O"),
    call("POST", "/organisations/{name}/teams", "O", name="docs"),
    call("DELETE", "/organisations/{name}/teams/{team}", "O"),
    call("PUT", "/organisations/{name}/teams/{team}/members/{user}", "O"),
    about("mia", call("DELETE", "/organisations/{name}/teams/{team}/members/{user}", "O")),
    call("PUT", "/organisations/{name}/teams/{team}/projects/{project}", "O", role="maintainer"),
    call("DELETE", "/organisations/{name}/teams/{team}/projects/{project}", "O"),
)


def staging(method: str, path: str, body: bytes = b"", content_type: str = MEDIA_TYPE) -> tuple[str, Row]:
    """A row of Upload 2.0."""
    raw = (body or json.dumps({"meta": META}).encode(), content_type)
    asked = path.replace("{key}", STAGE_KEY).replace("{number}", "1")
    return f"{method} /upload/2.0/{path}", Row(KEEPERS, Request(method, f"/upload/2.0/{asked}", raw=raw))


def document(**values: object) -> bytes:
    """A document of Upload 2.0."""
    return json.dumps({"meta": META, **values}).encode()


_FILE = "{key}/files/{number}"
_STAGING = (
    staging("POST", "", document(name="demo", version="9.0")),
    staging("GET", "{key}"),
    staging("DELETE", "{key}"),
    staging("POST", "{key}/extend", document(**{"extend-for": 60})),
    # Who may is told that a file is not completed.
    answered(409, staging("POST", "{key}/publish")),
    staging("POST", "{key}/files", document(**claim(*wheel("8.0", tag="py2-none-any", project="demo")))),
    staging("GET", _FILE),
    staging("DELETE", _FILE),
    staging("POST", f"{_FILE}/bytes", STAGED[1], "application/octet-stream"),
    staging(
        "POST",
        f"{_FILE}/attestations",
        b'[{"version": 1, "verification_material": {}, "envelope": {}}]',
        "application/json",
    ),
    # Who may is told that its bytes are not there.
    answered(409, staging("POST", f"{_FILE}/complete")),
)
API: Mapping[str, Row] = dict((*_UPLOADS, *_CALLS, *_STAGING))

_WEB = PERSONS
_PAGES = (
    page("/manage/", _WEB),
    form("/manage/", "", _WEB, name="fresh", mode="pypi-only"),
    page("/manage/projects/{name}/", KEEPERS),
    form("/manage/projects/{name}/", "add-source", KEEPERS, kind="homepage", url="https://example.org/"),
    form("/manage/projects/{name}/", "try-source", KEEPERS, kind="homepage", url="https://example.org/"),
    answered(404, form("/manage/projects/{name}/", "remove-source", KEEPERS, url="https://gone.example/")),
    form("/manage/projects/{name}/", "plan", KEEPERS),
    form("/manage/projects/{name}/", "change-mode", "O", mode="pypi-only"),
    form("/manage/projects/{name}/", "add-identity", "O", forge="github", repository="ada/demo"),
    answered(404, form("/manage/projects/{name}/", "remove-key", KEEPERS, fingerprint="ab")),
    page("/manage/projects/{name}/consent/", KEEPERS),
    form("/manage/projects/{name}/consent/", "give", "O", hosts="files.example.org"),
    # Who may is told that no place is named for its files.
    answered(400, form("/manage/projects/{name}/consent/", "renew", "O")),
    form("/manage/projects/{name}/consent/", "withdraw", "O", reason="No more."),
    page("/manage/projects/{name}/releases/", KEEPERS + "A"),
    form("/manage/projects/{name}/releases/", "yank", KEEPERS, version="1.0"),
    form("/manage/projects/{name}/releases/", "freeze", "A", version="1.0", filename="", why="A virus."),
    form(
        "/manage/projects/{name}/releases/", "remove-release", "OA", version="1.0", confirm="1.0", cause="old"
    ),
    form("/manage/projects/{name}/releases/", "set-status", "OA", status="archived"),
    form("/manage/projects/{name}/releases/", "make-private", "OA"),
    page("/manage/projects/{name}/members/", KEEPERS),
    form("/manage/projects/{name}/members/", "invite", "O", who="rex", role="reader"),
    form("/manage/projects/{name}/members/", "change", "O", user="zoe", role="maintainer"),
    form("/manage/projects/{name}/members/", "remove", "O", user="zoe"),
    page("/invitations/{id}", "S", 404),
    form("/invitations/{id}", "accept", "S", 404),
    form("/invitations/{id}", "decline", "S", 404),
    page("/account/", _WEB),
    form("/account/", "change-email", _WEB, email="new@example.org"),
    page("/account/security/", _WEB),
    form("/account/security/", "end-others", _WEB),
    page("/account/security/app/", _WEB),
    answered(409, form("/account/security/app/", "", _WEB, code="000000", label="phone")),
    page("/account/security/key/", _WEB),
    answered(409, form("/account/security/key/", "", _WEB, answer="{}", label="key")),
    page("/account/tokens/", _WEB),
    form("/account/tokens/", "create", _WEB, scope="upload", label="laptop", lasts="90d"),
    page("/account/webhooks/", _WEB),
    form("/account/webhooks/", "add", _WEB, url=HOOK),
    page("/admin/webhooks/", "A"),
    form("/admin/webhooks/", "add", "A", url=HOOK, event="mode-changed"),
    page("/manage/projects/{name}/webhooks/", "O"),
    form("/manage/projects/{name}/webhooks/", "add", "O", url=HOOK),
    form("/manage/projects/{name}/webhooks/", "add-receiver", "O", forge="github"),
    form("/manage/projects/{name}/webhooks/", "remove-receiver", "O", receiver="1"),
    hidden(page("/webhooks/{id}/", "O")),
    hidden(form("/webhooks/{id}/", "test", "O")),
    hidden(form("/webhooks/{id}/", "disable", "O")),
    hidden(form("/webhooks/{id}/", "remove", "O")),
    page("/confirm/", _WEB),
    answered(403, form("/confirm/", "", _WEB, password="wrong")),
    page("/admin/users/", "A"),
    form("/admin/users/", "", "A", name="new", email="new@example.org"),
    page("/admin/users/{name}/", "A"),
    form("/admin/users/{name}/", "disable", "A"),
    form("/admin/users/{name}/", "reset-factors", "A"),
    page("/admin/surveys/", "A"),
    form("/admin/surveys/", "all", "A"),
    page("/admin/surveys/{id}/", "A", 404),
    page("/admin/surveys/{id}/projects/", "A", 404),
    page("/admin/surveys/{id}/links/", "A", 404),
    page("/admin/surveys/{id}/export/{export}", "A", 404),
    page("/admin/mails/", "A"),
    page("/admin/mails/previews/", "A"),
    page("/admin/mails/previews/{kind}/", "A"),
    page("/admin/mails/previews/{kind}/page", "A"),
    page("/account/notices/", _WEB),
    form("/account/notices/", "", _WEB, topic="files"),
    answered(404, form("/admin/mails/", "again", "A", mail="1")),
    form("/manage/projects/{name}/", "look-again", KEEPERS),
    page("/admin/exemptions/", "A"),
    form("/admin/exemptions/", "give", "A", project="demo", until=NEXT_WEEK, reason="Large."),
    answered(404, form("/admin/exemptions/", "end", "A", project="demo", reason="Enough.")),
    page("/admin/exemptions/export/{table}", "A"),
    page("/admin/drift/", "A"),
    page("/admin/drift/export/{file}", "A"),
    page("/admin/policies/", "A"),
    form("/admin/policies/", "change", "A", cooling_hours="24", allowed_modes="pypi-only", reason="Careful."),
    page("/admin/proposals/", "A"),
    answered(404, form("/admin/proposals/", "agree", "A", proposal="1")),
    page("/admin/frozen/", "A"),
    page("/admin/", "A"),
    page("/admin/modes/", "A"),
    answered(404, page("/admin/modes/export/{file}", "A")),
    page("/admin/projects/", "A"),
    answered(404, page("/admin/projects/export/{file}", "A")),
    page("/admin/rehosts/", "A"),
    answered(404, page("/admin/rehosts/export/{file}", "A")),
    page("/admin/campaigns/", "A"),
    form(
        "/admin/campaigns/",
        "",
        "A",
        kind="to-only",
        title="Home",
        reason="Now.",
        day="2099-01-01",
        terms_url="https://example.org/",
    ),
    answered(404, page("/admin/campaigns/{id}/", "A")),
    answered(404, form("/admin/campaigns/{id}/", "preview", "A")),
    answered(404, page("/admin/campaigns/{id}/preview/", "A")),
    answered(404, page("/admin/campaigns/{id}/preview/{name}/", "A")),
    answered(404, page("/admin/campaigns/{id}/preview/{name}/mails/{place}/", "A")),
    answered(404, page("/admin/campaigns/{id}/projects/", "A")),
    answered(404, page("/admin/campaigns/{id}/projects/export/{file}", "A")),
    answered(404, page("/admin/campaigns/{id}/unreached/", "A")),
    answered(404, page("/admin/campaigns/{id}/unreached/export/{file}", "A")),
    answered(404, page("/admin/campaigns/{id}/report.json", "A")),
    page("/admin/hosts/", "A"),
    answered(404, page("/admin/hosts/export/{file}", "A")),
    form("/admin/hosts/", "freeze", "A", name="files.example.org", reason="Its domain was sold."),
    page("/admin/hosts/{name}/", "A"),
    form("/admin/hosts/{name}/", "freeze", "A", reason="Its domain was sold."),
    form("/admin/hosts/{name}/", "wake", "A"),
    page("/manage/organisations/", _WEB),
    form("/manage/organisations/", "create", _WEB, name="newcomers", display_name="Newcomers"),
    page("/manage/organisations/{name}/", KEEPERS),
    form("/manage/organisations/{name}/", "create-team", "O", new_team="docs"),
    form("/manage/organisations/{name}/", "invite", "O", user="rex", role="member"),
    # Which project it is about is said in the query, and here it is not.
    answered(404, page("/manage/rehosts/new", PERSONS)),
    form("/manage/rehosts/new", "", KEEPERS, project="demo"),
    hidden(page("/manage/rehosts/{id}", KEEPERS)),
    hidden(answered(404, page("/manage/rehosts/{id}/items/{item}", KEEPERS))),
    hidden(answered(404, form("/manage/rehosts/{id}/items/{item}", "accept", KEEPERS))),
    hidden(answered(404, page("/manage/rehosts/{id}/consent.json", KEEPERS))),
    page("/admin/removals/", "A"),
    answered(404, form("/admin/removals/", "declined", "A", request="1", reason="no")),
    hidden(form("/manage/rehosts/{id}", "refuse", KEEPERS, reason="no")),
    hidden(answered(409, form("/manage/rehosts/{id}", "fetch", KEEPERS, plan="0" * 64, all="on"))),
)
PAGES: Mapping[str, Row] = dict(_PAGES)

OPEN = frozenset(
    {
        # For everybody: what is public, and what shows who somebody is.
        "GET /",
        "GET /search/",
        "GET /about/crawler/",
        "GET /hosting-log/",
        "GET /project/{name}/",
        "GET /project/{name}/files/{filename}/",
        "GET /organisations/{name}/",
        "GET /sign-in/",
        "POST /sign-in/",
        "GET /sign-in/second/",
        "POST /sign-in/second/",
        "POST /sign-out/",
        "GET /sign-up/",
        "POST /sign-up/",
        "GET /forgotten/",
        "POST /forgotten/",
        "GET /static/{name}",
        "GET /{path:path}",
        # It only leads on, to where rights are asked for.
        "GET /manage/project/{name}/hosting",
        # Whoever has the secret may; nothing else is asked.
        "GET /welcome/{secret}",
        "POST /welcome/{secret}",
        "GET /verify-email/{secret}",
        "POST /verify-email/{secret}",
        "GET /set-password/{secret}",
        "POST /set-password/{secret}",
        "GET /unsubscribe/{sealed}",
        "POST /unsubscribe/{sealed}",
        "POST /_/token-found",
        # Whoever can sign for it may (test_api_webhooks.py).
        "POST /hooks/{key}",
        "GET /stage/{secret}/simple/{name}/",
        "GET /stage/{secret}/files/{sha256}/{filename}",
        # What programs read: who may is decided by the project (test_reading.py).
        "GET /legacy/",
        "GET /legacy",
        "GET /pypi",
        "GET /pypi/",
        "GET /pypi/{name}/json",
        "GET /pypi/{name}/{version}/json",
        "GET /stats/",
        "GET /packages/{one}/{two}/{rest}/{filename}",
        "GET /rss/packages.xml",
        "GET /rss/updates.xml",
        "GET /rss/project/{name}/releases.xml",
        "GET /api/v1/openapi.json",
        "GET /api/v1/hosting-log",
        "GET /healthz",
        "GET /readyz",
    }
)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The index before anybody asks."""
    return prepared(tmp_path_factory.mktemp("rights") / "state")


@pytest.fixture(scope="module")
def untouched(state: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The doors at which those ask who may not: nothing changes there."""
    with doors(state, tmp_path_factory.mktemp("rights") / "untouched") as opened:
        yield opened


@dataclass(frozen=True)
class Door:
    """How one door is asked, and how it refuses; ``strangers`` show nothing that it knows."""

    ask: Callable[[Doors, Actor, Request], Told]
    strangers: frozenset[Actor]
    asks_to_sign_in: Callable[[Told], bool]

    def refuses(self, actor: Actor, row: Row, told: Told) -> bool:
        """True when ``told`` is what the row wants for those who may not."""
        if actor in self.strangers:
            return self.asks_to_sign_in(told)
        # A token that is for something else is told so, before it is said what there is.
        refused = 404 if row.is_hidden and actor not in KEEPERS else row.refused
        return told.status in ({refused, 403} if actor is Actor.ELSEWHERE else {refused})


def leads_to_sign_in(told: Told) -> bool:
    """True for a redirect to the form."""
    return told.status == 303 and told.headers["location"].startswith("/sign-in/?next=")


PROGRAMS = Door(Doors.api, frozenset({Actor.ANONYMOUS, Actor.EXPIRED}), lambda told: told.status == 401)
BROWSERS = Door(Doors.page, frozenset({Actor.ANONYMOUS, Actor.EXPIRED, Actor.ELSEWHERE}), leads_to_sign_in)


def wrongs(row: Row, door: Door, state: Prepared, untouched: Doors, scratch: Path) -> list[str]:
    """What was answered otherwise than the row says."""
    found, before = [], untouched.serial()
    for actor in Actor:
        if actor in row.allowed:
            with doors(state, scratch / actor.name) as own:
                told = door.ask(own, actor, row.request)
            if told.status != row.answered if row.answered else told.status >= BAD:
                found.append(f"{actor.name} may, and was told {told.status} {told.text[:300]}")
            continue
        told = door.ask(untouched, actor, row.request)
        if not door.refuses(actor, row, told):
            found.append(f"{actor.name} may not, and was told {told.status} {told.text[:300]}")
    if untouched.serial() != before:
        found.append("who may not left something in the ledger")
    return found


@pytest.mark.parametrize("name", API)
def test_calls(name: str, state: Prepared, untouched: Doors, tmp_path: Path) -> None:
    """A call is answered to who may, and to nobody else."""
    assert "\n".join(wrongs(API[name], PROGRAMS, state, untouched, tmp_path)) == ""


@pytest.mark.parametrize("name", PAGES)
def test_pages(name: str, state: Prepared, untouched: Doors, tmp_path: Path) -> None:
    """A page is shown, and a form taken, from who may; who is not signed in is asked to."""
    assert "\n".join(wrongs(PAGES[name], BROWSERS, state, untouched, tmp_path)) == ""


def test_every_route_has_its_row(untouched: Doors) -> None:
    """Whoever adds a route says here who may ask for it."""
    there = {f"{method} {path}" for method, path in routes(untouched.app)}
    rows = {" ".join(name.split(" ")[:2]) for name in (*API, *PAGES)}
    assert there - rows - OPEN == set(), "routes without a row"
    assert (rows | OPEN) - there == set(), "rows without a route"


def routes(app: Starlette) -> Iterator[tuple[str, str]]:
    """Every method and path."""
    for route in app.routes:
        assert isinstance(route, Route)
        for method in route.methods or ():
            if method != "HEAD":
                yield method, route.path
