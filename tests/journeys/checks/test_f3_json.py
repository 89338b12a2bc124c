"""Standards F.3: the JSON serialization of every page of the fixture set."""

import hashlib
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import mousebender.simple
import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from pypi_simple import ACCEPT_HTML_ONLY, ACCEPT_JSON_ONLY, PyPISimple
from tests.journeys.checks.pages import JSON, Document, read_json, version_in
from tests.journeys.checks.stock import (
    ARCHIVED,
    CACHE,
    DEPRECATED,
    EMPTY,
    EPOCH,
    EXT,
    EXT_HOSTED,
    EXT_KNOWN,
    EXT_ODD,
    EXT_ODD_URL,
    EXT_UNKNOWN,
    FULL,
    LISTED,
    LOCAL,
    ODD_QUERY,
    OLD_SDIST,
    ONLY,
    PRIVATE,
    PYTHON,
    QUARANTINED,
    READABLE,
    REASON,
    SDIST,
    WHEEL,
    WITHOUT_FILES,
    YANKED,
    Stock,
)
from tests.journeys.conftest import People
from tests.support.archives import make_sdist
from tests.support.forms import form_headers, multipart
from tests.support.index import Index

pytestmark = pytest.mark.journey

Page = dict[str, Any]
Pages = dict[str, Page]

