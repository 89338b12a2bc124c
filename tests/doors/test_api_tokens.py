"""The calls about tokens, what a token that is none is answered, reports of tokens found, and noted uses."""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from tests.support.api_door import ApiDoor, Told, api_door
from tests.support.archives import make_wheel
from tests.support.asgi import call as ask
from tests.support.fake_clock import FakeClock
from tests.support.forms import FilePart, form_headers, multipart, upload_fields
from tests.support.hot_reads import DictReads, hot_app
from tests.support.private_index import PAGE, Index, make
from tests.support.world import add_person

from homeport.api.token_uses import TokenUses
from homeport.domain.account import Caller, Token, token_text
from homeport.domain.account import Scope as TokenScope
from homeport.domain.errors import Invalid, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.token import NOTED_EVERY
from homeport.flows.manage_project import create_project
from homeport.flows.tokens import NewToken, TokenWish, create_token, note_use, revoke_token
from homeport.observe import events

WHEEL = "lark-1.0-py3-none-any.whl"
MOMENT = timedelta(microseconds=1)
EVERYTHING = frozenset(TokenScope)
REPORT = "/_/token-found"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door behind which ada owns lark and finch."""
    with api_door(tmp_path) as opened:
        for name in ("lark", "finch"):
            create_project(opened.world, opened.user("ada"), name, HostingMode.ONLY)
        yield opened


def make_token(
    door: ApiDoor, *projects: str, scopes: frozenset[TokenScope] = EVERYTHING, **wish: Any
) -> NewToken:
    """A token of ada's."""
    return create_token(door.world, Caller(door.user("ada")), TokenWish(scopes, projects, **wish))


def bearer(text: str) -> dict[str, str]:
    """The header field that shows a token."""
    return {"authorization": f"Bearer {text}"}


def call(door: ApiDoor, method: str, path: str, headers: dict[str, str], **body: Any) -> tuple[int, Any]:
    """What is answered."""
    told = door.call(method, path, headers, **body)
    return told.status, json.loads(told.body)


def upload(door: ApiDoor, token: str, filename: str = WHEEL, name: str = "lark", **changes: str) -> Told:
    """Send a file as twine does; ``changes`` are other fields."""
    body = make_wheel(name)
    form = multipart(upload_fields(filename, body, **changes), [FilePart(filename, body)])
    headers = {key.lower(): value for key, value in form_headers(token).items()}
    return door.ask("POST", "/legacy/", [form], headers)


# Calls


def test_a_token_is_made_listed_and_revoked(door: ApiDoor) -> None:
    """The text is told once; what is listed has everything but it; a revoked one is refused from then on."""
    asking = make_token(door)
    status, made = call(
        door,
        "POST",
        "/tokens",
        bearer(asking.text),
        scopes=["upload"],
        projects=["Lark"],
        expires="90d",
        label="CI",
    )
    assert status == 201
    text = made.pop("token")
    assert made | {"id": 0, "created": "", "expires": ""} == {
        "id": 0,
        "made_by": asking.token.id,
        "user": "ada",
        "label": "CI",
        "state": "live",
        "scopes": ["upload"],
        "projects": ["lark"],
        "created": "",
        "expires": "",
        "last_used": None,
        "revoked": None,
    }
    assert upload(door, text).status == 200
    status, listed = call(door, "GET", "/tokens", bearer(asking.text))
    assert status == 200
    assert [token["id"] for token in listed["tokens"]] == [made["id"], asking.token.id]
    assert listed["tokens"][0] == made
    status, revoked = call(door, "POST", f"/tokens/{made['id']}/revoke", bearer(asking.text), reason="Over.")
    assert (status, revoked["state"]) == (200, "revoked")
    assert revoked["revoked"].endswith("Z")
    assert upload(door, text, "lark-1.0-1-py3-none-any.whl").status == 401
    assert text not in door.call("GET", "/tokens", bearer(asking.text)).text


