"""What installers read, as it lies ready: the rendered pages of projects, and the list of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from homeport.formats.accept import Form
from homeport.formats.codings import Coding


@dataclass(frozen=True, slots=True)
class Rendered:
    """One form of a project's page: its bytes in every coding, the tag that names them, and who may read them.

    ``etag`` is printable ASCII without quotes and commas.
    """

    bodies: Mapping[Coding, bytes]
    etag: str
    serial: int
    is_private: bool


class Pages(Protocol):
    """What the simple API says, rendered and compressed when it changes, not when it is read.

    The list of projects lies in segments by name, so that a change writes one of them, however many there are.
    A segment holds the listed projects from its ``first`` name on, up to the next one's.
    """

    def put(self, normalized: str, form: Form, page: Rendered) -> None:
        """Store one form of a project's page, in the place of the one before."""
        ...

    def segment_around(self, normalized: str) -> tuple[str, str | None]:
        """The bounds of the segment that a name belongs to: its first name (``""`` is before all), and the next one's."""
        ...

    def put_segment(self, first: str, form: Form, deflated: bytes) -> None:
        """Store one form of a segment."""
        ...

    def forget_segments(self) -> None:
        """Forget the list, before all of it is written anew."""
        ...

    def rendering(self) -> int:
        """The version of the rendering that every stored page was made by; 0 before there is any."""
        ...

    def set_rendering(self, version: int) -> None:
        """Every page is made by that version now."""
        ...
