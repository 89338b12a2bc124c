"""Everything that is said of the bytes that just came is heard and weighed: claims, neighbours, earlier sightings."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from homeport.domain.claim import Claim, ClaimKind, compared
from homeport.domain.digests import hex_digests
from homeport.domain.evidence import Hearing, Way, mismatches, weigh
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.inspection import Finding, Severity
from homeport.domain.neighbour import Neighbour
from homeport.domain.origin_record import moment
from homeport.domain.rehost import Item
from homeport.domain.sighting import Sighting, other_bytes, seen_before
from homeport.domain.signature import Outcome as Result
from homeport.domain.signature import Signature, SigningIdentity, SigningKey, is_named
from homeport.domain.urls import Url
from homeport.flows.crawl.neighbours import MAX_CLAIMS, MAX_NEIGHBOUR_BYTES, read_checksum_file
from homeport.ports.blobs import Incoming
from homeport.ports.fetch import Ask, Fetched, FetchLimits, Outcome
from homeport.ports.store import Transaction
from homeport.ports.world import World

_CHUNK: Final = 1024 * 1024
_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered before the bytes are looked at: who may sign them, and what their URL gave before."""

    keys: tuple[SigningKey, ...] = ()
    identities: tuple[SigningIdentity, ...] = ()
    sightings: tuple[Sighting, ...] = ()


def known_of(tx: Transaction, project_id: int, url: str) -> Known:
    """What is remembered of a project's signers, and of a URL."""
    return Known(
        tuple(tx.proofs.keys(project_id)),
        tuple(tx.proofs.identities(project_id)),
        tuple(tx.proofs.sightings(project_id, url)),
    )


def hear(
    world: World,
    item: Item,
    known: Known,
    fetched: Fetched,
    incoming: Incoming,
    *,
    asked_at: datetime,
    ask: Ask,
) -> tuple[Item, tuple[Finding, ...]]:
    """``item`` with what is said of its bytes and how they came, and what stands against them."""
    sha256, now = incoming.digests().sha256, world.clock.now()
    claims, signatures = _neighbours(world, item, known, incoming, ask)
    before = (replace(claim, holds=None) for claim in item.claims)
    claims = tuple(dict.fromkeys((*before, *claims)))[:MAX_CLAIMS]
    with incoming.path.open("rb") as file:
        wanted = {"sha256", *(claim.algorithm for claim in claims)}
        have = hex_digests(iter(lambda: file.read(_CHUNK), b""), wanted)
    heard = replace(
        item,
        claims=compared(claims, have),
        signatures=signatures,
        sha256=sha256,
        fetched=_facts(fetched, asked_at, now),
    )
    sighting = sighting_of(heard, now)
    hearing = Hearing(heard.claims, item.declared_sha256, signatures, seen_before(known.sightings, sighting))
    page = Way(item.page_is_tls, item.page_is_loopback) if item.found_on else None
    way = Way(fetched.is_tls, fetched.is_loopback)
    weighed = replace(heard, evidence=weigh(way, page, hearing, sha256))
    return weighed, (
        *(Finding("hash-mismatch", Severity.REJECT, sentence) for sentence in mismatches(claims, "", have)),
        *(
            Finding("hash-named-otherwise", Severity.REJECT, sentence)
            for sentence in mismatches((), item.declared_sha256, have)
        ),
        *(
            Finding("signature-bad", Severity.REJECT, one.sentence)
            for one in signatures
            if one.outcome is Result.BAD
        ),
        *_alternating(known, sighting),
    )


def sighting_of(item: Item, at: datetime) -> Sighting:
    """What was seen of an item whose bytes are here."""
    if item.sha256 is None or item.fetched is None:
        raise AssertionError("only bytes that are here were seen")
    return Sighting(
        item.url, item.sha256.hex, Url.parse(item.fetched.url).authority, item.fetched.is_tls, at, at
    )


def _alternating(known: Known, sighting: Sighting) -> tuple[Finding, ...]:
    """A URL that gives different bytes at different times may give them to different askers (T-11)."""
    other = other_bytes(known.sightings, sighting)
    if other is None:
        return ()
    sentence = (
        f"On {other.last_at:%Y-%m-%d at %H:%M} UTC this URL gave other bytes: sha256 {other.sha256}, and now "
        f"{sighting.sha256}. Ask whoever published it which are meant."
    )
    return (Finding("bytes-alternate", Severity.HOLD, sentence),)


def _facts(fetched: Fetched, asked_at: datetime, now: datetime) -> FetchFacts:
    headers, tls = dict(reversed(fetched.headers)), fetched.tls
    return FetchFacts(
        url=fetched.url,
        asked_at=moment(asked_at),
        here_at=moment(now),
        status=fetched.status,
        content_type=fetched.content_type[:200],
        etag=headers.get("etag", "")[:200],
        last_modified=headers.get("last-modified", "")[:100],
        is_tls=fetched.is_tls,
        is_loopback=fetched.is_loopback,
        tls_protocol=tls.protocol if tls else "",
        tls_leaf_sha256=tls.leaf_sha256 if tls else "",
        tls_issuer=tls.issuer if tls else "",
    )


def _neighbours(
    world: World, item: Item, known: Known, incoming: Incoming, ask: Ask
) -> tuple[tuple[Claim, ...], tuple[Signature, ...]]:
    claims: list[Claim] = []
    signatures: list[Signature] = []
    for neighbour in item.neighbours:
        if neighbour.kind.is_signature:
            signatures += _signatures(world, item, known, incoming, neighbour, ask)
        else:
            told, _, _, is_tls = read_checksum_file(world.fetcher, world.isolation, neighbour, ask)
            claims += [
                Claim(ClaimKind.CHECKSUMS, algorithm, value, neighbour.url, is_tls)
                for algorithm, value in told.get(item.filename, ())
            ]
    return tuple(claims), tuple(signatures)


def _signatures(
    world: World, item: Item, known: Known, incoming: Incoming, neighbour: Neighbour, ask: Ask
) -> list[Signature]:
    document = bytearray()
    limits = FetchLimits(MAX_NEIGHBOUR_BYTES, total_seconds=_SECONDS)
    fetched = world.fetcher.fetch(neighbour.url, limits, document.extend, ask)
    if fetched.outcome is not Outcome.OK:
        sentence = f"Not verified: it could not be fetched. {fetched.reason}"
        return [Signature(neighbour.kind, neighbour.url, Result.UNVERIFIED, sentence)]
    verified = world.isolation.verify_signature(
        bytes(document),
        neighbour.kind,
        incoming.path,
        item.filename,
        incoming.digests().sha256,
        [key.armoured for key in known.keys],
    )
    return [
        Signature(
            neighbour.kind,
            neighbour.url,
            one.outcome,
            one.sentence,
            one.signer,
            is_named(neighbour.kind, one.signer, known.keys, known.identities),
            fetched.sha256,
        )
        for one in verified
    ]
