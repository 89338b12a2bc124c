"""What people do: they read the mails that reach them, and act by their character, some days later.

They use the index's own flows, as its pages and commands do; what they agreed to and uploaded they remember themselves,
so that the end of the story does not have to believe the index.
"""

import heapq
import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tools.demo_campaign.cast import Character, Project, sha256
from tools.demo_campaign.index import Index
from tools.demo_campaign.outside import Mail

from homeport.domain.consent import Basis
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Verdict
from homeport.domain.rehost import Bytes
from homeport.flows.campaign.opt_in import opt_in
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.exemptions import extend_exemption
from homeport.flows.rehost.review import Choice, RehostView, accept, refuse, show_rehost

_ABOUT = re.compile(r"/manage/rehosts/new\?project=([a-z0-9-]+)")
_SECOND = 2
_HALF_A_YEAR = timedelta(days=180)


@dataclass
class Diary:
    """What people did, as they remember it: files as (project, file name, sha256), deeds as the day of the story.

    ``today`` counts, by words for one and for many, what is told in the evening.
    """

    agreed: set[tuple[str, str, str]] = field(default_factory=set)
    uploaded: set[tuple[str, str, str]] = field(default_factory=set)
    acted: dict[str, int] = field(default_factory=dict)
    today: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class People:
    """Everybody who maintains a project; ``day_of_move`` is the day of the story on which the campaign moves."""

    index: Index
    projects: Sequence[Project]
    day_of_move: int
    diary: Diary = field(default_factory=Diary)

    def __post_init__(self) -> None:
        """Nobody has read anything yet."""
        self._by_name = {project.name: project for project in self.projects}
        self._chance = random.Random(len(self.projects))  # noqa: S311 - a story, no secret
        self._reminders: Counter[str] = Counter()
        self._plans: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def read(self, mails: Iterable[Mail], day: int) -> None:
        """What is in the mails makes people plan."""
        for mail in mails:
            about = _ABOUT.search(mail.text)
            project = self._by_name.get(about[1]) if about else None
            if project is not None and project.owner.email == mail.recipient:
                self._think(project, mail.subject, day)

    def act(self, day: int) -> None:
        """Do what was planned for today."""
        while self._plans and self._plans[0][0] <= day:
            heapq.heappop(self._plans)[2]()

    def _think(self, project: Project, subject: str, day: int) -> None:
        name = project.name
        is_announced = subject.startswith(f"{name} becomes pypi-only on ")
        is_over = subject == f"{name} is pypi-only now"
        self._reminders[name] += not (is_announced or is_over)
        reminders, chance = self._reminders[name], self._chance
        match project.owner.character:
            case Character.PROMPT if is_announced:
                self._plan(day + chance.randrange(8), lambda day: self._bring_home(project, day))
            case Character.SECOND if reminders == _SECOND and not is_over:
                self._plan(day + chance.randrange(1, 12), lambda day: self._bring_home(project, day))
            case Character.EVE if is_announced:
                self._plan(self.day_of_move - 1, lambda day: self._agree_late(project, day))
            case Character.LATE if is_over:
                self._plan(day + chance.randrange(1, 14), lambda day: self._bring_home(project, day))
            case Character.BY_HAND if reminders == 1 and not is_over:
                self._plan(day + chance.randrange(1, 20), lambda day: self._send_all(project, day))
            case Character.EXEMPT if is_announced:
                self._plan(day + chance.randrange(2, 10), lambda day: self._ask_for_more_time(project, day))

    def _plan(self, day: int, deed: Callable[[int], None]) -> None:
        heapq.heappush(self._plans, (day, next(self._numbers), lambda: deed(day)))

    def _bring_home(self, project: Project, day: int) -> None:
        """From the mail to the plan, from the plan to consent; what the site does not have as it was, is uploaded."""
        is_agreed = self._review(project)
        self.index.line.run()
        is_home = {one[1] for one in self.diary.agreed if one[0] == project.name}
        self._send(project, [filename for filename in project.files if filename not in is_home])
        if self.index.mode(project.name) is HostingMode.EXT:
            wish = Wish(HostingMode.CACHE, consents=True) if is_agreed else Wish(HostingMode.ONLY)
            self._change(project, wish)
        self.diary.acted[project.name] = day

    def _agree_late(self, project: Project, day: int) -> None:
        """Agree on the last evening: the worker begins with it on the morning of the day."""
        self._review(project)
        self.diary.acted[project.name] = day

    def _review(self, project: Project) -> bool:
        """Ask for a plan and agree to what is the file that one has released; False when nothing of it is."""
        world, caller = self.index.world, self.index.by(project.owner)
        is_over = self.index.mode(project.name) is HostingMode.ONLY
        rehost = opt_in(world, caller, project.name, consents=is_over)
        self.diary.today[_now_in(HostingMode.CACHE)] += is_over
        self.index.line.run()
        view = show_rehost(world, caller, rehost.id)
        mine = {item.id: item.filename for item in view.plan.items if _is_mine(view, item.id, project)}
        if not mine:
            refuse(world, caller, rehost.id, "Nothing there is what I released.")
            return False
        accept(world, caller, rehost.id, Choice(view.digest, Basis.AUTHOR, accept=frozenset(mine)))
        self.diary.today["file agreed to", "files agreed to"] += len(mine)
        self.diary.agreed |= {(project.name, name, sha256(project.files[name])) for name in mine.values()}
        return True

    def _send_all(self, project: Project, day: int) -> None:
        """Upload everything by hand, and let the project be: the campaign finds nothing that it would lose."""
        self._send(project, list(project.files))
        self.diary.acted[project.name] = day

    def _send(self, project: Project, filenames: Sequence[str]) -> None:
        for filename in filenames:
            body = project.files[filename]
            self.index.upload(project.owner, filename, body)
            self.diary.uploaded.add((project.name, filename, sha256(body)))
            self.diary.today["file uploaded by hand", "files uploaded by hand"] += 1

    def _ask_for_more_time(self, project: Project, day: int) -> None:
        until = (self.index.clock.now() + _HALF_A_YEAR).date()
        reason = f"{project.owner.name} moves its files to another place until then."
        extend_exemption(self.index.world, self.index.root, project.name, until, reason)
        self.diary.acted[project.name] = day
        self.diary.today["exemption given an end", "exemptions given an end"] += 1

    def _change(self, project: Project, wish: Wish) -> None:
        change_hosting(self.index.world, self.index.by(project.owner), project.name, wish)
        self.diary.today[_now_in(wish.mode)] += 1


def _now_in(mode: HostingMode) -> tuple[str, str]:
    return f"project is {mode} now", f"projects are {mode} now"


def _is_mine(view: RehostView, item_id: int, project: Project) -> bool:
    (item,) = (item for item in view.plan.items if item.id == item_id)
    body = project.files.get(item.filename, b"")
    is_sound = item.bytes is Bytes.HERE and item.verdict is Verdict.ACCEPT
    return is_sound and item.sha256 is not None and item.sha256.hex == sha256(body)
