"""A project moves from one hosting mode to another, or is told what the move needs."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person, fake_world, grant, run_jobs, set_status

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NeedsConsent, NotFound, Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.ledger import Kind
from homeport.domain.outlook import loss_digest
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.standing_consent import STANDING_LIMIT
from homeport.flows.change_hosting import Changed, Wish, change_hosting
from homeport.flows.manage_project import create_project
from homeport.flows.outlook import project_external

EXT, CACHE, ONLY = HostingMode.EXT, HostingMode.CACHE, HostingMode.ONLY


@pytest.fixture
def ext(tmp_path: Path) -> Iterator[Story]:
    """A project that lists its files from outside."""
    with begin_story(tmp_path, EXT) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist()})
        yield story


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Story]:
    """A project whose files are brought home."""
    with begin_story(tmp_path, CACHE) as story:
        yield story


@pytest.fixture
def only(tmp_path: Path) -> Iterator[Story]:
    """A project of uploaded files."""
    with begin_story(tmp_path, ONLY) as story:
        yield story


def move(story: Story, wish: Wish, caller: Caller | None = None) -> Changed:
    """Ask for a move, as the owner unless somebody else is named."""
    return change_hosting(story.world, caller or story.owner, "Demo", wish)


def refused(story: Story, wish: Wish, kind: type[Refusal], caller: Caller | None = None) -> str:
    """The code of the refusal; nothing changed by it."""
    before = story.fakes.store.committed.snapshot()
    with pytest.raises(kind) as refusal:
        move(story, wish, caller)
    assert story.fakes.store.committed == before
    return refusal.value.code


def page(story: Story) -> bytes:
    """The project's HTML page."""
    return story.fakes.store.committed.pages["demo", "html"].bodies["identity"]


def admin(story: Story) -> Caller:
    """An administrator."""
    return Caller(add_person(story.world, "root", is_admin=True))


def test_home_after_every_file_came_home(ext: Story) -> None:
    """pypi-ext becomes pypi-cache when a reviewed plan of everything was published, and not before."""
    assert refused(ext, Wish(CACHE, consents=True), NeedsConsent) == "needs-reviewed-plan"
    view = ext.plan()
    assert f"{SITE}/{WHEEL}".encode() in page(ext)
    assert refused(ext, Wish(CACHE), NeedsConsent) == "needs-reviewed-plan"
    ext.accept(view)
    run_jobs(ext.fakes)
    assert refused(ext, Wish(CACHE), NeedsConsent) == "needs-standing-consent"
    changed = move(ext, Wish(CACHE, consents=True))
    assert (changed.project.mode, changed.lost) == (CACHE, ())
    assert b"://" not in page(ext)
    assert ext.count(Kind.STANDING_CONSENT_GIVEN) == 1


def test_a_plan_of_one_version_is_not_enough(ext: Story) -> None:
    """Files of one version say nothing about the others."""
    view = ext.plan(version="1.0")
    ext.accept(view)
    run_jobs(ext.fakes)
    assert refused(ext, Wish(CACHE), NeedsConsent) == "needs-reviewed-plan"


def test_leaving_external_files_behind_must_be_acknowledged(ext: Story) -> None:
    """pypi-ext becomes pypi-only when its owner has seen what stops being installable; hosted files are no loss."""
    view = ext.plan()
    wheel_id = ext.item(view.rehost.id, WHEEL).id
    ext.accept(view, accept=frozenset({wheel_id}))
    run_jobs(ext.fakes)
    assert refused(ext, Wish(ONLY), Invalid) == "needs-acknowledged-loss"
    assert move(ext, Wish(ONLY, acknowledges_loss=True)).lost == (SDIST,)
    assert b"://" not in page(ext)
    assert WHEEL.encode() in page(ext)


def test_the_refusal_has_the_list(ext: Story) -> None:
    """Who has not acknowledged what is lost is told every file, and whether it can come home first."""
    ext.plan()
    with pytest.raises(Invalid) as refusal:
        move(ext, Wish(ONLY))
    assert refusal.value.code == "needs-acknowledged-loss"
    assert refusal.value.problems == (f"{WHEEL}: can come home.", f"{SDIST}: can come home.")
    assert "2 files would stop being installable, of which 2 can come home first" in refusal.value.sentence


