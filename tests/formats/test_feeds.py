"""RSS 2.0, written (S14)."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.formats.test_xml_text import ANY_TEXT, shown

from homeport.formats.feeds import Feed, News, feed_xml

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
FEED = Feed(
    "Newest releases",
    "https://index.test/",
    "The releases that came last.",
    (
        News(
            "My.Demo 1.1",
            "https://index.test/project/my-demo/",
            "https://index.test/project/my-demo/#1.1",
            "It <shines> & sings \x1b[1m“loudly”",
            AT.astimezone(timezone(timedelta(hours=-3))),
        ),
        News(
            "other 0.1",
            "https://index.test/project/other/",
            "https://index.test/project/other/#0.1",
            "",
            AT - timedelta(days=1),
        ),
    ),
)


def test_s14_the_feed_is_as_it_was() -> None:
    """The bytes are those of the golden file: readers come to know them."""
    assert feed_xml(FEED) == (GOLDEN / "feed.xml").read_bytes()


def test_s14_without_news() -> None:
    """A feed without news is a channel without items and without a date."""
    channel = ET.fromstring(feed_xml(Feed("a", "b", "c", ()))).find("channel")  # noqa: S314 - as above
    assert channel is not None
    assert [element.tag for element in channel] == ["title", "link", "description", "language"]


@given(st.lists(st.builds(News, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.just(AT)), max_size=3), ANY_TEXT)
def test_s14_any_text_parses_back(news: list[News], title: str) -> None:
    """Whatever stands in summaries and names, a reader sees it, item by item."""
    rss = ET.fromstring(feed_xml(Feed(title, title, title, news)))  # noqa: S314 - as above
    assert (rss.tag, rss.attrib) == ("rss", {"version": "2.0"})
    assert (rss.findtext("channel/title"), rss.findtext("channel/link")) == (shown(title), shown(title))
    assert [
        [item.findtext(name) for name in ("title", "link", "guid", "description", "pubDate")]
        for item in rss.findall("channel/item")
    ] == [
        [
            *map(shown, (one.title, one.link, one.guid, one.description)),
            "Wed, 04 Mar 2026 05:06:07 GMT",
        ]
        for one in news
    ]
