"""Every fuzz target, for a moment: the parsers keep their promises, and the targets would notice if they did not."""

from itertools import islice
from pathlib import Path

import pytest
from tests.support.readme_judge import objections
from tools.fuzz import targets
from tools.fuzz.__main__ import NAMES, main
from tools.fuzz.mutation import MAX_BYTES, mutants
from tools.fuzz.targets import TARGETS, Target

# About half a second each.
INPUTS = {"readme": 150, "form": 500, "tar": 1500}


def test_the_command_line_knows_every_target() -> None:
    """Targets are named where nothing of the product is imported yet, so that a fuzzer can watch the import."""
    assert set(NAMES) == set(TARGETS)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_escapes(name: str) -> None:
    """Some hundreds of changed inputs, the same in every run, end in an answer or in a refusal (G-17)."""
    target = TARGETS[name]
    for data in islice(mutants(target.seeds, target.words, name), INPUTS.get(name, 2000)):
        target.run(data)


def test_mutants_are_the_same_for_the_same_seed() -> None:
    """A run can be had again; the seeds come first, and nothing grows without end."""
    seeds, words = (b"good", bytes(MAX_BYTES)), (b"word",)
    first, second = (list(islice(mutants(seeds, words, "7"), 300)) for _ in range(2))
    assert first == second
    assert tuple(first[:2]) == seeds
    assert len(set(first)) > 150
    assert max(map(len, first)) == MAX_BYTES


def test_a_target_tells_what_escapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that raises what nobody expects ends the run, and its input can be played again."""

    def breaks(data: bytes) -> None:
        if b"\xff" in data:
            raise KeyError("an accident")

    monkeypatch.setattr(targets, "TARGETS", {"zip": Target(breaks, (b"seed",), (b"\xff",))})
    monkeypatch.setattr("tools.fuzz.__main__.FOLDER", tmp_path)
    monkeypatch.setattr("sys.argv", ["fuzz", "zip", "--blind"])
    with pytest.raises(KeyError, match="an accident"):
        main()
    (crash,) = (tmp_path / "zip").iterdir()
    monkeypatch.setattr("sys.argv", ["fuzz", "zip", "--input", str(crash)])
    with pytest.raises(KeyError, match="an accident"):
        main()


def test_a_quiet_run_says_how_much_it_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who fuzzes wants to know that something was fuzzed."""
    monkeypatch.setattr("sys.argv", ["fuzz", "accept", "--blind", "--seconds", "0"])
    main()
    assert "inputs in 0 s without coverage, nothing escapes" in capsys.readouterr().out


@pytest.mark.parametrize(
    "html",
    [
        "<script>x</script>",
        "<img src=x>",
        "<p onclick=x>",
        "<p style=x>",
        '<p id="main">',
        '<p id="readme-a"></p><p id="readme-a">',
        '<p class="button">',
        '<a href="javascript:x" rel="nofollow ugc noopener noreferrer">',
        '<a href="/manage/" rel="nofollow ugc noopener noreferrer">',
        '<a href="https://a.test">',
        "<!-- x -->",
        "<!doctype html>",
        "<?x?>",
        "<![CDATA[x]]>",
    ],
)
def test_the_judge_of_descriptions_objects(html: str) -> None:
    """The judge that fuzzing and tests rely on sees what may not be there."""
    assert objections(html)
