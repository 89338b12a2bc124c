"""The table of rights for programs: every call of the management API and of uploads, and who may make it."""

import json
from collections.abc import Mapping
from datetime import timedelta

from tests.support.archives import make_wheel
from tests.support.catalogue import wheel_name
from tests.support.forms import BOUNDARY, FilePart, multipart, upload_fields
from tests.support.hooks import URL as HOOK
from tests.support.rights import PASSWORD, PERSONS, STAGE_KEY, STAGED, Request
from tests.support.rights_rows import KEEPERS, NEXT_WEEK, SIGNED_IN, Row, about, answered, call, hidden
from tests.support.staging import MEDIA_TYPE, META, claim, wheel

from homeport.adapters.system import SystemClock

TOMORROW = (SystemClock().now() + timedelta(days=1)).isoformat()
CAMPAIGN = {
    "title": "Home",
    "reason": "Why.",
    "day": (SystemClock().now() + timedelta(days=95)).date().isoformat(),
    "terms_url": "https://example.org/terms",
}


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
    hidden(call("GET", "/webhooks/{id}", "OA")),
    hidden(call("POST", "/webhooks/{id}/secret", "O")),
    call("GET", "/admin/webhooks", "A"),
    call("PUT", "/webhooks/{id}/stopped", "A", stopped=True, reason="It does harm."),
    hidden(call("DELETE", "/webhooks/{id}", "O")),
    hidden(call("PUT", "/webhooks/{id}/enabled", "O", enabled=False)),
    hidden(call("POST", "/webhooks/{id}/test", "O")),
    hidden(call("POST", "/webhooks/{id}/replay", "O", **{"from": 1})),
    hidden(call("POST", "/webhooks/{id}/deliveries/{delivery}/replay", "O")),
    call("GET", "/projects/{name}/receivers", "O"),
    call("POST", "/projects/{name}/receivers", "O", forge="github"),
    hidden(call("DELETE", "/receivers/{id}", "O")),
    hidden(call("POST", "/receivers/{id}/secret", "O")),
    call("GET", "/admin/receivers", "A"),
    call("PUT", "/receivers/{id}/stopped", "A", stopped=True, reason="It does harm."),
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