STATUS = {ARCHIVED: "archived", DEPRECATED: "deprecated", QUARANTINED: "quarantined"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
# What the specification names, by the place where it stands.
KEYS = {
    "page": {"meta", "name", "versions", "files", "project-status"},
    "list": {"meta", "projects"},
    "meta": {"api-version"},
    "project": {"name"},
    "status": {"status", "reason"},
    "file": {
        "filename",
        "url",
        "hashes",
        "size",
        "requires-python",
        "core-metadata",
        "gpg-sig",
        "yanked",
        "upload-time",
        "provenance",
    },
}


def files_of(pages: Pages) -> Iterator[Page]:
    """Every file of every page."""
    return (file for page in pages.values() for file in page["files"])


def hosted_files_of(pages: Pages) -> Iterator[Page]:
    """Those that the index itself serves."""
    return (file for file in files_of(pages) if file["url"].startswith("/files/"))


def by_name(page: Page) -> Pages:
    """The files of a page by their names."""
    return {file["filename"]: file for file in page["files"]}


def served(stock: Stock, url: str) -> bytes:
    """The bytes under a URL of a page."""
    if url.startswith("/"):
        reply = stock.get(url)
        assert reply.status == 200, url
        return reply.body
    with urllib.request.urlopen(url, timeout=20) as answer:
        body: bytes = answer.read()
        return body


def test_the_set_is_there(json_pages: Pages, stock: Stock) -> None:
    """The pages that these checks read hold what was put there, and so prove something."""
    shown = {name: set(by_name(page)) for name, page in json_pages.items()}
    external = {EXT: {EXT_KNOWN, EXT_ODD_URL}}
    offered = {name: set(files) for name, files in stock.files.items()} | {QUARANTINED: set()}
    assert shown == {name: files | external.get(name, set()) for name, files in offered.items()}


def test_j01_answers_are_objects(json_list: Page, json_pages: Pages) -> None:
    """The list and every page are objects."""
    assert {type(answer) for answer in (json_list, *json_pages.values())} == {dict}


def test_j02_the_version_is_1_4(json_list: Page, json_pages: Pages) -> None:
    """``api-version`` is the text ``1.4``."""
    assert [answer["meta"]["api-version"] for answer in (json_list, *json_pages.values())] == ["1.4"] * (
        1 + len(READABLE)
    )


def test_j03_the_list_names_projects(json_list: Page) -> None:
    """``projects`` holds objects, each with a name."""
    names = [project["name"] for project in json_list["projects"]]
    assert {type(name) for name in names} == {str}
    assert {str(canonicalize_name(name)) for name in names} >= set(LISTED)


def test_j04_a_page_has_its_normalized_name(json_pages: Pages) -> None:
    """``name`` is the name that the URL has."""
    assert {name: page["name"] for name, page in json_pages.items()} == {name: name for name in READABLE}


def test_j05_versions_are_a_set_of_texts(json_pages: Pages) -> None:
    """``versions`` stands on every page, holds text, and nothing twice; a release without files is in it."""
    for page in json_pages.values():
        assert all(type(version) is str for version in page["versions"])
        assert len(set(page["versions"])) == len(page["versions"])
    assert WITHOUT_FILES in json_pages[FULL]["versions"]


def test_j06_the_version_of_each_file_is_told(json_pages: Pages) -> None:
    """Each file's version, read from its name, stands in ``versions``, as do local versions and epochs."""
    for page in json_pages.values():
        assert {version_in(file["filename"]) for file in page["files"]} <= set(page["versions"])
    assert {"1.1+local.7", "1!2.0"} <= set(json_pages[FULL]["versions"])


def test_j07_versions_are_normalized(index: Index, people: People, project: str) -> None:
    """A version is told in its normalized spelling, whichever its file and its form used."""
    for spelling in ("1.0RC1", "2.0.0-1", "v3"):
        form = multipart(
            [(":action", "submit"), ("metadata_version", "2.1"), ("name", project), ("version", spelling)]
        )
        assert index.request("POST", "/legacy/", form, form_headers(people.ada)).status == 200
    filename = f"{project}-4.0a1.tar.gz"
    data = make_sdist(project, "4.0a1")
    assert index.upload(filename, data, people.ada, version="4.0.Alpha01").status == 200
    page = index.request("GET", f"/simple/{project}/", headers={"Accept": JSON}).json()
    assert page["versions"] == ["1.0rc1", "2.0.0.post1", "3", "4.0a1"]


def test_j08_files_have_what_is_mandatory(json_pages: Pages) -> None:
    """Name, URL, hashes and size stand at every file, of the right types."""
    for file in files_of(json_pages):
        assert (type(file["filename"]), type(file["url"])) == (str, str)
        assert (type(file["hashes"]), type(file["size"])) == (dict, int)


def test_j09_j10_size_and_hashes_are_those_of_the_bytes(json_pages: Pages, stock: Stock) -> None:
    """Size and every hash, sha256 among them, are those of what the URL serves, here and outside."""
    expected = {
        **stock.outside,
        **{name: data for files in stock.files.values() for name, data in files.items()},
    }
    for file in files_of(json_pages):
        data = served(stock, file["url"])
        assert data == expected[file["filename"]]
        assert file["size"] == len(data)
        assert "sha256" in file["hashes"]
        for algorithm, digest in file["hashes"].items():
            assert algorithm == algorithm.lower()
            assert digest == hashlib.new(algorithm, data).hexdigest()


def test_j11_upload_times_are_utc(json_pages: Pages) -> None:
    """``upload-time`` has the one spelling that PEP 700 allows."""
    assert all(
        MOMENT.fullmatch(file["upload-time"]) for file in files_of(json_pages) if "upload-time" in file
    )


def test_j12_hosted_files_have_an_upload_time(json_pages: Pages) -> None:
    """Every hosted file tells when it came, for installers that are asked not to look beyond a day."""
    assert all("upload-time" in file for file in hosted_files_of(json_pages))


def test_j13_requires_python_is_plain(json_pages: Pages) -> None:
    """``requires-python`` is the specifier of the metadata, without a trace of HTML, and absent without one."""
    files = by_name(json_pages[FULL])
    assert {name: file["requires-python"] for name, file in files.items() if "requires-python" in file} == {
        WHEEL: PYTHON,
        SDIST: PYTHON,
    }
    told = [file["requires-python"] for file in files_of(json_pages) if "requires-python" in file]
    assert [SpecifierSet(specifier) for specifier in told] == [SpecifierSet(PYTHON)] * 2


def test_j14_core_metadata_is_a_flag_or_hashes(json_pages: Pages) -> None:
    """``core-metadata`` says no, or by which hash the metadata can be checked."""
    for file in hosted_files_of(json_pages):
        told = file["core-metadata"]
        assert told is False or (type(told) is dict and set(told) == {"sha256"})
    files = by_name(json_pages[FULL])
    assert files[OLD_SDIST]["core-metadata"] is False
    assert {name for name, file in files.items() if file["core-metadata"]} >= {WHEEL, SDIST, LOCAL, EPOCH}


def test_j15_no_old_name_for_metadata(json_pages: Pages) -> None:
    """``dist-info-metadata`` stands nowhere in JSON: pip 22.3 to 23.0 crash on it."""
    keys = {key for file in files_of(json_pages) for key in file}
    assert {key for key in keys if "dist-info" in key} == set()


def test_j16_yanked_is_true_false_or_why(json_pages: Pages) -> None:
    """``yanked`` is a boolean, or the reason; a yank without one is ``true``."""
    for file in files_of(json_pages):
        assert type(file.get("yanked", False)) in {bool, str}
        assert file.get("yanked") != ""
    yanked = {file["filename"]: file["yanked"] for file in files_of(json_pages) if file.get("yanked")}
    assert yanked == YANKED


def test_j17_j18_no_signature_and_no_provenance_but_as_specified(json_pages: Pages) -> None:
    """``gpg-sig`` is a boolean where it stands; ``provenance`` is null or an address on a secure origin."""
    for file in files_of(json_pages):
        assert type(file.get("gpg-sig", False)) is bool
        provenance = file.get("provenance")
        assert provenance is None or provenance.startswith(("https://", "http://127.0.0.1"))


def test_j19_j20_no_key_of_our_own_without_its_mark(json_list: Page, json_pages: Pages) -> None:
    """What no specification names begins with ``_``; what PEP 708 named before it was rejected is not there."""
    found: set[tuple[str, str]] = set()
    for answer, kind in ((json_list, "list"), *((page, "page") for page in json_pages.values())):
        found |= {(kind, key) for key in answer}
        found |= {("meta", key) for key in answer["meta"]}
        found |= {("project", key) for project in answer.get("projects", ()) for key in project}
        found |= {("file", key) for file in answer.get("files", ()) for key in file}
        found |= {("status", key) for key in answer.get("project-status", ())}
    unknown = {(kind, key) for kind, key in found if key not in KEYS[kind]}
    assert {key for _, key in unknown if not key.startswith("_")} == set()


def test_j20_nothing_of_pep_708(stock: Stock) -> None:
    """Neither of the rejected keys occurs in the text of any answer."""
    for path in ("/simple/", *(f"/simple/{name}/" for name in READABLE)):
        body = stock.get(path, JSON).text
        assert '"tracks"' not in body
        assert '"alternate-locations"' not in body


def test_j21_the_status_marker(json_pages: Pages) -> None:
    """``project-status`` stands at the top of a page, with one of the markers and its reason, character for character."""
    told = {name: page.get("project-status", {"status": "active"}) for name, page in json_pages.items()}
    assert told == {
        name: {"status": STATUS[name], "reason": REASON} if name in STATUS else {"status": "active"}
        for name in READABLE
    }


def test_j22_a_filename_stands_once(json_pages: Pages) -> None:
    """No file name is offered twice, also when the file is hosted here and linked outside."""
    for page in json_pages.values():
        names = [file["filename"] for file in page["files"]]
        assert len(names) == len(set(names))
    assert by_name(json_pages[EXT])[EXT_HOSTED]["url"].startswith("/files/")


def test_j23_a_project_without_files(json_pages: Pages) -> None:
    """A project without files has a page that says so."""
    assert (json_pages[EMPTY]["files"], json_pages[EMPTY]["versions"]) == ([], [])


def test_j24_both_serializations_offer_the_same(json_pages: Pages, html_pages: dict[str, Document]) -> None:
    """JSON and HTML list the same files; only what has no known size or hash stands in HTML alone."""
    for name, page in json_pages.items():
        unknown = {EXT_UNKNOWN, EXT_ODD} if name == EXT else set()
        assert {anchor.text for anchor in html_pages[name].files} == set(by_name(page)) | unknown


def test_j25_any_text_is_json(stock: Stock) -> None:
    """Quotes, tags and emoji in reasons and URLs leave every answer valid UTF-8 JSON that reads back as it was put in."""
    for name in READABLE:
        read_json(stock.page(name, JSON).body)
    page = read_json(stock.page(FULL, JSON).body)
    assert {file["yanked"] for file in page["files"]} == {False, True, REASON}
    odd = by_name(read_json(stock.page(EXT, JSON).body))[EXT_ODD_URL]
    assert odd["url"].endswith(f"/{EXT_ODD_URL}{ODD_QUERY}")


@pytest.mark.parametrize(
    "path", ["/namespaces", "/namespaces/", "/namespace/foo", "/simple/namespaces", "/simple/namespace/foo"]
)
def test_j26_no_namespaces(index: Index, json_pages: Pages, path: str) -> None:
    """PEP 752 is offered in no part: neither its keys, nor its URLs, nor its version."""
    assert all("namespaces" not in page for page in json_pages.values())
    assert all(page["meta"]["api-version"] == "1.4" for page in json_pages.values())
    reply = index.request("GET", path, headers={"Accept": JSON})
    assert (reply.status, reply.headers.get("location", "")) in {(404, ""), (301, "/simple/namespaces/")}
    if reply.status == 301:
        assert index.request("GET", reply.headers["location"]).status == 404


@pytest.mark.parametrize("accept", [ACCEPT_JSON_ONLY, ACCEPT_HTML_ONLY])
def test_j08_to_j21_as_a_script_reads_them(index: Index, stock: Stock, accept: str) -> None:
    """``pypi-simple`` reads list, pages and metadata over the wire, in both serializations, and finds what is hosted."""
    with PyPISimple(f"{index.url}/simple/", accept=accept, auth=("__token__", stock.reader)) as client:
        assert {str(canonicalize_name(name)) for name in client.get_index_page().projects} >= set(LISTED)
        for name, files in stock.files.items():
            page = client.get_project_page(name)
            assert (page.status or "active", page.status_reason) == (
                (STATUS[name], REASON) if name in STATUS else ("active", None)
            )
            hosted = {one.filename: one for one in page.packages if one.url.startswith(f"{index.url}/files/")}
            assert set(hosted) == (set() if name == QUARANTINED else set(files))
            for filename, one in hosted.items():
                assert one.digests == {"sha256": hashlib.sha256(files[filename]).hexdigest()}
                assert one.is_yanked == (filename in YANKED)
                if one.has_metadata:
                    assert client.get_package_metadata(one, verify=True)


@pytest.mark.parametrize("name", [FULL, DEPRECATED, CACHE, ONLY, EXT, EMPTY, PRIVATE])
def test_j01_to_j16_as_the_specification_reads_them(stock: Stock, name: str) -> None:
    """``mousebender`` finds in the page the types that the specification gives."""
    reply = stock.page(name, JSON)
    details = mousebender.simple.parse_project_details(reply.text, reply.headers["content-type"], name)
    assert details["name"] == name
    assert details == reply.json()
