"""The gate in front of ``/simple/`` and ``/files/``: private indexes, private projects, and who is let in (R16, S05)."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.asgi import call
from tests.support.hot_reads import DictReads, hot_app
from tests.support.private_index import (
    CONTENT,
    FILE,
    METADATA,
    NAME,
    OF_PROJECT,
    PAGE,
    SHA256,
    USERS,
    Index,
    basic,
    make,
    require_challenge,
    require_for_one_only,
    sign_in,
    with_password,
)

from homeport.api.answers import NOT_FOUND
from homeport.domain.account import Caller, Scope, token_text
from homeport.domain.errors import Forbidden, RateLimited, Refusal, Unavailable
from homeport.domain.project import Role
from homeport.domain.throttle import parse_proxies

JSON = "application/vnd.pypi.simple.v1+json"
MOMENT = timedelta(microseconds=1)


@pytest.fixture(params=["public index", "private index"])
def private(request: pytest.FixtureRequest, tmp_path: Path) -> Index:
    """A private project, on a public and on a private index."""
    return make(tmp_path, is_private=True, must_sign_in=request.param == "private index")


@pytest.fixture
def closed(tmp_path: Path) -> Index:
    """A private index whose project is for everyone who signs in."""
    return make(tmp_path, is_private=False, must_sign_in=True)


@pytest.mark.parametrize("target", OF_PROJECT)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_r16_who_is_nobody_is_asked_to_sign_in(private: Index, target: str, method: str) -> None:
    """Without credentials a private project is 401 with a challenge, and none of it is told."""
    reply = private.ask(target, method=method)
    require_challenge(reply)
    assert (reply.body == b"") is (method == "HEAD")


@pytest.mark.parametrize("target", OF_PROJECT)
def test_wrong_credentials_are_401(private: Index, target: str) -> None:
    """A token that nobody was given, a wrong password and what cannot be read are asked for again."""
    unknown = token_text(bytes(32))
    for value in (
        basic("__token__", unknown),
        basic("__token__", unknown[:-1] + "x"),
        basic("__token__", "hp_short"),
        basic("ada", "wrong"),
        basic("nobody", "wrong"),
        basic("", ""),
        {"Authorization": f"Bearer {unknown}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic \xe9"},
        {"Authorization": "Basic /w=="},
        {"Authorization": "Digest abc"},
        {"Authorization": ""},
    ):
        require_challenge(private.ask(target, value))


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60))
def test_no_credentials_break_the_gate(value: str) -> None:
    """Whatever stands in the header, the answer is a challenge."""
    reads = DictReads()
    reads.add_project("demo", b"{}", b"", is_private=True)
    for scheme in ("", "Basic ", "Bearer ", "token "):
        require_challenge(Index(reads).ask(PAGE, {"Authorization": scheme + value}))


@pytest.mark.parametrize(("lasts", "status"), [(MOMENT, 200), (timedelta(0), 401), (-MOMENT, 401)])
def test_an_ended_token_is_401(private: Index, lasts: timedelta, status: int) -> None:
    """A token is good until the moment it ends."""
    assert private.ask(PAGE, private.token("ada", lasts=lasts)).status == status


LETS_IN: list[tuple[str, Callable[[Index], dict[str, str]]]] = [
    ("owner's password", lambda _: with_password("ada")),
    ("reader's password", lambda _: with_password("bob")),
    ("administrator's password", lambda _: with_password("root")),
    ("owner's token", lambda index: index.token("ada")),
    ("reader's token", lambda index: index.token("bob")),
    ("reader's token for the project", lambda index: index.token("bob", projects=("demo", "other"))),
    ("administrator's token", lambda index: index.token("root")),
    ("token of all scopes", lambda index: index.token("ada", *Scope)),
    (
        "bearer",
        lambda index: {
            "Authorization": "Bearer "
            + base64.b64decode(index.token("bob")["Authorization"][6:]).decode()[10:]
        },
    ),
]
KEEPS_OUT: list[tuple[str, Callable[[Index], dict[str, str]]]] = [
    ("stranger's password", lambda _: with_password("eve")),
    ("stranger's token", lambda index: index.token("eve")),
    ("stranger's token for the project", lambda index: index.token("eve", projects=("demo",))),
    ("owner's token of another project", lambda index: index.token("ada", projects=("other",))),
    ("owner's token to upload", lambda index: index.token("ada", Scope.UPLOAD, Scope.MANAGE)),
    ("administrator's token to manage", lambda index: index.token("root", Scope.MANAGE)),
]


@pytest.mark.parametrize("target", OF_PROJECT)
@pytest.mark.parametrize("who", [case[1] for case in LETS_IN], ids=[case[0] for case in LETS_IN])
def test_who_may_read_is_given_it(
    private: Index, target: str, who: Callable[[Index], dict[str, str]]
) -> None:
    """Members and administrators read what is private, by password or by a token to read; it is for them only."""
    reply = private.ask(target, who(private) | {"Accept": JSON})
    assert reply.status == 200
    assert b"demo" in reply.body or reply.body == CONTENT
    require_for_one_only(reply)


@pytest.mark.parametrize("target", OF_PROJECT)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("who", [case[1] for case in KEEPS_OUT], ids=[case[0] for case in KEEPS_OUT])
def test_who_may_not_read_is_told_that_nothing_is_there(
    private: Index, target: str, method: str, who: Callable[[Index], dict[str, str]]
) -> None:
    """Whoever signed in and is no reader is given the answer of a project that does not exist."""
    caller = who(private)
    reply = private.ask(target, caller, method=method)
    assert reply.status == 404
    if method == "GET":
        assert reply.body == NOT_FOUND.body
    require_for_one_only(reply)


@pytest.mark.parametrize(
    "role", [Role.OWNER, Role.MAINTAINER, Role.READER, None], ids=["owner", "maintainer", "reader", "nobody"]
)
def test_every_role_reads(private: Index, role: Role | None) -> None:
    """Any role in the project is a right to read it; a role elsewhere is none."""
    private.reads.roles = {(USERS["eve"].id, "other"): Role.OWNER}
    if role:
        private.reads.roles[USERS["eve"].id, "demo"] = role
    assert private.ask(PAGE, private.token("eve")).status == (200 if role else 404)


def test_a_private_project_is_never_kept_for_others(private: Index) -> None:
    """After somebody was let in, the next one is asked all the same."""
    app = hot_app(private.reads, sign_in=sign_in, must_sign_in=private.must_sign_in)
    for target in OF_PROJECT:
        assert call(app, target, with_password("ada")).status == 200
        assert call(app, target).status == 401
        assert call(app, target, with_password("eve")).status == 404
        assert call(app, target, with_password("ada")).status == 200


def test_conditions_and_ranges_pass_the_gate_too(private: Index) -> None:
    """304, 206, 416 and 406 tell of the project as well: members get them, others what they always get."""
    reader = private.token("bob")
    cases: list[tuple[str, dict[str, str], int]] = [
        (PAGE, {"If-None-Match": "*"}, 304),
        (PAGE, {"Accept": "image/png"}, 406),
        (FILE, {"If-None-Match": "*"}, 304),
        (FILE, {"Range": "bytes=0-3"}, 206),
        (FILE, {"Range": "bytes=99-"}, 416),
        (METADATA, {"If-None-Match": "*"}, 304),
    ]
    for target, fields, status in cases:
        reply = private.ask(target, fields | reader)
        assert reply.status == status
        require_for_one_only(reply)
        require_challenge(private.ask(target, fields))
        assert private.ask(target, fields | with_password("eve")).status == 404


def test_head_is_get_without_the_body_for_members(private: Index) -> None:
    """HEAD of a private page or file has the fields of GET (R10)."""
    reader = private.token("bob")
    for target in OF_PROJECT:
        got, head = private.ask(target, reader), private.ask(target, reader, method="HEAD")
        assert (head.status, head.headers, head.body) == (200, got.headers, b"")


def test_bytes_that_are_missing_are_told_to_members_only(tmp_path: Path) -> None:
    """That a private file lost its bytes is nobody's business but its readers' (I-02)."""
    index = make(tmp_path, is_private=True, must_sign_in=False)
    (tmp_path / "blob").unlink()
    missing: list[str] = []
    app = hot_app(index.reads, sign_in=sign_in, on_missing=lambda _, filename: missing.append(filename))
    assert call(app, FILE).status == 401
    assert call(app, FILE, with_password("eve")).status == 404
    assert call(app, FILE, with_password("bob")).status == 503
    assert set(missing) == {NAME}


@pytest.mark.parametrize("target", ["/simple/other/", "/simple/Demo/", "/simple", "/simple/", "/files/x/y"])
def test_a_public_index_asks_nobody_for_what_is_no_secret(tmp_path: Path, target: str) -> None:
    """On a public index the list, redirects and what is not there are for everybody, also with wrong credentials."""
    index = make(tmp_path, is_private=True, must_sign_in=False)
    reply = index.ask(target)
    assert reply.status in {200, 301, 404}
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "private" not in reply.headers["cache-control"]
    assert index.ask(target, basic("ada", "wrong")).headers == reply.headers


def test_a_public_project_is_read_without_a_look_at_credentials(tmp_path: Path) -> None:
    """What everybody may read costs no password hash, whatever is sent."""

    def never(name: str, password: str, address: str) -> Caller:
        raise AssertionError(f"{name} was asked for a password: {password} {address}")

    index = make(tmp_path, is_private=False, must_sign_in=False)
    for target in (*OF_PROJECT, "/simple/"):
        reply = call(hot_app(index.reads, sign_in=never), target, basic("ada", "wrong"))
        assert reply.status == 200
        assert reply.headers["access-control-allow-origin"] == "*", "S09"
        assert "Authorization" not in reply.headers.get("vary", "")


EVERYWHERE = [
    *OF_PROJECT,
    "/simple/",
    "/simple",
    "/simple/Demo",
    "/simple/unknown/",
    "/simple/-x/",
    "/files/",
    f"/files/{SHA256}/other.whl",
    f"/files/{'0' * 64}/{NAME}.metadata",
]


@pytest.mark.parametrize("target", EVERYWHERE)
def test_r16_a_private_index_tells_nobody_anything(closed: Index, target: str) -> None:
    """Pages, files, redirects and what is not there: everyone is asked to sign in first, whatever the method."""
    for method in ("GET", "HEAD", "POST"):
        require_challenge(closed.ask(target, method=method))
    require_challenge(closed.ask(target, basic("ada", "wrong")))


@pytest.mark.parametrize("target", EVERYWHERE)
def test_a_private_index_is_open_to_its_users(closed: Index, target: str) -> None:
    """Everyone with an account reads what is not private, and is told what is not there and where things are."""
    wanted = {"/simple": 301, "/simple/Demo": 301} | dict.fromkeys(
        EVERYWHERE[EVERYWHERE.index("/simple/unknown/") :], 404
    )
    for who in (with_password("eve"), closed.token("eve")):
        reply = closed.ask(target, who)
        assert reply.status == wanted.get(target, 200)
        require_for_one_only(reply)
    assert closed.ask(target, with_password("eve"), method="POST").status == 405


@pytest.mark.parametrize("coding", ["identity", "gzip", "gzip, deflate, zstd"])
def test_the_list_of_a_private_index(closed: Index, coding: str) -> None:
    """The list, known or new, in any coding, is for whoever may read all of the index."""
    fields = {"Accept": JSON, "Accept-Encoding": coding}
    reader = closed.token("eve") | fields
    reply = closed.ask("/simple/", reader)
    assert reply.status == 200
    assert reply.headers["vary"] == "Accept, Accept-Encoding, Authorization"
    assert reply.headers["cache-control"] == "private, no-cache"
    require_for_one_only(reply)
    head = closed.ask("/simple/", reader, method="HEAD")
    assert (head.status, head.headers) == (200, reply.headers)
    known = closed.ask("/simple/", reader | {"If-None-Match": reply.headers["etag"]})
    assert (known.status, known.body) == (304, b"")
    require_for_one_only(known)
    assert closed.ask("/simple/", reader | {"Accept": "image/png"}).status == 406
    require_challenge(closed.ask("/simple/", fields | {"If-None-Match": reply.headers["etag"]}))


@pytest.mark.parametrize(
    ("scopes", "projects"),
    [((Scope.UPLOAD,), ()), ((Scope.MANAGE, Scope.UPLOAD), ()), ((Scope.READ,), ("demo",))],
)
def test_a_narrow_token_does_not_read_the_list(
    closed: Index, scopes: tuple[Scope, ...], projects: tuple[str, ...]
) -> None:
    """A token that is not to read, or for some projects only, finds no list; for its project it is good."""
    caller = closed.token("ada", *scopes, projects=projects)
    assert closed.ask("/simple/", caller).status == 404
    assert closed.ask(PAGE, caller).status == (200 if projects else 404)


def test_files_of_members_are_kept_by_their_own_caches_only(private: Index) -> None:
    """The bytes of a URL never change, so the member's own cache may keep them, and no shared one."""
    control = private.ask(FILE, private.token("bob")).headers["cache-control"]
    assert control == "private, max-age=31536000, immutable"


