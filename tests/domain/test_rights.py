"""Rights: every way to sign in, every role, every question."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product

import pytest
from tests.support.builders import caller, project

from homeport.domain.account import AccountPolicy, Caller, Scope, token_text
from homeport.domain.errors import Forbidden, NotFound
from homeport.domain.names import ProjectName
from homeport.domain.project import Role
from homeport.domain.rights import (
    CONFIRM_NEEDED,
    FRESH_FOR,
    may_read,
    project_unknown,
    require_admin,
    require_admitted,
    require_fresh,
    require_in_person,
    require_known,
    require_maintainer,
    require_maintainer_or_admin,
    require_role,
    require_scope,
    require_unrestricted,
)

DEMO = project("De_Mo")
UPLOAD, MANAGE, READ = Scope

# Who asks, and the scopes that the way they signed in allows on the project de-mo.
CALLERS: dict[str, tuple[Caller, set[Scope]]] = {
    "password": (caller(), set(Scope)),
    "admin": (caller(is_admin=True), set(Scope)),
    "upload token": (caller(UPLOAD), {UPLOAD}),
    "manage token": (caller(MANAGE), {MANAGE}),
    "full token": (caller(UPLOAD, MANAGE, READ), set(Scope)),
    "token for de-mo": (caller(UPLOAD, MANAGE, projects=("de-mo",)), {UPLOAD, MANAGE}),
    "read token": (caller(READ), {READ}),
    "read token for de-mo": (caller(READ, projects=("de-mo",)), {READ}),
    "admin's read token": (caller(READ, is_admin=True), {READ}),
    "token for other": (caller(UPLOAD, MANAGE, projects=("other",)), set()),
    "token for a spelling": (caller(UPLOAD, MANAGE, projects=("De_Mo",)), set()),
    "admin's upload token": (caller(UPLOAD, is_admin=True), {UPLOAD}),
}


def code_of(ask: Callable[[], object]) -> str:
    """The code of the refusal, or nothing when there is none."""
    try:
        ask()
    except Forbidden as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(("who", "scope"), [*product(CALLERS, Scope)])
def test_scope(who: str, scope: Scope) -> None:
    """A token is good for its scopes on its projects, by their PEP 503 form; a password for everything."""
    asking, allowed = CALLERS[who]
    wanted = "" if scope in allowed else "token-scope"
    assert code_of(lambda: require_scope(asking, scope, DEMO.name)) == wanted


@pytest.mark.parametrize(
    ("who", "scope", "role", "owner"), [*product(CALLERS, Scope, [None, *Role], [False, True])]
)
def test_role(who: str, scope: Scope, role: Role | None, *, owner: bool) -> None:
    """A right is the token's scope and the person's role together; a reader has none, nor has an administrator."""
    asking, allowed = CALLERS[who]
    wanted = ""
    if scope not in allowed:
        wanted = "token-scope"
    elif role in {None, Role.READER}:
        wanted = "role-missing"
    elif owner and role is Role.MAINTAINER:
        wanted = "owner-only"
    assert code_of(lambda: require_role(asking, scope, DEMO, role, owner=owner)) == wanted
    if not wanted:
        assert require_role(asking, scope, DEMO, role, owner=owner) is role


@pytest.mark.parametrize(("who", "role", "is_private"), [*product(CALLERS, [None, *Role], [False, True])])
def test_a_private_project_is_none_for_strangers(who: str, role: Role | None, *, is_private: bool) -> None:
    """Who has no role in it is told what is told of no project at all, whatever their token is for."""
    asking, demo = CALLERS[who][0], replace(DEMO, is_private=is_private)
    if not is_private or role is not None or asking.user.is_admin:
        require_known(asking, demo, role)
        return
    for ask in (partial(require_known, asking, demo, role), partial(require_role, asking, READ, demo, role)):
        with pytest.raises(NotFound) as refused:
            ask()
        assert (refused.value.code, refused.value.sentence) == (
            "project-unknown",
            "There is no project de-mo here.",
        )
    with pytest.raises(Forbidden):
        require_maintainer(asking, UPLOAD, demo, role)


@pytest.mark.parametrize(("who", "role", "is_private"), [*product(CALLERS, [None, *Role], [False, True])])
def test_reading(who: str, role: Role | None, *, is_private: bool) -> None:
    """Any way to sign in that allows reading the project reads it; a private one, with any role or as administrator."""
    asking, allowed = CALLERS[who]
    wanted = READ in allowed and (not is_private or role is not None or asking.user.is_admin)
    assert may_read(asking, "de-mo", role, is_private=is_private) is wanted


def test_reading_lists() -> None:
    """The lists are read by whoever may read all projects: a token for one of them is not enough."""
    assert may_read(caller(), "", None, is_private=False)
    assert may_read(caller(READ), "", None, is_private=False)
    assert not may_read(caller(READ, projects=("de-mo",)), "", None, is_private=False)
    assert not may_read(caller(UPLOAD, MANAGE), "", None, is_private=False)


@pytest.mark.parametrize("who", CALLERS)
def test_admin(who: str) -> None:
    """Administrators act in person: not even their own token does it for them."""
    wanted = "" if who == "admin" else "admin-only"
    assert code_of(lambda: require_admin(CALLERS[who][0])) == wanted


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("who", CALLERS)
def test_looking_after_a_project(who: str, role: Role | None) -> None:
    """Whoever maintains it may, by their role; an administrator without one in person only; nobody else."""
    asking, scopes = CALLERS[who]
    maintains = role is not None and role.maintains
    if maintains and MANAGE in scopes:
        assert require_maintainer_or_admin(asking, DEMO, role) is role
    elif not maintains and who == "admin":
        assert require_maintainer_or_admin(asking, DEMO, role) is None
    else:
        with pytest.raises(Forbidden):
            require_maintainer_or_admin(asking, DEMO, role)


def test_administrators_are_told_that_it_was_the_token() -> None:
    """Who administers the index and came by a token is not told that they do not."""
    root = replace(caller().user, is_admin=True)
    with pytest.raises(Forbidden, match="No token may do this: sign in on the pages, or use the shell"):
        require_admin(replace(caller(MANAGE), user=root))
    with pytest.raises(Forbidden, match="Only an administrator may do this"):
        require_admin(caller(MANAGE))


@pytest.mark.parametrize(("who", "scope"), [*product(CALLERS, Scope)])
def test_unrestricted(who: str, scope: Scope) -> None:
    """What is not there yet can be made with a token for all projects only."""
    asking, allowed = CALLERS[who]
    is_free = scope in allowed and not (asking.token and asking.token.projects)
    assert code_of(lambda: require_unrestricted(asking, scope)) == ("" if is_free else "token-scope")


def test_the_refusal_says_what_is_missing() -> None:
    """Who is refused is told who they are, what they lack, and whom to ask."""
    with pytest.raises(Forbidden, match=r"This token may not be used to upload De_Mo"):
        require_scope(caller(READ), UPLOAD, DEMO.name)
    with pytest.raises(Forbidden, match=r"alice does not maintain De_Mo: ask one of its owners"):
        require_role(caller(), UPLOAD, DEMO, None)
    with pytest.raises(Forbidden, match=r"Only an owner of De_Mo"):
        require_role(caller(), MANAGE, DEMO, Role.MAINTAINER, owner=True)
    with pytest.raises(Forbidden, match=r"to manage all of its user's projects"):
        require_unrestricted(caller(MANAGE, projects=("de-mo",)), MANAGE)


def test_what_opens_an_account_is_changed_in_person() -> None:
    """A password or a session may, no token may, whatever its scopes (I-15)."""
    refused = {name for name, (who, _) in CALLERS.items() if code_of(partial(require_in_person, who))}
    assert refused == {name for name, (who, _) in CALLERS.items() if who.token is not None}
    assert code_of(lambda: require_in_person(caller(MANAGE))) == "in-person-only"


@pytest.mark.parametrize("is_verified", [False, True])
def test_an_unverified_address_waits(is_verified: bool) -> None:
    """Where verified addresses are wanted, others are refused, and told what to do."""
    policy = AccountPolicy(needs_verified=True)
    code = code_of(lambda: require_admitted(caller(is_verified=is_verified), policy))
    assert code == ("" if is_verified else "email-unverified")
    assert code_of(lambda: require_admitted(caller(), AccountPolicy())) == ""


NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "is_fresh"),
    [
        (timedelta(0), True),
        (FRESH_FOR, True),
        (FRESH_FOR + timedelta(microseconds=1), False),
        (-FRESH_FOR, True),
        (-FRESH_FOR - timedelta(microseconds=1), False),
    ],
)
def test_what_gives_rights_away_needs_a_fresh_confirmation(ago: timedelta, is_fresh: bool) -> None:
    """A quarter of an hour long, and not for ever after the clock went back (I-19)."""
    confirmed = replace(caller(is_admin=True), confirmed_at=NOW - ago)
    assert code_of(lambda: require_fresh(confirmed, NOW)) == ("" if is_fresh else CONFIRM_NEEDED)


def test_who_has_nothing_else_to_show_is_not_asked() -> None:
    """Tokens, and the shell of whoever runs the index."""
    assert code_of(lambda: require_fresh(caller(MANAGE), NOW)) == ""
    assert code_of(lambda: require_fresh(caller(), NOW)) == ""


def test_a_token_in_the_place_of_a_name_is_not_told() -> None:
    """A name is told normalized, so that no hidden one's spelling shows; what looks like a token is struck out (T-05)."""
    text = token_text(bytes(32))
    told = project_unknown(ProjectName.parse(text)).sentence
    assert text[3:] not in told
    assert project_unknown(ProjectName.parse("De.Mo")).sentence == "There is no project de-mo here."
