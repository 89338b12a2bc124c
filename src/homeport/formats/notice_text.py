"""How a notice reads: its subject, its text and its page, from the templates of its kind and the facts of the case.

1. What a template names and the facts do not hold is an error, and never an empty place.
2. A fact cannot break out of its place: in a page it is escaped, in a text it is one line, unless the template quotes it,
   and a subject is one line whatever it is made of (T-21, T-44).
3. Nothing shown reorders or hides what stands beside it, and tokens are struck out (``shown_text``).
4. Pages have no colours of their own: they are read on light and dark grounds, and on narrow screens.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from homeport.domain.quota import told_size
from homeport.formats.shown_text import outside_link, plain

SUBJECT, TEXT, PAGE = "subject.txt", "text.txt", "page.html"
FRAME = "frame.html"
LONGEST_SUBJECT = 200
LONGEST_TEXT = 20_000
LONGEST_PAGE = 100_000
_LONGEST_FACT = 4_000
_LISTED = 100
_GAPS = re.compile(r"\n{3,}")
_QUOTE_STYLE = "margin:0 0 1em 0;padding:0 0 0 .8em;border-left:3px solid #888888;white-space:pre-line"


class _Lines(str):
    """Text that a filter made of lines on purpose."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A notice as it reads. ``page`` is a piece of HTML, to stand in a frame; empty when it would be too long."""

    subject: str
    text: str
    page: str


@dataclass(frozen=True, slots=True)
class Framed:
    """What the frame of a mail shows around a page; ``place`` and ``unsubscribe`` are addresses, or empty."""

    subject: str
    page: str
    place: str
    base_url: str
    unsubscribe: str = ""


class NoticeTemplates:
    """The templates of every kind, by names like ``drift/text.txt``, and the frame of mails."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        loader = DictLoader(sources)
        self._texts = _environment(loader, in_page=False)
        self._pages = _environment(loader, in_page=True)

    def write(self, kind: str, facts: Mapping[str, object]) -> Written:
        """The notice of that kind about those facts."""
        subject = self._texts.get_template(f"{kind}/{SUBJECT}").render(facts)
        text = self._texts.get_template(f"{kind}/{TEXT}").render(facts).strip()
        page = self._pages.get_template(f"{kind}/{PAGE}").render(facts).strip()
        return Written(
            _cut(_one_line(subject), LONGEST_SUBJECT),
            _cut(_GAPS.sub("\n\n", text), LONGEST_TEXT),
            page if len(page) <= LONGEST_PAGE else "",
        )

    def frame(self, framed: Framed) -> str:
        """A whole HTML document around a page that :meth:`write` made."""
        values = {
            "subject": framed.subject,
            "page": Markup(framed.page),  # noqa: S704 - made by our templates alone, which escape every fact
            "place": framed.place,
            "base_url": framed.base_url,
            "unsubscribe": framed.unsubscribe,
        }
        return self._pages.get_template(FRAME).render(values)


def _environment(loader: DictLoader, *, in_page: bool) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=in_page,  # noqa: S701 - what is not a page is plain text, where escapes would be seen
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_in_page if in_page else _in_text,
    )
    filters: dict[str, Callable[..., str]] = {
        "count": _count,
        "day": _day,
        "size": told_size,
        "bullets": _bulleted_page if in_page else _bulleted_text,
        "link": _link_page if in_page else _link_text,
        "quoted": _quoted_page if in_page else _quoted_text,
    }
    environment.filters |= filters
    return environment


def _in_page(value: object) -> object:
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _fact(value)


def _in_text(value: object) -> object:
    if not isinstance(value, str) or isinstance(value, _Lines):
        return value
    return _one_line(_fact(value))


def _fact(text: str) -> str:
    return plain(_cut(text, _LONGEST_FACT))


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _count(number: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _day(at: date) -> str:
    """A day, with the time where there is one; all times are UTC."""
    return f"{at:%d %b %Y, %H:%M} UTC" if isinstance(at, datetime) else f"{at:%d %b %Y}"


def _bulleted_text(entries: Sequence[object]) -> str:
    """Each entry on a line; of many the first hundred, and how many there are more."""
    lines = [f"- {_one_line(_fact(str(entry)))}" for entry in entries[:_LISTED]]
    return _Lines("\n".join([*lines, *_more(entries)]))


def _bulleted_page(entries: Sequence[object]) -> str:
    lines = [_fact(str(entry)) for entry in entries[:_LISTED]] + _more(entries)
    items = Markup().join(Markup('<li style="overflow-wrap:anywhere">{}</li>').format(line) for line in lines)
    return Markup('<ul style="padding-left:1.2em">{}</ul>').format(items) if lines else Markup()


def _more(entries: Sequence[object]) -> list[str]:
    return [f"and {len(entries) - _LISTED:,} more"] if len(entries) > _LISTED else []


def _quoted_text(words: str) -> str:
    """What a person wrote, in their own lines."""
    return _Lines("\n".join(f"> {_one_line(line)}" for line in _fact(words).splitlines()))


def _quoted_page(words: str) -> str:
    return Markup('<blockquote style="{}">{}</blockquote>').format(_QUOTE_STYLE, _fact(words))


def _link_text(url: str, label: str = "") -> str:
    """An address; ``label`` is what it is called."""
    address = _one_line(_fact(url))
    return f"{label}: {address}" if label else address


def _link_page(url: str, label: str = "") -> str:
    address, shown = outside_link(url), label or _fact(url)
    return Markup('<a href="{}">{}</a>').format(address, shown) if address else escape(shown)
