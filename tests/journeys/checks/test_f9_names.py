"""Standards F.9, V01 to V14: names of projects, versions and files, asked of a running Homeport."""

import hashlib
import zipfile
from io import BytesIO

import pytest
from tests.journeys.conftest import People
from tests.support.archives import make_sdist, make_wheel, metadata_bytes
from tests.support.forms import FilePart, form_headers, multipart
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey


def send(
    index: Index,
    token: str,
    filename: str,
    data: bytes,
    *,
    name: str,
    version: str = "1.0",
    filetype: str = "",
) -> Reply:
    """Upload as a modern tool does, whatever the names are."""
    fields = [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        ("metadata_version", "2.4"),
        ("name", name),
        ("version", version),
        ("filetype", filetype or ("bdist_wheel" if filename.endswith(".whl") else "sdist")),
        ("pyversion", "py3"),
        ("sha256_digest", hashlib.sha256(data).hexdigest()),
    ]
    return index.request(
        "POST", "/legacy/", multipart(fields, [FilePart(filename, data)]), form_headers(token)
    )


def require_refused(index: Index, reply: Reply, project: str, words: str) -> None:
    """It was refused in these words, and nothing of it is there."""
    assert reply.status == 400, reply.text
    assert words in reply.text
    assert index.request("GET", f"/simple/{project}/").status == 404
    assert index.incoming() == []


def sdist(name: str, version: str = "1.0", folder: str = "") -> bytes:
    """A good sdist of that project."""
    metadata = metadata_bytes(name, version, metadata_version="2.4")
    return make_sdist(folder or name.replace("-", "_"), version, metadata=metadata)


@pytest.mark.parametrize(
    "name", ["-{}", "{}-", "{}\n", " {}", "a {}", "{}é", "{}/x", "", ".", "{}" * 40, "{}\0"]
)
def test_v01_names_that_are_none(index: Index, people: People, project: str, name: str) -> None:
    """A project's name is letters, digits and a few signs, to its very end."""
    wrong = name.format(*[project] * 40)
    reply = send(index, people.ada, f"{project}-1.0.tar.gz", sdist(project), name=wrong)
    require_refused(index, reply, project, "is not a project name")


@pytest.mark.parametrize(
    "version", ["one", "1.0-dev-r12", "1.0\n", "1.0 beta", "2004d", "", "1..0", "1.0+", "\u0661.0"]
)
def test_v02_versions_that_are_none(index: Index, people: People, project: str, version: str) -> None:
    """A version is what PEP 440 says, also when the file's name says nothing else."""
    for filename in (f"{project}-1.0.tar.gz", f"{project}-{version.strip() or '1.0'}.tar.gz"):
        reply = send(index, people.ada, filename, sdist(project), name=project, version=version)
        require_refused(index, reply, project, "is not a version")


def test_v03_local_versions_are_taken(index: Index, people: People, project: str) -> None:
    """An index of one's own may hold local versions, and this one does."""
    filename = f"{project}-1.0+own.1-py3-none-any.whl"
    reply = send(
        index, people.ada, filename, make_wheel(project, "1.0+own.1"), name=project, version="1.0+own.1"
    )
    assert reply.status == 200, reply.text
    assert list(index.hosted(project)) == [filename]


@pytest.mark.parametrize(
    "filetype", ["bdist_wininst", "bdist_msi", "bdist_rpm", "bdist_dumb", "bdist_dmg", "bdist_egg"]
)
def test_v04_v05_types_that_are_gone(index: Index, people: People, project: str, filetype: str) -> None:
    """Types that installers do not take any more are refused by name, whatever the file is called."""
    for filename in (f"{project}-1.0.tar.gz", f"{project}-1.0-py2.7.egg", f"{project}-1.0.win32.exe"):
        reply = send(index, people.ada, filename, sdist(project), name=project, filetype=filetype)
        require_refused(index, reply, project, f"'{filetype}' is not hosted any more (PEP 527, PEP 715)")


@pytest.mark.parametrize("filetype", ["wheel", "SDIST", "bdist", "sdist_wheel"])
def test_v04_types_that_never_were(index: Index, people: People, project: str, filetype: str) -> None:
    """A type that nobody knows is refused with the two there are."""
    reply = send(index, people.ada, f"{project}-1.0.tar.gz", sdist(project), name=project, filetype=filetype)
    require_refused(index, reply, project, f"filetype is '{filetype}': sdist or bdist_wheel is wanted")


