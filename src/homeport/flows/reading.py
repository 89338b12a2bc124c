"""Who may read what is not for everybody: the same answer as the hot paths give, for everything else that is read.

Nobody is asked who they are for what everybody may read.
"""

from collections.abc import Callable

from homeport.domain.account import Caller
from homeport.domain.errors import NotFound
from homeport.domain.names import ProjectName
from homeport.domain.project import Project
from homeport.domain.rights import may_read, project_unknown
from homeport.ports.store import Transaction
from homeport.ports.world import World

# Says who asks, or raises ``Unauthenticated``; it may compute a password's hash.
Who = Callable[[], Caller]


def require_index_reader(world: World, who: Who) -> None:
    """``Unauthenticated`` or ``NotFound`` unless the lists of this index may be read by the one who asks."""
    if world.policy.must_sign_in and not may_read(who(), "", None, is_private=False):
        raise NotFound("There is nothing here.", code="page-unknown")


def require_signed_in(world: World, who: Who) -> None:
    """``Unauthenticated`` where everybody must sign in: a stranger does not learn either what is not there."""
    if world.policy.must_sign_in:
        who()


def require_reader(world: World, tx: Transaction, who: Who, project: Project, asked: str) -> None:
    """``Unauthenticated`` or ``NotFound`` unless the project may be read by the one who ``asked`` for that name.

    The refusal says what is said of a name that nobody has: not even how the project spells its own.
    """
    if not (project.is_private or world.policy.must_sign_in):
        return
    caller = who()
    role = tx.projects.role_of(project.id, caller.user.id) if project.is_private else None
    if not may_read(caller, project.name.normalized, role, is_private=project.is_private):
        raise project_unknown(ProjectName(asked))
