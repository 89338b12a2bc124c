"""Kill -9 a real index, its worker and all, while a campaign is announced, and on its day: nobody is forgotten, and nobody told twice.

``HOMEPORT_CAMPAIGN_KILLS`` is how often it is killed in each of the two, ``HOMEPORT_CAMPAIGN_PROJECTS`` how many
projects there are. The months between pass by setting back every day that the campaign remembers.
"""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from tests.support.audit import problems
from tests.support.index import Index

from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind, CampaignState, Stand
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Role
from homeport.domain.release import ExternalLink
from homeport.flows.campaign.manage import Draft, announce_campaign, draft_campaign, preview_campaign
from homeport.flows.render_list import render_whole_list
from homeport.flows.render_pages import render_project
from homeport.flows.survey.run import fail_survey
from homeport.ports.campaigns import EntrantFilter
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world

KILLS = int(os.environ.get("HOMEPORT_CAMPAIGN_KILLS", "2"))
PROJECTS = int(os.environ.get("HOMEPORT_CAMPAIGN_PROJECTS", "60"))
LARGE = 1_000
DAY = timedelta(days=1)
pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(180 + 30 * KILLS + PROJECTS)]


def prepare(world: World, ada: int) -> None:
    """Projects in pypi-ext without an end, every second one with a file that lies elsewhere."""
    now = world.clock.now()
    for first in range(0, PROJECTS, 200):
        with world.store.write() as tx:
            for number in range(first, min(first + 200, PROJECTS)):
                name = ProjectName.parse(f"p{number}")
                project = tx.projects.add(name, HostingMode.EXT, now)
                tx.projects.grant(project.id, ada, Role.OWNER)
                tx.exemptions.add(project.id, "Since ever.", None, by="root", at=now)
                if number % 2:
                    filename = f"p{number}-1.0.zip"
                    version = ReleaseVersion.parse_legacy("1.0")
                    url = f"https://files.test/{filename}"
                    link = ExternalLink(name.normalized, version, filename, url, "https://files.test/")
                    tx.outside.put_links(project.id, [link])
                kind, actor = Kind.PROJECT_CREATED, "ada"
                details = {"name": name.display, "mode": HostingMode.EXT.value}
                serial = tx.ledger.append(kind, at=now, actor=actor, project=name.normalized, details=details)
                render_project(tx, project, serial)
    with world.store.write() as tx:
        render_whole_list(tx)


def set_back(world: World, days: int) -> None:
    """Let time pass for the campaign: every day that it remembers lies farther back."""
    with world.store.write() as tx:
        (campaign,) = tx.campaigns.every(limit=9)
        tx.campaigns.put(replace(campaign, day=campaign.day - days * DAY))
        for one in tx.campaigns.entrants(campaign.id, EntrantFilter(), limit=PROJECTS):
            told = tuple(replace(given, on=given.on - days * DAY) for given in one.told)
            due_on = one.due_on - days * DAY if one.due_on else None
            tx.campaigns.put_entrant(replace(one, told=told, due_on=due_on))


def is_settled(world: World) -> bool:
    """True when nothing is due today."""
    today = world.clock.now().date()
    with world.store.read() as tx:
        (campaign,) = tx.campaigns.every(limit=9)
        soonest = tx.campaigns.soonest(campaign.id)
    if soonest is None:
        return campaign.state is CampaignState.REPORTED
    return soonest > today


def last_entry(world: World) -> int:
    """The ledger's newest entry."""
    with world.store.read() as tx:
        return tx.ledger.last()


def is_further(world: World, before: int) -> bool:
    """True when something was done since that entry, or nothing is left to do."""
    return last_entry(world) > before or is_settled(world)


def work(index: Index, world: World, kills: int) -> int:
    """Let the worker do what is due, and kill it so often in the midst of that; how many kills left something due."""
    chance = random.Random(kills)  # noqa: S311 - moments, not secrets
    struck = 0
    for _ in range(kills):
        before = last_entry(world)
        index.start()
        wait_until(index, partial(is_further, world, before))
        time.sleep(chance.random() * min(0.6, PROJECTS / 250))
        index.kill()
        struck += not is_settled(world)
    index.start()
    wait_until(index, lambda: is_settled(world))
    index.kill()
    return struck


def wait_until(index: Index, is_true: Callable[[], bool]) -> None:
    """Wait for it, but not forever."""
    deadline = time.monotonic() + 120 + PROJECTS
    while not is_true():
        assert time.monotonic() < deadline, index.log()
        time.sleep(0.02)


def test_a_campaign_and_a_worker_that_is_killed(own: Index) -> None:
    """Everybody is told of each step once, and every project is moved once, with one entry each."""
    own.add_user("ada")
    own.add_user("root", "--admin")
    world = open_world(read_settings({"HOMEPORT_HOME": str(own.home)}, own.home))
    with world.store.read() as tx:
        ada, root = tx.users.by_name("ada"), tx.users.by_name("root")
    assert ada is not None
    assert root is not None
    prepare(world, ada.id)
    draft = Draft("Home", "Why.", world.clock.now().date() + 90 * DAY, "https://example.org/terms")
    campaign = draft_campaign(world, Caller(root), CampaignKind.TO_ONLY, draft)
    survey = preview_campaign(world, Caller(root), campaign.id).survey_id
    assert survey is not None
    fail_survey(world, survey, "Nobody looks.")
    announce_campaign(world, Caller(root), campaign.id)
    struck = work(own, world, KILLS)
    for days in (60, 23):
        set_back(world, days)
        work(own, world, 0)
    set_back(world, 7)
    struck_on_the_day = work(own, world, KILLS)
    print(f"kills in the midst: {struck}, on the day {struck_on_the_day}")  # noqa: T201 - shown when asked for
    # A small campaign may be done before the first kill.
    assert PROJECTS < LARGE or min(struck, struck_on_the_day) > 0
    with world.store.read() as tx:
        counts = dict(tx.campaigns.counts(campaign.id))
        told = dict(tx.campaigns.told(campaign.id))
        given = Counter(notice.about for notice in tx.notices.of_user(ada.id, limit=10 * PROJECTS))
        kinds = Counter(json.loads(sealed.body)["kind"] for sealed in tx.ledger.entries())
    half = PROJECTS // 2
    assert sum(count for (stand, _), count in counts.items() if stand is Stand.MOVED) == PROJECTS
    assert told == {"A-90": PROJECTS - half, "B-90": half, "B-30": half, "B-7": half, "moved": PROJECTS}
    of_campaign = {about: count for about, count in given.items() if about.startswith("campaign-")}
    assert len(of_campaign) == 2 * PROJECTS + 2 * half
    assert set(of_campaign.values()) == {1}
    assert kinds["mode-changed"] == PROJECTS
    assert (kinds["campaign-announced"], kinds["campaign-told"]) == (PROJECTS, 2 * half)
    assert problems(own.home, {}) == []
