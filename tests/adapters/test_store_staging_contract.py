"""The contract of the store: stages and their files, by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.builders import item

from homeport.domain.digests import Sha256, digests_of
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Finding, Severity
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion, parse_filename
from homeport.domain.rehost import Purpose
from homeport.domain.release import HostedFile, Origin
from homeport.domain.staged_claim import Claim
from homeport.domain.staging import FileState, FileStep, Judgement, Publisher, Stage, StagedFile, StageStep
from homeport.ports.catalogue import Provenance
from homeport.ports.staging import Coming
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = 7 * DAY
BODY = digests_of([b"bytes"])


def user_id(store: Store, name: str = "ada") -> int:
    """Somebody."""
    with store.write() as tx:
        there = tx.users.by_name(name)
        made = there or tx.users.add(name, f"{name}@example.org", None, is_admin=False, at=NOW)
    return made.id


def a_stage(store: Store, key: str, name: str = "Lark", version: str = "1.0", user: str = "ada") -> Stage:
    """A stage that is there."""
    stage = Stage(
        0,
        key,
        f"secret of {key}",
        ProjectName(name),
        ReleaseVersion.parse(version),
        user_id(store, user),
        NOW,
        NOW + WEEK,
        NOW,
    )
    with store.write() as tx:
        return tx.stages.add(stage)


def claim(filename: str = "lark-1.0-py3-none-any.whl", size_bytes: int = 5) -> Claim:
    """A claim."""
    return Claim(parse_filename(filename), size_bytes, (("sha256", BODY.sha256.hex), ("sha512", "0" * 128)))


def a_file(tx: Transaction, stage: Stage, *, is_own: bool = True, name: str = "py3") -> StagedFile:
    """A file whose bytes are here."""
    file = tx.stages.add_file(stage.id, claim(f"lark-1.0-{name}-none-any.whl"), NOW)
    file = file.with_bytes(BODY, NOW, is_own=is_own)
    tx.stages.put_file(file)
    return file


def test_a_stage_comes_back_as_it_was(store: Store) -> None:
    """Everything that was remembered is there, by key and by secret, also after it changed."""
    one, two = a_stage(store, "one"), a_stage(store, "two", version="2.0")
    assert one.id != two.id
    changed = replace(
        one.moved(StageStep.DEFER, NOW + DAY).moved(StageStep.FAIL, NOW + DAY, "no", "really"),
        publisher=Publisher(one.user_id, 17),
        expires_at=NOW + 2 * WEEK,
    )
    with store.write() as tx:
        assert tx.stages.by_key("one") == tx.stages.by_secret("secret of one") == one
        tx.stages.put(changed)
    with store.read() as tx:
        assert tx.stages.by_key("one") == changed
        assert tx.stages.by_key("two") == two
        assert tx.stages.by_key("secret of one") is tx.stages.by_secret("one") is None
    by_password = replace(changed, publisher=Publisher(one.user_id, None))
    with store.write() as tx:
        tx.stages.put(by_password)
        assert tx.stages.by_key("one") == by_password


def test_live_stages_of_a_name(store: Store) -> None:
    """Those that may still be published, oldest first, of one project's name and counted for one person."""
    one, two = a_stage(store, "one"), a_stage(store, "two", "lark", "2.0", user="bob")
    a_stage(store, "three", "wren")
    end = one.expires_at
    with store.write() as tx:
        assert list(tx.stages.live("lark", NOW)) == [one, two]
        assert list(tx.stages.live("Lark", NOW)) == []
        assert tx.stages.live("lark", end) == []
        assert tx.stages.count_of_user(one.user_id, NOW) == 2
        assert tx.stages.count_of_user(two.user_id, end) == 0
        processing, failed = one.moved(StageStep.DEFER, NOW), replace(two, expires_at=end + DAY)
        tx.stages.put(processing)
        tx.stages.put(failed)
        assert list(tx.stages.live("lark", end)) == [processing, failed]
        assert list(tx.stages.processing()) == [processing]
        assert list(tx.stages.lapsed(end)) == [tx.stages.by_key("three")]
        for ended in (processing.moved(StageStep.PUBLISH, NOW), two.moved(StageStep.CANCEL, NOW)):
            tx.stages.put(ended)
        assert tx.stages.live("lark", NOW) == tx.stages.processing() == []
        assert tx.stages.count_of_user(two.user_id, NOW) == 0


