"""Indexes, listings, buckets and links, looked at in a simulated outside: what is found, left out and told."""

import json
from dataclasses import replace

import pytest
from tests.support.golden_site import InProcess
from tests.support.outside import Answer, page, redirect
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.places_answers import (
    SIMPLE_JSON,
    apache_listing,
    bucket_page,
    caddy_listing,
    gitea_release,
    json_answer,
    nginx_listing,
    pytorch_page,
    simple_json,
    wheel,
)
from tests.support.source_looks import Look, names, problems, told

from homeport.domain.names import ProjectName
from homeport.domain.offer import Facts
from homeport.domain.source import Filters, SourceKind
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.places import Place
from homeport.flows.crawl.visitor import CrawlLimits

DEMO = ProjectName.parse("demo")
API = "https://api.github.com/repos/octo/demo/releases?per_page=30"
INDEX = "https://index.test/simple/"


def test_index_in_json(look: Look) -> None:
    """The project's page of an index is asked for in JSON, and what it says of a file is kept."""
    names_ = [wheel("demo", "1.0", number) for number in range(3)]
    answer = json_answer(simple_json("demo", "https://files.test", names_))
    look.outside.put(f"{INDEX}demo/", replace(answer, content_type=SIMPLE_JSON))
    discovery = look.at(SourceKind.INDEX, f"{INDEX}demo/")
    facts = discovery.found[1].facts
    assert names(discovery) == sorted(names_)
    assert (facts.size_bytes, facts.requires_python, facts.yanked) == (1_001, ">=3.9", None)
    assert [beside.url for beside in discovery.neighbours] == [
        f"https://files.test/integrity/{name}/provenance" for name in names_
    ]
    assert look.outside.requests[0].headers["accept"].startswith(SIMPLE_JSON)


@pytest.mark.parametrize("url", [INDEX, INDEX[:-1]])
def test_index_itself(look: Look, url: str) -> None:
    """Of an index that is named itself, only the project's page is asked for: the list may be of any size."""
    look.outside.put_page(f"{INDEX}demo/", "<a href=/demo-1.0.zip>demo-1.0.zip</a>")
    assert names(look.at(SourceKind.INDEX, url)) == ["demo-1.0.zip"]
    assert look.outside.asked == [f"{INDEX}demo/"]


def test_pytorch_like_index(look: Look) -> None:
    """An index of another name lists its projects: the project's page is read, with all folders' wheels of local versions."""
    root = "https://download.test/whl/"
    look.outside.put_page(
        root, "".join(f"<a href='{name}/'>{name}</a><br>" for name in ("demo", "torch", "numpy"))
    )
    look.outside.put_page(f"{root}demo/", pytorch_page("demo", 3_000))
    discovery = look.at(SourceKind.INDEX, root)
    assert look.outside.asked == [root, f"{root}demo/"]
    assert len(discovery.found) == 3_000
    found = discovery.found[0]
    assert found.filename == "demo-2.0.0+cpu-cp38-cp38-manylinux_2_28_x86_64.whl"
    assert found.taken.candidate.url.startswith(f"{root}cpu/demo-2.0.0%2Bcpu-")
    assert found.mentions[0].is_tls
    assert discovery.visited[1].place.led_by is None


def test_subfolder_indexes(look: Look) -> None:
    """An index of few folders without the project is looked at in each of them, one level down."""
    root = "https://download.test/whl"
    look.outside.put_page(f"{root}/", "<a href='../'>up</a><a href=cpu/>cpu</a><a href=cu118/>cu118</a>")
    look.outside.put_page(f"{root}/cpu/", "<a href=demo/>demo</a><a href=other/>other</a>")
    look.outside.put_page(f"{root}/cpu/demo/", "<a href='demo-1.0%2Bcpu-py3-none-any.whl'>x</a>")
    look.outside.put_page(f"{root}/cu118/", "<a href=deeper/>d</a>")
    discovery = look.at(SourceKind.INDEX, f"{root}/")
    assert names(discovery) == ["demo-1.0+cpu-py3-none-any.whl"]
    assert look.outside.asked == [f"{root}/", f"{root}/cpu/", f"{root}/cpu/demo/", f"{root}/cu118/"]


