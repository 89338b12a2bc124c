"""The headers of a request: few, fixed, and the same for everybody but for what ``Ask`` adds.

1. An honest agent, no cookies, no referrer, no encoding asked for; ``CDN-Loop`` says who passed here (RFC 8586).
2. A credential goes to its own origin only, over TLS or without leaving the machine (T-07).
3. Validators go back exactly as a site once sent them; what cannot stand in a header is left out.
4. The rest of a body (``rest.py``) is asked for with its ETag instead.
"""

import re

from homeport.adapters.net.ending import Ended
from homeport.adapters.net.response import Headers
from homeport.adapters.net.rest import Rest
from homeport.domain.address import is_loopback_address
from homeport.domain.urls import Url
from homeport.ports.fetch import Ask, Credential, Outcome

# RFC 9110, 5.5: visible characters and obs-text, with blanks between them only.
_FIELD_VALUE = re.compile(r"[!-~\x80-\xff](?:[\t -~\x80-\xff]{0,8000}[!-~\x80-\xff])?")


def headers_of(url: Url, agent: str, ask: Ask, address: str, rest: Rest | None) -> Headers:
    """The headers of the request for ``url`` over a connection to ``address``."""
    asked = [("Accept", ask.accept)]
    if rest is None:
        asked += [("If-None-Match", ask.etag), ("If-Modified-Since", ask.last_modified)]
    else:
        asked += [("Range", f"bytes={rest.have_bytes}-"), ("If-Range", rest.etag)]
    fixed = (
        ("Host", url.authority),
        ("User-Agent", agent),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
        ("CDN-Loop", "homeport"),
    )
    sent = (*fixed, *((name, value) for name, value in asked if _FIELD_VALUE.fullmatch(value)))
    encoded = tuple((name.encode("ascii"), value.encode("latin-1")) for name, value in sent)
    return encoded + _secret(url, address, ask.credential)


def _secret(url: Url, address: str, credential: Credential | None) -> Headers:
    if credential is None or credential.origin != url.origin:
        return ()
    if not (url.is_tls or is_loopback_address(address)):
        return ()
    if not _FIELD_VALUE.fullmatch(credential.value):
        # Whoever complains about it further down would quote it.
        reason = f"The token for {credential.origin} has characters that cannot be sent; enter it again."
        raise Ended(Outcome.REFUSED, "credential-refused", reason)
    return ((credential.header.encode("ascii"), credential.value.encode("latin-1")),)
