"""What is new on the index, and how large it is; each function is one consistent read of few rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from homeport.domain.project import Project
from homeport.flows.reading import Who, require_index_reader
from homeport.flows.release_pages import readable_project
from homeport.ports.catalogue import NewRelease
from homeport.ports.world import World

NEWEST_PROJECTS = 40
NEWEST_RELEASES = 100
NEWEST_OF_PROJECT = 40
_LARGEST = 100


def newest_releases(world: World, who: Who) -> Sequence[NewRelease]:
    """The releases that came last, newest first."""
    require_index_reader(world, who)
    with world.store.read() as tx:
        return tx.releases.latest(limit=NEWEST_RELEASES)


def newest_releases_of(world: World, who: Who, name: str) -> tuple[Project, Sequence[NewRelease]]:
    """A project and the releases of it that came last, newest first; ``NotFound`` when there is none of that name."""
    with world.store.read() as tx:
        project = readable_project(world, tx, who, name)
        return project, tx.releases.latest_of(project.id, limit=NEWEST_OF_PROJECT)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many bytes all files have, and those of the largest projects that anybody may know of."""

    total_bytes: int
    largest: Mapping[str, int]


def sizes(world: World, who: Who) -> Sizes:
    """The sizes, as they were kept when files came."""
    require_index_reader(world, who)
    with world.store.read() as tx:
        return Sizes(tx.files.total_bytes(), dict(tx.projects.largest(limit=_LARGEST)))
