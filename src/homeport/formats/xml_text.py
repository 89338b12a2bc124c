"""Text inside XML, the only place it is escaped for that.

1. What XML 1.0 cannot carry in any spelling (most controls, lone surrogates, two noncharacters) becomes U+FFFD.
2. Other characters than ASCII are written as references, so the bytes mean the same under every encoding.
3. White space is text: a carriage return is written as a reference, since a parser makes it a line feed otherwise.
"""

import re

_NOT_FOR_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Names and file names, of which an answer may hold a million: they are what they are.
_PLAIN = re.compile(r"[\t\n -%'-;=?-~]*")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def xml_text(value: str) -> str:
    """``value`` as the text of an element (never of an attribute); ASCII."""
    if _PLAIN.fullmatch(value):
        return value
    written = _NOT_FOR_XML.sub("\ufffd", value).translate(_ESCAPES)
    return written.encode("ascii", "xmlcharrefreplace").decode("ascii")
