"""The policy of the index is changed in one place, and binds everybody who chooses a mode."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.support.archives import make_sdist
from tests.support.keeping import Keeping, Which, keeping
from tests.support.token_callers import by_token
from tests.support.world import add_person

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, IllegalMove, Invalid
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.proposal import SETTLES_AFTER
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.exemptions import extend_exemption
from homeport.flows.manage_project import create_project
from homeport.flows.policies import change_policy, show_policy
from homeport.flows.rehost.registration import verify_registration
from homeport.flows.users import promote_user

EXT, CACHE, ONLY = HostingMode
REASON = "The phase-out begins."


@pytest.fixture(params=["fake", "real"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeping]:
    """A project in pypi-only, over the fake store and over the real one."""
    which: Which = request.param
    with keeping(which, tmp_path) as kept:
        yield kept


def decide(kept: Keeping, **changes: str) -> None:
    """Change the policy as root."""
    change_policy(kept.world, kept.root, changes, REASON)


def second_admin(kept: Keeping) -> Caller:
    """Another administrator."""
    eve = add_person(kept.world, "eve")
    with kept.world.store.write() as tx:
        tx.users.make_administrator(eve.id)
        user = tx.users.by_id(eve.id)
    assert user is not None
    return Caller(user)


def test_a_change_is_one_entry(kept: Keeping) -> None:
    """What was and what is stand in the ledger; other administrators are told, and the history shows it."""
    eve = second_admin(kept)
    before = len(kept.entries())
    decided = change_policy(
        kept.world, kept.root, {"cooling_hours": "24", "frozen_status": "451"}, f" {REASON} "
    )
    (entry,) = kept.entries()[before:]
    assert (entry["kind"], entry["actor"], entry["project"]) == ("policy-changed", "root", "")
    assert entry["details"] == {
        "revision": 1,
        "before": {"cooling_hours": "0", "frozen_status": "404"},
        "after": {"cooling_hours": "24", "frozen_status": "451"},
        "reason": REASON,
    }
    view = show_policy(kept.world)
    assert (view.now, list(view.history)) == (decided, [decided])
    (notice,) = kept.notices(eve)
    assert notice.subject == "root changed the policy of this index"
    assert "cooling_hours: 0 → 24" in notice.text
    assert kept.notices(kept.root) == []


def test_only_an_administrator_in_person(kept: Keeping) -> None:
    """Neither owners nor an administrator's token change it, nor who is none any more."""
    for caller in (kept.ada, by_token(kept.world, kept.root, Scope.MANAGE)):
        with pytest.raises(Forbidden) as refused:
            change_policy(kept.world, caller, {"cooling_hours": "1"}, REASON)
        assert refused.value.code == "admin-only"
    second_admin(kept)
    with kept.world.store.write() as tx:
        tx.users.unmake_administrator(kept.root.user.id)
    with pytest.raises(Forbidden):
        decide(kept, cooling_hours="1")
    assert kept.entries(Kind.POLICY_CHANGED) == []


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"cooling_hours": "soon", "default_mode": "x"}, REASON, "policy-invalid"),
        ({"cooling_hours": "0"}, REASON, "policy-unchanged"),
        ({}, REASON, "policy-unchanged"),
        ({"cooling_hours": "1"}, " ", "reason-missing"),
        ({"two_to_delete": "yes"}, REASON, "one-administrator"),
    ],
)
def test_what_is_refused(kept: Keeping, changes: dict[str, str], reason: str, code: str) -> None:
    """A change that is none, has no reason, or could never be undone is refused, and nothing is written."""
    with pytest.raises((Invalid, Conflict)) as refused:
        change_policy(kept.world, kept.root, changes, reason)
    assert refused.value.code == code
    assert kept.entries(Kind.POLICY_CHANGED) == []


def test_everything_that_is_wrong_is_told_at_once(kept: Keeping) -> None:
    """Fields that cannot be read, a day that is past, and the reason that is missing."""
    yesterday = kept.world.clock.now().date() - timedelta(days=1)
    changes = {"cooling_hours": "999", "cache_ends_on": yesterday.isoformat()}
    with pytest.raises(Invalid) as refused:
        change_policy(kept.world, kept.root, changes, " ")
    assert refused.value.code == "policy-invalid"
    hours, day, reason = refused.value.problems
    assert "from 0 to 720" in hours
    assert f"to end pypi-cache today, write {kept.world.clock.now().date()}" in day
    assert reason.startswith("Say why")


def test_the_cache_does_not_end_in_the_past(kept: Keeping) -> None:
    """Today ends it at once; what is past by now stays as it was decided, and no day is the word for never."""
    today = kept.world.clock.now().date()
    decide(kept, cache_ends_on=today.isoformat())
    past = today - timedelta(days=2)
    with kept.world.store.write() as tx:
        tx.policies.put(
            HostingPolicy(cache_ends_on=past), by="root", reason="Then.", at=kept.world.clock.now()
        )
    decide(kept, cooling_hours="1")
    assert show_policy(kept.world).now.policy.cache_ends_on == past
    with pytest.raises(Invalid):
        decide(kept, cache_ends_on=(today - timedelta(days=1)).isoformat())
    decide(kept, cache_ends_on="none")
    assert show_policy(kept.world).now.policy.cache_ends_on is None


