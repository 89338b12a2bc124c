"""What must be true of projects that are moved, told a second time: plain Python over what people did, and no product's rows.

The machine tells the model every act that was done and every day that passed. The model says which mode a project must be
in, which addresses elsewhere may be shown, and which bytes may be public, and objects to whatever came otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.support.transition_terms import EVERY_PATH, Standing, origin

EXT, CACHE, ONLY = "pypi-ext", "pypi-cache", "pypi-only"
OWNER, MAINTAINER = "owner", "maintainer"
NOTICES = {EXT: (90, 30, 7), CACHE: (30,)}
# How well bytes can be known, weakest first.
LEVELS = ("plain", "tls", "corroborated", "declared")


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
    lowest: str = "plain"

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
class Running:
    """A campaign that was announced for projects of a mode; ``day`` is what people were told."""

    source: str
    day: date
    is_paused: bool = False


@dataclass
class Must:
    """What must be so of one project.

    ``frozen`` holds versions, and versions with a file name. ``names`` are the bytes that a name was ever given to, ``links``
    the addresses that were listed last. ``declared`` and ``told`` are bytes whose digest somebody named, or a page did;
    ``seen`` is since when they are there.
    """

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
    notices: list[date] = field(default_factory=list)
    is_private: bool = False
    names: dict[str, str] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    declared: set[tuple[str, str]] = field(default_factory=set)
    told: set[tuple[str, str]] = field(default_factory=set)
    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)

    @property
    def is_listed(self) -> bool:
        """Whether strangers may know of it."""
        return not self.is_private and not self.is_quarantined

    @property
    def leads_to(self) -> dict[str, set[str]]:
        """The names that its page leads elsewhere for, with the addresses it may give."""
        if self.mode != EXT or self.is_quarantined:
            return {}
        found = dict[str, set[str]]()
        for url in self.links:
            name = url.rpartition("/")[2]
            if name not in self.names and not self.is_frozen(name):
                found.setdefault(name, set()).add(url)
        return found

    def host(self, filename: str, sha256: str) -> None:
        """The file is here, and its name is given to these bytes for ever."""
        self.hosted[filename] = self.names[filename] = sha256

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
        self.handed: dict[str, datetime] = {}
        self.bytes: dict[str, tuple[str, int]] = {}
        self.crawled: dict[int, dict[str, tuple[str, int]]] = {}

    @property
    def today(self) -> date:
        """The day it is."""
        return self.now.date()

    def counts_alone(self, who: str, asked_at: datetime | None = None) -> bool:
        """Whether an administrator is somebody else than who had their account in hands, also when that was proposed."""
        at = self.handed.get(who)
        return at is None or (self.now >= at + timedelta(hours=72) and (asked_at is None or at < asked_at))

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
            self.gave_standing(name, who)

    def brought_home(self, name: str) -> bool:
        """Whether a plan of everything was agreed to and all of it came."""
        must = self.projects[name]
        full = [one for _, one in self.every_agreement(name) if one.is_full and one.is_live]
        return any(must.names.get(filename) == sha256 for one in full for filename, sha256 in one.files)

    def moved_by_clock(self, name: str, target: str, links: int) -> Iterator[str]:
        """The clock moved the project, which showed so many links: every reason why it must not have."""
        must = self.projects[name]
        if target != ONLY:
            yield f"the clock moved {name} to {target}"
        if must.is_quarantined:
            yield f"I-12: {name} is quarantined, and the clock moved it"
        is_over = must.mode == EXT and must.until is not None and must.until <= self.today
        if not is_over and not self._campaign_may_move(must, links):
            yield f"{name} was moved earlier than told: it is {self.today}, it was told on {must.notices}"
        must.mode, must.until, must.closed_by_owner = target, None, False

    def _campaign_may_move(self, must: Must, links: int) -> bool:
        wanted = NOTICES[must.mode] if links else (30,)
        told = sorted(set(must.notices))
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
        self,
        name: str,
        who: str,
        hosts: Iterable[str] | None = None,
        patterns: tuple[str, ...] = ("*",),
        until: datetime | None = None,
        paths: tuple[str, ...] = EVERY_PATH,
    ) -> None:
        """An owner consented to what will be found, for a year at places that are named now unless they said otherwise."""
        must, until = self.projects[name], until or self.now + timedelta(days=365)
        named = set(map(origin, must.sources) if hosts is None else hosts)
        must.standing = Standing(who, named, patterns, until, self.now, paths)

    def named_a_place(self, name: str, who: str, site: str) -> None:
        """An owner named a place: their consent covers it, and takes the place of another owner's that counts."""
        must = self.projects[name]
        standing = must.standing
        if standing is None:
            self.gave_standing(name, who)
        elif self._is_live(must, standing) and origin(site) not in standing.hosts:
            standing.by, standing.since = who, self.now
            standing.hosts.add(origin(site))

    def forgot_a_place(self, name: str, site: str) -> None:
        """Somebody removed a place: what no other place of the project is at is covered no more."""
        must = self.projects[name]
        must.sources.discard(site)
        if must.standing is not None and origin(site) not in map(origin, must.sources):
            must.standing.hosts.discard(origin(site))

    def agreed_to(
        self, rehost_id: int, name: str, who: str, files: frozenset[tuple[str, str]], *, is_full: bool
    ) -> None:
        """A person agreed to these bytes."""
        one = Agreement(name, who, files, self.now, self.rules.cooling, is_full)
        self.agreed.setdefault(rehost_id, []).append(one)

    def agreed_by_call(
        self, rehost_id: int, name: str, who: str, files: frozenset[tuple[str, str]], pages: Mapping[str, str]
    ) -> str:
        """A call brings these files home, found on these pages: an objection unless the standing consent covers them."""
        must = self.projects[name]
        standing = must.standing
        if standing is None or not self._is_live(must, standing):
            return f"I-05: there was no live standing consent for {sorted(files)} of {name}"
        if must.mode != CACHE:
            return f"I-05: {name} is {must.mode}, and a call brought {sorted(files)} home"
        if self.now < standing.since + self.rules.cooling:
            return f"a call brought {sorted(files)} home before the standing consent of {name} had cooled"
        objections = (standing.objection(pages[filename], filename) for filename, _ in files)
        if uncovered := list(filter(None, objections)):
            return f"I-05: the standing consent of {name} does not cover it: {'; '.join(uncovered)}"
        one = Agreement(name, who, files, self.now, timedelta())
        self.agreed.setdefault(rehost_id, []).append(one)
        return ""

    def is_covered(self, name: str) -> bool:
        """Whether somebody consents to what will be found."""
        must = self.projects[name]
        return must.standing is not None and self._is_live(must, must.standing)

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
        if must.names.get(filename, sha256) != sha256:
            yield f"I-04: {filename} was given to other bytes"
        if problem := self.weakness(name, filename, sha256):
            yield problem
        must.host(filename, sha256)

    def weakness(self, name: str, filename: str, sha256: str) -> str:
        """An objection when nobody can know these bytes as well as the policy wants: by any page, any person, or time."""
        must, file = self.projects[name], (filename, sha256)
        is_old = file in must.seen and self.now - must.seen[file] >= timedelta(days=1)
        best = (
            "declared" if file in must.declared else "corroborated" if is_old or file in must.told else "tls"
        )
        if LEVELS.index(best) >= LEVELS.index(self.rules.lowest):
            return ""
        return f"{filename} is known by {best} at best, and this index publishes {self.rules.lowest}"

    # What strangers are shown

    def offered(self, name: str, url: str, sha256: str, *, is_told: bool) -> None:
        """A site has these bytes at that address now, and its page may tell their digest."""
        must, file = self.projects[name], (url.rpartition("/")[2], sha256)
        there, count = self.bytes.get(url, ("", 0))
        self.bytes[url] = sha256, count + (there != sha256)
        must.seen.setdefault(file, self.now)
        if is_told:
            must.told.add(file)

    def listed(self, name: str, rehost_id: int, version: str, links: set[str]) -> Iterator[str]:
        """A plan listed the links of a project anew: every reason why they must be others."""
        must, crawled = self.projects[name], self.crawled.get(rehost_id, {})
        found = {url for url in crawled if version in {"", version_of(url.rpartition("/")[2])}}
        if odd := links - found - must.links:
            yield f"I-08: {sorted(odd)} are links of {name}, and no page names them"
        kept = {
            url for url in must.links - found if version and version_of(url.rpartition("/")[2]) != version
        }
        sound = {
            url
            for url in found
            if self.bytes[url] == crawled[url]
            and must.names.get(url.rpartition("/")[2], crawled[url][0]) == crawled[url][0]
        }
        if lost := (kept | sound) - links:
            yield f"{sorted(lost)} of {name} are there, and are not listed"
        must.links = links

    def wrong_links(
        self, name: str, shown: Mapping[str, str], needed: frozenset[str] | None = None
    ) -> Iterator[str]:
        """Every address elsewhere that must not be shown, and every name that must; of these only the ``needed`` ones."""
        must, wanted = self.projects[name], self.projects[name].leads_to
        if lost := (wanted.keys() if needed is None else needed) - shown.keys():
            yield f"{name} is pypi-ext, and its page leads to no {sorted(lost)}"
        if shown and (must.mode != EXT or must.is_quarantined):
            yield f"I-08: {name} is {must.mode}, {must.status}, and shows {sorted(shown)}"
        for filename, url in shown.items():
            if url not in must.offered:
                yield f"I-08: nobody ever offered {url} to {name}"
            if filename in must.hosted:
                yield f"I-06: {filename} is here, and its page leads to {url}"
            elif filename in must.names:
                yield f"I-04: {filename} was removed here, and its page leads to {url}"
            if url not in wanted.get(filename, {url}):
                yield f"{filename} is at {sorted(wanted[filename])}, and its page leads to {url}"
            if must.is_frozen(filename):
                yield f"I-12: {filename} is frozen, and its page leads to {url}"
