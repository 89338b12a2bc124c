"""The corpus of hostile files: each is found out, whoever asks (threats.md §3.2, G-14; standards F.9)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.hostile.case import Hostile
from tests.support.hostile.corpus import CORPUS
from tests.support.looks import codes, look

from homeport.adapters.inspect.isolation import ChildIsolation
from homeport.domain.inspection import Inspection, Severity, Verdict
from homeport.domain.rules import RULES

# What threats.md §3.2 lists, with the numbers between; F.9's checks of archives.
_LISTED = frozenset(
    {f"Z{n:02}" for n in range(1, 59)}
    | {f"W{n:02}" for n in range(1, 27)}
    | {f"T{n:02}" for n in range(1, 42)}
)
_CHECKS = frozenset({f"V{n}" for n in range(29, 49)} | {"V55"})
# V44 is a wheel that must be accepted: tests/formats/test_wheel.py.
_GOOD = frozenset({"V44"})
# An sdist that nobody uploads may break these two, and a person looks (formats/archive/report.py, rule 2).
_HELD_IN_OLD_SDISTS = frozenset({"path-collision", "path-not-portable"})


@pytest.fixture(scope="module")
def children() -> Iterator[ChildIsolation]:
    """The isolation with the limits of the product."""
    isolation = ChildIsolation()
    yield isolation
    isolation.close()


def inspect(case: Hostile, children: ChildIsolation, folder: Path) -> dict[str, Inspection]:
    """What inspection says of the case, by who asks."""
    data = case.build()
    if not case.is_large:
        return {by: look(data, case.asked(by=by)) for by in ("upload", "alone", "legacy")}
    path = folder / "file"
    path.write_bytes(data)
    return {by: children.inspect(path, case.asked(by=by)) for by in ("upload", "legacy")}


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.id)
def test_hostile_file_is_found_out(case: Hostile, children: ChildIsolation, tmp_path: Path) -> None:
    """The case has the verdict and the finding that are wanted, and no rule of safety is lighter for anybody."""
    found = inspect(case, children, tmp_path)
    assert found[case.asked_by].verdict is case.verdict, (case.why, found[case.asked_by].findings)
    assert case.code in codes(found[case.asked_by]), found[case.asked_by].findings
    for inspection in found.values():
        assert codes(inspection) <= RULES.keys(), "every finding has a rule, and so an advice"
        require_same_safety(case, found["upload"], inspection)


def require_same_safety(case: Hostile, strict: Inspection, lax: Inspection) -> None:
    """Every broken rule of safety weighs for ``lax`` what it weighs for ``strict``."""
    lighter = _HELD_IN_OLD_SDISTS if not case.filename.endswith(".whl") else frozenset()
    weights = {finding.code: finding.severity for finding in lax.findings}
    for finding in strict.findings:
        if RULES[finding.code].is_safety and finding.code not in {"project-mismatch", "version-mismatch"}:
            allowed = {Severity.REJECT, Severity.HOLD} if finding.code in lighter else {Severity.REJECT}
            assert weights.get(finding.code) in allowed, (finding, lax.findings)
            assert lax.verdict is not Verdict.ACCEPT


def test_corpus_is_whole() -> None:
    """Every listed threat and every check of archives is stood for, by many different constructions."""
    named = {threat for case in CORPUS for threat in case.threats.split()}
    assert _LISTED - named == set()
    good = {check for check in _GOOD if check in Path(__file__).with_name("test_wheel.py").read_text()}
    assert _CHECKS - good - named == set()
    assert len({case.id for case in CORPUS}) == len(CORPUS)
    assert len({case.build() for case in CORPUS if not case.is_large}) >= 150


def test_every_case_says_why() -> None:
    """A case has a name, a threat and a reason; its finding has a rule."""
    for case in CORPUS:
        assert re.fullmatch(r"([ZWTV][0-9]{2}|T-[0-9]{2})( ([ZWTV][0-9]{2}|T-[0-9]{2}))*", case.threats), (
            case.id
        )
        assert case.name
        assert case.why
        assert case.code in RULES
