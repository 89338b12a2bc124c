"""Work on hostile bytes, done where it can be killed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from homeport.domain.contents import Contents
from homeport.domain.digests import Sha256
from homeport.domain.inspection import Expectation, Inspection
from homeport.domain.metadata import Description
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.offer import Offers, PageKind
from homeport.domain.signature import KeyFacts, Verified


class Isolation(Protocol):
    """Runs the parsers of foreign bytes within CPU, memory and time limits (T-19, T-20, G-15).

    A parser that dies, hangs or passes a limit gives an answer too: a held file, a page that offers nothing, or a
    description that is not rendered.
    """

    def inspect(self, file: Path, expectation: Expectation) -> Inspection:
        """Judge the release file at ``file``; a limit passed is a ``hold`` finding ``inspection-limit``."""
        ...

    def list_contents(self, file: Path, filename: str) -> Contents:
        """What the release file at ``file`` holds: ``formats.inspect_file.list_contents``, out of harm's way."""
        ...

    def read_offers(
        self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
    ) -> Offers:
        """What a foreign page offers: ``formats.offers.reader.read_offers``, out of harm's way."""
        ...

    def verify_signature(
        self,
        document: bytes,
        kind: NeighbourKind,
        file: Path,
        filename: str,
        sha256: Sha256,
        keys: Sequence[str],
    ) -> tuple[Verified, ...]:
        """What every signature in ``document`` says of the file at ``file``, without asking anybody outside.

        ``keys`` are the OpenPGP certificates registered for its project. What cannot be read is one that is unverified.
        """
        ...

    def read_key(self, document: bytes) -> KeyFacts:
        """What the OpenPGP certificate in ``document`` says of itself, or why it cannot be registered."""
        ...

    def render_description(self, text: str, content_type: str) -> Description:
        """A long description as HTML: ``formats.description.render_description``, out of harm's way."""
        ...
