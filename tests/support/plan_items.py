"""The barest and the fullest item that a plan may have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.digests import Sha256
from homeport.domain.evidence import Evidence, Level
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.inspection import Finding, Severity, Verdict
from homeport.domain.names import ReleaseVersion
from homeport.domain.neighbour import Neighbour, NeighbourKind
from homeport.domain.offer import Facts
from homeport.domain.rehost import Bytes, Decision, Item
from homeport.domain.signature import Outcome, Signature, Signer

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
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
    tries=3,
    next_try_at=LATER,
    version=ReleaseVersion.parse_legacy("1.0-Final"),
    claims=(
        Claim(ClaimKind.LINK, "md5", "a" * 32, "https://example.org/", holds=True),
        Claim(
            ClaimKind.CHECKSUMS,
            "sha256",
            "b" * 64,
            "https://example.org/SHA256SUMS",
            is_tls=True,
            holds=False,
        ),
    ),
    neighbours=(
        Neighbour(
            NeighbourKind.OPENPGP, "https://example.org/a.asc", "a", "https://example.org/", is_tls=True
        ),
    ),
    signatures=(
        Signature(
            NeighbourKind.SIGSTORE,
            "https://example.org/a.sigstore",
            Outcome.GOOD,
            "Good.",
            Signer("s", "i", "r", "w"),
            is_named=True,
            document_sha256="c" * 64,
        ),
        Signature(NeighbourKind.OPENPGP, "https://example.org/a.asc", Outcome.UNVERIFIED, "Not verified."),
    ),
    fetched=FetchFacts(
        "https://cdn.example.org/a",
        "2026-03-04T05:06:07Z",
        "2026-03-04T05:06:08Z",
        200,
        "application/zip",
        '"tag"',
        "Wed",
        is_tls=True,
        tls_protocol="TLSv1.3",
        tls_leaf_sha256="d" * 64,
        tls_issuer="CN=CA",
    ),
    page_is_tls=True,
    page_is_loopback=True,
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
    facts=Facts(
        size_bytes=4,
        uploaded_at=NOW,
        requires_python=">=3.8",
        yanked="",
        tag="v1.0",
        is_prerelease=True,
        seen_by=("easy_install", "pip 1.5.6"),
    ),
)
