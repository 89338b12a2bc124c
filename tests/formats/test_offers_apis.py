"""Pages of APIs: releases of forges, the simple API in JSON, buckets; as large as they come, and hostile ones."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.places_answers import (
    bucket_page,
    gitea_release,
    github_page,
    github_release,
    gitlab_release,
    sha256_of,
    simple_json,
    wheel,
)

from homeport.domain.offer import Offer, Offers, PageKind
from homeport.formats.offers import fields
from homeport.formats.offers.reader import MAX_BYTES, read_offers

API = "https://api.github.com/repos/octo/demo/releases?per_page=30"
APIS = (PageKind.GITHUB, PageKind.GITLAB, PageKind.GITEA, PageKind.SIMPLE_JSON)


def read(kind: PageKind, value: object, url: str = API) -> Offers:
    """What a JSON page at ``url`` offers."""
    return read_offers(kind, json.dumps(value).encode(), url, url, "application/json")


def only(offers: Offers) -> Offer:
    """The one offer."""
    (offer,) = offers.offers
    return offer


def test_github_page_of_realistic_size() -> None:
    """30 releases of 40 assets are read with digest, size, tag and time, and the page behind them is named."""
    page = github_page("octo/demo", [f"1.{number}" for number in range(30)], 40)
    assert len(json.dumps(page)) > 1_500_000
    offers = read(PageKind.GITHUB, page)
    assert (len(offers.offers), offers.problem) == (1_200, "")
    assert offers.next_page == "https://api.github.com/repos/octo/demo/releases?per_page=30&page=2"
    first, name = offers.offers[0], wheel("demo", "1.0", 0)
    assert first.filename == name
    assert first.url == f"https://github.com/octo/demo/releases/download/v1.0/{name}"
    assert first.token_url == "https://api.github.com/repos/octo/demo/releases/assets/1"
    assert first.claimed == (("sha256", sha256_of(name)),)
    assert (first.facts.size_bytes, first.facts.tag, first.facts.is_prerelease) == (1_000_001, "v1.0", False)
    assert first.facts.uploaded_at == datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def test_github_drafts_and_unfinished_assets() -> None:
    """A draft is nobody's file yet, nor is an asset that is being uploaded; a pre-release says that it is one."""
    releases = [
        github_release("octo/demo", "3.0", ["demo-3.0.tar.gz"], draft=True),
        github_release("octo/demo", "2.0rc1", ["demo-2.0rc1.tar.gz", "demo-2.0rc1.zip"], prerelease=True),
    ]
    releases[1]["assets"][1]["state"] = "starter"
    offers = read(PageKind.GITHUB, releases)
    assert [offer.filename for offer in offers.offers] == ["demo-2.0rc1.tar.gz"]
    assert only(offers).facts.is_prerelease
    assert offers.next_page == ""


def test_files_that_speak_about_others_are_told() -> None:
    """Checksum and signature files among the assets are neighbours."""
    names = [
        "demo-1.0.tar.gz",
        "demo-1.0.tar.gz.asc",
        "SHA256SUMS",
        "demo-1.0.tar.gz.sigstore.json",
        "notes.md",
    ]
    offers = read(PageKind.GITHUB, [github_release("octo/demo", "1.0", names)])
    base = "https://github.com/octo/demo/releases/download/v1.0/"
    assert offers.neighbours == tuple(base + name for name in names[1:4])


@pytest.mark.parametrize(
    "digest", [None, 7, "sha256:", "sha256:zz", f"sha512:{'a' * 64}", "x" * 900, "md4:00"]
)
def test_odd_digests_claim_nothing(digest: object) -> None:
    """What is no digest of a known algorithm is no claim."""
    release = github_release("octo/demo", "1.0", ["demo-1.0.tar.gz"])
    release["assets"][0]["digest"] = digest
    assert only(read(PageKind.GITHUB, [release])).claimed == ()


def test_gitlab() -> None:
    """A link's own target is offered, under its name when that is a file's; archives of tags are not."""
    base = "https://gitlab.example.org"
    names = ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo-1.0.tar.gz.asc"]
    release = gitlab_release(base, "1.0", names, upcoming_release=True)
    release["assets"]["links"].append({"name": "relative", "url": 7, "direct_asset_url": "/dl/demo-1.0.zip"})
    release["assets"]["links"].append({"name": "nothing"})
    url = f"{base}/api/v4/projects/group%2Fdemo/releases?per_page=1"
    offers = read(PageKind.GITLAB, [release, "junk"], url)
    packages = f"{base}/api/v4/projects/7/packages/generic/demo/1.0/"
    assert [(offer.url, offer.filename) for offer in offers.offers] == [
        (packages + names[0], names[0]),
        (packages + names[1], ""),
        (packages + names[2], ""),
        (f"{base}/dl/demo-1.0.zip", ""),
    ]
    assert offers.offers[0].facts.is_prerelease
    assert offers.offers[0].facts.uploaded_at == datetime(2026, 1, 3, 1, 56, 19, 539_000, tzinfo=UTC)
    assert offers.neighbours == (packages + names[2],)
    assert offers.next_page == f"{url}&page=2"


