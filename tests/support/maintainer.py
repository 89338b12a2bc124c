"""Somebody who brings a project home through the JSON API."""

import time
from dataclasses import dataclass
from typing import Any

from tests.support.index import Index, Reply


def begin(index: Index, token: str, project: str, *sources: str) -> None:
    """A pypi-cache project with these pages as its home pages."""
    assert index.api("POST", "/projects", token, name=project, mode="pypi-cache").status == 201
    for url in sources:
        reply = index.api("POST", f"/projects/{project}/sources", token, kind="homepage", url=url)
        assert reply.json() == {"added": True}


@dataclass(frozen=True)
class Maintainer:
    """Somebody who brings a project home through the JSON API."""

    index: Index
    token: str
    project: str

    def plan(self, version: str = "") -> dict[str, Any]:
        """Ask for a plan, and poll until it is made."""
        body = {"version": version} if version else {}
        started = self.index.api("POST", f"/projects/{self.project}/rehosts", self.token, **body)
        assert started.status == 202, started.text
        return self.finished(started.json()["id"])

    def finished(self, rehost: int) -> dict[str, Any]:
        """The rehost as soon as no worker is at it."""
        deadline = time.monotonic() + 60
        while True:
            shown: dict[str, Any] = self.show(rehost).json()
            if shown["state"] not in {"planning", "consented", "publishing"}:
                return shown
            assert time.monotonic() < deadline, shown
            time.sleep(0.1)

    def show(self, rehost: int) -> Reply:
        """The rehost as it stands."""
        return self.index.api("GET", f"/rehosts/{rehost}", self.token)

    def accept(self, plan: dict[str, Any], **more: Any) -> Reply:
        """Agree to the plan that was shown."""
        body = {"plan_digest": plan["plan_digest"], "basis": "author"} | more
        return self.index.api("POST", f"/rehosts/{plan['id']}/accept", self.token, **body)

    def do(self, what: str, rehost: int) -> Reply:
        """Refuse, retry or withdraw."""
        return self.index.api("POST", f"/rehosts/{rehost}/{what}", self.token)
