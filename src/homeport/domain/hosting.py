"""Hosting modes, and the one table of the moves between them; what it does not say cannot happen.

1. New projects are ``pypi-only`` unless their owner chooses ``pypi-cache``.
2. Owners move towards hosting; only an administrator, with an exemption, moves back to ``pypi-ext``.
3. The clock moves projects of an announced campaign to ``pypi-only``, and never re-hosts anything.
"""

from dataclasses import dataclass
from enum import StrEnum


class HostingMode(StrEnum):
    """Who holds a project's release files."""

    EXT = "pypi-ext"
    CACHE = "pypi-cache"
    ONLY = "pypi-only"

    @property
    def lists_external(self) -> bool:
        """True when installers are given external links."""
        return self is HostingMode.EXT

    @property
    def crawls_at_registration(self) -> bool:
        """True when registering a release brings its files home first."""
        return self is HostingMode.CACHE