def test_gitea() -> None:
    """Assets with their sizes; a time with another zone is told in UTC."""
    base = "https://git.example.org"
    releases = [
        gitea_release(base, "2.0", ["demo-2.0.zip"], draft=True),
        gitea_release(base, "1.0", ["demo-1.0.tar.gz"]),
    ]
    releases[1]["assets"].append({"name": "demo-1.0.zip"})
    offer = only(read(PageKind.GITEA, releases, f"{base}/api/v1/repos/me/demo/releases?limit=30"))
    assert offer.url == f"{base}/me/demo/releases/download/v1.0/demo-1.0.tar.gz"
    assert (offer.filename, offer.facts.size_bytes, offer.facts.tag) == ("demo-1.0.tar.gz", 4_001, "v1.0")
    assert offer.facts.uploaded_at == datetime(2026, 1, 3, 0, 57, tzinfo=UTC)


def test_simple_json_of_realistic_size() -> None:
    """A page of 3,000 files is read with everything that the index says, provenance included."""
    names = [wheel("demo", f"1.{number}", number) for number in range(3_000)]
    page = simple_json("demo", "https://devpi.example.org/+f", names)
    page["files"][0] |= {"yanked": True, "size": "12", "upload-time": "yesterday"}
    page["files"][1] |= {"yanked": "broken <on> Mondays"}
    offers = read(PageKind.SIMPLE_JSON, page, "https://devpi.example.org/simple/demo/")
    assert len(offers.offers) == len(offers.neighbours) == 3_000
    odd, yanked, usual = offers.offers[:3]
    assert (odd.facts.yanked, odd.facts.size_bytes, odd.facts.uploaded_at) == ("", None, None)
    assert yanked.facts.yanked == "broken <on> Mondays"
    assert (usual.facts.yanked, usual.facts.size_bytes, usual.facts.requires_python) == (None, 1_002, ">=3.9")
    assert (usual.filename, usual.claimed) == (names[2], (("sha256", sha256_of(names[2])),))


def test_simple_json_bounds_and_versions() -> None:
    """Too many files are read in part; another version of the API, or no page of it, is told."""
    assert read(PageKind.SIMPLE_JSON, {"meta": {"api-version": "1.0"}, "files": [{"url": 1}]}) == Offers()
    many = {"meta": {"api-version": "1.0"}, "files": [{"url": f"{n}.zip"} for n in range(20_001)]}
    assert read(PageKind.SIMPLE_JSON, many).problem == "It has more than 20,000 files: the first were read."
    assert "version 2.0" in read(PageKind.SIMPLE_JSON, {"meta": {"api-version": "2.0"}, "files": []}).problem
    assert "version ?" in read(PageKind.SIMPLE_JSON, {"files": []}).problem
    assert "neither files nor projects" in read(PageKind.SIMPLE_JSON, {"message": "Not Found"}).problem


def test_list_of_projects() -> None:
    """The list of an index's projects leads to their pages, so many of them."""
    names: list[Any] = [{"name": "demo"}, {"name": 7}, "junk", {"name": "Other"}]
    listed = {"meta": {"api-version": "1.1"}, "projects": names}
    offers = read(PageKind.SIMPLE_JSON, listed, "https://index.example.org/simple/")
    base = "https://index.example.org/simple/"
    assert offers == Offers(follow=(f"{base}demo/", f"{base}Other/"))
    listed["projects"] = [{"name": f"p{number}"} for number in range(20_001)]
    assert "more than 20,000 projects" in read(PageKind.SIMPLE_JSON, listed, base).problem


BUCKET = "https://wheels.example.org/?prefix=demo/&list-type=2&encoding-type=url"


def read_xml(page: str, url: str = BUCKET) -> Offers:
    """What a listing offers."""
    return read_offers(PageKind.BUCKET, page.encode(), url, url, "application/xml")


def test_bucket_of_a_thousand_keys() -> None:
    """Keys become URLs below the bucket, with their sizes and no hash; the listing goes on where its token says."""
    keys = [f"demo/demo-1.{number}+cpu.tar.gz" for number in range(1_000)]
    offers = read_xml(bucket_page([*keys, "demo/", "demo/a+b/c%20d.txt"], token="1/abc=="))
    assert len(offers.offers) == 1_001
    first = offers.offers[0]
    assert first.url == "https://wheels.example.org/demo/demo-1.0%2Bcpu.tar.gz"
    assert (first.claimed, first.facts.size_bytes) == ((), 1_000)
    assert first.facts.uploaded_at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert offers.offers[-1].url == "https://wheels.example.org/demo/a%2Bb/c%20d.txt"
    assert offers.next_page == f"{BUCKET.replace('demo/', 'demo%2F')}&continuation-token=1%2Fabc%3D%3D"


