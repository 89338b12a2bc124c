"""Accounts as they stand, and what is remembered of them."""

from tests.support.invariants import entries
from tests.support.mail import Post
from tests.support.world import Fakes

from homeport.domain.account import AccountPolicy, User
from homeport.ports.world import World

PASSWORD, ANOTHER = "correct horse battery", "staple of horses and batteries"
OPEN = AccountPolicy(sign_up_is_open=True)


def verified(post: Post, user: User) -> User:
    """``user``, whose address is verified."""
    with post.world.store.write() as tx:
        tx.users.put_email(user.id, user.email, verified_at=post.world.clock.now())
    return user_named(post.world, user.name)


def user_named(world: World, name: str) -> User:
    """The account as it stands."""
    with world.store.read() as tx:
        found = tx.users.by_name(name)
    assert found is not None
    return found


def secret_of(link: str) -> str:
    """The secret in a link's path."""
    return link.rpartition("/")[2]


def kinds(fakes: Fakes) -> list[tuple[str, str]]:
    """What the ledger says was done, and by whom."""
    return [(entry["kind"], entry["actor"]) for entry in entries(fakes.store)]
