"""An upload's body, taken in as it arrives: fields into memory within a bound, the file straight to the store.

Multipart is decoded by werkzeug's sans-IO decoder, which accepts what old clients send: bare LF line ends, a
preamble, parts without a type (standards B.2).
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData

from homeport.api.stream import moving_chunks
from homeport.domain.errors import Invalid, TooLarge
from homeport.ports.blobs import Incoming

MAX_FIELD_BYTES = 8 * 1024 * 1024
MAX_PARTS = 5_000
MAX_SIGNATURE_BYTES = 64 * 1024
_WRITE_AT = 256 * 1024
# RFC 2046 §5.1.1, laxer in the characters: distutils and browsers quote none.
_BOUNDARY = re.compile(r"[ -~]{0,69}[!-~]")


@dataclass(slots=True)
class ReceivedForm:
    """The form: every field's values in order, and the name the file was sent under (``None``: no file)."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    filename: str | None = None


async def receive_form(request: Request, incoming: Incoming) -> ReceivedForm:
    """The form in ``request``; the bytes of its ``content`` part are in ``incoming`` afterwards.

    Raises ``Invalid`` for a body that is no form and ``TooLarge`` past a bound.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == "application/x-www-form-urlencoded":
        return await _urlencoded(request)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not _BOUNDARY.fullmatch(boundary):
        raise Invalid(
            f"The body is {kind or 'of no type'!r}: multipart/form-data with a boundary of 1 to 70 ASCII characters "
            "is wanted.",
            code="form-type",
        )
    return await _Reader(incoming, boundary).read(request)


async def _urlencoded(request: Request) -> ReceivedForm:
    body = bytearray()
    async for chunk in moving_chunks(request):
        body += chunk
        if len(body) > MAX_FIELD_BYTES:
            raise _fields_too_large()
    form = ReceivedForm()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_PARTS)
    except (ValueError, UnicodeDecodeError):
        raise Invalid(
            "The form cannot be read: it is not UTF-8, or has too many fields.", code="form-broken"
        ) from None
    for name, value in pairs:
        form.fields.setdefault(name, []).append(value)
    return form


class _Reader:
    """One multipart body on its way in."""

    def __init__(self, incoming: Incoming, boundary: str) -> None:
        self._incoming = incoming
        self._decoder = MultipartDecoder(boundary.encode("ascii"), MAX_FIELD_BYTES, max_parts=MAX_PARTS)
        self._form = ReceivedForm()
        self._field_bytes = 0
        self._text = bytearray()
        self._pending = bytearray()
        self._part: Field | File | None = None
        self._signature_bytes = 0

    async def read(self, request: Request) -> ReceivedForm:
        """Everything, to the closing boundary."""
        try:
            async for chunk in moving_chunks(request):
                if chunk:
                    self._decoder.receive_data(chunk)
                    await self._events(self._write)
        except RequestEntityTooLarge:
            raise _fields_too_large() from None
        except ValueError as error:
            raise Invalid(f"The form cannot be read: {error}.", code="form-broken") from None
        return self._whole()

    def _whole(self) -> ReceivedForm:
        # Only the end of the body shows the decoder that nothing is missing before it.
        self._decoder.receive_data(None)
        try:
            self._decoder.next_event()
        except ValueError:
            raise Invalid("The form ends before its closing boundary.", code="form-broken") from None
        return self._form

    async def _events(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        while not isinstance(event := self._decoder.next_event(), NeedData):
            if isinstance(event, File):
                self._begin_file(event)
            elif isinstance(event, Field):
                self._begin_field(event)
            elif isinstance(event, Data):
                await self._data(event, write)

    def _begin_field(self, part: Field) -> None:
        if not isinstance(part.name, str):
            raise Invalid("The form has a part without a name.", code="form-broken")
        self._part = part

    def _begin_file(self, part: File) -> None:
        if part.name not in {"content", "gpg_signature"}:
            raise Invalid(
                f"The form has a file in {part.name!r}: only content may be a file.", code="form-file"
            )
        if part.name == "content":
            if self._form.filename is not None:
                raise Invalid("The form has two content parts: upload one file at a time.", code="form-file")
            self._form.filename = part.filename
        self._part = part

    async def _data(self, event: Data, write: Callable[[bytes], Awaitable[None]]) -> None:
        part = self._part
        if isinstance(part, File):
            if part.name == "content":
                self._pending += event.data
                if len(self._pending) >= _WRITE_AT or not event.more_data:
                    data, self._pending = bytes(self._pending), bytearray()
                    await write(data)
                return
            # Old clients may send a signature; it is neither checked nor published (standards B.1).
            self._signature_bytes += len(event.data)
            if self._signature_bytes > MAX_SIGNATURE_BYTES:
                raise TooLarge(
                    f"gpg_signature is larger than {MAX_SIGNATURE_BYTES:,} bytes.", code="form-too-large"
                )
            return
        self._field_bytes += len(event.data)
        if self._field_bytes > MAX_FIELD_BYTES:
            raise _fields_too_large()
        self._text += event.data
        if not event.more_data and part is not None:
            text, self._text = self._text.decode("utf-8", "replace"), bytearray()
            self._form.fields.setdefault(part.name, []).append(text)

    async def _write(self, data: bytes) -> None:
        await run_in_threadpool(self._incoming.write, data)


def _fields_too_large() -> TooLarge:
    return TooLarge(
        f"The form's fields are more than {MAX_FIELD_BYTES:,} bytes or {MAX_PARTS:,} parts.",
        code="form-too-large",
    )
