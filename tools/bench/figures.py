"""What was measured, as values: the rounds of a case, and the medians and ratios that are told of them."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.bench.cases import KEY_FILES, Case, Form
from tools.bench.clients import Downloads
from tools.bench.corpus import LARGE, page
from tools.bench.homeport import NAME, NGINX

QUIET_SHARE = 0.9


@dataclass(frozen=True)
class Load:
    """What one server did in one round."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    processor_seconds_per_request: float
    share_of_core: float


@dataclass(frozen=True)
class Figure:
    """The rounds of one case with one server; a figure is their median."""

    rounds: tuple[Load, ...]

    @property
    def requests_per_second(self) -> float:
        """Answers a second."""
        return statistics.median(load.requests_per_second for load in self.rounds)

    @property
    def p50_ms(self) -> float:
        """Half of the answers took less."""
        return statistics.median(load.p50_ms for load in self.rounds)

    @property
    def p99_ms(self) -> float:
        """All but one answer of a hundred took less."""
        return statistics.median(load.p99_ms for load in self.rounds)

    @property
    def processor_seconds_per_request(self) -> float:
        """What an answer costs the server."""
        return statistics.median(load.processor_seconds_per_request for load in self.rounds)

    def ratio(self, other: "Figure") -> float:
        """Answers for one of the other's, round against round."""
        pairs = zip(self.rounds, other.rounds, strict=False)
        return statistics.median(
            ours.requests_per_second / theirs.requests_per_second for ours, theirs in pairs
        )

    def processor_ratio(self, other: "Figure") -> float:
        """Answers for the processor time that one costs the other."""
        pairs = zip(self.rounds, other.rounds, strict=False)
        return statistics.median(
            theirs.processor_seconds_per_request / ours.processor_seconds_per_request
            for ours, theirs in pairs
        )


@dataclass(frozen=True)
class Outcome:
    """A case with every server: its figure, or why there is none."""

    case: Case
    figures: Mapping[str, Figure]
    reasons: Mapping[str, str] = field(default_factory=dict)

    def ratio(self, other: str) -> float | None:
        """Homeport's answers for one of another server's, when both have the answer."""
        if NAME not in self.figures or other not in self.figures:
            return None
        return self.figures[NAME].ratio(self.figures[other])

    def fastest(self, names: frozenset[str]) -> str | None:
        """The fastest of these servers."""
        there = {name: figure.requests_per_second for name, figure in self.figures.items() if name in names}
        return max(there, key=there.__getitem__, default=None)

    @property
    def had_its_core(self) -> bool:
        """False when other programs took the core from a server that many connections kept busy."""
        sure = [self.figures[name] for name in (NAME, NGINX) if name in self.figures]
        shares = [load.share_of_core for figure in sure for load in figure.rounds]
        return self.case.connections == 1 or min(shares, default=1.0) >= QUIET_SHARE


@dataclass(frozen=True)
class Described:
    """A server as the document tells of it."""

    name: str
    version: str
    configuration: str
    is_cache: bool = False

    @property
    def is_other_index(self) -> bool:
        """True for an index of its own that is not ours."""
        return self.name not in {NAME, NGINX} and not self.is_cache


@dataclass(frozen=True)
class Cost:
    """What a server cost beside requests; ``None`` where it was not measured."""

    idle_bytes: int
    used_bytes: int
    install_seconds: float | None = None
    downloads: Downloads | None = None


@dataclass(frozen=True)
class Goal:
    """A number of the design beside the figure of this run; a goal without a number is told for comparison."""

    what: str
    figure: float | None
    wanted: float | None
    against: str

    @property
    def is_held(self) -> bool | None:
        """``None`` when there is nothing to hold, or nothing was measured."""
        return None if self.wanted is None or self.figure is None else self.figure >= self.wanted


@dataclass(frozen=True)
class Results:
    """A whole run."""

    servers: tuple[Described, ...]
    absent: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    costs: Mapping[str, Cost]
    projects: int
    rounds: int
    seconds: int

    @property
    def names(self) -> list[str]:
        """Every server that ran, in the order of the tables."""
        return [server.name for server in self.servers]

    @property
    def had_their_core(self) -> bool:
        """False when other programs disturbed the run."""
        return all(outcome.had_its_core for outcome in self.outcomes)

    def missing(self) -> list[str]:
        """Every case that Homeport or nginx did not answer as it should; a document without them says nothing."""
        return [
            f"{outcome.case.title}, {name}: {outcome.reasons.get(name, 'not measured')}"
            for outcome in self.outcomes
            for name in (NAME, NGINX)
            if name not in outcome.figures
        ]

    def outcome(self, *, project: str, form: Form, connections: int, is_gzip: bool) -> Outcome | None:
        """The outcome of one plain request."""
        wanted = (project, form, connections, is_gzip, False)
        for outcome in self.outcomes:
            case = outcome.case
            if wanted == (case.project, case.form, case.connections, case.is_gzip, case.is_conditional):
                return outcome
        return None

    def goals(self) -> list[Goal]:
        """The numbers of the design, and what they are in this run."""
        goals = []
        holding = frozenset(server.name for server in self.servers if server.is_other_index)
        caches = frozenset(server.name for server in self.servers if server.is_cache)
        for form in (Form.JSON, Form.HTML):
            outcome = self.outcome(project=page(KEY_FILES), form=form, connections=32, is_gzip=True)
            if outcome is None:
                continue
            what = f"{outcome.case.title}, 32 connections"
            goals.append(Goal(what, outcome.ratio(NGINX), 0.40, NGINX))
            for names, wanted in ((holding, 3.0), (caches, None)):
                fastest = outcome.fastest(names)
                if fastest:
                    goals.append(Goal(what, outcome.ratio(fastest), wanted, fastest))
        large = self.outcome(project=LARGE, form=Form.FILE, connections=1, is_gzip=False)
        if large:
            goals.append(Goal(large.case.title, large.ratio(NGINX), 0.9, NGINX))
        return goals

    def processor_seconds(self, name: str) -> float | None:
        """Processor seconds for a thousand pages of fifty files, in JSON, or in HTML where there is no JSON."""
        for form in (Form.JSON, Form.HTML):
            outcome = self.outcome(project=page(KEY_FILES), form=form, connections=32, is_gzip=True)
            if outcome and name in outcome.figures:
                return outcome.figures[name].processor_seconds_per_request * 1000
        return None
