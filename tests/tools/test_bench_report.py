"""Figures, goals, tables and the chart are made of the rounds, and say nothing that was not measured."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from tools.bench.cases import Case, Form, cases
from tools.bench.chart import Panel, chart, draw, panels
from tools.bench.clients import Downloads
from tools.bench.corpus import LARGE
from tools.bench.figures import Cost, Described, Figure, Load, Outcome, Results
from tools.bench.report import NOTHING, TIMES, markdown, number, print_tables, report

SVG = "{http://www.w3.org/2000/svg}"


def figure(*rates: float, cost: float = 0.0001, share: float = 1.0) -> Figure:
    """Rounds at these rates."""
    return Figure(tuple(Load(rate, 1.5, 9.25, cost, share) for rate in rates))


def page_case(form: Form, files: int = 50) -> Case:
    """A page as installers ask for it."""
    return Case(f"page of {files} files", form, f"bench-{files}", 32, files, is_gzip=True, is_key=True)


@pytest.fixture
def results() -> Results:
    """A run with two rivals, one of them a cache, and one that did not start."""
    servers = (
        Described("Homeport", "1.0", "as it is"),
        Described("nginx", "1.22", "one worker"),
        Described("devpi", "6", "its own way"),
        Described("other (cache)", "2", "in front", is_cache=True),
    )
    json = Outcome(
        page_case(Form.JSON),
        {"Homeport": figure(4_000, 5_000, 6_000), "nginx": figure(10_000), "devpi": figure(500, 1_000, 600)},
        {"other (cache)": "no JSON"},
    )
    html = Outcome(
        page_case(Form.HTML),
        {
            "Homeport": figure(3_000),
            "nginx": figure(10_000),
            "devpi": figure(1_500),
            "other (cache)": figure(6_000),
        },
    )
    large = Outcome(
        Case("file of 50 MB", Form.FILE, LARGE, 1),
        {"Homeport": figure(95), "nginx": figure(100)},
        {"devpi": "failed: 7 of 50"},
    )
    cost = Cost(80_000_000, 95_000_000, 0.5, Downloads(2.0, 16_000_000))
    return Results(
        servers, {"gone 1.0": "gone ended at its start with status 1"}, (json, html, large),
        {"Homeport": cost, "nginx": replace(cost, install_seconds=None), "devpi": Cost(1, 2)}, 5_000, 3, 1,
    )  # fmt: skip


def test_median_of_the_rounds(results: Results) -> None:
    """A figure is the median of its rounds, a ratio the median of the rounds' ratios."""
    ours = results.outcomes[0].figures["Homeport"]
    assert ours.requests_per_second == 5_000
    assert results.outcomes[0].ratio("devpi") == pytest.approx(8.0)
    assert results.outcomes[0].ratio("other (cache)") is None


def test_a_slow_server_has_one_round() -> None:
    """Against a server that was measured once, the first round counts."""
    assert figure(4_000, 1, 1).ratio(figure(2_000)) == 2.0


def test_ratio_of_processor_time() -> None:
    """Half the processor time for an answer is twice the answers for the same time."""
    assert figure(1, cost=0.001).processor_ratio(figure(1, cost=0.002)) == 2.0


def test_goals(results: Results) -> None:
    """Goals are told against nginx, the fastest index that holds its files, and the fastest cache."""
    goals = results.goals()
    assert [goal.figure for goal in goals] == pytest.approx([0.4, 8.0, 0.3, 2.0, 0.5, 0.95])
    assert [(goal.against, goal.wanted, goal.is_held) for goal in goals] == [
        ("nginx", 0.40, True),
        ("devpi", 3.0, True),
        ("nginx", 0.40, False),
        ("devpi", 3.0, False),
        ("other (cache)", None, None),
        ("nginx", 0.9, True),
    ]


def test_missing_figures(results: Results) -> None:
    """A case without a figure of ours or of nginx is told with its reason; others may lack theirs."""
    assert results.missing() == []
    json = results.outcomes[0]
    broken = replace(json, figures={"nginx": figure(1)}, reasons={"Homeport": "failed: no answer in time"})
    assert replace(results, outcomes=(broken,)).missing() == [
        f"{json.case.title}, Homeport: failed: no answer in time"
    ]