def test_a_token_makes_none_that_does_more(door: ApiDoor) -> None:
    """Scopes, projects and time: each way of more is refused with 403 and named, and all together."""
    asking = make_token(door, "lark", scopes=frozenset({TokenScope.MANAGE}), lasts=timedelta(days=1))
    status, refused = call(
        door, "POST", "/tokens", bearer(asking.text), scopes=["read"], projects=["finch"], expires="2d"
    )
    assert (status, refused["code"], len(refused["problems"])) == (403, "token-beyond", 3)
    status, made = call(door, "POST", "/tokens", bearer(asking.text), scopes=["manage"])
    assert (status, made["projects"]) == (201, ["lark"])
    assert made["expires"] == f"{asking.token.expires_at:%Y-%m-%dT%H:%M:%SZ}"


def test_what_is_not_named_is_as_the_asking_token_has_it(door: ApiDoor) -> None:
    """By a token nothing need be said; who has none to take it from, or one that cannot manage, is refused."""
    both = frozenset({TokenScope.MANAGE, TokenScope.READ})
    asking = make_token(door, "lark", scopes=both, lasts=timedelta(days=1))
    status, made = call(door, "POST", "/tokens", bearer(asking.text))
    assert (status, made["scopes"], made["projects"]) == (201, ["manage", "read"], ["lark"])
    assert made["expires"] == f"{asking.token.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    with pytest.raises(Invalid, match="Say what the token is for"):
        create_token(door.world, Caller(door.user("ada")), TokenWish())
    reading = make_token(door, scopes=frozenset({TokenScope.READ}))
    status, refused = call(door, "POST", "/tokens", bearer(reading.text))
    assert (status, refused["code"]) == (403, "token-scope")


def test_what_is_asked_for_is_read_as_a_whole(door: ApiDoor) -> None:
    """Wrong fields are refused; so are unknown scopes, projects and numbers."""
    headers = bearer(make_token(door).text)
    for body, status, code in (
        ({"scopes": ["fly"]}, 400, "scope-unknown"),
        ({"scopes": "upload"}, 400, "body-invalid"),
        ({"scopes": ["upload"], "expires": "soon"}, 400, "body-invalid"),
        ({"scopes": ["upload"], "token": "x"}, 400, "body-invalid"),
        ({"scopes": ["upload"], "projects": ["wren"]}, 404, "project-unknown"),
    ):
        got, refused = call(door, "POST", "/tokens", headers, **body)
        assert (got, refused["code"]) == (status, code)
    for number in ("0", "4711", "x", "9" * 40):
        got, refused = call(door, "POST", f"/tokens/{number}/revoke", headers)
        assert (got, refused["code"]) == (404, "token-unknown")


# What opens nothing


def test_t02_what_is_no_live_token_is_401_and_another_project_403(door: ApiDoor) -> None:
    """Missing, wrong, expired and revoked tokens are asked for again; a live one for another project is refused."""
    ended, revoked = make_token(door, lasts=MOMENT), make_token(door)
    revoke_token(door.world, Caller(door.user("ada")), revoked.token.id)
    for text in (ended.text, revoked.text, token_text(bytes(32)), f"{revoked.text}0", ""):
        for told in (upload(door, text), door.call("GET", "/projects/lark", bearer(text))):
            assert (told.status, told.headers["www-authenticate"]) == (401, 'Basic realm="pypi"')
    other = make_token(door, "finch").text
    for told in (upload(door, other), door.call("GET", "/projects/lark", bearer(other))):
        assert told.status == 403
        assert "www-authenticate" not in told.headers


def test_t03_a_token_for_one_project_does_nothing_elsewhere(door: ApiDoor) -> None:
    """It uploads to its project; not to another one, not to a new one, and moves no hosting mode it may not manage."""
    text = make_token(door, "lark", scopes=frozenset({TokenScope.UPLOAD})).text
    assert upload(door, text).status == 200
    for name in ("finch", "wren"):
        assert upload(door, text, f"{name}-1.0-py3-none-any.whl", name).status == 403
    refused = call(door, "PUT", "/projects/lark/mode", bearer(text), mode="pypi-cache", consent=True)
    assert (refused[0], refused[1]["code"]) == (403, "token-scope")