def test_buckets_below_a_path_and_of_older_servers() -> None:
    """A bucket that is a folder of its host, keys that are not encoded, and a listing that goes on by its last key."""
    page = (
        "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>demo-1.0+x.zip</Key><Size>x</Size></Contents>"
        "</ListBucketResult>"
    )
    offers = read_xml(page, "http://127.0.0.1:9000/bucket?list-type=2")
    assert only(offers).url == "http://127.0.0.1:9000/bucket/demo-1.0%2Bx.zip"
    assert only(offers).facts.size_bytes is None
    assert offers.next_page == "http://127.0.0.1:9000/bucket?list-type=2&marker=demo-1.0%2Bx.zip"
    marked = page.replace("<Contents>", "<NextMarker>m</NextMarker><Contents>")
    assert read_xml(marked, "http://h.test/b").next_page == "http://h.test/b?marker=m"
    empty = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"
    assert read_xml(empty).next_page == ""
    assert read_xml(page, "http://[h.test/b").offers == ()


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<a",
        "<Error><Code>AccessDenied</Code></Error>",
        '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult>&a;</ListBucketResult>',
        "<?xml version='1.0' encoding='x-unknown'?><a/>",
    ],
)
def test_xml_that_is_no_listing(page: str) -> None:
    """Errors, entities and broken XML are told as what they are, and nothing is read."""
    offers = read_xml(page)
    assert offers.offers == ()
    assert offers.problem.startswith("It is no listing of a bucket")


def test_pages_that_are_too_large() -> None:
    """A page past its bound is not looked at."""
    for kind in PageKind:
        assert read_offers(kind, b" " * (MAX_BYTES[kind] + 1), API, API, "").problem.startswith(
            "The page has more than"
        )


@pytest.mark.parametrize("kind", APIS)
@pytest.mark.parametrize("page", [b"", b"{}", b"[" * 100_000, b"\xff", b'"text"', b"9" * 5_000, b"null"])
def test_json_that_is_no_page(kind: PageKind, page: bytes) -> None:
    """Whatever else it is, it is told, and nothing raises."""
    assert read_offers(kind, page, API, API, "").problem


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "http://h.test/demo-1.0.zip",
            "sha256:" + "a" * 64,
            "2026-01-01T00:00:00Z",
            "1.0",
            "\ud800",
            "//[",
            "uploaded",
        ]
    )
)
_KEYS = st.sampled_from(
    [
        "assets", "links", "url", "name", "digest", "size", "created_at", "draft", "files", "meta", "api-version",
        "projects", "hashes", "sha256", "yanked", "tag_name", "browser_download_url", "provenance", "filename", "state",
    ]
)  # fmt: skip
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(APIS), _VALUES)
def test_no_json_makes_a_reader_raise(kind: PageKind, value: Any) -> None:
    """Fields of any type anywhere: what is offered has an address, and digests are digests."""
    for offer in read(kind, [value]).offers + read(kind, value).offers:
        assert "://" in offer.url
        assert all(len(digest) == 64 for name, digest in offer.claimed if name == "sha256")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(
    ["<ListBucketResult>", "</ListBucketResult>", "<Contents>", "</Contents>", "<Key>", "</Key>", "a b+c%2F.zip", "<Size>",
     "</Size>", "9" * 30, "<IsTruncated>true</IsTruncated>", "<EncodingType>url</EncodingType>", "&#0;", "<![CDATA[", "]]>"]
), max_size=12))  # fmt: skip
def test_no_xml_makes_the_reader_raise(pieces: list[str]) -> None:
    """Pieces in any order are a listing or a problem."""
    offers = read_xml("".join(pieces))
    assert all(offer.url.startswith("https://wheels.example.org/") for offer in offers.offers)


def test_fields() -> None:
    """Fields that are not what they should be are not there."""
    assert fields.count(True) is None
    assert fields.count(-1) is None
    assert fields.count(2**60) is None
    assert fields.text("a\nb") == ""
    assert fields.moment("x" * 600) is None
    assert fields.moment("Wed, 04 Mar 2026 05:06:07 GMT") == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert fields.moment("2026-03-04T05:06:07") == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert fields.moment("0001-01-01T00:00:00+14:00") is None
    assert fields.address("http://h.test/", "mailto:x") == ""
    assert fields.address("http://h.test/", "//[") == ""
    assert fields.page_after("http://h.test/?per_page=x", 5, "per_page") == ""
    assert fields.with_query("http://[h.test/", a="b") == ""
