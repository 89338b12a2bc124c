"""The JSON of ``/pypi/<name>/json`` and ``/pypi/<name>/<version>/json``, written (standards A.15).

1. The keys are PyPI's, all of them, whether or not there is something to say: clients index without asking.
2. URLs are absolute. A file's path begins with ``/packages/`` and holds its digest in three pieces: bandersnatch
   takes no other beginning, and puts files into folders by that path, which must not be one for all.
3. What is counted nowhere is -1, as on PyPI.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from homeport.domain.metadata import CoreMetadata
from homeport.domain.release import HostedFile
from homeport.domain.release_page import ReleasedVersion, ReleasePage, python_version

_UNCOUNTED = -1


@dataclass(frozen=True, slots=True)
class PypiJson:
    """Writes for an index at ``base_url``, which has no final slash."""

    base_url: str

    def project(self, page: ReleasePage) -> bytes:
        """``/pypi/<name>/json``."""
        releases = {one.version: self.files(one) for one in page.versions}
        return _written({**self._release(page), "releases": releases})

    def release(self, page: ReleasePage) -> bytes:
        """``/pypi/<name>/<version>/json``."""
        return _written(self._release(page))

    def info(self, page: ReleasePage) -> dict[str, Any]:
        """What is said of the release itself."""
        metadata, version = page.metadata, page.release.version
        project_url = self.project_url(page.project.name.normalized)
        return {
            "author": metadata.author,
            "author_email": metadata.author_email,
            "bugtrack_url": None,
            "classifiers": list(metadata.classifiers),
            "description": metadata.description,
            "description_content_type": metadata.description_content_type or None,
            "docs_url": None,
            "download_url": metadata.download_url,
            "downloads": dict.fromkeys(("last_day", "last_month", "last_week"), _UNCOUNTED),
            "dynamic": list(metadata.dynamic) or None,
            "home_page": metadata.home_page,
            "keywords": metadata.keywords,
            "license": metadata.license,
            "license_expression": metadata.license_expression or None,
            "license_files": list(metadata.license_files) or None,
            "maintainer": metadata.maintainer,
            "maintainer_email": metadata.maintainer_email,
            "name": page.project.name.display,
            "package_url": project_url,
            "platform": ",".join(metadata.platforms) or None,
            "project_url": project_url,
            "project_urls": _project_urls(metadata) or None,
            "provides_extra": list(metadata.provides_extra) or None,
            "release_url": self.release_url(page.project.name.normalized, version),
            "requires_dist": list(metadata.requires_dist) or None,
            "requires_python": metadata.requires_python or None,
            "summary": metadata.summary,
            "version": version,
            "yanked": page.release.yanked is not None,
            "yanked_reason": page.release.yanked or None,
        }

    def files(self, released: ReleasedVersion) -> list[dict[str, Any]]:
        """The files of one version."""
        return [self._file(file) for file in released.files]

    def project_url(self, normalized: str) -> str:
        """The project's page."""
        return f"{self.base_url}/project/{normalized}/"

    def release_url(self, normalized: str, version: str) -> str:
        """The release's place on it."""
        return f"{self.project_url(normalized)}#{quote(version, safe='+!')}"

    def _release(self, page: ReleasePage) -> dict[str, Any]:
        return {
            "info": self.info(page),
            "last_serial": page.project.serial,
            "ownership": {
                "organization": None,
                "roles": [{"role": role.capitalize(), "user": user} for role, user in page.maintainers],
            },
            "urls": self.files(page.release),
            "vulnerabilities": [],
        }

    def _file(self, file: HostedFile) -> dict[str, Any]:
        digests = file.digests
        return {
            "comment_text": "",
            "core-metadata": {"sha256": file.metadata_sha256.hex} if file.metadata_sha256 else False,
            "digests": {
                "blake2b_256": digests.blake2b_256,
                "md5": digests.md5,
                "sha256": digests.sha256.hex,
            },
            "downloads": _UNCOUNTED,
            "filename": file.filename,
            "has_sig": False,
            "md5_digest": digests.md5,
            "packagetype": file.kind.value,
            "python_version": python_version(file.filename),
            "requires_python": file.requires_python or None,
            "size": file.size_bytes,
            "upload_time": _moment(file.published_at, "seconds"),
            "upload_time_iso_8601": f"{_moment(file.published_at, 'microseconds')}Z",
            "url": f"{self.base_url}{mirrored_path(file)}",
            "yanked": file.yanked is not None,
            "yanked_reason": file.yanked or None,
        }


def mirrored_path(file: HostedFile) -> str:
    """The path of a file below which mirrors keep it."""
    sha256 = file.digests.sha256.hex
    return f"/packages/{sha256[:2]}/{sha256[2:4]}/{sha256[4:]}/{quote(file.filename, safe='+!')}"


def stats_json(total_bytes: int, largest: Mapping[str, int]) -> bytes:
    """``/stats/``."""
    top = {name: {"size": size} for name, size in largest.items()}
    return _written({"total_packages_size": total_bytes, "top_packages": top})


def _project_urls(metadata: CoreMetadata) -> dict[str, str]:
    # The labels that Warehouse gives to the fields of metadata 1; a label of the project's own wins.
    fields = {"Download": metadata.download_url, "Homepage": metadata.home_page}
    return {label: url for label, url in (fields | dict(metadata.project_urls)).items() if url}


def _moment(moment: datetime, to: str) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=to)


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii")
