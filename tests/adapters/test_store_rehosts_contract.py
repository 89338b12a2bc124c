"""The contract of ``ports.store``: rehosts, their plans, and the consents to them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from tests.support.fake_store import FakeStore
from tests.support.world import real_world

from homeport.domain.consent import Basis, Consent, StandingConsent
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.evidence import Evidence, Level
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Finding, Severity, Verdict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Decision, Item, NotTaken, Plan, Purpose, Rehost, State, Visit
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
METADATA = CoreMetadata("1.0", "demo", "1.0", download_url="https://site.test/demo-1.0.tar.gz")
BARE = Item(
    id=0,
    filename="demo-1.0.tar.gz",
    version=ReleaseVersion.parse("1.0"),
    kind="sdist",
    url="https://site.test/demo-1.0.tar.gz",
    found_on="https://site.test/",
    source="homepage",
)
FULL = replace(
    BARE,
    version=ReleaseVersion.parse_legacy("1.0-Final"),
    claimed=(("md5", "a" * 32), ("sha256", "b" * 64)),
    page_is_tls=True,
    page_is_loopback=True,
    claim_is_tls=True,
    bytes=Bytes.HERE,
    problem="none",
    hops=(("https://site.test/", "203.0.114.7", 302), ("https://cdn.test/", "203.0.114.8", 200)),
    sha256=Sha256.of(b"body"),
    size_bytes=4,
    evidence=Evidence(Level.CORROBORATED, "The page claims it.", is_loopback=True),
    verdict=Verdict.HOLD,
    findings=(Finding("name-ambiguous", Severity.HOLD, "It may be another project's."),),
    change="new",
    declared_sha256=Sha256.of(b"body").hex,
    decision=Decision.ACCEPT,
    is_published=True,
)


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each store that keeps the contract."""
    if request.param == "fake":
        yield FakeStore()
        return
    with real_world(tmp_path) as real:
        yield real.store


@pytest.fixture
def project(store: Store) -> Project:
    """A project to rehost."""
    with store.write() as tx:
        return tx.projects.add(ProjectName("Demo"), HostingMode.CACHE, NOW)


def begin(tx: Transaction, project: Project, purpose: Purpose = Purpose.HISTORY) -> Rehost:
    """A new rehost."""
    return tx.rehosts.add(project.id, purpose, "", by="ada", at=NOW, metadata=None)


def consent_to(rehost: Rehost, items: tuple[Item, ...]) -> Consent:
    """A consent to the bytes of ``items``."""
    return Consent(
        id=0,
        rehost_id=rehost.id,
        given_by="ada",
        basis=Basis.LICENCE,
        text="see COPYING",
        statement_version="1",
        plan_digest=Sha256.of(b"plan"),
        files=tuple((item.id, item.sha256) for item in items if item.sha256),
        given_at=NOW,
    )


def test_a_rehost_begins(store: Store, project: Project) -> None:
    """A new rehost is being planned, in its first try, and is found by its id."""
    with store.write() as tx:
        rehost = tx.rehosts.add(project.id, Purpose.REGISTRATION, "1.0", by="ada", at=NOW, metadata=METADATA)
    assert rehost == Rehost(
        rehost.id, "demo", Purpose.REGISTRATION, "1.0", State.PLANNING, 1, None, "ada", NOW, NOW
    )
    with store.read() as tx:
        assert tx.rehosts.find(rehost.id) == rehost
        assert tx.rehosts.find(rehost.id + 1) is None
        assert tx.rehosts.registration_metadata(rehost.id) == METADATA
        assert tx.rehosts.registration_metadata(rehost.id + 1) is None
        assert tx.rehosts.plan(rehost) == Plan("demo", "1.0", ())


