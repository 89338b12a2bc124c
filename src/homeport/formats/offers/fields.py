"""Fields of foreign JSON and XML: read when they are what they should be, and else not there.

1. Nothing here raises, whatever it is given. What is too long, too large or of another type is absent.
2. A URL is resolved against the page's own, and kept when it has a scheme and an authority and is no longer than a URL
   may be; whether it can be fetched is decided later, with a reason.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from homeport.domain.digests import HEX_DIGITS
from homeport.domain.legacy_filename import MAX_FILENAME
from homeport.domain.offer import Facts
from homeport.domain.urls import MAX_URL
from homeport.formats.absolute_url import absolute_url

MAX_OFFERS = 20_000
MAX_TEXT = 512
_LARGEST_FILE = 2**53 - 1
_HEX = re.compile(r"[0-9a-f]+")

Json = Mapping[str, Any]


def parse_json(page: bytes) -> object:
    """The JSON value in ``page``; ``None`` when it is none."""
    try:
        return json.loads(page)
    except (ValueError, RecursionError):
        return None


def objects(value: object) -> Sequence[Json]:
    """The objects in a list; whatever else stands there is not one."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else ()


def inner(value: Json, name: str) -> Json:
    """The object below ``name``, or an empty one."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def text(value: object, most: int = MAX_TEXT) -> str:
    """A printable text, or ``""``."""
    return value if isinstance(value, str) and len(value) <= most and value.isprintable() else ""


def filename(value: object) -> str:
    """A file name, or ``""``."""
    return text(value, MAX_FILENAME)


def count(value: object) -> int | None:
    """A number of bytes."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= int(value) <= _LARGEST_FILE else None  # type: ignore[call-overload]


def moment(value: object) -> datetime | None:
    """A point in time, written as RFC 3339 or as HTTP writes it, in UTC."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = parse(value)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def digests(value: object) -> tuple[tuple[str, str], ...]:
    """Hashes by algorithm, those that we know, in lower case, of the length they should have."""
    pairs = value.items() if isinstance(value, dict) else ()
    lowered = ((text(name).lower(), text(digest).lower()) for name, digest in pairs)
    return tuple(
        (name, digest)
        for name, digest in lowered
        if len(digest) == HEX_DIGITS.get(name, 0) and _HEX.fullmatch(digest)
    )


def address(base: str, value: object) -> str:
    """An absolute URL, or ``""``."""
    raw = text(value, MAX_URL)
    return absolute_url(base, raw) if raw else ""


def with_query(url: str, **changes: str) -> str:
    """``url`` with these parameters in its query, instead of those of the same names; ``""`` when it is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in changes
    ]
    return urlunsplit((*parts[:3], urlencode([*kept, *changes.items()]), ""))


def query_of(url: str) -> Mapping[str, str]:
    """The parameters in the query of ``url``, the last of each name."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def forge_facts(release: Json, asset: Json, *, is_prerelease: bool) -> Facts:
    """What a forge says of a file that hangs on a release."""
    return Facts(
        size_bytes=count(asset.get("size")),
        uploaded_at=moment(asset.get("created_at")) or moment(release.get("released_at")),
        tag=text(release.get("tag_name")),
        is_prerelease=is_prerelease,
    )


def page_after(asked_url: str, releases: int, per_page: str) -> str:
    """The address of the page behind the one at ``asked_url``, when that was full; servers that send no Link header need it."""
    try:
        query = query_of(asked_url)
        most, page = int(query.get(per_page, "0")), int(query.get("page", "1"))
        return with_query(asked_url, page=str(page + 1)) if 0 < most <= releases else ""
    except ValueError:
        return ""
