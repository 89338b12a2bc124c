"""What a link is: a release file, a page to visit, or nothing, with the reason.

What easy_install (setuptools 58.0.0 ``package_index.py``; standards D.5) found is what installers were given:
:func:`candidates_for` reads links exactly as it did. :func:`judge` then decides for one project:

1. A candidate belongs to the project when easy_install's key or the PEP 503 form of its name says so.
2. Wheels, and sdists as ``.tar.gz``, ``.tgz``, ``.tar.bz2`` and ``.zip``, can be hosted, under the exact name
   they have. Eggs, Windows installers, dumb binaries and ``.tar`` are left out, with the reason.
3. What only ``#egg=`` names is a checkout or a bare module: it has no stable bytes and is never hosted.
4. A URL that our one strict grammar refuses (``ftp:``, a password in it) is left out with that refusal.
5. An sdist's name that reads as another project as well is left out when our reading has no version a person
   would write; otherwise it is taken with a doubt, unless the wanted version is the very one we read (T-14).
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlparse

from packaging.utils import canonicalize_name

from homeport.domain.digests import HEX_DIGITS
from homeport.domain.errors import Invalid
from homeport.domain.legacy_filename import LinkKind, Reading, readings_of, safe_name, split_everywhere
from homeport.domain.names import (
    FileKind,
    ParsedFilename,
    ProjectName,
    ReleaseVersion,
    parse_filename,
    require_plain_filename,
    same_version,
)
from homeport.domain.urls import Url

_EGG_FRAGMENT = re.compile(r"^egg=([-A-Za-z0-9_.+!]+)$")
# Standards D.5.20: lower case only, so an upper-case digest or an unknown name claims nothing.
_CLAIM = re.compile(r"(sha1|sha224|sha384|sha256|sha512|md5)=([a-f0-9]+)")

_NEVER_HOSTED = {
    LinkKind.EGG: ("egg", "is an egg: pip cannot install it, so it is recorded and not hosted."),
    LinkKind.WININST: (
        "wininst",
        "is a Windows installer: pip cannot install it, so it is recorded and not hosted.",
    ),
    LinkKind.DUMB: ("dumb-binary", "is a binary made by bdist_dumb: no installer takes it."),
    LinkKind.DEVELOP: (
        "develop-checkout",
        "is named by '#egg=' only: a checkout or a bare module has no stable bytes to host.",
    ),
}


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The links of one foreign page, in the order of the page, absolute, entities decoded, each once.

    ``hrefs`` is every ``href`` found by rule D.5.6. ``rel_hrefs`` are those that an *index* page asks to be
    followed (D.5.7 and D.5.8). ``problem`` says why a page could not be read to its end, else it is empty.
    """

    hrefs: tuple[str, ...] = ()
    rel_hrefs: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of one link. ``url`` has no fragment; ``claimed`` are the hashes its fragment claims."""

    url: str
    filename: str
    reading: Reading
    claimed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """The file can be hosted. ``doubt`` says why a person must look at it first, else it is empty."""

    candidate: Candidate
    parsed: ParsedFilename
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The link is not taken: a stable ``code``, and a sentence for people."""

    code: str
    sentence: str


def candidates_for(url: str) -> tuple[Candidate, ...]:
    """Every distribution that easy_install saw in ``url`` (D.5.13-20), before it looked at platforms."""
    try:
        # Not urlsplit: easy_install cut `;parameters` off the last segment.
        parts = urlparse(url)
    except ValueError:
        return ()
    filename, fragment = _filename_and_fragment(parts.netloc, parts.path, parts.fragment)
    readings = readings_of(filename)
    if egg := _EGG_FRAGMENT.match(fragment):
        readings += split_everywhere(egg[1], LinkKind.DEVELOP)
    address, claimed = url.partition("#")[0], _claims_of(parts.fragment)
    return tuple(Candidate(address, filename, reading, claimed) for reading in readings)


def candidates_named(
    url: str, filename: str, claimed: tuple[tuple[str, str], ...] = ()
) -> tuple[Candidate, ...]:
    """The same for a file that its place gives a name and hashes; without a name, the URL's last segment says it.

    Hashes that the URL's own fragment claims count as well.
    """
    if not filename:
        candidates = candidates_for(url)
    else:
        address, _, fragment = url.partition("#")
        claims = _claims_of(fragment)
        candidates = tuple(Candidate(address, filename, reading, claims) for reading in readings_of(filename))
    return tuple(
        replace(candidate, claimed=tuple(dict.fromkeys((*candidate.claimed, *claimed))))
        for candidate in candidates
    )


def _filename_and_fragment(host: str, path: str, fragment: str) -> tuple[str, str]:
    segments = path.split("/")
    filename = unquote(segments[-1])
    if host == "sourceforge.net" and filename == "download":
        filename = unquote(segments[-2])
    if "#" in filename:
        filename, fragment = filename.split("#", 1)
    return filename, fragment


def _claims_of(fragment: str) -> tuple[tuple[str, str], ...]:
    # easy_install checked the first claim only; all of them are claims, and a wrong one speaks against the bytes.
    claims: dict[str, str] = {}
    for algorithm, digest in _CLAIM.findall(fragment):
        claims.setdefault(algorithm, digest)
    return tuple(claims.items())


