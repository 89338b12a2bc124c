"""The browser door over a real store, people who are signed in, and plans to look at."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from tests.support.browser import Browser
from tests.support.world import BASE_URL, add_person, real_world

from homeport.domain.account import Caller, User
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project
from homeport.domain.rehost import Item, NotTaken, Purpose, Rehost, State, Visit
from homeport.flows.manage_project import create_project
from homeport.flows.sessions import open_session
from homeport.ports.clock import Clock
from homeport.ports.world import World
from homeport.web.app import web_routes


@dataclass
class WebIndex:
    """An index that browsers can ask."""

    world: World
    app: Starlette

    def browser(self) -> Browser:
        """A browser that was never here."""
        return Browser(self.app, self.world.base_url)

    def user(self, name: str) -> User:
        """A person; the account is made when there is none."""
        with self.world.store.read() as tx:
            there = tx.users.by_name(name)
        return there or add_person(self.world, name)

    def signed_in(self, name: str) -> Browser:
        """The browser of a person who is signed in."""
        browser = self.browser()
        browser.cookies["__Host-homeport"] = open_session(self.world, self.user(name))
        return browser

    def caller(self, name: str) -> Caller:
        """A person who signed in by password."""
        return Caller(self.user(name))

    def later(self, *, minutes: int) -> "WebIndex":
        """The same index after a while."""
        world = replace(self.world, clock=_Ahead(self.world.clock, timedelta(minutes=minutes)))
        return WebIndex(world, Starlette(routes=web_routes(world)))

    def project(self, name: str, owner: str, mode: HostingMode = HostingMode.CACHE) -> Project:
        """A project of that person."""
        return create_project(self.world, self.user(owner), name, mode)

    def plan(self, project: Project, items: Sequence[Item], **more: Any) -> Rehost:
        """A rehost whose plan waits for an answer, or whatever ``state`` says."""
        now = self.world.clock.now()
        with self.world.store.write() as tx:
            rehost = tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=now, metadata=None)
            tx.rehosts.put_findings(
                rehost.id, items, more.pop("not_taken", NOT_TAKEN), more.pop("visits", VISITS)
            )
            digest = tx.rehosts.plan(rehost).digest()
            rehost = replace(rehost, **{"state": State.PLANNED, "plan_digest": digest, **more})
            tx.rehosts.put(rehost)
        return rehost

    def items(self, rehost: Rehost) -> dict[str, Item]:
        """The items of a plan as they stand, by file name."""
        with self.world.store.read() as tx:
            return {item.filename: item for item in tx.rehosts.plan(rehost).items}

    def rehost(self, rehost_id: int) -> Rehost:
        """A rehost as it stands."""
        with self.world.store.read() as tx:
            found = tx.rehosts.find(rehost_id)
        assert found is not None
        return found


@dataclass(frozen=True)
class _Ahead:
    """A clock that is ahead of another."""

    clock: Clock
    by: timedelta

    def now(self) -> datetime:
        """See the port."""
        return self.clock.now() + self.by

    def random_bytes(self, count: int) -> bytes:
        """See the port."""
        return self.clock.random_bytes(count)

    def sleep(self, seconds: float) -> None:
        """See the port."""
        self.clock.sleep(seconds)


VISITS = (Visit("https://files.example/demo/", "homepage", 200, 3),)
NOT_TAKEN = (NotTaken("https://files.example/egg-1.egg", "https://files.example/demo/", "egg", "An egg."),)


@contextmanager
def web_index(folder: Path, base_url: str = BASE_URL) -> Iterator[WebIndex]:
    """The browser door alone, over a real store below ``folder``."""
    with real_world(folder) as real:
        world = replace(real.world, base_url=base_url)
        yield WebIndex(world, Starlette(routes=web_routes(world)))
