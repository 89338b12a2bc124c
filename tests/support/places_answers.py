"""What places answer, built to look like, and be as large as, what they answer in the wild."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from tests.support.outside import Answer

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


def sha256_of(name: str) -> str:
    """A digest that belongs to the name."""
    return hashlib.sha256(name.encode()).hexdigest()


def json_answer(value: object, *headers: tuple[str, str], status: int = 200, kind: str = "json") -> Answer:
    """A JSON answer of an API."""
    return Answer(status, json.dumps(value).encode(), f"application/{kind}; charset=utf-8", headers)


def wheel(project: str, version: str, number: int) -> str:
    """One of many wheels of a version."""
    python, platform = 8 + number, ("manylinux_2_28_x86_64", "macosx_11_0_arm64", "win_amd64")[number % 3]
    return f"{project}-{version}-cp3{python}-cp3{python}-{platform}.whl"


def github_asset(repo: str, tag: str, name: str, number: int) -> dict[str, Any]:
    """An asset with everything GitHub says of it."""
    api = f"https://api.github.com/repos/{repo}/releases/assets/{number}"
    uploader = {
        key: f"https://api.github.com/users/octo-builder/{key}"
        for key in (
            "url", "html_url", "followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url",
            "organizations_url", "repos_url", "events_url", "received_events_url", "avatar_url",
        )
    }  # fmt: skip
    return {
        "url": api,
        "id": number,
        "node_id": f"RA_kwDOA{number:08d}",
        "name": name,
        "label": "",
        "uploader": {"login": "octo-builder", "id": 1, "type": "Bot", "site_admin": False, **uploader},
        "content_type": "application/octet-stream",
        "state": "uploaded",
        "size": 1_000_000 + number,
        "digest": f"sha256:{sha256_of(name)}",
        "download_count": 7,
        "created_at": "2026-05-04T03:02:01Z",
        "updated_at": "2026-05-04T03:02:02Z",
        "browser_download_url": f"https://github.com/{repo}/releases/download/{tag}/{name.replace('+', '%2B')}",
    }


def github_release(repo: str, version: str, assets: Sequence[str], **changes: object) -> dict[str, Any]:
    """A release with its assets."""
    tag = f"v{version}"
    return {
        "url": f"https://api.github.com/repos/{repo}/releases/1",
        "html_url": f"https://github.com/{repo}/releases/tag/{tag}",
        "id": abs(hash(version)) % 10**8,
        "tag_name": tag,
        "name": tag,
        "draft": False,
        "prerelease": False,
        "created_at": "2026-05-04T03:00:00Z",
        "published_at": "2026-05-04T03:05:00Z",
        "tarball_url": f"https://api.github.com/repos/{repo}/tarball/{tag}",
        "zipball_url": f"https://api.github.com/repos/{repo}/zipball/{tag}",
        "body": "## What's changed\r\n" + "* A change by @somebody in #1\r\n" * 20,
        "assets": [github_asset(repo, tag, name, number) for number, name in enumerate(assets, 1)],
        **changes,
    }


def github_page(repo: str, versions: Iterable[str], assets: int) -> list[dict[str, Any]]:
    """A page of releases, each of so many assets: wheels and their signatures."""
    project = repo.rpartition("/")[2]
    return [
        github_release(repo, version, [wheel(project, version, number) for number in range(assets)])
        for version in versions
    ]


def gitlab_release(base: str, version: str, names: Sequence[str], **changes: object) -> dict[str, Any]:
    """A release of a GitLab project with links to its generic packages."""
    links = [
        {
            "id": number,
            "name": name if number % 2 else f"Build {number}",
            "url": f"{base}/api/v4/projects/7/packages/generic/demo/{version}/{name}",
            "direct_asset_url": f"{base}/group/demo/-/releases/v{version}/downloads/{name}",
            "link_type": "package",
        }
        for number, name in enumerate(names, 1)
    ]
    sources = [
        {"format": kind, "url": f"{base}/group/demo/-/archive/v{version}/demo-v{version}.{kind}"}
        for kind in ("zip", "tar.gz", "tar.bz2", "tar")
    ]
    return {
        "name": f"Demo {version}",
        "tag_name": f"v{version}",
        "description": "Notes " * 100,
        "created_at": "2026-01-03T01:56:19.539Z",
        "released_at": "2026-01-03T01:56:19.539Z",
        "upcoming_release": False,
        "author": {"id": 1, "username": "root", "web_url": f"{base}/root"},
        "commit": {"id": "2695effb5807a22ff3d138d593fd856244e155e7", "title": "Initial commit"},
        "assets": {"count": len(links) + 4, "sources": sources, "links": links},
        "evidences": [{"sha": sha256_of(version), "filepath": f"{base}/evidence.json"}],
        **changes,
    }


def gitea_release(base: str, version: str, names: Sequence[str], **changes: object) -> dict[str, Any]:
    """A release of a Gitea repository."""
    return {
        "id": 1,
        "tag_name": f"v{version}",
        "target_commitish": "main",
        "name": version,
        "body": "Notes",
        "url": f"{base}/api/v1/repos/me/demo/releases/1",
        "tarball_url": f"{base}/me/demo/archive/v{version}.tar.gz",
        "zipball_url": f"{base}/me/demo/archive/v{version}.zip",
        "draft": False,
        "prerelease": False,
        "created_at": "2026-01-03T01:56:19+01:00",
        "assets": [
            {
                "id": number,
                "name": name,
                "size": 4_000 + number,
                "download_count": 1,
                "created_at": "2026-01-03T01:57:00+01:00",
                "uuid": "3a0b4a4c-0000-4000-8000-000000000000",
                "browser_download_url": f"{base}/me/demo/releases/download/v{version}/{name}",
            }
            for number, name in enumerate(names, 1)
        ],
        **changes,
    }


def pytorch_page(project: str, wheels: int) -> str:
    """A project's page as download.pytorch.org writes it: one wheel for each platform folder, local versions."""
    folders = ("cpu", "cu118", "cu126", "rocm6.3", "xpu")
    lines = []
    for number in range(wheels):
        folder, version = folders[number % 5], f"2.{number // 60}.{number % 12}"
        name = wheel(project, f"{version}+{folder}", number)
        metadata = f' data-dist-info-metadata="sha256={sha256_of("m" + name)}"' if number % 2 else ""
        href = f"../{folder}/{name.replace('+', '%2B')}#sha256={sha256_of(name)}"
        lines.append(f'    <a href="{href}" data-requires-python="&gt;=3.9"{metadata}>{name}</a><br/>')
    head = f"<!DOCTYPE html>\n<html>\n  <body>\n    <h1>Links for {project}</h1>\n"
    return f"{head}{chr(10).join(lines)}\n  </body>\n</html>\n<!--TIMESTAMP 1767225600-->"


