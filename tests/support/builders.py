"""Small builders of the domain's values; a call says only what matters to the case.

Each takes any field of its value by name, so that ``item(bytes=Bytes.UNREACHABLE)`` is an item like any other,
but unreachable.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from homeport.domain.account import Caller, Scope, Token, User
from homeport.domain.consent import STATEMENT_VERSION, Basis, Consent
from homeport.domain.digests import Digests, Sha256, digests_of
from homeport.domain.evidence import Evidence, Level
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Finding, Severity, verdict_of
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.rehost import Bytes, Item, Plan, Purpose, Rehost, State
from homeport.domain.standing_consent import STANDING_LIMIT, StandingConsent

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PAGE = "https://example.org/downloads"

TLS = Evidence(Level.TLS, "Fetched over verified TLS.")
PLAIN = Evidence(Level.PLAIN, "Plain HTTP.")
PLAIN_LOOPBACK = Evidence(Level.PLAIN, "Plain HTTP that never left this machine.", is_loopback=True)

HOLD = Finding("held", Severity.HOLD, "A person must look.")
REJECT = Finding("rejected", Severity.REJECT, "It must not be hosted.")
INFO = Finding("noted", Severity.INFO, "It was noted.")


def digests(content: bytes = b"bytes") -> Digests:
    """The digests of ``content``."""
    return digests_of([content])


def item(
    id_: int = 1, filename: str = "demo-1.0.tar.gz", content: bytes | None = b"bytes", **fields: Any
) -> Item:
    """An item whose bytes came over TLS; its verdict is that of its findings. No ``content``: not fetched yet."""
    made = Item(
        id=id_,
        filename=filename,
        version=ReleaseVersion.parse_legacy("1.0"),
        kind=FileKind.WHEEL if filename.endswith(".whl") else FileKind.SDIST,
        url=f"https://files.example.org/{id_}/{filename}",
        found_on=PAGE,
        source="download",
        page_is_tls=True,
    )
    if content is not None and fields.get("bytes", Bytes.HERE) is Bytes.HERE:
        made = replace(
            made,
            bytes=Bytes.HERE,
            sha256=Sha256.of(content),
            size_bytes=len(content),
            evidence=TLS,
            verdict=verdict_of(fields.get("findings", ())),
        )
    return replace(made, **fields)


def unreachable(id_: int = 1, filename: str = "demo-1.0.tar.gz", **fields: Any) -> Item:
    """An item whose site did not answer."""
    return item(id_, filename, bytes=Bytes.UNREACHABLE, **{"problem": "The site did not answer.", **fields})


def plan(*items: Item, **fields: Any) -> Plan:
    """A plan for version 1.0 of the project demo."""
    return replace(Plan("demo", "1.0", items), **fields)


def rehost(state: State = State.PLANNED, **fields: Any) -> Rehost:
    """A rehost of everything the sources of the project demo offer."""
    made = Rehost(
        id=1,
        project="demo",
        purpose=Purpose.HISTORY,
        version="",
        state=state,
        tries=1,
        plan_digest=None,
        asked_by="alice",
        created_at=NOW,
        changed_at=NOW,
    )
    return replace(made, **fields)


def project(name: str = "demo", mode: HostingMode = HostingMode.CACHE, **fields: Any) -> Project:
    """An active project."""
    return replace(
        Project(
            id=1,
            name=ProjectName.parse(name),
            mode=mode,
            status=ProjectStatus.ACTIVE,
            serial=1,
            created_at=NOW,
        ),
        **fields,
    )


def user(name: str = "alice", **fields: Any) -> User:
    """A person who is no administrator."""
    return replace(User(id=1, name=name, email=f"{name}@example.org", is_admin=False), **fields)


def caller(*scopes: Scope, projects: tuple[str, ...] = (), **fields: Any) -> Caller:
    """A user who signed in by password, or, given ``scopes``, by a token of these, for ``projects`` or all."""
    who = user(**fields)
    token = Token(1, who.name, frozenset(scopes), frozenset(projects), NOW, None) if scopes else None
    return Caller(who, token)


def consent(*items: Item, **fields: Any) -> Consent:
    """The author's consent to ``items``, whose bytes are here."""
    made = Consent(
        id=1,
        rehost_id=1,
        given_by="alice",
        basis=Basis.AUTHOR,
        text="",
        statement_version=STATEMENT_VERSION,
        plan_digest=plan(*items).digest(),
        files=tuple((one.id, one.sha256) for one in items if one.sha256 is not None),
        given_at=NOW,
    )
    return replace(made, **fields)


def standing(*hosts: str, since: timedelta = timedelta(), **fields: Any) -> StandingConsent:
    """A year's consent, given ``since`` ago, to every file found at ``hosts`` (the host of ``PAGE`` when none)."""
    given_at = NOW - since
    made = StandingConsent(
        project="demo",
        given_by="alice",
        hosts=hosts or ("example.org",),
        patterns=("*",),
        given_at=given_at,
        expires_at=given_at + STANDING_LIMIT,
    )
    return replace(made, **fields)
