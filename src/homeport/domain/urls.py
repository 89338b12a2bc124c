"""URLs of the outside: one strict grammar, one value, nothing else is asked for.

Parsers disagree about odd URLs, and the disagreement is the attack (T-06). So there is one parser, and what
it does not understand fully is refused:

1. The scheme is ``http`` or ``https``; there is no user, no password, no backslash, no blank, no control
   character and nothing invisible.
2. A host is ASCII letters, digits, ``-`` and ``_`` in labels. Other scripts are mapped to that form first, by
   IDNA 2008 with the UTS #46 mapping; what looks like a number afterwards is refused.
3. A host that ends in a number is an IPv4 address in its one canonical form, or refused: no ``127.1``,
   ``0x7f.1``, ``2130706433`` or leading zeros. An IPv6 address stands in brackets, without a zone.
   ``domain/address.py`` decides whether an address may be asked at all.
4. A path is changed no more than browsers change it: dot segments are resolved, characters that may not be
   sent are percent-encoded. ``Url.parse(str(url)) == url`` for every URL.
"""

import ipaddress
import re
from dataclasses import dataclass, replace
from urllib.parse import quote

import idna

from homeport.domain.errors import Invalid

MAX_URL = 2048
_LONGEST_SHOWN = 100
_MAX_HOST = 253
_MAX_PORT = 65535
_DEFAULT_PORTS = {"http": 80, "https": 443}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_URL = re.compile(r"//(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:#(?P<fragment>.*))?")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_IPV6 = re.compile(r"[0-9a-f:.]+")
_CAPITAL_SIGMA = "\u03a3"
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# The percent-encode sets of the WHATWG URL standard, beside everything that is not ASCII.
_ENCODED_IN_PATH = re.compile(r'[^!-~]|["<>^`{}]')
_ENCODED_IN_QUERY = re.compile(r"""[^!-~]|["'<>]""")
_ENCODED_IN_FRAGMENT = re.compile(r'[^!-~]|["<>`]')


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute URL in canonical form; ``host`` is ASCII, lower case, and bare (no brackets, no final dot).

    ``target`` is path and query as they are sent, ``fragment`` is never sent and empty when absent.
    """

    scheme: str
    host: str
    port: int
    target: str
    fragment: str = ""

    @classmethod
    def parse(cls, text: str) -> "Url":
        """The URL, or ``Invalid`` with a code that begins with ``url-`` and the reason."""
        _require_plain_characters(text)
        scheme = _scheme(text)
        parts = _URL.fullmatch(text, len(scheme) + 1)
        if parts is None:
            raise _refused(text, "url-invalid", "after the scheme, '//' and a host are wanted.")
        host, port = _host_and_port(text, scheme, parts["authority"])
        target = _encoded(_ENCODED_IN_PATH, _without_dot_segments(parts["path"]))
        target += _encoded(_ENCODED_IN_QUERY, parts["query"] or "")
        url = cls(scheme, host, port, target, _encoded(_ENCODED_IN_FRAGMENT, parts["fragment"] or ""))
        if len(str(url)) > MAX_URL:
            raise _refused(text, "url-too-long", f"at most {MAX_URL} characters are read.")
        return url

    def join(self, reference: str) -> "Url":
        """The URL that ``reference`` names when it stands in the document at this one (RFC 3986, section 5)."""
        if _SCHEME.match(reference):
            return Url.parse(reference)
        path, question_mark, query = self.target.partition("?")
        if reference.startswith("//"):
            absolute = f"{self.scheme}:{reference}"
        elif reference.startswith("/"):
            absolute = f"{self.origin}{reference}"
        elif reference.startswith("?"):
            absolute = f"{self.origin}{path}{reference}"
        elif reference == "" or reference.startswith("#"):
            absolute = f"{self.origin}{path}{question_mark}{query}{reference}"
        else:
            absolute = f"{self.origin}{path[: path.rindex('/') + 1]}{reference}"
        return Url.parse(absolute)

    @property
    def is_tls(self) -> bool:
        """True for ``https``."""
        return self.scheme == "https"

    @property
    def address(self) -> str | None:
        """The host when it is an IP address instead of a name, in canonical text."""
        return self.host if ":" in self.host or _IPV4.fullmatch(self.host) else None

    @property
    def authority(self) -> str:
        """Host and port as they stand in a URL and in a ``Host`` header; a default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a browser calls the origin."""
        return f"{self.scheme}://{self.authority}"

    def without_fragment(self) -> "Url":
        """The part that is asked of a server; two URLs that differ after ``#`` name one thing."""
        return replace(self, fragment="")

    def __str__(self) -> str:
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self.origin}{self.target}{fragment}"