def simple_json(project: str, base: str, files: Iterable[str], **changes: object) -> dict[str, Any]:
    """A project's page as devpi and PyPI write it in JSON."""
    return {
        "meta": {"api-version": "1.3", "_last-serial": 12},
        "name": project,
        "versions": ["1.0"],
        "files": [
            {
                "filename": name,
                "url": f"{base}/{sha256_of(name)[:3]}/{name.replace('+', '%2B')}",
                "hashes": {"sha256": sha256_of(name)},
                "requires-python": ">=3.9",
                "size": 1_000 + number,
                "upload-time": "2026-02-03T04:05:06.789012Z",
                "yanked": False,
                "core-metadata": {"sha256": sha256_of("m" + name)},
                "provenance": f"{base}/integrity/{name}/provenance",
            }
            for number, name in enumerate(files)
        ],
        **changes,
    }


def bucket_page(keys: Iterable[str], token: str = "", *, name: str = "wheels") -> str:
    """A page of ListObjectsV2."""
    contents = "".join(
        f"<Contents><Key>{key.replace('+', '%2B')}</Key><LastModified>2026-03-04T05:06:07.000Z</LastModified>"
        f"<ETag>&quot;{'0' * 32}&quot;</ETag><Size>{1_000 + number}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for number, key in enumerate(keys)
    )
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>{name}</Name><Prefix></Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys>"
        f"<EncodingType>url</EncodingType><IsTruncated>{'true' if token else 'false'}</IsTruncated>{more}{contents}"
        "</ListBucketResult>"
    )


def apache_listing(folder: str, names: Iterable[str]) -> str:
    """A directory listing of Apache: a table, links that sort it, and one upwards."""
    rows = "".join(
        f'<tr><td><img src="/icons/{"folder" if name.endswith("/") else "unknown"}.gif" alt="[   ]"></td>'
        f'<td><a href="{name}">{name}</a></td><td align="right">2026-01-02 03:04  </td><td align="right">1.2M</td></tr>\n'
        for name in names
    )
    heads = "".join(f'<th><a href="?C={column};O=A">{column}</a></th>' for column in "NMSD")
    return (
        f"<html><head><title>Index of {folder}</title></head><body><h1>Index of {folder}</h1><table><tr>{heads}</tr>"
        f'<tr><td><a href="{folder.rstrip("/").rpartition("/")[0]}/">Parent Directory</a></td></tr>{rows}</table></body></html>'
    )


def nginx_listing(folder: str, names: Iterable[str]) -> str:
    """A directory listing of nginx."""
    rows = "".join(f'<a href="{name}">{name}</a>       02-Jan-2026 03:04     12345\r\n' for name in names)
    return f'<html><head><title>Index of {folder}</title></head>\r\n<body><h1>Index of {folder}</h1><hr><pre><a href="../">../</a>\r\n{rows}</pre><hr></body></html>'


def caddy_listing(folder: str, names: Iterable[str]) -> str:
    """A directory listing of caddy: links that begin with a dot."""
    rows = "".join(
        f'<tr class="file"><td></td><td><a href="./{name}"><svg class="icon"></svg><span class="name">{name}</span></a></td>'
        f'<td class="size" data-size="12345"><div class="sizebar"><div class="sizebar-text">12 KiB</div></div></td></tr>'
        for name in names
    )
    return f'<!DOCTYPE html><html><head><title>{folder}</title></head><body><a href="..">Up</a><a href="./?sort=name&order=desc">Name</a><table>{rows}</table></body></html>'
