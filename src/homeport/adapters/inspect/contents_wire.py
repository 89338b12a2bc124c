"""A list of what a release file holds, between the index and the child; the child is not believed here either."""

import json
from typing import Any

from homeport.adapters.inspect.wire import GarbledAnswerError
from homeport.domain.contents import MAX_LISTED, Contents, Member
from homeport.formats.core_metadata import from_json, to_json


def encode_contents(contents: Contents) -> bytes:
    """The list as JSON."""
    told: dict[str, Any] = {
        "members": [[member.path, member.size_bytes, member.holds] for member in contents.members],
        "metadata": to_json(contents.metadata) if contents.metadata else None,
        "left_out": contents.left_out,
        "problem": contents.problem,
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def decode_contents(answer: bytes) -> Contents:
    """What :func:`encode_contents` wrote, or ``GarbledAnswerError``."""
    try:
        told = json.loads(answer)
        members = tuple(
            Member(str(path), int(size), str(holds)) for path, size, holds in told["members"][:MAX_LISTED]
        )
        metadata = None if told["metadata"] is None else from_json(told["metadata"])
        return Contents(members, metadata, int(told["left_out"]), str(told["problem"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise GarbledAnswerError from error
