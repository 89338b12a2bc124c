"""The findings of one inspection, weighed by who asks.

1. A code weighs ``reject`` unless a table below says otherwise: forgetting one errs on the strict side.
2. An *upload* (the project is known, the profile modern) must keep every rule of today. A file looked at *alone*
   need not keep rules that bind uploaders only. A *legacy* file (crawled, or sent by distutils) need not keep
   rules that came after it; no rule of safety is ever lax for a wheel.
3. At most ``MAX_FINDINGS`` findings are listed; the heaviest of those left out is never lost.
"""

from collections.abc import Mapping
from enum import Enum

from homeport.domain.inspection import Expectation, Finding, Severity

MAX_FINDINGS = 50

_INFO, _HOLD, _REJECT = Severity.INFO, Severity.HOLD, Severity.REJECT
_ORDER = (_INFO, _HOLD, _REJECT)


class Profile(Enum):
    """Who asks; the value is the column of the table."""

    UPLOAD = 0
    ALONE = 1
    LEGACY = 2


# What a code weighs for an upload, alone, and for a legacy file.
_WEIGHTS: Mapping[str, tuple[Severity, Severity, Severity]] = {
    "filename-ambiguous": (_HOLD, _HOLD, _HOLD),
    "filename-not-normalized": (_REJECT, _INFO, _INFO),
    "sdist-format-retired": (_REJECT, _INFO, _INFO),
    "version-not-pep440": (_REJECT, _REJECT, _INFO),
    "metadata-version-invalid": (_REJECT, _REJECT, _INFO),
    "metadata-version-withdrawn": (_REJECT, _INFO, _INFO),
    "metadata-not-utf8": (_REJECT, _REJECT, _INFO),
    "metadata-duplicate-field": (_REJECT, _REJECT, _INFO),
    "metadata-line-ends": (_INFO, _INFO, _INFO),
    "metadata-field": (_REJECT, _REJECT, _INFO),
    "metadata-policy": (_REJECT, _INFO, _INFO),
    # An installer would fetch from a third party after all; for a public file only a person can say yes.
    "metadata-direct-reference": (_REJECT, _HOLD, _HOLD),
    "license-file-missing": (_REJECT, _HOLD, _INFO),
    "pkg-info-missing": (_REJECT, _REJECT, _HOLD),
    "sdist-folder-name": (_REJECT, _REJECT, _HOLD),
    "symlink-inside": (_HOLD, _HOLD, _INFO),
    "folder-setgid": (_INFO, _INFO, _INFO),
    "tar-end-missing": (_REJECT, _REJECT, _HOLD),
    "wheel-tags-differ": (_REJECT, _REJECT, _HOLD),
    # T-36: code that runs at every start of Python; its own maintainer may, a stranger's file waits.
    "startup-code": (_INFO, _HOLD, _HOLD),
    "nested-bomb": (_HOLD, _HOLD, _HOLD),
    "record-size-missing": (_INFO, _INFO, _INFO),
}
# Old sdists were made on file systems that tell `A` from `a`; a wheel is unpacked everywhere.
_SDIST_LEGACY_HOLDS = frozenset({"path-collision", "path-not-portable"})


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
        finding = Finding(code, self._weight(code), message)
        if finding in self._findings or len(self._findings) < MAX_FINDINGS - 1:
            self._findings[finding] = None
        else:
            self._left_out += 1
            self._heaviest_left_out = max(finding.severity, self._heaviest_left_out, key=_ORDER.index)

    def findings(self) -> tuple[Finding, ...]:
        """Everything noted, within the bound."""
        if not self._left_out:
            return tuple(self._findings)
        sentence = f"{self._left_out} more findings are not listed."
        return (*self._findings, Finding("more-findings", self._heaviest_left_out, sentence))

    def _weight(self, code: str) -> Severity:
        if code in _SDIST_LEGACY_HOLDS and self._profile is Profile.LEGACY and not self._is_wheel:
            return Severity.HOLD
        weights = _WEIGHTS.get(code)
        return weights[self._profile.value] if weights else Severity.REJECT
