"""The store: transactions over one SQLite file, with every repository inside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from homeport.adapters.db.account_links import SqlAccountLinks
from homeport.adapters.db.campaigns import SqlCampaigns
from homeport.adapters.db.drafts import SqlDrafts
from homeport.adapters.db.fetches import SqlFetches
from homeport.adapters.db.freezes import SqlFreezes
from homeport.adapters.db.hosting import SqlExemptions, SqlHostingLog
from homeport.adapters.db.hosts import SqlHosts
from homeport.adapters.db.identity import SqlUsers
from homeport.adapters.db.jobs import DbosJobs
from homeport.adapters.db.ledger import SqlLedger, SqlNotices
from homeport.adapters.db.mails import SqlMails
from homeport.adapters.db.membership import SqlInvitations
from homeport.adapters.db.organisations import SqlOrganisationInvitations, SqlOrganisations, SqlTeams
from homeport.adapters.db.overview import SqlOverview
from homeport.adapters.db.pages import SqlPages
from homeport.adapters.db.policies import SqlPolicies
from homeport.adapters.db.projects import SqlOutside, SqlProjects
from homeport.adapters.db.proofs import SqlProofs
from homeport.adapters.db.proposals import SqlProposals
from homeport.adapters.db.quotas import SqlQuotas
from homeport.adapters.db.receivers import SqlReceivers
from homeport.adapters.db.rehosts import SqlRehosts
from homeport.adapters.db.releases import SqlFiles, SqlReleases
from homeport.adapters.db.removal_requests import SqlRemovalRequests
from homeport.adapters.db.sessions import SqlAttempts, SqlSecondFactors, SqlSessions
from homeport.adapters.db.staging import SqlStages
from homeport.adapters.db.standing_consents import SqlStandingConsents
from homeport.adapters.db.surveys import SqlSurveys
from homeport.adapters.db.tokens import SqlTokens
from homeport.adapters.db.watches import SqlWatches
from homeport.adapters.db.webhooks import SqlWebhooks
from homeport.domain.errors import Unavailable
from homeport.ports.campaigns import Campaigns
from homeport.ports.catalogue import Files, Outside, Projects, Releases
from homeport.ports.drafts import Drafts
from homeport.ports.freezes import Freezes
from homeport.ports.hosting import Exemptions, HostingLog
from homeport.ports.hosts import Hosts
from homeport.ports.identity import AccountLinks, Tokens, Users
from homeport.ports.jobs import Jobs
from homeport.ports.ledger import Ledger
from homeport.ports.mail import Mails
from homeport.ports.membership import Invitations
from homeport.ports.notices import Notices
from homeport.ports.organisations import OrganisationInvitations, Organisations, Teams
from homeport.ports.overview import Overview
from homeport.ports.pages import Pages
from homeport.ports.policies import Policies
from homeport.ports.progress import Fetches
from homeport.ports.proofs import Proofs
from homeport.ports.proposals import Proposals
from homeport.ports.quotas import Quotas
from homeport.ports.rehosts import Rehosts
from homeport.ports.removal_requests import RemovalRequests
from homeport.ports.sessions import Attempts, SecondFactors, Sessions
from homeport.ports.staging import Stages
from homeport.ports.standing_consents import StandingConsents
from homeport.ports.store import Transaction
from homeport.ports.surveys import Surveys
from homeport.ports.watches import Watches
from homeport.ports.webhooks import Receivers, Webhooks


@dataclass(frozen=True)
class SqlTransaction:
    """Every repository over one connection."""

    users: Users
    sessions: Sessions
    second_factors: SecondFactors
    attempts: Attempts
    account_links: AccountLinks
    mails: Mails
    tokens: Tokens
    projects: Projects
    invitations: Invitations
    organisations: Organisations
    organisation_invitations: OrganisationInvitations
    teams: Teams
    releases: Releases
    files: Files
    quotas: Quotas
    stages: Stages
    outside: Outside
    rehosts: Rehosts
    drafts: Drafts
    removal_requests: RemovalRequests
    fetches: Fetches
    surveys: Surveys
    watches: Watches
    hosts: Hosts
    exemptions: Exemptions
    standing_consents: StandingConsents
    hosting_log: HostingLog
    campaigns: Campaigns
    overview: Overview
    policies: Policies
    proposals: Proposals
    freezes: Freezes
    proofs: Proofs
    ledger: Ledger
    pages: Pages
    notices: Notices
    webhooks: Webhooks
    receivers: Receivers
    jobs: Jobs


class SqlStore:
    """``ports.store.Store``; ``enqueuer`` knows how work is started inside a transaction.

    ``sends_mail`` says that there is a mail server, so that what is written into the outbox leaves it.
    """

    def __init__(self, engine: Engine, enqueuer: DbosJobs, *, sends_mail: bool = False) -> None:
        self._reading = engine
        self._writing = engine.execution_options(homeport_writes="FULL")
        self._writing_lightly = engine.execution_options(homeport_writes="NORMAL")
        self._enqueuer = enqueuer
        self.sends_mail = sends_mail

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """See the port."""
        with self._begin(self._writing) as transaction:
            yield transaction

    @contextmanager
    def write_lightly(self) -> Iterator[Transaction]:
        """See the port."""
        with self._begin(self._writing_lightly) as transaction:
            yield transaction

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """See the port."""
        with self._begin(self._reading) as transaction:
            yield transaction

    @contextmanager
    def _begin(self, engine: Engine) -> Iterator[Transaction]:
        try:
            with engine.begin() as connection:
                yield self._transaction(connection)
        except (OperationalError, PoolTimeout) as error:
            raise Unavailable(
                f"The database cannot be used now ({_cause(error)}). Try again shortly.",
                code="database-unavailable",
            ) from error

    def _transaction(self, connection: Connection) -> SqlTransaction:
        return SqlTransaction(
            users=SqlUsers(connection),
            sessions=SqlSessions(connection),
            second_factors=SqlSecondFactors(connection),
            attempts=SqlAttempts(connection),
            account_links=SqlAccountLinks(connection),
            mails=SqlMails(connection, are_sent=self.sends_mail),
            tokens=SqlTokens(connection),
            projects=SqlProjects(connection),
            invitations=SqlInvitations(connection),
            organisations=SqlOrganisations(connection),
            organisation_invitations=SqlOrganisationInvitations(connection),
            teams=SqlTeams(connection),
            releases=SqlReleases(connection),
            files=SqlFiles(connection),
            quotas=SqlQuotas(connection),
            stages=SqlStages(connection),
            outside=SqlOutside(connection),
            rehosts=SqlRehosts(connection),
            drafts=SqlDrafts(connection),
            removal_requests=SqlRemovalRequests(connection),
            fetches=SqlFetches(connection),
            surveys=SqlSurveys(connection),
            watches=SqlWatches(connection),
            hosts=SqlHosts(connection),
            exemptions=SqlExemptions(connection),
            standing_consents=SqlStandingConsents(connection),
            hosting_log=SqlHostingLog(connection),
            campaigns=SqlCampaigns(connection),
            overview=SqlOverview(connection),
            policies=SqlPolicies(connection),
            proposals=SqlProposals(connection),
            freezes=SqlFreezes(connection),
            proofs=SqlProofs(connection),
            ledger=SqlLedger(connection),
            pages=SqlPages(connection),
            notices=SqlNotices(connection),
            webhooks=SqlWebhooks(connection),
            receivers=SqlReceivers(connection),
            jobs=self._enqueuer.inside(connection),
        )


def _cause(error: OperationalError | PoolTimeout) -> str:
    return str(error.orig) if isinstance(error, OperationalError) else "every connection is busy"
