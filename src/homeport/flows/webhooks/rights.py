"""Who may have a webhook, see what it is told, and change it: asked when somebody comes, and again when it is told."""

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import NotFound
from homeport.domain.project import Project, Role
from homeport.domain.rights import is_admin_in_person, require_admin, require_role, require_unrestricted
from homeport.domain.webhook import Feed, Webhook
from homeport.flows.manage_project import find_project
from homeport.ports.store import Transaction


def require_may_have(tx: Transaction, caller: Caller, feed: Feed, project: str) -> Project | None:
    """The project that a webhook of the caller's would be for, ``None`` for another feed; or the refusal."""
    if feed is Feed.INDEX:
        require_admin(caller)
        return None
    if feed is Feed.PERSON:
        require_unrestricted(caller, Scope.MANAGE)
        return None
    return require_owned(tx, caller, project)


def require_owned(tx: Transaction, caller: Caller, name: str) -> Project:
    """The project of that name, which the caller owns; or the refusal."""
    project = find_project(tx, name)
    require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id), owner=True)
    return project


def find_hook(tx: Transaction, caller: Caller, hook_id: int) -> Webhook:
    """The webhook of that id, for who may have it; whom it is none of the business of is told that there is none."""
    hook = tx.webhooks.find(hook_id)
    if hook is None or not _may_know(tx, caller, hook):
        raise NotFound(f"There is no webhook {hook_id} here.", code="webhook-unknown")
    require_may_have(tx, caller, hook.feed, hook.project)
    return hook


def find_seen(tx: Transaction, caller: Caller, hook_id: int) -> tuple[Webhook, bool]:
    """The webhook of that id, for who may have it; True beside it for an administrator who looks after the index.

    Such a one is told neither where exactly it leads, nor what it tells.
    """
    hook = tx.webhooks.find(hook_id)
    if hook is None or not is_admin_in_person(caller) or _has(tx, caller, hook):
        return find_hook(tx, caller, hook_id), False
    return hook.without_path(), True


def _has(tx: Transaction, caller: Caller, hook: Webhook) -> bool:
    if hook.feed is Feed.PROJECT:
        return tx.projects.role_of(hook.project_id or 0, caller.user.id) is Role.OWNER
    return hook.feed is Feed.INDEX or hook.user_id == caller.user.id


def _may_know(tx: Transaction, caller: Caller, hook: Webhook) -> bool:
    if hook.feed is Feed.INDEX:
        return caller.user.is_admin
    if hook.feed is Feed.PERSON:
        return hook.user_id == caller.user.id
    return tx.projects.role_of(hook.project_id or 0, caller.user.id) is not None


def why_void(tx: Transaction, hook: Webhook) -> str:
    """Why a webhook does not count any more; empty while who answers for it may have it."""
    user = tx.users.by_name(hook.by)
    if user is None or user.is_disabled:
        return f"The account of {hook.by}, who answers for it, is not open any more."
    if hook.feed is Feed.INDEX and not user.is_admin:
        return f"{hook.by}, who answers for it, does not administer this index any more."
    if hook.feed is Feed.PROJECT and tx.projects.role_of(hook.project_id or 0, user.id) is not Role.OWNER:
        return f"{hook.by}, who answers for it, does not own {belongs_to(tx, hook)} any more."
    return ""


def concerned(tx: Transaction, hook: Webhook) -> list[User]:
    """Everybody who is told when something happens to a webhook."""
    if hook.feed is Feed.INDEX:
        return list(tx.users.administrators())
    if hook.feed is Feed.PERSON:
        user = tx.users.by_id(hook.user_id or 0)
        return [user] if user else []
    return owners(tx, hook.project_id or 0)


def owners(tx: Transaction, project_id: int) -> list[User]:
    """Everybody who owns a project."""
    return [member.user for member in tx.projects.members(project_id) if member.role is Role.OWNER]


def belongs_to(tx: Transaction, hook: Webhook) -> str:
    """What a webhook is of, in a sentence."""
    if hook.project:
        return find_project(tx, hook.project).name.display
    return "the index" if hook.feed is Feed.INDEX else "yours"
