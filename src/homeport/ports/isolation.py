"""Work on hostile bytes, done where it can be killed."""

from pathlib import Path
from typing import Protocol

from homeport.domain.inspection import Expectation, Inspection
from homeport.domain.links import PageLinks
from homeport.domain.metadata import Description


class Isolation(Protocol):
    """Runs the parsers of foreign bytes within CPU, memory and time limits (T-19, T-20, G-15).

    A parser that dies, hangs or passes a limit gives an answer too: a held file, a page without links, or a
    description that is not rendered.
    """

    def inspect(self, file: Path, expectation: Expectation) -> Inspection:
        """Judge the release file at ``file``; a limit passed is a ``hold`` finding ``inspection-limit``."""
        ...

    def read_links(self, page: bytes, asked_url: str, final_url: str, charset: str | None) -> PageLinks:
        """The links of a foreign HTML page: ``formats.link_page.read_links``, out of harm's way."""
        ...

    def render_description(self, text: str, content_type: str) -> Description:
        """A long description as HTML: ``formats.description.render_description``, out of harm's way."""
        ...
