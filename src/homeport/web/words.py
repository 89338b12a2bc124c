"""How values read on a page: sizes, times, and the sentence that stands beside each word of the glossary."""

from datetime import datetime

from homeport.domain.account import Scope
from homeport.domain.consent import Basis
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode, Need
from homeport.domain.inspection import Severity, Verdict
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.rehost import Bytes, Decision, Purpose, State
from homeport.domain.release import Origin
from homeport.domain.source import SourceKind

MODES = {
    HostingMode.EXT: "Hosted files and external links: some of what installers are given lies on other servers.",
    HostingMode.CACHE: "Hosted files only. When a release is registered, its files are first brought home from the "
    "project's sources.",
    HostingMode.ONLY: "Hosted files only: every file was uploaded here or brought home, and nothing outside is asked.",
}
NEEDS = {
    Need.NOTHING: "Nothing is lost: files that came home stay.",
    Need.REVIEWED_PLAN: "Needs a plan of all files, reviewed and accepted, and every accepted file hosted.",
    Need.ACKNOWLEDGED_LOSS: "External links stop being listed.",
    Need.STANDING_CONSENT: "Needs your consent that release files found at this project's sources are hosted here.",
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
    SourceKind.INDEX: "its page on another index",
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
    Bytes.WANTED: "not fetched yet",
    Bytes.HERE: "fetched",
    Bytes.UNREACHABLE: "unreachable",
    Bytes.REFUSED: "not to be had",
}
EVIDENCE = {
    Level.PLAIN: "plain: nothing but the site's word, over a way that is not protected",
    Level.TLS: "tls: over verified TLS, seen for the first time",
    Level.CORROBORATED: "corroborated: the origin claims this sha256 over verified TLS",
    Level.DECLARED: "declared: a maintainer named this sha256",
}
DECISIONS = {Decision.UNDECIDED: "undecided", Decision.ACCEPT: "accepted", Decision.LEAVE_OUT: "left out"}
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
    State.FAILED: "bad",
}
_EVIDENCE_TONES = {
    Level.PLAIN: "warn",
    Level.TLS: "good",
    Level.CORROBORATED: "good",
    Level.DECLARED: "good",
}
_SEVERITY_TONES = {Severity.INFO: "quiet", Severity.HOLD: "warn", Severity.REJECT: "bad"}
_VERDICT_TONES = {Verdict.ACCEPT: "good", Verdict.HOLD: "warn", Verdict.REJECT: "bad"}
_MODE_TONES = {HostingMode.EXT: "warn", HostingMode.CACHE: "good", HostingMode.ONLY: "good"}
_STATUS_TONES = {
    ProjectStatus.ACTIVE: "good",
    ProjectStatus.ARCHIVED: "quiet",
    ProjectStatus.QUARANTINED: "bad",
    ProjectStatus.DEPRECATED: "warn",
}


def tone(word: State | Level | Severity | Verdict | HostingMode | ProjectStatus) -> str:
    """The colour that a word is shown in; the word itself is always there too."""
    if isinstance(word, State):
        return _TONES[word]
    if isinstance(word, Level):
        return _EVIDENCE_TONES[word]
    if isinstance(word, Severity):
        return _SEVERITY_TONES[word]
    if isinstance(word, Verdict):
        return _VERDICT_TONES[word]
    if isinstance(word, ProjectStatus):
        return _STATUS_TONES[word]
    return _MODE_TONES[word]


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


def basis(word: Basis) -> str:
    """A basis as it is told of a consent that was given."""
    return word.sentence.partition(" (")[0]