def test_a_rehost_changes(store: Store, project: Project) -> None:
    """State, tries, digest, problem and time of change are stored, of this rehost only."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project, Purpose.UPDATE_CACHE)
        changed = replace(
            rehost,
            state=State.FAILED,
            tries=3,
            plan_digest=Sha256.of(b"plan"),
            changed_at=LATER,
            problem="The site is down.",
            problem_code="site-unreachable",
        )
        tx.rehosts.put(changed)
    with store.read() as tx:
        assert tx.rehosts.find(rehost.id) == changed
        assert tx.rehosts.find(other.id) == other
        assert list(tx.rehosts.of_project(project.id)) == [other, changed]
        assert list(tx.rehosts.of_project(project.id + 1)) == []
        assert tx.rehosts.registration_metadata(rehost.id) is None


def test_a_plan_comes_back_as_it_was(store: Store, project: Project) -> None:
    """Items get ids and keep everything else, in order, beside what was not taken and what was visited."""
    not_taken = (NotTaken("https://site.test/x.egg", "https://site.test/", "egg", "It is an egg."),)
    visits = (Visit("https://site.test/", "homepage", 200, 2), Visit("x", "download", 0, 0, "No answer."))
    with store.write() as tx:
        rehost = begin(tx, project)
        tx.rehosts.put_findings(rehost.id, [BARE, FULL], not_taken, visits)
    with store.read() as tx:
        plan = tx.rehosts.plan(rehost)
    assert [replace(item, id=0) for item in plan.items] == [BARE, FULL]
    assert len({item.id for item in plan.items} - {0}) == 2
    assert (plan.not_taken, plan.visits) == (not_taken, visits)


def test_findings_replace_the_plan(store: Store, project: Project) -> None:
    """A second crawl's findings take the place of the first's; another rehost keeps its own."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project)
        for one in (rehost, other):
            tx.rehosts.put_findings(one.id, [BARE], [NotTaken("u", "f", "c", "s")], [Visit("u", "s", 200, 1)])
        tx.rehosts.put_findings(rehost.id, (), (), ())
        assert tx.rehosts.plan(rehost) == Plan("demo", "", ())
        assert len(tx.rehosts.plan(other).items) == 1


def test_an_item_is_stored_in_its_own_rehost(store: Store, project: Project) -> None:
    """What became known of an item replaces what was; an item of another rehost is left alone."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project)
        tx.rehosts.put_findings(rehost.id, [BARE], (), ())
        (item,) = tx.rehosts.plan(rehost).items
        known = replace(FULL, id=item.id)
        tx.rehosts.put_item(other.id, known)
        assert tx.rehosts.plan(rehost).items == (item,)
        tx.rehosts.put_item(rehost.id, known)
        assert tx.rehosts.plan(rehost).items == (known,)
        assert tx.rehosts.plan(other).items == ()


def test_one_item_is_found_in_its_own_rehost(store: Store, project: Project) -> None:
    """An item comes back with everything known of it, by its id and that of its rehost together."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project)
        tx.rehosts.put_findings(rehost.id, [BARE, FULL], (), ())
    with store.read() as tx:
        items = tx.rehosts.plan(rehost).items
        assert [tx.rehosts.item(rehost.id, item.id) for item in items] == list(items)
        assert tx.rehosts.item(other.id, items[0].id) is None
        assert tx.rehosts.item(rehost.id, items[-1].id + 1) is None
        assert tx.rehosts.item(other.id + 1, items[0].id) is None


def test_running_rehosts_are_told_whose_ever_they_are(store: Store, project: Project) -> None:
    """Those that a worker is at, of every project, oldest first; what waits for a person or has ended is none."""
    with store.write() as tx:
        other = tx.projects.add(ProjectName("Other"), HostingMode.CACHE, NOW)
        begun = [begin(tx, one) for one in (project, other) for _ in State]
        states = dict(zip(begun, [*State, *State], strict=True))
        for rehost, state in states.items():
            tx.rehosts.put(replace(rehost, state=state))
    running = {State.PLANNING, State.CONSENTED, State.PUBLISHING}
    with store.read() as tx:
        assert list(tx.rehosts.running()) == [
            replace(rehost, state=state) for rehost, state in states.items() if state in running
        ]


