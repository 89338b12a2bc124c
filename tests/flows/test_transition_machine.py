"""Moving a whole index: whatever maintainers, administrators, the clock, sites and workers do in whatever order, the model agrees.

The stories below the machine are its own steps in a given order: with a mistake planted, the machine must object to them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.support.transition_clock import DAY
from tests.support.transition_mistakes import MISTAKES
from tests.support.transition_model import CACHE, EXT, ONLY
from tests.support.transition_sequels import Sequels
from tests.support.transition_stage import bodies

from homeport.domain.campaign import CampaignKind
from homeport.domain.consent import Hosted
from homeport.domain.rehost import Decision

WANTED = os.environ.get("HOMEPORT_MODEL_RUNS", "")
RUNS = int(WANTED or "200")
STEPS = 50
WHEEL = 0


class TransitionMachine(Sequels):
    """Two projects, and everything that may happen to them."""


# Every line is run by a story that was told by hand: tracing ten thousand steps would take as long as they do.
@pytest.mark.no_cover
# A loaded machine takes minutes for what is half a minute of work.
@pytest.mark.timeout(600 + 2 * RUNS)
def test_no_story_of_the_transition_breaks_a_promise() -> None:
    """After every step, modes, links, bytes and the ledger are as the model says, and every invariant holds."""
    run_state_machine_as_test(
        TransitionMachine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            # The gate tells the same stories again and again; `make model` looks for new ones.
            derandomize=not WANTED,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )


@contextmanager
def playing() -> Iterator[TransitionMachine]:
    """A story that is told by hand."""
    machine = TransitionMachine()
    with closing(SimpleNamespace(close=machine.teardown)):
        yield machine


def tell(machine: TransitionMachine, *steps: Callable[[], object]) -> None:
    """Do these steps; after each the machine asks for everything that must hold."""
    machine.tell(*steps)


def bob_loses_his_say(machine: TransitionMachine) -> None:
    """Bob agrees to a plan, and maintains the project no longer when a worker comes to publish it."""
    tell(
        machine,
        lambda: machine.a_plan_is_made_and_looked_at("demo", decides=False),
        lambda: machine.somebody_accepts(1, "bob", set(), names_draft=True),
        lambda: machine.roles_change("demo", ("owner", "reader")),
        lambda: machine.workers_finish(looks=False),
    )
    assert machine.model.projects["demo"].hosted == {}


def a_campaign_goes_by(machine: TransitionMachine) -> None:
    """A campaign is announced, and every day goes by until it has moved the project, which nobody brought home."""
    tell(
        machine,
        lambda: machine.a_plan_is_made_and_looked_at("demo", decides=False),
        lambda: machine.somebody_announces_a_campaign(CampaignKind.TO_ONLY, 90),
        machine.clock_looks,
        *[lambda: machine.time_passes(1)] * 90,
    )
    assert machine.model.projects["demo"].mode == ONLY


def a_file_is_frozen(machine: TransitionMachine) -> None:
    """A project's files come home, and one of them is frozen and given back."""
    tell(
        machine,
        lambda: machine.a_plan_is_made_and_looked_at("demo", decides=True),
        lambda: machine.workers_finish(looks=False),
        lambda: machine.somebody_freezes("demo", WHEEL, "root", whole=False),
        lambda: machine.somebody_unfreezes(0, "rita"),
    )
    assert machine.model.projects["demo"].public.keys() == bodies("demo").keys()


def two_people_review(machine: TransitionMachine) -> None:
    """Ada opens a review, Bob leaves a file out of it, and Ada accepts what she saw: she is told, and looks again."""
    tell(
        machine,
        lambda: machine.a_plan_is_made_and_looked_at("demo", decides=False),
        lambda: machine.somebody_saves_a_draft(1, "bob", WHEEL, Decision.LEAVE_OUT, is_looked_at=True),
        lambda: machine.somebody_accepts(2, "ada", set(), names_draft=True),
        lambda: machine.somebody_accepts(1, "ada", set(), names_draft=True),
        lambda: machine.workers_finish(looks=False),
    )
    assert len(machine.model.projects["demo"].hosted) == 2


STORIES = (bob_loses_his_say, a_campaign_goes_by, a_file_is_frozen, two_people_review)


@pytest.mark.parametrize(("mistake", "story"), tuple(zip(MISTAKES, STORIES, strict=True)))
def test_the_machine_finds_a_planted_mistake(
    mistake: str, story: Callable[[TransitionMachine], None]
) -> None:
    """The same steps are fine as the product is, and objected to with the mistake."""
    with playing() as machine:
        story(machine)
    plant, told = MISTAKES[mistake]
    with plant(), playing() as machine, pytest.raises(AssertionError, match=told):
        story(machine)


def test_a_whole_transition_is_played() -> None:
    """The machine's own steps lead from pypi-ext home and to the end: it is no model of what never happens."""
    with playing() as machine:
        demo = machine.model.projects["demo"]
        tell(
            machine,
            lambda: machine.a_plan_is_made_and_looked_at("demo", decides=True),
            lambda: machine.workers_finish(looks=False),
            lambda: machine.somebody_chooses_a_mode(
                "demo", "ada", CACHE, consents=True, acknowledges=False, days=0
            ),
        )
        assert (demo.mode, set(demo.public)) == (CACHE, set(bodies("demo")))
        tell(
            machine,
            lambda: machine.somebody_withdraws(0, "ada", Hosted.ASK_REMOVAL),
            lambda: machine.somebody_chooses_a_mode(
                "demo", "root", EXT, consents=False, acknowledges=False, days=40
            ),
            lambda: machine.a_plan_is_made_and_looked_at("demo", decides=False),
            lambda: machine.pass_time(41 * DAY),
            machine.clock_looks,
        )
        assert (demo.mode, set(demo.public)) == (ONLY, set(bodies("demo")))
