"""The store in memory, with the transactions of the real one.

1. A write works on a snapshot, which replaces what is committed when the block ends, and is dropped when it raises.
2. There is one writer at a time; a second one waits, and one that waits for itself is told so at once.
3. A reader that writes is a mistake of its caller.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from tests.support.fake_campaigns import FakeCampaigns
from tests.support.fake_drafts import FakeDrafts
from tests.support.fake_fetches import FakeFetches
from tests.support.fake_hosting import FakeExemptions, FakeHostingLog
from tests.support.fake_hosts import FakeHosts
from tests.support.fake_identity import FakeAccountLinks, FakeUsers
from tests.support.fake_mails import FakeMails
from tests.support.fake_membership import FakeInvitations
from tests.support.fake_organisations import FakeOrganisationInvitations, FakeOrganisations, FakeTeams
from tests.support.fake_overview import FakeOverview
from tests.support.fake_policies import FakeFreezes, FakePolicies, FakeProposals
from tests.support.fake_projects import FakeFiles, FakeOutside, FakeProjects, FakeReleases
from tests.support.fake_proofs import FakeProofs
from tests.support.fake_quotas import FakeQuotas
from tests.support.fake_rehosts import FakeRehosts
from tests.support.fake_removal_requests import FakeRemovalRequests
from tests.support.fake_sessions import FakeAttempts, FakeSecondFactors, FakeSessions
from tests.support.fake_staging import FakeStages
from tests.support.fake_standing_consents import FakeStandingConsents
from tests.support.fake_surveys import FakeSurveys
from tests.support.fake_tables import Tables
from tests.support.fake_tokens import FakeTokens
from tests.support.fake_watches import FakeWatches
from tests.support.fake_webhooks import FakeReceivers, FakeWebhooks

from homeport.domain.canonical import Plain
from homeport.domain.errors import Unavailable
from homeport.domain.ledger import GENESIS, Entry, Kind, Sealed, seal
from homeport.domain.notice import Topic
from homeport.formats.accept import Form
from homeport.ports.jobs import Job
from homeport.ports.notices import Notice
from homeport.ports.pages import Rendered

_PATIENCE_SECONDS = 10


class FakeLedger:
    """``ports.ledger.Ledger``."""

    def __init__(self, tables: Tables) -> None:
        self._entries = tables.ledger

    def append(
        self, kind: Kind, *, at: datetime, actor: str, project: str, details: Mapping[str, Plain]
    ) -> int:
        """See the port."""
        previous = self._entries[-1].chain_hash if self._entries else GENESIS
        seq = len(self._entries) + 1
        self._entries.append(seal(Entry(seq, at, kind, actor, project, details), previous))
        return seq

    def last(self) -> int:
        """See the port."""
        return self._entries[-1].seq if self._entries else 0

    def entries(self, *, after: int = 0, limit: int | None = None) -> Iterator[Sealed]:
        """See the port."""
        return islice((sealed for sealed in self._entries if sealed.seq > after), limit)


class FakePages:
    """``ports.pages.Pages``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, normalized: str, form: Form, page: Rendered) -> None:
        """See the port."""
        self._tables.pages[normalized, form] = page

    def segment_around(self, normalized: str) -> tuple[str, str | None]:
        """See the port."""
        firsts = sorted({first for first, _ in self._tables.segments})
        start = max((first for first in firsts if first <= normalized), default="")
        return start, min((first for first in firsts if first > normalized), default=None)

    def put_segment(self, first: str, form: Form, deflated: bytes) -> None:
        """See the port."""
        self._tables.segments[first, form] = deflated

    def forget_segments(self) -> None:
        """See the port."""
        self._tables.segments.clear()

    def rendering(self) -> int:
        """See the port."""
        return self._tables.facts.get("rendering", 0)

    def set_rendering(self, version: int) -> None:
        """See the port."""
        self._tables.facts["rendering"] = version


class FakeNotices:
    """``ports.notices.Notices``."""

    def __init__(self, tables: Tables) -> None:
        self._notices = tables.notices
        self._unmailed = tables.unmailed_topics

    def add(self, user_id: int, notice: Notice) -> bool:
        """See the port."""
        told = {(owner, one.kind, one.about) for owner, one in self._notices if one.about}
        if (user_id, notice.kind, notice.about) in told:
            return False
        self._notices.append((user_id, replace(notice, html="")))
        return True

    def of_user(self, user_id: int, *, limit: int) -> Sequence[Notice]:
        """See the port."""
        return [notice for owner, notice in reversed(self._notices) if owner == user_id][:limit]

    def after(self, user_id: int, number: int, *, limit: int) -> Sequence[tuple[int, Notice]]:
        """See the port."""
        numbered = enumerate(self._notices, 1)
        found = [(one, notice) for one, (owner, notice) in numbered if owner == user_id and one > number]
        return found[:limit]

    def newest(self, user_id: int) -> int:
        """See the port."""
        return max((one for one, (owner, _) in enumerate(self._notices, 1) if owner == user_id), default=0)

    def count(self, user_id: int, kind: str, since: datetime) -> int:
        """See the port."""
        return sum(
            owner == user_id and notice.kind == kind and notice.at > since for owner, notice in self._notices
        )

    def unmailed(self, user_id: int) -> frozenset[Topic]:
        """See the port."""
        return frozenset(topic for owner, topic in self._unmailed if owner == user_id)

    def put_mailed(self, user_id: int, topic: Topic, *, is_mailed: bool) -> None:
        """See the port."""
        (self._unmailed.discard if is_mailed else self._unmailed.add)((user_id, topic))