def test_the_newest_consent_counts(store: Store, project: Project) -> None:
    """A consent comes back as it was given, with an id; of several the newest is told."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project)
        tx.rehosts.put_findings(rehost.id, [FULL, BARE], (), ())
        items = tx.rehosts.plan(rehost).items
        assert tx.rehosts.consent(rehost.id) is None
        first = tx.rehosts.add_consent(consent_to(rehost, items))
        assert replace(first, id=0) == consent_to(rehost, items)
        second = tx.rehosts.add_consent(replace(consent_to(rehost, items), text="again"))
        assert second.id != first.id
    with store.read() as tx:
        assert tx.rehosts.consent(rehost.id) == second
        assert tx.rehosts.consent(other.id) is None


def test_a_consent_is_withdrawn(store: Store, project: Project) -> None:
    """A withdrawn consent says since when; others are not touched."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project)
        consent = tx.rehosts.add_consent(consent_to(rehost, ()))
        kept = tx.rehosts.add_consent(consent_to(other, ()))
        tx.rehosts.withdraw_consent(consent.id, LATER)
        assert tx.rehosts.consent(rehost.id) == replace(consent, withdrawn_at=LATER)
        assert tx.rehosts.consent(other.id) == kept


def test_a_consent_is_used_once_for_each_item(store: Store, project: Project) -> None:
    """The second use of a consent for one item is a conflict, also in a later transaction (T-31)."""
    with store.write() as tx:
        rehost = begin(tx, project)
        tx.rehosts.put_findings(rehost.id, [FULL, BARE], (), ())
        one, other = tx.rehosts.plan(rehost).items
        consent = tx.rehosts.add_consent(consent_to(rehost, (one, other)))
        tx.rehosts.use_consent(consent.id, one.id, NOW)

    def use_both() -> None:
        with store.write() as tx:
            tx.rehosts.use_consent(consent.id, other.id, NOW)
            tx.rehosts.use_consent(consent.id, one.id, NOW)

    with pytest.raises(Conflict) as refused:
        use_both()
    assert refused.value.code == "consent-used"
    with store.write() as tx:
        tx.rehosts.use_consent(consent.id, other.id, NOW)
        newer = tx.rehosts.add_consent(consent_to(rehost, (one,)))
        tx.rehosts.use_consent(newer.id, one.id, NOW)


def test_the_record_of_a_use_outlives_no_plan(store: Store, project: Project) -> None:
    """A plan whose items were published by consent is not replaced: the database refuses to forget the use."""
    with store.write() as tx:
        rehost = begin(tx, project)
        tx.rehosts.put_findings(rehost.id, [FULL], (), ())
        (item,) = tx.rehosts.plan(rehost).items
        consent = tx.rehosts.add_consent(consent_to(rehost, (item,)))
        tx.rehosts.use_consent(consent.id, item.id, NOW)
    with pytest.raises((IntegrityError, AssertionError)), store.write() as tx:
        tx.rehosts.put_findings(rehost.id, (), (), ())
    with store.read() as tx:
        assert tx.rehosts.plan(rehost).items == (item,)


def test_the_standing_consent_is_replaced(store: Store, project: Project) -> None:
    """A project has one standing consent, the one given last."""
    first = StandingConsent("demo", "ada", ("site.test",), ("*",), NOW, LATER)
    second = replace(
        first, given_by="bob", hosts=("site.test", "cdn.test"), patterns=("*.whl",), given_at=LATER
    )
    with store.write() as tx:
        assert tx.rehosts.standing(project.id) is None
        tx.rehosts.put_standing(project.id, first)
        assert tx.rehosts.standing(project.id) == first
        tx.rehosts.put_standing(project.id, second)
    with store.read() as tx:
        assert tx.rehosts.standing(project.id) == second
        assert tx.rehosts.standing(project.id + 1) is None
