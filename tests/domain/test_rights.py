"""Rights: every way to sign in, every role, every question."""

from collections.abc import Callable
from itertools import product

import pytest
from tests.support.builders import caller, project

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Forbidden
from homeport.domain.project import Role
from homeport.domain.rights import may_read, require_admin, require_role, require_scope, require_unrestricted

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
