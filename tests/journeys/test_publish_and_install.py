"""Files are published with twine and uv, and installed with pip and uv, all of them real."""

import hashlib
import sys
from pathlib import Path

import pytest
from tests.journeys.conftest import PASSWORD, People
from tests.support.archives import make_sdist, make_wheel, metadata_bytes
from tests.support.catalogue import wheel_name
from tests.support.clients import Pip, require_success, said, say_version, twine, uv, uv_publish
from tests.support.forms import basic, form_headers
from tests.support.index import Index

pytestmark = pytest.mark.journey


def write_release(dist: Path, project: str) -> list[str]:
    """A wheel and an sdist in ``dist``; their paths."""
    files = {
        wheel_name(project): make_wheel(project, "1.0"),
        f"{project}-1.0.tar.gz": make_sdist(project, "1.0"),
    }
    for name, data in files.items():
        (dist / name).write_bytes(data)
    return [str(dist / name) for name in files]


def digests(dist: Path) -> dict[str, str]:
    """The sha256 of every file in ``dist``."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in dist.iterdir()}


def other_wheel(project: str) -> bytes:
    """Other bytes under the same file name."""
    return make_wheel(project, "1.0", files={f"{project}/more.py": b"more = True\n"})


def test_w01_twine_uploads(index: Index, people: People, project: str, dist: Path) -> None:
    """Twine uploads a wheel and an sdist, which installers see at once, with their sha256."""
    require_success(twine("upload", index, *write_release(dist, project), password=people.ada))
    assert index.hosted(project) == digests(dist)
    for name, file in index.simple(project).items():
        assert index.request("GET", file["url"].removeprefix(index.url)).body == (dist / name).read_bytes()


def test_twine_uploads_again(index: Index, people: People, project: str, dist: Path) -> None:
    """The same bytes again succeed and change nothing, not even the ledger."""
    files = write_release(dist, project)
    require_success(twine("upload", index, *files, password=people.ada))
    before = index.serial(project)
    require_success(twine("upload", index, *files, password=people.ada))
    assert index.serial(project) == before
    assert index.hosted(project) == digests(dist)


def test_twine_uploads_other_bytes(index: Index, people: People, project: str, dist: Path) -> None:
    """Other bytes under a name that is taken are refused in the words that twine knows; the file stays."""
    require_success(twine("upload", index, *write_release(dist, project), password=people.ada))
    before = index.hosted(project)
    (dist / wheel_name(project)).write_bytes(other_wheel(project))
    refused = twine("upload", index, "--verbose", str(dist / wheel_name(project)), password=people.ada)
    assert refused.returncode == 1
    assert "400 Bad Request" in said(refused)
    assert f"File already exists: {wheel_name(project)}" in said(refused)
    assert index.hosted(project) == before


def test_twine_without_a_right(index: Index, people: People, project: str, dist: Path) -> None:
    """A token that is not ours is 401; one of a stranger, of another project or without the scope is 403."""
    files = write_release(dist, project)
    require_success(twine("upload", index, *files, password=people.ada))
    publish(index, people, f"{project}x", "1.0")
    elsewhere = index.ask("token", "create", "--user", "ada", "--project", f"{project}x").strip()
    reading = index.ask("token", "create", "--user", "ada", "--scope", "read").strip()
    before = index.serial(project)
    for password, status in (
        ("hp_" + "0" * 72, "401 Unauthorized"),
        ("no token at all", "401 Unauthorized"),
        (people.bob, "403 Forbidden"),
        (elsewhere, "403 Forbidden"),
        (reading, "403 Forbidden"),
    ):
        refused = twine("upload", index, files[0], password=password)
        assert refused.returncode == 1
        assert status in said(refused), password
    assert index.serial(project) == before


def test_password_upload(index: Index, people: People, project: str, dist: Path) -> None:
    """A user's own name and password publish as well; a wrong password does not."""
    files = write_release(dist, project)
    assert "401 Unauthorized" in said(twine("upload", index, *files, user="ada", password="wrong"))
    assert index.hosted(project) == {}
    require_success(twine("upload", index, *files, user="ada", password=PASSWORD))
    assert index.hosted(project) == digests(dist)


def test_no_credentials(index: Index) -> None:
    """Without credentials the answer is 401 with the realm that distutils waits for."""
    headers = {key: value for key, value in form_headers("").items() if key != "Authorization"}
    reply = index.request("POST", "/legacy/", b"", headers)
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == 'Basic realm="pypi"'


