"""The generator of large indexes gives names that are names, and projects of the sizes that PyPI's have."""

from itertools import islice
from statistics import median

from tools.scale.names import project_names
from tools.scale.rows import Numbering, Rows
from tools.scale.shapes import (
    MOST_FILES,
    SHAPES,
    USUAL_FILES,
    Shape,
    shape_of,
    shapes,
    usual_projects,
    version,
)

from homeport.domain.ledger import GENESIS
from homeport.domain.names import ProjectName, ReleaseVersion, parse_filename


def test_names_are_names() -> None:
    """Every name is one that the product takes, and no two are one project."""
    names = list(islice(project_names("test"), 5_000))
    assert [ProjectName.parse(name.display) for name in names] == names
    assert len({name.normalized for name in names}) == len(names)


def test_names_are_the_same_for_the_same_seed() -> None:
    """Two runs measure the same index, and another seed gives another one."""
    first, again = (list(islice(project_names("test"), 500)) for _ in range(2))
    assert first == again
    assert first != list(islice(project_names("other"), 500))


def test_some_words_are_common() -> None:
    """A search for a common word fills a page already on the small index."""
    names = [name.normalized for name in islice(project_names("homeport scale"), SHAPES)]
    assert sum("python" in name for name in names) > 50
    assert sum("django" in name for name in names) > 50


def test_shapes_are_as_on_pypi() -> None:
    """The means are those of PyPI, half of the projects are small, and one is as large as its largest."""
    files, releases = [shape.files for shape in shapes()], [shape.releases for shape in shapes()]
    assert len(files) == SHAPES
    assert 11 <= sum(releases) / SHAPES <= 12
    assert 22 <= sum(files) / SHAPES <= 24
    assert median(files) < 10
    assert max(files) == MOST_FILES


def test_a_shape_names_all_its_files() -> None:
    """The file names of a release are as many as the shape says, each one different, and each one a file's name."""
    for shape in set(shapes()):
        endings = shape.endings()
        assert len(set(endings)) == shape.files_each
        assert [parse_filename(f"name-1.0{ending}").filename for ending in endings] == [
            f"name-1.0{ending}" for ending in endings
        ]


def test_versions_differ() -> None:
    """No release of the longest project has the version of another, and each is in its normal form."""
    longest = max(shape.releases for shape in shapes())
    versions = [version(release) for release in range(longest)]
    assert len(set(versions)) == longest
    assert [ReleaseVersion.parse(text).normalized for text in versions] == versions


def test_usual_projects_have_the_usual_files() -> None:
    """The projects that are published to have as many files on the large index as on the small one."""
    for count in (SHAPES, 5 * SHAPES):
        numbers = usual_projects(count)
        assert len(set(numbers)) == len(numbers) > 5
        assert all(number < count for number in numbers)
        assert {shape_of(number) for number in numbers} == {Shape(USUAL_FILES // 2, 2)}


def test_rows_of_a_project_lie_apart() -> None:
    """Releases come as years bring them: between two of one project there are those of others."""
    names = list(islice(project_names("test"), SHAPES))
    rows = list(Rows(names, Numbering(1, 1, GENESIS)).release_rows())
    largest = max(range(SHAPES), key=lambda number: shape_of(number).releases)
    places = [place for place, row in enumerate(rows) if row[0] == largest + 1]
    assert len(places) == shape_of(largest).releases
    assert places[-1] - places[0] > len(rows) * 0.9
