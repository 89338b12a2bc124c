"""The upload form: every check, every problem at once, and the digests that clients send."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import digests

from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind
from homeport.domain.upload import (
    Submitted,
    digest_problems,
    disagreements,
    first,
    not_kept,
    read_upload_form,
    refused_upload,
)

CONTENT = b"bytes"
HAVE = digests(CONTENT)
SHA256, MD5, BLAKE2 = HAVE.sha256.hex, HAVE.md5, HAVE.blake2b_256
# What distutils sends as blake2_256_digest.
OVERLONG = hashlib.blake2b(CONTENT).hexdigest()
SDIST, WHEEL = "demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"
NO_DIGEST = "No digest of the file was sent"


def form(**fields: Any) -> dict[str, list[str]]:
    """The fields of a good sdist's form, but for ``fields``; ``None`` leaves one out, a list repeats it."""
    values: dict[str, Any] = {
        "protocol_version": "1",
        "name": "demo",
        "version": "1.0",
        "filetype": "sdist",
        "sha256_digest": SHA256,
        **fields,
    }
    return {
        key: value if isinstance(value, list) else [value]
        for key, value in values.items()
        if value is not None
    }


def problems_of(fields: dict[str, list[str]], filename: str = SDIST) -> tuple[str, ...]:
    """What is wrong with a form."""
    read = read_upload_form(fields, filename)
    assert read.submitted is None
    return read.problems


@pytest.mark.parametrize(
    ("fields", "filename"),
    [
        (form(), SDIST),
        (form(protocol_version=None), SDIST),
        (form(protocol_version=""), SDIST),
        (form(filetype="bdist_wheel"), WHEEL),
        (form(protocol_version=" 1 ", filetype="sdist\n", sha256_digest=f" {SHA256}"), SDIST),
        (form(name="De.Mo"), "de_mo-1.0.tar.gz"),
        (form(version="1"), SDIST),
        (form(version="v1.0.0"), SDIST),
        (form(unknown="field", gpg_signature="x"), SDIST),
    ],
)
def test_a_good_form(fields: dict[str, list[str]], filename: str) -> None:
    """What clients send for a file that has their name and version is read."""
    submitted = read_upload_form(fields, filename).submitted
    assert submitted is not None
    assert submitted.file.filename == filename
    assert submitted.file.project == submitted.name.normalized
    assert submitted.file.kind is (FileKind.WHEEL if filename == WHEEL else FileKind.SDIST)
    assert submitted.digests == {"sha256_digest": SHA256}


