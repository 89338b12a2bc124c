"""The stage of the transition: an index of two projects, its people, sites elsewhere, a worker, and the model beside it.

Whatever is done goes through :meth:`Stage.ask`, ``worker_did`` or ``clock_did``: each tells the model what came of it.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine
from tests.support.archives import make_sdist, make_wheel
from tests.support.fake_tables import Tables
from tests.support.invariants import History
from tests.support.outside import PUBLIC_ADDRESS, page
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.transition_model import EXT, Model, Must
from tests.support.transition_reads import FileReader, html_page
from tests.support.transition_terms import SITES, known_as
from tests.support.world import Fakes, add_person, drop_jobs, fake_world, grant

from homeport.domain.account import Caller
from homeport.domain.address import parse_allow
from homeport.domain.digests import Sha256
from homeport.domain.errors import Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.manners import Politeness
from homeport.domain.rehost import Decision, Rehost, State
from homeport.domain.survey import look_of
from homeport.domain.survey_report import report_of
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import add_source, create_project
from homeport.flows.manners.polite import PoliteFetcher
from homeport.flows.rehost.draft import Review, show_review
from homeport.ports.jobs import Job, Work
from homeport.ports.surveys import Seen
from homeport.ports.world import Limits, World

NAMES = ("demo", "solo")
PEOPLE = ("ada", "bob")
ADMINS = ("root", "rita")
# What the model counts: each change of these kinds is one entry of the ledger.
COUNTED = frozenset(
    {
        Kind.MODE_CHANGED,
        Kind.POLICY_CHANGED,
        Kind.CONSENT_GIVEN,
        Kind.CONSENT_WITHDRAWN,
        Kind.STANDING_CONSENT_WITHDRAWN,
        Kind.EXEMPTION_EXTENDED,
        Kind.STATUS_CHANGED,
        Kind.FILE_FROZEN,
        Kind.FILE_UNFROZEN,
        Kind.RELEASE_FROZEN,
        Kind.RELEASE_UNFROZEN,
        Kind.HOST_FROZEN,
        Kind.HOST_UNFROZEN,
        Kind.PROPOSAL_MADE,
        Kind.PROPOSAL_ENDED,
        Kind.VISIBILITY_CHANGED,
        Kind.WEBHOOK_ADDED,
        Kind.WEBHOOK_CHANGED,
        Kind.WEBHOOK_REMOVED,
    }
)
STANDING = frozenset(
    {
        Kind.STANDING_CONSENT_GIVEN,
        Kind.STANDING_CONSENT_NARROWED,
        Kind.STANDING_CONSENT_WITHDRAWN,
        Kind.CONSENT_VOIDED,
    }
)


@cache
def bodies(name: str) -> dict[str, tuple[bytes, ...]]:
    """Two variants of every file that a project's sites may have."""
    contents = (b"answer = 42\n", b"answer = 43\n")
    one, two = (
        tuple(make_wheel(name, version, files={f"{name}/content.py": content}) for content in contents)
        for version in ("1.0", "2.0")
    )
    sdist = tuple(make_sdist(name, "1.0", files={"content.py": content}) for content in contents)
    return {
        f"{name}-1.0-py3-none-any.whl": one,
        f"{name}-1.0.tar.gz": sdist,
        f"{name}-2.0-py3-none-any.whl": two,
    }


@cache
def sha256_of(name: str, filename: str, variant: int) -> str:
    """The digest of one of these variants."""
    return Sha256.of(bodies(name)[filename][variant]).hex


@dataclass(frozen=True)
class Before:
    """What a step found: entries, notices, files, modes and links, and how many requests sites had had."""

    entries: int
    notices: int
    files: frozenset[tuple[int, str]]
    modes: dict[str, str]
    links: dict[str, int]
    asked: int


@cache
def _beginning() -> Tables:
    """A project in pypi-ext since ever, and one in pypi-cache; made once, for it is the beginning of every story."""
    with TemporaryDirectory() as folder, fake_world(Path(folder)) as fakes:
        world = fakes.world
        people = {name: add_person(world, name, is_admin=name in ADMINS) for name in (*PEOPLE, *ADMINS)}
        ada = Caller(people["ada"])
        demo = create_project(world, ada.user, "demo", HostingMode.ONLY)
        create_project(world, ada.user, "solo", HostingMode.CACHE)
        grant(world, demo, people["bob"])
        wish = Wish(HostingMode.EXT, "Since ever.", date(2026, 6, 1))
        change_hosting(world, Caller(people["root"]), "demo", wish)
        with world.store.write() as tx:
            exemption = tx.exemptions.live(demo.id)
            assert exemption is not None
            # As those are that are older than the rule that there is an end.
            tx.exemptions.put(replace(exemption, until=None))
        for name in NAMES:
            add_source(world, ada, name, "homepage", f"{SITES[name][0]}/")
        return fakes.store.committed


