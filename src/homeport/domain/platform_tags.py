"""Platform tags of wheels, as far as they say where a wheel runs (standards B.10).

A tag that installers of many machines take, and that promises nothing of what it needs there, is hosted all the same:
an index for one's own machines may. Its sender is told.
"""

import re
from collections.abc import Iterable

_MACHINES = "x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64"
_KNOWN = re.compile(
    rf"""any
    | win32 | win_(?:amd64|arm64|ia64)
    | manylinux(?:1|2010|2014)_(?:{_MACHINES}|ppc64)
    | manylinux_\d+_\d+_(?:{_MACHINES}|ppc64)
    | musllinux_\d+_\d+_(?:{_MACHINES})
    | linux_armv[67]l
    | macosx_\d+_\d+_\w+
    | (?:ios|android)_\w+
    | pyemscripten_\d+_\d+_wasm32
    """,
    re.VERBOSE,
)


def tag_notes(tags: Iterable[str]) -> tuple[str, ...]:
    """What a wheel's sender should know of its tags, each a text such as ``cp311-cp311-linux_x86_64``."""
    platforms = sorted({tag.rpartition("-")[2] for tag in tags})
    return tuple(_note(platform) for platform in platforms if not _KNOWN.fullmatch(platform))


def _note(platform: str) -> str:
    if platform.startswith("linux_"):
        return (
            f"The platform {platform} does not say which C library the wheel needs: other machines than yours will "
            "take it, and it may not run there. auditwheel makes a manylinux wheel of it."
        )
    return f"The platform {platform} is one that the common installers do not know: few will take this wheel."
