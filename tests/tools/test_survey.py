"""The generated index of 2013: the same for the same seed, answered for by its server, and surveyed as it is."""

import os
from contextlib import closing
from pathlib import Path

import pytest
from tools.survey import measure
from tools.survey.certificates import write_certificates
from tools.survey.index import ADMINISTRATOR, fill_home
from tools.survey.outside import TLS_PORTS, Fate, Ports
from tools.survey.report import document
from tools.survey.server import answer
from tools.survey.story import Story, tell_story

from homeport.adapters.inspect.isolation import ChildIsolation
from homeport.domain.account import Caller
from homeport.domain.names import ProjectName, parse_filename
from homeport.flows.survey import run, show
from homeport.flows.survey.start import start_survey_of_all
from homeport.formats.survey_json import report_json
from homeport.settings import read_settings
from homeport.wiring import open_world

PORTS = Ports(9000, tuple(range(9001, 9001 + TLS_PORTS)), 9100)


@pytest.fixture(scope="module")
def story() -> Story:
    """A small one."""
    return tell_story(1_000, 720, PORTS)


def test_the_same_for_the_same_seed(story: Story) -> None:
    """Who tells the story again tells the same; another seed tells another."""
    again = tell_story(1_000, 720, PORTS)
    assert again.projects == story.projects
    assert (again.truth, again.outside.things) == (story.truth, story.outside.things)
    assert tell_story(1_000, 720, PORTS, seed=1).projects != story.projects


def test_as_many_links_as_were_asked_for(story: Story) -> None:
    """External links are exactly so many; most of them are plain HTTP; projects are mostly hosted, some dead."""
    truth = story.truth
    assert truth.links - truth.hosted_links == truth.external_files == 720
    assert 0.55 < truth.plain_http_links / truth.links < 0.85
    assert truth.letters.total() == len({project.name for project in story.projects}) == 1_000
    assert truth.letters["A"] > 800
    assert min(truth.letters["B"], truth.letters["C"], truth.dead_links, truth.unread_projects) > 10


def test_names_are_names(story: Story) -> None:
    """Every project and file has a name that the product takes."""
    for project in story.projects[:200]:
        assert ProjectName.parse(project.name).normalized == project.name
        for filename, _ in project.hosted:
            assert parse_filename(filename).project == project.name


def test_what_the_server_says(story: Story) -> None:
    """A host answers for itself alone: pages, files, heads, robots.txt, moves, and nothing for strangers."""
    outside = story.outside

    def said(request: str, authority: str) -> str:
        return answer(outside, f"{request} HTTP/1.1", authority)[0].decode()

    hosts = {fate: [host for host in outside.hosts if host.fate is fate] for fate in Fate}
    authority = {host.number: f"{host.address}:{host.port(PORTS)}" for host in outside.hosts}
    pages = [(number, path) for (number, path), thing in outside.things.items() if thing.html]
    number, path = pages[0]
    whole = said(f"GET {path}", authority[number])
    assert whole.startswith("HTTP/1.1 200 OK\r\n")
    assert whole.endswith(outside.things[number, path].html)
    assert said(f"HEAD {path}", authority[number]).endswith("\r\n\r\n")
    moved = [(number, path) for (number, path), thing in outside.things.items() if thing.location]
    assert "\r\nlocation: " in said(f"GET {moved[0][1]}", authority[moved[0][0]])
    assert said("GET /nothing", authority[0]).startswith("HTTP/1.1 404")
    assert said("GET /", "127.9.9.9:1").startswith("HTTP/1.1 421")
    forbids = authority[hosts[Fate.NO_ROBOTS][0].number]
    assert said("GET /robots.txt", forbids).endswith("Disallow: /\n")
    assert said("GET /robots.txt", authority[0]).startswith("HTTP/1.1 404")
    assert said("HEAD /x", authority[hosts[Fate.NO_HEAD][0].number]).startswith("HTTP/1.1 405")
    files = [(number, path) for (number, path), thing in outside.things.items() if thing.size_bytes]
    number, path = next(pair for pair in files if outside.hosts[pair[0]].fate is Fate.LIVE)
    assert f"content-length: {outside.things[number, path].size_bytes}\r\n" in said(
        f"HEAD {path}", authority[number]
    )
    assert {host.port(PORTS) for host in hosts[Fate.DEAD]} == {PORTS.dead}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of who runs the tests is a setting."""
    for name in [name for name in os.environ if name.startswith("HOMEPORT_")]:
        monkeypatch.delenv(name)


def test_a_survey_says_what_is_true(environment: None, tmp_path: Path) -> None:
    """Real requests to the simulated outside, over HTTP and TLS, give the very figures the generator made."""
    with measure.reserved_ports() as ports:
        _survey_and_compare(ports, tmp_path)


def _survey_and_compare(ports: Ports, tmp_path: Path) -> None:
    story = tell_story(60, 50, ports)
    write_certificates(story.outside, tmp_path)
    settings = measure.environment_of(tmp_path, ports)
    fill_home(settings, story.projects)
    world = open_world(read_settings(settings, tmp_path))
    with world.store.read() as tx:
        root = tx.users.by_name(ADMINISTRATOR)
    assert root is not None
    survey = start_survey_of_all(world, Caller(root))
    assert isinstance(world.isolation, ChildIsolation)
    with measure.outside_running(story, 50, tmp_path), closing(world.isolation):
        run.look_at_projects(world, survey.id)
    run.finish_survey(world, survey.id)
    report = show.show_survey(world, Caller(root), survey.id).report
    assert report is not None
    said = {"report": report_json(report)}
    assert list(measure.differences(story, said)) == []
    results = measure.Results(60, story.truth, said, (), 1.0, 2.0, 3.0)
    assert f"| projects | {report.projects} |  |" in document(results)
    said["report"]["links"] = 1
    (difference,) = measure.differences(story, said)
    assert difference == f"links: the survey says 1, the truth is {story.truth.links}"
