"""What registries say of domains in JSON: whom to ask (RFC 9224), and when a domain was registered (RFC 9083)."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

MAX_BYTES: Final = 1024 * 1024
# "Registered subsequently to an earlier registration" counts as well: it may be somebody else's by then.
_REGISTERED: Final = ("registration", "reregistration")


def read_services(document: bytes) -> Mapping[str, str]:
    """The base URL of the server for each suffix that the bootstrap file lists; nothing where it is something else."""
    found: dict[str, str] = {}
    for entry in _list(_object(document).get("services")):
        suffixes, urls = ([*_list(entry), None, None])[:2]
        # RFC 9224, section 3: https is preferred; over plain HTTP anybody could name any date.
        secure = [url for url in _texts(urls) if url.startswith("https://")]
        found |= {suffix.lower(): secure[0] for suffix in _texts(suffixes) if secure}
    return found


def server_for(domain: str, services: Mapping[str, str]) -> str | None:
    """The URL that tells of ``domain``, by the longest suffix there is a server for."""
    labels = domain.split(".")
    suffixes = (".".join(labels[start:]) for start in range(len(labels)))
    base = next((services[suffix] for suffix in suffixes if suffix in services), None)
    return f"{base.rstrip('/')}/domain/{domain}" if base else None


def read_registered_at(document: bytes) -> datetime | None:
    """When the domain was registered last; ``None`` where the document does not say."""
    moments = (
        _moment(event.get("eventDate"))
        for event in _list(_object(document).get("events"))
        if isinstance(event, dict) and event.get("eventAction") in _REGISTERED
    )
    return max((moment for moment in moments if moment is not None), default=None)


def _object(document: bytes) -> dict[str, Any]:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> Iterator[str]:
    return (text for text in _list(value) if isinstance(text, str))


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
