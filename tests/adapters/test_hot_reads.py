"""The look-ups behind ``/simple/`` and ``/files/``, over rows that the store wrote."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.world import Real, add_person

from homeport.adapters.blobs.filesystem import blob_path
from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.account import Caller, Scope, Token, User
from homeport.domain.digests import Sha256, digests_of
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release import HostedFile, Origin
from homeport.flows.render_list import render_whole_list
from homeport.flows.render_pages import render_project
from homeport.formats.codings import CODINGS
from homeport.ports.catalogue import Provenance
from homeport.ports.reads import StoredFile

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"
TOKEN = Sha256.of(b"token")


@pytest.fixture
def project(real: Real) -> Project:
    """A project with a wheel that has metadata, and an sdist without."""
    with real.store.write() as tx:
        project = tx.projects.add(ProjectName("Demo"), HostingMode.ONLY, NOW)
        tx.files.add(project.id, _file(WHEEL, FileKind.WHEEL), Provenance("ada"), b"Name: demo\n")
        tx.files.add(project.id, _file(SDIST, FileKind.SDIST), Provenance("ada"), None)
    return project


@pytest.fixture
def ada(real: Real) -> User:
    """Somebody with an account."""
    return add_person(real.world, "ada")


def _file(name: str, kind: FileKind) -> HostedFile:
    body = name.encode()
    version = ReleaseVersion.parse("1.0")
    return HostedFile("demo", version, name, kind, len(body), digests_of([body]), NOW, Origin.UPLOAD)


def digest(name: str) -> str:
    """The digest of the file called so."""
    return Sha256.of(name.encode()).hex


def hide(real: Real, project: Project) -> None:
    """Make the project private."""
    with real.store.write() as tx:
        tx.projects.set_private(project.id, is_private=True)


def test_s07_a_change_is_seen_by_the_next_look_up(
    real: Real, reads: SqliteHotReads, project: Project
) -> None:
    """What was rendered last is found in every form and coding, with who may read it."""
    for serial, is_private in ((7, False), (8, True)):
        with real.store.write() as tx:
            render_project(tx, replace(project, is_private=is_private), serial)
        for form in ("json", "html"):
            for coding in CODINGS:
                page = reads.page("demo", form, coding)
                assert page is not None
                assert (page.serial, bool(page.is_private)) == (serial, is_private)
    assert reads.page("other", "json", "identity") is None


def test_the_serial_is_the_newest_entry(real: Real, reads: SqliteHotReads) -> None:
    """An index without entries is at serial 0; then the serial is the newest entry's."""
    assert reads.serial() == 0
    for serial in (1, 2):
        with real.store.write() as tx:
            assert tx.ledger.append(Kind.USER_ADDED, at=NOW, actor="a", project="", details={}) == serial
        assert reads.serial() == serial


def test_the_project_list_is_the_one_of_now(real: Real, reads: SqliteHotReads, project: Project) -> None:
    """The list in either form names the project, until it is private."""
    for is_private in (False, True):
        with real.store.write() as tx:
            tx.projects.set_private(project.id, is_private=is_private)
            tx.ledger.append(Kind.VISIBILITY_CHANGED, at=NOW, actor="a", project="demo", details={})
            render_whole_list(tx)
        for form in ("json", "html"):
            listed = reads.project_list(form)
            assert listed.serial == reads.serial()
            assert (b"Demo" in b"".join(listed.chunks("identity"))) is not is_private


def test_a_file_is_found_by_digest_and_name(real: Real, reads: SqliteHotReads, project: Project) -> None:
    """Digest and name together lead to size, time, place and project; either alone leads nowhere."""
    path = blob_path(real.folder, digest(WHEEL))
    stored = StoredFile(path, len(WHEEL), "Wed, 04 Mar 2026 05:06:07 GMT", "demo", is_private=False)
    assert reads.file(digest(WHEEL), WHEEL) == stored
    assert reads.file(digest(WHEEL), SDIST) is None
    assert reads.file(digest("other"), WHEEL) is None
    hide(real, project)
    assert reads.file(digest(WHEEL), WHEEL) == replace(stored, is_private=True)


def test_metadata_are_served_where_there_are_some(
    real: Real, reads: SqliteHotReads, project: Project
) -> None:
    """A file with metadata gives their bytes and whose they are; one without gives nothing, as does none at all."""
    assert reads.metadata_file(digest(WHEEL), WHEEL) == (b"Name: demo\n", "demo", False)
    assert reads.metadata_file(digest(SDIST), SDIST) is None
    assert reads.metadata_file(digest("other"), WHEEL) is None
    hide(real, project)
    assert reads.metadata_file(digest(WHEEL), WHEEL) == (b"Name: demo\n", "demo", True)


@pytest.mark.parametrize("is_first", [True, False])
def test_f20_what_is_also_public_is_public(
    real: Real, reads: SqliteHotReads, project: Project, *, is_first: bool
) -> None:
    """The same bytes under the same name in two projects: the URL is for everybody when one of them is."""
    with real.store.write() as tx:
        other = tx.projects.add(ProjectName("other"), HostingMode.ONLY, NOW)
        tx.files.add(other.id, _file(WHEEL, FileKind.WHEEL), Provenance("ada"), b"Name: demo\n")
    private, public = (project, "other") if is_first else (other, "demo")
    hide(real, private)
    found, metadata = reads.file(digest(WHEEL), WHEEL), reads.metadata_file(digest(WHEEL), WHEEL)
    assert found is not None
    assert metadata is not None
    assert (
        (found.project, found.is_private) == (metadata.project, bool(metadata.is_private)) == (public, False)
    )


