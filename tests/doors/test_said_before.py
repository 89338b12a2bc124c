"""What a person said by a call or a command is heard when the index looks again by itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.support.api_door import ApiDoor
from tests.support.story import SDIST, WHEEL, Story, begin_story, ids, sdist, wheel
from tests.support.world import run_jobs
from typer.testing import CliRunner

from homeport.api.app import answering, api_routes
from homeport.cli import rehosts
from homeport.domain.digests import Sha256


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project with two files outside."""
    with begin_story(tmp_path) as begun:
        begun.offer({WHEEL: wheel(), SDIST: sdist()})
        yield begun


def command(story: Story, monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    """What a command prints as JSON."""
    app = typer.Typer()
    monkeypatch.setattr(rehosts, "world", lambda: story.world)
    rehosts.add_commands(app)
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_a_call_is_heard(story: Story, tmp_path: Path) -> None:
    """A file that an answer over the API left out, with its sha256 named, waits when other bytes are there later."""
    door = ApiDoor(story.world, answering(api_routes(story.world)), tmp_path)
    token = door.token("ada")
    view = story.plan()
    numbers, sha256 = ids(view), Sha256.of(sdist()).hex
    answer = {"plan_digest": view.digest.hex, "basis": "author", "accept": [numbers[WHEEL]]}
    named = {str(numbers[SDIST]): sha256}
    done = door.call("POST", f"/rehosts/{view.rehost.id}/accept", token, **answer, sha256=named)
    assert done.status == 202, done.text
    story.offer({WHEEL: wheel(), SDIST: sdist(content=b"other = 1\n")})
    run_jobs(story.fakes)
    updating = door.call("POST", "/projects/demo/update-cache", token).json["id"]
    run_jobs(story.fakes)
    told = door.call("GET", f"/rehosts/{updating}", token).json
    (item,) = (one for one in told["items"] if one["filename"] == SDIST)
    assert (told["state"], item["verdict"]) == ("unchanged", "hold")
    assert f"ada named sha256 {sha256} for this file on " in told["problem"]
    assert set(story.files()) == {WHEEL}


def test_a_command_is_heard(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a plan that a command refused do not come home by themselves, and the next plan says who refused it."""
    rehost = story.plan().rehost.id
    refused = command(story, monkeypatch, "rehost", "refuse", str(rehost), "--reason", "Not by us.")
    assert refused["problem"] == "Refused by ada: Not by us."
    updating = command(story, monkeypatch, "update-cache", "demo", "--no-wait")["id"]
    run_jobs(story.fakes)
    assert (
        "Refused by ada: Not by us."
        in command(story, monkeypatch, "rehost", "show", str(updating))["problem"]
    )
    assert not story.files()
    planned = command(story, monkeypatch, "plan", "demo", "--no-wait")["id"]
    run_jobs(story.fakes)
    items = command(story, monkeypatch, "rehost", "show", str(planned))["items"]
    assert [[one["code"] for one in item["findings"]] for item in items] == [["refused-before"]] * 2
