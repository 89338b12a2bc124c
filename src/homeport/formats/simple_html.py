"""The HTML index, frozen at version 1.4 (PEP 833), written; the only place index text is escaped.

1. The bytes are ASCII: other characters are written as references, so no client can guess the charset wrong.
2. What HTML cannot carry (controls, noncharacters, lone surrogates) becomes U+FFFD.
3. Every hosted file's anchor, and no other, is ``rel="internal"`` (PEP 438): pip 1.4 to 7 believe it.
4. A fragment is a hash or it is dropped: uv refuses the whole page for ``#egg=`` or ``#sha1=``.
5. ``<!DOCTYPE html>`` stands at byte 0 (pip 22.0), every attribute is quoted, one anchor a line.
"""

import re
from collections.abc import Iterable
from html import escape

from homeport.domain.index_page import ListedProject, MetadataLink, ProjectPage, file_url
from homeport.domain.project import ProjectStatus
from homeport.domain.release import ExternalLink, HostedFile

HTML_API_VERSION = "1.4"

_HASH_FRAGMENT = re.compile(r"(?:md5|sha256|sha384|sha512|blake2b)=[0-9a-f]+")
_NOT_FOR_HTML = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_BLANKS = str.maketrans({"\t": "&#9;", "\n": "&#10;", "\f": "&#12;", "\r": "&#13;"})


def project_page_html(page: ProjectPage) -> bytes:
    """``/simple/<name>/`` as HTML; equal pages give equal bytes."""
    anchors = [
        *(_hosted(file, page.root) for file in page.shown_files),
        *(_external(link) for link in page.shown_external),
        *(_metadata_link(link) for link in page.shown_links),
    ]
    return _opening(f"Links for {page.name}", _status(page)) + _anchors(anchors) + _closing(page.serial)


def list_opening_html() -> bytes:
    """What ``/simple/`` as HTML begins with; entries follow, one after another."""
    return _opening("Simple index", [])


def list_entries_html(listed: Iterable[ListedProject]) -> bytes:
    """The entries of some projects, in their order, as they stand between opening and closing."""
    return _anchors(_anchor(f"/simple/{project.normalized}/", project.name) for project in listed)


def list_closing_html(serial: int) -> bytes:
    """What ``/simple/`` as HTML ends with."""
    return _closing(serial)


def _opening(title: str, metas: list[str]) -> bytes:
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta name="pypi:repository-version" content="{HTML_API_VERSION}">',
        # PEP 438: without it pip 1.4 to 7 take every link for internal.
        '<meta name="api-version" value="2">',
        *metas,
        f"<title>{_text(title)}</title>",
        "</head>",
        "<body>",
        f"<h1>{_text(title)}</h1>",
        "",
    ]
    return _ascii("\n".join(lines))


def _anchors(anchors: Iterable[str]) -> bytes:
    return _ascii("".join(f"{anchor}<br>\n" for anchor in anchors))


def _closing(serial: int) -> bytes:
    return f"</body>\n</html>\n<!--SERIAL {serial}-->\n".encode("ascii")


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "xmlcharrefreplace")


def _status(page: ProjectPage) -> list[str]:
    if page.status is ProjectStatus.ACTIVE:
        return []
    metas = [f'<meta name="pypi:project-status" content="{page.status.value}">']
    if page.status_reason:
        metas.append(f'<meta name="pypi:project-status-reason" content="{_text(page.status_reason)}">')
    return metas


def _hosted(file: HostedFile, root: str) -> str:
    attributes = {"rel": "internal"}
    if file.requires_python:
        attributes["data-requires-python"] = file.requires_python
    if file.metadata_sha256:
        # PEP 714: the old name as well, with an equal value; in HTML it harms nobody.
        attributes["data-core-metadata"] = f"sha256={file.metadata_sha256}"
        attributes["data-dist-info-metadata"] = f"sha256={file.metadata_sha256}"
    if file.yanked is not None:
        # Without a value pip and unearth see no yank.
        attributes["data-yanked"] = file.yanked
    return _anchor(f"{file_url(file, root)}#sha256={file.digests.sha256}", file.filename, **attributes)


def _external(link: ExternalLink) -> str:
    url = (
        f"{link.url.partition('#')[0]}#sha256={link.sha256}"
        if link.sha256
        else _with_hash_or_nothing(link.url)
    )
    attributes = {"data-requires-python": link.requires_python} if link.requires_python else {}
    return _anchor(url, link.filename, **attributes)


def _metadata_link(link: MetadataLink) -> str:
    text = f"{link.version} {'home_page' if link.rel == 'homepage' else 'download_url'}"
    return _anchor(_with_hash_or_nothing(link.url), text, rel=link.rel)


def _with_hash_or_nothing(url: str) -> str:
    target, _, fragment = url.partition("#")
    return url if _HASH_FRAGMENT.fullmatch(fragment) else target


def _anchor(url: str, text: str, **attributes: str) -> str:
    written = "".join(f' {name}="{_text(value)}"' for name, value in attributes.items())
    return f'<a href="{_text(url)}"{written}>{_text(text)}</a>'


def _text(value: str) -> str:
    return escape(_NOT_FOR_HTML.sub("\ufffd", value)).translate(_BLANKS)
