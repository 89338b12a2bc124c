"""Rights: may this caller do this to that project? The one gate for passwords, sessions, tokens and the shell."""

from datetime import datetime, timedelta

from homeport.domain.account import AccountPolicy, Caller, Scope
from homeport.domain.errors import Forbidden, NotFound
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, Role
from homeport.domain.strike_out import without_tokens

FRESH_FOR = timedelta(minutes=15)
CONFIRM_NEEDED = "confirm-needed"


def require_scope(caller: Caller, scope: Scope, project: ProjectName) -> None:
    """``Forbidden`` when the caller's token is not for this use of this project."""
    if not caller.may_use(scope, project.normalized):
        raise Forbidden(
            f"This token may not be used to {scope} {project}: create one with that scope and project.",
            code="token-scope",
        )


def require_role(
    caller: Caller, scope: Scope, project: Project, role: Role | None, *, owner: bool = False
) -> Role:
    """The caller's role, or ``Forbidden`` with what is missing; a private project is told of to its members only.

    ``role`` is the caller's role in ``project``; ``owner`` asks for an owner, else a maintainer suffices.
    """
    require_known(caller, project, role)
    return require_maintainer(caller, scope, project, role, owner=owner)


def require_known(caller: Caller, project: Project, role: Role | None) -> None:
    """``NotFound``, as if there were none, when a private project is none of the caller's business."""
    if project.is_private and role is None and not caller.user.is_admin:
        raise project_unknown(project.name)


def project_unknown(name: ProjectName) -> NotFound:
    """There is no such project, or none that is told of; in the form that does not tell how a hidden one is spelled."""
    # A token that was typed in the wrong place is not to be known by its prefix once it is normalized (T-05).
    struck = without_tokens(name.display)
    shown = name.normalized if struck == name.display else struck
    return NotFound(f"There is no project {shown} here.", code="project-unknown")


def require_maintainer(
    caller: Caller, scope: Scope, project: Project, role: Role | None, *, owner: bool = False
) -> Role:
    """The same where a name that is taken must be told: who wants to make it their own learns that they cannot."""
    require_scope(caller, scope, project.name)
    if role is None or not role.maintains:
        raise Forbidden(
            f"{caller.user.name} does not maintain {project.name}: ask one of its owners for a role.",
            code="role-missing",
        )
    if owner and role is not Role.OWNER:
        raise Forbidden(f"Only an owner of {project.name} may do this.", code="owner-only")
    return role


def require_admin(caller: Caller) -> None:
    """``Forbidden`` unless the caller is an administrator who signed in without a token."""
    if not caller.user.is_admin:
        raise Forbidden("Only an administrator may do this.", code="admin-only")
    if caller.token is not None:
        raise Forbidden(
            "No token may do this: sign in on the pages, or use the shell of the server.", code="admin-only"
        )


def require_maintainer_or_admin(caller: Caller, project: Project, role: Role | None) -> Role | None:
    """The role of who maintains the project, ``None`` for an administrator who looks after the index; else ``Forbidden``."""
    if (role is not None and role.maintains) or not caller.user.is_admin:
        return require_role(caller, Scope.MANAGE, project, role)
    require_admin(caller)
    return None


def is_admin_in_person(caller: Caller) -> bool:
    """True for whom :func:`require_admin` lets pass."""
    return caller.user.is_admin and caller.token is None


def require_fresh(caller: Caller, now: datetime) -> None:
    """``Forbidden`` when a person showed who they are too long ago for what gives rights away.

    Tokens and the shell are not asked: whoever holds one has nothing else to show.
    """
    # A clock that went back must not make a session younger than it is (I-19).
    if caller.confirmed_at is not None and abs(now - caller.confirmed_at) > FRESH_FOR:
        raise Forbidden("Confirm first that it is you: you signed in a while ago.", code=CONFIRM_NEEDED)


def require_in_person(caller: Caller) -> None:
    """``Forbidden`` when the caller signed in by a token: what opens an account is not changed by one (I-15)."""
    if caller.token is not None:
        raise Forbidden("No token may do this: sign in with your password.", code="in-person-only")


def require_admitted(caller: Caller, policy: AccountPolicy) -> None:
    """``Forbidden`` while the index wants a verified address, and the caller's is not."""
    if not policy.admits(caller.user):
        raise Forbidden(
            "Verify your e-mail address first: ask for a link on the page of your account (/account/).",
            code="email-unverified",
        )


def require_unrestricted(caller: Caller, scope: Scope) -> None:
    """``Forbidden`` when a token lacks ``scope``, or is for some projects only while something new is asked for."""
    if caller.token is not None and (scope not in caller.token.scopes or caller.token.projects):
        raise Forbidden(f"This needs a token to {scope} all of its user's projects.", code="token-scope")


def may_read(caller: Caller, normalized: str, role: Role | None, *, is_private: bool) -> bool:
    """True when the caller may read what needs signing in: the project of that PEP 503 form, or with ``""`` the lists.

    A token must be for reading, and for this project; a private project is read by who has a ``role`` in it.
    """
    is_trusted = not is_private or role is not None or caller.user.is_admin
    return is_trusted and caller.may_use(Scope.READ, normalized)
