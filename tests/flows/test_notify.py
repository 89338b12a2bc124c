"""People are told in the transaction that makes the news true."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.builders import NOW
from tests.support.world import Fakes, add_person, add_project, fake_world, grant

from homeport.domain.project import Project, Role
from homeport.flows.notify import notify_members
from homeport.ports.store import Notice


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
    """Maintainers get the notice, with the project's page where no other is named; a reader and a stranger do not."""
    with fakes.store.write() as tx:
        notify_members(tx, project, kind="news", subject="News", text="There are news.", at=NOW)
    notice = Notice("news", "News", "There are news.", "/project/my-demo/", NOW)
    assert inboxes(fakes) == {"ada": [notice], "bob": [notice], "cleo": [], "eve": []}


def test_who_did_it_knows(fakes: Fakes, project: Project) -> None:
    """The person whose doing it was is left out, and a page of its own is kept."""
    with fakes.store.write() as tx:
        notify_members(
            tx, project, kind="news", subject="News", text="", at=NOW, path="/manage/1", but_not="bob"
        )
    notice = Notice("news", "News", "", "/manage/1", NOW)
    assert inboxes(fakes) == {"ada": [notice], "bob": [], "cleo": [], "eve": []}