@pytest.mark.parametrize("where", ["?token={}", "?access_token={}", "?password={}&username=__token__"])
def test_t05_a_token_in_the_address_opens_nothing(door: ApiDoor, where: str) -> None:
    """What stands in a query string stands in logs: it is no credential."""
    told = door.call("GET", f"/projects/lark{where.format(make_token(door).text)}", {})
    assert told.status == 401


def test_t05_a_token_is_echoed_nowhere(door: ApiDoor, caplog: pytest.LogCaptureFixture) -> None:
    """Sent in the place of a name, a version, a reason or a file, it is struck out of the answer and the log."""
    text = make_token(door).text
    headers = bearer(text)
    with caplog.at_level(logging.DEBUG):
        answers = [
            door.call("GET", f"/projects/{text}", headers),
            door.call("POST", f"/projects/lark/releases/{text}/yank", headers),
            door.call("PUT", "/projects/lark/status", headers, status=text),
            door.call("POST", "/tokens", headers, scopes=[text]),
            door.call("POST", "/tokens", headers, scopes=["read"], projects=[text]),
            door.call("POST", "/tokens", headers, scopes=["read"], **{text: 1}),
            door.call("POST", f"/tokens/{text}/revoke", headers),
            door.call("POST", "/projects/lark/invitations", headers, user=text, role="owner"),
            door.ask("GET", f"/pypi/{text.replace('_', '-')}/json", (), headers),
            upload(door, text, version=text),
            upload(door, text, **{":action": text}),
            upload(door, f"{text} {text}"),
        ]
    assert [told.status for told in answers if told.status < HTTPStatus.BAD_REQUEST] == []
    for told in answers:
        assert text[3:40] not in told.text + repr(told.headers)
    assert text[3:40] not in caplog.text


@pytest.mark.parametrize("formatter", [events._Lines(), events._Json()])
def test_t05_no_line_of_the_log_has_a_token(formatter: logging.Formatter) -> None:
    """Wherever it comes from, message, field or traceback, it is struck out of the line that is written (T-29)."""
    text = token_text(bytes(32))
    try:
        raise ValueError(text)  # noqa: TRY301 - the traceback is the case
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
        record = logging.LogRecord("homeport", logging.ERROR, "", 1, f"it was {text}", (), told)
    record.fields = {"path": f"/projects/{text}"}
    line = formatter.format(record)
    assert line.count("hp_***") == 3
    assert text[3:40] not in line


# Found in the open


def report(door: ApiDoor, value: Any) -> Told:
    """What a scanner is answered; it has no account."""
    return door.ask("POST", REPORT, [json.dumps(value).encode()])


def test_a_found_token_ends_and_the_finder_learns_nothing(door: ApiDoor) -> None:
    """Live, ended and made-up ones are answered alike, with nothing; the live one is good for nothing from then on."""
    live = make_token(door)
    answers = [
        report(
            door, {"tokens": [{"token": live.text, "url": "https://code.example/x"}], "source": "scanner"}
        ),
        report(door, {"tokens": [live.text]}),
        report(door, {"tokens": [{"token": token_text(bytes(32)), "type": "homeport", "source": "commit"}]}),
        report(door, {"tokens": ["nothing", ""]}),
        report(door, {"tokens": []}),
    ]
    assert {(told.status, told.body, repr(sorted(told.headers))) for told in answers} == {
        (204, b"", repr(sorted(answers[0].headers)))
    }
    assert door.call("GET", "/tokens", bearer(live.text)).status == 401
    with door.world.store.read() as tx:
        told = [notice.text for notice in tx.notices.of_user(door.user("ada").id, limit=1)]
    assert told[0].startswith("Somebody found its text at https://code.example/x.")


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"tokens": "hp_"},
        {"tokens": [1]},
        {"tokens": [None]},
        {"tokens": [{}]},
        {"tokens": [{"token": 1}]},
        {"tokens": [{"token": "x", "url": 1}]},
        {"tokens": ["x"] * 101},
    ],
)
def test_a_report_that_cannot_be_read(door: ApiDoor, value: object) -> None:
    """What is no report is refused with what was wanted; a hundred tokens at once are the bound."""
    told = report(door, value)
    assert (told.status, told.headers["content-type"]) == (400, "application/problem+json")


