"""An administrator gives a project, or a user, a quota of its own, or takes it back."""

from homeport.domain.account import Caller
from homeport.domain.errors import NotFound
from homeport.domain.ledger import Kind
from homeport.domain.quota import Usage, told_size
from homeport.domain.rights import require_admin
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import page_of, tell, tell_members, write_notice
from homeport.ports.world import World


def change_project_quota(world: World, caller: Caller, name: str, quota_bytes: int | None) -> Usage:
    """Let the project have so many bytes of files; ``None``: as many as any. What it has and may have then."""
    require_admin(caller)
    now, actor = world.clock.now(), caller.user.name
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = find_project(tx, name)
        there = tx.quotas.of_project(project.id)
        if there.own_quota_bytes == quota_bytes:
            return there
        tx.quotas.set_of_project(project.id, quota_bytes)
        tx.ledger.append(
            Kind.QUOTA_CHANGED,
            at=now,
            actor=actor,
            project=project.name.normalized,
            details={"bytes": quota_bytes},
        )
        facts = {"project": project.name.display, "quota": _told(quota_bytes), "by": actor}
        notice = write_notice("quota-changed", facts, path=page_of(project), at=now)
        tell_members(tx, project, notice, but_not=actor)
        return tx.quotas.of_project(project.id)


def change_user_quota(world: World, caller: Caller, user_name: str, quota_bytes: int | None) -> Usage:
    """Let the user upload so many bytes; ``None``: as many as anybody. What they uploaded and may upload then."""
    require_admin(caller)
    now, actor = world.clock.now(), caller.user.name
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        user = tx.users.by_name(user_name)
        if user is None:
            raise NotFound(f"There is no user {user_name[:80]} here.", code="user-unknown")
        there = tx.quotas.of_user(user.id)
        if there.own_quota_bytes == quota_bytes:
            return there
        tx.quotas.set_of_user(user.id, quota_bytes)
        details = {"user": user.name, "bytes": quota_bytes}
        tx.ledger.append(Kind.QUOTA_CHANGED, at=now, actor=actor, project="", details=details)
        facts = {"project": "", "quota": _told(quota_bytes), "by": actor}
        notice = write_notice("quota-changed", facts, path="/manage/", at=now)
        tell(tx, [user], notice, but_not=actor)
        return tx.quotas.of_user(user.id)


def _told(quota_bytes: int | None) -> str:
    return "the index's usual amount" if quota_bytes is None else told_size(quota_bytes)
