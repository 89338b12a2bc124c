"""Somebody else's web site, at which release files are found."""

from dataclasses import dataclass

from tests.support.archives import make_wheel
from tests.support.outside import Outside


@dataclass(frozen=True)
class Abroad:
    """Somebody else's web site on loopback."""

    outside: Outside
    url: str

    def page(self, *filenames: str, at: str = "/") -> str:
        """Put a page that links to files beside it; its URL."""
        links = "".join(f'<li><a href="{name}">{name}</a>' for name in filenames)
        self.outside.put_page(self.url + at, f"<!DOCTYPE html><title>Downloads</title><ul>{links}</ul>")
        return self.url + at

    def file(self, name: str, data: bytes) -> None:
        """Put a file at the root."""
        self.outside.put_file(f"{self.url}/{name}", data)

    def wheels(self, project: str, *versions: str) -> dict[str, bytes]:
        """Put wheels of the project, and a page that links to them at the root."""
        files = {
            f"{project}-{version}-py3-none-any.whl": make_wheel(project, version) for version in versions
        }
        for name, data in files.items():
            self.file(name, data)
        self.page(*files)
        return files
