"""Surveys that saw what a test says."""

from dataclasses import replace

from tests.domain.test_survey import CRAWLED, NOW

from homeport.domain.project import Project
from homeport.domain.survey import Check, Link, Reach, look_of
from homeport.flows.survey.run import finish_survey
from homeport.ports.surveys import Seen
from homeport.ports.world import World

HOSTILE = '"><script>alert(1)</script>'
GONE = replace(
    CRAWLED,
    host="other.test",
    filename="demo-3.0.zip",
    url=f"https://other.test/demo-3.0.zip?{HOSTILE}",
    is_tls=True,
    claimed=(("md5", "a" * 32),),
    seen_by=("easy_install",),
    check=Check(Reach.GONE, 404, None, "http-error", "It is gone.", NOW),
)


def survey_of(
    world: World, seen: dict[str, list[Link]], *, of: Project | None = None, ends: bool = True
) -> int:
    """A survey that saw these links; its number."""
    with world.store.write() as tx:
        survey = tx.surveys.add(of.id if of else None, by="root", at=NOW)
        looks = []
        for name, links in seen.items():
            project = tx.projects.find(name)
            assert project is not None
            looks.append(Seen(project.id, look_of(name, ("x",), links, at=NOW), tuple(links)))
        tx.surveys.put(survey.id, looks, waiting_hosts=3)
    if ends:
        finish_survey(world, survey.id)
    return survey.id
