"""The rules of inspection: every finding that can be made has one, with an advice, and none is for nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeport.domain.inspection import Severity
from homeport.domain.rules import RULES, SUBJECTS, Profile, Rule, advice_for

SOURCE = Path(__file__).parents[2] / "src" / "homeport"
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+|zip64")
# Whatever makes findings, or raises what becomes one.
MAKERS = frozenset({"add", "ArchiveError", "MetadataProblem", "Finding"})
MODULES = sorted(
    path
    for pattern in (
        "formats/**/*.py",
        "flows/**/*.py",
        "domain/said_before.py",
        "domain/later_bytes.py",
        "adapters/inspect/*.py",
    )
    for path in SOURCE.glob(pattern)
)
# Codes that are put together from a file's name.
COMPOSED = frozenset(
    {f"{name}-missing" for name in ("metadata", "record", "wheel")}
    | {f"{name}-too-large" for name in ("metadata", "record", "wheel", "entry-points")}
)
# From the parser of versions.
REFUSALS = frozenset({"version-invalid"})


def made_in(module: Path) -> Iterator[str]:
    """The codes that a module gives to findings: arguments of makers, and the first of every pair that is yielded."""
    for node in ast.walk(ast.parse(module.read_text())):
        first: ast.expr | None = None
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0] if name in MAKERS else None
            if name == "append" and isinstance(node.args[0], ast.Tuple):
                first = node.args[0].elts[0]
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            first = node.value.elts[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and CODE.fullmatch(first.value):
            yield first.value


def test_every_finding_has_a_rule() -> None:
    """A code without weight and advice cannot be made."""
    made = {code: module.name for module in MODULES for code in made_in(module)}
    assert len(made) > 80
    assert {code: module for code, module in made.items() if code not in RULES} == {}


def test_no_rule_is_for_nothing() -> None:
    """A rule whose code nobody writes is forgotten, or misspelt."""
    written = {
        node.value
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert RULES.keys() - written - COMPOSED - REFUSALS == set()


def test_a_code_has_one_rule() -> None:
    """No two tables weigh one code."""
    assert len(RULES) == sum(len(rules) for rules in SUBJECTS.values())


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_rule_advises(rule: Rule) -> None:
    """An advice is a sentence for people, and older files are never asked for more than newer ones."""
    assert CODE.fullmatch(rule.code)
    assert re.fullmatch(r"[A-Z].{10,200}[.?]", rule.advice), rule.advice
    assert advice_for(rule.code) == rule.advice
    order = (None, Severity.INFO, Severity.HOLD, Severity.REJECT)
    upload, alone, legacy = (order.index(rule.weights[profile]) for profile in Profile)
    assert legacy <= alone
    # An uploader knows what runs at start-up; anybody else has to look.
    assert alone <= upload or rule.code == "startup-code"


def test_unknown_code_is_answered() -> None:
    """A finding that a newer index made has an advice too."""
    assert "newer" in advice_for("from-the-future")
