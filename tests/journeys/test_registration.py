"""The old command still releases: it succeeds when the files it stands for are hosted, and not before."""

import hashlib
import threading
import time
from pathlib import Path

import pytest
from tests.journeys.conftest import PASSWORD, People
from tests.support.abroad import Abroad
from tests.support.archives import make_wheel, metadata_bytes
from tests.support.catalogue import wheel_name
from tests.support.clients import SetupPy, pythons, require_success, run, said, twine
from tests.support.forms import basic, form_headers, multipart
from tests.support.http_site import listening
from tests.support.index import Index, Reply
from tests.support.outside import Answer, Mood
from tests.support.slow_site import slowly

pytestmark = pytest.mark.journey

POETRY_GIVES_UP_SECONDS = 15
RUNNING = {"planning", "planned", "consented", "publishing"}


def begin(index: Index, people: People, project: str) -> None:
    """A pypi-cache project of ada's without any source."""
    assert index.api("POST", "/projects", people.ada, name=project, mode="pypi-cache").status == 201


def submit(index: Index, token: str, project: str, **fields: str) -> Reply:
    """Register version 1.0 as twine does, in one call."""
    metadata = {"metadata_version": "2.1", "name": project, "version": "1.0"} | fields
    form = [(":action", "submit"), ("protocol_version", "1"), *metadata.items()]
    return index.request("POST", "/legacy/", multipart(form), form_headers(token))


def versions(index: Index, project: str) -> list[str]:
    """What is registered."""
    told: list[str] = index.json("project", "show", project)["versions"]
    return told


def test_twine_registers(index: Index, people: People, project: str, abroad: Abroad, dist: Path) -> None:
    """``twine register`` succeeds, and then the files of that version, and only they, are hosted."""
    begin(index, people, project)
    files = abroad.wheels(project, "1.0", "1.1")
    metadata = metadata_bytes(project, "1.1", fields=[("Home-page", f"{abroad.url}/")])
    built = dist / wheel_name(project, "1.1")
    built.write_bytes(make_wheel(project, "1.1", metadata=metadata))
    require_success(twine("register", index, str(built), password=people.ada))
    hosted = hashlib.sha256(files[wheel_name(project, "1.1")]).hexdigest()
    assert index.hosted(project) == {wheel_name(project, "1.1"): hosted}
    assert versions(index, project) == ["1.1"]
    # The same command again finds everything as it should be.
    require_success(twine("register", index, str(built), password=people.ada))
    assert len(index.hosted(project)) == 1


OLD = [version for version in pythons() if version in {"2.7", "3.6", "3.8", "3.11"}]


def old_python(version: str) -> str:
    """That Python, or the test is skipped: not every build of it has distutils."""
    python = pythons()[version]
    if run(python, "-W", "ignore", "-c", "import distutils.command.register").returncode:
        pytest.skip(f"Python {version} is here without distutils")
    return python


@pytest.mark.parametrize("version", OLD)
def test_w04_distutils_registers(
    index: Index, people: People, project: str, abroad: Abroad, tmp_path: Path, version: str
) -> None:
    """``setup.py register`` sends a form of bare line feeds, at first without a name, and brings files home."""
    begin(index, people, project)
    abroad.wheels(project, "1.0")
    setup = SetupPy.write(
        tmp_path, old_python(version), index, PASSWORD, name=project, version="1.0", url=f"{abroad.url}/"
    )
    done = require_success(setup("register", "-r", "here"))
    assert "Server response (200): OK" in said(done)
    assert list(index.hosted(project)) == [wheel_name(project)]


@pytest.mark.parametrize("version", OLD)
def test_w03_distutils_uploads(
    index: Index, people: People, project: str, tmp_path: Path, version: str
) -> None:
    """``setup.py sdist upload`` is taken, with its preamble, its wrong blake2 and its UNKNOWN fields."""
    python = old_python(version)
    setup = SetupPy.write(tmp_path, python, index, PASSWORD, name=project, version="1.0")
    done = setup("sdist", "--formats=gztar", "upload", "-r", "here")
    assert "Server response (200): OK" in said(require_success(done))
    data = (tmp_path / "dist" / f"{project}-1.0.tar.gz").read_bytes()
    assert index.hosted(project) == {f"{project}-1.0.tar.gz": hashlib.sha256(data).hexdigest()}


