"""Mistakes about consent and privacy, planted: a story that the machine could tell is fine, and objected to with the mistake."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from unittest.mock import patch

import pytest
from tests.flows.test_transition_machine import TransitionMachine, playing, tell

from homeport.domain.project import Project, ProjectStatus
from homeport.domain.standing_consent import StandingConsent
from homeport.flows import standing_consent
from homeport.flows.rehost import settle
from homeport.flows.standing_consent import live_standing
from homeport.ports.store import Transaction

Story = Callable[[TransitionMachine], None]
Plant = Callable[[], AbstractContextManager[object]]


def only_another_path_is_covered(machine: TransitionMachine) -> None:
    """An owner narrows the consent to a path, and a call finds files on a page elsewhere."""
    tell(
        machine,
        lambda: machine.somebody_gives_standing_consent("solo", "ada", None, "all", "old", 60),
        lambda: machine.somebody_updates_the_cache("solo", "ada"),
        lambda: machine.workers_finish(looks=False),
    )
    assert machine.model.projects["solo"].hosted == {}


def the_consent_is_withdrawn_meanwhile(machine: TransitionMachine) -> None:
    """A call is on its way when an owner takes the standing consent back."""
    tell(
        machine,
        lambda: machine.somebody_updates_the_cache("solo", "ada"),
        lambda: machine.somebody_withdraws_standing_consent("solo", "ada"),
        lambda: machine.workers_finish(looks=False),
    )
    assert machine.model.projects["solo"].hosted == {}


def the_consent_was_withdrawn(machine: TransitionMachine) -> None:
    """A call comes after an owner took the standing consent back."""
    tell(
        machine,
        lambda: machine.somebody_withdraws_standing_consent("solo", "ada"),
        lambda: machine.somebody_updates_the_cache("solo", "ada"),
    )
    assert not machine.rehosts()


def a_project_is_hidden(machine: TransitionMachine) -> None:
    """An owner lets members only read a project, and then everybody again."""
    tell(
        machine,
        lambda: machine.somebody_hides("solo", "ada", is_private=True),
        lambda: machine.somebody_hides("solo", "ada", is_private=False),
    )
    assert machine.model.projects["solo"].is_listed


def every_path_is_covered() -> AbstractContextManager[object]:
    """Nobody compares the path."""
    return patch.object(StandingConsent, "_objection_to_path", lambda *_: "")


def what_was_withdrawn_counts() -> AbstractContextManager[object]:
    """Nobody asks at the end whether the standing consent was withdrawn."""
    return patch.object(settle, "live_standing", _forgiving)


def what_was_withdrawn_begins() -> AbstractContextManager[object]:
    """Nobody asks at the beginning."""
    return patch.object(standing_consent, "live_standing", _forgiving)


def _forgiving(tx: Transaction, project: Project) -> StandingConsent | None:
    there = tx.standing_consents.of_project(project.id)
    return replace(there, withdrawn_at=None) if there else live_standing(tx, project)


def private_projects_are_listed() -> AbstractContextManager[object]:
    """The list of projects names what is for members only."""
    return patch.object(
        Project, "is_listed", property(lambda project: project.status is not ProjectStatus.QUARANTINED)
    )


@pytest.mark.parametrize(
    ("story", "plant", "told"),
    [
        (only_another_path_is_covered, every_path_is_covered, "does not cover it"),
        (the_consent_is_withdrawn_meanwhile, what_was_withdrawn_counts, "no live standing consent"),
        (the_consent_was_withdrawn, what_was_withdrawn_begins, "nobody consents for solo"),
        (a_project_is_hidden, private_projects_are_listed, "strangers may know of"),
    ],
)
def test_the_machine_objects_to_a_planted_mistake(story: Story, plant: Plant, told: str) -> None:
    """The same steps are fine as the product is, and objected to with the mistake."""
    with playing() as machine:
        story(machine)
    with plant(), playing() as machine, pytest.raises(AssertionError, match=told):
        story(machine)


def test_files_come_by_a_call_where_the_consent_covers_them() -> None:
    """The stories above refuse nothing that is right: on the path that is named, everything comes home."""
    with playing() as machine:
        tell(
            machine,
            lambda: machine.somebody_gives_standing_consent("solo", "ada", None, "wheels", "root", 60),
            lambda: machine.somebody_updates_the_cache("solo", "ada"),
            lambda: machine.workers_finish(looks=False),
        )
        assert {name.rpartition(".")[2] for name in machine.model.projects["solo"].hosted} == {"whl"}
