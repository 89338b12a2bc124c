"""What the fake store remembers: flat containers of frozen values, so that a copy is a snapshot."""

from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from homeport.domain.account import Token, User
from homeport.domain.account_link import AccountLink
from homeport.domain.campaign import Campaign, Entrant, GivenNotice
from homeport.domain.consent import Consent
from homeport.domain.dashboard import ModeDay
from homeport.domain.digests import Sha256
from homeport.domain.drift import DriftEvent, HostMemory, Watch
from homeport.domain.exemption import Exemption
from homeport.domain.freeze import Freeze
from homeport.domain.hosting_log import HostingLine
from homeport.domain.hosting_policy import Decided
from homeport.domain.ledger import Sealed
from homeport.domain.mail import Mail
from homeport.domain.manners import Host
from homeport.domain.membership import EndedInvitation, Invitation
from homeport.domain.metadata import CoreMetadata
from homeport.domain.notice import Topic
from homeport.domain.organisation import Organisation, OrganisationInvitation, OrganisationRole, Team
from homeport.domain.origin_record import OriginRecord
from homeport.domain.plan_draft import PlanDraft
from homeport.domain.progress import Fetching
from homeport.domain.project import Project, Role
from homeport.domain.proposal import Proposal
from homeport.domain.receiver import Receiver, Reception
from homeport.domain.rehost import Item, NotTaken, Rehost, Visit
from homeport.domain.release import ExternalLink, HostedFile
from homeport.domain.removal_request import RemovalRequest
from homeport.domain.second_factor import SecondFactor
from homeport.domain.sighting import Sighting
from homeport.domain.signature import SigningIdentity, SigningKey
from homeport.domain.source import Source, SourceKind
from homeport.domain.staging import Judgement, Stage, StagedFile
from homeport.domain.standing_consent import StandingConsent, StandingLine
from homeport.domain.survey import Link, Look, Survey
from homeport.domain.survey_report import Report
from homeport.domain.webhook import Webhook
from homeport.domain.webhook_delivery import Delivery
from homeport.formats.accept import Form
from homeport.ports.catalogue import Provenance, Release, Removal
from homeport.ports.jobs import Job
from homeport.ports.notices import Notice
from homeport.ports.pages import Rendered
from homeport.ports.sessions import Session


@dataclass(frozen=True)
class StoredRehost:
    """A rehost and what only its plan needs."""

    project_id: int
    rehost: Rehost
    metadata: CoreMetadata | None
    not_taken: tuple[NotTaken, ...] = ()
    visits: tuple[Visit, ...] = ()


