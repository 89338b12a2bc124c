"""The fixture set of standards F, on the shared index, once for all checks; and its pages, read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.journeys.checks.pages import JSON, TEXT_HTML, Document, read_html, read_json
from tests.journeys.checks.stock import READABLE, Stock, put_stock, wheel
from tests.journeys.conftest import PASSWORD, People
from tests.support.forms import FilePart, basic, form_headers, multipart, upload_fields
from tests.support.http_site import serve
from tests.support.index import Index, running
from tests.support.outside import Outside


@pytest.fixture(scope="session")
def stock(shared: Index, people: People) -> Iterator[Stock]:
    """The projects, and the site where some of their files lie, which answers as long as the checks run."""
    outside = Outside()
    with serve(outside) as site:
        yield put_stock(shared, people.ada, outside, site.base_url)


@pytest.fixture(scope="session")
def json_list(stock: Stock) -> dict[str, Any]:
    """``/simple/`` as JSON."""
    read: dict[str, Any] = read_json(stock.get("/simple/", JSON).body)
    return read


@pytest.fixture(scope="session")
def json_pages(stock: Stock) -> dict[str, dict[str, Any]]:
    """Every page of the set as JSON, by project."""
    return {name: read_json(stock.page(name, JSON).body) for name in READABLE}


@pytest.fixture(scope="session")
def html_list(stock: Stock) -> Document:
    """``/simple/`` as HTML."""
    return read_html("/simple/", stock.get("/simple/", TEXT_HTML).body)


@pytest.fixture(scope="session")
def html_pages(stock: Stock) -> dict[str, Document]:
    """Every page of the set as HTML, by project."""
    return {name: read_html(f"/simple/{name}/", stock.page(name, TEXT_HTML).body) for name in READABLE}


@dataclass(frozen=True)
class Closed:
    """An index that asks everybody to sign in, with a project ``wren`` and a user ``ada``."""

    index: Index
    password: str


@pytest.fixture(scope="session")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    """A private index."""
    with running(tmp_path_factory.mktemp("closed"), "web", HOMEPORT_PRIVATE="yes") as index:
        account = ("user", "add", "ada", "--email", "ada@example.org", "--password-stdin")
        index.ask(*account, stdin=PASSWORD)
        filename = "wren-1.0-py3-none-any.whl"
        data = wheel(filename)
        form = multipart(upload_fields(filename, data), [FilePart(filename, data)])
        reply = index.request("POST", "/legacy/", form, form_headers("") | basic("ada", PASSWORD))
        assert reply.status == 200, reply.text
        yield Closed(index, PASSWORD)
