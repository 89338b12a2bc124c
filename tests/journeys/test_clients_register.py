"""The one modern client that still registers releases, poetry, and a registration that takes longer than it waits."""

import hashlib
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.journeys.conftest import People
from tests.support.archives import make_wheel
from tests.support.clients import require_success, said
from tests.support.http_site import listening
from tests.support.index import Index
from tests.support.old_front import old_front
from tests.support.publishers import PUBLISHERS, Workshop
from tests.support.slow_site import slowly

pytestmark = [pytest.mark.journey, pytest.mark.clients]

POETRY = PUBLISHERS["poetry 2.5.1"]
POETRY_GIVES_UP_SECONDS = 15
TAGS = ("py2", "cp39", "cp310", "cp311")


def test_poetry_registers_what_takes_long(index: Index, people: People, project: str, tmp_path: Path) -> None:
    """Poetry hangs up, is told to repeat, and at last finds everything home: one run, and every file fetched once."""
    workshop = Workshop(tmp_path, project)
    workshop.write()
    names = [workshop.wheel.name, *(f"{project}-1.0-{tag}-none-any.whl" for tag in TAGS)]
    pages = {
        f"/{name}": make_wheel(project, tag=name.split("-", 2)[2].removesuffix(".whl")) for name in names
    }
    pages[f"/{workshop.wheel.name}"] = workshop.wheel.read_bytes()
    pages["/"] = "".join(f'<a href="{name}">{name}</a>' for name in names).encode()
    go = threading.Event()
    with listening(slowly(pages, go, 10)) as site, old_front(index, project) as front:
        assert index.api("POST", "/projects", people.ada, name=project, mode="pypi-cache").status == 201
        source = {"kind": "homepage", "url": f"{site.base_url}/"}
        assert index.api("POST", f"/projects/{project}/sources", people.ada, **source).json()["added"]
        began = time.monotonic()

        # It waits for a moment only, and hangs up.
        impatient = replace(POETRY, environment={**POETRY.environment, "POETRY_REQUESTS_TIMEOUT": "2"})
        gave_up = impatient(front, workshop, people.ada)
        assert gave_up.returncode != 0, said(gave_up)
        assert "Error connecting to repository" in said(gave_up)
        assert (front.of("file_upload"), front.of("submit")) == ([400], [0])

        # It waits as long as it does by itself, and is answered before that is over.
        still = POETRY(front, workshop, people.ada)
        assert still.returncode != 0, said(still)
        assert "HTTP Error 503" in said(still)
        assert "repeat the command to attach" in said(still)
        assert front.of("submit") == [0, 503]
        assert front.passed[-1].seconds < POETRY_GIVES_UP_SECONDS < time.monotonic() - began
        assert index.hosted(project) == {}, "all or nothing"

        # From the next call on the site hurries: that is answered, and poetry sends its own file, which is hosted by then.
        front.before_submit = go.set
        require_success(POETRY(front, workshop, people.ada))
        assert front.of("submit") == [0, 503, 200]
        assert front.of("file_upload") == [400, 400, 400, 200]
        targets = [request.target for request in site.requests]
    assert index.hosted(project) == {name: hashlib.sha256(pages[f"/{name}"]).hexdigest() for name in names}
    assert sorted(targets) == sorted([*pages, "/robots.txt"]), "everything was asked for once"
    assert len(index.json("rehost", "list", project)) == 1

    # The release is there, and the command says so at once.
    with old_front(index, project) as front:
        require_success(POETRY(front, workshop, people.ada))
        assert (front.of("file_upload"), front.of("submit")) == ([200], [])
        assert front.passed[-1].seconds < POETRY_GIVES_UP_SECONDS / 2