def test_expired_token(index: Index, people: People, project: str) -> None:
    """A token that has an end works before it, and says until when it does nothing it may not."""
    short = index.ask("token", "create", "--user", "ada", "--expires", "1h", "--scope", "upload").strip()
    assert index.upload(wheel_name(project), make_wheel(project), short).status == 200
    assert index.api("POST", "/projects", short, name=f"{project}-other").status == 403


def test_uv_publishes(index: Index, people: People, project: str, dist: Path, tmp_path: Path) -> None:
    """Uv publishes, publishes the same again, and is told why when the bytes are others."""
    files = write_release(dist, project)
    require_success(uv_publish(index, tmp_path, people.ada, *files))
    assert index.hosted(project) == digests(dist)
    require_success(uv_publish(index, tmp_path, people.ada, *files))
    (dist / wheel_name(project)).write_bytes(other_wheel(project))
    refused = uv_publish(index, tmp_path, people.ada, str(dist / wheel_name(project)))
    assert refused.returncode != 0
    assert f"400 File already exists: {wheel_name(project)}" in said(refused)


def test_w30_uv_checks_first(index: Index, people: People, project: str, dist: Path, tmp_path: Path) -> None:
    """With --check-url uv finds by the index's own hashes what is there, and what is there with other bytes."""
    files = write_release(dist, project)
    check = ("--check-url", f"{index.url}/simple/")
    require_success(uv_publish(index, tmp_path, people.ada, *check, files[0]))
    both = require_success(uv_publish(index, tmp_path, people.ada, *check, *files))
    assert f"File {wheel_name(project)} already exists, skipping" in said(both)
    assert index.hosted(project) == digests(dist)
    (dist / wheel_name(project)).write_bytes(other_wheel(project))
    refused = uv_publish(index, tmp_path, people.ada, *check, files[0])
    assert refused.returncode != 0
    assert f"Local file and index file do not match for `{wheel_name(project)}`" in said(refused)


def publish(index: Index, people: People, project: str, *versions: str) -> None:
    """Host pure wheels of these versions."""
    for version in versions:
        reply = index.upload(wheel_name(project, version), make_wheel(project, version), people.ada)
        assert reply.status == 200, reply.text


def test_pip_installs(index: Index, people: People, project: str, pip: Pip, tmp_path: Path) -> None:
    """The newest pip installs the newest version and what it depends on, after reading metadata files alone."""
    wanted = f"{project}_dependency"
    publish(index, people, wanted, "0.5")
    publish(index, people, project, "1.0")
    metadata = metadata_bytes(project, "1.1", fields=[("Requires-Dist", f"{wanted}>=0.2")])
    data = make_wheel(project, "1.1", metadata=metadata)
    assert index.upload(wheel_name(project, "1.1"), data, people.ada).status == 200

    done = require_success(pip.install(index, tmp_path / "site", "-vv", project))
    assert say_version(sys.executable, tmp_path / "site", project) == "1.1"
    assert say_version(sys.executable, tmp_path / "site", wanted) == "0.5"
    # Pip says so when it decides by the metadata file and not by the wheel.
    assert f"{wheel_name(project, '1.1')}.metadata" in said(done)
    path = index.simple(project)[wheel_name(project, "1.1")]["url"].removeprefix(index.url)
    assert index.request("GET", f"{path}.metadata").body == metadata


def test_pip_heeds_what_pages_say(
    index: Index, people: People, project: str, pip: Pip, tmp_path: Path
) -> None:
    """A release for a later Python is passed over without a download; a pre-release too."""
    publish(index, people, project, "1.0", "2.0rc1")
    metadata = metadata_bytes(project, "1.5", fields=[("Requires-Python", ">=3.99")])
    data = make_wheel(project, "1.5", metadata=metadata)
    assert index.upload(wheel_name(project, "1.5"), data, people.ada).status == 200
    require_success(pip.install(index, tmp_path / "site", project))
    assert say_version(sys.executable, tmp_path / "site", project) == "1.0"
    refused = pip.install(index, tmp_path / "other", f"{project}==1.5")
    assert refused.returncode == 1
    assert "require a different python version" in said(refused)


