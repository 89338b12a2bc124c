"""Who may read what is not for everybody; and that nobody is asked who they are for what is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.support.builders import NOW
from tests.support.keeping import Keeping, Which, keeping

from homeport.domain.account import Caller, Scope, Token
from homeport.domain.errors import NotFound, Refusal, Unauthenticated
from homeport.domain.hosting import Policy
from homeport.flows.browse import newest_projects, project_story, search_projects, show_inbox
from homeport.flows.change_status import change_visibility
from homeport.flows.reading import Who, require_index_reader, require_reader, require_signed_in
from homeport.ports.world import World

ALL, OTHER = frozenset[str](), frozenset({"other"})


def stranger() -> Caller:
    """Who is not signed in."""
    raise Unauthenticated("Sign in.", code="sign-in-needed")


def unasked() -> Caller:
    """Who must not be asked."""
    raise AssertionError("what everybody may read asks nobody")


@pytest.fixture(params=["fake", "real"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeping]:
    """A public project; over the fake store and over the real one."""
    which: Which = request.param
    with keeping(which, tmp_path) as kept:
        yield kept


@pytest.fixture
def secret(kept: Keeping) -> Keeping:
    """The same, private."""
    change_visibility(kept.world, kept.ada, "demo", is_private=True)
    return kept


def closed(world: World) -> World:
    """The index where everybody must sign in."""
    return replace(world, policy=Policy(must_sign_in=True))


def by_token(caller: Caller, *scopes: Scope, projects: frozenset[str] = ALL) -> Caller:
    """The same person, by a token."""
    return Caller(caller.user, Token(1, caller.user.name, frozenset(scopes), projects, NOW, None))


def answer(ask: Callable[[], object]) -> str:
    """The code of the refusal, or nothing when there is none."""
    try:
        ask()
    except Refusal as refusal:
        return refusal.code
    return ""


def may_read_project(world: World, who: Who) -> str:
    """What somebody is told who asks for the project."""
    with world.store.read() as tx:
        project = tx.projects.find("demo")
        assert project is not None
        return answer(lambda: require_reader(world, tx, who, project, "demo"))


def test_what_is_for_everybody_asks_nobody(kept: Keeping) -> None:
    """On an open index the lists and a public project are read without a question."""
    require_signed_in(kept.world, unasked)
    require_index_reader(kept.world, unasked)
    assert may_read_project(kept.world, unasked) == ""
    assert project_story(kept.world, unasked, "demo").project == kept.project()
    assert [one.project.name.normalized for one in newest_projects(kept.world, unasked)] == ["demo"]
    assert len(search_projects(kept.world, unasked, "demo")) == 1


def test_a_private_project_is_read_by_its_members(secret: Keeping) -> None:
    """Every role reads, and administrators do; others are told that it is not there, strangers to sign in."""
    read, manage, upload = Scope.READ, Scope.MANAGE, Scope.UPLOAD
    for caller, told in (
        (secret.ada, ""),
        (secret.bob, ""),
        (secret.cleo, ""),
        (secret.root, ""),
        (secret.dan, "project-unknown"),
        (by_token(secret.cleo, read), ""),
        (by_token(secret.cleo, read, projects=frozenset({"demo"})), ""),
        (by_token(secret.root, read), ""),
        (by_token(secret.cleo, read, projects=OTHER), "project-unknown"),
        (by_token(secret.ada, manage, upload), "project-unknown"),
        (by_token(secret.dan, read), "project-unknown"),
    ):
        assert may_read_project(secret.world, partial(Caller, caller.user, caller.token)) == told, caller
    assert may_read_project(secret.world, stranger) == "sign-in-needed"


def test_the_lists_of_an_open_index_do_not_name_it(secret: Keeping) -> None:
    """Private projects are in no list, whoever asks: not even for their owner."""
    assert newest_projects(secret.world, lambda: secret.ada) == ()
    assert search_projects(secret.world, lambda: secret.ada, "demo") == ()
    assert [one.project.name.display for one in show_inbox(secret.world, secret.ada).kept] == ["demo"]
    assert show_inbox(secret.world, secret.cleo).kept == (), "the inbox is for who keeps a project"


def test_who_may_not_read_it_is_told_what_is_told_of_nothing(secret: Keeping) -> None:
    """The refusal of a private project differs in no letter from that of a name nobody has."""
    told = []
    for name in ("DEMO", "NOPE"):
        with pytest.raises(NotFound) as refused:
            project_story(secret.world, lambda: secret.dan, name)
        told.append((refused.value.code, refused.value.sentence.replace(name.lower(), "…")))
    assert told[0] == told[1]
    assert project_story(secret.world, lambda: secret.cleo, "DEMO").project.is_private


def test_a_closed_index_asks_everybody(kept: Keeping) -> None:
    """Where everybody must sign in, any account reads what is public, and a token needs the scope."""
    world = closed(kept.world)
    asks: tuple[Callable[[Who], object], ...] = (
        lambda who: require_signed_in(world, who),
        lambda who: require_index_reader(world, who),
        lambda who: newest_projects(world, who),
        lambda who: search_projects(world, who, "demo"),
        lambda who: project_story(world, who, "demo"),
    )
    for ask in asks:
        assert answer(partial(ask, stranger)) == "sign-in-needed"
        assert answer(partial(ask, lambda: kept.dan)) == ""
        assert answer(partial(ask, lambda: by_token(kept.dan, Scope.READ))) == ""
    assert may_read_project(world, lambda: kept.dan) == ""
    uploads = by_token(kept.ada, Scope.UPLOAD)
    assert may_read_project(world, lambda: uploads) == "project-unknown"
    assert answer(lambda: require_index_reader(world, lambda: uploads)) == "page-unknown"


def test_a_token_for_one_project_reads_no_list(kept: Keeping) -> None:
    """It reads its project, and not what else there is."""
    world = closed(kept.world)
    narrow = by_token(kept.dan, Scope.READ, projects=frozenset({"demo"}))
    assert may_read_project(world, lambda: narrow) == ""
    assert answer(lambda: newest_projects(world, lambda: narrow)) == "page-unknown"


def test_a_stranger_does_not_learn_what_a_closed_index_has(kept: Keeping) -> None:
    """Whether there is a project or not: who is not signed in is asked to sign in."""
    world = closed(kept.world)
    assert answer(lambda: project_story(world, stranger, "demo")) == "sign-in-needed"
    assert answer(lambda: project_story(world, stranger, "nobody-has-this")) == "sign-in-needed"
    assert answer(lambda: project_story(world, lambda: kept.dan, "nobody-has-this")) == "project-unknown"


def test_a_private_project_of_a_closed_index_is_for_its_members(secret: Keeping) -> None:
    """An account alone is not enough."""
    world = closed(secret.world)
    assert may_read_project(world, lambda: secret.dan) == "project-unknown"
    assert may_read_project(world, lambda: secret.cleo) == ""
    assert may_read_project(world, stranger) == "sign-in-needed"
