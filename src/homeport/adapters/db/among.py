"""Rows of many at once, however many: the list is one value, and not a variable of the statement for each in it."""

import json
from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select


def among(
    column: ColumnElement[int] | ColumnElement[str], wanted: Collection[int | str]
) -> ColumnElement[bool]:
    """True of the rows whose ``column`` is one of those that are ``wanted``."""
    listed = func.json_each(json.dumps(list(wanted))).table_valued("value")
    return column.in_(select(listed.c.value))
