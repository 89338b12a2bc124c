"""Everything that is wrong with an upload is told at once, and what its sender should know when nothing is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.archives import make_sdist, make_wheel, metadata_bytes
from tests.support.forms import upload_fields
from tests.support.invariants import broken
from tests.support.story import SDIST, WHEEL, sdist, wheel
from tests.support.world import Fakes, Meanwhile, Says, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.errors import Forbidden, Invalid
from homeport.domain.inspection import Finding, Inspection, Severity
from homeport.domain.metadata import CoreMetadata
from homeport.flows.upload import Uploaded, upload
from homeport.ports.isolation import Isolation

ZEROS = "0" * 64
NEVER = Says(Inspection((Finding("never", Severity.REJECT, "This was judged."),)))


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
    body: bytes,
    filename: str = WHEEL,
    isolation: Isolation | None = None,
    **changes: str | None,
) -> Uploaded:
    """Upload ``body`` as twine does, but for ``changes``; the fields are of ``WHEEL`` unless the file is the sdist."""
    form: dict[str, list[str]] = {}
    for name, value in upload_fields(SDIST if "tar" in filename else WHEEL, body, **changes):
        form.setdefault(name, []).append(value)
    world = replace(fakes.world, isolation=isolation) if isolation else fakes.world
    with world.blobs.receive(world.limits.file_bytes) as incoming:
        incoming.write(body)
        return upload(world, caller, form, filename, incoming)


def problems_of(fakes: Fakes, caller: Caller, code: str, *sent: object, **changes: object) -> tuple[str, ...]:
    """What is told of a refused upload, which leaves nothing behind."""
    before = fakes.store.committed.snapshot()
    with pytest.raises(Invalid) as refused:
        send(fakes, caller, *sent, **changes)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert all(problem in refused.value.sentence for problem in refused.value.problems)
    assert fakes.store.committed == before
    return refused.value.problems


def test_a_wrong_form_does_not_hide_a_broken_archive(fakes: Fakes, ada: Caller) -> None:
    """The form's problems come first, the file's behind them, in one refusal."""
    told = problems_of(fakes, ada, "form-invalid", b"no wheel", protocol_version="2", filetype="bdist_egg")
    assert [problem.split()[0] for problem in told[:2]] == ["protocol_version", "filetype"]
    assert len(told) > 2


def test_the_index_s_rules_hide_nothing(fakes: Fakes, ada: Caller) -> None:
    """What the index has against a file stands between the form and the archive."""
    send(fakes, ada, sdist(), SDIST)
    other = "demo-1.0.0.tar.gz"
    told = problems_of(fakes, ada, "form-invalid", b"no sdist", other, protocol_version="2")
    assert told[0].startswith("protocol_version")
    assert told[1] == f"Release 1.0 of demo has an sdist, {SDIST}: a release has one."
    assert len(told) > 2


def test_damaged_bytes_are_not_judged(fakes: Fakes, ada: Caller) -> None:
    """Bytes that are not what was sent say nothing of the file: form and digests are told, the archive is not."""
    told = problems_of(fakes, ada, "digest-mismatch", wheel(), isolation=NEVER, sha256_digest=ZEROS)
    assert len(told) == 1
    told = problems_of(
        fakes, ada, "form-invalid", wheel(), isolation=NEVER, sha256_digest=ZEROS, protocol_version="2"
    )
    assert [problem.split()[0] for problem in told] == ["protocol_version", "sha256_digest"]


def test_what_is_no_file_name_is_not_judged(fakes: Fakes, ada: Caller) -> None:
    """A file of no kind that is known is not opened."""
    told = problems_of(fakes, ada, "form-invalid", wheel(), "demo.exe", isolation=NEVER)
    assert len(told) == 1
    assert "only these can be hosted" in told[0]


def test_a_form_without_a_name_is_for_the_project_of_its_file(fakes: Fakes, ada: Caller) -> None:
    """Rights come before everything: who leaves the name out learns no more of a project than others."""
    add_project(fakes.world, ada.user)
    eve = Caller(add_person(fakes.world, "eve"))
    with pytest.raises(Forbidden):
        send(fakes, eve, b"no wheel", name=None)
    with pytest.raises(Invalid) as refused:
        send(fakes, eve, b"no wheel", "x", name=None)
    assert refused.value.code == "form-invalid"


def test_a_second_sdist_that_comes_meanwhile(fakes: Fakes, ada: Caller) -> None:
    """Of two sdists of one release under two names, the one that comes second is refused where it counts."""
    second = make_sdist("demo", "1.0.0")
    racing = Meanwhile(lambda: send(fakes, ada, sdist(), SDIST))
    with pytest.raises(Invalid, match="a release has one") as refused:
        send(fakes, ada, second, "demo-1.0.0.tar.gz", isolation=racing, version="1.0.0")
    assert refused.value.code == "upload-policy"
    assert [file.filename for file in fakes.store.committed.files.values()] == [SDIST]


def test_a_held_file_without_reasons_is_refused_with_one(fakes: Fakes, ada: Caller) -> None:
    """A file that says nothing of itself is refused with a sentence, too."""
    told = problems_of(fakes, ada, "file-rejected", wheel(), isolation=Says(Inspection(())))
    assert told == ("Its metadata could not be read.",)


def test_the_form_and_the_file_agree(fakes: Fakes, ada: Caller) -> None:
    """Whatever inspection lets through, the file's own name and version are those of the form (I-09)."""
    says = Says(Inspection((), CoreMetadata("2.1", "other", "2.0")))
    told = problems_of(fakes, ada, "metadata-disagrees", wheel(), isolation=says)
    assert len(told) == 2


def test_what_distutils_sends_is_marked(fakes: Fakes, ada: Caller) -> None:
    """An sdist of old is hosted under its own name, as a file of old; a wheel is a wheel of today, whatever its form."""
    old = make_sdist("Demo", "1.0", metadata=metadata_bytes("Demo", "1.0", metadata_version="1.0"))
    send(fakes, ada, old, "Demo-1.0.tar.gz", metadata_version="1.0", name="Demo")
    send(fakes, ada, wheel(), metadata_version="1.0")
    files = {file.filename: file.is_legacy for file in fakes.store.committed.files.values()}
    assert files == {"Demo-1.0.tar.gz": True, WHEEL: False}


def test_what_its_sender_should_know(fakes: Fakes, ada: Caller) -> None:
    """What was not kept, what a tag does not promise, and what inspection noted are told with success, in this order."""
    noted = Finding("noted", Severity.INFO, "Nice.")
    filename = "demo-1.0-py3-none-linux_x86_64.whl"
    says = Says(Inspection((noted,), CoreMetadata("2.1", "demo", "1.0")))
    body = make_wheel("demo", tag="py3-none-linux_x86_64")
    told = send(fakes, ada, body, filename, isolation=says, attestations="[]", gpg_signature="x").warnings
    assert [words.split(" ", 2)[1] for words in told[:-1]] == ["attestations", "signature", "platform"]
    assert told[-1] == "Nice."
