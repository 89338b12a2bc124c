"""What waits for a person, with one link each."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.mail import Post, with_mail
from tests.support.world import Fakes, add_person, add_project, fake_world, grant

from homeport.domain.account import Caller, User
from homeport.domain.campaign import CampaignKind, CampaignState, Group, Stand, Told
from homeport.domain.drift import Consequence, Seen, Sign
from homeport.domain.hosting import HostingMode
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Project, Role
from homeport.domain.proposal import Act, Deed
from homeport.domain.rehost import Purpose, State
from homeport.domain.removal_request import RemovalRequest
from homeport.domain.standing_consent import StandingConsent
from homeport.flows.waiting import Waiting, show_waiting

DAY = timedelta(days=1)


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def ada(fakes: Fakes) -> User:
    """Somebody."""
    return add_person(fakes.world, "ada")


def waits(fakes: Fakes, user: User) -> list[tuple[str, str, str]]:
    """What it is about, where, and what the button says."""
    return [(one.what, one.path, one.action) for one in shown(fakes, user)]


def shown(fakes: Fakes, user: User) -> tuple[Waiting, ...]:
    """Everything that waits for somebody."""
    with fakes.store.read() as tx:
        now = tx.users.by_id(user.id)
    assert now is not None
    return show_waiting(fakes.world, Caller(now))


def test_nothing_waits(fakes: Fakes, ada: User) -> None:
    """For who has nothing to decide."""
    add_project(fakes.world, ada, "demo")
    assert shown(fakes, ada) == ()


def test_invitations_wait(fakes: Fakes, ada: User) -> None:
    """To projects and organisations, the one that ends first before the other; none that has ended."""
    bob, now = add_person(fakes.world, "bob"), fakes.clock.now()
    project = add_project(fakes.world, bob, "demo")
    with fakes.store.write() as tx:
        made = tx.invitations.add(project.id, ada.id, Role.MAINTAINER, by="bob", at=now, until=now + 3 * DAY)
        acme = tx.organisations.add("acme", "Acme", now)
        tx.organisation_invitations.put(
            acme.id, ada.id, OrganisationRole.MEMBER, by="bob", at=now, until=now + 2 * DAY
        )
    assert waits(fakes, ada) == [
        ("Acme", "/manage/organisations/", "Answer"),
        ("demo", f"/invitations/{made.id}", "Answer"),
    ]
    assert [one.until for one in shown(fakes, ada)] == [(now + days * DAY).date() for days in (2, 3)]
    fakes.clock.advance(4 * DAY)
    assert shown(fakes, ada) == ()


def rehost(fakes: Fakes, project: Project, state: State) -> int:
    """A rehost of the project in that state."""
    with fakes.store.write() as tx:
        made = tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=fakes.clock.now(), metadata=None)
        tx.rehosts.put(replace(made, state=state))
    return made.id


def test_plans_wait_for_who_maintains_the_project(fakes: Fakes, ada: User) -> None:
    """One that is planned, and one that could not be finished; not one that is running or over."""
    bob = add_person(fakes.world, "bob")
    project = add_project(fakes.world, ada, "demo")
    planned, partly = (rehost(fakes, project, state) for state in (State.PLANNED, State.PARTLY_PUBLISHED))
    for state in (State.PLANNING, State.PUBLISHED, State.REFUSED):
        rehost(fakes, project, state)
    assert set(waits(fakes, ada)) == {
        ("demo", f"/manage/rehosts/{planned}", "Review"),
        ("demo", f"/manage/rehosts/{partly}", "Look"),
    }
    assert shown(fakes, bob) == ()
    grant(fakes.world, project, bob)
    assert len(shown(fakes, bob)) == 2


def standing(fakes: Fakes, project: Project, **more: Any) -> None:
    """A standing consent of the project."""
    now = fakes.clock.now()
    fields: dict[str, Any] = {"given_at": now, "expires_at": now + 20 * DAY} | more
    consent = StandingConsent(project.name.normalized, "ada", ("site.test",), ("*",), **fields)
    with fakes.store.write() as tx:
        tx.standing_consents.put(project.id, consent)


def test_what_ends_soon_waits(fakes: Fakes, ada: User) -> None:
    """A standing consent and an exemption within thirty days, the urgent one first."""
    now = fakes.clock.now()
    cache = add_project(fakes.world, ada, "cache", HostingMode.CACHE)
    ext = add_project(fakes.world, ada, "ext", HostingMode.EXT)
    standing(fakes, cache)
    with fakes.store.write() as tx:
        there = tx.exemptions.live(ext.id)
        assert there is not None
        tx.exemptions.put(replace(there, until=(now + 10 * DAY).date()))
    assert waits(fakes, ada) == [
        ("ext", "/manage/projects/ext/", "Decide"),
        ("cache", "/manage/projects/cache/", "Renew"),
    ]


@pytest.mark.parametrize("days", [-1, 31])
def test_what_ends_later_or_has_ended_does_not_wait(fakes: Fakes, ada: User, days: int) -> None:
    """Nor does what was withdrawn."""
    now = fakes.clock.now()
    cache = add_project(fakes.world, ada, "cache", HostingMode.CACHE)
    add_project(fakes.world, ada, "ext", HostingMode.EXT)
    standing(fakes, cache, expires_at=now + days * DAY)
    assert shown(fakes, ada) == ()
    standing(fakes, cache, withdrawn_at=now)
    assert shown(fakes, ada) == ()


def test_campaigns_wait(fakes: Fakes, ada: User) -> None:
    """Until their day, with the page of the project's hosting."""
    project, now = add_project(fakes.world, ada, "demo", HostingMode.CACHE), fakes.clock.now()
    day = (now + 40 * DAY).date()
    with fakes.store.write() as tx:
        campaign = tx.campaigns.add(
            CampaignKind.PHASE_OUT, "Home at last", "It is time.", day, (30,), "", by="root", at=now
        )
        tx.campaigns.enrol(campaign.id, HostingMode.CACHE, due_on=day)
    assert shown(fakes, ada) == ()
    with fakes.store.write() as tx:
        tx.campaigns.put(replace(campaign, state=CampaignState.ANNOUNCED))
    (one,) = shown(fakes, ada)
    assert (one.what, one.path, one.until) == ("demo", f"/manage/projects/{project.name.normalized}/", day)
    assert "Home at last" in one.sentence


