"""What inspection says of a file: findings, and the verdict that follows from them.

1. A *reject* finding makes the verdict ``reject``; nobody can override it.
2. A *hold* finding makes it ``hold``: a person must look before the file is published.
3. Otherwise the verdict is ``accept``; *info* findings only inform.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from homeport.domain.metadata import CoreMetadata


class Verdict(StrEnum):
    """What may happen with the inspected bytes."""

    ACCEPT = "accept"
    HOLD = "hold"
    REJECT = "reject"


class Severity(StrEnum):
    """How much one finding weighs."""

    INFO = "info"
    HOLD = "hold"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation: a stable ``code`` (``record-mismatch``), its weight, and a sentence for people."""

    code: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the file must turn out to be.

    ``filename`` is the name it goes by. ``project`` (PEP 503 form) and ``version`` are set when the caller
    knows them; ``is_legacy`` chooses the lax name rules for crawled and distutils files (never lax safety).
    ``is_private`` is true for a project that only some may read: it may say so in its classifiers.
    """

    filename: str
    project: str | None = None
    version: str | None = None
    is_legacy: bool = False
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one look at a file found.

    ``metadata_file`` holds the exact bytes of a wheel's METADATA (PEP 658), or of the PKG-INFO of an sdist
    with metadata 2.2 or newer; ``None`` when there is none that may be served.
    """

    findings: tuple[Finding, ...]
    metadata: CoreMetadata | None = None
    metadata_file: bytes | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from the findings."""
        return verdict_of(self.findings)

    def reasons(self) -> tuple[str, ...]:
        """The sentences that led to the verdict, the heavy ones only."""
        return tuple(f.message for f in self.findings if f.severity is not Severity.INFO)


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The heaviest finding decides."""
    severities = {finding.severity for finding in findings}
    if Severity.REJECT in severities:
        return Verdict.REJECT
    return Verdict.HOLD if Severity.HOLD in severities else Verdict.ACCEPT
