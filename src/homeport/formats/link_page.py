"""The links of any foreign HTML page, found as easy_install found them (setuptools 58.0.0; standards D.5.5-8).

1. The raw text is searched, no tree is built: every tag, any attribute ending in ``href``, unquoted values and
   commented-out HTML count. ``<base>`` is ignored.
2. The text is decoded by the header's charset, else as Latin-1; undecodable bytes are dropped.
3. File links resolve against the *final* URL, rel links against the URL *asked for*.
4. The same links are found in linear time: easy_install's own expression for rel can be made to run for hours.
5. Kept is what has a scheme and an authority and is no longer than a URL may be; whether it can be fetched is
   decided later, with a reason.
6. A page larger than its bound gives no link, for the last one could be cut; of too many links the first count.
"""

import codecs
import html
import re
from collections.abc import Iterable, Iterator

from homeport.domain.links import PageLinks
from homeport.formats.absolute_url import absolute_url

MAX_PAGE_BYTES = 2 * 1024 * 1024
MAX_LINKS = 5_000

_CHARSET = re.compile(r""";\s*charset\s*=\s*"?([^\s";]+)""", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*['"]?([^'"> ]+)""", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#(?:\d+|x[\da-fA-F]+)|[\w.:-]+);?")
_TAG = re.compile(r"<([^>]+)>")
_REL_NAME = re.compile(r"\srel\s*=", re.IGNORECASE)
_REL_VALUE = re.compile(r"""\s*['"]?([^'">]+)""")
_FOLLOWED_RELS = frozenset({"homepage", "download"})
_FOLLOWED_HEADINGS = ("<th>Home Page", "<th>Download URL")
# Python's own codecs that no page is written in; some take quadratic time, or make surrogates.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})


def read_links(
    page: bytes,
    asked_url: str,
    final_url: str,
    charset: str | None,
    *,
    max_bytes: int = MAX_PAGE_BYTES,
    max_links: int = MAX_LINKS,
) -> PageLinks:
    """Every link of ``page``; ``final_url`` is where redirects from ``asked_url`` led."""
    if len(page) > max_bytes:
        return PageLinks(problem=f"The page has more than {max_bytes} bytes: none of its links was read.")
    text = decoded(page, charset, "ignore")
    if text is None:  # easy_install gave up on the whole page where it did not know the charset
        text = page.decode("latin-1")
    hrefs, all_hrefs = _first_distinct((match[1] for match in _HREF.finditer(text)), max_links)
    rel_hrefs, all_rel_hrefs = _first_distinct(_followed(text), max_links)
    return PageLinks(
        _resolve(final_url, hrefs),
        _resolve(asked_url, rel_hrefs),
        ""
        if all_hrefs and all_rel_hrefs
        else f"The page has more than {max_links} links: the first were read.",
    )


def charset_of(content_type: str) -> str | None:
    """The charset that a ``Content-Type`` header names."""
    # Not email.message: some header values make its parser raise.
    charset = _CHARSET.search(content_type)
    return charset[1] if charset else None


def decoded(page: bytes, charset: str | None, errors: str) -> str | None:
    """The text of ``page``; ``None`` when no charset is named, or none that pages are written in."""
    try:
        codec = codecs.lookup(charset or "")
        if codec.name.replace("_", "-") not in _NO_CHARSETS:
            return page.decode(codec.name, errors)
    except (LookupError, ValueError):
        pass
    return None


def _followed(text: str) -> Iterator[str]:
    """What easy_install's ``find_external_links`` yields, before entities and bases."""
    for tag in _TAG.finditer(text, 0, text.rfind(">") + 1):
        rel = _rel_of(tag[1]).lower()
        if rel and any(word.strip() in _FOLLOWED_RELS for word in rel.split(",")):
            yield from (match[1] for match in _HREF.finditer(tag[1]))
    for heading in _FOLLOWED_HEADINGS:
        at = text.find(heading)
        if at >= 0 and (match := _HREF.search(text, at)):
            yield match[1]


def _rel_of(tag: str) -> str:
    r"""What ``[^>]*\srel\s*=\s*['"]?([^'">]+)[^>]*`` captures: the greedy start makes the last rel count."""
    for start in reversed([match.end() for match in _REL_NAME.finditer(tag)]):
        if value := _REL_VALUE.match(tag, start):
            return value[1]
    return ""


def _first_distinct(raws: Iterable[str], most: int) -> tuple[list[str], bool]:
    """The first links as written, each once, and whether these are all."""
    distinct: dict[str, None] = {}
    for raw in raws:
        if raw not in distinct and len(distinct) == most:
            return list(distinct), False
        distinct[raw] = None
    return list(distinct), True


def _resolve(base: str, raws: list[str]) -> tuple[str, ...]:
    urls = (_absolute(base, raw) for raw in raws)
    return tuple(dict.fromkeys(url for url in urls if url))


def _absolute(base: str, raw: str) -> str:
    try:
        reference = _ENTITY.sub(lambda entity: html.unescape(entity[0]), raw)
    except ValueError:  # a character number of thousands of digits
        return ""
    return absolute_url(base, reference)
