"""The HTML of a long description, made fit to stand in a page of ours (T-21).

1. The allow-list has the last word: whatever is changed here passes through ``nh3`` once more, and what is not on the
   list does not come out. There is no script, style, form, frame, no handler, and no class that our pages use.
2. A link leads to http or https, as our one strict grammar reads it, to a mail address, or to a place in the
   description itself; it carries no weight (``nofollow ugc``). A relative link leads nowhere.
3. No picture is loaded: it would come from a third party, which would learn who reads the page, and could change or
   lose it. Its text stands in its place and leads to it.
4. Names of places begin with ``readme-``, each is given once, and headings begin below those of the page.
"""

import re
from html import escape
from html.parser import HTMLParser
from typing import Final

import nh3

from homeport.domain.errors import Invalid
from homeport.domain.urls import Url

PREFIX: Final = "readme-"

_LINK_REL = "nofollow ugc noopener noreferrer"
# What readme_renderer lets through, without what runs, loads, asks or looks like a part of the page.
_TEXT_TAGS = frozenset(
    {
        "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details",
        "div", "dl", "dt", "em", "h3", "h4", "h5", "h6", "hr", "i", "kbd", "li", "ol", "p", "pre", "span", "strong",
        "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "tt", "ul", "var",
    }
)  # fmt: skip
# What is on its way to one of those.
_PASSING_TAGS = frozenset({"h1", "h2", "img", "input", "aside", "figcaption", "figure", "nav", "section"})
_TEXT_ATTRIBUTES = {
    "*": {"id"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
}
_PASSING_ATTRIBUTES = {
    "a": {"href", "title"},
    "aside": {"class"},
    "img": {"src", "alt"},
    "input": {"checked"},
    "p": {"class"},
    "span": {"class"},
}
_ALIGN = {
    tag: {"align": {"left", "center", "right"}}
    for tag in ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th")
}
# Pygments' many classes of code, by how they begin, and the few that are told apart on a page.
_CODE_CLASSES = {
    "k": "k", "ow": "k",
    "s": "s",
    "c": "c",
    "m": "m", "il": "m",
    "nf": "f", "fm": "f", "nc": "f",
    "nb": "b", "bp": "b", "nd": "b", "nt": "b", "na": "b",
    "gd": "gd", "gi": "gi",
}  # fmt: skip
_LONGEST_CODE_CLASS = 3
_CLASSES = {
    "a": {"picture"},
    "div": {"admonition", "stern", "footnote", "wide"},
    "p": {"admonition-title"},
    "span": {"picture", *_CODE_CLASSES.values()},
}
_STERN = frozenset({"attention", "caution", "danger", "error", "important", "warning"})
_RENAMED = {
    "h1": "h3",
    "h2": "h4",
    "h3": "h5",
    "h4": "h6",
    "h5": "h6",
    "h6": "h6",
    **dict.fromkeys(("aside", "figcaption", "figure", "nav", "section"), "div"),
}
# readme_renderer's own prefix, which it gives to most places and links.
_THEIR_PREFIX = "user-content-"
_PLACE = re.compile(r"[^\s\"'<>#]{1,200}")
_MAIL = re.compile(r"mailto:[^\s\"'<>]{1,500}", re.IGNORECASE)


def fit_for_page(html: str) -> str:
    """``html`` as far as it may be shown."""
    fitter = _Fitter()
    fitter.feed(_FIRST.clean(html))
    fitter.close()
    return _LAST.clean("".join(fitter.written))


class _Fitter(HTMLParser):
    """Writes well-formed HTML anew, with what may stand in a page in the place of what may not."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._places: set[str] = set()
        self._is_in_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins, or stands for itself."""
        given = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._write_picture(given)
        elif tag == "input":
            self.written.append("\N{BALLOT BOX WITH CHECK}" if "checked" in given else "\N{BALLOT BOX}")
        else:
            self.written.append("<div class=wide>" if tag == "table" else "")
            self._write_start(_RENAMED.get(tag, tag), given)
            self._is_in_link = self._is_in_link or tag == "a"

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        is_empty_link = tag == "a" and self.written[-1].startswith("<a ") and " id=" not in self.written[-1]
        if is_empty_link:
            self.written.pop()  # a heading's link to itself, which shows nothing
        else:
            self.written.append(f"</{_RENAMED.get(tag, tag)}>{'</div>' if tag == 'table' else ''}")
        self._is_in_link = self._is_in_link and tag != "a"

    def handle_data(self, data: str) -> None:
        """Text."""
        self.written.append(escape(data, quote=False))

    def _write_start(self, tag: str, given: dict[str, str]) -> None:
        given["id"] = self._place(given.get("id", ""))
        given["class"] = " ".join(_classes(tag, given.get("class", "").split()))
        if given.get("href", "").startswith("#"):
            given["href"] = _inside(given["href"])
        told = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value)
        self.written.append(f"<{tag}{told}>")

    def _place(self, name: str) -> str:
        name = name.removeprefix(_THEIR_PREFIX)
        if not _PLACE.fullmatch(name) or name in self._places:
            return ""
        self._places.add(name)
        return f"{PREFIX}{name}"

    def _write_picture(self, given: dict[str, str]) -> None:
        source = given.get("src", "")
        text = (
            " ".join(given.get("alt", "").split()) or source.rpartition("/")[2].partition("?")[0] or "picture"
        )
        if self._is_in_link or not _link(source):
            self.written.append(f"<span class=picture>{escape(text)}</span>")
        else:
            self.written.append(f'<a class=picture href="{escape(source)}">{escape(text)}</a>')


def _classes(tag: str, given: list[str]) -> list[str]:
    if tag == "span":
        short = (name for name in given if len(name) <= _LONGEST_CODE_CLASS)
        return [
            kind for name in short if (kind := _CODE_CLASSES.get(name[:2]) or _CODE_CLASSES.get(name[:1]))
        ]
    more = ["stern"] if _STERN.intersection(given) else []
    return [name for name in given + more if name in _CLASSES.get(tag, ())]


def _inside(address: str) -> str:
    """A link to a place in the description; to the top of the page there is none."""
    name = address.removeprefix("#").removeprefix(_THEIR_PREFIX)
    return "" if name == "top" else f"#{PREFIX}{name}"


def _link(address: str) -> str | None:
    """Where a link to ``address`` leads, ``None`` when it may not be one."""
    if address.startswith("#"):
        return address if _PLACE.fullmatch(address, 1) else None
    if _MAIL.fullmatch(address):
        return address
    try:
        return str(Url.parse(address))
    except Invalid:
        return None


def _judge(_tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return _link(value)
    if name == "id":
        return value if value.startswith(PREFIX) else None
    return value


_FIRST = nh3.Cleaner(
    tags=_TEXT_TAGS | _PASSING_TAGS,
    attributes=_TEXT_ATTRIBUTES | _PASSING_ATTRIBUTES,
    tag_attribute_values=_ALIGN,
    link_rel=None,
)
_LAST = nh3.Cleaner(
    tags=_TEXT_TAGS,
    attributes=_TEXT_ATTRIBUTES,
    attribute_filter=_judge,
    tag_attribute_values=_ALIGN,
    allowed_classes=_CLASSES,
    url_schemes={"http", "https", "mailto"},
    link_rel=_LINK_REL,
)