def test_index_whose_list_is_in_json_or_too_large(look: Look) -> None:
    """A list of projects in JSON leads to the project's page, and so does one that cannot be read to its end."""
    listed = {"meta": {"api-version": "1.0"}, "projects": [{"name": "demo"}, {"name": "other"}]}
    look.outside.put("https://a.test/pypi/", replace(json_answer(listed), content_type=SIMPLE_JSON))
    look.outside.put_page("https://a.test/pypi/demo/", "<a href=/demo-1.0.zip>demo</a>")
    assert names(look.at(SourceKind.INDEX, "https://a.test/pypi/")) == ["demo-1.0.zip"]
    look.outside.put("https://a.test/pypi/", Answer(body=b" " * (9 << 20), content_type="text/html"))
    assert names(look.at(SourceKind.INDEX, "https://a.test/pypi/")) == ["demo-1.0.zip"]


def test_index_for_any_project(look: Look) -> None:
    """Without a project, the page that is named is read, and every file is one of the project that its name says."""
    look.outside.put_page(
        "https://a.test/p/",
        "<a href=one-1.0.zip>1</a><a href=two-2.0-py3-none-any.whl>2</a><a href=x.zip>3</a>",
    )
    discovery = look.at(SourceKind.INDEX, "https://a.test/p/", None)
    assert names(discovery) == ["one-1.0.zip", "two-2.0-py3-none-any.whl"]
    assert "filename-invalid" in told(discovery)


def test_find_links_page_of_many_projects(look: Look) -> None:
    """On a page of thousands of wheels, those of other projects are told as one number."""
    others = "".join(f"<a href='{wheel(f'other{number}', '1.0', number)}'>x</a>" for number in range(6_000))
    look.outside.put_page(
        "https://wheels.test/all.html", others + "<a href=demo-1.0.zip#sha256=" + "a" * 64 + ">demo</a>"
    )
    discovery = look.at(SourceKind.FIND_LINKS, "https://wheels.test/all.html")
    assert names(discovery) == ["demo-1.0.zip"]
    assert told(discovery) == {"other-projects": "6,000 links name other projects."}
    assert discovery.found[0].mentions[0].claims_sha256


@pytest.mark.parametrize("listing", [apache_listing, nginx_listing, caddy_listing])
def test_directory_listings(look: Look, listing: object) -> None:
    """A listing and its folders are read, one level down and never up; checksums beside files are neighbours."""
    assert callable(listing)
    base = "http://mirror.test/pub/demo/"
    files = ["demo-1.0.tar.gz", "demo-1.0.tar.gz.asc", "SHA256SUMS", "README.txt"]
    look.outside.put_page(base, listing("/pub/demo/", [*files, "2.0/", "old/"]))
    look.outside.put_page(f"{base}2.0/", listing("/pub/demo/2.0/", ["demo-2.0.tar.gz", "deeper/"]))
    look.outside.put_page(f"{base}old/", listing("/pub/demo/old/", ["notes.txt", "SHA256SUMS"]))
    discovery = look.at(SourceKind.LISTING, base)
    assert names(discovery) == ["demo-1.0.tar.gz", "demo-2.0.tar.gz"]
    assert look.outside.asked == [base, f"{base}2.0/", f"{base}old/"]
    assert [beside.url.removeprefix(base) for beside in discovery.neighbours] == files[1:3]
    below = discovery.visited[1].place.led_by
    assert below is not None
    assert below.fetched.url == base


def test_listing_of_too_many_folders(look: Look) -> None:
    """So many folders are visited; the first that is not is named."""
    base = "http://mirror.test/pub/"
    look.outside.put_page(base, nginx_listing("/pub/", [f"{number}/" for number in range(62)]))
    discovery = look.at(SourceKind.LISTING, base)
    assert len(look.outside.asked) == 61
    assert [(one.url, one.code) for one in discovery.left_out] == [(f"{base}60/", "too-many-folders")]
    assert look.at(SourceKind.LISTING, "http://gone.test/").found == ()


def test_bucket_page_by_page(look: Look) -> None:
    """A bucket is read to its end by its tokens, a thousand keys at a time."""
    url = "https://b.s3.test/?prefix=demo%2F&list-type=2&encoding-type=url"
    keys = [f"demo/demo-1.{number}.tar.gz" for number in range(1_000)]
    look.outside.put(url, Answer(body=bucket_page(keys, "t/1").encode(), content_type="application/xml"))
    last = bucket_page(["demo/demo-2.0+cpu-py3-none-any.whl", "demo/demo-2.0.zip.sig"])
    look.outside.put(f"{url}&continuation-token=t%2F1", Answer(body=last.encode(), content_type="text/xml"))
    discovery = look.at(SourceKind.BUCKET, "https://b.s3.test/?prefix=demo/")
    assert look.outside.asked == [url, f"{url}&continuation-token=t%2F1"]
    assert len(discovery.found) == 1_001
    assert discovery.found[-1].filename == "demo-2.0+cpu-py3-none-any.whl"
    assert discovery.found[0].facts.size_bytes == 1_000
    look.limits = CrawlLimits(pages_of_a_place=1)
    assert "too-many-pages" in told(look.at(SourceKind.BUCKET, "https://b.s3.test/?prefix=demo/"))


