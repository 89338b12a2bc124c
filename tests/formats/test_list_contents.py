"""What an archive holds is listed without being judged, also where it cannot be read to its end."""

from io import BytesIO

from tests.support.archives import make_wheel

from homeport.formats.inspect_file import list_contents

WHEEL = "lark-1.0-py3-none-any.whl"


def test_members_and_metadata() -> None:
    """Every member with its size and digest, and the metadata."""
    found = list_contents(BytesIO(make_wheel("lark", "1.0")), WHEEL)
    assert "lark-1.0.dist-info/METADATA" in {member.path for member in found.members}
    assert found.metadata is not None
    assert found.problem == ""


def test_what_is_no_archive() -> None:
    """Nothing is listed, and it says why."""
    found = list_contents(BytesIO(b"no archive"), WHEEL)
    assert (found.members, found.metadata) == ((), None)
    assert found.problem
