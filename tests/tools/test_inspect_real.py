"""The run over real files: which are taken, and what is told of them."""

from pathlib import Path

import pytest
from tools.inspect_real.look import Looked
from tools.inspect_real.names import Wanted, read_names, spread
from tools.inspect_real.registry import Registry
from tools.inspect_real.report import document, summary

from homeport.domain.inspection import Finding, Inspection, Severity
from homeport.domain.rules import Profile

NAMES = Path("tools/inspect_real/names.txt")
GOOD = Inspection(())
BAD = Inspection((Finding("zip-gap", Severity.REJECT, "Bytes | stand between."),))
HELD = Inspection((Finding("startup-code", Severity.HOLD, "It runs."),))


def looked(name: str, alone: Inspection, legacy: Inspection, upload: Inspection) -> Looked:
    """A file that was looked at."""
    found = {Profile.ALONE: alone, Profile.LEGACY: legacy, Profile.UPLOAD: upload}
    return Looked(name, 2_000_000, 0.5, "hatchling" if name.endswith(".whl") else "", found)


def test_list_of_projects_can_be_read(pytestconfig: pytest.Config) -> None:
    """More than 500 projects, each once, and some whose old sdists are wanted."""
    names = read_names(pytestconfig.rootpath / NAMES)
    assert len({wanted.name for wanted in names}) == len(names) > 500
    assert sum(wanted.sdists for wanted in names) > 100


def test_line_that_is_no_name_is_a_mistake(tmp_path: Path) -> None:
    """A typing error does not silently leave a project out."""
    path = tmp_path / "names.txt"
    path.write_text("# comment\n\ndemo\nother sdists=3\n")
    assert read_names(path) == [Wanted("demo"), Wanted("other", 3)]
    path.write_text("demo sdist=3\n")
    with pytest.raises(ValueError, match="sdist=3"):
        read_names(path)


@pytest.mark.parametrize(
    ("count", "taken"),
    [(0, []), (1, [9]), (2, [0, 9]), (4, [0, 3, 6, 9]), (10, list(range(10))), (99, list(range(10)))],
)
def test_files_are_taken_from_all_ages(count: int, taken: list[int]) -> None:
    """The first and the last, and others evenly between them."""
    assert spread(range(10), count) == taken


def test_index_on_this_machine_is_read_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file:// index gives all its files of a project, and nobody else is asked."""
    page = tmp_path / "simple" / "demo"
    page.mkdir(parents=True)
    (page / "index.html").write_text(
        '<a href="../../files/demo-1.0-py3-none-any.whl#sha256=00">demo-1.0-py3-none-any.whl</a>'
    )
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    registry = Registry(tmp_path / "cache")
    assert list(registry.files_of(Wanted("demo"))) == [tmp_path / "files" / "demo-1.0-py3-none-any.whl"]
    assert list(registry.files_of(Wanted("other", 2))) == []


def test_report_counts_and_explains() -> None:
    """Every reject is in the page with its explanation, or with the word that there is none."""
    files = [
        looked("a-1.0-py3-none-any.whl", GOOD, GOOD, HELD),
        looked("b-1.0.tar.gz", BAD, GOOD, BAD),
        looked("c-1.0.tar.gz", HELD, BAD, BAD),
        looked("d-1.0.tar.gz", HELD, GOOD, GOOD),
    ]
    text = document(files, (2.0, 0.5), {"b-1.0.tar.gz": "Rightly: it has a gap."})
    assert "4 files, 1 wheels and 3 sdists" in text
    assert "| looked at alone (`homeport inspect`) | 1 | 2 | 1 | 25.00% |" in text
    assert "| `b-1.0.tar.gz` | Bytes \\| stand between. | Rightly: it has a gap. |" in text
    assert "| `c-1.0.tar.gz` | Bytes \\| stand between. | **not explained** |" in text
    assert "| `startup-code` | 2 | `c-1.0.tar.gz` |" in text
    assert "25% of the inspection" in text
    assert "hatchling (1)" in text
    assert summary(files) == "4 files, 1 rejected alone (25.00%)."
