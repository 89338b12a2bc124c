"""List headers with weights, as ``Accept`` and ``Accept-Encoding`` are written (RFC 9110 §12.4.2)."""

import re
from collections.abc import Iterator

# No client comes near; without a bound one header could cost more than the page, and fill the memory of a cache.
MAX_HEADER_BYTES = 2048

_WEIGHT = re.compile(r"0(?:\.([0-9]{0,3}))?|1(?:\.0{0,3})?")
_WHOLE = 1000


def weighted(header: bytes) -> Iterator[tuple[str, int]]:
    """Each item in lower case with its weight in thousandths; one whose weight does not parse is skipped.

    Other parameters are left aside.
    """
    for item in header.decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weight = _weight_of(parameters)
        if name and weight is not None:
            yield name, weight


def _weight_of(parameters: list[str]) -> int | None:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key == "q":
            parsed = _WEIGHT.fullmatch(value)
            if parsed is None:
                return None
            return int((parsed[1] or "0").ljust(3, "0")) if value.startswith("0") else _WHOLE
    return _WHOLE
