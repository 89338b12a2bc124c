"""An index with everybody in it who may ask for something, and what there is to ask for.

The state is made once. Whoever may change something does so on a copy of it; whoever may not leaves no trace.
"""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlencode

from starlette.applications import Starlette
from tests.support.api_door import Told, exchange
from tests.support.catalogue import publish
from tests.support.fake_clock import FakeClock
from tests.support.forms import basic
from tests.support.hooks import URL
from tests.support.outside import Answer
from tests.support.staging import claim, wheel
from tests.support.world import BASE_URL, grant, real_world

from homeport.api.app import answering, api_routes
from homeport.domain.account import Caller, Scope, User
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import Host
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role
from homeport.domain.receiver import Forge
from homeport.domain.rehost import Purpose, State
from homeport.domain.staged_claim import read_claim
from homeport.domain.staging import Stage, first_end
from homeport.domain.survey_report import report_of
from homeport.domain.webhook import Feed
from homeport.flows import membership, organisation_people, organisations, teams
from homeport.flows.manage_project import create_project
from homeport.flows.sessions import open_session
from homeport.flows.sign_in import add_user
from homeport.flows.tokens import TokenWish, create_token
from homeport.flows.webhooks.manage import HookWish, add_hook
from homeport.flows.webhooks.receivers import add_receiver
from homeport.ports.world import World
from homeport.web.app import web_routes
from homeport.web.session import form_token

PASSWORD = "correct horse battery stable"
STAGE_KEY, STAGE_SECRET = "5" * 32, "7" * 64
STAGED = wheel("8.0", project="demo")
SCOPES = frozenset({Scope.UPLOAD, Scope.MANAGE, Scope.READ})


class Actor(StrEnum):
    """Everybody who may come to a door, by the letter that rows write."""

    ANONYMOUS = "-"
    STRANGER = "S"
    MAINTAINER = "M"
    OWNER = "O"
    EX_OWNER = "X"
    ADMIN = "A"
    EXPIRED = "!"
    ELSEWHERE = "E"
    """A token of the owner's for another project."""


NAMES = {
    Actor.STRANGER: "sam",
    Actor.MAINTAINER: "mia",
    Actor.OWNER: "ada",
    Actor.EX_OWNER: "rex",
    Actor.ADMIN: "adm",
}
PERSONS = "".join(NAMES)


@dataclass(frozen=True)
class Request:
    """What is asked: a path with everything filled in, and the body, or the fields of a form."""

    method: str
    path: str
    body: dict[str, object] = field(default_factory=dict)
    fields: dict[str, str | list[str]] | None = None
    raw: tuple[bytes, str] | None = None
    """A body as it is, and its content type."""


@dataclass(frozen=True)
class Prepared:
    """What was made: a folder to copy, and the secrets of who asks."""

    folder: Path
    tokens: dict[Actor, str]
    sessions: dict[Actor, str]
    digest: str
    """Of the plan that waits for an answer."""
    filename: str


def prepared(folder: Path) -> Prepared:
    """The state, made below ``folder``."""
    folder.mkdir()
    with real_world(folder) as real:
        world = real.world
        people = {
            actor: _account(world, name, is_admin=actor is Actor.ADMIN) for actor, name in NAMES.items()
        }
        ada = people[Actor.OWNER]
        for name in ("zoe", "eve"):
            _account(world, name)
        for name in ("demo", "other", "lone"):
            project = create_project(world, ada, name, HostingMode.CACHE)
            grant(world, project, people[Actor.MAINTAINER])
        filename = publish(world, ada, "demo", "1.0")
        publish(world, ada, "demo", "2.0")
        with world.store.read() as tx:
            demo = tx.projects.find("demo")
        assert demo
        grant(world, demo, people[Actor.EX_OWNER], Role.OWNER)
        membership.revoke_role(world, Caller(ada), "demo", "rex")
        membership.grant_role(world, Caller(ada), "demo", "zoe", Role.READER)
        for who in ("sam", "eve"):
            membership.invite(world, Caller(ada), "demo", who, Role.READER)
        _organisation(world, Caller(ada))
        with world.store.write() as tx:
            tx.hosts.put(Host("files.example.org", failures=1, problem="timed-out"))
        real.outside.put(URL, Answer())
        _webhooks(world, Caller(ada))
        digest = _plan(world, demo.id)
        with world.store.write() as tx:
            survey = tx.surveys.add(None, by="adm", at=world.clock.now())
            tx.surveys.finish(survey.id, report_of([], []), world.clock.now())
        _stage(world, ada)
        tokens = {
            Actor.EXPIRED: _token(replace(world, clock=FakeClock()), ada, timedelta(days=1)),
            Actor.ELSEWHERE: _token(world, ada, None, "other"),
        }
        sessions = {actor: open_session(world, user) for actor, user in people.items()}
        long_ago = replace(world, clock=FakeClock())
        sessions[Actor.EXPIRED] = open_session(long_ago, ada)
    return Prepared(folder, tokens, sessions, digest, filename)