def test_disturbed_run_says_so(results: Results) -> None:
    """A run whose servers did not have their core is told to be repeated."""
    assert "had their core to themselves" in report(results)
    shared = {"Homeport": figure(1, share=0.5), "nginx": figure(1)}
    disturbed = replace(results, outcomes=(replace(results.outcomes[0], figures=shared),))
    assert "repeat on a quiet machine" in report(disturbed)


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, NOTHING), (0.4, "0.40"), (9.994, "9.99"), (12.34, "12.3"), (100.0, "100"), (12_830.28, "12,830")],
)
def test_numbers(value: float | None, written: str) -> None:
    """A figure is written with about three digits."""
    assert number(value) == written


def test_markdown_table() -> None:
    """The first column is text, the others are right-aligned figures."""
    assert markdown(["what", "a"], [["page", "1"]]) == "| what | a |\n| --- | ---: |\n| page | 1 |"


def test_document(results: Results) -> None:
    """The document has every figure, every configuration, and who is missing and why."""
    text = report(results)
    assert f"| page of 50 files, JSON, gzip | 5,000 | 10,000 | 600 | {NOTHING} |" in text
    assert f"| page of 50 files, HTML, gzip, 32 connections | 0.30 {TIMES} nginx | ≥ 0.40 | **no** |" in text
    assert "| Homeport | 0.50 | 1,250 | 16.0 | 80.0 | 95.0 | 0.10 |" in text
    assert "- **devpi** 6: its own way." in text
    assert "- gone 1.0: gone ended at its start with status 1." in text
    assert all(row.count("|") == head.count("|") for head, row in _table_rows(text))


def _table_rows(text: str) -> list[tuple[str, str]]:
    """Every row of every table with the head of its table."""
    found, head = [], ""
    for line in text.splitlines():
        if not line.startswith("|"):
            head = ""
        elif not head:
            head = line
        else:
            found.append((head, line))
    return found


def test_terminal(results: Results, capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal tells the same goals and who is missing."""
    print_tables(results)
    told = capsys.readouterr().out
    assert "Without gone 1.0" in told
    assert "Wanted" in told


def test_chart_is_text_and_bars(results: Results) -> None:
    """The chart is well-formed, names every server in text, and has dark colours."""
    drawn = ET.fromstring(chart(results))  # noqa: S314 - written by ourselves
    texts = ["".join(text.itertext()) for text in drawn.iter(f"{SVG}text")]
    assert {"Homeport", "nginx", "devpi", "5,000", "0.50"} <= set(texts)
    assert "prefers-color-scheme: dark" in "".join(drawn.itertext())
    assert len(list(drawn.iter(f"{SVG}rect"))) == sum(len(panel.figures) for panel in panels(results))


def test_chart_prefers_json(results: Results) -> None:
    """A server is shown with its JSON page, and with HTML only where it has no JSON."""
    assert panels(results)[0].figures == {
        "Homeport": 5_000,
        "nginx": 10_000,
        "devpi": 600,
        "other (cache)": 6_000,
    }


def test_bars_are_linear_and_inside() -> None:
    """Bars are as long as their figures, nothing runs over the edge, and words are escaped."""
    drawn = ET.fromstring(draw("a < b", [Panel("p & q", "u", {"one": 100.0, "two": 50.0, "none": 0.0})]))  # noqa: S314
    lengths = [float(bar.attrib["width"]) for bar in drawn.iter(f"{SVG}rect")]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=0.2)
    assert all(
        float(bar.attrib["x"]) + float(bar.attrib["width"]) < 860 - 60 for bar in drawn.iter(f"{SVG}rect")
    )
    assert drawn.findtext(f"{SVG}title") == "a < b"


def test_every_case_is_asked_for_once() -> None:
    """No case stands twice in the plan, and a quick run is a part of it that has every goal."""
    planned = cases(5_000, is_quick=False)
    assert len(set(planned)) == len(planned)
    quick = cases(5_000, is_quick=True)
    assert set(quick) < set(planned)
    assert [case for case in planned if case.is_key] == [case for case in quick if case.is_key]