def test_two_authorizations_are_none(private: Index) -> None:
    """A header that is sent twice is no credential: nothing is guessed from it."""
    value = with_password("ada")["Authorization"]
    app = hot_app(private.reads, sign_in=sign_in, must_sign_in=private.must_sign_in)
    require_challenge(call(app, PAGE, [("Authorization", value), ("Authorization", value)]))


def test_what_nobody_expected_at_the_gate_is_told_once(tmp_path: Path) -> None:
    """A sign-in that fails for its own reasons is a 500 with an id, of which nothing is kept, and nothing is given."""

    def broken(name: str, password: str, address: str) -> Caller:
        raise OSError(f"{name}: {len(password)} {address}")

    told: list[str] = []

    def tell(error: Exception, path: str) -> str:
        told.append(f"{type(error).__name__} {path}")
        return "cafe01"

    index = make(tmp_path, is_private=True, must_sign_in=False)
    reply = call(hot_app(index.reads, sign_in=broken, on_accident=tell), PAGE, with_password("ada"))
    assert (reply.status, reply.headers["cache-control"]) == (500, "no-store")
    assert b"cafe01" in reply.body
    assert b"demo" not in reply.body
    assert told == [f"OSError {PAGE}"]


@pytest.mark.parametrize(
    ("refusal", "status", "wait"),
    [
        (Unavailable("The database is away.", retry_after_seconds=7), 503, "7"),
        (RateLimited("Too many tries failed.", retry_after_seconds=240), 429, "240"),
        (Forbidden("ada has a second factor: use a token."), 403, None),
    ],
)
def test_who_cannot_be_signed_in_is_told_why(
    tmp_path: Path, refusal: Refusal, status: int, wait: str | None
) -> None:
    """A database that is away, too many tries, a password that is not enough: each as at every door, and no accident."""

    def refuse(name: str, password: str, address: str) -> Caller:
        raise refusal

    def unexpected(error: Exception, path: str) -> str:
        raise AssertionError(f"{path}: {error}")

    index = make(tmp_path, is_private=True, must_sign_in=False)
    for target in OF_PROJECT:
        reply = call(
            hot_app(index.reads, sign_in=refuse, on_accident=unexpected), target, with_password("ada")
        )
        assert (reply.status, reply.headers.get("retry-after")) == (status, wait)
        assert reply.body.decode() == f"{refusal.sentence}\n"
        assert "no-store" in reply.headers["cache-control"]
        assert "www-authenticate" not in reply.headers
        assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize(
    ("trusted", "told", "address"),
    [
        ("", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "192.0.2.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "203.0.113.9", "127.0.0.1"),
    ],
)
def test_where_a_password_came_from(tmp_path: Path, trusted: str, told: str, address: str) -> None:
    """The peer's address, or what a trusted proxy tells: that is whose tries are counted together."""
    index, seen = make(tmp_path, is_private=True, must_sign_in=False), list[str]()

    def sign_in_from(name: str, password: str, from_: str) -> Caller:
        seen.append(from_)
        return sign_in(name, password)

    app = hot_app(index.reads, sign_in=sign_in_from, proxies=parse_proxies(trusted))
    assert call(app, PAGE, with_password("bob") | {"X-Forwarded-For": told}).status == 200
    assert seen == [address]