def test_the_list_that_was_read_is_the_list_that_is_lost(ext: Story) -> None:
    """An acknowledgement of another list than that of now moves nothing; that of the very list does."""
    ext.plan()
    with ext.world.store.read() as tx:
        read = project_external(tx, ext.project)
    for stale in (read[:1], ()):
        wish = Wish(ONLY, acknowledges_loss=True, loss_digest=loss_digest(stale))
        assert refused(ext, wish, Conflict) == "loss-changed"
    wish = Wish(ONLY, acknowledges_loss=True, loss_digest=loss_digest(read))
    assert sorted(move(ext, wish).lost) == sorted([WHEEL, SDIST])


def test_without_external_files_there_is_nothing_to_lose(ext: Story) -> None:
    """A pypi-ext project without links becomes pypi-only at once."""
    changed = move(ext, Wish(ONLY))
    assert (changed.project.mode, changed.lost) == (ONLY, ())


def test_the_move_is_told(cache: Story) -> None:
    """The ledger has the move with all that was said, and everyone but the mover is told."""
    bob = grant(cache.world, cache.project, add_person(cache.world, "bob"))
    move(cache, Wish(ONLY, reason="We build here now."))
    entry = entries(cache.fakes.store)[-1]
    assert (entry["kind"], entry["actor"], entry["project"]) == ("mode-changed", "ada", "demo")
    assert entry["details"] == {
        "from": "pypi-cache",
        "to": "pypi-only",
        "by": "owner",
        "one_way": False,
        "reason": "We build here now.",
        "until": None,
    }
    with cache.world.store.read() as tx:
        (notice,) = tx.notices.of_user(bob.user.id, limit=9)
        assert list(tx.notices.of_user(cache.owner.user.id, limit=9)) == []
    assert notice.subject == "demo moved from pypi-cache to pypi-only"
    assert notice.text == "By ada. We build here now."


@pytest.mark.parametrize(("has_way_back", "one_way"), [(True, False), (False, True)])
def test_the_ledger_says_whether_there_is_a_way_back(cache: Story, has_way_back: bool, one_way: bool) -> None:
    """A move out of pypi-cache is one way where the index has ended pypi-cache, and only there."""
    with cache.world.store.write() as tx:
        policy = HostingPolicy(allow_cache_after_only=has_way_back)
        tx.policies.put(policy, by="root", reason="Phase-out.", at=cache.world.clock.now())
    change_hosting(cache.world, cache.owner, "demo", Wish(ONLY))
    (entry,) = entries(cache.fakes.store, Kind.MODE_CHANGED)
    assert entry["details"]["one_way"] is one_way


def test_the_standing_consent_is_renewed(cache: Story) -> None:
    """An owner of a pypi-cache project who consents again gives a new year, in their name, for the sources of today."""
    bob = grant(cache.world, cache.project, add_person(cache.world, "bob"), Role.OWNER)
    cache.fakes.clock.advance(timedelta(days=300))
    before = cache.count(Kind.STANDING_CONSENT_GIVEN)
    changed = move(cache, Wish(CACHE, consents=True), bob)
    assert (changed.project.mode, changed.lost) == (CACHE, ())
    with cache.world.store.read() as tx:
        standing = tx.standing_consents.of_project(cache.project.id)
        project = tx.projects.find("demo")
    assert standing is not None
    assert (standing.given_by, standing.hosts) == ("bob", ("site.test",))
    assert standing.expires_at == cache.fakes.clock.now() + STANDING_LIMIT
    assert cache.count(Kind.STANDING_CONSENT_GIVEN) == before + 1
    assert cache.count(Kind.MODE_CHANGED) == 0
    assert project is not None
    assert project.serial == len(entries(cache.fakes.store))


def test_only_owners_renew_the_standing_consent(cache: Story) -> None:
    """A maintainer renews nothing."""
    carl = grant(cache.world, cache.project, add_person(cache.world, "carl"))
    assert refused(cache, Wish(CACHE, consents=True), Forbidden, carl) == "owner-only"