@pytest.mark.parametrize(
    ("fields", "filename", "problem"),
    [
        (form(protocol_version="2"), SDIST, "protocol_version is '2': only 1 is known."),
        (form(name=None), SDIST, "'' is not a project name"),
        (form(name="UNKNOWN"), SDIST, "'' is not a project name"),
        (form(name="de mo"), SDIST, "'de mo' is not a project name"),
        (form(name="demo\n"), SDIST, "'demo\\n' is not a project name"),
        (form(version=" 1.0"), SDIST, "' 1.0' is not a version"),
        (form(version=None), SDIST, "'' is not a version"),
        (form(version="UNKNOWN"), SDIST, "'' is not a version"),
        (form(version="1.0-dev-r12"), SDIST, "'1.0-dev-r12' is not a version: write one as PEP 440 says"),
        (form(), "", "The file name '' must be 1 to 255"),
        (form(), "../demo-1.0.tar.gz", "holds a character that a file name may not hold"),
        (form(), "demo-1.0.tar.bz2", "only these can be hosted"),
        (form(filetype=None), SDIST, "filetype is '': sdist or bdist_wheel is wanted."),
        (form(filetype="UNKNOWN"), SDIST, "filetype is '': sdist or bdist_wheel is wanted."),
        (form(filetype="wheel"), SDIST, "filetype is 'wheel': sdist or bdist_wheel is wanted."),
        (form(filetype="bdist_wheel"), SDIST, f"filetype is 'bdist_wheel', but {SDIST} is a sdist."),
        (form(), WHEEL, f"filetype is 'sdist', but {WHEEL} is a bdist_wheel."),
        (form(name="other"), SDIST, f"{SDIST} is a file of demo, but the form says other."),
        (form(version="1.1"), SDIST, f"{SDIST} is version 1.0, but the form says 1.1."),
        (form(version="1.0+local"), SDIST, f"{SDIST} is version 1.0, but the form says 1.0+local."),
        (form(sha256_digest=None), SDIST, NO_DIGEST),
        (form(sha256_digest="UNKNOWN"), SDIST, NO_DIGEST),
        (form(sha256_digest=SHA256[1:]), SDIST, "64 hexadecimal digits are wanted."),
        (form(sha256_digest="g" * 64), SDIST, "64 hexadecimal digits are wanted."),
        (form(md5_digest="1B2M2Y8AsgTpgAmY7PhCfg"), SDIST, "md5_digest is '1b2m2y8asgtpgamy7phcfg': 32 hexadecimal digits"),
        (form(blake2_256_digest=BLAKE2 + "0"), SDIST, "blake2_256_digest is"),
        (form(blake2_256_digest="g" * 128), SDIST, "blake2_256_digest is"),
        (form(sha256_digest=SHA256 * 2), SDIST, "sha256_digest is"),
        *(
            (form(filetype=gone), SDIST, f"filetype '{gone}' is not hosted any more")
            for gone in ("bdist_egg", "bdist_wininst", "bdist_dumb", "bdist_rpm", "bdist_msi", "bdist_dmg")
        ),
    ],
)  # fmt: skip
def test_one_problem(fields: dict[str, list[str]], filename: str, problem: str) -> None:
    """Each thing that can be wrong is told, and only it."""
    problems = problems_of(fields, filename)
    assert len(problems) == 1
    assert problem in problems[0]


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "protocol_version": ({"protocol_version": "3"}, "protocol_version"),
    "name": ({"name": "-"}, "is not a project name"),
    "version": ({"version": "x"}, "is not a version"),
    "filetype": ({"filetype": "rpm"}, "filetype is"),
    "no digest": ({"sha256_digest": None}, NO_DIGEST),
}


@given(st.sets(st.sampled_from(list(BROKEN)), min_size=1))
def test_all_problems_at_once(broken: set[str]) -> None:
    """However many fields are wrong, each is told once, in one refusal."""
    fields: dict[str, Any] = {}
    for name in broken:
        fields |= BROKEN[name][0]
    problems = problems_of(form(**fields))
    assert len(problems) == len(broken)
    assert all(sum(BROKEN[name][1] in problem for problem in problems) == 1 for name in broken)


def test_everything_wrong() -> None:
    """A form that holds nothing is told everything that it lacks."""
    problems = problems_of({}, "x")
    assert [problem.split(":")[0] for problem in problems] == [
        "'' is not a project name",
        "'' is not a version",
        "'x' is neither a wheel (.whl) nor an sdist (.tar.gz)",
        "filetype is ''",
        NO_DIGEST,
    ]
    disagreeing = problems_of(form(name="other", version="2.0", filetype="bdist_wheel", sha256_digest="0"))
    assert len(disagreeing) == 4


@pytest.mark.parametrize(
    ("fields", "claimed"),
    [
        (form(), {"sha256_digest": SHA256}),
        (form(sha256_digest=SHA256.upper()), {"sha256_digest": SHA256}),
        (form(sha256_digest=None, md5_digest=MD5), {"md5_digest": MD5}),
        (form(sha256_digest=None, blake2_256_digest=BLAKE2), {"blake2_256_digest": BLAKE2}),
        (
            form(md5_digest=MD5, blake2_256_digest=BLAKE2),
            {"md5_digest": MD5, "sha256_digest": SHA256, "blake2_256_digest": BLAKE2},
        ),
        (form(blake2_256_digest=OVERLONG), {"sha256_digest": SHA256}),
        (form(sha256_digest=None, md5_digest=MD5, blake2_256_digest=OVERLONG), {"md5_digest": MD5}),
        (form(md5_digest="UNKNOWN", blake2_256_digest=""), {"sha256_digest": SHA256}),
    ],
)
def test_claimed_digests(fields: dict[str, list[str]], claimed: dict[str, str]) -> None:
    """The claims are the digests that were sent, in lower case; distutils' overlong one is ignored beside another."""
    assert read_upload_form(fields, SDIST).digests == claimed


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (form(sha256_digest=None, blake2_256_digest=OVERLONG), NO_DIGEST),
        (form(sha256_digest="0", blake2_256_digest=OVERLONG), "sha256_digest is '0'"),
    ],
)
def test_the_overlong_digest_is_no_digest(fields: dict[str, list[str]], problem: str) -> None:
    """The digest that distutils sends by mistake proves nothing, so it does not stand alone."""
    problems = problems_of(fields)
    assert len(problems) == 1
    assert problem in problems[0]


