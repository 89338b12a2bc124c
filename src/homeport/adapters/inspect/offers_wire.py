"""What a page offers, as it is said between the index and the child; a child's answer is read strictly."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from homeport.domain.offer import Facts, Offer, Offers

_KEYS = {"offers", "follow", "next_page", "neighbours", "problem"}
_OFFER_FIELDS = 11


def encode_offers(offers: Offers) -> bytes:
    """What a page offers, as JSON."""
    message = {
        "offers": [_row(offer) for offer in offers.offers],
        "follow": offers.follow,
        "next_page": offers.next_page,
        "neighbours": offers.neighbours,
        "problem": offers.problem,
    }
    return json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")


def offers_from(message: Mapping[str, Any]) -> Offers:
    """What :func:`encode_offers` told; ``ValueError`` or ``TypeError`` for anything else."""
    if message.keys() != _KEYS:
        raise ValueError("other keys than those of a page's offers")
    return Offers(
        tuple(_offer(row) for row in _list(message["offers"])),
        _texts(message["follow"]),
        _text(message["next_page"]),
        _texts(message["neighbours"]),
        _text(message["problem"]),
    )


def _row(offer: Offer) -> list[object]:
    facts = offer.facts
    return [
        offer.url,
        offer.claimed,
        offer.filename,
        offer.token_url,
        facts.size_bytes,
        facts.uploaded_at.isoformat() if facts.uploaded_at else None,
        facts.requires_python,
        facts.yanked,
        facts.tag,
        facts.is_prerelease,
        facts.seen_by,
    ]


def _offer(row: object) -> Offer:
    fields = _list(row)
    if len(fields) != _OFFER_FIELDS:
        raise ValueError("an offer has other fields")
    url, claimed, filename, token_url, size, at, requires_python, yanked, tag, is_prerelease, seen_by = fields
    if not (size is None or (type(size) is int and size >= 0)) or type(is_prerelease) is not bool:
        raise TypeError("a size is a number, and a flag is one")
    return Offer(
        _text(url),
        tuple(_pair(claim) for claim in _list(claimed)),
        _text(filename),
        Facts(
            size,
            None if at is None else _moment(at),
            _text(requires_python),
            None if yanked is None else _text(yanked),
            _text(tag),
            is_prerelease,
            _texts(seen_by),
        ),
        _text(token_url),
    )


def _moment(value: object) -> datetime:
    at = datetime.fromisoformat(_text(value))
    if at.tzinfo is None:
        raise ValueError("a point in time has its zone")
    return at


def _pair(value: object) -> tuple[str, str]:
    algorithm, digest = _texts(value)
    return algorithm, digest


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(one) for one in _list(value))


def _list(value: object) -> Sequence[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is wanted")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is wanted")
    return value