def test_from_only_to_cache_needs_consent(only: Story) -> None:
    """pypi-only becomes pypi-cache when its owner consents, and the consent is recorded."""
    assert refused(only, Wish(CACHE), NeedsConsent) == "needs-standing-consent"
    assert move(only, Wish(CACHE, consents=True)).project.mode is CACHE
    with only.world.store.read() as tx:
        assert tx.standing_consents.of_project(only.project.id) is not None


def test_an_exemption_is_an_administrators(only: Story) -> None:
    """Back to external links moves an administrator, with a reason and a day in the future; nobody else."""
    today = only.fakes.clock.now().date()
    full = Wish(EXT, reason="Too large to host.", until=today + timedelta(days=1))
    bob = grant(only.world, only.project, add_person(only.world, "bob"))
    assert refused(only, full, Forbidden) == "mode-move-forbidden"
    assert refused(only, full, Forbidden, bob) == "admin-only"
    root = admin(only)
    assert refused(only, full, Forbidden, by_token(only.world, root, *Scope)) == "admin-only"
    for wish in (Wish(EXT), Wish(EXT, reason=" ", until=full.until), Wish(EXT, "Large.", today)):
        assert refused(only, wish, Invalid, root) == "needs-exemption"
    assert move(only, full, root).project.mode is EXT
    entry = entries(only.fakes.store)[-1]
    assert (entry["details"]["by"], entry["details"]["until"]) == ("admin", "2026-03-05")
    with only.world.store.read() as tx:
        (notice,) = tx.notices.of_user(only.owner.user.id, limit=9)
    assert notice.kind == "mode-changed"


def test_an_administrator_moves_nothing_else(cache: Story) -> None:
    """To be an administrator is no role in a project: towards hosting only its owners move it."""
    assert refused(cache, Wish(ONLY), Forbidden, admin(cache)) == "role-missing"


def test_only_owners_move(cache: Story) -> None:
    """A maintainer, a stranger and a token of another use move nothing."""
    bob = grant(cache.world, cache.project, add_person(cache.world, "bob"))
    assert refused(cache, Wish(ONLY), Forbidden, bob) == "owner-only"
    assert refused(cache, Wish(ONLY), Forbidden, Caller(add_person(cache.world, "eve"))) == "role-missing"
    token = by_token(cache.world, cache.owner, Scope.UPLOAD)
    assert refused(cache, Wish(ONLY), Forbidden, token) == "token-scope"


def test_what_is_so_already_is_a_conflict(cache: Story) -> None:
    """A move to where the project is changes nothing and says so."""
    assert refused(cache, Wish(CACHE), Conflict) == "mode-unchanged"
    move(cache, Wish(ONLY))
    assert refused(cache, Wish(ONLY, consents=True), Conflict) == "mode-unchanged"


def test_quarantine_stops_every_move(tmp_path: Path) -> None:
    """A quarantined project stays as it is, whoever asks (I-12)."""
    with fake_world(tmp_path) as fakes:
        ada = Caller(add_person(fakes.world, "ada"))
        set_status(
            fakes.store, create_project(fakes.world, ada.user, "demo", CACHE), ProjectStatus.QUARANTINED
        )
        with pytest.raises(Conflict) as refusal:
            change_hosting(fakes.world, ada, "demo", Wish(ONLY))
    assert refusal.value.code == "project-quarantined"


def test_an_unknown_project_does_not_move(ext: Story) -> None:
    """What is not here has no mode."""
    with pytest.raises(NotFound):
        change_hosting(ext.world, ext.owner, "other", Wish(ONLY))


def test_an_index_may_have_ended_the_cache(only: Story) -> None:
    """Where the policy says so pypi-only is the end of the way."""
    with only.world.store.write() as tx:
        policy = HostingPolicy(allow_cache_after_only=False)
        tx.policies.put(policy, by="root", reason="Phase-out.", at=only.world.clock.now())
    with pytest.raises(IllegalMove) as refusal:
        change_hosting(only.world, only.owner, "demo", Wish(CACHE, consents=True))
    assert refusal.value.code == "cache-phased-out"
