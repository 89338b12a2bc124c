"""Two accounts are two people only when neither was put into its hands by the other just now."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.fake_clock import FakeClock
from tests.support.keeping import Keeping, keeping
from tests.support.world import add_person

from homeport.domain.account import Caller, User
from homeport.domain.account_link import HANDED_LASTS
from homeport.domain.errors import Forbidden
from homeport.domain.project import ProjectStatus
from homeport.domain.proposal import SETTLES_AFTER, Act, Deed, Proposal, ProposalState
from homeport.domain.second_factor import FactorKind, SecondFactor
from homeport.flows import proposals
from homeport.flows.accounts import set_password_by_link
from homeport.flows.change_status import change_status
from homeport.flows.policies import change_policy
from homeport.flows.second_factors import reset_factors
from homeport.flows.users import (
    demote_user,
    disable_user,
    enable_user,
    invite_user,
    make_link,
    promote_user,
)

PASSWORD = "correct horse battery"
MOMENT = timedelta(microseconds=1)
DEED = Deed(Act.END_QUARANTINE, "demo", "active")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    """A quarantined project, on an index where root and eve agree about what takes two."""
    with keeping("fake", tmp_path) as kept:
        add_person(kept.world, "eve", is_admin=True)
        change_policy(kept.world, kept.root, {"two_to_unfreeze": "yes"}, "Careful.")
        change_status(kept.world, kept.root, "demo", ProjectStatus.QUARANTINED, "Malware.")
        yield kept


def caller(kept: Keeping, name: str) -> Caller:
    """Somebody who showed a moment ago who they are."""
    with kept.world.store.read() as tx:
        user = tx.users.by_name(name)
    assert user is not None
    return Caller(user, confirmed_at=kept.world.clock.now())


def passing(kept: Keeping, time: timedelta) -> None:
    """Time goes by."""
    assert isinstance(kept.world.clock, FakeClock)
    kept.world.clock.advance(time)


def proposed(kept: Keeping, name: str = "root") -> Proposal:
    """What one administrator asks for."""
    return proposals.propose(kept.world, caller(kept, name), DEED, "All is well.")


def unsettled(do: Callable[[], object]) -> str:
    """It is refused, because an account came into its hands too lately; what is said."""
    with pytest.raises(Forbidden) as refused:
        do()
    assert refused.value.code == "account-unsettled"
    return refused.value.sentence


def promote(kept: Keeping) -> User:
    """Root makes a second account an administrator."""
    add_person(kept.world, "puppet")
    return promote_user(kept.world, caller(kept, "root"), "puppet")


def invite(kept: Keeping) -> User:
    """Root makes a new account, an administrator's from the beginning."""
    link = invite_user(kept.world, caller(kept, "root"), "puppet", "puppet@example.org", is_admin=True)
    return link.user


def let_in_again(kept: Keeping) -> User:
    """Root lets an administrator in again who was disabled."""
    add_person(kept.world, "puppet", is_admin=True)
    disable_user(kept.world, caller(kept, "root"), "puppet")
    return enable_user(kept.world, caller(kept, "root"), "puppet")


def link(kept: Keeping) -> User:
    """Root makes a link by which the password of another administrator is set."""
    puppet = add_person(kept.world, "puppet", is_admin=True)
    make_link(kept.world, caller(kept, "root"), "puppet")
    return puppet


def reset(kept: Keeping) -> User:
    """Root takes the second factors of another administrator away."""
    puppet = add_person(kept.world, "puppet", is_admin=True)
    with kept.world.store.write() as tx:
        key = SecondFactor(0, FactorKind.APP, "phone", b"secret", 0, kept.world.clock.now())
        tx.second_factors.add(puppet.id, key)
    reset_factors(kept.world, caller(kept, "root"), "puppet")
    return puppet


@pytest.mark.parametrize("take", [promote, invite, let_in_again, link, reset])
def test_a_puppet_agrees_to_nothing(kept: Keeping, take: Callable[[Keeping], User]) -> None:
    """Whoever came into the hands of an administrator neither agrees nor proposes for 72 hours, and is told from when on."""
    earlier = proposed(kept)
    passing(kept, MOMENT)
    took_at = kept.world.clock.now()
    take(kept)
    said = unsettled(lambda: proposals.agree(kept.world, caller(kept, "puppet"), earlier.id))
    assert f"from {took_at + SETTLES_AFTER:%d %b %Y, %H:%M} UTC on" in said
    proposals.withdraw(kept.world, caller(kept, "root"), earlier.id)
    unsettled(lambda: proposed(kept, "puppet"))
    passing(kept, MOMENT)
    later = proposed(kept)
    passing(kept, SETTLES_AFTER - 2 * MOMENT)
    unsettled(lambda: proposals.agree(kept.world, caller(kept, "puppet"), later.id))
    assert kept.project().status is ProjectStatus.QUARANTINED
    passing(kept, MOMENT)
    assert proposals.agree(kept.world, caller(kept, "puppet"), later.id).end is ProposalState.AGREED
    assert kept.project().status is ProjectStatus.ACTIVE