def nominated(url: str, project: ProjectName, version: ReleaseVersion | None = None) -> Taken:
    """The file that ``url`` names with its hash behind it (PEP 438), or ``Invalid`` with what is wrong.

    With ``version``, only a file of that release is taken. Hexadecimal digits may be of either case.
    """
    decision = judge(require_hash(url), project, version)
    if isinstance(decision, LeftOut):
        raise Invalid(decision.sentence, code=decision.code)
    return decision


def require_hash(url: str) -> tuple[Candidate, ...]:
    """How ``url`` may be read, or ``Invalid``: a release file is wanted, and its hash behind it."""
    address = Url.parse(url)
    candidates = candidates_for(f"{address.without_fragment()}#{address.fragment.lower()}")
    if not candidates:
        raise Invalid(f"{url[:200]!r} names no release file.", code="nominated-no-file")
    claimed = candidates[0].claimed
    if not claimed or any(len(digest) != HEX_DIGITS[algorithm] for algorithm, digest in claimed):
        raise Invalid(
            f"{url[:200]!r} must end with the hash of the file: #sha256= and 64 hexadecimal digits. "
            f"Of the older ones {', '.join(HEX_DIGITS)} are read.",
            code="nominated-no-hash",
        )
    return candidates


def judge(
    candidates: tuple[Candidate, ...], project: ProjectName, version: ReleaseVersion | None = None
) -> Taken | LeftOut:
    """Whether one link, read as ``candidates`` (at least one), can become a file of ``project``.

    With ``version``, only a file of that release can.
    """
    filename = candidates[0].filename or candidates[0].url
    ours = [candidate for candidate in candidates if _belongs(candidate.reading, project)]
    if not ours:
        return LeftOut("other-project", f"{filename!r} does not name the project {project}.")
    # A file's own name is read before its fragment: what names itself needs no `#egg=`.
    candidate = ours[0]
    if never := _NEVER_HOSTED.get(candidate.reading.kind):
        code, why = never
        return LeftOut(code, f"{filename!r} {why}")
    if filename.endswith(".tar"):
        return LeftOut(
            "plain-tar", f"{filename!r} is an uncompressed tar: offer it as .tar.gz to have it hosted."
        )
    try:
        Url.parse(candidate.url)
        return _take(candidate, candidates, project, version)
    except Invalid as refusal:
        return LeftOut(refusal.code, refusal.sentence)


def _belongs(reading: Reading, project: ProjectName) -> bool:
    is_same_key = reading.key == safe_name(project.display).lower()
    return is_same_key or canonicalize_name(reading.name) == project.normalized


def _take(
    candidate: Candidate,
    candidates: tuple[Candidate, ...],
    project: ProjectName,
    wanted: ReleaseVersion | None,
) -> Taken | LeftOut:
    filename, reading = require_plain_filename(candidate.filename), candidate.reading
    rival = None
    if reading.kind is LinkKind.WHEEL:
        parsed = parse_filename(filename)
        if parsed.project != project.normalized:
            return LeftOut("other-project", f"{filename!r} is a wheel of {parsed.project}, not of {project}.")
    else:
        version, rival = _plausible_version(reading.version), _rival_of(candidate, candidates)
        if version is None and rival:
            return LeftOut(
                "name-ambiguous", f"{filename!r} reads as version {rival.version} of {rival.name} rather."
            )
        if version is None:
            return LeftOut(
                "version-implausible",
                f"{filename!r} names no version of {project}: {reading.version!r} does not begin with a digit.",
            )
        parsed = ParsedFilename(filename, FileKind.SDIST, project.normalized, version)
    if wanted is None:
        return Taken(candidate, parsed, _doubt(parsed, rival))
    if not same_version(parsed.version.normalized, wanted.normalized):
        return LeftOut("other-version", f"{filename!r} is version {parsed.version}; {wanted} is wanted.")
    return Taken(candidate, parsed)


def _plausible_version(text: str) -> ReleaseVersion | None:
    try:
        version = ReleaseVersion.parse_legacy(text)
    except Invalid:
        return None
    return version if version.is_pep440 or text[0].isdigit() else None


def _rival_of(candidate: Candidate, candidates: tuple[Candidate, ...]) -> Reading | None:
    """Another project and version that the same file name states as well; one in PEP 440 before others."""
    rivals = [
        (version.is_pep440, other.reading)
        for other in candidates
        if other is not candidate and other.reading.kind is LinkKind.SDIST
        if (version := _plausible_version(other.reading.version))
    ]
    return max(rivals, key=lambda rival: rival[0])[1] if rivals else None


def _doubt(parsed: ParsedFilename, rival: Reading | None) -> str:
    if rival is None or (
        parsed.version.is_pep440 and not ReleaseVersion.parse_legacy(rival.version).is_pep440
    ):
        return ""
    return (
        f"{parsed.filename!r} reads as version {parsed.version} of {parsed.project}, "
        f"and as version {rival.version} of {rival.name}."
    )
