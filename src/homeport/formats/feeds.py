"""News as RSS 2.0, written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from homeport.formats.xml_text import DECLARATION, xml_text


@dataclass(frozen=True, slots=True)
class News:
    """One item. ``guid`` is unlike that of any other item, for ever; ``link`` is an absolute URL."""

    title: str
    link: str
    guid: str
    description: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A channel; ``link`` is the page of which it is the news, and ``news`` come newest first."""

    title: str
    link: str
    description: str
    news: Sequence[News]


def feed_xml(feed: Feed) -> bytes:
    """The feed as RSS 2.0; equal feeds give equal bytes."""
    dated = (_element("lastBuildDate", _rfc_822(news.at)) for news in feed.news[:1])
    return "\n".join(
        (
            f'{DECLARATION}<rss version="2.0">',
            "<channel>",
            _element("title", feed.title),
            _element("link", feed.link),
            _element("description", feed.description),
            _element("language", "en"),
            *dated,
            *(line for news in feed.news for line in _item(news)),
            "</channel>",
            "</rss>",
            "",
        )
    ).encode("ascii")


def _item(news: News) -> Iterable[str]:
    return (
        "<item>",
        _element("title", news.title),
        _element("link", news.link),
        f'<guid isPermaLink="false">{xml_text(news.guid)}</guid>',
        _element("description", news.description),
        _element("pubDate", _rfc_822(news.at)),
        "</item>",
    )


def _element(name: str, text: str) -> str:
    return f"<{name}>{xml_text(text)}</{name}>"


def _rfc_822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
