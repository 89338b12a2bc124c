"""The projects of the index, what each says of its files, and what a survey must find; nothing here asks the product.

1. Most projects host all their files, and their home pages link to other things.
2. Some name files elsewhere in their metadata, some only name pages that list them, some do both.
3. Some pages are named by many projects; some link to hundreds of things, some are gone, some moved.
4. The number of external links that can be found is exactly what was asked for.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from tools.survey.outside import Fate, Host, Hosts, Outside, Ports, Thing

SEED = 438
_SHARED_PAGES = 12
# Shares of what is drawn.
_WITHOUT_HOME, _HAS_HOME, _AS_DOWNLOAD_URL = 0.3, 0.92, 0.3
_ON_SHARED_PAGE, _NAMES_SHARED_PAGE, _MOVED_PAGE, _GONE_PAGE, _LONG_PAGE = 0.1, 0.12, 0.05, 0.1, 0.01
_BESIDE_PAGE, _RELATIVE, _LISTED_TOO = 0.8, 0.7, 0.01
_GONE_FILE, _GONE_FROM_CLOSED, _MOVED_FILE = 0.08, 0.92, 0.04
_MD5, _SHA256 = 0.35, 0.08
_FIRST_ERROR = 400
_MOST_FILES = 400
_FORMS = (".tar.gz", ".tar.gz", ".tar.gz", ".zip", ".tar.bz2", "-py2.py3-none-any.whl")
_GONE = (404, 404, 404, 410, 403)
_NOISE = (
    '<a href="http://docs.example.org/{0}/">documentation</a>',
    '<a href="mailto:{0}@example.org">write to us</a>',
    '<a href="changes.html">what changed</a>',
    '<img src="logo.png"> <link rel="stylesheet" href="style.css">',
    '<a href="other-{0}-1.0.tar.gz">another project</a>',
    '<!-- <a href="old/{0}.html">old page</a> -->',
    '<a href="{0}-manual.pdf">manual</a>',
)
_SYLLABLES = tuple(f"{one}{two}" for one in "bdfgklmnprstvz" for two in "aeiou")


class Kind(Enum):
    """Where the files of a project are."""

    HOSTED = "hosted"
    DIRECT = "direct"
    CRAWLED = "crawled"
    BOTH = "both"


_KINDS = {Kind.HOSTED: 88.0, Kind.DIRECT: 3.5, Kind.CRAWLED: 7.5, Kind.BOTH: 1.0}


@dataclass
class Project:
    """One project: its releases as (version, home page, download URL), and the names of the files it hosts."""

    name: str
    releases: list[tuple[str, str, str]] = field(default_factory=list)
    hosted: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Truth:
    """What a survey must say, counted while the world was made."""

    letters: Counter[str] = field(default_factory=Counter)
    reaches: Counter[str] = field(default_factory=Counter)
    unread_projects: int = 0
    external_files: int = 0
    links: int = 0
    hosted_links: int = 0
    plain_http_links: int = 0
    unhashed_links: int = 0
    hosts: set[str] = field(default_factory=set)

    @property
    def dead_links(self) -> int:
        """Links that lead nowhere."""
        return self.reaches["gone"] + self.reaches["silent"]


@dataclass
class Story:
    """An index, its outside, and the truth about both."""

    projects: list[Project]
    outside: Outside
    truth: Truth


def tell_story(projects: int, links: int, ports: Ports, seed: int = SEED) -> Story:
    """So many projects, with so many links to files that lie elsewhere."""
    return _Teller(projects, links, ports, random.Random(seed)).tell()  # noqa: S311 - no secret is drawn


@dataclass
class _Page:
    """A page while it is written."""

    host: Host
    path: str
    lines: list[str] = field(default_factory=list)


class _Teller:
    """Draws everything, in one order."""

    def __init__(self, projects: int, links: int, ports: Ports, chance: random.Random) -> None:
        self._count, self._links, self._ports, self._chance = projects, links, ports, chance
        self._hosts = Hosts(chance, projects)
        self._outside = Outside(ports, list(self._hosts.every))
        self._truth = Truth()
        self._pages: list[_Page] = []
        self._shared = [self._page(self._hosts.live(), f"/all{n}/") for n in range(_SHARED_PAGES)]

    def tell(self) -> Story:
        kinds = self._chance.choices(list(_KINDS), list(_KINDS.values()), k=self._count)
        amounts = self._amounts(sum(kind is not Kind.HOSTED for kind in kinds))
        projects = [self._project(number, kind, amounts) for number, kind in enumerate(kinds)]
        for page in self._pages:
            self._chance.shuffle(page.lines)
            self._outside.things[page.host.number, page.path] = Thing(html="\n".join(page.lines))
        return Story(projects, self._outside, self._truth)

    def _amounts(self, projects: int) -> Iterator[int]:
        """How many files each external project has: few have many; together exactly the links that were asked for."""
        drawn = [min(_MOST_FILES, int(self._chance.paretovariate(0.95))) for _ in range(projects)]
        place = 0
        while (missing := self._links - sum(drawn)) != 0:
            if missing > projects:
                drawn = [files + missing // projects for files in drawn]
            elif missing > 0 or drawn[place % projects] > 1:
                drawn[place % projects] += 1 if missing > 0 else -1
            place += 1
        return iter(drawn)

    def _project(self, number: int, kind: Kind, amounts: Iterator[int]) -> Project:
        project = Project(_name(number))
        if kind is Kind.HOSTED:
            self._hosted(project)
            self._truth.letters["A"] += 1
            return project
        files = next(amounts)
        direct = {Kind.DIRECT: files, Kind.CRAWLED: 0, Kind.BOTH: files // 2}[kind]
        home = "" if kind is Kind.DIRECT and self._is(_WITHOUT_HOME) else self._home(project, files - direct)
        for place in range(direct):
            host = self._hosts.draw()
            filename, version = self._filename(project, place)
            url = self._file(host, f"/dist/{project.name}/{filename}")
            project.releases.append((version, home, url))
        if not project.releases:
            is_download = self._is(_AS_DOWNLOAD_URL)
            project.releases.append(("1.0", "" if is_download else home, home if is_download else ""))
        self._truth.letters["B" if direct == files else "C"] += 1
        self._truth.external_files += files
        return project

    def _home(self, project: Project, files: int) -> str:
        """The URL of a page that lists so many files of the project; with none, of any page, there or not."""
        if not files:
            return self._any_page(project)
        if self._is(_ON_SHARED_PAGE):
            page, path = (shared := self._chance.choice(self._shared)), shared.path
        else:
            page = self._page(self._hosts.live(), f"/{project.name}/")
            path = self._moved(page) if self._is(_MOVED_PAGE) else page.path
        for place in range(files):
            filename, _ = self._filename(project, 1_000 + place)
            is_here = self._is(_BESIDE_PAGE)
            host = page.host if is_here else self._hosts.draw()
            url = self._file(host, f"/files/{project.name}/{filename}")
            prefix = page.host.url(self._ports, "") if is_here and self._is(_RELATIVE) else ""
            page.lines.append(f'<li><a href="{url.removeprefix(prefix)}">{filename}</a>')
        return page.host.url(self._ports, path)

    def _hosted(self, project: Project) -> None:
        releases = min(12, int(self._chance.paretovariate(1.1)))
        page, home = None, ""
        if self._is(_HAS_HOME):
            if self._is(_LISTED_TOO):
                page = self._page(self._hosts.live(), f"/{project.name}/")
                home = page.host.url(self._ports, page.path)
            else:
                home = self._any_page(project)
        for place in range(releases):
            version = f"{1 + place}.0"
            filename = f"{project.name}-{version}.tar.gz"
            project.hosted.append((filename, version))
            project.releases.append((version, home, ""))
            if page is not None:
                url = self._file(page.host, f"{page.path}{filename}", is_hosted=True)
                page.lines.append(f'<a href="{url}">the same file</a>')

    def _any_page(self, project: Project) -> str:
        """A page without files of the project: shared, usual, gone, forbidden, or where nobody answers."""
        if self._is(_NAMES_SHARED_PAGE):
            page = self._chance.choice(self._shared)
            return page.host.url(self._ports, page.path)
        host, path = self._hosts.draw(), f"/{project.name}/"
        is_gone = self._is(_GONE_PAGE)
        if not is_gone:
            page = self._page(host, path)
            if self._is(_LONG_PAGE):
                page.lines += [f'<a href="/issue/{number}">issue {number}</a>' for number in range(600)]
        self._truth.unread_projects += is_gone or host.fate in {Fate.DEAD, Fate.NO_ROBOTS}
        return host.url(self._ports, path)

    def _page(self, host: Host, path: str) -> _Page:
        page = _Page(host, path)
        name = path.strip("/")
        page.lines += [self._chance.choice(_NOISE).format(name) for _ in range(self._chance.randrange(3, 25))]
        self._pages.append(page)
        return page

    def _moved(self, page: _Page) -> str:
        path = f"/~{page.path.strip('/')}"
        self._outside.things[page.host.number, path] = Thing(301, location=page.path)
        return path

    def _filename(self, project: Project, place: int) -> tuple[str, str]:
        version = f"{1 + place // 10}.{place % 10}"
        return f"{project.name}-{version}{self._chance.choice(_FORMS)}", version

    def _file(self, host: Host, path: str, *, is_hosted: bool = False) -> str:
        """A file on ``host``, there or not; its URL, with a hash or without, and the truth about it."""
        truth = self._truth
        thing = Thing(size_bytes=self._chance.randrange(2_000, 3_000_000))
        if self._is(_GONE_FROM_CLOSED if host.fate is Fate.CLOSED else _GONE_FILE):
            thing = Thing(self._chance.choice(_GONE))
        elif self._is(_MOVED_FILE):
            # Also from plain HTTP: a chain may step up to TLS, and never down.
            mirror = next(giant for giant in self._hosts.giants if giant.is_tls)
            self._outside.things[mirror.number, f"/mirror{path}"] = thing
            thing = Thing(302, location=mirror.url(self._ports, f"/mirror{path}"))
        self._outside.things[host.number, path] = thing
        reach = {Fate.DEAD: "silent", Fate.NO_ROBOTS: "unasked"}.get(host.fate)
        truth.reaches[reach or ("found" if thing.status < _FIRST_ERROR else "gone")] += 1
        claim = self._claim(path)
        truth.links += 1
        truth.hosted_links += is_hosted
        truth.plain_http_links += not host.is_tls
        truth.unhashed_links += not claim
        truth.hosts.add(f"{host.address}:{host.port(self._ports)}")
        return host.url(self._ports, path) + claim

    def _claim(self, path: str) -> str:
        if self._is(_MD5):
            return f"#md5={hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()}"
        return f"#sha256={hashlib.sha256(path.encode()).hexdigest()}" if self._is(_SHA256) else ""

    def _is(self, share: float) -> bool:
        """True so often."""
        return self._chance.random() < share


def _name(number: int) -> str:
    """A name of syllables, another one for every number, in which no file name can be split twice."""
    syllables: list[str] = []
    rest = number * 7919 + 343_000
    while rest:
        rest, one = divmod(rest, len(_SYLLABLES))
        syllables.append(_SYLLABLES[one])
    return "".join(syllables)