@pytest.mark.parametrize("version", OLD)
def test_distutils_is_told(
    index: Index, people: People, project: str, abroad: Abroad, tmp_path: Path, version: str
) -> None:
    """With nothing to be found, ``register`` shows that it was refused, and nothing is registered."""
    begin(index, people, project)
    setup = SetupPy.write(
        tmp_path, old_python(version), index, PASSWORD, name=project, version="1.0", url=f"{abroad.url}/"
    )
    assert "Server response (400): Bad Request" in said(setup("register", "-r", "here"))
    assert index.hosted(project) == {}
    assert versions(index, project) == []


def test_nothing_found(index: Index, people: People, project: str, abroad: Abroad, dist: Path) -> None:
    """When no file of the version is found, the command fails, the reason names where it looked; nothing is registered."""
    begin(index, people, project)
    abroad.wheels(project, "0.9")
    metadata = metadata_bytes(project, "1.0", fields=[("Home-page", f"{abroad.url}/")])
    built = dist / wheel_name(project)
    built.write_bytes(make_wheel(project, metadata=metadata))
    refused = twine("register", index, "--verbose", str(built), password=people.ada)
    assert refused.returncode == 1
    assert "400 Bad Request" in said(refused)
    # This command of twine shows no body; the reason is in the answer, and stays with the rehost.
    reason = f"no file of version 1.0 was found at {abroad.url}/"
    assert reason in submit(index, people.ada, project, home_page=f"{abroad.url}/").text
    assert [reason in rehost["problem"] for rehost in index.json("rehost", "list", project)] == [True, True]
    assert versions(index, project) == []
    assert index.hosted(project) == {}


def test_nowhere_to_look(index: Index, people: People, project: str) -> None:
    """A project without home page, download URL and source is told what to do."""
    begin(index, people, project)
    refused = submit(index, people.ada, project)
    assert refused.status == 400
    assert "names no home page and no download URL" in refused.text


def test_wrong_hash(index: Index, people: People, project: str, abroad: Abroad) -> None:
    """One file whose bytes are not those that the page claims refuses all, the good one too."""
    begin(index, people, project)
    good, wrong = wheel_name(project), f"{project}-1.0-py2-none-any.whl"
    abroad.file(good, make_wheel(project))
    abroad.file(wrong, make_wheel(project, tag="py2-none-any"))
    abroad.page(good, f"{wrong}#sha256={'0' * 64}")
    refused = submit(index, people.ada, project, home_page=f"{abroad.url}/")
    assert refused.status == 400
    assert wrong in refused.text
    assert "sha256" in refused.text
    assert index.hosted(project) == {}
    assert versions(index, project) == []
    # The page is mended, and the same command succeeds.
    abroad.page(good, wrong)
    assert submit(index, people.ada, project, home_page=f"{abroad.url}/").status == 200
    assert set(index.hosted(project)) == {good, wrong}


def test_site_down(index: Index, people: People, project: str, abroad: Abroad) -> None:
    """A site that cannot be reached is 503 with a time to try again; when it is up, the same call succeeds."""
    begin(index, people, project)
    abroad.outside.put(f"{abroad.url}/", Answer(mood=Mood.HANGS_UP))
    refused = submit(index, people.ada, project, home_page=f"{abroad.url}/")
    assert (refused.status, int(refused.headers["retry-after"]) > 0) == (503, True)
    assert "could not reach" in refused.text
    abroad.wheels(project, "1.0")
    abroad.outside.put(f"{abroad.url}/{wheel_name(project)}", Answer(status=502))
    assert submit(index, people.ada, project, home_page=f"{abroad.url}/").status == 503
    assert versions(index, project) == []
    abroad.wheels(project, "1.0")
    assert submit(index, people.ada, project, home_page=f"{abroad.url}/").status == 200
    assert list(index.hosted(project)) == [wheel_name(project)]


