"""A machine whose clock was set back between two starts: what had ended stays ended (I-19, T-41)."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.world import add_person

from homeport.adapters.system import SystemClock
from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Unauthenticated
from homeport.flows.sign_in import sign_in_with_token
from homeport.flows.tokens import TokenWish, create_token
from homeport.settings import read_settings
from homeport.wiring import open_clock, open_world, prepare

DAY = timedelta(days=1)


def test_a_token_that_had_ended_stays_ended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The ledger knows of a later moment than the clock: a token that had ended by then opens nothing."""
    settings = read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path)
    prepare(settings)
    world = open_world(settings)
    ada = Caller(add_person(world, "ada"))
    made = create_token(world, ada, TokenWish(frozenset({Scope.READ}), lasts=DAY))
    assert sign_in_with_token(world, made.text).token == made.token
    later = replace(world, clock=SystemClock(world.clock.now() + 2 * DAY))
    create_token(later, ada, TokenWish(frozenset({Scope.READ})))
    with caplog.at_level(logging.ERROR, logger="homeport"):
        started_anew = open_world(settings)
    assert "set back" in caplog.text
    with pytest.raises(Unauthenticated):
        sign_in_with_token(started_anew, made.text)


def test_an_empty_ledger_knows_no_moment(tmp_path: Path) -> None:
    """Where nothing was written yet, and where there is no database, the machine's clock is believed."""
    settings = read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path)
    assert abs((open_clock(settings).now() - SystemClock().now()).total_seconds()) < 1
    prepare(settings)
    assert abs((open_clock(settings).now() - SystemClock().now()).total_seconds()) < 1
