"""Core metadata of a release, as values; the file's own metadata is the record."""

import re
from dataclasses import dataclass

# A metadata version, as far as one is compared with another.
_NUMBERS = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")
# PEP 753: a label is compared without punctuation and white space, in lower case.
_LABEL_NOISE = re.compile(r"[\s!-/:-@\[-`{-~]+")


@dataclass(frozen=True)
class CoreMetadata:
    """The fields of core metadata that the index uses, already unescaped; absent is ``""`` or ``()``.

    A field that may be given more than once has a plural name and is a tuple, in the order of the file.
    ``project_urls`` holds ``(label, url)`` pairs. ``dynamic`` names are lower case.
    """

    metadata_version: str
    name: str
    version: str
    summary: str = ""
    description: str = ""
    description_content_type: str = ""
    home_page: str = ""
    download_url: str = ""
    project_urls: tuple[tuple[str, str], ...] = ()
    author: str = ""
    author_email: str = ""
    maintainer: str = ""
    maintainer_email: str = ""
    license: str = ""
    license_expression: str = ""
    keywords: str = ""
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()
    classifiers: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    supported_platforms: tuple[str, ...] = ()
    license_files: tuple[str, ...] = ()
    import_names: tuple[str, ...] = ()
    import_namespaces: tuple[str, ...] = ()
    provides_dist: tuple[str, ...] = ()
    obsoletes_dist: tuple[str, ...] = ()
    requires_external: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    obsoletes: tuple[str, ...] = ()

    def is_since(self, major: int, minor: int) -> bool:
        """True when the metadata are of that version or a newer one; what is no version is older than all."""
        version = _NUMBERS.fullmatch(self.metadata_version)
        return version is not None and (int(version[1]), int(version[2])) >= (major, minor)

    def homepage_urls(self) -> tuple[str, ...]:
        """Where ``Home-page`` and a ``homepage`` label point (PEP 753 for modern projects), each once."""
        return _unique((self.home_page, *self._labelled("homepage")))

    def download_urls(self) -> tuple[str, ...]:
        """Where ``Download-URL`` and a ``download`` label point, each once."""
        return _unique((self.download_url, *self._labelled("download")))

    def _labelled(self, wanted: str) -> tuple[str, ...]:
        return tuple(url for label, url in self.project_urls if normalized_label(label) == wanted)


@dataclass(frozen=True, slots=True)
class Description:
    """A long description as HTML that may stand in a page; or ``""``, and what hinders it, if anything does."""

    html: str = ""
    problem: str = ""


def normalized_label(label: str) -> str:
    """A Project-URL label as PEP 753 compares it."""
    return _LABEL_NOISE.sub("", label).lower()


def _unique(urls: tuple[str, ...]) -> tuple[str, ...]:
    # distutils writes UNKNOWN for a field that was never set (standards B.1).
    return tuple(dict.fromkeys(url for url in urls if url and url != "UNKNOWN"))
