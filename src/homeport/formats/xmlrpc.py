"""XML-RPC: calls, read within bounds, and answers, written.

1. A call has no document type (T-19): so no entities, no references to the outside, nothing that grows.
2. Arguments are single values. An array or a struct, however deep, is known by its name only: no method takes one.
3. An integer of more than 32 bits is written as ``i8``, and nothing as ``nil``, as PyPI does.
4. A long answer is written in pieces: what opens a frame, then its members one by one, then what closes it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from defusedxml.ElementTree import ParseError, fromstring

from homeport.domain.errors import Invalid
from homeport.formats.xml_text import DECLARATION, xml_text

MEDIA_TYPE = "text/xml"
CALL_UNREADABLE = "call-unreadable"
MAX_CALL_BYTES = 64 * 1024

# The codes that XML-RPC servers agree on (xmlrpc-epi).
UNREADABLE, UNKNOWN_METHOD, WRONG_ARGUMENTS, REFUSED = -32700, -32601, -32602, -32500

_MOST_ARGUMENTS = 8
_METHOD = re.compile(r"[A-Za-z0-9_.:/]{1,100}")
_32_BITS = range(-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class Compound:
    """An argument that is no single value, by the name of its type."""

    type_name: str


Argument = int | float | bool | str | None | Compound

# 18 digits are within the 64 bits that a database can compare with.
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
_TYPES: Mapping[str, tuple[re.Pattern[str], Callable[[str], Argument]]] = {
    "string": (re.compile(r".*", re.DOTALL), str),
    "int": (_INTEGER, int),
    "i4": (_INTEGER, int),
    "i8": (_INTEGER, int),
    "boolean": (re.compile(r"\s*[01]\s*"), lambda text: text.strip() == "1"),
    "double": (re.compile(r"\s*[+-]?[0-9]{1,18}(?:\.[0-9]{0,18})?(?:[eE][+-]?[0-9]{1,2})?\s*"), float),
    "nil": (re.compile(r"\s*"), lambda text: None),  # noqa: ARG005 - as the others have it
}
_NONE_OF_THEM = (re.compile(r"(?!)"), str)


@dataclass(frozen=True, slots=True)
class Call:
    """A method's name, and what it is called with."""

    method: str
    arguments: tuple[Argument, ...]


def read_call(body: bytes) -> Call:
    """The call in ``body``, or ``Invalid`` with what is wrong with it."""
    try:
        # DTDForbidden is a ValueError; an encoding that is none, or no text's, is a LookupError.
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:
        raise _unreadable(f"it is no XML document without a document type ({str(error)[:200]})") from error
    name = root.findtext("methodName", "").strip()
    if root.tag != "methodCall" or not _METHOD.fullmatch(name):
        raise _unreadable("it is no methodCall with a methodName")
    values = root.findall("params/param/value")
    if len(values) > _MOST_ARGUMENTS:
        raise _unreadable(f"it has more than {_MOST_ARGUMENTS} arguments")
    return Call(name, tuple(_read(value) for value in values))


def answer(value: Any) -> bytes:
    """A method's result."""
    return _framed(_value(value)).encode("ascii")


def fault(code: int, sentence: str) -> bytes:
    """What a method refuses, and why."""
    told = _value({"faultCode": code, "faultString": sentence})
    return f"{DECLARATION}<methodResponse><fault>{told}</fault></methodResponse>\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before and behind the members of a long answer."""

    opening: bytes
    closing: bytes


def _frame(inside: str) -> Frame:
    opening, _, closing = _framed(f"<value>{inside}</value>").partition("*")
    return Frame(opening.encode("ascii"), closing.encode("ascii"))


def elements(values: Iterable[Any]) -> bytes:
    """Members of an array."""
    return "".join(map(_value, values)).encode("ascii")


def members(pairs: Iterable[tuple[str, Any]]) -> bytes:
    """Members of a struct."""
    return "".join(_member(name, value) for name, value in pairs).encode("ascii")


def _framed(value: str) -> str:
    return f"{DECLARATION}<methodResponse><params><param>{value}</param></params></methodResponse>\n"


ARRAY = _frame("<array><data>*</data></array>")
STRUCT = _frame("<struct>*</struct>")


def _value(value: Any) -> str:
    return f"<value>{_typed(value)}</value>"


def _typed(value: Any) -> str:
    match value:
        case None:
            return "<nil/>"
        case bool():
            return f"<boolean>{value:d}</boolean>"
        case int():
            return f"<int>{value}</int>" if value in _32_BITS else f"<i8>{value}</i8>"
        case str():
            return f"<string>{xml_text(value)}</string>"
        case Mapping():
            return f"<struct>{''.join(_member(name, inner) for name, inner in value.items())}</struct>"
        case Sequence():
            return f"<array><data>{''.join(map(_value, value))}</data></array>"
        case _:
            raise TypeError(f"{type(value).__name__} has no spelling in XML-RPC here")


def _member(name: str, value: Any) -> str:
    return f"<member><name>{xml_text(name)}</name>{_value(value)}</member>"


def _read(value: Any) -> Argument:
    typed = next(iter(value), None)
    if typed is None:
        # An untyped value is a string.
        return value.text or ""
    spelling, read = _TYPES.get(typed.tag, _NONE_OF_THEM)
    text = typed.text or ""
    return read(text) if spelling.fullmatch(text) else Compound(typed.tag)


def _unreadable(why: str) -> Invalid:
    return Invalid(f"The call cannot be read: {why}.", code=CALL_UNREADABLE)
