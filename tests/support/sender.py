"""Somebody who sends one wheel of one project, in every way that a form can be right or wrong."""

from collections.abc import Sequence

from tests.support.archives import make_wheel
from tests.support.forms import FilePart, form_headers, multipart, upload_fields
from tests.support.index import Index, Reply


class Sender:
    """Sends ``filename`` of ``project`` with one token; ``changes`` are of the form's fields."""

    def __init__(self, index: Index, project: str, token: str) -> None:
        self.index, self.project, self.token = index, project, token
        self.filename = f"{project}-1.0-py3-none-any.whl"
        self.data = make_wheel(project)

    def fields(self, **changes: str | None) -> list[tuple[str, str]]:
        """The fields of a good form, changed."""
        return upload_fields(self.filename, self.data, **changes)

    @property
    def content(self) -> FilePart:
        """The file."""
        return FilePart(self.filename, self.data)

    def send(self, body: bytes, path: str = "/legacy/", **headers: str) -> Reply:
        """Post a body as this form."""
        return self.index.request("POST", path, body, form_headers(self.token) | headers)

    def upload(self, **changes: str | None) -> Reply:
        """Post the form, changed."""
        return self.send(multipart(self.fields(**changes), [self.content]))

    def upload_fields(self, fields: Sequence[tuple[str, str]]) -> Reply:
        """Post the form with exactly these fields."""
        return self.send(multipart(fields, [self.content]))

    def upload_files(self, *files: FilePart) -> Reply:
        """Post the form with other files."""
        return self.send(multipart(self.fields(), files))

    def upload_data(self, data: bytes, **changes: str | None) -> Reply:
        """Post other bytes under the file's name."""
        fields = upload_fields(self.filename, data, **changes)
        return self.send(multipart(fields, [FilePart(self.filename, data)]))

    def require_hosted(self, reply: Reply) -> None:
        """It was taken, and is hosted with its own bytes."""
        assert reply.status == 200, reply.text
        url = self.index.simple(self.project)[self.filename]["url"].removeprefix(self.index.url)
        assert self.index.request("GET", url).body == self.data

    def require_refused(self, reply: Reply, status: int, *words: str) -> None:
        """It was refused in these words; nothing of it is visible, or kept."""
        assert reply.status == status, reply.text
        for word in words:
            assert word in reply.text
        assert self.index.request("GET", f"/simple/{self.project}/").status == 404
        assert self.index.incoming() == []