def test_rejected_archive(index: Index, people: People, project: str, abroad: Abroad, dist: Path) -> None:
    """An archive that inspection rejects refuses all, the good one too: twine fails, and the answer has the reason."""
    begin(index, people, project)
    good, bad = wheel_name(project), f"{project}-1.0-py2-none-any.whl"
    abroad.file(good, make_wheel(project))
    abroad.file(bad, b"PK\x03\x04 and then nothing")
    abroad.page(good, bad)
    metadata = metadata_bytes(project, "1.0", fields=[("Home-page", f"{abroad.url}/")])
    built = dist / good
    built.write_bytes(make_wheel(project, metadata=metadata))
    failed = twine("register", index, str(built), password=people.ada)
    assert failed.returncode == 1
    refused = submit(index, people.ada, project, home_page=f"{abroad.url}/")
    assert refused.status == 400
    assert "Nothing was registered.\n" in refused.text
    assert f"{bad}: " in refused.text
    assert index.hosted(project) == {}
    assert versions(index, project) == []


def test_a_program_registers(index: Index, people: People, project: str, abroad: Abroad) -> None:
    """The JSON call begins and names the run; when that is published, the release is registered and its file hosted."""
    begin(index, people, project)
    abroad.wheels(project, "1.0")
    release = {"version": "1.0", "home_page": f"{abroad.url}/"}
    begun = index.api("POST", f"/projects/{project}/releases", people.ada, **release)
    assert (begun.status, begun.json()["registered"]) == (202, False)
    until = time.monotonic() + 30
    while (told := index.api("GET", f"/rehosts/{begun.json()['rehost']}", people.ada).json())[
        "state"
    ] in RUNNING:
        assert time.monotonic() < until, told
        time.sleep(0.1)
    assert told["state"] == "published"
    assert list(index.hosted(project)) == [wheel_name(project)]
    assert versions(index, project) == ["1.0"]


def test_slow_site(index: Index, people: People, project: str) -> None:
    """What takes longer than one answer may is 503 and goes on; the same call attaches to that run."""
    begin(index, people, project)
    names = [f"{project}-1.0-{tag}-none-any.whl" for tag in ("py3", "py2", "cp39", "cp310")]
    pages = {f"/{name}": make_wheel(project, tag=f"{name.split('-')[2]}-none-any") for name in names}
    pages["/"] = "".join(f'<a href="{name}">{name}</a>' for name in names).encode()
    go = threading.Event()
    with listening(slowly(pages, go, 5)) as site:
        began = time.monotonic()
        still = submit(index, people.ada, project, home_page=f"{site.base_url}/")
        assert still.status == 503, still.text
        assert time.monotonic() - began < POETRY_GIVES_UP_SECONDS
        assert int(still.headers["retry-after"]) > 0
        assert "of 4 files; repeat the command to attach" in still.text
        assert index.hosted(project) == {}, "all or nothing"
        go.set()
        assert submit(index, people.ada, project, home_page=f"{site.base_url}/").status == 200
        targets = [request.target for request in site.requests]
    assert set(index.hosted(project)) == set(names)
    assert sorted(targets) == sorted([*pages, "/robots.txt"]), "everything was asked for once"
    assert len(index.json("rehost", "list", project)) == 1


def test_who_may_register(index: Index, people: People, project: str, abroad: Abroad) -> None:
    """A stranger is 403 and starts no crawl; the nameless is 401 with the realm of old."""
    begin(index, people, project)
    abroad.wheels(project, "1.0")
    assert submit(index, people.bob, project, home_page=f"{abroad.url}/").status == 403
    nobody = submit(index, "hp_" + "0" * 72, project, home_page=f"{abroad.url}/")
    assert (nobody.status, nobody.headers["www-authenticate"]) == (401, 'Basic realm="pypi"')
    assert abroad.outside.asked == []
    headers = form_headers("") | basic("ada", PASSWORD)
    form = [(":action", "submit"), ("name", project), ("version", "1.0"), ("home_page", f"{abroad.url}/")]
    assert index.request("POST", "/pypi", multipart(form), headers).status == 200


def test_pypi_only(index: Index, people: People, project: str, abroad: Abroad) -> None:
    """A pypi-only project registers its metadata at once, and is refused a download URL that is not here."""
    assert submit(index, people.ada, project, summary="A lark.").status == 200
    assert versions(index, project) == ["1.0"]
    refused = submit(index, people.ada, project, download_url=f"{abroad.url}/{wheel_name(project)}")
    assert refused.status == 400
    assert "is pypi-only" in refused.text
    assert abroad.outside.asked == []
