"""Filters applied: one by one, then the newest; what is left out is told by whom."""

import pytest

from homeport.domain.names import FileKind, ParsedFilename, ReleaseVersion, parse_filename
from homeport.domain.offer import Facts
from homeport.domain.source import NO_FILTERS, Filters
from homeport.domain.wanted import sift

OLD = ParsedFilename("demo-2004d.zip", FileKind.SDIST, "demo", ReleaseVersion.parse_legacy("2004d"))
NAMES = (
    "demo-1.0.tar.gz",
    "demo-1.0-py3-none-any.whl",
    "demo-1.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "demo-2.0rc1-cp311-cp311-win_amd64.whl",
    "demo-2.0.tar.gz",
)
FILES = [*((parse_filename(name), Facts(tag=f"v{name[5:8]}")) for name in NAMES), (OLD, Facts())]


@pytest.mark.parametrize(
    ("filters", "kept", "left_out"),
    [
        (NO_FILTERS, (0, 1, 2, 3, 4, 5), {}),
        (Filters(versions=">=1.1"), (2, 3, 4), {"versions": 3}),
        (Filters(versions="==1.0"), (0, 1), {"versions": 4}),
        (Filters(platforms=("*MANYLINUX2014*",)), (2,), {"platforms": 5}),
        (Filters(platforms=("any", "sdist")), (0, 1, 4, 5), {"platforms": 2}),
        (Filters(files=("*.whl",)), (1, 2, 3), {"files": 3}),
        (Filters(tags=("v2*",)), (3, 4), {"tags": 4}),
        (Filters(newest=1), (4,), {"newest": 5}),
        (Filters(newest=9), (0, 1, 2, 3, 4, 5), {}),
        (Filters(newest=2, files=("*.whl",)), (2, 3), {"files": 3, "newest": 1}),
        (Filters(versions=">=1.1", platforms=("win*",)), (3,), {"versions": 3, "platforms": 2}),
    ],
)
def test_filters(filters: Filters, kept: tuple[int, ...], left_out: dict[str, int]) -> None:
    """Every filter that is given must let a file through, and the newest are counted among what is left."""
    sifted = sift(filters, FILES)
    assert (sifted.kept, sifted.left_out) == (kept, left_out)


def test_prereleases_of_forges() -> None:
    """What the forge calls a pre-release is left out unless it is asked for."""
    files = [(FILES[0][0], Facts(is_prerelease=True)), FILES[1]]
    assert sift(NO_FILTERS, files).kept == (1,)
    assert sift(Filters(prereleases=True), files).kept == (0, 1)


def test_sentences() -> None:
    """What was left out is told in one sentence; nothing is told of nothing."""
    assert sift(NO_FILTERS, FILES).sentence == ""
    one = sift(Filters(files=("demo-*",)), [*FILES[:2], (parse_filename("other-1.0.tar.gz"), Facts())])
    assert one.sentence == "1 file is left out by the source's filters: 1 by files."
    many = sift(Filters(versions=">=1.1", platforms=("win*",)), FILES)
    assert many.sentence == "5 files are left out by the source's filters: 3 by versions, 2 by platforms."
