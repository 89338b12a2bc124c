"""Which places a standing consent covers, told a second time: the pages of these stories, and how they are read.

1. Where a page is, by scheme, host and port, and the path that patterns are held against, is written here by hand.
2. A host alone means https on 443. Who trusts plain http somewhere trusts https there.
3. ``*`` stands for anything. A path that servers may read in two ways is covered by the pattern for every path alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

EVERY_PATH = ("/*",)
SITES = {
    "demo": ("https://site.test", "https://mirror.test", "https://site.test:8443/old"),
    "solo": (
        "https://solo.test",
        "https://solo.test/%6Fld",
        "https://solo.test:8443/high",
        "https://solo.test/new/..%2Fold",
    ),
}
# The paths of their pages, as a careful reader understands them; ``None`` where there are two readings.
_READ = {
    "https://site.test": "/",
    "https://mirror.test": "/",
    "https://site.test:8443/old": "/old/",
    "https://solo.test": "/",
    "https://solo.test/%6Fld": "/old/",
    "https://solo.test:8443/high": "/high/",
    "https://solo.test/new/..%2Fold": None,
}


def origin(site: str) -> str:
    """Scheme, host and port of a site, the port always written."""
    scheme, _, rest = site.partition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    return f"{scheme}://{host}:{port or {'https': 443, 'http': 80}[scheme]}"


def known_as(url: str) -> str:
    """The host that is spared, rests and is frozen: a port that is not the scheme's own makes another one."""
    _, _, place = origin(url).partition("://")
    host, _, port = place.partition(":")
    return host if port in {"443", "80"} else place


def meant(named: str) -> str:
    """The origin that a standing consent means by what it names."""
    return origin(named if "://" in named else f"https://{named}")


def named(site: str) -> str:
    """How a person names the origin of a site."""
    return site.partition("://")[2].partition("/")[0]


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern, in which ``*`` stands for anything, is for all of the text."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    if not text.startswith(first):
        return False
    *middle, last = others
    at = len(first)
    for part in middle:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - len(last) >= at and text.endswith(last)


@dataclass
class Standing:
    """A standing consent: whose it is, what it covers until when, and since when it covers that."""

    by: str
    hosts: set[str]
    patterns: tuple[str, ...]
    until: datetime
    since: datetime
    paths: tuple[str, ...] = EVERY_PATH
    is_live: bool = True

    def objection(self, page: str, filename: str) -> str:
        """Why it does not cover a file of that name that was found on the page of a site."""
        site = page.removesuffix("/")
        if site not in _READ:
            return f"nobody has a page {page}"
        at, path = origin(site), _READ[site]
        plain = at.replace("https://", "http://").replace(":443", ":80")
        if self.hosts.isdisjoint({at, plain}):
            return f"{at} is none of {sorted(self.hosts)}"
        if "/*" not in self.paths and (path is None or not _any(self.paths, path)):
            return f"the path {path} of {page} is in none of {self.paths}"
        return "" if _any(self.patterns, filename) else f"{filename} is none of {self.patterns}"


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(matches(pattern, text) for pattern in patterns)
