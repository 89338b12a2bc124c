"""Evidence: how well we know the bytes that came from outside, and what that allows.

1. ``plain``: plain HTTP somewhere on the way, and no independent hash. A person must supply or confirm the sha256 first.
   Where the connection never left this machine (loopback) there was nothing to tamper with on the way, so
   consent to the bytes suffices; the level stays ``plain``.
2. ``tls``: a verified certificate at every hop: of the file, of the page that names it, of what led to that page.
3. ``corroborated``: a place claimed a strong digest over TLS, and the bytes have it; or the same bytes came over TLS at
   least 24 hours before. That the page was read over TLS is not enough: another place may have made the claim.
4. ``declared``: the maintainer sent the sha256, and the bytes have it.
5. ``attested``: they are signed by somebody whom a maintainer named for the project, and the signature is good.
6. A mismatch of any claimed hash is always a reject, and so is a bad signature; ``#md5=`` is compared and raises no level.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from homeport.domain.claim import Claim, broken
from homeport.domain.digests import Sha256
from homeport.domain.sighting import Sighting
from homeport.domain.signature import Signature


class Level(StrEnum):
    """How well the bytes are known, weakest first."""

    PLAIN = "plain"
    TLS = "tls"
    CORROBORATED = "corroborated"
    DECLARED = "declared"
    ATTESTED = "attested"


def is_weaker(level: Level, than: Level) -> bool:
    """True when bytes that are known so well are known less well than that."""
    order = list(Level)
    return order.index(level) < order.index(than)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A level and the sentence that explains it. ``is_loopback``: the bytes never crossed a network."""

    level: Level
    sentence: str
    is_loopback: bool = False

    @property
    def needs_confirmed_sha256(self) -> bool:
        """True when nobody may publish these bytes before a maintainer names their sha256 (design §4)."""
        return self.level is Level.PLAIN and not self.is_loopback


@dataclass(frozen=True, slots=True)
class Way:
    """How bytes or a page came: TLS at every hop, or without leaving this machine."""

    is_tls: bool
    is_loopback: bool


@dataclass(frozen=True, slots=True)
class Hearing:
    """Everything that is said of some bytes, after it was compared with them.

    ``seen_before`` is an earlier sighting that makes this one a repeated one.
    """

    claims: tuple[Claim, ...] = ()
    declared_sha256: str = ""
    signatures: tuple[Signature, ...] = ()
    seen_before: Sighting | None = None


def weigh(file: Way, page: Way | None, hearing: Hearing, sha256: Sha256) -> Evidence:
    """The evidence for bytes fetched by ``file`` from a link on ``page`` (``None``: the maintainer gave the URL).

    A claim corroborates only when the link came over TLS too; one in the URL that the maintainer gave corroborates only
    a file that came over TLS. Call it after :func:`mismatches` found nothing.
    """
    way_of_link = page or file
    if proof := _proof(hearing, sha256, link_is_tls=way_of_link.is_tls):
        return Evidence(*proof, is_loopback=file.is_loopback)
    if file.is_tls and way_of_link.is_tls:
        return Evidence(Level.TLS, "Fetched over verified TLS.", file.is_loopback)
    if all(way.is_tls or way.is_loopback for way in (file, way_of_link)):
        return Evidence(Level.PLAIN, "Plain HTTP that never left this machine.", is_loopback=True)
    if file.is_tls:
        return Evidence(
            Level.PLAIN, "Plain HTTP led to this file: anyone on the way could have named another."
        )
    return Evidence(Level.PLAIN, "Plain HTTP: anyone on the way could have changed these bytes.")


def _proof(hearing: Hearing, sha256: Sha256, *, link_is_tls: bool) -> tuple[Level, str] | None:
    """What is known of the bytes beside the way they came."""
    for signature in hearing.signatures:
        if signature.proves:
            return Level.ATTESTED, f"Signed by {signature.signer}, whom a maintainer named."
    if hearing.declared_sha256.lower() == sha256.hex:
        return Level.DECLARED, "The maintainer sent this sha256."
    sentence = _corroboration(hearing) if link_is_tls else ""
    return (Level.CORROBORATED, sentence) if sentence else None


def _corroboration(hearing: Hearing) -> str:
    for claim in hearing.claims:
        if claim.proves:
            return f"{claim.sentence} this {claim.algorithm}, and was read over verified TLS."
    if hearing.seen_before is not None:
        first = hearing.seen_before.first_at
        return f"The same bytes came over verified TLS on {first:%Y-%m-%d at %H:%M} UTC, at least 24 hours before."
    return ""


def mismatches(claims: Iterable[Claim], declared_sha256: str, have: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for every claimed or declared hash that the bytes do not have.

    ``have`` maps algorithm names to hex digests; it holds every algorithm that is claimed.
    """
    problems = list(broken(claims, have))
    if declared_sha256 and declared_sha256.lower() != have["sha256"]:
        problems.append(
            f"The maintainer declared sha256 {declared_sha256}, but the bytes have {have['sha256']}."
        )
    return tuple(problems)