class FakeJobs:
    """``ports.jobs.Jobs``."""

    def __init__(self, tables: Tables) -> None:
        self._jobs = tables.jobs

    def enqueue(self, job: Job) -> None:
        """See the port."""
        self._jobs.setdefault(job.key, job)


@dataclass(frozen=True)
class FakeTransaction:
    """``ports.store.Transaction`` over one snapshot."""

    users: FakeUsers
    sessions: FakeSessions
    second_factors: FakeSecondFactors
    attempts: FakeAttempts
    account_links: FakeAccountLinks
    mails: FakeMails
    tokens: FakeTokens
    projects: FakeProjects
    invitations: FakeInvitations
    organisations: FakeOrganisations
    organisation_invitations: FakeOrganisationInvitations
    teams: FakeTeams
    releases: FakeReleases
    files: FakeFiles
    quotas: FakeQuotas
    stages: FakeStages
    outside: FakeOutside
    rehosts: FakeRehosts
    drafts: FakeDrafts
    removal_requests: FakeRemovalRequests
    fetches: FakeFetches
    surveys: FakeSurveys
    watches: FakeWatches
    hosts: FakeHosts
    exemptions: FakeExemptions
    standing_consents: FakeStandingConsents
    hosting_log: FakeHostingLog
    campaigns: FakeCampaigns
    overview: FakeOverview
    policies: FakePolicies
    proposals: FakeProposals
    freezes: FakeFreezes
    proofs: FakeProofs
    ledger: FakeLedger
    pages: FakePages
    notices: FakeNotices
    webhooks: FakeWebhooks
    receivers: FakeReceivers
    jobs: FakeJobs

    @classmethod
    def over(cls, tables: Tables, *, sends_mail: bool) -> "FakeTransaction":
        """Every repository over ``tables``."""
        return cls(
            users=FakeUsers(tables),
            sessions=FakeSessions(tables),
            second_factors=FakeSecondFactors(tables),
            attempts=FakeAttempts(tables),
            account_links=FakeAccountLinks(tables),
            mails=FakeMails(tables, are_sent=sends_mail),
            tokens=FakeTokens(tables),
            projects=FakeProjects(tables),
            invitations=FakeInvitations(tables),
            organisations=FakeOrganisations(tables),
            organisation_invitations=FakeOrganisationInvitations(tables),
            teams=FakeTeams(tables),
            releases=FakeReleases(tables),
            files=FakeFiles(tables),
            quotas=FakeQuotas(tables),
            stages=FakeStages(tables),
            outside=FakeOutside(tables),
            rehosts=FakeRehosts(tables),
            drafts=FakeDrafts(tables),
            removal_requests=FakeRemovalRequests(tables),
            fetches=FakeFetches(tables),
            surveys=FakeSurveys(tables),
            watches=FakeWatches(tables),
            hosts=FakeHosts(tables),
            exemptions=FakeExemptions(tables),
            standing_consents=FakeStandingConsents(tables),
            hosting_log=FakeHostingLog(tables),
            campaigns=FakeCampaigns(tables),
            overview=FakeOverview(tables),
            policies=FakePolicies(tables),
            proposals=FakeProposals(tables),
            freezes=FakeFreezes(tables),
            proofs=FakeProofs(tables),
            ledger=FakeLedger(tables),
            pages=FakePages(tables),
            notices=FakeNotices(tables),
            webhooks=FakeWebhooks(tables),
            receivers=FakeReceivers(tables),
            jobs=FakeJobs(tables),
        )


class FakeStore:
    """``ports.store.Store``; ``committed`` is what everyone sees."""

    def __init__(self, *, sends_mail: bool = False) -> None:
        self.sends_mail = sends_mail
        self.committed = Tables()
        self._writers = threading.Lock()
        self._writer = 0

    @contextmanager
    def write(self) -> Iterator[FakeTransaction]:
        """See the port."""
        is_own = self._writer == threading.get_ident()
        if is_own or not self._writers.acquire(timeout=_PATIENCE_SECONDS):
            raise Unavailable("Another writer takes too long.", code="database-unavailable")
        self._writer = threading.get_ident()
        try:
            tables = self.committed.snapshot()
            yield FakeTransaction.over(tables, sends_mail=self.sends_mail)
            self.committed = tables
        finally:
            self._writer = 0
            self._writers.release()

    def write_lightly(self) -> AbstractContextManager[FakeTransaction]:
        """See the port."""
        return self.write()

    @contextmanager
    def read(self) -> Iterator[FakeTransaction]:
        """See the port."""
        seen = self.committed
        tables = seen.snapshot()
        yield FakeTransaction.over(tables, sends_mail=self.sends_mail)
        if tables != seen:
            raise AssertionError("a reader wrote")
