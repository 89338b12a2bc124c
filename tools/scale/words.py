"""What to search an index for, so that a search finds as much on a large index as on a small one."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tools.scale.homes import Home
from tools.scale.names import COMMON
from tools.scale.shapes import SHAPES

from homeport.adapters.db.driver import connect_raw

# More than a page of hits, so that a page is full on every index.
_MANY_HITS = 50
_FEW_HITS = 2
_SHORTEST_RARE = 6
_WORDS = 2


@dataclass(frozen=True)
class Words:
    """Words with many hits and with few, and texts without any though each part of them is in many names."""

    common: tuple[str, ...]
    rare: tuple[str, ...]
    absent: tuple[str, ...]


def words_of(home: Home) -> Words:
    """Words for an index, looked up in it."""
    with closing(connect_raw(home.database)) as connection:
        common = [word for word in COMMON[: 2 * _WORDS] if hits(connection, word) > _MANY_HITS][:_WORDS]
        rare = (word for word in _long_words(home) if hits(connection, word) == _FEW_HITS)
        glued = (f"{one}-{other}-{one}-{other}" for one in COMMON for other in COMMON if one != other)
        absent = (text for text in glued if not hits(connection, text))
        return Words(tuple(common), tuple(islice(rare, _WORDS)), tuple(islice(absent, _WORDS)))


def hits(connection: Any, text: str) -> int:
    """How many names hold ``text``."""
    wanted = "SELECT count(*) FROM project_names WHERE project_names MATCH ?"
    (count,) = connection.execute(wanted, (f'"{text}"',)).fetchone()
    return int(count)


def _long_words(home: Home) -> Iterator[str]:
    """Long words of the newest names, each once."""
    newest = home.names[-SHAPES:]
    seen = dict.fromkeys(word for name in newest for word in name.normalized.split("-"))
    return (word for word in seen if len(word) >= _SHORTEST_RARE)
