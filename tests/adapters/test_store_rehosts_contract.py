"""The contract of ``ports.store``: rehosts, their plans, and the consents to them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from tests.support.builders import HOLD, PLAIN, item, unreachable
from tests.support.plan_items import BARE, FULL

from homeport.domain.consent import Basis, Consent, Hosted, Withdrawal
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName
from homeport.domain.offer import Facts
from homeport.domain.plan_expiry import due_at
from homeport.domain.progress import Fetching, ItemStand
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Decision, Item, NotTaken, Plan, Purpose, Rehost, State, Visit
from homeport.domain.said_before import AnsweredFile
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
METADATA = CoreMetadata("1.0", "demo", "1.0", download_url="https://site.test/demo-1.0.tar.gz")


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
        evidence="https://example.org/permission",
        serial=5,
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


def test_wanted_items_are_told(store: Store, project: Project) -> None:
    """Which items are wanted changes with what is asked for and with what came, in one's own rehost only."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project)
        listed = replace(BARE, bytes=Bytes.LISTED, problem="Later.")
        tx.rehosts.put_findings(rehost.id, [FULL, listed, listed], (), ())
        tx.rehosts.put_findings(other.id, [BARE], (), ())
        _, one, two = tx.rehosts.plan(rehost).items
        assert list(tx.rehosts.wanted(rehost.id)) == []
        assert not tx.rehosts.is_wanting(rehost.id)
        tx.rehosts.want(other.id, [one.id])
        assert not tx.rehosts.is_wanting(rehost.id)
        tx.rehosts.want(rehost.id, [two.id, one.id])
        tx.rehosts.want(rehost.id, [])
    with store.write() as tx:
        assert list(tx.rehosts.wanted(rehost.id)) == [(one.id, one.url), (two.id, two.url)]
        assert tx.rehosts.is_wanting(rehost.id)
        assert tx.rehosts.item(rehost.id, one.id) == replace(one, bytes=Bytes.WANTED, problem="")
        for item in (one, two):
            tx.rehosts.put_item(rehost.id, replace(item, bytes=Bytes.UNREACHABLE))
        assert not tx.rehosts.is_wanting(rehost.id)
        assert [item_id for item_id, _ in tx.rehosts.wanted(other.id)] == [
            item.id for item in tx.rehosts.plan(other).items
        ]


def test_stands_are_told_in_the_plans_order(store: Store, project: Project) -> None:
    """What progress needs of each item: its host, its bytes, the size it has or is said to have, and its fate."""
    elsewhere = replace(BARE, url="http://cdn.test:81/x.zip", facts=Facts(size_bytes=7), bytes=Bytes.LISTED)
    with store.write() as tx:
        rehost = begin(tx, project)
        assert list(tx.rehosts.stands(rehost.id)) == []
        tx.rehosts.put_findings(rehost.id, [FULL, BARE, elsewhere], (), ())
    with store.read() as tx:
        assert list(tx.rehosts.stands(rehost.id)) == [
            ItemStand("site.test", Bytes.HERE, 4, Decision.ACCEPT, True),
            ItemStand("site.test", Bytes.WANTED, None, Decision.UNDECIDED, False),
            ItemStand("cdn.test:81", Bytes.LISTED, 7, Decision.UNDECIDED, False),
        ]


