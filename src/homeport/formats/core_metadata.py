"""Core metadata, read from files, upload forms and stored rows into :class:`CoreMetadata`.

1. Reading a file collects every problem; ``metadata`` is ``None`` only when name or version cannot be read.
2. ``UNKNOWN`` is what distutils writes for a field that was never set: it is absent (standards B.1).
3. What two parsers would read differently (NUL, a bare carriage return among the headers, a field given twice)
   is a problem of its own: readers must never see two different files.
4. What the fields may hold is said by ``metadata_rules``.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from packaging.metadata import RawMetadata, parse_email

from homeport.domain.metadata import CoreMetadata
from homeport.formats.metadata_rules import MetadataProblem, metadata_problems

MAX_METADATA_BYTES = 1024 * 1024

_IDENTITY = ("metadata-version", "name", "version")
# The parser looks at every field once for every name.
_MAX_FIELDS = 20_000
_MAX_FIELD_NAMES = 200
_MIME_FIELDS = frozenset({b"content-type", b"content-transfer-encoding"})
_FIELD_NAME = re.compile(rb"(?:^|[\r\n])([^\s:]{1,100})[^:\r\n]{0,100}:")
_HEADER_END = re.compile(rb"\n\r?\n")
_BARE_CR = re.compile(rb"\r(?!\n)")
_FOLDED = "       |"

_TEXT_FIELDS = (
    "metadata_version",
    "name",
    "version",
    "summary",
    "description",
    "description_content_type",
    "home_page",
    "download_url",
    "author",
    "author_email",
    "maintainer",
    "maintainer_email",
    "license",
    "license_expression",
    "keywords",
    "requires_python",
)
_LIST_FIELDS = (
    "requires_dist",
    "provides_extra",
    "classifiers",
    "dynamic",
    "platforms",
    "supported_platforms",
    "license_files",
    "import_names",
    "import_namespaces",
    "provides_dist",
    "obsoletes_dist",
    "requires_external",
    "requires",
    "provides",
    "obsoletes",
)
# Forms use the plural, some old clients the singular (standards B.1).
_FORM_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "classifiers": ("classifiers", "classifier"),
    "provides_extra": ("provides_extra", "provides_extras"),
    "project_urls": ("project_urls", "project_url"),
    "platforms": ("platform", "platforms"),
    "supported_platforms": ("supported_platform", "supported_platforms"),
    "license_files": ("license_file", "license_files"),
    "import_names": ("import_name", "import_names"),
    "import_namespaces": ("import_namespace", "import_namespaces"),
}


@dataclass(frozen=True, slots=True)
class MetadataReading:
    """What could be read, and every problem met on the way."""

    metadata: CoreMetadata | None
    problems: tuple[MetadataProblem, ...]

    @property
    def license_files(self) -> tuple[str, ...]:
        """The licence files that must be in the archive (PEP 639)."""
        # Before 2.4 the field was a tool's own, with paths of its own meaning.
        return self.metadata.license_files if self.metadata and self.metadata.is_since(2, 4) else ()


def read_metadata(data: bytes) -> MetadataReading:
    """The core metadata in the bytes of a METADATA or PKG-INFO file."""
    if refusal := _unreadable(data):
        return MetadataReading(None, (*_byte_problems(data), refusal))
    raw, unparsed = parse_email(_decoded(data))
    metadata = _from_file(raw, unparsed)
    problems = (
        *_byte_problems(data),
        *_repetition_problems(unparsed),
        *metadata_problems(metadata),
    )
    if metadata.name and metadata.version:
        return MetadataReading(metadata, problems)
    missing = MetadataProblem(
        "metadata-incomplete", "The metadata must give one Name and one Version: one of them is not there."
    )
    return MetadataReading(None, (*problems, missing))


def metadata_from_form(form: Mapping[str, Sequence[str]]) -> CoreMetadata:
    """The core metadata that the fields of an upload or ``submit`` form carry, in any spelling clients use."""
    urls = _given(form, "project_urls")
    return _metadata(
        {name: next(iter(_given(form, name)), "") for name in _TEXT_FIELDS},
        {name: _given(form, name) for name in _LIST_FIELDS},
        [_label_and_url(pair) for pair in urls],
    )


def to_json(metadata: CoreMetadata) -> dict[str, object]:
    """The metadata as plain JSON values; what is absent is left out."""
    values: dict[str, object] = {name: getattr(metadata, name) for name in _TEXT_FIELDS}
    values |= {name: list(getattr(metadata, name)) for name in _LIST_FIELDS}
    values["project_urls"] = [list(pair) for pair in metadata.project_urls]
    return {name: value for name, value in values.items() if value}


def from_json(values: Mapping[str, object]) -> CoreMetadata:
    """What :func:`to_json` wrote, read again; ``ValueError`` when it was something else."""
    urls = _texts_in(values, "project_urls", _is_pair)
    fields: dict[str, Any] = {name: _text_in(values, name) for name in _TEXT_FIELDS}
    fields |= {name: tuple(_texts_in(values, name, _is_text)) for name in _LIST_FIELDS}
    return CoreMetadata(**fields, project_urls=tuple((label, url) for label, url in urls))


def _text_in(values: Mapping[str, object], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text: to_json did not write this")  # noqa: TRY004 - the promise is ValueError
    return value


def _texts_in(values: Mapping[str, object], name: str, is_item: Callable[[object], bool]) -> list[Any]:
    value = values.get(name, [])
    if not isinstance(value, list) or not all(map(is_item, value)):
        raise ValueError(f"{name} is not a list of texts: to_json did not write this")
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == len(("label", "url")) and all(map(_is_text, value))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Every byte has a meaning in Latin-1, which is also what distutils-era files mostly were.
        return data.decode("latin-1")


def _headers(data: bytes) -> bytes:
    end = _HEADER_END.search(data)
    return data[: end.end()] if end else data


def _from_file(raw: RawMetadata, unparsed: Mapping[str, list[str]]) -> CoreMetadata:
    fields: Mapping[str, Any] = raw
    texts = {name: str(fields.get(name, "")) for name in _TEXT_FIELDS}
    texts["keywords"] = ",".join(fields.get("keywords", ()))
    # A blank line inside an old Description header makes the rest of it the body: both are the text.
    texts["description"] = "\n".join(
        _unfolded(part) for part in (texts["description"], *unparsed.get("description", ())) if part
    )
    lists = {name: list(fields.get(name, ())) for name in _LIST_FIELDS}
    urls = [*fields.get("project_urls", {}).items(), *map(_label_and_url, unparsed.get("project-url", ()))]
    return _metadata(texts, lists, urls)


def _metadata(
    texts: Mapping[str, str], lists: Mapping[str, Sequence[str]], urls: Sequence[tuple[str, str]]
) -> CoreMetadata:
    fields: dict[str, Any] = {name: "" if text.strip() == "UNKNOWN" else text for name, text in texts.items()}
    fields |= {name: tuple(item for item in items if item != "UNKNOWN") for name, items in lists.items()}
    fields["dynamic"] = tuple(map(str.lower, fields["dynamic"]))
    return CoreMetadata(**fields, project_urls=tuple(pair for pair in urls if pair != ("UNKNOWN", "")))


def _given(form: Mapping[str, Sequence[str]], name: str) -> list[str]:
    spellings = _FORM_SPELLINGS.get(name, (name,))
    return [value for spelling in spellings for value in form.get(spelling, ()) if value]


def _label_and_url(pair: str) -> tuple[str, str]:
    label, _, url = pair.partition(",")
    return label.strip(), url.strip()


def _unfolded(text: str) -> str:
    # A header's continuation lines begin with seven blanks and a bar (the spec), or eight blanks (distutils).
    first, newline, rest = text.partition("\n")
    lines = rest.split("\n")
    if newline and all(line.startswith(_FOLDED) for line in lines):
        return "\n".join((first, *(line.removeprefix(_FOLDED) for line in lines)))
    if newline and all(line.startswith("        ") or not line.strip() for line in lines):
        return first + newline + dedent(rest)
    return text


def _unreadable(data: bytes) -> MetadataProblem | None:
    """Why the mail parser must not see these bytes, if so."""
    names = [name.lower() for name in _FIELD_NAME.findall(_headers(data))]
    if len(names) > _MAX_FIELDS or len(set(names)) > _MAX_FIELD_NAMES:
        return MetadataProblem(
            "metadata-too-many-fields",
            f"The metadata have {len(names)} fields; at most {_MAX_FIELDS} of {_MAX_FIELD_NAMES} names are read.",
        )
    if not _MIME_FIELDS.isdisjoint(names):
        return MetadataProblem(
            "metadata-is-mail", "The metadata carry the headers of a mail, which readers may follow."
        )
    return None


def _byte_problems(data: bytes) -> Iterator[MetadataProblem]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield MetadataProblem(
            "metadata-not-utf8",
            f"The metadata must be UTF-8, but byte {error.start} is not. Write the file again.",
        )
    if b"\0" in data:
        yield MetadataProblem(
            "metadata-nul", "The metadata hold a NUL byte, which readers treat differently."
        )
    if _BARE_CR.search(_headers(data)):
        yield MetadataProblem(
            "metadata-bare-cr",
            "The metadata's headers hold a bare carriage return: some readers begin a new field there, some do not.",
        )
    elif _BARE_CR.search(data):
        yield MetadataProblem("metadata-line-ends", "The description mixes line endings.")


def _repetition_problems(unparsed: Mapping[str, list[str]]) -> Iterator[MetadataProblem]:
    for field in sorted(unparsed):
        if field in _IDENTITY:
            yield MetadataProblem(
                "metadata-ambiguous",
                f"The metadata give {field!r} {len(unparsed[field])} times: nobody can say which one counts.",
            )
        elif field.replace("-", "_") in (*_TEXT_FIELDS, "project_url") and field != "description":
            yield MetadataProblem(
                "metadata-duplicate-field", f"The metadata give {field!r} more often than a reader can use."
            )