def test_bucket_that_is_none(look: Look) -> None:
    """What is no listing is told, and what is no URL is refused."""
    look.outside.put_page("https://b.s3.test/?list-type=2&encoding-type=url", "<p>Hello")
    assert problems(look.at(SourceKind.BUCKET, "https://b.s3.test/"))[0][0] == "page-not-xml"
    assert problems(look.at(SourceKind.BUCKET, "http://[b.test/"))[0][0] == "url-refused"


def test_links_of_descriptions_and_project_urls(look: Look) -> None:
    """Files that a description names are found without a page; a page that a Project-URL names is looked at."""
    look.outside.put_page("https://pages.test/dl", "<a href=demo-2.0.zip>2</a>")
    text = "Get it: https://files.test/demo-1.0.tar.gz, or read https://docs.test/."
    (found,) = look.at(SourceKind.LINKS, "", text=text).found
    assert (found.filename, found.mentions[0].page, found.facts) == ("demo-1.0.tar.gz", None, Facts())
    assert look.outside.asked == []
    assert names(look.at(SourceKind.LINKS, "https://pages.test/dl")) == ["demo-2.0.zip"]


def test_nominated_file(look: Look) -> None:
    """A nominated file is taken as it is; an address that names none is left out."""
    (found,) = look.at(SourceKind.URLS, "https://files.test/demo-1.0.zip#sha256=" + "a" * 64).found
    assert found.mentions[0].claims_sha256
    assert told(look.at(SourceKind.URLS, "https://files.test/"))["nominated-no-file"]


def test_what_only_pip_saw_is_told(look: Look) -> None:
    """A link that only pip saw is no file of the plan, and the plan says why; those of other projects are not told."""
    look.outside.put_page("https://home.test/", "<a href='demo-1.0.zip/'>a</a><a href='other-1.0.zip/'>b</a>")
    discovery = look.at(SourceKind.HOMEPAGE, "https://home.test/")
    assert [(one.url, one.code) for one in discovery.left_out] == [
        ("https://home.test/demo-1.0.zip/", "only-pip")
    ]
    assert discovery.found == ()


def test_a_place_that_cannot_be_looked_at(look: Look) -> None:
    """Why a place is not looked at is told, and nothing is asked."""
    discovery = look.at(SourceKind.GITHUB, "https://github.com/octo/demo", obstacle="The token is lost.")
    assert told(discovery) == {"source-unreadable": "The token is lost."}
    assert look.outside.asked == []


def test_bounds_of_links_and_bytes(look: Look) -> None:
    """Past the bound of links a list is not read on; past the bound of bytes no page is asked for."""
    url = "http://forge.test/api/v1/repos/me/demo/releases?limit=30"
    full = [
        gitea_release("http://forge.test", f"1.{number}", [f"demo-1.{number}.tar.gz"]) for number in range(30)
    ]
    look.outside.put(url, json_answer(full))
    look.limits = CrawlLimits(links=10)
    discovery = look.at(SourceKind.GITEA, "http://forge.test/me/demo")
    assert (len(discovery.found), look.outside.asked) == (10, [url])
    assert "too-many-links" in told(discovery)
    look.limits = CrawlLimits(all_bytes=10)
    discovery = look.at(SourceKind.GITEA, "http://forge.test/me/demo")
    assert "too-many-pages" in told(discovery)


def test_two_sources_of_one_file(look: Look) -> None:
    """What the filters of one source leave out, and another wants, is wanted; both mention it."""
    for host in ("one", "two"):
        look.outside.put_page(f"https://{host}.test/", "<a href=https://files.test/demo-1.0.zip>x</a>")
    places = [
        Place(SourceKind.FIND_LINKS, "https://one.test/", filters=Filters(versions=">1")),
        Place(SourceKind.FIND_LINKS, "https://two.test/"),
    ]
    discovery = discover(OutsideFetcher(look.outside), InProcess(), places, DEMO)
    assert len(discovery.found[0].mentions) == 2
    assert told(discovery)["filtered"]


