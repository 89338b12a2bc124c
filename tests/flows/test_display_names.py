"""People read a project's name as its owner writes it, whatever form of it is looked up by."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.outside import Answer as Said
from tests.support.outside import page
from tests.support.story import SITE
from tests.support.world import Fakes, add_person, add_project, drop_jobs, fake_world, grant, run_jobs

from homeport.domain.account import Caller
from homeport.domain.consent import Basis, Hosted
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project, Role
from homeport.domain.receiver import Forge
from homeport.domain.removal_request import Answer
from homeport.domain.webhook import Feed
from homeport.flows.manage_project import add_source
from homeport.flows.rehost.review import Choice, accept, show_rehost
from homeport.flows.rehost.start import start_plan
from homeport.flows.rehost.withdraw import withdraw
from homeport.flows.removal_requests import answer_request
from homeport.flows.survey.run import finish_survey, look_at_projects
from homeport.flows.survey.show import show_survey
from homeport.flows.survey.start import start_survey
from homeport.flows.webhooks.log import show_log
from homeport.flows.webhooks.manage import HookWish, add_hook, renew_secret
from homeport.flows.webhooks.oversee import stop_hook, stop_receiver
from homeport.flows.webhooks.receivers import add_receiver, renew_receiver_secret

WHEEL = "kestrel-1.0-py3-none-any.whl"


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as made:
        yield made


@pytest.fixture
def root(fakes: Fakes) -> Caller:
    """The administrator."""
    person = add_person(fakes.world, "root", is_admin=True)
    return Caller(person, confirmed_at=fakes.clock.now())


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """The owner."""
    return Caller(add_person(fakes.world, "ada"), confirmed_at=fakes.clock.now())


@pytest.fixture
def project(fakes: Fakes, ada: Caller) -> Project:
    """Her project, which is looked up as ``kestrel``; bob owns it as well."""
    made = add_project(fakes.world, ada.user, "Kestrel", HostingMode.CACHE)
    grant(fakes.world, made, add_person(fakes.world, "bob"), Role.OWNER)
    return made


def told(fakes: Fakes, *kinds: str) -> list[str]:
    """The whole text of the notices of these kinds; each is there."""
    found = {notice.kind: f"{notice.subject}\n{notice.text}" for _, notice in fakes.store.committed.notices}
    return [found[kind] for kind in kinds]


def test_files_that_come_home_and_go(fakes: Fakes, project: Project, ada: Caller, root: Caller) -> None:
    """When they are hosted, when somebody asks for their removal, and when that is answered."""
    world = fakes.world
    fakes.outside.put(f"{SITE}/", page(f'<a href="{WHEEL}">{WHEEL}</a>'))
    fakes.outside.put_file(f"{SITE}/{WHEEL}", make_wheel("kestrel"))
    add_source(world, ada, "kestrel", "homepage", f"{SITE}/")
    rehost = start_plan(world, ada, "kestrel")
    run_jobs(fakes)
    accept(world, ada, rehost.id, Choice(show_rehost(world, ada, rehost.id).digest, Basis.AUTHOR))
    run_jobs(fakes)
    withdraw(world, ada, rehost.id, Hosted.ASK_REMOVAL, "It holds a secret.")
    with world.store.read() as tx:
        (request,) = tx.removal_requests.waiting()
    answer_request(world, root, request.id, Answer.DECLINED, "It does not.")
    for text in told(fakes, "plan-ready", "rehost-completed", "removal-asked", "removal-answered"):
        assert project.name.display in text
        assert project.name.normalized not in text.replace(WHEEL, "")


@pytest.mark.usefixtures("project")
def test_webhooks_and_receivers(fakes: Fakes, ada: Caller, root: Caller) -> None:
    """When one is added, gets another secret, and is stopped; and on the page of its log."""
    world, kinds = fakes.world, ("webhook-added", "webhook-renewed", "webhook-stopped")
    fakes.outside.put("https://ci.test/hook", Said(body=b"thanks"))
    hook = add_hook(world, ada, HookWish(Feed.PROJECT, "https://ci.test/hook", (), "kestrel")).hook
    assert show_log(world, ada, hook.id).of == "Kestrel"
    renew_secret(world, ada, hook.id)
    stop_hook(world, root, hook.id, "It asks too much.")
    of_hook = told(fakes, *kinds)
    receiver = add_receiver(world, ada, "kestrel", Forge.GITHUB).receiver
    renew_receiver_secret(world, ada, receiver.id)
    stop_receiver(world, root, receiver.id, "It asks too much.")
    of_receiver = told(fakes, *kinds)
    for subject in (of_hook[0], of_receiver[0]):
        assert subject.partition("\n")[0].endswith("was added to Kestrel")
    for text in (*of_hook, *of_receiver):
        assert "kestrel" not in text


@pytest.mark.usefixtures("project")
def test_surveys(fakes: Fakes, ada: Caller) -> None:
    """One of a single project says which, on its page and at its end."""
    survey = start_survey(fakes.world, ada, "kestrel")
    assert show_survey(fakes.world, ada, survey.id).of == "Kestrel"
    drop_jobs(fakes)
    look_at_projects(fakes.world, survey.id)
    finish_survey(fakes.world, survey.id)
    assert "Kestrel" in told(fakes, "survey-finished")[0]