def test_a_rule_of_two_needs_two_who_count(kept: Keeping) -> None:
    """While whom another administrator made one does not count yet, the rule would be a trap: who counts when is told."""
    add_person(kept.world, "eve")
    root = Caller(kept.root.user, confirmed_at=kept.world.clock.now())
    promote_user(kept.world, root, "eve")
    settles = kept.world.clock.now() + SETTLES_AFTER
    with pytest.raises(Conflict) as refused:
        decide(kept, two_to_unfreeze="yes")
    assert refused.value.code == "administrators-unsettled"
    assert f"eve from {settles:%d %b %Y, %H:%M} UTC on" in refused.value.sentence
    assert "homeport user add NAME" in refused.value.sentence
    add_person(kept.world, "rita", is_admin=True)
    decide(kept, two_to_unfreeze="yes")


def test_who_looked_at_an_older_one_is_told(kept: Keeping) -> None:
    """Two administrators at once do not overwrite each other."""
    eve = second_admin(kept)
    change_policy(kept.world, eve, {"cooling_hours": "1"}, REASON, revision=0)
    with pytest.raises(Conflict) as refused:
        change_policy(kept.world, kept.root, {"cooling_hours": "2"}, REASON, revision=0)
    assert (refused.value.code, "eve changed" in refused.value.sentence) == ("policy-changed", True)
    assert change_policy(kept.world, kept.root, {"cooling_hours": "2"}, REASON, revision=1).revision == 2


def test_one_alone_does_not_take_back_what_takes_two(kept: Keeping) -> None:
    """The rule begins by one, where there are two, and other fields are changed by one still."""
    second_admin(kept)
    decide(kept, two_to_unfreeze="yes")
    decide(kept, cooling_hours="3")
    with pytest.raises(Conflict) as refused:
        decide(kept, two_to_unfreeze="no")
    assert refused.value.code == "takes-two"


def test_a_mode_that_is_not_allowed_is_nowhere_chosen(kept: Keeping) -> None:
    """Not for a new project, not by a move, not by an exemption."""
    decide(kept, allowed_modes="pypi-only")
    wishes = (
        (kept.ada, Wish(CACHE, consents=True)),
        (kept.root, Wish(EXT, "Large.", date(2030, 1, 1))),
    )
    for caller, wish in wishes:
        with pytest.raises(IllegalMove) as refused:
            change_hosting(kept.world, caller, "demo", wish)
        assert refused.value.code == "mode-not-allowed"
    with pytest.raises(IllegalMove):
        create_project(kept.world, kept.ada.user, "other", CACHE)
    assert create_project(kept.world, kept.ada.user, "other").mode is ONLY


def test_an_exemption_is_not_extended_where_there_are_none(kept: Keeping) -> None:
    """A project that may stay in pypi-ext stays until its day, and no longer."""
    soon = (kept.world.clock.now() + timedelta(days=40)).date()
    change_hosting(kept.world, kept.root, "demo", Wish(EXT, "Large.", soon))
    decide(kept, allowed_modes="pypi-only, pypi-cache")
    with pytest.raises(IllegalMove):
        extend_exemption(kept.world, kept.root, "demo", soon + timedelta(days=9), "Larger.")
    assert kept.project().mode is EXT


def test_the_cache_may_be_for_administrators(kept: Keeping) -> None:
    """An owner is refused it; an administrator creates a project with it."""
    decide(kept, cache_chosen_by="administrators")
    with pytest.raises(Forbidden) as refused:
        change_hosting(kept.world, kept.ada, "demo", Wish(CACHE, consents=True))
    assert refused.value.code == "cache-admins-only"
    with pytest.raises(Forbidden):
        create_project(kept.world, kept.ada.user, "other", CACHE)
    made = create_project(kept.world, kept.ada.user, "other", CACHE, overriding=kept.root)
    assert made.mode is CACHE


def standing_of(kept: Keeping, name: str) -> bool:
    """True when the project has a standing consent."""
    with kept.world.store.read() as tx:
        project = tx.projects.find(name)
        assert project is not None
        return tx.standing_consents.of_project(project.id) is not None


def test_new_names_get_the_default_mode(kept: Keeping) -> None:
    """An upload and a registration make projects of the policy's mode; consent is nobody's by default."""
    decide(kept, default_mode="pypi-cache")
    kept.upload("other-1.0.tar.gz", make_sdist("other", "1.0"), kept.bob)
    with kept.world.store.read() as tx:
        project = tx.projects.find("other")
    assert project is not None
    assert project.mode is CACHE
    assert not standing_of(kept, "other")
    metadata = CoreMetadata("1.0", "third", "1.0", download_url="https://files.test/third-1.0.zip")
    with pytest.raises(Conflict) as refused:
        verify_registration(kept.world, kept.bob, metadata)
    assert refused.value.code == "standing-consent-missing"
    create_project(kept.world, kept.bob.user, "fourth", CACHE)
    assert standing_of(kept, "fourth")