@pytest.mark.parametrize(("days", "said"), [(10, "Its exemption ends"), (50, "Home at last")])
def test_what_leads_to_the_same_waits_once(fakes: Fakes, ada: User, days: int, said: str) -> None:
    """A campaign and the end of an exemption take a project's mode; the first of them waits. A consent is renewed besides."""
    ext, now = add_project(fakes.world, ada, "ext", HostingMode.EXT), fakes.clock.now()
    cache, day = add_project(fakes.world, ada, "cache", HostingMode.CACHE), (now + 20 * DAY).date()
    standing(fakes, cache)
    with fakes.store.write() as tx:
        there = tx.exemptions.live(ext.id)
        assert there is not None
        tx.exemptions.put(replace(there, until=(now + days * DAY).date()))
        for kind in CampaignKind:
            campaign = tx.campaigns.add(kind, "Home at last", "Why.", day, (30,), "", by="root", at=now)
            tx.campaigns.put(replace(campaign, state=CampaignState.ANNOUNCED))
            tx.campaigns.enrol(campaign.id, kind.source, due_on=day)
    told = [(one.what, one.action, one.sentence) for one in shown(fakes, ada)]
    (of_ext,) = (sentence for what, _, sentence in told if what == "ext")
    assert said in of_ext
    assert sorted(action for what, action, _ in told if what == "cache") == ["Decide", "Renew"]


