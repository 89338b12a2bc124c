"""The findings of one inspection, weighed by the rules (:mod:`homeport.domain.rules`) for who asks.

1. What has no rule weighs ``reject``: forgetting one errs on the strict side.
2. Two rules of paths ask for less of an sdist that nobody uploads today, and a person looks: such files were packed
   on file systems that tell ``A`` from ``a``. A wheel is unpacked everywhere.
3. At most ``MAX_FINDINGS`` findings are listed; the heaviest of those left out is never lost.
"""

from homeport.domain.inspection import Expectation, Finding, Severity
from homeport.domain.rules import RULES, Profile

MAX_FINDINGS = 50

_ORDER = (Severity.INFO, Severity.HOLD, Severity.REJECT)
_OLD_SDIST_HOLDS = frozenset({"path-collision", "path-not-portable"})


def profile_of(expectation: Expectation) -> Profile:
    """Who asks, by what the caller knows."""
    if expectation.is_legacy:
        return Profile.LEGACY
    return Profile.UPLOAD if expectation.project else Profile.ALONE


class Report:
    """Collects findings in the order they are met, each sentence once."""

    def __init__(self, profile: Profile, *, is_wheel: bool) -> None:
        self._profile = profile
        self._is_wheel = is_wheel
        self._findings: dict[Finding, None] = {}
        self._left_out = 0
        self._heaviest_left_out = Severity.INFO

    def add(self, code: str, message: str) -> None:
        """Note one observation."""
        weight = self._weight(code)
        if weight is None:
            return
        finding = Finding(code, weight, message)
        if finding in self._findings or len(self._findings) < MAX_FINDINGS - 1:
            self._findings[finding] = None
        else:
            self._left_out += 1
            self._heaviest_left_out = max(finding.severity, self._heaviest_left_out, key=_ORDER.index)

    def rejects(self) -> bool:
        """True when something noted so far cannot be overridden."""
        return Severity.REJECT in {self._heaviest_left_out, *(found.severity for found in self._findings)}

    def findings(self) -> tuple[Finding, ...]:
        """Everything noted, within the bound."""
        if not self._left_out:
            return tuple(self._findings)
        sentence = f"{self._left_out} more findings are not listed."
        return (*self._findings, Finding("more-findings", self._heaviest_left_out, sentence))

    def _weight(self, code: str) -> Severity | None:
        if code in _OLD_SDIST_HOLDS and self._profile is not Profile.UPLOAD and not self._is_wheel:
            return Severity.HOLD
        rule = RULES.get(code)
        return rule.weights[self._profile] if rule else Severity.REJECT
