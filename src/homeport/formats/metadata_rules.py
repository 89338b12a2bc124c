"""What is wrong with core metadata: every rule of the living specification, and those that PyPI adds (standards B.9).

1. All problems are told, not the first; each has a stable code. How much a code weighs is said by ``domain.rules``.
2. Grammars are those of ``packaging``, which installers use. They take their time with long values, so a longer one
   is a problem before it is read. Free text, and what is judged elsewhere, has no grammar and no such bound.
3. What people read (summary, mail addresses, classifiers) is not judged in metadata 1.0 and 1.1: distutils wrote
   them from whatever it was given, and nobody can build those releases anew.
4. Local versions are welcome: an index of one's own is where they belong (standards V03).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Any, Final
from urllib.parse import urlsplit

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.metadata import InvalidMetadata, Metadata
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from trove_classifiers import classifiers as known_classifiers
from trove_classifiers import deprecated_classifiers

from homeport.domain.metadata import CoreMetadata

# Refused by an index that anybody may read: the classifiers that are there to be in no list.
PRIVATE_CLASSIFIER: Final = "metadata-classifier-private"

_KNOWN_VERSIONS = frozenset({"1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"})
# PEP 426 was withdrawn, but tools wrote its number for years.
_WITHDRAWN_VERSION = "2.0"
_NEWER_MINOR = re.compile(r"2\.[1-9][0-9]{0,3}")
_MAX_VALUE = 4096
_MAX_SUMMARY = 512
_MAX_LABEL = 32
_MAIL_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_PYTHON_LIST = re.compile(r"\['([^\[\]]*)'\]")
_LIST_MARKERS = re.compile(r"\b(?:extras|dependency_groups)\b")
# Provides-Dist and Obsoletes-Dist have a grammar of their own; all that matters is that nobody is sent elsewhere.
_DIRECT_REFERENCE = re.compile(r"\s*[A-Za-z0-9._-]+\s*(?:\[[^\]]*\]\s*)?@")
# The fields that packaging judges, value by value, with the code of what it objects to.
_JUDGED_BY_PACKAGING: Mapping[str, tuple[str, str]] = {
    "name": ("Name", "metadata-name-invalid"),
    "version": ("Version", "metadata-version-invalid"),
    "description_content_type": ("Description-Content-Type", "metadata-content-type"),
    "requires_python": ("Requires-Python", "metadata-requires-python"),
    "dynamic": ("Dynamic", "metadata-dynamic"),
    "provides_extra": ("Provides-Extra", "metadata-extra"),
    "license_files": ("License-File", "metadata-license-file"),
    "import_names": ("Import-Name", "metadata-import-name"),
    "import_namespaces": ("Import-Namespace", "metadata-import-name"),
}


@dataclass(frozen=True, slots=True)
class MetadataProblem:
    """One thing that is wrong with core metadata, with a stable ``code``."""

    code: str
    message: str


def metadata_problems(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    """Everything in ``metadata`` that a rule forbids."""
    rules = _RULES + (_READ_BY_PEOPLE if metadata.is_since(1, 2) else ())
    for rule in rules:
        yield from rule(metadata)


def _version(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    version = metadata.metadata_version
    if version == _WITHDRAWN_VERSION:
        yield MetadataProblem("metadata-version-withdrawn", "Metadata-Version 2.0 never became a standard.")
    elif version not in _KNOWN_VERSIONS and _NEWER_MINOR.fullmatch(version):
        yield MetadataProblem(
            "metadata-version-newer",
            f"Metadata-Version {version} is newer than 2.6: what it adds is not read here.",
        )
    elif version not in _KNOWN_VERSIONS:
        yield MetadataProblem(
            "metadata-version-unknown",
            f"Metadata-Version {version[:20]!r} is not known here; 1.0 to 1.2 and 2.1 to 2.6 are.",
        )


def _fields(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    for field, (header, code) in _JUDGED_BY_PACKAGING.items():
        given = getattr(metadata, field)
        # Packaging stops at the first of many values: each is asked about alone.
        for value in filter(None, (given,) if isinstance(given, str) else given):
            if objection := _objection(field, value, is_list=value is not given):
                yield MetadataProblem(code, f"{header} {value[:120]!r}: {objection}.")


def _objection(field: str, value: str, *, is_list: bool) -> str:
    if len(value) > _MAX_VALUE:
        return f"a value of more than {_MAX_VALUE} characters is not read"
    raw: Any = {field: [value] if is_list else value}
    try:
        getattr(Metadata.from_raw(raw, validate=False), field)
    except InvalidMetadata as error:
        # Packaging tells what is allowed as Python writes a list, in any order.
        return _PYTHON_LIST.sub(lambda told: ", ".join(sorted(told[1].split("', '"))), str(error)[:300])
    return ""


def _dependencies(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    for text in metadata.requires_dist:
        yield from _dependency(text)
    for header, texts in (
        ("Provides-Dist", metadata.provides_dist),
        ("Obsoletes-Dist", metadata.obsoletes_dist),
    ):
        for text in texts:
            if _DIRECT_REFERENCE.match(text[:_MAX_VALUE]):
                yield _elsewhere(header, text)


def _dependency(text: str) -> Iterator[MetadataProblem]:
    shown = f"Requires-Dist {text[:120]!r}"
    if len(text) > _MAX_VALUE:
        yield MetadataProblem(
            "metadata-dependency", f"{shown}… has more than {_MAX_VALUE} characters and is not read."
        )
        return
    try:
        requirement = Requirement(text)
        marker = str(requirement.marker or "")
    except InvalidRequirement as error:
        yield MetadataProblem("metadata-dependency", f"{shown} cannot be read: {_first_line(error)}.")
    except RecursionError:
        yield MetadataProblem("metadata-dependency", f"{shown} is nested too deeply to be read.")
    else:
        if requirement.url:
            yield _elsewhere("Requires-Dist", text)
        if _LIST_MARKERS.search(_QUOTED.sub("", marker)):
            yield MetadataProblem(
                "metadata-list-marker", f"{shown} uses a marker that only lock files may use."
            )


def _elsewhere(header: str, text: str) -> MetadataProblem:
    return MetadataProblem(
        "metadata-direct-reference",
        f"{header} {text[:120]!r} makes installers fetch from elsewhere; name a version of a project.",
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _extras(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    normalized = [str(canonicalize_name(extra)) for extra in metadata.provides_extra]
    if metadata.is_since(2, 3):
        for extra, wanted in zip(metadata.provides_extra, normalized, strict=True):
            if extra != wanted:
                yield MetadataProblem(
                    "metadata-extra",
                    f"Provides-Extra {extra[:80]!r} must be written {wanted[:80]!r} from metadata 2.3 on (PEP 685).",
                )
    for extra, times in Counter(normalized).items():
        if times > 1:
            yield MetadataProblem(
                "metadata-extra",
                f"Provides-Extra gives {extra[:80]!r} {times} times, names compared as PEP 685 does.",
            )


def _licence(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    given = metadata.license_expression
    if not given:
        return
    if metadata.license:
        yield MetadataProblem(
            "metadata-license",
            "License and License-Expression exclude each other (PEP 639): keep the second.",
        )
    if any(classifier.startswith("License ::") for classifier in metadata.classifiers):
        yield MetadataProblem(
            "metadata-license-classifier", "License-Expression says it all: classifiers of licences are old."
        )
    try:
        wanted = canonicalize_license_expression(given[:_MAX_VALUE])
    except InvalidLicenseExpression as error:
        yield MetadataProblem(
            "metadata-license-expression", f"License-Expression is no SPDX expression: {str(error)[:300]}."
        )
        return
    if "".join(wanted.split()) != "".join(given.split()):
        yield MetadataProblem(
            "metadata-license-expression",
            f"License-Expression {given[:120]!r} must be written {wanted[:120]!r} (PEP 639).",
        )


def _imports(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    names, namespaces = (
        {name.partition(";")[0].strip() for name in given if name}
        for given in (metadata.import_names, metadata.import_namespaces)
    )
    for name in sorted(names & namespaces):
        yield MetadataProblem(
            "metadata-import-name",
            f"{name[:80]!r} is an Import-Name and an Import-Namespace; it is one of them (PEP 794).",
        )


def _urls(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    fields = (("Home-page", metadata.home_page), ("Download-URL", metadata.download_url))
    for header, url in fields:
        if url and not _is_web_address(url):
            yield MetadataProblem("metadata-url", f"{header} {url[:80]!r} is no http or https address.")
    for label, url in metadata.project_urls:
        if not 0 < len(label) <= _MAX_LABEL:
            yield MetadataProblem(
                "metadata-url-label",
                f"Project-URL {label[:80]!r} has a label of {len(label)} characters; 1 to {_MAX_LABEL} are wanted.",
            )
        if not _is_web_address(url):
            yield MetadataProblem(
                "metadata-url", f"Project-URL {label[:40]!r} leads to {url[:80]!r}, no http or https address."
            )


def _is_web_address(url: str) -> bool:
    # Readers disagree about what control characters and blanks inside an address mean.
    if not url.isprintable() or " " in url.strip():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _summary(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    if len(metadata.summary) > _MAX_SUMMARY:
        yield MetadataProblem(
            "metadata-summary",
            f"Summary has {len(metadata.summary)} characters; at most {_MAX_SUMMARY} are shown.",
        )
    elif objection := _objection("summary", metadata.summary, is_list=False):
        yield MetadataProblem("metadata-summary", f"Summary: {objection}.")


def _mail_addresses(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    for header, text in (
        ("Author-email", metadata.author_email),
        ("Maintainer-email", metadata.maintainer_email),
    ):
        if text and not _are_addresses(text):
            yield MetadataProblem(
                "metadata-email",
                f"{header} {text[:120]!r} must be mail addresses, with commas between them: "
                'ada@example.org, or "Ada" <ada@example.org>.',
            )


def _are_addresses(text: str) -> bool:
    if len(text) > _MAX_VALUE:
        return False
    addresses = [address for _, address in getaddresses([text])]
    return all(_MAIL_ADDRESS.fullmatch(address) for address in addresses)


def _classifiers(metadata: CoreMetadata) -> Iterator[MetadataProblem]:
    for classifier in metadata.classifiers:
        shown = f"Classifier {classifier[:120]!r}"
        if classifier.startswith("Private ::"):
            yield MetadataProblem(PRIVATE_CLASSIFIER, f"{shown} says that the release is not for the public.")
        elif classifier in deprecated_classifiers:
            instead = " or ".join(map(repr, deprecated_classifiers[classifier])) or "none"
            yield MetadataProblem("metadata-classifier", f"{shown} is deprecated; use {instead} instead.")
        elif classifier not in known_classifiers:
            yield MetadataProblem(
                "metadata-classifier", f"{shown} is not in the list of trove-classifiers that this index has."
            )


Rule = Callable[[CoreMetadata], Iterator[MetadataProblem]]

_RULES: tuple[Rule, ...] = (_version, _fields, _dependencies, _extras, _licence, _imports, _urls)
_READ_BY_PEOPLE: tuple[Rule, ...] = (_summary, _mail_addresses, _classifiers)
