"""XML-RPC: calls read within bounds, answers that Python's own reader understands (S13)."""

import xmlrpc.client
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.formats.test_xml_text import ANY_TEXT, shown

from homeport.domain.errors import Invalid
from homeport.formats.xmlrpc import (
    ARRAY,
    CALL_UNREADABLE,
    MAX_CALL_BYTES,
    STRUCT,
    Call,
    Compound,
    Frame,
    answer,
    elements,
    fault,
    members,
    read_call,
)


def called(inside: str, before: str = "") -> bytes:
    """A call of ``m`` with these parameters."""
    return f"{before}<methodCall><methodName>m</methodName>{inside}</methodCall>".encode()


def one(value: str) -> Any:
    """What is read of one argument."""
    (argument,) = read_call(called(f"<params><param><value>{value}</value></param></params>")).arguments
    return argument


def read(written: bytes) -> Any:
    """What Python's own client makes of an answer."""
    return xmlrpc.client.loads(written)[0][0]


# Calls


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<int>5</int>", 5),
        ("<i4> -5\n</i4>", -5),
        ("<i8>900000000000000000</i8>", 9 * 10**17),
        ("<int>+7</int>", 7),
        ("<boolean>1</boolean>", True),
        ("<boolean>0</boolean>", False),
        ("<double>2147483648.0</double>", 2147483648.0),
        ("<double>-1.5e3</double>", -1500.0),
        ("<string> a &lt; b </string>", " a < b "),
        ("<string/>", ""),
        ("untyped", "untyped"),
        ("", ""),
        ("<nil/>", None),
        ("<int>1e400</int>", Compound("int")),
        ("<int>9999999999999999999</int>", Compound("int")),
        ("<int>٣</int>", Compound("int")),
        ("<double>nan</double>", Compound("double")),
        ("<double>1e999</double>", Compound("double")),
        ("<boolean>yes</boolean>", Compound("boolean")),
        ("<array><data><value><int>1</int></value></data></array>", Compound("array")),
        ("<struct/>", Compound("struct")),
        ("<dateTime.iso8601>20260304T05:06:07</dateTime.iso8601>", Compound("dateTime.iso8601")),
        ("<base64>eA==</base64>", Compound("base64")),
        ("<surprise/>", Compound("surprise")),
    ],
)
def test_arguments(value: str, expected: Any) -> None:
    """A single value is read as what it is; everything else is known by the name of its type."""
    argument = one(value)
    assert argument == expected
    assert type(argument) is type(expected)


@given(st.one_of(ANY_TEXT.map(shown), st.integers(-(2**31), 2**31 - 1), st.booleans(), st.none()))
def test_what_python_sends_is_read(value: str | int | bool | None) -> None:
    """Arguments of Python's own client come through; XML itself makes one line feed of a carriage return."""
    sent = value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value
    call = read_call(xmlrpc.client.dumps((value,), "method.name", allow_none=True).encode())
    assert call == Call("method.name", (sent,))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not XML",
        b"<methodCall/>",
        b"<methodCall><methodName/></methodCall>",
        b"<methodCall><methodName>m n</methodName></methodCall>",
        b"<methodCall><methodName>" + b"m" * 101 + b"</methodName></methodCall>",
        b"<methodResponse><methodName>m</methodName></methodResponse>",
        b"<methodCall><methodName>m</methodName>",
        called("<params>" + "<param><value/></param>" * 9 + "</params>"),
        b'<?xml version="1.0" encoding="rot13"?><methodCall/>',
        b'<?xml version="1.0" encoding="utf-7"?><methodCall/>',
        b'<?xml version="1.0" encoding="nowhere"?><methodCall/>',
        called("&undefined;"),
        called("\0"),
    ],
)
def test_s13_what_is_no_call(body: bytes) -> None:
    """What is no call is refused, with the code that the door makes a fault of."""
    with pytest.raises(Invalid) as refused:
        read_call(body)
    assert refused.value.code == CALL_UNREADABLE


@pytest.mark.parametrize(
    "document_type",
    [
        "<!DOCTYPE methodCall>",
        '<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE m SYSTEM "http://example.org/evil.dtd">',
        '<!DOCTYPE m [<!ENTITY % p SYSTEM "http://example.org/evil.dtd"> %p;]>',
        '<!DOCTYPE m [<!ATTLIST methodName a CDATA "default">]>',
    ],
)
def test_s13_a_document_type_is_refused(document_type: str) -> None:
    """Whatever a document type says, nothing of it is done: no entity grows, no file and no address is read."""
    with pytest.raises(Invalid, match="document type"):
        read_call(called("<params><param><value>&c;</value></param></params>", document_type))


def test_s13_depth_costs_nothing() -> None:
    """As many elements inside each other as a body can hold are read, and are one argument."""
    depth = (MAX_CALL_BYTES - 200) // 7
    body = called(
        f"<params><param><value>{'<a>' * depth}{'</a>' * depth}</value></param></params>",
    )
    assert len(body) <= MAX_CALL_BYTES
    assert read_call(body).arguments == (Compound("a"),)


@given(st.binary(max_size=200))
@example(b"<?xml version='1.0' encoding='utf-16'?><a/>")
@example('<?xml version="1.0" encoding="utf-16"?><methodCall/>'.encode("utf-16"))
def test_s13_no_bytes_are_an_accident(body: bytes) -> None:
    """Whatever is sent, it is a call or it is refused."""
    for sent in (
        body,
        called("").replace(b"m<", body + b"<"),
        called("<params>").replace(b"m<", b"m<" + body),
    ):
        with suppress(Invalid):
            assert read_call(sent).method


# Answers

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), ANY_TEXT.map(shown)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(ANY_TEXT.map(shown), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(VALUES)
def test_answers_parse_back(value: Any) -> None:
    """Python's own client reads what was answered."""
    assert read(answer(value)) == value


def test_s12_large_numbers() -> None:
    """A number of 32 bits is an ``int``, which every client knows; a larger one says so."""
    assert b"<int>2147483647</int>" in answer(2**31 - 1)
    assert b"<i8>2147483648</i8>" in answer(2**31)


@given(st.integers(-(2**31), 2**31 - 1), ANY_TEXT)
def test_faults_parse_back(code: int, sentence: str) -> None:
    """A fault is raised as one, with its code and its sentence."""
    with pytest.raises(xmlrpc.client.Fault) as raised:
        read(fault(code, sentence))
    assert (raised.value.faultCode, raised.value.faultString) == (code, shown(sentence))


Windows = list[list[tuple[str, int]]]
WINDOWS: st.SearchStrategy[Windows] = st.lists(
    st.lists(st.tuples(st.from_regex(r"[a-z]{1,3}", fullmatch=True), st.integers(0, 9)), max_size=3),
    max_size=3,
)


@pytest.mark.parametrize(
    ("frame", "write", "gather"),
    [
        (STRUCT, members, dict),
        (ARRAY, elements, lambda pairs: [list(pair) for pair in pairs]),
    ],
)
@given(windows=WINDOWS)
def test_pieces_make_one_answer(
    frame: Frame,
    write: Callable[[Any], bytes],
    gather: Callable[[list[tuple[str, int]]], Any],
    windows: Windows,
) -> None:
    """Pieces between the ends of a frame are one answer, however they were cut."""
    written = b"".join((frame.opening, *map(write, windows), frame.closing))
    assert read(written) == gather([pair for window in windows for pair in window])


def test_what_has_no_spelling() -> None:
    """A value that nobody meant to send is our mistake."""
    with pytest.raises(TypeError, match="float"):
        answer(1.5)
