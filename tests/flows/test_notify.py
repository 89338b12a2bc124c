"""People are told in the transaction that makes the news true."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.builders import NOW
from tests.support.mail import with_mail
from tests.support.world import Fakes, add_person, add_project, fake_world, grant

from homeport.domain.project import Project, Role
from homeport.flows.notify import (
    INVITED_TO_ORGANISATION,
    INVITED_TO_PROJECT,
    MOST_INVITATIONS,
    page_of,
    tell_invited,
    tell_members,
)
from homeport.ports.notices import Notice


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def project(fakes: Fakes) -> Project:
    """A project of Ada's, with Bob; Cleo reads it; Eve has another one."""
    project = add_project(fakes.world, add_person(fakes.world, "ada"), "My.Demo")
    grant(fakes.world, project, add_person(fakes.world, "bob"))
    grant(fakes.world, project, add_person(fakes.world, "cleo"), Role.READER)
    add_project(fakes.world, add_person(fakes.world, "eve"), "other")
    return project


def inboxes(fakes: Fakes) -> dict[str, list[Notice]]:
    """Everybody's notices."""
    with fakes.store.read() as tx:
        users = [tx.users.by_name(name) for name in ("ada", "bob", "cleo", "eve")]
        return {user.name: list(tx.notices.of_user(user.id, limit=9)) for user in users if user}


def test_everyone_who_maintains_it_is_told(fakes: Fakes, project: Project) -> None:
    """Maintainers get the notice, a reader and a stranger do not."""
    notice = Notice("news", "News", "There are news.", page_of(project), NOW)
    assert notice.path == "/project/my-demo/"
    with fakes.store.write() as tx:
        tell_members(tx, project, notice)
    assert inboxes(fakes) == {"ada": [notice], "bob": [notice], "cleo": [], "eve": []}


def test_who_did_it_knows(fakes: Fakes, project: Project) -> None:
    """The person whose doing it was is left out."""
    notice = Notice("news", "News", "", "/manage/1", NOW)
    with fakes.store.write() as tx:
        tell_members(tx, project, notice, but_not="bob")
    assert inboxes(fakes) == {"ada": [notice], "bob": [], "cleo": [], "eve": []}


def test_invitations_of_all_kinds_are_one_flood(fakes: Fakes) -> None:
    """To projects and organisations together so many are mailed; other news are no part of it, and other people's."""
    post = with_mail(fakes.world)
    ada, bob = add_person(fakes.world, "ada"), add_person(fakes.world, "bob")
    with post.world.store.write() as tx:
        for user in (ada, bob):
            tx.users.put_email(user.id, user.email, verified_at=NOW)
        known = [user for user in (tx.users.by_id(ada.id), tx.users.by_id(bob.id)) if user]
        tx.notices.add(ada.id, Notice("news", "News", "", "/", NOW))
        for number in range(MOST_INVITATIONS + 1):
            kind = INVITED_TO_PROJECT if number % 2 else INVITED_TO_ORGANISATION
            tell_invited(tx, known[0], Notice(kind, f"number {number}", "", "/", NOW))
        tell_invited(tx, known[1], Notice(INVITED_TO_PROJECT, "yours", "", "/", NOW))
    assert post.subjects(ada.email) == [f"number {number}" for number in range(MOST_INVITATIONS)]
    assert post.subjects(bob.email) == ["yours"]