def test_a_day_that_was_put_off_is_the_day(fakes: Fakes, ada: User) -> None:
    """Who was told late has until the day that this leaves them, which is later than the campaign's."""
    project, now = add_project(fakes.world, ada, "demo", HostingMode.CACHE), fakes.clock.now()
    day = (now + 40 * DAY).date()
    with fakes.store.write() as tx:
        campaign = tx.campaigns.add(
            CampaignKind.PHASE_OUT, "Home at last", "It is time.", day, (30,), "", by="root", at=now
        )
        tx.campaigns.put(replace(campaign, state=CampaignState.ANNOUNCED))
        tx.campaigns.enrol(campaign.id, HostingMode.CACHE, due_on=day)
        entrant = tx.campaigns.entrant(campaign.id, project.id)
        assert entrant is not None
        tx.campaigns.put_entrant(replace(entrant, told=(Told(Group.A, 30, day - 10 * DAY),)))
    assert [one.until for one in shown(fakes, ada)] == [day + 20 * DAY]
    with fakes.store.write() as tx:
        tx.campaigns.put_entrant(entrant.left(Stand.EXEMPT, "It may stay."))
    assert shown(fakes, ada) == ()


def test_drift_waits_for_a_week(fakes: Fakes, ada: User) -> None:
    """How much changed where a project's files came from; then it is old news."""
    project = add_project(fakes.world, ada, "demo")
    with fakes.store.write() as tx:
        for name in ("a.whl", "b.whl"):
            seen = Seen(Sign.GONE, "gone", f"{name} is gone.")
            place = ("site.test", f"https://site.test/{name}", name)
            tx.watches.tell(project.id, place, seen, Consequence.TELL, fakes.clock.now())
    (one,) = shown(fakes, ada)
    assert (one.path, one.action) == ("/manage/projects/demo/#origins", "Look")
    assert one.sentence.startswith("2 things changed")
    fakes.clock.advance(8 * DAY)
    assert shown(fakes, ada) == ()


def test_what_waits_for_administrators(fakes: Fakes, ada: User) -> None:
    """What another one proposes, and what people ask to remove; nobody else is shown either."""
    now = fakes.clock.now()
    project = add_project(fakes.world, ada, "demo")
    root, other = (add_person(fakes.world, name, is_admin=True) for name in ("root", "other"))
    deed = Deed(Act.UNFREEZE_HOST, subject="site.test")
    with fakes.store.write() as tx:
        tx.proposals.add(deed, "All is well.", by=root, at=now, expires_at=now + 7 * DAY)
        tx.removal_requests.add(
            RemovalRequest(0, project.id, "demo", 1, ("a.whl",), "Withdrawn.", "ada", now)
        )
    removal = ("demo", "/admin/removals/", "Answer")
    assert waits(fakes, root) == [removal]
    assert waits(fakes, other) == [(deed.sentence, "/admin/proposals/", "Decide"), removal]
    assert shown(fakes, ada) == ()


def test_an_address_that_takes_no_mail_waits(fakes: Fakes, ada: User) -> None:
    """Its owner is told after signing in, and administrators whom to reach; so is who never verified it."""
    post: Post = with_mail(fakes.world)
    root = add_person(post.world, "root", is_admin=True)
    with fakes.store.write() as tx:
        for user in (ada, root):
            tx.users.put_email(user.id, user.email, verified_at=fakes.clock.now())
    assert shown(fakes, ada) == shown(fakes, root) == ()
    with fakes.store.write() as tx:
        tx.users.put_mail_problem(ada.id, "550 No such mailbox", fakes.clock.now())
    (one,) = shown(fakes, ada)
    assert (one.sentence, one.path) == ("550 No such mailbox", "/account/")
    assert [(one.sentence, one.path) for one in shown(fakes, root)] == [
        ("1 address takes no mail", "/admin/mails/")
    ]
    with fakes.store.write() as tx:
        tx.users.put_email(ada.id, ada.email, verified_at=None)
    assert waits(fakes, ada) == [("Your e-mail address is not verified", "/account/", "Verify it")]