def test_a_report_is_posted(door: ApiDoor) -> None:
    """Nothing is told to who only looks."""
    assert door.ask("GET", REPORT).status == 405


# Noted uses


def test_a_use_is_noted_after_the_answer_and_once_an_hour(door: ApiDoor) -> None:
    """The answer is given first; then the store is told, unless it was within the hour; the next hour again."""
    made, clock = make_token(door), FakeClock(door.world.clock.now())
    noted: list[int] = []
    order: list[str] = []

    def note(token: Token) -> None:
        order.append("noted")
        noted.append(token.id)
        note_use(replace(door.world, clock=clock), token)

    async def rest(scope: Scope, receive: Receive, send: Send) -> None:
        await door.app(scope, receive, send)
        order.append("answered")

    app = hot_app(DictReads(), rest=rest, note_use=note, now=clock.now)
    for wait in (timedelta(0), MOMENT, NOTED_EVERY - 2 * MOMENT, MOMENT):
        clock.advance(wait)
        assert ask(app, "/api/v1/tokens", bearer(made.text)).status == 200
    assert noted == [made.token.id] * 2
    assert order == ["answered", "noted", "answered", "answered", "answered", "noted"]
    assert ask(app, "/api/v1/tokens", {}).status == 401
    assert len(noted) == 2


def test_reading_notes_the_use_too(tmp_path: Path) -> None:
    """The hot paths leave the token they let in; who was not let in leaves none."""
    index: Index = make(tmp_path, is_private=True, must_sign_in=False)
    noted: list[Token] = []
    app = hot_app(index.reads, note_use=noted.append)
    assert ask(app, PAGE, index.token("ada")).status == 200
    assert ask(app, PAGE, index.token("eve")).status == 404
    assert ask(app, PAGE, {}).status == 401
    assert [token.user for token in noted] == ["ada", "eve"]


def test_a_store_that_is_away_spoils_no_answer(tmp_path: Path) -> None:
    """A use that cannot be noted is forgotten, and noted by the next request."""
    index: Index = make(tmp_path, is_private=True, must_sign_in=False)
    tried: list[Token] = []

    def note(token: Token) -> None:
        tried.append(token)
        raise Unavailable("The database is away.")

    app = hot_app(index.reads, note_use=note)
    headers = index.token("ada")
    assert [ask(app, PAGE, headers).status for _ in range(2)] == [200, 200]
    assert len(tried) == 2


def test_many_requests_at_once_note_one_use(door: ApiDoor) -> None:
    """While a use is being noted, the others of the same token wait for nothing."""
    token, now = make_token(door).token, door.world.clock.now()
    tried: list[Token] = []

    def note(used: Token) -> None:
        tried.append(used)
        note_use(door.world, used)

    async def use() -> None:
        uses = TokenUses(note, lambda: now)
        await asyncio.gather(*(uses.note({"homeport.token": token}) for _ in range(20)))
        await uses.note({"homeport.token": token})

    asyncio.run(use())
    assert len(tried) == 2


def test_a_token_says_when_it_was_used(door: ApiDoor) -> None:
    """What was noted is listed."""
    made = make_token(door)
    note_use(door.world, made.token)
    _, listed = call(door, "GET", "/tokens", bearer(made.text))
    assert listed["tokens"][0]["last_used"].endswith("Z")


def test_an_administrators_token_reaches_nobody_elses(door: ApiDoor) -> None:
    """Administrators revoke in person; their tokens, and strangers, are refused."""
    made, root = make_token(door), add_person(door.world, "root", is_admin=True)
    by_token = create_token(door.world, Caller(root), TokenWish(EVERYTHING)).text
    for headers in (bearer(by_token), door.token("eve")):
        status, refused = call(door, "POST", f"/tokens/{made.token.id}/revoke", headers, reason="Because.")
        assert (status, refused["code"]) == (403, "admin-only")
    assert call(door, "GET", "/tokens", bearer(made.text))[0] == 200
