"""Which bytes of a file a ``Range`` header asks for (RFC 9110 §14); one range, or the whole file is sent."""

import re

# A number longer than this is no offset of any file; the bound keeps int() cheap.
_RANGE = re.compile(rb"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


def asked_span(asked: bytes, size: int) -> range | None:
    """The bytes asked for; empty when the file has none of them, ``None`` when the whole file is to be sent."""
    parsed = _RANGE.fullmatch(asked)
    if parsed is None:
        return None
    first, last = parsed.groups()
    if not first:
        return range(max(0, size - int(last)), size) if last else None
    if not last:
        return range(int(first), size)
    return range(int(first), min(int(last) + 1, size)) if int(first) <= int(last) else None
