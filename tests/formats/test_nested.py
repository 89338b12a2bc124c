"""Archives inside members: bombs packed twice are seen, honest test data is not."""

import hashlib

import pytest
from tests.support.archives import ZipPart, make_gzip, make_wheel, make_zip
from tests.support.looks import WHEEL, codes, look

from homeport.domain.inspection import Expectation, Verdict

UPLOAD = Expectation(WHEEL.filename, "demo", "1.0")
NOISE = hashlib.shake_128(b"noise").digest(300_000)


@pytest.mark.parametrize(
    "nested",
    [
        {f"demo/{n}.zip": make_zip([ZipPart("z", bytes(1 << 20))]) for n in range(16)},
        {"demo/a.gz": make_gzip(bytes(16 << 20))},
        {"demo/a.gz": make_gzip(make_gzip(bytes(16 << 20)))},
        {"demo/a.zip": make_zip([ZipPart("b.zip", make_zip([ZipPart("z", bytes(9 << 20))]), method=0)])},
        {
            "demo/s.zip": make_zip(
                [
                    ZipPart(
                        "a", b"", flags=8, local={"packed_size": 0}, descriptor=b"PK\x07\x08" + bytes(12)
                    ),
                    ZipPart("z", bytes(9 << 20)),
                ]
            )
        },
    ],
    ids=["many zips", "gzip", "gzip in gzip", "zip in zip", "behind a descriptor"],
)
def test_bombs_packed_twice_are_held(nested: dict[str, bytes]) -> None:
    """Archives in a wheel that unpack to far more than they hold are for a person to see."""
    inspection = look(make_wheel(files=nested), UPLOAD)
    assert (codes(inspection), inspection.verdict) == ({"nested-bomb"}, Verdict.HOLD)


@pytest.mark.parametrize(
    "nested",
    [
        make_wheel(files={"a/b.txt": b"hello " * 99}),
        make_gzip(b"honest text " * 50),
        make_zip([ZipPart("z", b"text")])[:50],
        b"PK\x03\x04 not really a zip, it only begins like one",
        make_zip([ZipPart("z", b"text", packed=b"\xff" * 20)]),
        make_zip([ZipPart("z", NOISE, method=0), ZipPart("y", NOISE)]),
        make_gzip(NOISE),
        make_zip([ZipPart("z", b"", gap=b"nothing that a reader of ZIP files would know")]),
        b"PK",
    ],
)
def test_honest_and_broken_archives_inside_are_no_problem(nested: bytes) -> None:
    """Test data and embedded wheels are usual; what is no archive is no bomb."""
    assert look(make_wheel(files={"demo/data.bin": nested}), UPLOAD).findings == ()


def test_nested_archives_are_followed_to_a_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit nothing more is unpacked, and what was seen suffices for the verdict."""
    monkeypatch.setattr("homeport.formats.archive.nested.MAX_FOLLOWED_BYTES", 10 << 20)
    monkeypatch.setattr("homeport.formats.archive.nested.MAX_LEVELS", 0)
    inner = make_zip([ZipPart("z", bytes(40 << 20)), ZipPart("y", bytes(40 << 20))])
    stored = make_zip([ZipPart("x", inner, method=0)])
    assert codes(look(make_wheel(files={"demo/a.zip": stored, "demo/b.zip": inner}), WHEEL)) == {
        "nested-bomb"
    }
