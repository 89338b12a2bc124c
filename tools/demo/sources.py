"""Four places where maintainers publish, each pointed at, previewed, planned, watched, and brought home.

A forge's releases, a vendor's flat page of wheels, a large index with folders and local versions, and a home page of
2005. What comes out of each is a project as the standards want it.
"""

from pathlib import Path
from typing import Any

from tools.demo import outside
from tools.demo.stage import DidNotHold, Index, Story, homeport

MORAL = "[green]Every step held.[/green] Wherever the files were, installers ask one index now."
_ALLOWED = "127.0.0.2:*,127.0.0.3:*,127.0.0.4:*,127.0.0.5:*"
# The places are this machine's own, so nobody is troubled; elsewhere a second lies between two requests to a host.
_SETTINGS = {"HOMEPORT_CRAWL_PACE": "0.05"}


def play_sources(story: Story, folder: Path) -> None:
    """Every step, in order."""
    with (
        outside.served("127.0.0.2", outside.forge) as forge,
        outside.served("127.0.0.3", outside.flat_page) as flat,
        outside.served("127.0.0.4", outside.large_index) as large,
        outside.served("127.0.0.5", outside.old_home_page) as home,
        homeport(folder, _ALLOWED, _SETTINGS) as index,
    ):
        index.run("user", "add", "ada", "--email", "ada@example.org")
        with story.step("A forge's releases: tags, digests, a draft, a pre-release") as told:
            url = forge.url("/repos/acme/lark/releases")
            index.run("source", "try", "github", url, "--project", "lark", "--newest", "3")
            bring_home(index, "lark", "github", url, "--newest", "2")
            told.append(f"{whole(index, 'lark')} files of the 2 newest; draft and pre-release stay outside")
        with story.step("A flat page of wheels of many projects, with SHA256SUMS beside it") as told:
            url = flat.url("/wheels/")
            bring_home(index, "wren", "find-links", url)
            told.append(f"{whole(index, 'wren')} files, and none of the page's other projects")
        with story.step("A large index: 2,000 wheels are shown at once, fetched is what is kept") as told:
            told.append(keep_some(index, large.url("/whl/cpu/")))
        with story.step("A home page of 2005, read as easy_install read it") as told:
            bring_home(index, "finch", "homepage", home.url("/~me/finch/"))
            index.run("project", "origin", "finch", "finch-0.9.tar.gz")
            told.append(f"{whole(index, 'finch')} files; eggs and installers are told of, and stay outside")
        with story.step("The places know who asked, and were asked politely") as told:
            told.append(asked_politely((forge, flat, large, home)))
        with story.step("The ledger tells it all, and proves it") as told:
            told.append(f"{index.json('ledger', 'verify')['entries']} entries, every hash holds")
            index.run("verify")


def bring_home(index: Index, project: str, kind: str, url: str, *filters: str) -> None:
    """Point the project at the place, plan, and agree to what was found."""
    index.run("project", "create", project, "--owner", "ada", "--mode", "pypi-cache")
    index.run("source", "add", project, kind, url, *filters)
    index.run("plan", project)
    index.run("rehost", "accept", newest_rehost(index, project), "--basis", "author")


def keep_some(index: Index, url: str) -> str:
    """Of thousands of wheels, the newest version for one platform comes home."""
    index.run("project", "create", "owl", "--owner", "ada", "--mode", "pypi-cache")
    index.run("source", "add", "owl", "index", url)
    index.run("plan", "owl")
    rehost = newest_rehost(index, "owl")
    listed = items_of(index, rehost)
    if len(listed) < 1_900 or any(item["bytes"] != "listed" for item in listed):  # noqa: PLR2004
        raise DidNotHold("The large plan was to be shown before anything is fetched.")
    index.run("rehost", "fetch", rehost, "--only", "owl-2.24.1*manylinux_2_28_x86_64.whl")
    index.run("rehost", "accept", rehost, "--basis", "licence")
    return f"{len(listed):,} wheels seen, {whole(index, 'owl')} kept and hosted"


def newest_rehost(index: Index, project: str) -> str:
    """The id of the project's newest rehost."""
    return str(max(rehost["id"] for rehost in index.json("rehost", "list", project)))


def items_of(index: Index, rehost: str) -> list[dict[str, Any]]:
    """The items of a plan."""
    items: list[dict[str, Any]] = index.json("rehost", "show", rehost)["items"]
    return items


def whole(index: Index, project: str) -> int:
    """How many files installers are given; each with everything the standards ask for."""
    page = index.page(project)
    for file in page["files"]:
        missing = [key for key in ("size", "upload-time", "url") if not file.get(key)]
        if missing or len(file["hashes"].get("sha256", "")) != 64 or not file["url"].startswith("/files/"):  # noqa: PLR2004
            raise DidNotHold(f"{file['filename']} is not told of as the standards want it: {file}")
        if file["filename"].endswith(".whl") and not file.get("core-metadata"):
            raise DidNotHold(f"{file['filename']} has no core metadata.")
    if not page["files"]:
        raise DidNotHold(f"Nothing of {project} came home.")
    return len(page["files"])


def asked_politely(places: tuple[outside.Place, ...]) -> str:
    """No place was asked twice for one file."""
    for place in places:
        fetched = [request for request in place.requests if request.startswith("GET") and ".whl" in request]
        if len(fetched) != len(set(fetched)):
            raise DidNotHold(f"{place.authority} was asked for a file twice.")
    return ", ".join(f"{place.authority}: {len(place.requests)} requests" for place in places)
