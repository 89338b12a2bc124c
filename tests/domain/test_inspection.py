"""Verdicts: the heaviest finding decides."""

from itertools import product

import pytest

from homeport.domain.inspection import Finding, Inspection, Severity, Verdict, verdict_of

WEIGHT = {Severity.INFO: Verdict.ACCEPT, Severity.HOLD: Verdict.HOLD, Severity.REJECT: Verdict.REJECT}
HEAVINESS = list(WEIGHT)


def found(*severities: Severity) -> tuple[Finding, ...]:
    """One finding of each of ``severities``."""
    return tuple(
        Finding(f"{severity}-{n}", severity, f"{severity} {n}.") for n, severity in enumerate(severities)
    )


def test_nothing_found_is_accepted() -> None:
    """A file with no finding is accepted."""
    assert verdict_of([]) is Verdict.ACCEPT
    assert Inspection(()).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "severities", [*product(Severity), *product(Severity, repeat=2), *product(Severity, repeat=3)]
)
def test_the_heaviest_decides(severities: tuple[Severity, ...]) -> None:
    """In whatever order findings are made, the heaviest is the verdict."""
    heaviest = max(severities, key=HEAVINESS.index)
    assert verdict_of(iter(found(*severities))) is WEIGHT[heaviest]
    assert Inspection(found(*severities)).verdict is WEIGHT[heaviest]


def test_reasons() -> None:
    """The reasons are the heavy findings, in the order they were made."""
    inspection = Inspection(
        found(Severity.INFO, Severity.HOLD, Severity.REJECT, Severity.INFO, Severity.HOLD)
    )
    assert inspection.reasons() == ("hold 1.", "reject 2.", "hold 4.")
