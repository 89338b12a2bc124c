"""How much may be stored: sizes as people write them, quotas, and the part of a disk that stays free."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from homeport.domain.errors import Conflict, Invalid, TooLarge
from homeport.domain.quota import (
    GIB,
    Quotas,
    Reserve,
    Usage,
    file_room,
    index_room,
    parse_quota,
    parse_size,
    project_room,
    tightest,
    told_size,
    user_room,
)


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("0", 0),
        ("1024", 1024),
        ("7B", 7),
        ("500MB", 500_000_000),
        (" 10GiB ", 10 * GIB),
        ("1.5 GB", 1_500_000_000),
        ("0.25KiB", 256),
        ("10gb", 10_000_000_000),
        ("1kb", 1000),
        ("1KB", 1000),
        ("1 kib", 1024),
        ("3b", 3),
        ("2TiB", 2 * 1024**4),
    ],
)
def test_sizes_are_read(text: str, size_bytes: int) -> None:
    """Decimal and binary units, with a fraction or without."""
    assert parse_size(text) == size_bytes


@pytest.mark.parametrize(
    "text",
    ["", "GB", "-1", "1 000", "1e9", "10G", "10 zib", "1\u212ab", "1.2345GB", "\u0661GB", "9999999TiB", "iB"],
)
def test_what_is_no_size(text: str) -> None:
    """Everything else is refused, and what would not fit into a row."""
    with pytest.raises(Invalid) as refused:
        parse_size(text)
    assert refused.value.code == "size-invalid"


def test_a_quota_may_be_the_default() -> None:
    """``default`` takes a quota back."""
    assert parse_quota("default") is None
    assert parse_quota("1KiB") == 1024


@pytest.mark.parametrize(
    ("size_bytes", "told"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (10 * GIB, "10 GiB"),
        (5000 * 1024**4, "5000 TiB"),
    ],
)
def test_sizes_are_told(size_bytes: int, told: str) -> None:
    """Short, in binary units."""
    assert told_size(size_bytes) == told


QUOTAS = Quotas(project_bytes=100, user_bytes=50, index_bytes=1000)


def test_rooms_are_what_is_left() -> None:
    """Each bound leaves what is not used; each refusal has its code, and says what is there and what may be."""
    rooms = [
        project_room("demo", Usage(40), QUOTAS),
        user_room("ada", Usage(20), QUOTAS),
        index_room(990, QUOTAS),
        file_room(7),
    ]
    assert [room and (room.left_bytes, room.refusal.code) for room in rooms] == [
        (60, "project-quota"),
        (30, "user-quota"),
        (10, "index-quota"),
        (7, "file-too-large"),
    ]
    room = tightest([*rooms, None])
    room.require(7)
    with pytest.raises(TooLarge, match="limit of 7 bytes"):
        room.require(8)
    assert isinstance(rooms[0], type(room))
    with pytest.raises(Conflict, match="The project demo has 40 bytes of a quota of 100 bytes"):
        rooms[0].require(61)


def test_a_quota_of_its_own_holds() -> None:
    """An administrator's word counts more than the default, in both directions, and also where there is none."""
    for own, left in ((500, 460), (50, 10), (0, 0)):
        room = project_room("demo", Usage(40, own), QUOTAS)
        assert room is not None
        assert room.left_bytes == left
    unbounded = Quotas(None, None, None)
    assert project_room("demo", Usage(40), unbounded) is None
    assert index_room(40, unbounded) is None
    given_one = user_room("ada", Usage(40, 41), unbounded)
    assert given_one is not None
    assert given_one.left_bytes == 1


@given(used=integers(0, 2**62), quota=integers(0, 2**62))
def test_i17_room_is_never_negative(used: int, quota: int) -> None:
    """I-17: also when a quota was made smaller than what is there."""
    room = project_room("", Usage(used, quota), QUOTAS)
    assert room is not None
    assert room.left_bytes == max(0, quota - used)
    assert room.refusal.sentence.startswith("The project has ")


@pytest.mark.parametrize(
    ("text", "free", "disk", "left"),
    [
        ("5%", 100, 1000, 50),
        ("5%", 40, 1000, 0),
        ("0%", 40, 1000, 40),
        ("30B", 100, 1000, 70),
        ("0", 100, 1000, 100),
    ],
)
def test_the_reserve_of_a_disk(text: str, free: int, disk: int, left: int) -> None:
    """A part of the disk, or so many bytes, stay free."""
    assert Reserve.parse(text).left(free, disk) == left


def test_what_is_no_reserve() -> None:
    """A hundred percent and more, and what is no size, are refused."""
    for text in ("100%", "5 %", "-1%", "much"):
        with pytest.raises(Invalid):
            Reserve.parse(text)