class Stage(RuleBasedStateMachine):
    """The index, and the model of what must be so."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        limits = Limits(registration_wait_seconds=0, retries=3, fetch_slice_seconds=0)
        self.fakes: Fakes = self.open.enter_context(fake_world(folder, limits))
        self.fakes.store.committed = _beginning().snapshot()
        # As a worker asks: a host may be frozen, or rest.
        polite = PoliteFetcher(
            # These stories have sites on another port than the usual one.
            OutsideFetcher(self.fakes.outside, allow=parse_allow(f"{PUBLIC_ADDRESS}:*")),
            self.fakes.store,
            self.fakes.clock,
            Politeness(pace_seconds=0),
        )
        self.world: World = replace(self.fakes.world, fetcher=polite)
        self.fakes.world = self.world
        self.model = Model(self.fakes.clock.now())
        self.pages: dict[str, set[str]] = {}
        roles = {"demo": {"ada": "owner", "bob": "maintainer"}, "solo": {"ada": "owner"}}
        for name, mode in zip(NAMES, (EXT, "pypi-cache"), strict=True):
            self.model.projects[name] = Must(mode, roles[name], {SITES[name][0]})
            self.offer(name, SITES[name][0], dict.fromkeys(bodies(name), 0))
            self.model.projects[name].offered = {f"{SITES[name][0]}/{filename}" for filename in bodies(name)}
        self.model.gave_standing("solo", "ada", until=self.tables.standing[2].expires_at)
        self.counts = Counter(entry["kind"] for entry in self.entries(0) if entry["kind"] in COUNTED)
        self.found = Counter(self.counts)
        self.standing = sum(entry["kind"] in STANDING for entry in self.entries(0))
        self.counted_to = len(self.tables.ledger)
        self.noticed = len(self.tables.notices)
        self.history = History(self.fakes.store)
        self.reader = FileReader(self.fakes)
        self.reviews: list[Review] = []
        self.awaited: dict[int, set[str]] = {}
        self.seen: object = None
        self.trouble: list[str] = []
        self._listen()

    def _listen(self) -> None:
        """Chores tell of what nobody expected, and go on: here it is a failure."""
        handler = _Troubles(self.trouble)
        logger = logging.getLogger("homeport")
        logger.addHandler(handler)
        self.open.callback(logger.removeHandler, handler)

    def teardown(self) -> None:
        """Whatever work is left is expected."""
        drop_jobs(self.fakes)
        self.open.close()

    # Who and what there is

    @property
    def tables(self) -> Tables:
        """Everything that is remembered."""
        return self.fakes.store.committed

    def caller(self, who: str) -> Caller:
        """A person who signed in."""
        return Caller(next(user for user in self.tables.users.values() if user.name == who))

    def entries(self, after: int) -> list[dict[str, Any]]:
        """The ledger's entries since then."""
        return [json.loads(sealed.body) for sealed in self.tables.ledger[after:]]

    def rehosts(self, *states: State) -> list[Rehost]:
        """The rehosts that stand so, or all."""
        every = [stored.rehost for stored in self.tables.rehosts.values()]
        return [one for one in every if not states or one.state in states]

    def project_of(self, rehost: Rehost) -> Must:
        """What must be so of its project."""
        return self.model.projects[rehost.project]

    def offer(self, name: str, site: str, files: dict[str, int], *, tells: bool = True) -> None:
        """Let a site have these variants of files, and a page that names them, and perhaps ``tells`` their digests."""
        outside = self.fakes.outside
        for filename, variant in files.items():
            outside.put_file(f"{site}/{filename}", bodies(name)[filename][variant])
            sha256 = sha256_of(name, filename, variant)
            self.model.offered(name, f"{site}/{filename}", sha256, is_told=tells)
        links = (
            f'<a href="{filename}#sha256={sha256_of(name, filename, variant)}">'
            if tells
            else f'<a href="{filename}">'
            for filename, variant in files.items()
        )
        outside.put(f"{site}/", page("".join(links)))
        self.pages[f"{site}/"] = {f"{site}/{filename}" for filename in files}

    # What is asked of it

    def ask(self, act: Callable[[], object]) -> object:
        """Do it; what came of it, or the refusal, which changes nothing."""
        tables = self.tables
        try:
            return act()
        except Refusal as refusal:
            # A registration that is not waited for has begun all the same.
            if refusal.code != "still-running" and self.tables is not tables:
                raise AssertionError(f"refused, and something changed: {refusal}") from refusal
            return refusal

    def did(self, act: Callable[[], object], *, may: bool = True, kind: Kind | None = None) -> bool:
        """Whether it was done; it must not be unless it ``may``, and is one entry of that ``kind``."""
        outcome = self.ask(act)
        is_done = not isinstance(outcome, Refusal)
        assert may or not is_done, f"this must not have been done: {outcome}"
        if is_done and kind is not None:
            self.counts[kind] += 1
        return is_done

    def before(self) -> Before:
        """What a step of a worker or the clock finds."""
        tables = self.tables
        return Before(
            len(tables.ledger),
            len(tables.notices),
            frozenset(tables.files),
            {one.name.normalized: one.mode.value for one in tables.projects.values()},
            {name: len(html_page(self.fakes, name).elsewhere) for name in NAMES},
            len(self.fakes.outside.asked),
        )

    def worker_did(self, before: Before, job: Job) -> None:
        """Tell the model what a worker did: whom it asked, what a call agreed to, what is listed, and which files came."""
        # Whoever waits for a turn lets time go by.
        self.model.now = self.fakes.clock.now()
        asked = self.fakes.outside.requests[before.asked :]
        if job.work is Work.LEARN_SIZES:
            assert {one.method for one in asked} <= {"HEAD"}, "what is only listed was fetched"
        read = [self.pages[one.url] for one in asked if one.url in self.pages]
        is_listed = any(entry["kind"] == Kind.LINKS_LISTED for entry in self.entries(before.entries))
        # Where no page is named any more, nothing is read, and nothing is there.
        if job.work is Work.PLAN_REHOST and (read or is_listed):
            self.model.crawled[job.rehost_id] = {url: self.model.bytes[url] for urls in read for url in urls}
        for entry in self.entries(before.entries):
            if entry["kind"] == Kind.LINKS_LISTED:
                rehost = self.tables.rehosts[entry["details"]["rehost"]]
                links = {link.url for link in self.tables.links[rehost.project_id]}
                name, version = rehost.rehost.project, rehost.rehost.version
                self.require(self.model.listed(name, rehost.rehost.id, version, links))
            if entry["kind"] == Kind.CONSENT_GIVEN:
                told, who = entry["details"], entry["actor"]
                files = frozenset(map(tuple, told["files"]))
                self.counts[Kind.CONSENT_GIVEN] += 1
                problem = self.model.agreed_by_call(
                    told["rehost"], entry["project"], who, files, self._pages_of(told["rehost"])
                )
                assert not problem, problem
        hosts = {known_as(one.url) for one in asked}
        assert not hosts & self.model.frozen_hosts, (
            f"I-12: {hosts & self.model.frozen_hosts} are frozen, and were asked"
        )
        for key, file in self.tables.files.items():
            if key not in before.files:
                name = self.tables.projects[key[0]].name.normalized
                self.require(self.model.came(name, file.filename, file.digests.sha256.hex))

    def _pages_of(self, rehost_id: int) -> dict[str, str]:
        """On which page each accepted file of a rehost was found; the page was asked for, and named it."""
        found = {
            item.filename: item.found_on
            for of, item in self.tables.items.values()
            if of == rehost_id and item.decision is Decision.ACCEPT
        }
        assert set(found.values()) <= set(self.fakes.outside.asked), f"nobody looked at {found}"
        return found

    def clock_did(self, before: Before, *, is_time_right: bool = True) -> None:
        """Tell the model what the clock did: whom it told, what it moved, which policy it ended."""
        for _, notice in self.tables.notices[before.notices :]:
            if notice.kind in {"campaign-announced", "campaign-reminder"}:
                self.model.projects[notice.subject.partition(" ")[0]].notices.append(self.model.today)
        for project in self.tables.projects.values():
            name = project.name.normalized
            if project.mode.value != before.modes[name]:
                self.counts[Kind.MODE_CHANGED] += 1
                self.require(self.model.moved_by_clock(name, project.mode.value, before.links[name]))
        for entry in self.entries(before.entries):
            if entry["kind"] == Kind.POLICY_CHANGED:
                assert entry["actor"] == "clock", entry
                self.counts[Kind.POLICY_CHANGED] += 1
                rules = self.model.rules
                rules.again, rules.ends_on = False, min(rules.ends_on or self.model.today, self.model.today)
        assert frozenset(self.tables.files) == before.files, "the clock published something"
        if is_time_right:
            self.require(self.model.overdue())

    @staticmethod
    def require(problems: Iterator[str]) -> None:
        """Fail when the model objects."""
        told = list(problems)
        assert not told, "; ".join(told)

    def look_at_plans(self) -> None:
        """Somebody opens the review of every plan that waits for an answer."""
        for rehost in self.rehosts(State.PLANNED):
            must = self.project_of(rehost)
            who = next(one for one in PEOPLE if must.maintains(one))
            self.reviews.append(show_review(self.world, self.caller(who), rehost.id))

    def finish_surveys(self) -> None:
        """Every survey that runs sees nothing new, and is finished."""
        self.fakes.done |= {job.key for job in self.fakes.waiting() if job.work is Work.SURVEY}
        if not any(survey.is_running for survey in self.tables.surveys.values()):
            return
        now = self.fakes.clock.now()
        with self.world.store.write() as tx:
            for survey in tx.surveys.running():
                seen = [
                    Seen(project.id, look_of(project.name.normalized, [], [], at=now))
                    for project in self.tables.projects.values()
                ]
                tx.surveys.put(survey.id, seen, waiting_hosts=0)
                tx.surveys.finish(survey.id, report_of([one.look for one in seen], []), now)


class _Troubles(logging.Handler):
    """Keeps what was told as trouble."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(f"{record.getMessage()} {getattr(record, 'fields', '')} {record.exc_info}")
