"""The management API is asked everything that its own description allows, and much that it does not (G-26)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from tests.support.rights import Actor, Doors, Prepared, doors, prepared

EXAMPLES = int(os.environ.get("HOMEPORT_FUZZ_EXAMPLES", "2"))
ROLES = (Actor.STRANGER, Actor.MAINTAINER, Actor.OWNER, Actor.ADMIN)
load_all_checks()
# What a right answer is, whatever was asked: its status, its type and its shape stand in the description.
CHECKED: list[Any] = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The index before anybody asks."""
    return prepared(tmp_path_factory.mktemp("fuzz") / "state")


@pytest.fixture
def opened(state: Prepared, tmp_path: Path) -> Iterator[Doors]:
    """The doors of a copy, which may come to look like anything."""
    with doors(state, tmp_path / "fuzzed") as opened:
        yield opened


@pytest.mark.parametrize("actor", ROLES)
def test_every_answer_is_a_described_one(opened: Doors, actor: Actor) -> None:
    """No call of anybody fails, and every answer has the status, the type and the shape that the description has."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", opened.app)
    asked = 0
    for operation in schema.get_all_operations():
        assert isinstance(operation, Ok)
        cases = operation.ok().as_strategy()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=EXAMPLES < 10,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def ask(case: Case[Any]) -> None:
            nonlocal asked
            asked += 1
            response = case.call(headers=opened.credentials(actor))
            case.validate_response(response, checks=CHECKED)

        ask()
    assert asked >= 50