def test_v06_type_and_name_disagree(index: Index, people: People, project: str) -> None:
    """A wheel is no sdist, and an sdist no wheel, whatever the form says."""
    wheel = f"{project}-1.0-py3-none-any.whl"
    reply = send(index, people.ada, wheel, make_wheel(project), name=project, filetype="sdist")
    require_refused(index, reply, project, f"filetype is 'sdist', but {wheel} is a bdist_wheel")
    reply = send(
        index, people.ada, f"{project}-1.0.tar.gz", sdist(project), name=project, filetype="bdist_wheel"
    )
    require_refused(index, reply, project, "filetype is 'bdist_wheel', but")


@pytest.mark.parametrize(
    ("stem", "name", "version"),
    [
        ("{0}.tools-1.0", "{0}.tools", "1.0"),
        ("{0}-tools-1.0", "{0}-tools", "1.0"),
        ("{0}_Tools-1.0", "{0}_Tools", "1.0"),
        ("{0}_tools-v1.0", "{0}-tools", "1.0"),
        ("{0}_tools-1.0.RC1", "{0}-tools", "1.0rc1"),
        ("{0}_tools-01.0", "{0}-tools", "1.0"),
        ("{0}__tools-1.0", "{0}__tools", "1.0"),
    ],
)
def test_v07_sdists_are_called_so(
    index: Index, people: People, project: str, stem: str, name: str, version: str
) -> None:
    """A modern sdist has one name: that of the project with underscores, and the version as PEP 440 writes it."""
    stem, name = stem.format(project), name.format(project)
    folder = stem.rpartition("-")[0]
    reply = send(
        index, people.ada, f"{stem}.tar.gz", sdist(name, version, folder), name=name, version=version
    )
    require_refused(index, reply, f"{project}-tools", f"must be called '{project}_tools-{version}.tar.gz'")


