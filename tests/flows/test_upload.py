"""A file arrives from its owner: what is published, what is refused, and what happens meanwhile."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.forms import upload_fields
from tests.support.invariants import broken, entries
from tests.support.story import SDIST, WHEEL, sdist, wheel
from tests.support.world import (
    Fakes,
    Meanwhile,
    Says,
    add_person,
    add_project,
    fake_world,
    grant,
    revoke,
    set_status,
)

from homeport.domain.account import Caller, Scope, Token
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, Invalid, Unauthenticated
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Finding, Inspection, Severity
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.manage_project import create_project
from homeport.flows.tokens import TokenWish, create_token, revoke_token
from homeport.flows.upload import Uploaded, upload
from homeport.ports.isolation import Isolation

BODY = wheel()


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes whose invariants hold at the end."""
    with fake_world(tmp_path) as fakes:
        yield fakes
        assert broken(fakes) == []


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """Somebody who has files."""
    return Caller(add_person(fakes.world, "ada"))


def send(
    fakes: Fakes,
    caller: Caller,
    filename: str = WHEEL,
    body: bytes = BODY,
    isolation: Isolation | None = None,
    fields: Mapping[str, str] | None = None,
) -> Uploaded:
    """Upload ``body`` as twine does; ``fields`` are those of the form that are different."""
    form: dict[str, list[str]] = {}
    for name, value in upload_fields(filename, body, **(fields or {})):
        form.setdefault(name, []).append(value)
    world = replace(fakes.world, isolation=isolation) if isolation else fakes.world
    with world.blobs.receive(world.limits.file_bytes) as incoming:
        incoming.write(body)
        return upload(world, caller, form, filename, incoming)


def kinds(fakes: Fakes) -> list[str]:
    """What the ledger tells, in order."""
    return [entry["kind"] for entry in entries(fakes.store)]


def told(fakes: Fakes, caller: Caller) -> list[str]:
    """The subjects of somebody's notices, newest first."""
    with fakes.store.read() as tx:
        return [notice.subject for notice in tx.notices.of_user(caller.user.id, limit=9)]


def test_the_first_file_makes_the_project(fakes: Fakes, ada: Caller) -> None:
    """Whoever uploads the first file of a name owns the project, which is pypi-only; file, page and ledger say so."""
    assert send(fakes, ada) == Uploaded("demo", WHEEL, is_new=True)
    assert kinds(fakes) == ["project-created", "role-granted", "file-published"]
    with fakes.store.read() as tx:
        project = tx.projects.find("demo")
        assert project is not None
        assert (project.mode, project.serial) == (HostingMode.ONLY, 3)
        assert tx.projects.role_of(project.id, ada.user.id) is Role.OWNER
        file = tx.files.find(project.id, WHEEL)
        assert tx.releases.of_project(project.id)[0].metadata.name == "demo"
    assert file is not None
    assert (file.digests.sha256, file.size_bytes, file.is_legacy) == (Sha256.of(BODY), len(BODY), False)
    assert fakes.blobs.kept == {Sha256.of(BODY): BODY}
    assert f">{WHEEL}</a>".encode() in fakes.store.committed.pages["demo", "html"].bodies["identity"]
    assert told(fakes, ada) == []


def test_a_maintainer_adds_a_file_and_the_others_are_told(fakes: Fakes, ada: Caller) -> None:
    """A second file joins the project; everyone with a role is told but the person who did it."""
    send(fakes, ada)
    with fakes.store.read() as tx:
        project = tx.projects.find("demo")
    assert project is not None
    bob = grant(fakes.world, project, add_person(fakes.world, "bob"))
    assert send(fakes, bob, SDIST, sdist()).is_new
    assert told(fakes, ada) == [f"demo: {SDIST} published by bob"]
    assert told(fakes, bob) == []


def test_the_same_bytes_again_change_nothing(fakes: Fakes, ada: Caller) -> None:
    """A repeated upload succeeds and leaves everything as it was (I-18)."""
    send(fakes, ada)
    before = fakes.store.committed.snapshot()
    assert send(fakes, ada) == Uploaded("demo", WHEEL, is_new=False)
    assert fakes.store.committed == before


def test_a_name_is_not_given_to_other_bytes(fakes: Fakes, ada: Caller) -> None:
    """Other bytes under a known name are a conflict that clients recognise by its first words (I-04)."""
    send(fakes, ada)
    before = fakes.store.committed.snapshot()
    with pytest.raises(Conflict, match=r"^File already exists: ") as refused:
        send(fakes, ada, body=wheel(content=b"answer = 43\n"))
    assert refused.value.code == "file-exists"
    assert fakes.store.committed == before


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"sha256_digest": "0" * 64}, "digest-mismatch"),
        ({"version": "2.0"}, "form-invalid"),
        ({"name": "-"}, "form-invalid"),
        ({"filetype": "bdist_egg"}, "form-invalid"),
    ],
)
def test_a_wrong_form_publishes_nothing(fakes: Fakes, ada: Caller, fields: dict[str, str], code: str) -> None:
    """A form that contradicts itself, the file's name or the bytes is refused before anything is kept."""
    with pytest.raises(Invalid) as refused:
        send(fakes, ada, fields=fields)
    assert refused.value.code == code
    assert fakes.blobs.kept == {}
    assert kinds(fakes) == []


def test_only_maintainers_add_files(fakes: Fakes, ada: Caller) -> None:
    """Somebody without a role in a project adds nothing to it."""
    send(fakes, ada)
    eve = Caller(add_person(fakes.world, "eve"))
    with pytest.raises(Forbidden) as refused:
        send(fakes, eve, SDIST, sdist())
    assert refused.value.code == "role-missing"


