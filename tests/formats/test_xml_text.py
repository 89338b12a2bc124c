"""Text inside XML: any text is carried, or its place is."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from homeport.formats.xml_text import DECLARATION, xml_text

ANY_TEXT = st.text(st.characters())


def shown(text: str) -> str:
    """``text`` without what XML 1.0 §2.2 does not know."""
    return "".join(
        one
        if one in "\t\n\r" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one >= "\U00010000"
        else "\ufffd"
        for one in text
    )


@given(ANY_TEXT)
def test_any_text_parses_back(text: str) -> None:
    """What is read is what was written, but for what XML cannot say."""
    element = ET.fromstring(f"{DECLARATION}<a>{xml_text(text)}</a>".encode("ascii"))  # noqa: S314 - as above
    assert (element.text or "") == shown(text)


def test_what_xml_cannot_say_keeps_its_place() -> None:
    """Controls, lone surrogates and noncharacters are replaced one by one."""
    assert xml_text("a\0b\x1bc\ud800d\uffffe") == "a&#65533;b&#65533;c&#65533;d&#65533;e"


def test_nothing_breaks_out() -> None:
    """What means something between tags is text, and so is what would close a section."""
    assert xml_text("<a>&amp;\r]]>") == "&lt;a&gt;&amp;amp;&#13;]]&gt;"