def origin_of(text: str) -> str:
    """The origin of the URL in ``text``; empty when it is none that can be asked."""
    try:
        return Url.parse(text).origin
    except Invalid:
        return ""


def _require_plain_characters(text: str) -> None:
    if len(text) > MAX_URL:
        raise _refused(text, "url-too-long", f"at most {MAX_URL} characters are read.")
    if not text.isprintable() or " " in text or "\\" in text:
        raise _refused(
            text,
            "url-characters",
            "blanks, backslashes, control characters and invisible characters may not stand in it.",
        )
    if _BROKEN_PERCENT.search(text):
        raise _refused(text, "url-characters", "'%' must be followed by two hexadecimal digits.")


def _scheme(text: str) -> str:
    match = _SCHEME.match(text)
    if match is None:
        raise _refused(text, "url-invalid", "an absolute URL is wanted, beginning with http:// or https://.")
    scheme = match[1].lower()
    if scheme not in _DEFAULT_PORTS:
        raise _refused(text, "url-scheme", f"only http and https are asked, not {_shown(scheme)}.")
    return scheme


def _host_and_port(text: str, scheme: str, authority: str) -> tuple[str, int]:
    if "@" in authority:
        raise _refused(text, "url-userinfo", "a user name or password may not stand before the host.")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise _refused(text, "url-host", f"{_shown(authority)} is not a host with an optional port.")
    return _host(text, parts["host"]), _port(text, scheme, parts["port"])


def _port(text: str, scheme: str, port: str | None) -> int:
    if port is None:
        return _DEFAULT_PORTS[scheme]
    if not _PORT.fullmatch(port) or int(port) > _MAX_PORT:
        raise _refused(text, "url-port", f"the port must be a number from 1 to {_MAX_PORT}.")
    return int(port)


def _host(text: str, host: str) -> str:
    if host.startswith("["):
        return _ipv6(text, host[1:-1].lower())
    name = host.lower() if host.isascii() else _mapped_by_idna(text, host)
    name = name.removesuffix(".")
    labels = name.split(".")
    if len(name) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused(text, "url-host", f"{_shown(host)} is not a host name.")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        # A number in another script becomes an address only by the mapping: nobody writes that in good faith.
        if not _IPV4.fullmatch(name) or not host.isascii():
            raise _refused(
                text, "url-host", f"{_shown(host)} is another spelling of an address, or no host at all."
            )
        return name
    for label in labels:
        if label.startswith("xn--"):
            _require_idna_label(text, label)
    return name


def _ipv6(text: str, literal: str) -> str:
    refusal = _refused(text, "url-host", f"{_shown(f'[{literal}]')} is not an IPv6 address without a zone.")
    if not _IPV6.fullmatch(literal):
        raise refusal
    try:
        return str(ipaddress.IPv6Address(literal))
    except ValueError as error:
        raise refusal from error


def _mapped_by_idna(text: str, host: str) -> str:
    if _CAPITAL_SIGMA in host:
        # Its lower case depends on where it stands, and parsers do not agree on where that is.
        raise _refused(text, "url-host", f"{_shown(host)} has a capital sigma; write it in lower case.")
    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
    except UnicodeError as error:
        raise _refused(
            text, "url-host", f"{_shown(host)} is not an international host name: {error}"
        ) from error


def _require_idna_label(text: str, label: str) -> None:
    try:
        idna.ulabel(label)
    except UnicodeError as error:
        raise _refused(
            text, "url-host", f"{_shown(label)} is not an international host name: {error}"
        ) from error


def _without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _encoded(characters: re.Pattern[str], text: str) -> str:
    return characters.sub(lambda match: quote(match[0], safe=""), text)


def _refused(text: str, code: str, why: str) -> Invalid:
    return Invalid(f"The URL {_shown(text)} is refused: {why}", code=code)


def _shown(text: str) -> str:
    """As much of it as people need to know it again."""
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")