@pytest.mark.parametrize(
    ("values", "value"),
    [
        (None, ""),
        ([], ""),
        ([""], ""),
        (["UNKNOWN"], ""),
        ([" UNKNOWN\n"], ""),
        (["unknown"], "unknown"),
        ([" a b "], "a b"),
        (["a", "b"], "a"),
    ],
)
def test_first(values: list[str] | None, value: str) -> None:
    """A field's first value counts, without blanks around it; distutils' UNKNOWN is absent."""
    assert first({} if values is None else {"field": values}, "field") == value


def test_right_digests() -> None:
    """Digests that the bytes have, and no digests, pass."""
    claimed = {"md5_digest": MD5, "sha256_digest": SHA256, "blake2_256_digest": BLAKE2}
    assert digest_problems(claimed, HAVE) == digest_problems({}, HAVE) == []


@pytest.mark.parametrize("field", ["md5_digest", "sha256_digest", "blake2_256_digest"])
def test_a_wrong_digest(field: str) -> None:
    """A digest that the bytes do not have is named with the one they have, among right ones too."""
    claimed = {"md5_digest": MD5, "sha256_digest": SHA256, "blake2_256_digest": BLAKE2}
    have, wrong = claimed[field], "0" * len(claimed[field])
    assert digest_problems(claimed | {field: wrong}, HAVE) == [
        f"{field} is {wrong}, but the bytes that arrived have {have}: the upload was damaged, try again."
    ]


def test_every_wrong_digest_is_told() -> None:
    """All digests that are wrong are told at once."""
    claimed = {"md5_digest": "0" * 32, "sha256_digest": SHA256, "blake2_256_digest": "0" * 64}
    told = [problem.split()[0] for problem in digest_problems(claimed, HAVE)]
    assert told == ["md5_digest", "blake2_256_digest"]


def submitted() -> Submitted:
    """What the good form claims."""
    read = read_upload_form(form(), SDIST).submitted
    assert read is not None
    return read


@pytest.mark.parametrize(("name", "version"), [("demo", "1.0"), ("DEMO", "1"), ("Demo", "v1.0.0")])
def test_the_file_agrees(name: str, version: str) -> None:
    """Metadata that names the same project and version, in whatever spelling, agrees."""
    assert disagreements(submitted(), CoreMetadata("2.1", name, version)) == []


@pytest.mark.parametrize(
    ("name", "version", "told"),
    [
        ("other", "1.0", ["Name: other, the form says demo."]),
        ("", "1.0", ["Name: , the form says demo."]),
        ("demo", "1.0.1", ["Version: 1.0.1, the form says 1.0."]),
        ("other", "2", ["Name: other, the form says demo.", "Version: 2, the form says 1.0."]),
    ],
)
def test_the_file_disagrees(name: str, version: str, told: list[str]) -> None:
    """A file of another project or version than the form says is told apart, with every difference."""
    problems = disagreements(submitted(), CoreMetadata("2.1", name, version))
    assert [problem.split("says ", 1)[1] for problem in problems] == told


OLD = {"metadata_version": "1.0"}


