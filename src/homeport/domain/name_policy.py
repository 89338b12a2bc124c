"""Names of new projects that the index does not give to everybody (T-15, T-16).

1. Nobody's project is called as a module of the standard library: ``import`` would find another one than was installed.
2. The names on the index's own list, and whatever looks like one of them, are kept for its administrators.
3. A name that a careless reader takes for an existing project's is refused. It names the other project only where
   anybody may know of it.
4. An administrator who says so may create what these rules refuse. Projects that are there already are never asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from homeport.domain.errors import Conflict, Invalid, Refusal, all_problems
from homeport.domain.names import ProjectName
from homeport.domain.stdlib_names import STDLIB_NAMES

_PREFIX_ENDS = "-*"


@dataclass(frozen=True, slots=True)
class ReservedNames:
    """The index's own list: look-alike forms of whole names, and beginnings in PEP 503 form, which end in ``-``."""

    look_alikes: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "ReservedNames":
        """The list in ``text``: one name, or ``beginning-*``, per line, ``#`` before comments; ``Invalid`` with every wrong line."""
        look_alikes: set[str] = set()
        beginnings: list[str] = []
        problems: list[str] = []
        for number, name in _lines(text):
            try:
                if name.endswith(_PREFIX_ENDS):
                    beginnings.append(ProjectName.parse(name.removesuffix(_PREFIX_ENDS)).normalized + "-")
                else:
                    look_alikes.add(ProjectName.parse(name).look_alike)
            except Invalid:
                problems.append(f"line {number}: {name[:80]!r} is neither a project's name nor beginning-*.")
        all_problems("The list of reserved names", problems, code="reserved-names-invalid")
        return cls(frozenset(look_alikes), tuple(beginnings))

    def has(self, name: ProjectName) -> bool:
        """True when ``name`` is kept for administrators."""
        return name.look_alike in self.look_alikes or name.normalized.startswith(self.beginnings)


def _lines(text: str) -> Iterable[tuple[int, str]]:
    stripped = (line.partition("#")[0].strip() for line in text.splitlines())
    return ((number, line) for number, line in enumerate(stripped, 1) if line)


def new_name_refusal(
    name: ProjectName, reserved: ReservedNames, other: ProjectName | None, *, may_name_other: bool
) -> Refusal | None:
    """Why ``name`` is no new project's; ``other`` is the name of a project that looks like it."""
    if name.normalized in STDLIB_NAMES:
        return Invalid(
            f"{name} is a module of Python's standard library: choose a name that imports nothing else.",
            code="name-of-stdlib",
        )
    if reserved.has(name):
        return Invalid(
            f"The name {name} is reserved on this index: choose another, or ask an administrator to create the project.",
            code="name-reserved",
        )
    if other is not None:
        told = f"that of the project {other}" if may_name_other else "one that is taken"
        return Conflict(
            f"The name {name} is too similar to {told}: choose another, or ask an administrator to create the project.",
            code="name-look-alike",
        )
    return None
