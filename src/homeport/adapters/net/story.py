"""What has happened in a fetch so far, kept so that a failed one can tell it too."""

import hashlib
from dataclasses import replace

from homeport.adapters.net.connect import Connection
from homeport.adapters.net.ending import Ended
from homeport.adapters.net.response import Head
from homeport.adapters.net.rest import Rest
from homeport.domain.address import is_loopback_address
from homeport.domain.urls import Url
from homeport.ports.fetch import Fetched, Hop, Method, Outcome

_NO_HEAD = Head(0, ())


class Story:
    """The hops, the head of the answer that counts, and the body as far as it came."""

    def __init__(self, url: str, method: Method) -> None:
        self._url = url
        self._method = method
        self._hops: list[Hop] = []
        self._head = _NO_HEAD
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    @property
    def announced_bytes(self) -> int | None:
        """The length of the body, when the answer announced one."""
        return self._head.announced_bytes

    def turned_to(self, url: Url) -> None:
        """The chain goes on to ``url``."""
        self._url = str(url.without_fragment())
        self._head = _NO_HEAD

    def set_out_for(self, address: str) -> None:
        """A connection to ``address`` is tried."""
        self._hops.append(Hop(self._url, address, 0))

    def arrived(self, connection: Connection) -> None:
        """The connection stands."""
        self._hops[-1] = replace(self._hops[-1], address=connection.address, tls=connection.tls)

    def heard(self, head: Head) -> None:
        """Somebody answered."""
        self._hops[-1] = replace(self._hops[-1], status=head.status)

    def was_told(self, head: Head) -> None:
        """The answer is one to tell, and not only the rest of an earlier one."""
        self._head = head

    def took(self, piece: bytes) -> None:
        """A piece of the body came."""
        self._digest.update(piece)
        self.size_bytes += len(piece)

    def rest(self, total_bytes: int | None) -> Rest | None:
        """What is missing of the body, when it may be asked for."""
        return Rest.of(self._head, self.size_bytes, self._digest.digest(), total_bytes)

    def fetched(self, outcome: Outcome, ended: Ended | None = None) -> Fetched:
        """Everything, for the one who asked."""
        hops, head = tuple(self._hops), self._head
        is_body = self._method is Method.GET and (bool(self.size_bytes) or outcome is Outcome.OK)
        retry_after = ended.retry_after_seconds if ended else None
        return Fetched(
            outcome=outcome,
            url=self._url,
            hops=hops,
            code=ended.code if ended else "",
            reason=ended.reason if ended else "",
            status=head.status,
            content_type=head.header("content-type"),
            size_bytes=self.size_bytes,
            sha256=self._digest.hexdigest() if is_body else "",
            # An answer over https was verified: there is no way around the certificate.
            is_tls=bool(head.status) and all(hop.url.startswith("https://") for hop in hops),
            is_loopback=bool(hops) and all(is_loopback_address(hop.address) for hop in hops),
            tls=hops[-1].tls if hops else None,
            retry_after_seconds=head.retry_after_seconds if retry_after is None else retry_after,
            headers=head.headers,
        )
