"""API tokens: made, listed, used, and never more than their user."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.invariants import entries
from tests.support.token_callers import by, notices
from tests.support.world import Fakes, add_person, add_project, fake_world, grant

from homeport.domain.account import Caller, Scope, Token
from homeport.domain.errors import Forbidden, Invalid, NotFound, Refusal, Unauthenticated
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, Role
from homeport.domain.token import LISTED_FOR
from homeport.flows.change_status import change_visibility
from homeport.flows.manage_project import add_source, project_for_files
from homeport.flows.membership import show_members
from homeport.flows.tokens import TOKENS_PAGE, TokenWish, create_token, list_tokens, note_use, revoke_token

MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
UPLOAD, MANAGE, READ = frozenset({Scope.UPLOAD}), frozenset({Scope.MANAGE}), frozenset({Scope.READ})

# Made


def test_a_token_is_made_told_and_kept_as_a_digest(fakes: Fakes, ada: Caller) -> None:
    """Its text is given once; ledger and notice say what it may, and nothing remembers the text."""
    wish = TokenWish(UPLOAD | MANAGE, ("DEMO",), DAY, "  my   laptop ")
    made = create_token(fakes.world, ada, wish)
    now = fakes.clock.now()
    assert made.token == Token(
        made.token.id, "ada", UPLOAD | MANAGE, frozenset({"demo"}), now, now + DAY, "my laptop"
    )
    assert by(fakes, made) == Caller(ada.user, made.token)
    (entry,) = entries(fakes.store, Kind.TOKEN_CREATED)
    assert (entry["actor"], entry["project"]) == ("ada", "")
    assert entry["details"] == {
        "token": made.token.id,
        "user": "ada",
        "scopes": ["manage", "upload"],
        "projects": ["demo"],
        "until": (now + DAY).isoformat(),
    }
    (notice,) = notices(fakes, ada.user)
    assert (notice.kind, notice.path) == ("token-created", TOKENS_PAGE)
    assert notice.subject == f"Your token {made.token.id} “my laptop” was created"
    assert notice.text.startswith("It may manage and upload demo, until 2026-")
    assert made.text not in repr(fakes.store.committed) + repr(made) + json.dumps(entries(fakes.store))


def test_a_token_for_everything_says_so(fakes: Fakes, ada: Caller) -> None:
    """Without projects and time the notice says all and without end; the ledger has neither."""
    create_token(fakes.world, ada, TokenWish(READ))
    (notice,) = notices(fakes, ada.user)
    assert notice.text.startswith("It may read all your projects, without end.")
    (entry,) = entries(fakes.store, Kind.TOKEN_CREATED)
    assert (entry["details"]["projects"], entry["details"]["until"]) == ([], None)


def test_nonsense_is_refused_and_nothing_is_written(fakes: Fakes, ada: Caller) -> None:
    """Everything wrong is said at once; an unknown project is refused too."""
    before = fakes.store.committed.snapshot()
    with pytest.raises(Invalid) as refused:
        create_token(fakes.world, ada, TokenWish(frozenset(), lasts=-DAY, label="\x1b"))
    assert len(refused.value.problems) == 3
    with pytest.raises(NotFound):
        create_token(fakes.world, ada, TokenWish(UPLOAD, ("demo", "other")))
    assert fakes.store.committed == before


def test_a_token_tells_no_stranger_what_exists(fakes: Fakes, ada: Caller) -> None:
    """For who is no member a private project is as one that never was; readers and administrators name it."""
    with fakes.store.read() as tx:
        demo = tx.projects.find("demo")
    assert demo is not None
    change_visibility(fakes.world, ada, "demo", is_private=True)
    eve = Caller(add_person(fakes.world, "eve"))
    sentences = []
    for name in ("demo", "nothing"):
        with pytest.raises(NotFound) as refused:
            create_token(fakes.world, eve, TokenWish(READ, (name,)))
        sentences.append((refused.value.code, refused.value.sentence.replace(name, "X")))
    assert sentences[0] == sentences[1]
    root = Caller(add_person(fakes.world, "root", is_admin=True))
    for caller in (grant(fakes.world, demo, eve.user, Role.READER), root, ada):
        assert create_token(fakes.world, caller, TokenWish(READ, ("demo",))).token.projects == {"demo"}


def test_what_has_ended_makes_no_token(fakes: Fakes, ada: Caller) -> None:
    """Who was signed in when their token was revoked, or their account disabled, gets no other one."""
    asking = by(fakes, create_token(fakes.world, ada, TokenWish(MANAGE)))
    assert asking.token
    revoke_token(fakes.world, ada, asking.token.id)
    gone = Caller(replace(ada.user, id=99))
    unknown = Caller(ada.user, replace(asking.token, id=99))
    bob = Caller(add_person(fakes.world, "bob"))
    with fakes.store.write() as tx:
        tx.users.disable(bob.user.id, fakes.clock.now())
    before = fakes.store.committed
    for caller in (asking, unknown, gone, bob):
        with pytest.raises(Unauthenticated) as refused:
            create_token(fakes.world, caller, TokenWish(MANAGE))
        assert refused.value.code == "credentials-ended"
    assert fakes.store.committed == before


# Made by a token


def test_what_is_left_open_is_as_the_asking_token_has_it(fakes: Fakes, ada: Caller) -> None:
    """Projects and time that are not named are those of the token that asks."""
    asking = by(fakes, create_token(fakes.world, ada, TokenWish(MANAGE | UPLOAD, ("demo",), DAY)))
    assert asking.token is not None
    made = create_token(fakes.world, asking, TokenWish(UPLOAD)).token
    assert made.projects == {"demo"}
    assert made.expires_at == asking.token.expires_at == fakes.clock.now() + DAY
    shorter = create_token(fakes.world, asking, TokenWish(UPLOAD, lasts=DAY - MOMENT)).token
    assert shorter.expires_at == fakes.clock.now() + DAY - MOMENT


def test_a_token_is_refused_what_it_has_not(fakes: Fakes, ada: Caller) -> None:
    """Other scopes, other projects, a longer time: each is refused, and leaves nothing."""
    add_project(fakes.world, ada.user, "other")
    asking = by(fakes, create_token(fakes.world, ada, TokenWish(MANAGE, ("demo",), DAY)))
    before = fakes.store.committed.snapshot()
    for wish in (
        TokenWish(UPLOAD),
        TokenWish(MANAGE, ("other",)),
        TokenWish(MANAGE, ("demo", "other")),
        TokenWish(MANAGE, lasts=DAY + MOMENT),
    ):
        with pytest.raises(Forbidden) as refused:
            create_token(fakes.world, asking, wish)
        assert refused.value.code == "token-beyond"
    assert fakes.store.committed == before


def test_a_token_that_cannot_manage_makes_none(fakes: Fakes, ada: Caller) -> None:
    """To upload and to read is not to manage: such a token neither makes nor lists tokens."""
    asking = by(fakes, create_token(fakes.world, ada, TokenWish(UPLOAD | READ)))
    with pytest.raises(Forbidden) as refused:
        create_token(fakes.world, asking, TokenWish(UPLOAD))
    assert refused.value.code == "token-scope"
    with pytest.raises(Forbidden):
        list_tokens(fakes.world, asking)


# Never more than its user


@settings(max_examples=40)
@given(
    roles=st.lists(st.none() | st.sampled_from(Role), min_size=1, max_size=6),
    scopes=st.frozensets(st.sampled_from(Scope), min_size=1),
    is_limited=st.booleans(),
)
def test_a_token_follows_its_user_through_every_role(
    roles: list[Role | None], scopes: frozenset[Scope], *, is_limited: bool
) -> None:
    """Whatever role its user has at a moment, a token does nothing then that the user could not do (I-15)."""
    with TemporaryDirectory() as folder, fake_world(Path(folder)) as fakes:
        ada = add_person(fakes.world, "ada")
        demo = add_project(fakes.world, ada)
        bob = Caller(add_person(fakes.world, "bob"))
        wish = TokenWish(scopes, ("demo",) if is_limited else ())
        made = create_token(fakes.world, bob, wish)
        for role in roles:
            with fakes.store.write() as tx:
                tx.projects.revoke(demo.id, bob.user.id)
                if role is not None:
                    tx.projects.grant(demo.id, bob.user.id, role)
            narrowed, whole = deeds(fakes, by(fakes, made), demo), deeds(fakes, bob, demo)
            assert narrowed <= whole
            if role is Role.OWNER and Scope.UPLOAD in scopes:
                assert "upload" in narrowed, "the rule forbids no more than it must"


def deeds(fakes: Fakes, caller: Caller, demo: Project) -> set[str]:
    """What the caller can do to the project now."""

    def upload() -> None:
        with fakes.store.read() as tx:
            project_for_files(tx, caller, demo.name)

    def begin() -> None:
        with fakes.store.read() as tx:
            project_for_files(tx, caller, ProjectName("fresh"))

    def can(deed: Callable[[], object]) -> bool:
        try:
            deed()
        except Forbidden:
            return False
        except Refusal:
            # It is no question of rights.
            return True
        return True

    asked: dict[str, Callable[[], object]] = {
        "upload": upload,
        "begin": begin,
        "name a source": lambda: add_source(fakes.world, caller, "demo", "homepage", "https://site.test/"),
        "see members": lambda: show_members(fakes.world, caller, "demo"),
        "hide": lambda: change_visibility(fakes.world, caller, "demo", is_private=False),
    }
    return {name for name, deed in asked.items() if can(deed)}


# Listed


def test_own_tokens_are_listed_newest_first_and_for_a_while_after(fakes: Fakes, ada: Caller) -> None:
    """Live ones always, expired and revoked ones for 90 days; those of others never."""
    keeps = create_token(fakes.world, ada, TokenWish(UPLOAD)).token
    ends = create_token(fakes.world, ada, TokenWish(UPLOAD, lasts=DAY)).token
    stopped = create_token(fakes.world, ada, TokenWish(UPLOAD)).token
    create_token(fakes.world, Caller(add_person(fakes.world, "bob")), TokenWish(UPLOAD))
    revoke_token(fakes.world, ada, stopped.id)
    assert [token.id for token in list_tokens(fakes.world, ada)] == [stopped.id, ends.id, keeps.id]
    fakes.clock.advance(LISTED_FOR)
    assert [token.id for token in list_tokens(fakes.world, ada)] == [ends.id, keeps.id]
    fakes.clock.advance(DAY)
    assert [token.id for token in list_tokens(fakes.world, ada)] == [keeps.id]


def test_a_token_lists_what_it_could_have_made(fakes: Fakes, ada: Caller) -> None:
    """By a token for one project one does not learn what others are for."""
    create_token(fakes.world, ada, TokenWish(MANAGE))
    small = create_token(fakes.world, ada, TokenWish(MANAGE, ("demo",)))
    assert [token.id for token in list_tokens(fakes.world, by(fakes, small))] == [small.token.id]


# Used


def test_a_use_is_remembered(fakes: Fakes, ada: Caller) -> None:
    """The moment at which it was noted stands with the token."""
    made = create_token(fakes.world, ada, TokenWish(UPLOAD))
    fakes.clock.advance(DAY)
    note_use(fakes.world, made.token)
    assert list_tokens(fakes.world, ada)[0].last_used_at == fakes.clock.now()