def test_what_was_proposed_before_is_for_others(kept: Keeping) -> None:
    """Three days later a new administrator still agrees to nothing that was proposed before they were one."""
    earlier = proposed(kept)
    passing(kept, MOMENT)
    promote(kept)
    passing(kept, SETTLES_AFTER)
    said = unsettled(lambda: proposals.agree(kept.world, caller(kept, "puppet"), earlier.id))
    assert "somebody else agrees" in said
    assert (
        proposals.refuse(kept.world, caller(kept, "puppet"), earlier.id, "No.").end is ProposalState.REFUSED
    )


def test_where_nobody_counts_the_way_out_is_told(kept: Keeping) -> None:
    """Two whose accounts both came into other hands hear of the server's shell; with a third who counts, they do not."""
    make_link(kept.world, caller(kept, "root"), "eve")
    assert "Until then others do" in unsettled(lambda: proposed(kept, "eve"))
    make_link(kept.world, caller(kept, "eve"), "root")
    assert "homeport user add NAME" in unsettled(lambda: proposed(kept))
    add_person(kept.world, "rita", is_admin=True)
    assert "Until then others do" in unsettled(lambda: proposed(kept))
    waiting = proposed(kept, "rita")
    assert "nobody else can" in unsettled(
        lambda: proposals.agree(kept.world, caller(kept, "root"), waiting.id)
    ), "who proposed it is not the one who agrees"


def test_a_link_counts_from_its_use(kept: Keeping) -> None:
    """Whoever used the link that was handed on has the account from then on, and not from when it was made."""
    puppet = add_person(kept.world, "puppet", is_admin=True)
    secret = make_link(kept.world, caller(kept, "root"), "puppet").url.rpartition("/")[2]
    passing(kept, HANDED_LASTS - MOMENT)
    set_password_by_link(kept.world, secret, PASSWORD)
    waiting = proposed(kept)
    passing(kept, SETTLES_AFTER - MOMENT)
    unsettled(lambda: proposals.agree(kept.world, caller(kept, "puppet"), waiting.id))
    passing(kept, 2 * HANDED_LASTS)
    with kept.world.store.read() as tx:
        before = tx.users.handed_at(puppet.id)
    secret = make_link(kept.world, None, "puppet").url.rpartition("/")[2]
    set_password_by_link(kept.world, secret, PASSWORD)
    with kept.world.store.read() as tx:
        assert tx.users.handed_at(puppet.id) == before, "a link of their own, long after"


def test_the_shell_acts_for_the_account_itself(kept: Keeping) -> None:
    """What is done on the server is done by who could agree as anybody; nor is one's own account another's."""
    add_person(kept.world, "puppet")
    promote_user(kept.world, None, "puppet")
    make_link(kept.world, None, "puppet")
    make_link(kept.world, caller(kept, "eve"), "eve")
    with kept.world.store.read() as tx:
        assert [tx.users.handed_at(caller(kept, name).user.id) for name in ("puppet", "eve")] == [None, None]
    assert proposals.agree(kept.world, caller(kept, "puppet"), proposed(kept).id).end is ProposalState.AGREED


def test_a_new_administrator_is_told_of(kept: Keeping) -> None:
    """Every other one learns of who was made one, or let in again; nobody of an account that is none."""
    eve = caller(kept, "eve")
    promote(kept)
    told = kept.notices(eve)[0]
    assert (told.kind, told.subject, told.path) == (
        "administrator-joined",
        "puppet administers this index",
        "/admin/users/puppet/",
    )
    assert "root decided that puppet administers this index" in told.text
    assert [one.kind for one in kept.notices(kept.root)].count("administrator-joined") == 0
    add_person(kept.world, "other")
    promote_user(kept.world, None, "other")
    assert "it was decided on its server" in kept.notices(eve)[0].text
    demote_user(kept.world, caller(kept, "root"), "other")
    before = len(kept.notices(eve))
    disable_user(kept.world, caller(kept, "root"), "other")
    enable_user(kept.world, caller(kept, "root"), "other")
    invite_user(kept.world, caller(kept, "root"), "new", "new@example.org", is_admin=False)
    assert len(kept.notices(eve)) == before
