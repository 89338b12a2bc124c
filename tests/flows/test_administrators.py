"""Whoever takes over the account of an administrator has the whole index: the others are told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.keeping import Keeping, keeping
from tests.support.world import add_person

from homeport.domain.account import Caller
from homeport.domain.second_factor import FactorKind, SecondFactor
from homeport.flows.accounts import set_password_by_link
from homeport.flows.second_factors import reset_factors
from homeport.flows.sign_in import add_user
from homeport.flows.users import disable_user, enable_user, make_link, promote_user, set_password

PASSWORD = "correct horse battery"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    """An index that root, amy, kim and zoe administer; eve has an account and a second factor, as kim has."""
    with keeping("fake", tmp_path) as kept:
        for name in ("kim", "eve"):
            person = add_person(kept.world, name, is_admin=name == "kim")
            with kept.world.store.write() as tx:
                key = SecondFactor(0, FactorKind.APP, "phone", b"secret", 0, kept.world.clock.now())
                tx.second_factors.add(person.id, key)
        for name in ("amy", "zoe"):
            add_person(kept.world, name, is_admin=True)
        yield kept


def caller(kept: Keeping, name: str) -> Caller:
    """Somebody who showed a moment ago who they are."""
    with kept.world.store.read() as tx:
        user = tx.users.by_name(name)
    assert user is not None
    return Caller(user, confirmed_at=kept.world.clock.now())


def link(kept: Keeping, by: Caller | None, name: str) -> None:
    """A link that sets a password."""
    make_link(kept.world, by, name)


def reset(kept: Keeping, by: Caller | None, name: str) -> None:
    """Without second factors, twice: the second time there is none."""
    for _ in range(2):
        reset_factors(kept.world, by, name)


def let_in(kept: Keeping, by: Caller | None, name: str) -> None:
    """Disabled, and enabled twice."""
    disable_user(kept.world, by, name)
    for _ in range(2):
        enable_user(kept.world, by, name)


def told(kept: Keeping, name: str) -> list[str]:
    """What somebody was told of accounts of administrators."""
    found = kept.notices(caller(kept, name))
    return [notice.subject for notice in found if notice.kind == "administrator-reset"]


TAKES = [
    (link, "made a link that sets the password of kim"),
    (reset, "removed the second factors of kim"),
    (let_in, "enabled the account of kim"),
]
Take = Callable[[Keeping, Caller | None, str], None]


@pytest.mark.parametrize(("take", "said"), TAKES)
def test_the_others_are_told(kept: Keeping, take: Take, said: str) -> None:
    """Each once: not who did it, not whose account it is, and nobody who administers nothing."""
    take(kept, caller(kept, "amy"), "kim")
    assert told(kept, "zoe") == told(kept, "root") == [f"amy {said}"]
    assert told(kept, "amy") == told(kept, "kim") == told(kept, "eve") == []
    notice = next(one for one in kept.notices(caller(kept, "zoe")) if one.kind == "administrator-reset")
    assert notice.path == "/admin/users/kim/"
    assert notice.text.startswith(f"amy {said}. Whoever can sign in as kim administers this index.")


@pytest.mark.parametrize(("take", "said"), TAKES)
def test_what_is_done_at_the_shell(kept: Keeping, take: Take, said: str) -> None:
    """It has no name, and every other administrator is told."""
    take(kept, None, "kim")
    for name in ("root", "amy", "zoe"):
        assert told(kept, name) == [f"Whoever runs this index {said}"]
    assert told(kept, "kim") == []


@pytest.mark.parametrize("take", [link, reset, let_in])
def test_of_an_account_that_administers_nothing(kept: Keeping, take: Take) -> None:
    """Nobody but its user is told."""
    take(kept, caller(kept, "amy"), "eve")
    set_password(kept.world, "eve", PASSWORD)
    assert [told(kept, name) for name in ("root", "amy", "zoe", "eve")] == [[], [], [], []]


def test_a_link_that_is_used(kept: Keeping) -> None:
    """Also who made it is told: whether the right one used it, they can ask."""
    secret = make_link(kept.world, caller(kept, "amy"), "kim").url.rpartition("/")[2]
    set_password_by_link(kept.world, secret, PASSWORD)
    assert told(kept, "amy") == ["Somebody used a link that sets the password of kim"]
    assert told(kept, "zoe") == [
        "Somebody used a link that sets the password of kim",
        "amy made a link that sets the password of kim",
    ]
    assert told(kept, "kim") == []
    secret = make_link(kept.world, caller(kept, "amy"), "eve").url.rpartition("/")[2]
    set_password_by_link(kept.world, secret, PASSWORD)
    assert len(told(kept, "zoe")) == 2


def test_a_password_that_is_set_at_the_shell(kept: Keeping) -> None:
    """Every other administrator is told."""
    set_password(kept.world, "kim", PASSWORD)
    assert told(kept, "zoe") == ["Whoever runs this index set the password of kim"]
    assert told(kept, "kim") == []


def test_who_is_added_at_the_shell(kept: Keeping) -> None:
    """Every administrator is told of another one; of anybody else nobody is."""
    add_user(kept.world, "lea", "lea@example.org", PASSWORD, is_admin=True)
    add_user(kept.world, "max", "max@example.org", PASSWORD, is_admin=False)
    for name in ("root", "amy", "zoe", "kim"):
        (notice,) = [one for one in kept.notices(caller(kept, name)) if one.kind == "administrator-joined"]
        assert notice.subject == "lea administers this index"
    assert kept.notices(caller(kept, "lea")) == []


def test_who_becomes_one_is_no_reset(kept: Keeping) -> None:
    """A new administrator is told of in their own words."""
    promote_user(kept.world, caller(kept, "amy"), "eve")
    assert told(kept, "zoe") == []
    assert kept.notices(caller(kept, "zoe"))[0].kind == "administrator-joined"