def test_a_file_comes_back_as_it_was(store: Store) -> None:
    """A file is found in its own stage, as it changed last; what is deleted is not."""
    one, two = a_stage(store, "one"), a_stage(store, "two", version="2.0")
    with store.write() as tx:
        added = tx.stages.add_file(one.id, claim(), NOW)
        assert added == StagedFile(added.id, one.id, claim(), NOW)
        assert tx.stages.file(one.id, added.id) == added
        assert tx.stages.file(two.id, added.id) is None
        second = a_file(tx, one, name="py2")
        changed = second.with_attestations("[1]").moved(FileStep.COMPLETE, NOW + DAY, "one", "two")
        tx.stages.put_file(changed)
        assert list(tx.stages.files(one.id)) == [added, changed]
        assert tx.stages.files(two.id) == []
        assert tx.stages.stuck(NOW) == []
        assert list(tx.stages.stuck(NOW + DAY)) == [changed]
        gone = added.moved(FileStep.DELETE, NOW)
        tx.stages.put_file(gone)
        assert tx.stages.file(one.id, gone.id) is None
        assert list(tx.stages.files(one.id)) == [changed]


def test_what_is_coming_is_counted(store: Store) -> None:
    """The sizes of files in live stages: of a project, of a person, of all; not of what was deleted or has ended."""
    one, two, three = (
        a_stage(store, "one"),
        a_stage(store, "two", "wren", user="bob"),
        a_stage(store, "three", version="3"),
    )
    with store.write() as tx:
        assert tx.stages.coming("lark", one.user_id, NOW) == Coming(0, 0, 0)
        for stage, size in ((one, 10), (two, 100), (three, 1000)):
            tx.stages.add_file(stage.id, claim(size_bytes=size), NOW)
        deleted = tx.stages.add_file(one.id, claim(size_bytes=7), NOW)
        tx.stages.put_file(deleted.moved(FileStep.DELETE, NOW))
        tx.stages.put(three.moved(StageStep.CANCEL, NOW))
        assert tx.stages.coming("lark", two.user_id, NOW) == Coming(10, 100, 110)
        assert tx.stages.coming("wren", one.user_id, NOW) == Coming(100, 10, 110)
        assert tx.stages.coming("wren", one.user_id, NOW + WEEK) == Coming(0, 0, 0)


def test_names_are_held_while_a_stage_is_processing(store: Store) -> None:
    """The names of its files, for everybody but itself; then no more."""
    one, other = a_stage(store, "one"), a_stage(store, "other", "wren")
    with store.write() as tx:
        tx.stages.add_file(one.id, claim(), NOW)
        deleted = tx.stages.add_file(one.id, claim("lark-1.0-py2-none-any.whl"), NOW)
        tx.stages.put_file(deleted.moved(FileStep.DELETE, NOW))
        assert tx.stages.held_names("lark", but=None) == []
        tx.stages.put(one.moved(StageStep.DEFER, NOW))
        tx.stages.put(other.moved(StageStep.DEFER, NOW))
        assert list(tx.stages.held_names("lark", but=None)) == [claim().file.filename]
        assert list(tx.stages.held_names("lark", but=other.id)) == [claim().file.filename]
        assert tx.stages.held_names("lark", but=one.id) == tx.stages.held_names("wren", but=None) == []


@pytest.mark.parametrize(
    "judgement",
    [
        Judgement(BODY, CoreMetadata("2.1", "lark", "1.0")),
        Judgement(
            BODY,
            CoreMetadata("2.1", "lark", "1.0", requires_dist=("wren",), description="\N{OWL}"),
            (Finding("noted", Severity.INFO, "It was noted."),),
            b"Name: lark\n\xff",
            "<p>\N{OWL}</p>",
        ),
    ],
)
def test_a_judgement_comes_back_as_it_was(store: Store, judgement: Judgement) -> None:
    """What inspection read out of a file is there when it is published."""
    stage = a_stage(store, "one")
    with store.write() as tx:
        a_file(tx, stage, name="py2")
        file = a_file(tx, stage).moved(FileStep.COMPLETE, NOW)
        tx.stages.put_judgement(file.id, judgement)
        tx.stages.put_file(file)
        assert tx.stages.completed(stage.id) == []
        completed = file.moved(FileStep.ACCEPT, NOW)
        tx.stages.put_file(completed)
        filename = completed.claim.file.filename
        assert list(tx.stages.completed(stage.id)) == [(completed, judgement)]
        assert list(tx.stages.completed(stage.id, filename)) == [(completed, judgement)]
        assert tx.stages.completed(stage.id, "lark-1.0-py2-none-any.whl") == []
        assert tx.stages.completed(stage.id + 1) == []
        tx.stages.put_file(completed.moved(FileStep.DELETE, NOW))
        assert tx.stages.completed(stage.id) == []


