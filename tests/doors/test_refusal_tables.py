"""Every door answers every kind of refusal, and every code means one thing."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import homeport
from homeport.api.errors import _LEGACY_STATUS, STATUS
from homeport.cli import main
from homeport.cli.errors import EXIT, Exit
from homeport.domain.errors import KINDS, RateLimited, Refusal, Unavailable
from homeport.web.errors import TABLE
from homeport.worker.errors import FATE, Fate

SOURCE = Path(homeport.__file__).parent
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
TABLES: dict[str, Mapping[type[Refusal], Any]] = {
    "api": STATUS,
    "legacy upload": _LEGACY_STATUS,
    "cli": EXIT,
    "worker": FATE,
    "web": TABLE,
}
STATUSES = {
    "api": STATUS,
    "legacy upload": _LEGACY_STATUS,
    "web": {kind: told.status for kind, told in TABLE.items()},
}


def all_subclasses(kind: type[Refusal]) -> set[type[Refusal]]:
    """Every class below ``kind`` that any module of ours defines."""
    below = set(kind.__subclasses__())
    return below.union(*(all_subclasses(one) for one in below))


def test_every_kind_is_known() -> None:
    """No module anywhere defines a kind of refusal that is not in the one list; tables are asked by exact kind."""
    for module in pkgutil.walk_packages(homeport.__path__, "homeport."):
        if not module.name.endswith(("__main__", ".migrations.env")) and ".versions." not in module.name:
            importlib.import_module(module.name)
    assert all_subclasses(Refusal) == set(KINDS)


@pytest.mark.parametrize("door", TABLES)
def test_every_door_answers_every_kind(door: str) -> None:
    """A door's table has a line for each kind of refusal, and no other line."""
    assert TABLES[door].keys() == set(KINDS)


@pytest.mark.parametrize("door", STATUSES)
def test_statuses(door: str) -> None:
    """A refusal is never told as success, nor as our mistake, and only what may pass is told as such."""
    for kind, status in STATUSES[door].items():
        assert status in {*range(400, 500), HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.SEE_OTHER}
        assert (status is HTTPStatus.SERVICE_UNAVAILABLE) is (kind is Unavailable)
        assert (status is HTTPStatus.TOO_MANY_REQUESTS) is (kind is RateLimited)
        assert door == "web" or status is not HTTPStatus.SEE_OTHER


def test_what_clients_of_the_legacy_upload_know() -> None:
    """Uploading clients are answered 400 where the API says 409: the only status whose words they all show."""
    assert HTTPStatus.CONFLICT not in _LEGACY_STATUS.values()


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_may_pass_is_tried_again(kind: type[Refusal]) -> None:
    """A shell's exit status and a worker's retry agree on what may succeed later."""
    may_pass = kind in {Unavailable, RateLimited}
    assert (EXIT[kind] is Exit.UNAVAILABLE) is (FATE[kind] is Fate.RETRY) is may_pass
    assert (kind("Not now.").retry_after_seconds is not None) is may_pass
    assert EXIT[kind] not in {Exit.OK, Exit.USAGE}


class Use(NamedTuple):
    """A code written in the source, what it is given to, and where."""

    code: str
    given_to: str
    where: str


# What makes a refusal without naming its kind: the kind that comes of it.
MAKES = {"all_problems": "Invalid", "together": "Invalid"}


def uses_of_codes() -> Iterator[Use]:
    """Every ``code="…"`` of every call in our source, and the first argument of every finding-like value."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            for keyword in node.keywords:
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                    where = f"{path.relative_to(SOURCE)}:{keyword.value.lineno}"
                    yield Use(str(keyword.value.value), MAKES.get(name, name), where)


USES = list(uses_of_codes())
REFUSALS = {kind.__name__ for kind in KINDS}


def test_the_search_finds_codes() -> None:
    """The source is read: there are codes of every kind that has one of its own, and more than a few."""
    assert {use.given_to for use in USES} >= REFUSALS - {"TooLarge"}
    assert len(USES) > 100


def test_codes_are_kebab_case() -> None:
    """A code is words in lower case, with hyphens between them."""
    assert [use for use in USES if not KEBAB.fullmatch(use.code)] == []
    assert all(KEBAB.fullmatch(kind.default_code) for kind in KINDS)


def test_a_code_has_one_kind() -> None:
    """A program that knows a code knows how every door answers it: a code is used with one kind only."""
    kinds: dict[str, set[str]] = defaultdict(set)
    places: dict[str, list[str]] = defaultdict(list)
    for use in USES:
        if use.given_to in REFUSALS:
            kinds[use.code].add(use.given_to)
            places[use.code].append(f"{use.given_to} in {use.where}")
    for kind in KINDS:
        kinds[kind.default_code].add(kind.__name__)
    assert {code: places[code] for code, found in kinds.items() if len(found) > 1} == {}


# Advice


COMMAND = re.compile(r"\bhomeport ([a-z][a-z-]*)")
# Whom these sentences are told sits at a terminal.
OF_TERMINALS = {"domain/upload.py", "flows/sign_in.py"}


class Sentences(ast.NodeVisitor):
    """Every string that stands in the source, as a whole, without docstrings; what is put into it is left out."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        """A string that stands alone is a docstring."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """The parts of one sentence."""
        self.found.append("".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)))

    def visit_Constant(self, node: ast.Constant) -> None:
        """One sentence."""
        if isinstance(node.value, str):
            self.found.append(node.value)


def advice() -> Iterator[tuple[str, str]]:
    """Every sentence of the domain and of flows that names a command, and its file."""
    for floor in ("domain", "flows"):
        for path in sorted((SOURCE / floor).rglob("*.py")):
            sentences = Sentences()
            sentences.visit(ast.parse(path.read_bytes()))
            for sentence in sentences.found:
                if path.name != "common_passwords.py" and COMMAND.search(sentence):
                    yield path.relative_to(SOURCE).as_posix(), sentence


def test_advice_helps_whoever_reads_it() -> None:
    """What a refusal says to do is said to readers of pages, too, or that it takes a shell; a command that it names is there."""
    told = list(advice())
    assert len(told) > 15
    assert [sentence for _, sentence in told if set(COMMAND.findall(sentence)) - main._MODULES.keys()] == []
    of_both = [(where, sentence) for where, sentence in told if where not in OF_TERMINALS]
    assert [one for one in of_both if not re.search("“|page|/account/|shell", one[1])] == []
