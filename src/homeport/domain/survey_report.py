"""What a survey says when it is over: how many projects depend on other people's servers, on which, and how these fare.

1. Figures about files count each name once in its project, and only names that this index does not host.
2. Figures about links and hosts count every link that was found, also where the file is hosted here as well.
3. Lists hold what weighs most: whole lists are asked for by page. What weighs the same stands in the order of names.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from homeport.domain.survey import Letter, Link, Look, Reach

TOP = 50
# A share of few links says nothing about a host.
_ENOUGH_LINKS = 5
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


@dataclass(frozen=True, slots=True)
class HostFigures:
    """What lies on one host: links, the projects they belong to, the files they name, and how many are in trouble."""

    host: str
    links: int
    projects: int
    files: int
    dead: int
    plain_http: int
    unhashed: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How many things there are from ``least`` to ``most`` of something; ``most`` is ``None`` without an end."""

    least: int
    most: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a survey.

    ``unread_projects`` have a letter although a page of theirs could not be read; ``lost_projects`` have external files
    of which none can be had. ``lone_hosts`` are hosts that one project depends on. ``spread`` counts projects by the
    number of their external files, ``reasons`` dead and unasked links by what came of them.
    """

    projects: int
    letters: Mapping[Letter, int]
    skipped_projects: int
    unread_projects: int
    lost_projects: int
    hosted_files: int
    external_files: int
    hashed_files: int
    dead_files: int
    links: int
    hosted_links: int
    reaches: Mapping[Reach, int]
    plain_http_links: int
    unhashed_links: int
    hosts: int
    dead_hosts: int
    lone_hosts: int
    sources: tuple[tuple[str, int], ...] = ()
    tools: tuple[tuple[str, int], ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    spread: tuple[Bar, ...] = ()
    hosts_by_projects: tuple[HostFigures, ...] = ()
    hosts_by_links: tuple[HostFigures, ...] = ()
    hosts_by_dead: tuple[HostFigures, ...] = ()
    projects_by_files: tuple[Look, ...] = ()

    @property
    def dead_links(self) -> int:
        """How many links lead nowhere."""
        return sum(count for reach, count in self.reaches.items() if reach.is_dead)

    @property
    def external_projects(self) -> int:
        """How many projects have external files."""
        return self.letters[Letter.B] + self.letters[Letter.C]


def report_of(looks: Iterable[Look], links: Iterable[tuple[str, Link]]) -> Report:
    """The figures of what was seen: a look at each project, and each link with the project it belongs to."""
    seen, hosts = _Projects(), _Links()
    for look in looks:
        seen.add(look)
    for project, link in links:
        hosts.add(project, link)
    figures = hosts.figures()
    return Report(
        projects=seen.projects,
        letters={letter: seen.letters[letter] for letter in Letter},
        skipped_projects=seen.letters[None],
        unread_projects=seen.unread,
        lost_projects=seen.lost,
        hosted_files=seen.hosted_files,
        external_files=seen.external_files,
        hashed_files=seen.hashed_files,
        dead_files=seen.dead_files,
        links=hosts.links,
        hosted_links=hosts.hosted,
        reaches={reach: hosts.reaches[reach] for reach in Reach},
        plain_http_links=sum(one.plain_http for one in figures),
        unhashed_links=sum(one.unhashed for one in figures),
        hosts=len(figures),
        dead_hosts=sum(one.dead == one.links for one in figures),
        lone_hosts=sum(one.projects == 1 for one in figures),
        sources=_most(hosts.sources),
        tools=_most(hosts.tools),
        reasons=_most(hosts.reasons),
        spread=_spread(seen.spread),
        hosts_by_projects=_top(figures, lambda one: (-one.projects, -one.links, one.host)),
        hosts_by_links=_top(figures, lambda one: (-one.links, -one.projects, one.host)),
        hosts_by_dead=_top(
            [one for one in figures if one.dead and one.links >= _ENOUGH_LINKS],
            lambda one: (-one.dead / one.links, -one.links, one.host),
        ),
        projects_by_files=seen.top(),
    )


class _Projects:
    """Looks, added up."""

    def __init__(self) -> None:
        self.projects = self.unread = self.lost = 0
        self.hosted_files = self.external_files = self.hashed_files = self.dead_files = 0
        self.letters: Counter[Letter | None] = Counter()
        self.spread: Counter[int] = Counter()
        self._external: list[Look] = []

    def add(self, look: Look) -> None:
        self.projects += 1
        self.letters[look.letter] += 1
        self.unread += look.letter is not None and bool(look.problem)
        self.lost += look.is_lost
        self.hosted_files += look.hosted_files
        self.external_files += look.external_files
        self.hashed_files += look.hashed_files
        self.dead_files += look.dead_files
        if look.external_files:
            self.spread[look.external_files] += 1
            self._external.append(look)

    def top(self) -> tuple[Look, ...]:
        return tuple(sorted(self._external, key=lambda look: (-look.external_files, look.project))[:TOP])


class _Host:
    """The links of one host, added up."""

    def __init__(self) -> None:
        self.links = self.dead = self.plain_http = self.unhashed = 0
        self.projects: set[str] = set()
        self.files: set[tuple[str, str]] = set()


class _Links:
    """Links, added up by their hosts."""

    def __init__(self) -> None:
        self.links = self.hosted = 0
        self.reaches: Counter[Reach] = Counter()
        self.sources: Counter[str] = Counter()
        self.tools: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._hosts: dict[str, _Host] = {}

    def add(self, project: str, link: Link) -> None:
        self.links += 1
        self.hosted += link.is_hosted
        self.reaches[link.check.reach] += 1
        self.sources[link.source] += 1
        self.tools.update(link.seen_by)
        if link.check.code:
            self.reasons[link.check.code] += 1
        host = self._hosts.setdefault(link.host, _Host())
        host.links += 1
        host.dead += link.check.reach.is_dead
        host.plain_http += not link.is_tls
        host.unhashed += not link.claimed
        host.projects.add(project)
        host.files.add((project, link.filename))

    def figures(self) -> list[HostFigures]:
        return [
            HostFigures(
                name,
                host.links,
                len(host.projects),
                len(host.files),
                host.dead,
                host.plain_http,
                host.unhashed,
            )
            for name, host in self._hosts.items()
        ]


def _most(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _top(
    figures: Sequence[HostFigures], weight: Callable[[HostFigures], tuple[float, float, str]]
) -> tuple[HostFigures, ...]:
    return tuple(sorted(figures, key=weight)[:TOP])


def _spread(counted: Counter[int]) -> tuple[Bar, ...]:
    """Projects by how many external files they have, up to the last step that somebody reaches."""
    bars = []
    for place, least in enumerate(_STEPS):
        most = _STEPS[place + 1] - 1 if place + 1 < len(_STEPS) else None
        inside = sum(
            count for files, count in counted.items() if files >= least and (most is None or files <= most)
        )
        bars.append(Bar(least, most, inside))
    while bars and not bars[-1].count:
        bars.pop()
    return tuple(bars)
