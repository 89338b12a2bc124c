"""What is said between the index and the child: one JSON line and bytes there, one JSON object back.

1. The child is not believed: its answer is bounded and read strictly; anything else is ``GarbledAnswerError``.
2. Limits travel with the request, so that one nursery serves every kind of work.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from homeport.adapters.inspect.offers_wire import offers_from
from homeport.domain.inspection import Expectation, Finding, Inspection, Severity
from homeport.domain.metadata import Description
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.offer import Offers, PageKind
from homeport.domain.signature import KeyFacts, Outcome, Signer, Verified
from homeport.formats.core_metadata import from_json, to_json

# What the largest page of an index offers.
MAX_ANSWER_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use; the kernel ends it when it uses more."""

    cpu_seconds: int
    memory_bytes: int
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class InspectRequest:
    """Judge the file whose descriptor comes with the request."""

    expectation: Expectation
    limits: Limits


@dataclass(frozen=True, slots=True)
class ContentsRequest:
    """List what the file holds whose descriptor comes with the request."""

    filename: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class OffersRequest:
    """Read what the page that follows the request offers."""

    page_kind: PageKind
    asked_url: str
    final_url: str
    content_type: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Render the long description that follows the request, in UTF-8."""

    content_type: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """Verify the signature that follows the request, over the file whose descriptor comes with it."""

    kind: NeighbourKind
    filename: str
    sha256: str
    keys: tuple[str, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """Read the OpenPGP certificate that follows the request."""

    limits: Limits


Request = InspectRequest | ContentsRequest | OffersRequest | RenderRequest | VerifyRequest | KeyRequest
_KINDS: Mapping[str, type[Request]] = {
    "inspect": InspectRequest,
    "contents": ContentsRequest,
    "offers": OffersRequest,
    "render": RenderRequest,
    "verify": VerifyRequest,
    "key": KeyRequest,
}


class GarbledAnswerError(Exception):
    """The child's answer is not one that a well child gives."""


def encode_request(request: Request) -> bytes:
    """The request as one line."""
    kind = next(kind for kind, of_that in _KINDS.items() if isinstance(request, of_that))
    return json.dumps({"kind": kind, "request": asdict(request)}).encode() + b"\n"


def decode_request(line: bytes) -> Request:
    """What :func:`encode_request` wrote; it comes from ourselves and is trusted."""
    message = json.loads(line)
    fields = message["request"]
    fields["limits"] = Limits(**fields["limits"])
    if "keys" in fields:
        fields |= {"kind": NeighbourKind(fields["kind"]), "keys": tuple(fields["keys"])}
    if "page_kind" in fields:
        fields["page_kind"] = PageKind(fields["page_kind"])
    if "expectation" in fields:
        fields["expectation"] = Expectation(**fields["expectation"])
    return _KINDS[message["kind"]](**fields)


def encode_inspection(inspection: Inspection) -> bytes:
    """An inspection as JSON."""
    return json.dumps(
        {
            "findings": [
                [finding.code, finding.severity, finding.message] for finding in inspection.findings
            ],
            "metadata": to_json(inspection.metadata) if inspection.metadata else None,
            "metadata_file": base64.b64encode(inspection.metadata_file).decode()
            if inspection.metadata_file is not None
            else None,
        },
        ensure_ascii=False,
    ).encode("utf-8", "replace")


def decode_inspection(answer: bytes) -> Inspection:
    """What :func:`encode_inspection` wrote, or ``GarbledAnswerError``."""
    try:
        message = _object(answer)
        metadata, metadata_file = message["metadata"], message["metadata_file"]
        return Inspection(
            tuple(
                Finding(str(code), Severity(severity), str(sentence))
                for code, severity, sentence in message["findings"]
            ),
            None if metadata is None else from_json(metadata),
            None if metadata_file is None else base64.b64decode(metadata_file, validate=True),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise GarbledAnswerError from error


def decode_offers(answer: bytes) -> Offers:
    """What ``encode_offers`` wrote, or ``GarbledAnswerError``."""
    try:
        return offers_from(_object(answer))
    except (ValueError, TypeError, RecursionError) as error:
        raise GarbledAnswerError from error


def encode_description(description: Description) -> bytes:
    """A rendered description as JSON."""
    return json.dumps(asdict(description), ensure_ascii=False).encode("utf-8", "replace")


def decode_description(answer: bytes) -> Description:
    """What :func:`encode_description` wrote, or ``GarbledAnswerError``."""
    try:
        message = _object(answer)
        return Description(str(message["html"]), str(message["problem"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GarbledAnswerError from error


def encode_verified(verified: Sequence[Verified]) -> bytes:
    """What came of signatures, as JSON."""
    return json.dumps({"verified": [asdict(one) for one in verified]}).encode()


def decode_verified(answer: bytes) -> tuple[Verified, ...]:
    """What :func:`encode_verified` wrote, or ``GarbledAnswerError``."""
    try:
        return tuple(
            Verified(
                Outcome(one["outcome"]),
                str(one["sentence"]),
                Signer(**{name: str(text) for name, text in one["signer"].items()})
                if one["signer"]
                else None,
            )
            for one in _object(answer)["verified"]
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise GarbledAnswerError from error


def encode_key(facts: KeyFacts) -> bytes:
    """What a certificate says, as JSON."""
    return json.dumps(asdict(facts)).encode()


def decode_key(answer: bytes) -> KeyFacts:
    """What :func:`encode_key` wrote, or ``GarbledAnswerError``."""
    try:
        told = _object(answer)
        return KeyFacts(
            str(told["fingerprint"]),
            str(told["armoured"]),
            tuple(map(str, told["user_ids"])),
            str(told["problem"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GarbledAnswerError from error


def _object(answer: bytes) -> Mapping[str, Any]:
    message = json.loads(answer)
    if not isinstance(message, dict):
        raise TypeError("an object is wanted")
    return message