def test_dead_files_are_told_and_forgotten(store: Store) -> None:
    """Deleted ones, and those of canceled stages, oldest first, when they are old enough; no others."""
    one, two = a_stage(store, "one"), a_stage(store, "two", version="2.0")
    with store.write() as tx:
        tx.stages.add_file(one.id, claim(), NOW)
        of_two = a_file(tx, two)
        deleted = a_file(tx, one, name="py2").moved(FileStep.DELETE, NOW + DAY)
        tx.stages.put_file(deleted)
        assert tx.stages.dead_files(NOW, limit=9) == []
        assert list(tx.stages.dead_files(NOW + DAY, limit=9)) == [deleted]
        assert tx.stages.canceled(NOW + WEEK, limit=9) == []
        canceled = two.moved(StageStep.CANCEL, NOW)
        tx.stages.put(canceled)
        assert list(tx.stages.dead_files(NOW + DAY, limit=9)) == [of_two, deleted]
        assert list(tx.stages.dead_files(NOW + DAY, limit=1)) == [of_two]
        assert tx.stages.canceled(NOW + WEEK, limit=9) == []
        tx.stages.forget_file(of_two.id)
        assert list(tx.stages.dead_files(NOW + DAY, limit=9)) == [deleted]
        assert tx.stages.canceled(NOW - DAY, limit=9) == []
        assert list(tx.stages.canceled(NOW, limit=9)) == [canceled]
        assert tx.stages.canceled(NOW, limit=0) == []
        tx.stages.forget(canceled.id)
        assert tx.stages.by_key("two") is None
        assert tx.stages.by_key("one") == one


def test_who_needs_bytes(store: Store) -> None:
    """Stages that live or were published need theirs; dead files do not; whose bytes they are is remembered."""
    one, two = a_stage(store, "one"), a_stage(store, "two", version="2.0")
    with store.write() as tx:
        assert not tx.stages.is_needed(BODY.sha256)
        assert not tx.stages.is_own(BODY.sha256)
        first, second = a_file(tx, one), a_file(tx, two, is_own=False)
        assert tx.stages.is_own(BODY.sha256)
        assert not tx.stages.is_own(Sha256.of(b"other"))
        tx.stages.put_file(first.moved(FileStep.DELETE, NOW))
        assert tx.stages.is_needed(BODY.sha256)
        tx.stages.put(two.moved(StageStep.PUBLISH, NOW))
        assert tx.stages.is_needed(BODY.sha256)
        tx.stages.put(two.moved(StageStep.CANCEL, NOW))
        assert not tx.stages.is_needed(BODY.sha256)
        assert second.state is FileState.PENDING


def test_bytes_that_others_name_are_needed(store: Store) -> None:
    """Bytes of a hosted file, of a removed one, and of a plan's item stay, whatever becomes of stages."""
    hosted, removed, planned = (digests_of([name]) for name in (b"hosted", b"removed", b"planned"))
    with store.write() as tx:
        project = tx.projects.add(ProjectName("lark"), HostingMode.CACHE, NOW)
        for filename, digests in (("lark-1.0.tar.gz", hosted), ("lark-2.0.tar.gz", removed)):
            file = HostedFile(
                "lark", ReleaseVersion.parse("1.0"), filename, FileKind.SDIST, 5, digests, NOW, Origin.REHOST
            )
            tx.files.add(project.id, file, Provenance("ada"), None)
        tx.files.remove(project.id, "lark-2.0.tar.gz", by="ada", reason="old", at=NOW)
        rehost = tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=NOW, metadata=None)
        tx.rehosts.put_findings(rehost.id, [item(0, sha256=planned.sha256)], [], [])
        assert all(tx.stages.is_needed(digests.sha256) for digests in (hosted, removed, planned))
