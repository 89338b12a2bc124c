"""What must be true of projects that are moved, told a second time: plain Python over what people did, and no product's rows.

The machine tells the model every act that was done and every day that passed. The model says which mode a project must be
in, which addresses elsewhere may be shown, and which bytes may be public, and objects to whatever came otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase

EXT, CACHE, ONLY = "pypi-ext", "pypi-cache", "pypi-only"
OWNER, MAINTAINER = "owner", "maintainer"
NOTICES = {EXT: (90, 30, 7), CACHE: (30,)}


@dataclass
class Rules:
    """The policy of the index, as far as the model knows of it."""

    modes: frozenset[str] = frozenset({EXT, CACHE, ONLY})
    by_admins_only: bool = False
    ends_on: date | None = None
    again: bool = True
    cooling: timedelta = timedelta()
    two_to_unfreeze: bool = False
    two_to_delete: bool = False
    frozen_status: int = 404

    def allow(self, source: str, target: str, today: date, *, by_admin: bool) -> bool:
        """Whether somebody may choose the mode."""
        if target not in self.modes:
            return False
        if target != CACHE:
            return True
        is_over = self.ends_on is not None and today >= self.ends_on
        return not is_over and (by_admin or not self.by_admins_only) and (source != ONLY or self.again)


@dataclass
class Agreement:
    """What somebody agreed to: names with the sha256 of their bytes. ``cooling`` is the shortest that held since."""

    project: str
    by: str
    files: frozenset[tuple[str, str]]
    at: datetime
    cooling: timedelta
    is_full: bool = False
    is_live: bool = True


@dataclass
class Standing:
    """A standing consent: whose it is, and what it covers until when."""

    by: str
    hosts: set[str]
    patterns: tuple[str, ...]
    until: datetime
    is_live: bool = True


@dataclass
class Running:
    """A campaign that was announced for projects of a mode; ``day`` is what people were told."""

    source: str
    day: date
    is_paused: bool = False


@dataclass
class Must:
    """What must be so of one project. ``frozen`` holds versions, and versions with a file name."""

    mode: str
    roles: dict[str, str]
    sources: set[str]
    offered: set[str] = field(default_factory=set)
    hosted: dict[str, str] = field(default_factory=dict)
    frozen: set[tuple[str, str]] = field(default_factory=set)
    status: str = "active"
    until: date | None = None
    closed_by_owner: bool = False
    standing: Standing | None = None
    told: list[date] = field(default_factory=list)

    @property
    def is_quarantined(self) -> bool:
        """True while nobody is shown anything."""
        return self.status == "quarantined"

    def owns(self, who: str) -> bool:
        """Whether it is theirs."""
        return self.roles.get(who) == OWNER

    def maintains(self, who: str) -> bool:
        """Whether they answer for it."""
        return self.roles.get(who) in {OWNER, MAINTAINER}

    def is_frozen(self, filename: str) -> bool:
        """Whether an administrator keeps the file from everybody."""
        version = version_of(filename)
        return not self.frozen.isdisjoint({(version, ""), (version, filename)})

    @property
    def public(self) -> dict[str, str]:
        """The bytes that everybody may have, by name."""
        if self.is_quarantined:
            return {}
        return {name: sha256 for name, sha256 in self.hosted.items() if not self.is_frozen(name)}


def version_of(filename: str) -> str:
    """The version in the name of a file of these stories."""
    return filename.removesuffix(".tar.gz").split("-")[1]


class Model:
    """Every project, and what was agreed to and announced."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rules = Rules()
        self.projects: dict[str, Must] = {}
        self.agreed: dict[int, list[Agreement]] = {}
        self.campaigns: dict[int, Running] = {}
        self.frozen_hosts: set[str] = set()

    @property
    def today(self) -> date:
        """The day it is."""
        return self.now.date()

    # Modes

    def may_choose(self, name: str, who: str, target: str, *, is_admin: bool, consents: bool) -> bool:
        """Whether that person may move the project so, apart from what is lost and what must be brought home first."""
        must = self.projects[name]
        if must.is_quarantined or target == must.mode:
            return False
        if target == EXT:
            return is_admin and self.rules.allow(must.mode, EXT, self.today, by_admin=True)
        if not must.owns(who):
            return False
        is_allowed = self.rules.allow(must.mode, target, self.today, by_admin=is_admin)
        return is_allowed and (target == ONLY or consents)

    def chosen(self, name: str, who: str, target: str, until: date | None) -> None:
        """Somebody moved the project."""
        must = self.projects[name]
        must.mode, must.until = target, until if target == EXT else None
        must.closed_by_owner = target == ONLY
        if target == CACHE:
            self.gave_standing(name, who, None, ("*",), self.now + timedelta(days=365))

    def brought_home(self, name: str) -> bool:
        """Whether a plan of everything was agreed to and all of it came."""
        must = self.projects[name]
        full = [one for _, one in self.every_agreement(name) if one.is_full and one.is_live]
        return any(must.hosted.get(filename) == sha256 for one in full for filename, sha256 in one.files)

    def moved_by_clock(self, name: str, target: str, links: int) -> Iterator[str]:
        """The clock moved the project, which showed so many links: every reason why it must not have."""
        must = self.projects[name]
        if target != ONLY:
            yield f"the clock moved {name} to {target}"
        if must.is_quarantined:
            yield f"I-12: {name} is quarantined, and the clock moved it"
        is_over = must.mode == EXT and must.until is not None and must.until <= self.today
        if not is_over and not self._campaign_may_move(must, links):
            yield f"{name} was moved earlier than told: it is {self.today}, it was told on {must.told}"
        must.mode, must.until, must.closed_by_owner = target, None, False

    def _campaign_may_move(self, must: Must, links: int) -> bool:
        wanted = NOTICES[must.mode] if links else (30,)
        told = sorted(set(must.told))
        is_told = len(told) >= len(wanted) and all(
            any((self.today - day).days >= days for day in told[number:])
            for number, days in enumerate(wanted)
        )
        running = [one for one in self.campaigns.values() if one.source == must.mode and not one.is_paused]
        # An exemption with an end keeps a project out.
        is_out = must.mode == EXT and must.until is not None
        return is_told and not is_out and any(one.day <= self.today for one in running)

    def overdue(self) -> Iterator[str]:
        """After the clock has looked: an exemption that is over has ended."""
        for name, must in self.projects.items():
            is_over = must.mode == EXT and must.until is not None and must.until <= self.today
            if is_over and not must.is_quarantined:
                yield f"{name} is in pypi-ext, and its exemption ended on {must.until}"

    # Consent

    def gave_standing(
        self, name: str, who: str, hosts: Iterable[str] | None, patterns: tuple[str, ...], until: datetime
    ) -> None:
        """An owner consented to what will be found."""
        must = self.projects[name]
        must.standing = Standing(who, set(must.sources if hosts is None else hosts), patterns, until)

    def agreed_to(
        self, rehost_id: int, name: str, who: str, files: frozenset[tuple[str, str]], *, is_full: bool
    ) -> None:
        """A person agreed to these bytes."""
        one = Agreement(name, who, files, self.now, self.rules.cooling, is_full)
        self.agreed.setdefault(rehost_id, []).append(one)

    def agreed_by_call(self, rehost_id: int, name: str, who: str, files: frozenset[tuple[str, str]]) -> str:
        """A call brings these files home: an objection unless the standing consent covers them."""
        must = self.projects[name]
        standing = must.standing
        if standing is None or not self._is_live(must, standing):
            return f"I-05: there was no live standing consent for {sorted(files)} of {name}"
        if must.mode != CACHE or (files and not standing.hosts):
            return f"I-05: {name} is {must.mode}, nothing is named, and a call brought {sorted(files)} home"
        if uncovered := [one for one, _ in files if not any(fnmatchcase(one, p) for p in standing.patterns)]:
            return f"I-05: the standing consent of {name} does not cover {uncovered}"
        one = Agreement(name, who, files, self.now, timedelta())
        self.agreed.setdefault(rehost_id, []).append(one)
        return ""

    def _is_live(self, must: Must, standing: Standing) -> bool:
        return standing.is_live and must.owns(standing.by) and self.now < standing.until

    def took_back(self, rehost_id: int) -> None:
        """Somebody withdrew their consent."""
        for one in self.agreed.get(rehost_id, []):
            one.is_live = False

    def every_agreement(self, name: str) -> Iterator[tuple[int, Agreement]]:
        """What was ever agreed to for a project."""
        yield from ((id_, one) for id_, all_ in self.agreed.items() for one in all_ if one.project == name)

    def cools(self, cooling: timedelta) -> None:
        """The index's policy has another cooling time: what waits may be published by the shortest."""
        self.rules.cooling = cooling
        for every in self.agreed.values():
            for one in every:
                one.cooling = min(one.cooling, cooling)

    def came(self, name: str, filename: str, sha256: str) -> Iterator[str]:
        """A worker published a file: every reason why it must not have."""
        must, file = self.projects[name], (filename, sha256)
        covering = [one for _, one in self.every_agreement(name) if file in one.files]
        if not covering:
            yield f"I-05: nobody agreed to {filename} as {sha256}"
        elif not any(one.is_live and must.maintains(one.by) for one in covering):
            yield f"I-07, T-32: the consent to {filename} was taken back, or its giver has no say any more"
        elif not any(one.at + one.cooling <= self.now for one in covering if one.is_live):
            yield f"{filename} came before its consent had cooled"
        if must.mode == ONLY and must.closed_by_owner:
            yield f"I-08: {filename} came to {name}, which its owner made pypi-only"
        if must.status not in {"active", "deprecated"} or must.is_frozen(filename):
            yield f"I-12: {filename} came to what is frozen or takes no files"
        if must.hosted.get(filename, sha256) != sha256:
            yield f"I-04: {filename} was given to other bytes"
        must.hosted[filename] = sha256

    # What strangers are shown

    def wrong_links(self, name: str, shown: Mapping[str, str]) -> Iterator[str]:
        """Every address elsewhere that must not be shown."""
        must = self.projects[name]
        if shown and (must.mode != EXT or must.is_quarantined):
            yield f"I-08: {name} is {must.mode}, {must.status}, and shows {sorted(shown)}"
        for filename, url in shown.items():
            if url not in must.offered:
                yield f"I-08: nobody ever offered {url} to {name}"
            if filename in must.hosted:
                yield f"I-06: {filename} is here, and its page leads to {url}"
            if must.is_frozen(filename):
                yield f"I-12: {filename} is frozen, and its page leads to {url}"