@pytest.mark.parametrize(
    ("status", "is_shown"),
    [
        (ProjectStatus.ACTIVE, True),
        (ProjectStatus.ARCHIVED, True),
        (ProjectStatus.DEPRECATED, True),
        (ProjectStatus.QUARANTINED, False),
    ],
)
def test_q05_q06_q07_only_quarantine_hides_files(
    real: Real, reads: SqliteHotReads, project: Project, status: ProjectStatus, *, is_shown: bool
) -> None:
    """Files of a quarantined project, and their metadata, are not served (PEP 792); all others are."""
    with real.store.write() as tx:
        tx.projects.set_status(project.id, status, "")
    assert (reads.file(digest(WHEEL), WHEEL) is not None) is is_shown
    assert (reads.metadata_file(digest(WHEEL), WHEEL) is not None) is is_shown


def test_q01_a_yanked_file_is_served(real: Real, reads: SqliteHotReads, project: Project) -> None:
    """A yank is advice to installers: the bytes stay where they were."""
    with real.store.write() as tx:
        tx.files.set_yanked(project.id, [WHEEL], "broken")
    assert reads.file(digest(WHEEL), WHEEL) is not None


def put_token(real: Real, user: User, *, expires_at: datetime | None, projects: frozenset[str]) -> Token:
    """A token to read and upload; what the store says of it."""
    scopes = frozenset({Scope.READ, Scope.UPLOAD})
    with real.store.write() as tx:
        tx.tokens.add(TOKEN, user.id, scopes=scopes, projects=projects, at=NOW, expires_at=expires_at)
        found = tx.tokens.by_digest(TOKEN, NOW)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("expires_at", [None, NOW + timedelta(days=1)])
@pytest.mark.parametrize("projects", [frozenset[str](), frozenset({"demo", "other"})])
@pytest.mark.parametrize("is_admin", [False, True])
def test_a_token_says_who_is_calling(
    real: Real,
    reads: SqliteHotReads,
    expires_at: datetime | None,
    projects: frozenset[str],
    *,
    is_admin: bool,
) -> None:
    """The caller is the very one that the store knows: user, scopes, projects and times."""
    user = add_person(real.world, "bob", is_admin=is_admin)
    token = put_token(real, user, expires_at=expires_at, projects=projects)
    assert reads.caller(TOKEN.hex, NOW) == Caller(user, token)
    assert reads.caller(digest("other"), NOW) is None


@pytest.mark.parametrize(("after", "is_known"), [(-MOMENT, True), (timedelta(0), False), (MOMENT, False)])
def test_an_ended_token_is_nobodys(
    real: Real, reads: SqliteHotReads, ada: User, after: timedelta, *, is_known: bool
) -> None:
    """A token is good before the moment it ends, and not from then on, as the store has it."""
    ends = NOW + timedelta(hours=1)
    put_token(real, ada, expires_at=ends, projects=frozenset())
    assert (reads.caller(TOKEN.hex, ends + after) is not None) is is_known
    with real.store.read() as tx:
        assert (tx.tokens.by_digest(TOKEN, ends + after) is not None) is is_known


def test_a_revoked_token_is_nobodys(real: Real, reads: SqliteHotReads, ada: User) -> None:
    """From the moment that a token is revoked the hot paths know it no more (T02)."""
    token = put_token(real, ada, expires_at=None, projects=frozenset())
    assert reads.caller(TOKEN.hex, NOW) is not None
    with real.store.write() as tx:
        tx.tokens.revoke(token.id, NOW)
    assert reads.caller(TOKEN.hex, NOW) is None


def test_the_token_of_a_disabled_account_is_nobodys(real: Real, reads: SqliteHotReads, ada: User) -> None:
    """An account that is disabled reads nothing by any token, until it is enabled."""
    put_token(real, ada, expires_at=None, projects=frozenset())
    with real.store.write() as tx:
        tx.users.disable(ada.id, NOW)
    assert reads.caller(TOKEN.hex, NOW) is None
    with real.store.write() as tx:
        tx.users.enable(ada.id)
    assert reads.caller(TOKEN.hex, NOW) is not None


def test_the_caller_tells_when_the_token_was_used(real: Real, reads: SqliteHotReads, ada: User) -> None:
    """What the hot paths know of a token includes its label and its last use, as the store has them."""
    token = put_token(real, ada, expires_at=None, projects=frozenset())
    with real.store.write() as tx:
        tx.tokens.note_use(token.id, NOW)
        found = tx.tokens.by_digest(TOKEN, NOW)
    assert found is not None
    assert reads.caller(TOKEN.hex, NOW) == Caller(ada, found[0])
    assert found[0].last_used_at == NOW


def test_roles(real: Real, reads: SqliteHotReads, project: Project, ada: User) -> None:
    """A user's role in a project is the one that was granted last; elsewhere, and to others, there is none."""
    assert reads.role(ada.id, "demo") is None
    for role in Role:
        with real.store.write() as tx:
            tx.projects.grant(project.id, ada.id, role)
        assert reads.role(ada.id, "demo") is role
    assert reads.role(ada.id, "other") is None
    assert reads.role(ada.id + 1, "demo") is None
    assert reads.role(ada.id, "") is None


def test_a_closed_reader_reads_nothing(real: Real) -> None:
    """Whoever lets go of the database holds no part of it."""
    reads = SqliteHotReads(sqlite_file(real.database), real.folder)
    reads.project_list("json")
    reads.close()
    with pytest.raises(Exception, match="closed"):
        reads.serial()
    with pytest.raises(Exception, match="closed"):
        reads.project_list("html")
