"""What is remembered: one repository per noun, all inside one transaction.

Everything a transaction writes becomes visible, and durable, at once or not at all. There is one writer at a time.
"""

from contextlib import AbstractContextManager
from typing import Protocol

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
from homeport.ports.surveys import Surveys
from homeport.ports.watches import Watches
from homeport.ports.webhooks import Receivers, Webhooks


class Transaction(Protocol):
    """One consistent view; everything written through it commits together."""

    @property
    def users(self) -> Users:
        """Accounts."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Signed-in browsers."""
        ...

    @property
    def account_links(self) -> AccountLinks:
        """One-time links."""
        ...

    @property
    def mails(self) -> Mails:
        """The outbox."""
        ...

    @property
    def second_factors(self) -> SecondFactors:
        """What people show besides their password."""
        ...

    @property
    def attempts(self) -> Attempts:
        """What was tried in vain."""
        ...

    @property
    def tokens(self) -> Tokens:
        """API tokens."""
        ...

    @property
    def projects(self) -> Projects:
        """Projects and roles."""
        ...

    @property
    def invitations(self) -> Invitations:
        """Roles that were offered."""
        ...

    @property
    def organisations(self) -> Organisations:
        """Organisations, their people and projects."""
        ...

    @property
    def organisation_invitations(self) -> OrganisationInvitations:
        """Who is invited to organisations."""
        ...

    @property
    def teams(self) -> Teams:
        """Teams of organisations."""
        ...

    @property
    def releases(self) -> Releases:
        """Versions."""
        ...

    @property
    def files(self) -> Files:
        """Hosted files."""
        ...

    @property
    def quotas(self) -> Quotas:
        """How much is stored, and may be."""
        ...

    @property
    def outside(self) -> Outside:
        """Sources and external links."""
        ...

    @property
    def stages(self) -> Stages:
        """Releases that are put together before they are public."""
        ...

    @property
    def rehosts(self) -> Rehosts:
        """Rehosts, plans, consents."""
        ...

    @property
    def drafts(self) -> Drafts:
        """What was decided about plans before anybody agreed."""
        ...

    @property
    def removal_requests(self) -> RemovalRequests:
        """What administrators are asked to remove."""
        ...

    @property
    def fetches(self) -> Fetches:
        """What is being fetched at this moment."""
        ...

    @property
    def surveys(self) -> Surveys:
        """What was seen outside, of how many projects."""
        ...

    @property
    def watches(self) -> Watches:
        """Looks at the places that files came from."""
        ...

    @property
    def hosts(self) -> Hosts:
        """Other people's servers."""
        ...

    @property
    def exemptions(self) -> Exemptions:
        """Permissions to stay in ``pypi-ext``."""
        ...

    @property
    def standing_consents(self) -> StandingConsents:
        """Consents to releases to come."""
        ...

    @property
    def hosting_log(self) -> HostingLog:
        """Who moved which project to which mode."""
        ...

    @property
    def campaigns(self) -> Campaigns:
        """Announced changes of many projects' modes."""
        ...

    @property
    def policies(self) -> Policies:
        """What administrators decided for the whole index."""
        ...

    @property
    def overview(self) -> Overview:
        """Counts and lists over everything."""
        ...

    @property
    def proposals(self) -> Proposals:
        """What waits for a second administrator."""
        ...

    @property
    def freezes(self) -> Freezes:
        """Files and releases that are frozen."""
        ...

    @property
    def proofs(self) -> Proofs:
        """Sightings, who may sign, origin records."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        ...

    @property
    def pages(self) -> Pages:
        """Rendered pages."""
        ...

    @property
    def notices(self) -> Notices:
        """Notices."""
        ...

    @property
    def webhooks(self) -> Webhooks:
        """Whom we tell what happens here."""
        ...

    @property
    def receivers(self) -> Receivers:
        """By what forges tell us of releases."""
        ...

    @property
    def jobs(self) -> Jobs:
        """Work that starts when this commits."""
        ...


class Store(Protocol):
    """The database."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that commits when the block ends, and rolls back when it raises.

        Raises ``Unavailable`` when the database cannot be reached or another writer takes too long.
        """
        ...

    def write_lightly(self) -> AbstractContextManager[Transaction]:
        """As :meth:`write`, for what may be forgotten when the power fails before the next :meth:`write`.

        It costs a small part of a write, because nobody waits for the disk; everybody sees it at once.
        """
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """One consistent view for reading."""
        ...
