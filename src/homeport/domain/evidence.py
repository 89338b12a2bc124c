"""Evidence: how well we know the bytes that came from outside, and what that allows.

1. ``plain``: plain HTTP somewhere on the way, and no independent hash. A person must supply or confirm the sha256 first.
   Where the connection never left this machine (loopback) there was nothing to tamper with on the way, so
   consent to the bytes suffices; the level stays ``plain``.
2. ``tls``: a verified certificate at every hop: of the file, of the page that names it, of what led to that page.
3. ``corroborated``: the origin claimed the sha256 over TLS, and the bytes have it. That the page was read over TLS is
   not enough: another page may have made the claim.
4. ``declared``: the maintainer sent the sha256, and the bytes have it.
5. A mismatch of any claimed hash is always a reject; ``#md5=`` is compared and raises no level.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from homeport.domain.digests import Digests


class Level(StrEnum):
    """How well the bytes are known, weakest first."""

    PLAIN = "plain"
    TLS = "tls"
    CORROBORATED = "corroborated"
    DECLARED = "declared"


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


def weigh(
    file: Way,
    page: Way | None,
    claimed: Mapping[str, str],
    declared_sha256: str,
    digests: Digests,
    *,
    claim_is_tls: bool,
) -> Evidence:
    """The evidence for bytes fetched by ``file`` from a link on ``page`` (``None``: the maintainer gave the URL).

    ``claim_is_tls``: the claimed sha256 was read over TLS, or stands in the URL that the maintainer gave; the
    latter corroborates only a file that came over TLS. Call it after :func:`mismatches` found nothing.
    """
    way_of_link = page or file
    if declared_sha256 and declared_sha256.lower() == digests.sha256.hex:
        return Evidence(Level.DECLARED, "The maintainer sent this sha256.", file.is_loopback)
    has_claimed_sha256 = claimed.get("sha256", "").lower() == digests.sha256.hex
    if has_claimed_sha256 and claim_is_tls and way_of_link.is_tls:
        return Evidence(
            Level.CORROBORATED,
            "The page claims this sha256, and was read over verified TLS.",
            file.is_loopback,
        )
    if file.is_tls and way_of_link.is_tls:
        return Evidence(Level.TLS, "Fetched over verified TLS.", file.is_loopback)
    if all(way.is_tls or way.is_loopback for way in (file, way_of_link)):
        return Evidence(Level.PLAIN, "Plain HTTP that never left this machine.", is_loopback=True)
    if file.is_tls:
        return Evidence(
            Level.PLAIN, "Plain HTTP led to this file: anyone on the way could have named another."
        )
    return Evidence(Level.PLAIN, "Plain HTTP: anyone on the way could have changed these bytes.")


def mismatches(claimed: Mapping[str, str], declared_sha256: str, have: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for every claimed or declared hash that the bytes do not have.

    ``have`` maps algorithm names to hex digests; it holds every algorithm that is claimed.
    """
    problems = [
        f"The link claims {name} {value}, but the bytes have {have[name]}."
        for name, value in claimed.items()
        if value.lower() != have[name]
    ]
    if declared_sha256 and declared_sha256.lower() != have["sha256"]:
        problems.append(
            f"The maintainer declared sha256 {declared_sha256}, but the bytes have {have['sha256']}."
        )
    return tuple(problems)
