"""Numbers of rows, as addresses hold them."""

import re

from homeport.domain.errors import NotFound

# No row has a key of more digits.
_ROW_ID = re.compile(r"[0-9]{1,18}")


def row_id(text: str, what: str) -> int:
    """The number that ``text`` is, or ``NotFound`` since no ``what`` is called that."""
    if not _ROW_ID.fullmatch(text):
        raise NotFound(f"There is no such {what} here.", code=f"{what}-unknown")
    return int(text)
