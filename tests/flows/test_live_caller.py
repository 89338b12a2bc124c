"""Who asked is asked for again inside the transaction: what ended meanwhile changes nothing any more."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.keeping import Keeping, keeping
from tests.support.token_callers import by_token

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Forbidden, Unauthenticated
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.drift.run import look_soon
from homeport.flows.manage_project import add_source, create_project
from homeport.flows.membership import change_role, grant_role, invite, revoke_role
from homeport.flows.nominate_urls import nominate_urls, read_nomination
from homeport.flows.organisations import create_organisation
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.flows.remove import remove
from homeport.flows.second_factors import reset_factors
from homeport.flows.survey.start import start_survey, start_survey_of_all
from homeport.flows.tokens import TokenWish, create_token, revoke_token
from homeport.flows.yank import yank
from homeport.ports.world import World

NOMINATION = read_nomination("demo", "1.0", ["https://site.test/demo-1.0.tar.gz"])
DEEDS: dict[str, Callable[[World, Caller], object]] = {
    "yank": lambda world, who: yank(world, who, "demo", "1.0"),
    "remove": lambda world, who: remove(world, who, "demo", "1.0", reason="Broken."),
    "status": lambda world, who: change_status(world, who, "demo", ProjectStatus.ARCHIVED),
    "visibility": lambda world, who: change_visibility(world, who, "demo", is_private=True),
    "mode": lambda world, who: change_hosting(world, who, "demo", Wish(HostingMode.CACHE, consents=True)),
    "invite": lambda world, who: invite(world, who, "demo", "dan", Role.OWNER),
    "grant": lambda world, who: grant_role(world, who, "demo", "dan", Role.OWNER),
    "role": lambda world, who: change_role(world, who, "demo", "bob", Role.OWNER),
    "revoke": lambda world, who: revoke_role(world, who, "demo", "bob"),
    "source": lambda world, who: add_source(world, who, "demo", "homepage", "https://site.test/"),
    "organisation": lambda world, who: create_organisation(world, who, "acme"),
    "plan": lambda world, who: start_plan(world, who, "demo"),
    "update cache": lambda world, who: start_update_cache(world, who, "demo"),
    "look again": lambda world, who: look_soon(world, who, "demo"),
    "survey": lambda world, who: start_survey(world, who, "demo"),
    "nominate": lambda world, who: nominate_urls(world, who, NOMINATION),
    "token": lambda world, who: create_token(world, who, TokenWish(frozenset({Scope.MANAGE}))),
}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    """A project of ada's with one release."""
    with keeping("fake", tmp_path) as kept:
        yield kept


@pytest.mark.parametrize("deed", DEEDS)
def test_a_token_that_was_revoked_meanwhile_changes_nothing(kept: Keeping, deed: str) -> None:
    """The door let it in, and before the deed it was revoked: the deed is refused, and nothing is written (I-15)."""
    admitted = by_token(kept.world, kept.ada, *Scope)
    assert admitted.token is not None
    revoke_token(kept.world, kept.ada, admitted.token.id)
    before = len(kept.entries())
    with pytest.raises(Unauthenticated) as refused:
        DEEDS[deed](kept.world, admitted)
    assert refused.value.code == "credentials-ended"
    assert len(kept.entries()) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_an_account_that_was_closed_meanwhile_changes_nothing(kept: Keeping, deed: str) -> None:
    """The same holds for a person whose account an administrator closed."""
    with kept.world.store.write() as tx:
        tx.users.disable(kept.ada.user.id, kept.world.clock.now())
    before = len(kept.entries())
    with pytest.raises(Unauthenticated):
        DEEDS[deed](kept.world, kept.ada)
    assert len(kept.entries()) == before


def test_who_is_no_administrator_any_more_does_nothing_as_one(kept: Keeping) -> None:
    """What the door believed of somebody does not count: here they are an ordinary person."""
    believed = replace(kept.dan, user=replace(kept.dan.user, is_admin=True))
    with pytest.raises(Forbidden) as refused:
        change_status(kept.world, believed, "demo", ProjectStatus.QUARANTINED, "Malware.")
    assert refused.value.code == "admin-only"


def test_whose_account_was_closed_meanwhile_begins_no_project(kept: Keeping) -> None:
    """A name is taken by nobody who is not here any more."""
    with kept.world.store.write() as tx:
        tx.users.disable(kept.ada.user.id, kept.world.clock.now())
    with pytest.raises(Unauthenticated):
        create_project(kept.world, kept.ada.user, "fresh")


@pytest.mark.parametrize(
    "deed",
    [
        start_survey_of_all,
        lambda world, who: reset_factors(world, who, "bob"),
        lambda world, who: create_project(world, who.user, "fresh", overriding=who),
    ],
)
def test_whom_the_door_took_for_an_administrator(
    kept: Keeping, deed: Callable[[World, Caller], object]
) -> None:
    """What administrators alone do is asked again where it is done."""
    believed = replace(kept.dan, user=replace(kept.dan.user, is_admin=True))
    before = len(kept.entries())
    with pytest.raises(Forbidden) as refused:
        deed(kept.world, believed)
    assert refused.value.code == "admin-only"
    assert len(kept.entries()) == before