@pytest.mark.parametrize(
    ("scopes", "projects"), [({Scope.READ, Scope.MANAGE}, set()), ({Scope.UPLOAD}, {"other"})]
)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_token_is_good_for_what_it_says(
    fakes: Fakes, ada: Caller, scopes: set[Scope], projects: set[str], *, is_new: bool
) -> None:
    """A token for other uses, or other projects, uploads neither to a project nor to a new name (I-15)."""
    if not is_new:
        add_project(fakes.world, ada.user)
    token = Token(1, "ada", frozenset(scopes), frozenset(projects), fakes.clock.now(), None)
    with pytest.raises(Forbidden) as refused:
        send(fakes, Caller(ada.user, token))
    assert refused.value.code == "token-scope"


@pytest.mark.parametrize("status", [ProjectStatus.ARCHIVED, ProjectStatus.QUARANTINED])
def test_a_closed_project_takes_no_files(tmp_path: Path, status: ProjectStatus) -> None:
    """An archived or quarantined project is not added to, not even by its owner."""
    with fake_world(tmp_path) as fakes:
        ada = Caller(add_person(fakes.world, "ada"))
        set_status(fakes.store, add_project(fakes.world, ada.user), status)
        with pytest.raises(Conflict) as refused:
            send(fakes, ada)
    assert refused.value.code == "project-takes-no-files"


def test_a_file_that_inspection_does_not_accept_is_refused(fakes: Fakes, ada: Caller) -> None:
    """What is no wheel is refused with every reason, and its bytes are dropped."""
    with pytest.raises(Invalid) as refused:
        send(fakes, ada, body=b"PK but no wheel")
    assert refused.value.code == "file-rejected"
    assert refused.value.problems
    assert all(problem in refused.value.sentence for problem in refused.value.problems)
    assert fakes.blobs.kept == {}
    assert kinds(fakes) == []


@pytest.mark.parametrize("findings", [(Finding("held", Severity.HOLD, "Look first."),), ()])
def test_a_held_file_and_one_without_metadata_are_refused(
    fakes: Fakes, ada: Caller, findings: tuple[Finding, ...]
) -> None:
    """An upload is answered at once, so what a person would have to look at is refused, as is what says nothing."""
    with pytest.raises(Invalid) as refused:
        send(fakes, ada, isolation=Says(Inspection(findings)))
    assert refused.value.code == "file-rejected"


def test_findings_that_only_inform_come_back_as_warnings(fakes: Fakes, ada: Caller) -> None:
    """What the inspection noted, and what refuses nothing, is told to the uploader."""
    noted = Finding("noted", Severity.INFO, "Nice.")
    says = Says(Inspection((noted,), CoreMetadata("2.1", "demo", "1.0")))
    assert send(fakes, ada, isolation=says).warnings == ("Nice.",)


def test_a_role_that_is_lost_during_inspection_publishes_nothing(fakes: Fakes, ada: Caller) -> None:
    """Rights are asked again where they count, inside the publishing transaction (T-32)."""
    project = add_project(fakes.world, ada.user)
    with pytest.raises(Forbidden) as refused:
        send(fakes, ada, isolation=Meanwhile(lambda: revoke(fakes.store, project, ada.user)))
    assert refused.value.code == "role-missing"
    assert "file-published" not in kinds(fakes)


@pytest.mark.parametrize("how", ["revoked", "expired", "disabled"])
def test_a_token_that_ends_during_inspection_publishes_nothing(fakes: Fakes, ada: Caller, how: str) -> None:
    """Revoking a token, its time, and disabling its user count at once, also for what is under way (T-32)."""
    wish = TokenWish(frozenset({Scope.UPLOAD}), lasts=timedelta(hours=1))
    token = create_token(fakes.world, ada, wish).token

    def ends() -> None:
        if how == "revoked":
            revoke_token(fakes.world, ada, token.id)
        elif how == "expired":
            fakes.clock.advance(timedelta(hours=1))
        else:
            with fakes.store.write() as tx:
                tx.users.disable(ada.user.id, fakes.clock.now())

    with pytest.raises(Unauthenticated) as refused:
        send(fakes, Caller(ada.user, token), isolation=Meanwhile(ends))
    assert refused.value.code == "credentials-ended"
    assert fakes.store.committed.projects == {}
    assert "file-published" not in kinds(fakes)


def test_a_name_that_is_taken_during_inspection_is_not_shared(fakes: Fakes, ada: Caller) -> None:
    """Who comes second to a new name gets nothing: neither the project nor a file in it (T-17)."""
    bob = add_person(fakes.world, "bob")
    taking = Meanwhile(lambda: create_project(fakes.world, bob, "Demo", HostingMode.ONLY))
    with pytest.raises(Forbidden) as refused:
        send(fakes, ada, isolation=taking)
    assert refused.value.code == "role-missing"
    assert "file-published" not in kinds(fakes)


@pytest.mark.parametrize(("content", "is_same"), [(b"answer = 42\n", True), (b"answer = 43\n", False)])
def test_two_uploads_of_one_name_at_once(fakes: Fakes, ada: Caller, content: bytes, *, is_same: bool) -> None:
    """Of two uploads under way together one publishes; the other finds its own bytes there, or a conflict."""
    other = wheel(content=content)
    racing = Meanwhile(lambda: send(fakes, ada, body=other))
    if is_same:
        assert not send(fakes, ada, isolation=racing).is_new
    else:
        with pytest.raises(Conflict):
            send(fakes, ada, isolation=racing)
    assert kinds(fakes).count("file-published") == 1
    assert next(iter(fakes.store.committed.files.values())).digests.sha256 == Sha256.of(other)