def test_fetches_are_told_again_and_again(store: Store, project: Project) -> None:
    """What was told last of a fetch counts; it is forgotten by itself, with its rehost, and with its item."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project)
        tx.rehosts.put_findings(rehost.id, [BARE, BARE, BARE], (), ())
        tx.rehosts.put_findings(other.id, [BARE], (), ())
        one, two, three = (item.id for item in tx.rehosts.plan(rehost).items)
        (theirs,) = (item.id for item in tx.rehosts.plan(other).items)
        told = [
            Fetching(three, rehost.id, "site.test", 3, 10, "", NOW, LATER),
            Fetching(one, rehost.id, "cdn.test", 0, None, "a pause", NOW, NOW),
            Fetching(two, rehost.id, "cdn.test", 2**40, None, "", NOW, NOW),
            Fetching(theirs, other.id, "site.test", 1, None, "", NOW, NOW),
        ]
        for fetching in told:
            tx.fetches.put(fetching)
    later = replace(told[0], received_bytes=10, changed_at=LATER + timedelta(seconds=1))
    with store.write() as tx:
        tx.fetches.put(later)
        tx.fetches.forget(two)
        tx.fetches.forget(two)
        assert list(tx.fetches.of_rehost(rehost.id)) == [told[1], later]
        tx.rehosts.put_findings(rehost.id, (), (), ())
        assert list(tx.fetches.of_rehost(rehost.id)) == []
        assert list(tx.fetches.of_rehost(other.id)) == [told[3]]
        tx.fetches.forget_all(other.id)
        assert list(tx.fetches.of_rehost(other.id)) == []


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


def test_open_rehosts_of_many_projects(store: Store, project: Project) -> None:
    """What something is still to come of, newest first, of the named projects only."""
    with store.write() as tx:
        other = tx.projects.add(ProjectName.parse("other"), HostingMode.CACHE, NOW)
        stranger = tx.projects.add(ProjectName.parse("stranger"), HostingMode.CACHE, NOW)
        made = [
            tx.rehosts.add(one.id, Purpose.HISTORY, "", by="ada", at=NOW, metadata=None)
            for one in (project, other, stranger, project)
        ]
        tx.rehosts.put(replace(made[1], state=State.PLANNED))
        ids = {project.id, other.id}
        assert [one.id for one in tx.rehosts.open_of(ids)] == [made[3].id, made[1].id, made[0].id]
        tx.rehosts.put(replace(made[3], state=State.PUBLISHED))
        assert [one.id for one in tx.rehosts.open_of(ids)] == [made[1].id, made[0].id]
        assert list(tx.rehosts.open_of(set())) == []


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
        assert list(tx.rehosts.consents(rehost.id)) == [second, first]
        assert tx.rehosts.consent(other.id) is None
        assert list(tx.rehosts.consents(other.id)) == []


def test_a_consent_is_withdrawn(store: Store, project: Project) -> None:
    """A withdrawn consent says since when; others are not touched."""
    with store.write() as tx:
        rehost, other = begin(tx, project), begin(tx, project)
        consent = tx.rehosts.add_consent(consent_to(rehost, ()))
        kept = tx.rehosts.add_consent(consent_to(other, ()))
        withdrawal = Withdrawal("bob", LATER, Hosted.YANK, "It ended.", 7)
        tx.rehosts.withdraw_consent(consent.id, withdrawal)
        assert tx.rehosts.consent(rehost.id) == replace(consent, withdrawal=withdrawal)
        assert tx.rehosts.consent(other.id) == kept


def test_answers_are_told_with_what_did_not_come_home(store: Store, project: Project) -> None:
    """Plans that were refused, agreed to or withdrawn, oldest first; of a run that nobody looks at only how it was ended."""
    with store.write() as tx:
        other = tx.projects.add(ProjectName("Other"), HostingMode.CACHE, NOW)
        made = [begin(tx, project, purpose) for purpose in (*Purpose, *Purpose, Purpose.HISTORY)]
        made.append(begin(tx, other))
        for rehost in made:
            found = [replace(FULL, is_published=False), replace(BARE, filename="elsewhere")]
            tx.rehosts.put_findings(rehost.id, found, (), ())
        items = {rehost.id: tx.rehosts.plan(rehost).items for rehost in made}
        refused, agreed, ended, running = made[0], made[3], made[2], made[1]
        for rehost, state in ((refused, State.REFUSED), (ended, State.WITHDRAWN), (made[5], State.REFUSED)):
            tx.rehosts.put(replace(rehost, state=state))
        for rehost in (agreed, ended, running):
            tx.rehosts.add_consent(consent_to(rehost, ()))
        tx.rehosts.add_consent(replace(consent_to(agreed, ()), given_by="bob", given_at=LATER))
        tx.rehosts.put_item(made[5].id, replace(items[made[5].id][0], is_published=True))
    with store.read() as tx:
        answers = tx.rehosts.answers(project.id, {FULL.filename, "never-seen"})
        assert [(one.rehost.id, one.given_by, one.given_at) for one in answers] == [
            (refused.id, "", None),
            (ended.id, "ada", NOW),
            (agreed.id, "bob", LATER),
        ]
        assert [one.files for one in answers] == [
            (AnsweredFile.of(items[one.rehost.id][0]),) for one in answers
        ]
        assert list(tx.rehosts.answers(project.id, set())) == []
        assert list(tx.rehosts.answers(other.id, {FULL.filename})) == []


@pytest.mark.parametrize(
    "told",
    [
        item(),
        item(findings=(HOLD,)),
        item(evidence=PLAIN),
        item(evidence=PLAIN, declared_sha256=Sha256.of(b"bytes").hex),
        replace(item(), evidence=None),
        unreachable(declared_sha256="0" * 64),
        replace(item(), bytes=Bytes.WANTED),
    ],
    ids=["clear", "held", "plain", "confirmed", "not weighed", "away", "asked for again"],
)
def test_an_answered_file_is_told_as_its_item_would_be(store: Store, project: Project, told: Item) -> None:
    """Whether a file would have been taken is what its whole item says."""
    with store.write() as tx:
        rehost = begin(tx, project)
        tx.rehosts.put_findings(rehost.id, [told], (), ())
        tx.rehosts.put(replace(rehost, state=State.REFUSED))
    with store.read() as tx:
        (answer,) = tx.rehosts.answers(project.id, {told.filename})
    assert answer.files == (AnsweredFile.of(told),)


def test_plans_are_due_when_somebody_must_be_told(store: Store, project: Project) -> None:
    """Only plans that wait are due: before their warnings and at their end, the longest due first."""
    with store.write() as tx:
        newer, older, answered = (begin(tx, project) for _ in range(3))
        waits = replace(newer, state=State.PLANNED, changed_at=LATER)
        waits_longer = replace(older, state=State.PLANNED, changed_at=NOW)
        for rehost in (waits, waits_longer, replace(answered, state=State.CONSENTED)):
            tx.rehosts.put(rehost)
        first = due_at(waits_longer)
        assert first is not None
        assert list(tx.rehosts.due(first - timedelta(microseconds=1), limit=5)) == []
        assert list(tx.rehosts.due(first, limit=5)) == [waits_longer]
        assert list(tx.rehosts.due(first + timedelta(days=1), limit=5)) == [waits_longer, waits]
        assert list(tx.rehosts.due(first + timedelta(days=1), limit=1)) == [waits_longer]
        warned = replace(waits_longer, warned=14)
        tx.rehosts.put(warned)
        assert list(tx.rehosts.due(first + timedelta(days=1), limit=5)) == [waits]
        assert tx.rehosts.find(older.id) == warned
        tx.rehosts.put(replace(waits, state=State.REFUSED))
        assert list(tx.rehosts.due(first + timedelta(days=999), limit=5)) == [warned]


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
