"""One look at bytes, and the codes it found: what every test of the inspector asks."""

import io

from homeport.domain.inspection import Expectation, Inspection
from homeport.formats.inspect_file import inspect_file

WHEEL = Expectation("demo-1.0-py3-none-any.whl")
SDIST = Expectation("demo-1.0.tar.gz")
LEGACY_SDIST = Expectation("demo-1.0.tar.gz", is_legacy=True)


def look(data: bytes, expectation: Expectation) -> Inspection:
    """What inspection says of ``data``."""
    return inspect_file(io.BytesIO(data), expectation)


def codes(inspection: Inspection) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in inspection.findings}
