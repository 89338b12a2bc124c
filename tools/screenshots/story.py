"""The index of the pictures, filled step by step; each picture is taken when there is something to see.

Files are found, fetched, inspected and published by the worker; what drifts is found by the look for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pysequoia
from tools.demo.outside import Place
from tools.screenshots.camera import PHONE, Camera, Shot, both
from tools.screenshots.outside import HOOKS, PAGES, PROJECT, SUMMARIES, make_wheel
from tools.screenshots.upkeep import tell_of_upkeep
from tools.screenshots.waiting import accept, publish_all, wait_for

from homeport.domain.account import Caller
from homeport.domain.fetching import Wish
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import State
from homeport.domain.signature import repository_identity
from homeport.domain.source import Filters
from homeport.domain.webhook import Feed
from homeport.flows.change_status import change_status
from homeport.flows.drift.run import look_at_project
from homeport.flows.manage_project import add_source, create_project
from homeport.flows.manners.hosts import freeze_host, rest_host
from homeport.flows.rehost import review
from homeport.flows.rehost.start import start_plan
from homeport.flows.sessions import open_session
from homeport.flows.sign_in import add_user
from homeport.flows.signing import add_identity, add_key
from homeport.flows.webhooks.manage import HookWish, add_hook
from homeport.flows.yank import yank
from homeport.ports.clock import Clock
from homeport.ports.world import World

_SDIST = f"{PROJECT}-2.0.tar.gz"
_BIRD, *_OTHERS = SUMMARIES


@dataclass(frozen=True)
class Outside:
    """Where the outside is: our web site, over TLS and as it was once, and the places of the other story."""

    site: str
    old_site: str
    forge: Place
    flat: Place
    large: Place


def tell_the_story(world: World, camera: Camera, outside: Outside) -> None:
    """All of it."""
    camera.take(Shot("empty", "/"))
    ada = add_user(world, "ada", "ada@example.org", "correct horse battery stable", is_admin=True)
    me = Caller(ada)
    for name in SUMMARIES:
        create_project(world, ada, name, HostingMode.CACHE)
    for name in _OTHERS:
        add_source(world, me, name, "homepage", f"{outside.site}/{name}/")
        publish_all(world, me, name)
    camera.sign_in(open_session(world, ada))
    review_path = _review(world, me, camera, outside)
    _hosting(world, me, camera, outside)
    _published(world, me, camera, outside, review_path)
    _large_plan(world, me, camera, outside)
    tell_of_upkeep(world, me, camera)
    _drift(world, me, camera, outside)
    both(camera, "crawler", "/about/crawler/")
    camera.sign_in("")
    camera.take(Shot("home", "/", height=980))
    camera.take(Shot("project-dark", f"/project/{PROJECT}/", height=1100, is_dark=True))
    camera.take(Shot("project-phone", f"/project/{PROJECT}/", width=PHONE, height=1200))
    camera.take(Shot("sign-in", "/sign-in/", height=640))


def _review(world: World, me: Caller, camera: Camera, outside: Outside) -> str:
    """The plan of a project with an old site and a new one; the path of its page."""
    add_source(world, me, PROJECT, "homepage", f"{outside.site}/{PROJECT}/")
    add_source(world, me, PROJECT, "download", f"{outside.old_site}/old/")
    plan = start_plan(world, me, PROJECT)
    wait_for(world, me, plan.id, State.PLANNED)
    path = f"/manage/rehosts/{plan.id}"
    camera.take(Shot("review", path, height=1250))
    camera.take(Shot("review-dark", path, height=1250, is_dark=True))
    camera.take(Shot("review-phone", path, width=PHONE, height=1600))
    both(camera, "consent-step", path, part="#answer")
    return path


def _hosting(world: World, me: Caller, camera: Camera, outside: Outside) -> None:
    """Sources of several kinds, who signs, and what one more place would offer."""
    add_source(
        world, me, PROJECT, "github", outside.forge.url("/repos/acme/lark/releases"), Filters(tags=("v2.*",))
    )
    filters = Filters(versions=">=2,<3", platforms=("*manylinux*", "sdist"), newest=3)
    add_source(world, me, PROJECT, "index", outside.large.url("/whl/cpu/"), filters)
    add_identity(world, me, PROJECT, repository_identity("larks/skylark", "release.yml", "github"))
    key = pysequoia.Tsk.generate("Ada <ada@example.org>")
    add_key(world, me, PROJECT, str(key.extract_certificate()).encode())
    both(camera, "hosting", f"/manage/projects/{PROJECT}/", height=2600)


def _published(world: World, me: Caller, camera: Camera, outside: Outside, review_path: str) -> None:
    """What is hosted: the record of its consent, its releases, its page, and the way of one file; somebody is told of it."""
    add_hook(world, me, HookWish(Feed.PROJECT, f"{outside.site}{HOOKS}", (), PROJECT))
    accept(
        world, me, int(review_path.rpartition("/")[2]), evidence="https://example.org/releases-may-be-hosted"
    )
    camera.take(Shot("published", review_path, height=1200))
    both(camera, "consent-record", review_path, part="section:has(> h2:text-is('Consent'))")
    yank(world, me, PROJECT, "2.0", reason="It names larks where swifts are: use 2.1.")
    change_status(world, me, PROJECT, ProjectStatus.DEPRECATED, "Its author moved on to nightingales.")
    both(camera, "releases", f"/manage/projects/{PROJECT}/releases/", height=1800)
    both(camera, "journey", f"/project/{PROJECT}/files/{_SDIST}/")


def _large_plan(world: World, me: Caller, camera: Camera, outside: Outside) -> None:
    """A place with two thousand wheels, and one that several wheels are fetched of."""
    create_project(world, me.user, "owl", HostingMode.CACHE)
    add_source(world, me, "owl", "index", outside.large.url("/whl/cpu/"))
    plan = start_plan(world, me, "owl")
    wait_for(world, me, plan.id, State.PLANNED)
    both(camera, "large-plan", f"/manage/rehosts/{plan.id}")
    review.fetch(world, me, plan.id, Wish(only=("owl-2.24.1*manylinux_2_28_x86_64.whl",)))
    wait_for(world, me, plan.id, State.PLANNED)
    accept(world, me, plan.id)
    create_project(world, me.user, "lark", HostingMode.CACHE)
    url = outside.forge.url("/repos/acme/lark/releases")
    ada = camera.visit("/manage/projects/lark/")
    ada.main.get_by_label("Kind").select_option("github")
    ada.main.get_by_label("URL", exact=True).fill(url)
    ada.page.get_by_text("Filters and read token").click()
    ada.main.get_by_label("Newest versions only").fill("4")
    ada.press("Preview")
    both(camera, "preview", "", part="#sources")
    add_source(world, me, "lark", "github", url)
    publish_all(world, me, "lark")


def _drift(world: World, me: Caller, camera: Camera, outside: Outside) -> None:
    """A file that went, one that is another now, a host that rests, and one that is frozen."""
    del PAGES[f"/mirror/{_SDIST}"]
    changed = f"/{_OTHERS[0]}/{_OTHERS[0]}-1.2-py3-none-any.whl"
    PAGES[changed] = (*PAGES[changed][:2], make_wheel(_OTHERS[0], "1.2", forgets_a_file=True))
    earlier = replace(world, clock=_Earlier(world.clock, timedelta(hours=30)))
    for seen_by in (earlier, world):
        look_at_project(seen_by, me, PROJECT)
    for name in (*_OTHERS, "lark"):
        look_at_project(world, me, name)
    rest_host(world, me, outside.forge.authority, world.clock.now() + timedelta(hours=3))
    freeze_host(world, me, "downloads.example.org", "Its domain was sold, and shows advertisements now.")
    both(camera, "drift", "/admin/drift/")
    both(camera, "hosts", "/admin/hosts/")
    both(camera, "host", f"/admin/hosts/{outside.forge.authority}/")
    both(camera, "origins", f"/manage/projects/{PROJECT}/", part="#origins")
    both(camera, "signers", f"/manage/projects/{PROJECT}/", part="#signers")
    camera.take(Shot("project", f"/project/{PROJECT}/", height=1100))


@dataclass(frozen=True)
class _Earlier:
    """A clock that is slow, so that a day lies between two looks."""

    right: Clock
    by: timedelta

    def now(self) -> datetime:
        """What it was then."""
        return self.right.now() - self.by

    def sleep(self, seconds: float) -> None:
        """As the right one."""
        self.right.sleep(seconds)

    def random_bytes(self, count: int) -> bytes:
        """As the right one."""
        return self.right.random_bytes(count)


def take_survey(camera: Camera, survey: str) -> None:
    """A survey that came to its end."""
    both(camera, "surveys", "/admin/surveys/")
    both(camera, "survey", survey, height=3000)
    both(camera, "survey-links", f"{survey}links/?reach=gone")
    both(camera, "survey-projects", f"{survey}projects/?class=C")
