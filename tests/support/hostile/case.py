"""One hostile file: what it is, how it is built, what inspection must say of it, and why that matters."""

from collections.abc import Callable
from dataclasses import dataclass

from homeport.domain.inspection import Expectation, Verdict

__all__ = ["Hostile", "Verdict", "in_sdist", "in_wheel"]

WHEEL_NAME, SDIST_NAME = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"


@dataclass(frozen=True)
class Hostile:
    """``threats`` names the cases and checks it stands for (Z07, V34); ``code`` is the finding it must have.

    ``asked_by`` says whose question must get the ``verdict``; ``is_large`` that it asks for much time or memory: it is looked at in the child only.
    """

    threats: str
    name: str
    code: str
    why: str
    build: Callable[[], bytes]
    filename: str
    project: str = "demo"
    version: str = "1.0"
    verdict: Verdict = Verdict.REJECT
    asked_by: str = "upload"
    is_large: bool = False

    @property
    def id(self) -> str:
        """What the case is called."""
        return f"{self.threats} {self.name}"

    def asked(self, *, by: str) -> Expectation:
        """What is expected of it by its uploader, by somebody who looks at it ``alone``, or as a ``legacy`` file."""
        if by == "alone":
            return Expectation(self.filename)
        return Expectation(self.filename, self.project, self.version, is_legacy=by == "legacy")


def in_wheel(
    threats: str, name: str, code: str, why: str, build: Callable[[], bytes], filename: str = WHEEL_NAME
) -> Hostile:
    """A wheel that must be rejected."""
    return Hostile(threats, name, code, why, build, filename)


def in_sdist(
    threats: str, name: str, code: str, why: str, build: Callable[[], bytes], filename: str = SDIST_NAME
) -> Hostile:
    """An sdist that must be rejected."""
    return Hostile(threats, name, code, why, build, filename)