def test_pip_requires_hashes(index: Index, people: People, project: str, pip: Pip, tmp_path: Path) -> None:
    """Hash-checking mode takes the hosted hash and nothing else."""
    publish(index, people, project, "1.0")
    (hosted,) = index.hosted(project).values()
    lines = tmp_path / "requirements.txt"
    lines.write_text(f"{project}==1.0 --hash=sha256:{hosted}\n")
    require_success(pip.install(index, tmp_path / "site", "--require-hashes", "-r", str(lines)))
    lines.write_text(f"{project}==1.0 --hash=sha256:{'0' * 64}\n")
    refused = pip.install(index, tmp_path / "other", "--require-hashes", "-r", str(lines))
    assert refused.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in said(refused)


def test_pip_downloads(index: Index, people: People, project: str, pip: Pip, tmp_path: Path) -> None:
    """``pip download`` saves exactly the published bytes."""
    data = make_wheel(project)
    assert index.upload(wheel_name(project), data, people.ada).status == 200
    require_success(pip.from_index(index, "download", "--dest", str(tmp_path / "here"), project))
    assert (tmp_path / "here" / wheel_name(project)).read_bytes() == data


def test_pip_does_not_find(index: Index, pip: Pip, tmp_path: Path) -> None:
    """What nobody published is not found, and pip says so in its usual words."""
    refused = pip.install(index, tmp_path / "site", "nobody-published-this")
    assert refused.returncode == 1
    assert "No matching distribution found for nobody-published-this" in said(refused)


@pytest.mark.parametrize("spelling", ["{}", "{}.Tools", "{}-tools", "{}_TOOLS"])
def test_any_spelling(
    index: Index, people: People, project: str, pip: Pip, tmp_path: Path, spelling: str
) -> None:
    """A project is found under every spelling of its name, whichever it was published under."""
    name = spelling.format(project)
    module = name.lower().replace("-", "_").replace(".", "_")
    data = make_wheel(module, metadata=metadata_bytes(name, "1.0"))
    assert index.upload(wheel_name(module), data, people.ada, name=name).status == 200
    for wanted in {name, name.upper(), module}:
        require_success(pip.from_index(index, "download", "--dest", str(tmp_path), wanted))


def test_uv_installs(index: Index, people: People, project: str, tmp_path: Path) -> None:
    """Uv installs, finds what was published a moment later, and checks hashes."""
    publish(index, people, project, "1.0")
    common = ("--python", sys.executable, "--default-index", f"{index.url}/simple/")

    def install(*arguments: str) -> str:
        require_success(
            uv(tmp_path, "pip", "install", *common, "--target", str(tmp_path / "site"), *arguments)
        )
        return say_version(sys.executable, tmp_path / "site", project)

    assert install(project) == "1.0"
    publish(index, people, project, "1.1")
    assert install("--upgrade", project) == "1.1"

    (tmp_path / "wrong.txt").write_text(f"{project}==1.1 --hash=sha256:{'0' * 64}\n")
    target = ("--target", str(tmp_path / "other"), "--require-hashes", "-r", str(tmp_path / "wrong.txt"))
    refused = uv(tmp_path, "pip", "install", *common, *target)
    assert refused.returncode == 1
    assert "Hash mismatch" in said(refused)


def test_large_file_whole_and_in_part(index: Index, people: People, project: str) -> None:
    """A file of some megabytes arrives as it was sent, and any part of it can be asked for."""
    noise = b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(60_000)) * 4
    data = make_wheel(project, files={f"{project}/noise.bin": noise})
    assert index.upload(wheel_name(project), data, people.ada).status == 200
    path = index.simple(project)[wheel_name(project)]["url"].removeprefix(index.url)
    assert index.request("GET", path).body == data
    part = index.request("GET", path, headers={"Range": "bytes=1000-1999"})
    assert (part.status, part.body) == (206, data[1000:2000])


def test_stranger_may_not_take_a_name(index: Index, people: People, project: str) -> None:
    """The first who publishes under a name owns it; another user is 403, by token and by password."""
    publish(index, people, project, "1.0")
    refused = index.upload(wheel_name(project, "9.9"), make_wheel(project, "9.9"), people.bob)
    assert refused.status == 403
    assert index.request("POST", "/legacy/", b"", basic("bob", "no password")).status == 401
    assert list(index.hosted(project)) == [wheel_name(project, "1.0")]
