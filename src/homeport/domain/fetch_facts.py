"""How the bytes of an item were fetched: when, from where in the end, and what the answer said of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeport.domain.evidence import Way


@dataclass(frozen=True, slots=True)
class FetchFacts:
    """The last answer of a chain. Times are ISO 8601 in UTC; ``url`` is where the chain ended.

    ``is_tls`` and ``is_loopback`` speak of every hop; the ``tls_`` facts of the last one, empty when it was plain HTTP.
    """

    url: str
    asked_at: str
    here_at: str
    status: int
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    is_tls: bool = False
    is_loopback: bool = False
    tls_protocol: str = ""
    tls_leaf_sha256: str = ""
    tls_issuer: str = ""

    @property
    def way(self) -> Way:
        """How the bytes came."""
        return Way(self.is_tls, self.is_loopback)

    def to_json(self) -> dict[str, Any]:
        """The facts, for storing and for people's scripts."""
        tls = {"protocol": self.tls_protocol, "leaf_sha256": self.tls_leaf_sha256, "issuer": self.tls_issuer}
        return {
            "url": self.url,
            "asked_at": self.asked_at,
            "here_at": self.here_at,
            "status": self.status,
            "content_type": self.content_type,
            "etag": self.etag,
            "last_modified": self.last_modified,
            "all_tls": self.is_tls,
            "loopback": self.is_loopback,
            "tls": tls if self.tls_protocol else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "FetchFacts":
        """What :meth:`to_json` made."""
        tls = stored["tls"] or {"protocol": "", "leaf_sha256": "", "issuer": ""}
        return cls(
            url=stored["url"],
            asked_at=stored["asked_at"],
            here_at=stored["here_at"],
            status=stored["status"],
            content_type=stored["content_type"],
            etag=stored["etag"],
            last_modified=stored["last_modified"],
            is_tls=stored["all_tls"],
            is_loopback=stored["loopback"],
            tls_protocol=tls["protocol"],
            tls_leaf_sha256=tls["leaf_sha256"],
            tls_issuer=tls["issuer"],
        )
