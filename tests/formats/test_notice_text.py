"""How a notice reads: strict templates that no fact breaks out of."""

from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from homeport.formats.notice_text import (
    FRAME,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    Framed,
    NoticeTemplates,
    Written,
)

HOSTILE = "a\r\nBcc: eve@example.org\u202e</p><script>alert(1)</script>\n\n-- \nhp_" + "0" * 72


def write(subject: str = "S", text: str = "T", page: str = "P", **facts: object) -> Written:
    """A notice by these templates."""
    sources = {"kind/subject.txt": subject, "kind/text.txt": text, "kind/page.html": page}
    return NoticeTemplates(sources).write("kind", facts)


class Tags(HTMLParser):
    """The elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One begins."""
        self.tags.append(tag)


def tags(page: str) -> list[str]:
    """The elements that begin in a page."""
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser.tags


@pytest.mark.parametrize("part", ["subject", "text", "page"])
def test_what_is_not_known_is_an_error(part: str) -> None:
    """No empty place is left where a fact is missing."""
    with pytest.raises(UndefinedError):
        write(**{part: "{{ missing }}"})


def test_no_fact_breaks_out() -> None:
    """Not out of its line in a subject or a text, not out of its element in a page; a token is struck out."""
    told = write("News of {{ name }}", "By {{ name }}.\n", "<p>{{ name }}</p>", name=HOSTILE)
    assert "\n" not in told.subject
    assert "\n" not in told.text
    assert tags(told.page) == ["p"]
    for shown in (told.subject, told.text, told.page):
        assert "\u202e" not in shown
        assert "hp_0" not in shown
        assert "hp_***" in shown


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_whatever_somebody_is_called(name: str) -> None:
    """Every text at all leaves one line of subject, the lines of the template, and its elements."""
    told = write(
        "{{ name }}",
        "A {{ name }}\nB\n\n{{ [name]|bullets }}\n",
        "<p>{{ name }}</p>{{ [name]|bullets }}{{ name|quoted }}{{ name|link }}",
        name=name,
    )
    assert told.subject == told.subject.strip()
    assert "".join(told.subject.splitlines()) == told.subject
    assert len(told.text.split("\n")) == 4
    assert [tag for tag in tags(told.page) if tag != "a"] == ["p", "ul", "li", "blockquote"]
    told.subject.encode()
    told.text.encode()
    told.page.encode()


def test_words_are_quoted_in_their_lines() -> None:
    """Each line of what somebody wrote is marked as theirs; in a page they are a quotation."""
    told = write(text="{{ words|quoted }}", page="{{ words|quoted }}", words="One & two.\n-- \nThree")
    assert told.text == "> One & two.\n> --\n> Three"
    assert tags(told.page) == ["blockquote"]
    assert "One &amp; two." in told.page


def test_lists_are_named_and_counted() -> None:
    """A hundred entries by name, and how many there are more; none is an empty place."""
    many = [f"file-{number}" for number in range(1_234)]
    told = write(text="{{ many|bullets }}", page="{{ many|bullets }}", many=many)
    lines = told.text.splitlines()
    assert (len(lines), lines[0], lines[-1]) == (101, "- file-0", "and 1,134 more")
    assert tags(told.page) == ["ul"] + ["li"] * 101
    assert write(text="{{ few|bullets }}", page="{{ few|bullets }}", few=[]) == Written("S", "", "")


def test_links_lead_where_the_grammar_says() -> None:
    """Http and https only; anything else is shown, and leads nowhere."""
    template = "{{ url|link('Opt in') }} {{ url|link }}"
    good = write(text=template, page=template, url="https://index.example/a?b=1&c=2")
    assert good.text == "Opt in: https://index.example/a?b=1&c=2 https://index.example/a?b=1&c=2"
    assert good.page.startswith('<a href="https://index.example/a?b=1&amp;c=2">Opt in</a>')
    bad = write(text=template, page=template, url="javascript:alert(1)")
    assert bad.page == "Opt in javascript:alert(1)"


def test_numbers_days_and_sizes() -> None:
    """As people read them."""
    at = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    told = write(
        text="{{ 1|count('day') }}, {{ 1200|count('entry', 'entries') }}, {{ 2048|size }}, {{ day|day }}, {{ at|day }}, {{ n }}",
        day=date(2026, 3, 4),
        at=at,
        n=7,
    )
    assert told.text == "1 day, 1,200 entries, 2 KiB, 04 Mar 2026, 04 Mar 2026, 05:06 UTC, 7"


def test_everything_has_a_bound() -> None:
    """A subject and a text are cut; a page, which cannot be cut, is left out; gaps are closed."""
    told = write("{{ x }}", "{{ x }}\n" * 40, "{{ x }}" * 40, x="x" * 5_000)
    assert (len(told.subject), len(told.text), told.page) == (LONGEST_SUBJECT, LONGEST_TEXT, "")
    assert write(text="a\n\n\n\n\nb").text == "a\n\nb"


def test_the_frame_escapes_all_but_the_page() -> None:
    """The page is our templates' own; subject and addresses are facts."""
    templates = NoticeTemplates({FRAME: "<title>{{ subject }}</title>{{ page }}<i>{{ place }}</i>"})
    shown = templates.frame(Framed("<b>", "<p>&amp;</p>", '"><b>', "https://index.test"))
    assert shown == "<title>&lt;b&gt;</title><p>&amp;</p><i>&#34;&gt;&lt;b&gt;</i>"
