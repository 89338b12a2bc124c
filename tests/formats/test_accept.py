"""Content negotiation (standards A.3, checks N01 to N23)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.formats.accept import JSON, TEXT_HTML, VENDOR_HTML, Representation, negotiate

V1_JSON = "application/vnd.pypi.simple.v1+json"
V1_HTML = "application/vnd.pypi.simple.v1+html"
PIP = f"{V1_JSON}, {V1_HTML}; q=0.1, text/html; q=0.01"
UV = f"{V1_JSON}, {V1_HTML};q=0.2, text/html;q=0.01"
POETRY = f"{V1_JSON}, */*;q=0.1"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

CASES = [
    ("N02 json", V1_JSON, JSON),
    ("N03 vendor html", V1_HTML, VENDOR_HTML),
    ("N04 text/html keeps its name", "text/html", TEXT_HTML),
    ("N05 no header", "", TEXT_HTML),
    ("N05 blank header", "  ", TEXT_HTML),
    ("N06 anything", "*/*", TEXT_HTML),
    ("N07 pip", PIP, JSON),
    ("N08 uv", UV, JSON),
    ("N09 poetry", POETRY, JSON),
    ("N10 browser", BROWSER, TEXT_HTML),
    ("N11 order means nothing", f"text/html, {V1_JSON}", JSON),
    ("N11 order means nothing, swapped", f"{V1_JSON}, text/html", JSON),
    ("N12 weight decides", f"{V1_JSON};q=0.1, text/html;q=0.9", TEXT_HTML),
    ("N12 three digits count", f"{V1_JSON};q=0.998, text/html;q=0.999", TEXT_HTML),
    ("N12 one with zeros", f"{V1_JSON};q=0.999, text/html;q=1.000", TEXT_HTML),
    ("N13 json forbidden", f"{V1_JSON};q=0, text/html", TEXT_HTML),
    ("N13 json forbidden among all", f"{V1_JSON};q=0.000, */*", TEXT_HTML),
    ("N13 only json, and forbidden", f"{V1_JSON};q=0.0", None),
    ("N14 the specific range wins", "text/html;q=0, */*", VENDOR_HTML),
    ("N14 both names of html forbidden", f"text/html;q=0, {V1_HTML};q=0, */*", JSON),
    ("N14 type over everything", "text/*;q=0, */*;q=0.5", VENDOR_HTML),
    ("N14 name over type", "text/*;q=0.1, text/html, application/*;q=0.5", TEXT_HTML),
    ("N14 everything forbidden", "*/*;q=0", None),
    ("N15 picture", "image/png", None),
    ("N16 latest json", "application/vnd.pypi.simple.latest+json", JSON),
    ("N16 latest html", "application/vnd.pypi.simple.latest+html", VENDOR_HTML),
    ("N17 application/json is no alias", "application/json", None),
    ("N18 version 2", "application/vnd.pypi.simple.v2+json", None),
    ("N18 version 2, then 1", f"application/vnd.pypi.simple.v2+json, {V1_JSON};q=0.1", JSON),
    ("N22 nonsense", ";;q=x", None),
    ("N22 nonsense beside sense", f";;q=x, ,{V1_HTML}", VENDOR_HTML),
    ("N22 a weight above one is no weight", f"{V1_JSON};q=1.5, text/html;q=0.1", TEXT_HTML),
    ("N22 a negative weight is no weight", f"{V1_JSON};q=-1, text/html;q=0.1", TEXT_HTML),
    ("N22 an endless header", "text/html," * 10_000, None),
    ("N23 case", "APPLICATION/VND.PyPI.Simple.V1+JSON; Q=0.5, Text/HTML;q=0.4", JSON),
    ("N23 blanks", f"  {V1_JSON} \t;  q=0.5 ,\ttext/html ; q=0.4", JSON),
    ("parameters are left aside", "text/html;charset=utf-8;level=1", TEXT_HTML),
    ("a named range over anything at equal weight", f"*/*, {V1_HTML}", VENDOR_HTML),
    ("a type over anything at equal weight", "*/*, text/*", TEXT_HTML),
    ("application only", "application/*", JSON),
    (
        "a range named twice keeps its better weight",
        f"{V1_JSON};q=0.1, {V1_JSON};q=0.8, text/html;q=0.5",
        JSON,
    ),
]


@pytest.mark.parametrize(("accept", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_accept_decides(accept: str, wanted: Representation | None) -> None:
    """An ``Accept`` value leads to the representation the table says, or to none (406)."""
    assert negotiate(accept.encode()) == wanted


FORMATS = [
    ("N20 beats the header", "format=application/vnd.pypi.simple.v1%2Bjson", "text/html", JSON),
    ("N20 a raw plus", "format=application/vnd.pypi.simple.v1+json", "text/html", JSON),
    ("N20 a plus read as a blank", "format=application/vnd.pypi.simple.v1%20json", "text/html", JSON),
    ("N20 beats a header nothing satisfies", "format=text/html", "image/png", TEXT_HTML),
    ("N20 latest", "format=application/vnd.pypi.simple.latest%2bhtml", V1_JSON, VENDOR_HTML),
    ("N20 among others", "a=b&format=text%2Fhtml&c", V1_JSON, TEXT_HTML),
    ("N20 case", "format=TEXT/HTML", V1_JSON, TEXT_HTML),
    ("N21 unknown", "format=bogus", V1_JSON, JSON),
    ("N21 unknown, nothing else", "format=bogus", "image/png", None),
    ("N21 wildcards are not supported", "format=*/*", V1_JSON, JSON),
    ("N21 a weight is not supported", "format=text/html;q=0.5", V1_JSON, JSON),
    ("N21 the first one is read", "format=bogus&format=text/html", V1_JSON, JSON),
    ("N21 broken escapes", "format=%ff%zz", V1_JSON, JSON),
    ("N21 an endless query", "x=" + "y" * 5000 + "&format=text/html", V1_JSON, JSON),
    ("another parameter", "page=2", V1_JSON, JSON),
]


@pytest.mark.parametrize(
    ("query", "accept", "wanted"), [case[1:] for case in FORMATS], ids=[case[0] for case in FORMATS]
)
def test_format_parameter_wins(query: str, accept: str, wanted: Representation | None) -> None:
    """``?format=`` names one representation and wins; anything else leaves the decision to ``Accept``."""
    assert negotiate(accept.encode(), query.encode()) == wanted


@given(st.binary(max_size=300), st.binary(max_size=100))
def test_n22_no_bytes_break_negotiation(accept: bytes, query: bytes) -> None:
    """Whatever bytes arrive, the answer is one of the three representations or none."""
    assert negotiate(accept, b"format=" + query) in {JSON, VENDOR_HTML, TEXT_HTML, None}


@given(
    st.permutations([f"{V1_JSON};q=0.3", f"{V1_HTML};q=0.3", "text/html;q=0.2", "*/*;q=0.1", "text/*;q=0.9"])
)
def test_n11_order_never_matters(ranges: list[str]) -> None:
    """Every order of the same ranges gives the same answer."""
    assert negotiate(", ".join(ranges).encode()) == JSON