def test_redirected_index_and_errors(look: Look) -> None:
    """A page that moved is read where it is; JSON that broke is told."""
    look.outside.put(f"{INDEX}demo/", redirect("https://new.test/simple/demo/"))
    look.outside.put_page("https://new.test/simple/demo/", "<a href=../../f/demo-1.0.zip>x</a>")
    (found,) = look.at(SourceKind.INDEX, INDEX).found
    assert found.taken.candidate.url == "https://new.test/f/demo-1.0.zip"
    look.outside.put(f"{INDEX}demo/", Answer(body=json.dumps({"a": 1}).encode(), content_type=SIMPLE_JSON))
    assert problems(look.at(SourceKind.INDEX, INDEX))[0][0] == "page-incomplete"
    look.outside.put(f"{INDEX}demo/", page("<a href=/demo-1.0.zip>x</a>", status=404))
    assert names(look.at(SourceKind.INDEX, INDEX)) == ["demo-1.0.zip"]


def test_pages_that_are_read_once(look: Look) -> None:
    """A page that another place was read from is not asked for again, whatever kind names it."""
    look.outside.put_page("https://a.test/", "<a href=demo-1.0.zip>x</a>")
    kinds = (SourceKind.FIND_LINKS, SourceKind.LISTING, SourceKind.INDEX, SourceKind.FIND_LINKS)
    places = [Place(kind, "https://a.test/") for kind in kinds]
    places.append(Place(SourceKind.BUCKET, "https://a.test/?list-type=2&encoding-type=url"))
    places.append(Place(SourceKind.BUCKET, "https://a.test/"))
    look.outside.put_page("https://a.test/?list-type=2&encoding-type=url", "")
    discovery = discover(OutsideFetcher(look.outside), InProcess(), places, DEMO)
    assert len(discovery.visited) == 2
    assert len(discovery.found) == 1


def test_facts_of_several_places(look: Look) -> None:
    """What the place that proves most leaves open is filled by what another says."""
    file = "https://files.test/demo-1.0.zip"
    look.outside.put_page("https://home.test/", f"<a href={file}#sha256={'a' * 64}>x</a>")
    look.outside.put_page("https://i.test/simple/demo/", f"<a href={file} data-requires-python='>=3'>x</a>")
    places = [
        Place(SourceKind.HOMEPAGE, "https://home.test/"),
        Place(SourceKind.INDEX, "https://i.test/simple/"),
    ]
    (found,) = discover(OutsideFetcher(look.outside), InProcess(), places, DEMO).found
    assert found.mentions[0].found_on == "https://home.test/"
    assert found.facts.requires_python == ">=3"


def test_an_index_at_no_address(look: Look) -> None:
    """What is no URL is refused as one, whatever kind it is said to be; links that are none lead nowhere."""
    for kind in (SourceKind.INDEX, SourceKind.LISTING):
        assert problems(look.at(kind, "http://[x/"))[0][0] == "url-refused"
    look.outside.put_page("https://a.test", "<a href='http://[x/demo/'>x</a><a href=demo/>d</a>")
    look.outside.put_page("https://a.test/demo/", "<a href=demo-1.0.zip>x</a>")
    assert names(look.at(SourceKind.INDEX, "https://a.test")) == ["demo-1.0.zip"]


def test_a_rate_limit_that_never_ends(look: Look) -> None:
    """A moment that no calendar knows is not told."""
    headers = (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "999999999999"))
    look.outside.put(API, json_answer({}, *headers, status=429))
    ((_, problem),) = problems(look.at(SourceKind.GITHUB, "https://github.com/octo/demo"))
    assert "answers no more requests:" in problem


def test_an_index_that_leads_to_the_project_elsewhere(look: Look) -> None:
    """A project's page under another spelling is read as what the index led to, and is worth no more than that."""
    look.outside.put_page("http://i.test/pypi/", "<a href=Demo/>Demo</a>")
    look.outside.put_page("http://i.test/pypi/Demo/", "<a href=demo-1.0.zip>x</a>")
    discovery = look.at(SourceKind.INDEX, "http://i.test/pypi/")
    assert names(discovery) == ["demo-1.0.zip"]
    led_by = discovery.visited[1].place.led_by
    assert led_by is not None
    assert led_by.fetched.url == "http://i.test/pypi/"