@pytest.mark.parametrize("suffix", [".zip", ".tar.bz2", ".tar.xz", ".tgz", ".tar.Z", ".tar", ".TAR.GZ", ""])
def test_v08_sdists_are_tar_gz(index: Index, people: People, project: str, suffix: str) -> None:
    """No other archive is a modern sdist, whatever lies in it."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{project}-1.0/PKG-INFO", metadata_bytes(project, "1.0", metadata_version="2.4"))
    data = packed.getvalue() if suffix == ".zip" else sdist(project)
    reply = send(index, people.ada, f"{project}-1.0{suffix}", data, name=project)
    require_refused(index, reply, project, ".tar.gz")


@pytest.mark.parametrize(
    ("filename", "words"),
    [
        ("{}-1.0-py3-none.whl", "is not a wheel's name"),
        ("{}-1.0-py3-none-any-x-y.whl", "is not a wheel's name"),
        ("{}-1.0.whl", "is not a wheel's name"),
        ("{}-1.0-x1-py3-none-any.whl", "is not a wheel's name"),
        ("{}.X-1.0-py3-none-any.whl", "is a file of"),
        ("{}-2.0-py3-none-any.whl", "is version 2.0, but the form says 1.0"),
        ("{}--1.0-py3-none-any.whl", "is not a wheel's name"),
        ("{}-1.0.0rc01-py3-none-any.whl", "is version 1.0.0rc1, but the form says 1.0"),
    ],
)
def test_v09_wheels_are_called_so(
    index: Index, people: People, project: str, filename: str, words: str
) -> None:
    """A wheel's name has five parts or six, the build number begins with a digit, and the release is the form's."""
    reply = send(index, people.ada, filename.format(project), make_wheel(project), name=project)
    require_refused(index, reply, project, words)


@pytest.mark.parametrize("stem", ["{0}.tools", "{0}_Tools", "{0}_._tools"])
def test_v09_wheels_begin_with_the_normalized_name(
    index: Index, people: People, project: str, stem: str
) -> None:
    """A wheel's name begins with the project's, in lower case with underscores."""
    stem = stem.format(project)
    reply = send(index, people.ada, f"{stem}-1.0-py3-none-any.whl", make_wheel(stem), name=f"{project}-tools")
    require_refused(index, reply, f"{project}-tools", f"must begin with '{project}_tools-1.0-'")


@pytest.mark.parametrize("platform", ["linux_x86_64", "plan9_mips"])
def test_v10_platforms_are_told_of(index: Index, people: People, project: str, platform: str) -> None:
    """An index of one's own may hold wheels for one's own machines; who sends one reads what that means."""
    filename = f"{project}-1.0-py3-none-{platform}.whl"
    data = make_wheel(project, tag=f"py3-none-{platform}")
    reply = send(index, people.ada, filename, data, name=project)
    assert reply.status == 200, reply.text
    assert reply.text.startswith(f"The platform {platform} ")
    assert list(index.hosted(project)) == [filename]


@pytest.mark.parametrize(
    "filename",
    [
        "../{}",
        "..\\{}",
        "/etc/{}",
        "{}/",
        "a b-1.0.tar.gz",
        "",
        ".",
        "{}\u202e",
        "{}\x7f",
        "\x01{}",
        "{}\t",
        "C:{}",
        "é{}",
    ],
)
def test_v11_signs_that_no_file_name_has(index: Index, people: People, project: str, filename: str) -> None:
    """A file name that is a path, or holds what is not printed, is refused before anything is done with it."""
    name = filename.format(f"{project}-1.0.tar.gz")
    reply = send(index, people.ada, name, sdist(project), name=project)
    require_refused(index, reply, project, "file name")


def test_v12_files_of_another_project(index: Index, people: People, project: str) -> None:
    """A file is of the project that its name says, and of the one that its metadata say."""
    reply = send(index, people.ada, f"{project}x-1.0.tar.gz", sdist(f"{project}x"), name=project)
    require_refused(
        index, reply, project, f"{project}x-1.0.tar.gz is a file of {project}x, but the form says {project}"
    )
    reply = send(
        index, people.ada, f"{project}-1.0.tar.gz", sdist(f"{project}x", folder=project), name=project
    )
    require_refused(index, reply, project, f"The metadata are those of '{project}x' '1.0'")


@pytest.mark.parametrize("label", ["x86_64_v3", "fa7c1393", "null"])
def test_v13_variants_are_not_supported(index: Index, people: People, project: str, label: str) -> None:
    """A wheel with a variant label is no wheel as long as installers do not know variants."""
    for name in (f"{project}-1.0-py3-none-any-{label}.whl", f"{project}-1.0-1-py3-none-any-{label}.whl"):
        reply = send(index, people.ada, name, make_wheel(project), name=project)
        require_refused(index, reply, project, "is not a wheel's name")


def test_v14_one_sdist(index: Index, people: People, project: str) -> None:
    """A release has one sdist: another name for the same version does not bring a second one."""
    first = f"{project}-1.0.tar.gz"
    assert send(index, people.ada, first, sdist(project), name=project).status == 200
    second = send(
        index, people.ada, f"{project}-1.0.0.tar.gz", sdist(project, "1.0.0"), name=project, version="1.0.0"
    )
    assert second.status == 400
    assert f"Release 1.0 of {project} has an sdist, {first}: a release has one" in second.text
    assert list(index.hosted(project)) == [first]


def test_what_distutils_calls_an_sdist(index: Index, people: People, project: str) -> None:
    """A form of metadata 1.0 is distutils': the sdist has the name that distutils gave it, and builds as ever."""
    name, version = f"{project.title()}.Tools", "1.0-dev-r12"
    data = make_sdist(name, version, metadata=metadata_bytes(name, version, metadata_version="1.0"))
    filename = f"{name}-{version}.tar.gz"
    fields = [
        (":action", "file_upload"),
        ("metadata_version", "1.0"),
        ("name", name),
        ("version", version),
        ("filetype", "sdist"),
        ("md5_digest", hashlib.md5(data, usedforsecurity=False).hexdigest()),
    ]
    body = multipart(fields, [FilePart(filename, data)])
    reply = index.request("POST", "/pypi", body, form_headers(people.ada))
    assert reply.status == 200, reply.text
    assert list(index.hosted(f"{project}-tools")) == [filename]