@pytest.mark.parametrize(
    ("fields", "filename"),
    [
        (form(**OLD), SDIST),
        (form(**OLD, name="De.Mo_x", version="1.0-dev-r12"), "De.Mo_x-1.0-dev-r12.tar.gz"),
        (form(**OLD, name="py-demo", version="0.1a"), "py-demo-0.1a.zip"),
        (form(metadata_version="1.2", version="2004d"), "demo-2004d.tgz"),
        (form(metadata_version="1.1"), "Demo-1.0.0.tar.bz2"),
    ],
)
def test_what_distutils_called_it(fields: dict[str, list[str]], filename: str) -> None:
    """An sdist whose form is of metadata 1.x has the name and the version that distutils gave it, and is marked so."""
    read = read_upload_form(fields, filename).submitted
    assert read is not None
    assert read.is_legacy
    assert (read.file.filename, read.file.version, read.file.kind) == (filename, read.version, FileKind.SDIST)


@pytest.mark.parametrize(
    ("fields", "filename", "problem"),
    [
        (form(**OLD), "demo-1.1.tar.gz", "is version 1.1, but the form says 1.0"),
        (form(**OLD), "other-1.0.zip", "is a file of other"),
        (form(**OLD), "demo-1.0.tar", "only these can be hosted"),
        (form(**OLD), "demo-1.0.win32.exe", "only these can be hosted"),
        (form(**OLD), "dist/demo-1.0.tar.bz2", "holds a character"),
        (form(**OLD, version="1.0:1"), "demo-1.0:1.tar.gz", "holds a character"),
        (form(**OLD, version="1.0/.."), SDIST, "'1.0/..' is not a version"),
        (form(**OLD, name="-"), SDIST, "'-' is not a project name"),
        (form(metadata_version="2.1", version="1.0-dev-r12"), "demo-1.0-dev-r12.tar.gz", "as PEP 440 says"),
        (form(metadata_version="2.1"), "demo-1.0.tar.bz2", "only these can be hosted"),
        (form(**OLD, filetype="bdist_wheel", version="1.0-dev-r12"), WHEEL, "as PEP 440 says"),
    ],
)
def test_what_distutils_never_did(fields: dict[str, list[str]], filename: str, problem: str) -> None:
    """Old names are read for old sdists alone, and only as the release that the form names."""
    assert any(problem in told for told in problems_of(fields, filename))


@pytest.mark.parametrize("field", ["name", "version", "filetype", "protocol_version", "sha256_digest"])
def test_a_field_given_twice(field: str) -> None:
    """A field that is given twice with one value is one; with two values nobody can say which counts."""
    one = form()[field][0]
    assert read_upload_form(form(**{field: [one, one]}), SDIST).problems == ()
    (problem,) = problems_of(
        form(**{field: [one, "1"]}) if field != "protocol_version" else form(protocol_version=["1", ""])
    )
    assert problem == f"{field} is given 2 times, with different values: give it once."


def test_what_is_not_kept() -> None:
    """Attestations and signatures are taken, dropped, and said to be."""
    assert not_kept(form()) == not_kept(form(attestations="")) == ()
    notes = not_kept(form(attestations="[]", gpg_signature=""))
    assert [note.split(" were" if "were" in note else " was")[0] for note in notes] == [
        "The attestations",
        "The signature",
    ]


WHAT_TO_DO = "homeport inspect --upload FILE tells what to do about each."


@pytest.mark.parametrize(
    ("found", "code", "sentence"),
    [
        ({"form-invalid": ["a."], "digest-mismatch": []}, "form-invalid", "a."),
        (
            {"form-invalid": [], "file-rejected": ["b."]},
            "file-rejected",
            f"{SDIST} cannot be hosted. b. {WHAT_TO_DO}",
        ),
        (
            {"form-invalid": ["a."], "upload-policy": ["p."], "file-rejected": ["b.", "c."]},
            "form-invalid",
            f"The upload: 4 problems. a. p. b. c. {WHAT_TO_DO}",
        ),
    ],
)
def test_one_refusal_with_everything(found: dict[str, list[str]], code: str, sentence: str) -> None:
    """All is told at once, in order, with the first problem's code; where the file is at fault, what tells more."""
    refusal = refused_upload(SDIST, found)
    assert (refusal.code, refusal.sentence) == (code, sentence)
    assert list(refusal.problems) == [problem for problems in found.values() for problem in problems]
