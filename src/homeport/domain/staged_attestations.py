"""The attestations that come with a staged file (PEP 740): kept as they are, when they have the form of attestations."""

import json
from typing import Any

from homeport.domain.errors import Invalid

MOST_ATTESTATIONS = 50
_OBJECTS = ("verification_material", "envelope")


def attestations_text(values: Any) -> str:
    """The JSON array as it is kept, or ``Invalid`` when it is none of attestations of version 1."""
    is_array = isinstance(values, list) and 0 < len(values) <= MOST_ATTESTATIONS
    if not is_array or not all(map(_is_attestation, values)):
        raise Invalid(
            f"A JSON array of 1 to {MOST_ATTESTATIONS} attestation objects is wanted, each with version 1, "
            "verification_material and envelope (PEP 740).",
            code="attestations-invalid",
        )
    return json.dumps(values, separators=(",", ":"))


def _is_attestation(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("version") != 1:
        return False
    return all(isinstance(value.get(name), dict) for name in _OBJECTS)
