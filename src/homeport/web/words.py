"""How values read on a page: sizes, times, and the sentence that stands beside each word of the glossary."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeport.domain.account import Scope
from homeport.domain.campaign import CampaignKind, CampaignState, Stand
from homeport.domain.claim import ClaimKind
from homeport.domain.drift import Consequence, Sign
from homeport.domain.drift import State as SourceState
from homeport.domain.evidence import Level
from homeport.domain.exemption import Standing
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import Event
from homeport.domain.inspection import Severity, Verdict
from homeport.domain.ledger import Kind
from homeport.domain.manners import HostState
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.organisation import OrganisationRole
from homeport.domain.outlook import Chance
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.proposal import ProposalState
from homeport.domain.receiver import Forge
from homeport.domain.rehost import Bytes, Decision, Purpose, State
from homeport.domain.release import Origin
from homeport.domain.review_filter import Show
from homeport.domain.robots import RobotsStatus
from homeport.domain.signature import Outcome
from homeport.domain.source import Filters, SourceKind
from homeport.domain.standing_consent import Condition
from homeport.domain.webhook import HookState

MODES = {
    HostingMode.EXT: "Hosted files and external links: some of what installers are given lies on other servers.",
    HostingMode.CACHE: "Hosted files only. When a release is registered, its files are first brought home from the "
    "project's sources.",
    HostingMode.ONLY: "Hosted files only: every file was uploaded here or brought home, and nothing outside is asked.",
}
MOVERS = {Mover.OWNER: "an owner's move", Mover.ADMIN: "an administrator", Mover.CLOCK: "the clock"}
HOSTING_EVENTS = {
    Event.MOVED: "moved",
    Event.EXEMPTION_GIVEN: "exemption given",
    Event.EXEMPTION_EXTENDED: "exemption extended",
    Event.EXEMPTION_ENDED: "exemption ended",
    Event.CAMPAIGN_ANNOUNCED: "campaign announced",
    Event.CAMPAIGN_CANCELLED: "campaign cancelled",
    Event.CAMPAIGN_MOVED: "moved by a campaign",
}
HOOK_TONES = {HookState.LIVE: "good", HookState.FAILING: "warn", HookState.DISABLED: "bad"}
FORGES = {Forge.GITHUB: "GitHub", Forge.GITLAB: "GitLab", Forge.GITEA: "Gitea or Forgejo"}
FORGE_STEPS = {
    Forge.GITHUB: "There: Settings, Webhooks, Add webhook; content type application/json; events: Releases, or Branch or tag "
    "creation.",
    Forge.GITLAB: "There: Settings, Webhooks, Add new webhook; the secret as signing token, or as secret token where there is "
    "none; trigger: Releases events, or Tag push events.",
    Forge.GITEA: "There: Settings, Webhooks, Add webhook, Gitea or Forgejo; POST, application/json; trigger: Release, or Create.",
}
STANDINGS = {Standing.DATED: "dated", Standing.ENDLESS: "without end", Standing.ENDED: "ended"}
PROPOSAL_TONES = {
    ProposalState.OPEN: "busy",
    ProposalState.AGREED: "good",
    ProposalState.REFUSED: "bad",
    ProposalState.WITHDRAWN: "quiet",
    ProposalState.EXPIRED: "quiet",
}
STANDING_TONES = {Standing.DATED: "good", Standing.ENDLESS: "warn", Standing.ENDED: "quiet"}
CHANCE_TONES = {Chance.CAN: "busy", Chance.UNKNOWN: "warn", Chance.CANNOT: "bad"}
CONDITIONS = {
    Condition.LIVE: "in force",
    Condition.EXPIRED: "ended",
    Condition.WITHDRAWN: "withdrawn",
    Condition.VOID: "void",
    Condition.IDLE: "not asked for",
}
CONDITION_TONES = {
    Condition.LIVE: "good",
    Condition.EXPIRED: "warn",
    Condition.WITHDRAWN: "bad",
    Condition.VOID: "bad",
    Condition.IDLE: "quiet",
}
CONDITION_SENTENCES = {
    Condition.LIVE: "Registering a release brings its files home.",
    Condition.EXPIRED: "Its day has come: no registration brings files home until an owner renews it.",
    Condition.WITHDRAWN: "It was withdrawn: no registration brings files home until an owner consents anew.",
    Condition.VOID: "Who gave it does not own the project any more: no registration brings files home until an owner "
    "gives it anew.",
    Condition.IDLE: "The project is not pypi-cache: nobody registers releases under it.",
}
STANDING_LINES = {
    Kind.STANDING_CONSENT_GIVEN: "In force",
    Kind.STANDING_CONSENT_NARROWED: "Narrowed, because a source was removed",
    Kind.CONSENT_VOIDED: "Narrowed by the watch over its sources",
    Kind.STANDING_CONSENT_WITHDRAWN: "Withdrawn",
}
# What took something away, or warns of it; everything else is good news.
PAST_TONES = {
    Event.EXEMPTION_GIVEN: "warn",
    Event.EXEMPTION_EXTENDED: "warn",
    Event.CAMPAIGN_ANNOUNCED: "warn",
    Kind.STANDING_CONSENT_NARROWED: "warn",
    Kind.CONSENT_VOIDED: "bad",
    Kind.STANDING_CONSENT_WITHDRAWN: "bad",
    Kind.CONSENT_WITHDRAWN: "bad",
}
CAMPAIGN_KINDS = {
    CampaignKind.TO_ONLY: "Everything in pypi-ext becomes pypi-only: external links stop being listed.",
    CampaignKind.PHASE_OUT: "Everything in pypi-cache becomes pypi-only: registrations bring nothing home any more.",
}
CAMPAIGN_TONES = {
    CampaignState.DRAFT: "quiet",
    CampaignState.PREVIEWED: "busy",
    CampaignState.ANNOUNCED: "good",
    CampaignState.PAUSED: "warn",
    CampaignState.CANCELLED: "quiet",
    CampaignState.REPORTED: "good",
}
CAMPAIGN_STANDS = {
    Stand.WAITING: "waiting for the day",
    Stand.MOVED: "moved to pypi-only",
    Stand.ACTED: "acted in time",
    Stand.EXEMPT: "exempt",
    Stand.RELEASED: "released: it was cancelled",
}
STAND_TONES = {
    Stand.WAITING: "warn",
    Stand.MOVED: "good",
    Stand.ACTED: "busy",
    Stand.EXEMPT: "quiet",
    Stand.RELEASED: "calm",
}
STATUSES = {
    ProjectStatus.ACTIVE: "",
    ProjectStatus.ARCHIVED: "Archived: no new files are expected or taken.",
    ProjectStatus.QUARANTINED: "Quarantined: it may be harmful, so installers are given nothing of it.",
    ProjectStatus.DEPRECATED: "Deprecated: its maintainers advise to use something else.",
}
EFFECTS = {
    ProjectStatus.ACTIVE: "Files are offered, and new ones taken.",
    ProjectStatus.ARCHIVED: "Files are offered; new ones are not taken, from anywhere.",
    ProjectStatus.QUARANTINED: "Nothing is offered, listed or taken. Only an administrator ends it.",
    ProjectStatus.DEPRECATED: "As active, and people are told to use something else.",
}
ROLES = {
    Role.OWNER: "Does everything a maintainer does, and decides who else may, who reads it, and how it is hosted.",
    Role.MAINTAINER: "Uploads and yanks releases, plans rehosts, and consents to them.",
    Role.READER: "Reads the project while it is private, and does nothing else.",
}
SCOPES = {
    Scope.UPLOAD: "Sends release files and registrations.",
    Scope.MANAGE: "Changes projects over the API, and makes other tokens that reach no farther.",
    Scope.READ: "Installs from private projects, or from an index that asks everybody to sign in.",
}
SOURCES = {
    SourceKind.HOMEPAGE: "a page that links to its files",
    SourceKind.DOWNLOAD: "a download page, or the file itself",
    SourceKind.LINKS: "the links of its descriptions and Project-URLs; without an address",
    SourceKind.FIND_LINKS: "a flat page of files",
    SourceKind.INDEX: "its page on another index, or that index",
    SourceKind.GITHUB: "releases of a GitHub repository",
    SourceKind.GITLAB: "releases of a GitLab project",
    SourceKind.GITEA: "releases of a Gitea or Forgejo repository",
    SourceKind.BUCKET: "an S3-style bucket; ?prefix=… chooses from it",
    SourceKind.LISTING: "a directory listing, and its folders",
    SourceKind.URLS: "one file, with #sha256= and its digest behind its address",
}
ORGANISATION_ROLES = {
    OrganisationRole.OWNER: "Owners own all its projects, and decide about people and teams.",
    OrganisationRole.MEMBER: "Members have no right by that alone; teams give them roles in projects.",
}
PURPOSES = {
    Purpose.HISTORY: "everything its sources offer",
    Purpose.REGISTRATION: "registration of a release",
    Purpose.UPDATE_CACHE: "update of the cache",
}
BYTES = {
    Bytes.LISTED: "only listed",
    Bytes.WANTED: "not fetched yet",
    Bytes.HERE: "fetched",
    Bytes.UNREACHABLE: "unreachable",
    Bytes.REFUSED: "not to be had",
}
EVIDENCE = {
    Level.PLAIN: "plain: nothing but the site's word, over a way that is not protected",
    Level.TLS: "tls: over verified TLS, seen for the first time",
    Level.CORROBORATED: "corroborated: claimed over verified TLS, or the same bytes a day later",
    Level.DECLARED: "declared: a maintainer named this sha256",
    Level.ATTESTED: "attested: signed by somebody whom a maintainer named",
}
CLAIMS = {
    ClaimKind.LINK: "by the link on",
    ClaimKind.SOURCE: "by the source's own address",
    ClaimKind.LISTING: "by the listing",
    ClaimKind.CHECKSUMS: "by the checksum file",
}
OUTCOMES = {
    Outcome.GOOD: "✓ good signature",
    Outcome.BAD: "✗ bad signature",
    Outcome.UNVERIFIED: "not verified",
}
NEIGHBOURS = {
    NeighbourKind.CHECKSUMS: "checksum file",
    NeighbourKind.OPENPGP: "OpenPGP signature",
    NeighbourKind.SIGSTORE: "Sigstore bundle",
    NeighbourKind.PROVENANCE: "attestation (PEP 740)",
}
SHOWS = {
    Show.ALL: "every file",
    Show.DECISION: "to decide",
    Show.TICKED: "ticked",
    Show.LEFT_OUT: "left out",
    Show.PLAIN: "over plain HTTP",
    Show.HELD: "held: a person must look",
    Show.REJECTED: "rejected",
    Show.NEW: "new",
    Show.CHANGED: "changed",
    Show.UNREACHABLE: "unreachable",
    Show.LISTED: "only listed",
    Show.HOSTED: "hosted here",
}
DECISIONS = {Decision.UNDECIDED: "undecided", Decision.ACCEPT: "accepted", Decision.LEAVE_OUT: "left out"}
HOST_STATES = {
    HostState.READY: "It may be asked at once.",
    HostState.PACED: "It is being asked, or was a moment ago: the next request waits for its turn.",
    HostState.RESTING: "It failed several times in a row, asked for a pause, or was sent to rest: nothing is asked until then.",
    HostState.FROZEN: "Nothing is asked there until an administrator unfreezes it.",
}
ROBOTS = {
    RobotsStatus.UNKNOWN: "not asked for yet",
    RobotsStatus.READ: "read",
    RobotsStatus.NONE: "there is none",
    RobotsStatus.TROUBLE: "could not be read",
}
ORIGINS = {Origin.UPLOAD: "uploaded", Origin.REHOST: "brought home"}

# A word and its colour: good, warn, bad, busy, or quiet.
_TONES = {
    State.PLANNING: "busy",
    State.PLANNED: "warn",
    State.CONSENTED: "busy",
    State.PUBLISHING: "busy",
    State.PUBLISHED: "good",
    State.PARTLY_PUBLISHED: "warn",
    State.REFUSED: "quiet",
    State.WITHDRAWN: "quiet",
    State.EXPIRED: "quiet",
    State.UNCHANGED: "quiet",
    State.FAILED: "bad",
}
_EVIDENCE_TONES = {
    Level.PLAIN: "warn",
    Level.TLS: "good",
    Level.CORROBORATED: "good",
    Level.DECLARED: "good",
    Level.ATTESTED: "good",
}
_OUTCOME_TONES = {Outcome.GOOD: "good", Outcome.BAD: "bad", Outcome.UNVERIFIED: "quiet"}
_SEVERITY_TONES = {Severity.INFO: "quiet", Severity.HOLD: "warn", Severity.REJECT: "bad"}
_VERDICT_TONES = {Verdict.ACCEPT: "good", Verdict.HOLD: "warn", Verdict.REJECT: "bad"}
_MODE_TONES = {HostingMode.EXT: "warn", HostingMode.CACHE: "good", HostingMode.ONLY: "good"}
_STATUS_TONES = {
    ProjectStatus.ACTIVE: "good",
    ProjectStatus.ARCHIVED: "quiet",
    ProjectStatus.QUARANTINED: "bad",
    ProjectStatus.DEPRECATED: "warn",
}
_HOST_TONES = {
    HostState.READY: "good",
    HostState.PACED: "busy",
    HostState.RESTING: "warn",
    HostState.FROZEN: "bad",
}
SOURCE_STATES = {
    SourceState.NEW: "It was not looked at since the file came home.",
    SourceState.SAME: "The same bytes are there.",
    SourceState.MOVED: "The same bytes are there, on another host.",
    SourceState.CHANGED: "Other bytes are there now.",
    SourceState.MISSING: "Nothing was there at the last look. It is looked at again before anything is said of it.",
    SourceState.SILENT: "It did not answer at the last look. It is looked at again before anything is said of it.",
    SourceState.GONE: "It is gone.",
}
SIGNS = {
    Sign.OTHER_BYTES: "other bytes",
    Sign.GONE: "gone",
    Sign.MOVED: "moved",
    Sign.NEW_TLS: "new TLS key and issuer",
    Sign.NEW_NAME_SERVERS: "other name servers",
    Sign.REGISTERED_LATER: "registered after the consent",
    Sign.NAME_LAPSED: "the name had lapsed",
}
CONSEQUENCES = {
    Consequence.TELL: "Whoever maintains the project was told.",
    Consequence.VOID: "The standing consent of the project names the host no longer.",
    Consequence.FREEZE: "The host was frozen, and no standing consent names it any longer.",
}
CONSEQUENCE_TONES = {Consequence.TELL: "quiet", Consequence.VOID: "warn", Consequence.FREEZE: "bad"}
_SOURCE_TONES = {
    SourceState.NEW: "quiet",
    SourceState.SAME: "good",
    SourceState.MOVED: "warn",
    SourceState.CHANGED: "bad",
    SourceState.MISSING: "warn",
    SourceState.SILENT: "warn",
    SourceState.GONE: "quiet",
}


_TONES_OF: Mapping[type, Mapping[Any, str]] = {
    State: _TONES,
    Level: _EVIDENCE_TONES,
    Outcome: _OUTCOME_TONES,
    Severity: _SEVERITY_TONES,
    Verdict: _VERDICT_TONES,
    HostingMode: _MODE_TONES,
    ProjectStatus: _STATUS_TONES,
    HostState: _HOST_TONES,
    SourceState: _SOURCE_TONES,
}


def tone(
    word: State
    | Level
    | Outcome
    | Severity
    | Verdict
    | HostingMode
    | ProjectStatus
    | HostState
    | SourceState,
) -> str:
    """The colour that a word is shown in; the word itself is always there too."""
    return _TONES_OF[type(word)][word]


TOPICS = {
    "security": "your password, address, second factors and tokens",
    "consents": "consents that were given, end, or were taken back",
    "exemptions": "permissions to stay in pypi-ext, and their ends",
    "campaigns": "announced changes of hosting modes",
    "hosting": "changes of hosting mode, status and visibility",
    "plans": "plans to review, and what came home",
    "files": "files that were published, removed or yanked",
    "drift": "changes where files came from",
    "people": "invitations, roles, teams and organisations",
    "index": "quotas, surveys and the index itself",
}


def moment(at: datetime) -> str:
    """A point in time, in UTC."""
    return f"{at:%d %b %Y, %H:%M} UTC"


def count(number: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def simple_url(base_url: str, *, needs_token: bool) -> str:
    """The address that installers are given; with a place for a token where not everybody may read."""
    scheme, _, rest = base_url.partition("://")
    return f"{scheme}://__token__:TOKEN@{rest}/simple/" if needs_token else f"{base_url}/simple/"


def filters(chosen: Filters) -> str:
    """The filters of a source that are set, in one line."""
    told = {
        "versions": chosen.versions,
        "platforms": ", ".join(chosen.platforms),
        "files": ", ".join(chosen.files),
        "tags": ", ".join(chosen.tags),
        "newest": str(chosen.newest or ""),
        "pre-releases": "too" if chosen.prereleases else "",
    }
    return "; ".join(f"{name} {value}" for name, value in told.items() if value)


_OPTIONS = re.compile(r" \(--[a-z][a-z-]*(?:, --[a-z][a-z-]*)*\)")


def without_options(sentence: str) -> str:
    """A refusal as a page says it: which option of a command it is about is for those who typed one."""
    return _OPTIONS.sub("", sentence)