def _account(world: World, name: str, *, is_admin: bool = False) -> User:
    return add_user(world, name, f"{name}@example.org", PASSWORD, is_admin=is_admin)


def _organisation(world: World, ada: Caller) -> None:
    organisations.create_organisation(world, ada, "acme")
    for name in ("zoe", "mia"):
        with world.store.read() as tx:
            user = tx.users.by_name(name)
        assert user
        organisation_people.invite_to_organisation(world, ada, "acme", name, OrganisationRole.MEMBER)
        organisation_people.accept_organisation_invitation(world, Caller(user), "acme")
    organisation_people.invite_to_organisation(world, ada, "acme", "sam", OrganisationRole.MEMBER)
    organisations.transfer_project(world, ada, "acme", "demo")
    teams.create_team(world, ada, "acme", "core")
    teams.add_to_team(world, ada, "acme", "core", "mia")
    teams.give_team_role(world, ada, "acme", "core", "demo", Role.READER)


def _webhooks(world: World, ada: Caller) -> None:
    """A webhook and a receiver of demo, and a delivery in its log."""
    made = add_hook(world, ada, HookWish(Feed.PROJECT, URL, project="demo"))
    add_receiver(world, ada, "demo", Forge.GITHUB)
    with world.store.write() as tx:
        tx.webhooks.add_delivery(made.hook.id, "project-created", 1, world.clock.now())


def _plan(world: World, project_id: int) -> str:
    now = world.clock.now()
    with world.store.write() as tx:
        rehost = tx.rehosts.add(project_id, Purpose.HISTORY, "", by="ada", at=now, metadata=None)
        tx.rehosts.put_findings(rehost.id, [], [], [])
        digest = tx.rehosts.plan(rehost).digest()
        tx.rehosts.put(replace(rehost, state=State.PLANNED, plan_digest=digest))
    return digest.hex


def _stage(world: World, ada: User) -> None:
    """A release that is put together, with a file whose bytes are still to come."""
    now = world.clock.now()
    name, version = ProjectName("demo"), ReleaseVersion.parse("8.0")
    stage = Stage(0, STAGE_KEY, STAGE_SECRET, name, version, ada.id, now, first_end(now), now)
    with world.store.write() as tx:
        stage = tx.stages.add(stage)
        tx.stages.add_file(stage.id, read_claim(name, version, claim(*STAGED)), now)


def _token(world: World, user: User, lasts: timedelta | None, *projects: str) -> str:
    return create_token(world, Caller(user), TokenWish(SCOPES, projects, lasts)).text


@dataclass
class Doors:
    """Both doors over a copy of the state."""

    state: Prepared
    world: World
    app: Starlette

    def api(self, actor: Actor, request: Request) -> Told:
        """A call by a program of theirs."""
        headers = self.credentials(actor) | {"host": "index.test"}
        data = json.dumps(request.body).encode()
        if request.raw is not None:
            data, headers["content-type"] = request.raw
        return asyncio.run(exchange(self.app, request.method, request.path, [data], headers))

    def page(self, actor: Actor, request: Request) -> Told:
        """A page, or a form sent from it, by their browser."""
        headers = {"accept": "text/html", "origin": BASE_URL, "host": "index.test"}
        if secret := self.state.sessions.get(actor, ""):
            headers["cookie"] = f"__Host-homeport={secret}"
        data = b""
        if request.fields is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            data = urlencode({"form_token": form_token(secret), **request.fields}, doseq=True).encode()
        return asyncio.run(exchange(self.app, request.method, request.path, [data], headers))

    def serial(self) -> int:
        """How much the ledger tells."""
        with self.world.store.read() as tx:
            return tx.ledger.last()

    def credentials(self, actor: Actor) -> dict[str, str]:
        """The header that shows who they are; nothing for nobody."""
        if token := self.state.tokens.get(actor):
            return {"authorization": f"Bearer {token}"}
        if name := NAMES.get(actor):
            return {"authorization": basic(name, PASSWORD)["Authorization"]}
        return {}


@contextmanager
def doors(state: Prepared, folder: Path) -> Iterator[Doors]:
    """Both doors over a fresh copy of the state, below ``folder``."""
    folder.mkdir()
    with real_world(folder) as real:
        shutil.copytree(state.folder, folder, dirs_exist_ok=True)
        world = replace(real.world, policy=replace(real.world.policy, takes_stages=True))
        real.outside.put(URL, Answer())
        routes = [*api_routes(world), *web_routes(world)]
        yield Doors(state, world, answering(routes))
