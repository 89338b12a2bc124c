"""A release file is judged out of harm's way: inspected, and its long description rendered, which is done once."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from homeport import __version__
from homeport.domain.inspection import Expectation, Finding, Inspection, Severity
from homeport.domain.metadata import CoreMetadata, Description
from homeport.domain.rules import RULES
from homeport.formats.archive.report import profile_of
from homeport.ports.isolation import Isolation

INSPECTOR: Final = f"homeport {__version__}"
"""Who inspected, for origin records."""
_NOT_RENDERED = "description-not-rendered"


@dataclass(frozen=True, slots=True)
class Judged:
    """What one look at a file found, with its description as HTML; ``""`` when that is shown as plain text."""

    inspection: Inspection
    description_html: str = ""


def judge_file(isolation: Isolation, file: Path, expectation: Expectation) -> Judged:
    """Judge the release file at ``file``; a description that cannot be rendered is a finding like any other."""
    inspection = isolation.inspect(file, expectation)
    if inspection.metadata is None:
        return Judged(inspection)
    description = describe(isolation, inspection.metadata)
    if description.problem:
        weight = RULES[_NOT_RENDERED].weights[profile_of(expectation)] or Severity.INFO
        finding = Finding(_NOT_RENDERED, weight, description.problem)
        inspection = replace(inspection, findings=(*inspection.findings, finding))
    return Judged(inspection, description.html)


def describe(isolation: Isolation, metadata: CoreMetadata) -> Description:
    """The long description, rendered."""
    if not metadata.description.strip():
        return Description()
    return isolation.render_description(metadata.description, metadata.description_content_type)
