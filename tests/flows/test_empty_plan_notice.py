"""What a maintainer is told of a plan that found nothing."""

from collections.abc import Sequence

import pytest
from tests.support.builders import NOW

from homeport.flows.notify import write_notice

DOWN = "https://files.example.org/: its host is frozen"


@pytest.mark.parametrize(
    ("problems", "why"), [((), "Nothing was found at its sources."), ((DOWN,), f"- {DOWN}")]
)
def test_nothing_to_accept_is_not_asked_for(problems: Sequence[str], why: str) -> None:
    """It says that nothing was found, and which places could not be read; nobody is asked to accept nothing."""
    facts = {"project": "demo", "files": 0, "listed": 0, "problems": list(problems)}
    notice = write_notice("plan-ready", facts, path="/manage/rehosts/1", at=NOW)
    assert notice.subject == "demo: no file was found outside"
    assert why in notice.text
    assert "accept" not in notice.text
