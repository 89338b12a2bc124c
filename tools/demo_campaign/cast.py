"""Who maintains what: every project with its files and the place where they lie, every person with a character.

The same number of projects is always the same cast: what is drawn is drawn from a fixed seed.
"""

import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from tests.support.archives import make_sdist, make_wheel

PLACES = 8
# This place closes on a day, and takes with it what nobody has brought home by then.
CLOSING = 0
_SEED = 470
_COLOURS = (
    "amber",
    "ashen",
    "azure",
    "coal",
    "dusky",
    "fawn",
    "green",
    "grey",
    "pale",
    "red",
    "snowy",
    "teal",
)
_BIRDS = (
    *("avocet", "bittern", "curlew", "dunlin", "eider", "finch", "godwit", "heron", "jackdaw", "kestrel"),
    *("lapwing", "merlin", "nuthatch", "osprey", "plover", "redstart", "siskin", "tern", "wagtail", "wren"),
)


class Character(StrEnum):
    """What a person does about a campaign."""

    DONE = "has every file here already"
    PROMPT = "acts at once"
    SECOND = "acts after the second reminder"
    EVE = "agrees on the last evening"
    LATE = "opts in after the day"
    BY_HAND = "uploads by hand"
    EXEMPT = "asks for an exemption"
    GONE = "has an address that bounces"
    SILENT = "never answers"


# How many of a hundred projects; the rest is maintained by people who never answer.
_SHARES = {
    Character.DONE: 18,
    Character.PROMPT: 24,
    Character.SECOND: 14,
    Character.EVE: 3,
    Character.LATE: 12,
    Character.BY_HAND: 8,
    Character.EXEMPT: 5,
    Character.GONE: 4,
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who maintains projects."""

    name: str
    character: Character

    @property
    def email(self) -> str:
        """Where mails for them go."""
        return f"{self.name}@people.example"


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its ``people``, the owner first, and the bytes of its ``files``, which its owner has on a disk.

    ``changes`` says that its place gives other bytes for the first of them one day.
    """

    name: str
    people: tuple[Person, ...]
    place: int
    files: dict[str, bytes] = field(repr=False)
    changes: bool = False

    @property
    def owner(self) -> Person:
        """Who acts."""
        return self.people[0]

    @property
    def is_outside(self) -> bool:
        """True when its files lie elsewhere as the story begins."""
        return self.owner.character is not Character.DONE


def sha256(body: bytes) -> str:
    """The digest of a file, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def people_of(projects: Iterable[Project]) -> frozenset[Person]:
    """Everybody."""
    return frozenset(person for project in projects for person in project.people)


def draw_cast(count: int) -> tuple[Project, ...]:
    """So many projects, with the people of each."""
    chance = random.Random(_SEED)  # noqa: S311 - a story, no secret
    characters = [
        character for character, share in _SHARES.items() for _ in range(max(2, count * share // 100))
    ]
    characters += [Character.SILENT] * max(2, count - len(characters))
    owners = _owners(characters, chance)
    changing = {characters.index(one) for one in (Character.PROMPT, Character.SECOND, Character.LATE)}
    return tuple(
        _project(number, owner, chance, changes=number in changing) for number, owner in enumerate(owners)
    )


def _owners(characters: list[Character], chance: random.Random) -> Iterator[Person]:
    """An owner for each; some have several projects."""
    owner = None
    for number, character in enumerate(characters):
        if owner is None or owner.character is not character or chance.random() < 0.75:  # noqa: PLR2004
            owner = Person(f"{_BIRDS[number % len(_BIRDS)]}{number}", character)
        yield owner


def _project(number: int, owner: Person, chance: random.Random, *, changes: bool) -> Project:
    name = f"{_COLOURS[number // len(_BIRDS) % len(_COLOURS)]}{_BIRDS[number % len(_BIRDS)]}"
    name += str(number) if number >= len(_COLOURS) * len(_BIRDS) else ""
    place = number % PLACES
    if place == CLOSING and (changes or owner.character is Character.EVE):
        place += 1
    # Some have a second maintainer, who leaves it to the owner; each of the two is told.
    second = (Person(f"{owner.name}-friend", Character.SILENT),) if chance.random() < 0.15 else ()  # noqa: PLR2004
    files = dict(_file(name, version) for version in range(1, chance.choice((1, 1, 2, 2, 3)) + 1))
    return Project(name, (owner, *second), place, files, changes)


def _file(name: str, version: int) -> tuple[str, bytes]:
    if version % 2:
        return f"{name}-{version}.0.tar.gz", make_sdist(name, f"{version}.0")
    return f"{name}-{version}.0-py3-none-any.whl", make_wheel(name, f"{version}.0")