@dataclass
class Tables:
    """Every table; keys are ids unless the type says otherwise."""

    users: dict[int, User] = field(default_factory=dict)
    password_hashes: dict[int, str | None] = field(default_factory=dict)
    made_at: dict[int, datetime] = field(default_factory=dict)
    disabled_at: dict[int, datetime] = field(default_factory=dict)
    mail_problem_at: dict[int, datetime] = field(default_factory=dict)
    handed_at: dict[int, datetime] = field(default_factory=dict)
    unmailed_topics: set[tuple[int, Topic]] = field(default_factory=set)
    account_links: dict[Sha256, AccountLink] = field(default_factory=dict)
    mails: dict[int, Mail] = field(default_factory=dict)
    sessions: dict[Sha256, Session] = field(default_factory=dict)
    second_factors: dict[int, tuple[int, SecondFactor]] = field(default_factory=dict)
    recovery_codes: set[tuple[int, Sha256]] = field(default_factory=set)
    attempts: list[tuple[str, datetime]] = field(default_factory=list)
    setup_links: dict[Sha256, datetime] = field(default_factory=dict)
    tokens: dict[Sha256, tuple[Token, int]] = field(default_factory=dict)
    projects: dict[int, Project] = field(default_factory=dict)
    roles: dict[tuple[int, int], Role] = field(default_factory=dict)
    invitations: dict[int, Invitation] = field(default_factory=dict)
    ended_invitations: dict[int, EndedInvitation] = field(default_factory=dict)
    organisations: dict[int, Organisation] = field(default_factory=dict)
    organisation_members: dict[tuple[int, int], OrganisationRole] = field(default_factory=dict)
    organisation_projects: dict[int, int] = field(default_factory=dict)
    organisation_invitations: dict[tuple[int, int], OrganisationInvitation] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    team_members: set[tuple[int, int]] = field(default_factory=set)
    team_roles: dict[tuple[int, int], Role] = field(default_factory=dict)
    releases: dict[tuple[int, str], Release] = field(default_factory=dict)
    registered: dict[tuple[int, str], datetime] = field(default_factory=dict)
    descriptions: dict[tuple[int, str], str] = field(default_factory=dict)
    files: dict[tuple[int, str], HostedFile] = field(default_factory=dict)
    provenances: dict[tuple[int, str], Provenance] = field(default_factory=dict)
    metadata_files: dict[tuple[int, str], bytes | None] = field(default_factory=dict)
    removals: dict[tuple[int, str], Removal] = field(default_factory=dict)
    project_quotas: dict[int, int | None] = field(default_factory=dict)
    user_quotas: dict[int, int | None] = field(default_factory=dict)
    stages: dict[int, Stage] = field(default_factory=dict)
    staged_files: dict[int, StagedFile] = field(default_factory=dict)
    judgements: dict[int, Judgement] = field(default_factory=dict)
    sources: dict[tuple[int, SourceKind, str], tuple[Source, bytes | None]] = field(default_factory=dict)
    links: dict[int, tuple[ExternalLink, ...]] = field(default_factory=dict)
    rehosts: dict[int, StoredRehost] = field(default_factory=dict)
    items: dict[int, tuple[int, Item]] = field(default_factory=dict)
    drafts: dict[tuple[int, str], PlanDraft] = field(default_factory=dict)
    fetches: dict[int, Fetching] = field(default_factory=dict)
    consents: dict[int, Consent] = field(default_factory=dict)
    removal_requests: dict[int, RemovalRequest] = field(default_factory=dict)
    consent_uses: set[tuple[int, int]] = field(default_factory=set)
    standing: dict[int, StandingConsent] = field(default_factory=dict)
    standing_lines: list[tuple[int, StandingLine]] = field(default_factory=list)
    surveys: dict[int, Survey] = field(default_factory=dict)
    survey_looks: dict[tuple[int, int], Look] = field(default_factory=dict)
    survey_links: dict[int, tuple[int, int, Link]] = field(default_factory=dict)
    survey_reports: dict[int, Report] = field(default_factory=dict)
    waiting_hosts: dict[int, int] = field(default_factory=dict)
    watches: dict[tuple[int, str], Watch] = field(default_factory=dict)
    watched_hosts: dict[str, HostMemory] = field(default_factory=dict)
    drift_events: list[DriftEvent] = field(default_factory=list)
    hosts: dict[str, Host] = field(default_factory=dict)
    outside_bytes: dict[tuple[str, date], int] = field(default_factory=dict)
    sightings: dict[tuple[int, str, str, str, bool], Sighting] = field(default_factory=dict)
    signing_keys: dict[tuple[int, str], SigningKey] = field(default_factory=dict)
    signing_identities: dict[tuple[int, tuple[str, str, str, str]], SigningIdentity] = field(
        default_factory=dict
    )
    origins: list[tuple[int, OriginRecord]] = field(default_factory=list)
    exemptions: dict[int, Exemption] = field(default_factory=dict)
    mode_days: dict[date, ModeDay] = field(default_factory=dict)
    policies: list[Decided] = field(default_factory=list)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    freezes: dict[int, tuple[int, Freeze]] = field(default_factory=dict)
    hosting_log: list[tuple[int, HostingLine]] = field(default_factory=list)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    campaign_projects: dict[tuple[int, int], Entrant] = field(default_factory=dict)
    campaign_notices: dict[tuple[int, int, int, str], GivenNotice] = field(default_factory=dict)
    ledger: list[Sealed] = field(default_factory=list)
    pages: dict[tuple[str, Form], Rendered] = field(default_factory=dict)
    segments: dict[tuple[str, Form], bytes] = field(default_factory=dict)
    facts: dict[str, int] = field(default_factory=dict)
    notices: list[tuple[int, Notice]] = field(default_factory=list)
    webhooks: dict[int, tuple[Webhook, tuple[bytes, ...]]] = field(default_factory=dict)
    webhook_deliveries: dict[int, Delivery] = field(default_factory=dict)
    receivers: dict[int, tuple[Receiver, tuple[bytes, ...]]] = field(default_factory=dict)
    receptions: list[Reception] = field(default_factory=list)
    reception_marks: dict[tuple[int, Sha256], datetime] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    last_ids: dict[str, int] = field(default_factory=dict)

    def snapshot(self) -> "Tables":
        """A copy that later changes do not reach."""
        return Tables(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})

    def fresh_id(self, table: str) -> int:
        """The next id of a table; none is given twice."""
        self.last_ids[table] = self.last_ids.get(table, 0) + 1
        return self.last_ids[table]
