"""An index with administrators, a web site outside of it, and the browser that they look at it through.

Everything runs on loopback: the index is the real program, whose home this process opens as well.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser
from tests.support.archives import make_wheel
from tests.support.http_site import serve
from tests.support.index import Index, running
from tests.support.outside import Outside
from tests.support.visitor import DESK, Device, Visitor, chromium

from homeport.adapters.db import moments
from homeport.adapters.db.driver import sqlite_driver
from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import add_source, create_project, find_project
from homeport.flows.sign_in import add_user, find_user
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world

PASSWORD = "correct horse battery stable"


@dataclass(frozen=True)
class Office:
    """An index that runs, a web site outside of it, and the browser that its administrators share."""

    index: Index
    world: World
    outside: Outside
    site: str
    browser: Browser

    def signed_in(self, name: str, device: Device = DESK) -> Visitor:
        """Somebody who has just signed in, and went to the dashboard."""
        visitor = Visitor(self.browser, self.index.url, device)
        visitor.go("/sign-in/?next=/admin/")
        visitor.main.get_by_label("User name").fill(name)
        visitor.main.get_by_label("Password").fill(PASSWORD)
        visitor.press("Sign in")
        assert visitor.path == "/admin/"
        return visitor

    def wait_a_while(self) -> None:
        """Everybody signed in longer ago than delicate things allow."""
        then = moments.to_text(self.world.clock.now() - timedelta(hours=1))
        database = sqlite_driver().connect(self.index.home / "homeport.db", timeout=30)
        with closing(database), database:
            database.execute("UPDATE sessions SET confirmed_at = ?", (then,))

    def day(self, days: int) -> date:
        """So many days from now."""
        return self.world.clock.now().date() + timedelta(days=days)

    def exempt(self, project: str, days: int = 40) -> None:
        """A project of ada's that lists external links for a while."""
        create_project(self.world, find_user(self.world, "ada"), project, HostingMode.ONLY)
        wish = Wish(HostingMode.EXT, reason="The disks come in spring.", until=self.day(days))
        change_hosting(self.world, Caller(find_user(self.world, "root")), project, wish)

    def linger(self, project: str, *files: str) -> None:
        """A project of ada's that lists these files elsewhere, since before there was a rule that this ends."""
        self.exempt(project)
        for name in files:
            url = f"{self.site}/{name}"
            self.outside.put_file(url, make_wheel(project, name.split("-")[1]))
            url += f"#sha256={'0' * 64}"
            add_source(self.world, Caller(find_user(self.world, "ada")), project, "urls", url)
        with self.world.store.write() as tx:
            live = tx.exemptions.live(find_project(tx, project).id)
            assert live is not None
            tx.exemptions.put(replace(live, until=None))


@contextmanager
def open_office(folder: Path) -> Iterator[Office]:
    """``root`` and ``rita`` administer, ``ada`` maintains; there is no project yet."""
    outside = Outside()
    with ExitStack() as opened:
        browser = opened.enter_context(chromium())
        site = opened.enter_context(serve(outside))
        index = opened.enter_context(running(folder, HOMEPORT_OUTSIDE_ALLOW="127.0.0.1:*"))
        world = open_world(read_settings(index.environment, folder))
        for name, is_admin in (("root", True), ("rita", True), ("ada", False)):
            add_user(world, name, f"{name}@example.org", PASSWORD, is_admin=is_admin)
        yield Office(index, world, outside, site.base_url, browser)


def download(visitor: Visitor, words: str) -> bytes:
    """The file behind a link."""
    with visitor.page.expect_download() as coming:
        visitor.main.get_by_role("link", name=words, exact=True).first.click()
    return coming.value.path().read_bytes()


def visit(visitor: Visitor, place: str) -> None:
    """Go to a place of the administration by its name in the trail."""
    trail = visitor.page.get_by_role("navigation", name="Administration")
    visitor.follow(re.compile(f"^{place}$"), trail)


def rows_of(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by their columns."""
    return list(csv.DictReader(io.StringIO(data.decode())))
