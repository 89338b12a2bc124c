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
from homeport.domain.quota import Room
from homeport.domain.upload import Fields
from homeport.ports.blobs import Incoming

MAX_FIELD_BYTES = 8 * 1024 * 1024
MAX_PARTS = 5_000
MAX_SIGNATURE_BYTES = 64 * 1024
# How much of a body may be something else than its file, with what stands around each part.
MAX_AROUND_FILE_BYTES = MAX_FIELD_BYTES + MAX_SIGNATURE_BYTES + MAX_PARTS * 1024
_WRITE_AT = 256 * 1024
_CONTENT, _SIGNATURE, _PKG_INFO = "content", "gpg_signature", "pkginfo"
# PKG-INFO comes as a file by ``submit_pkg_info``, and is read as the field it is.
_FILES = frozenset({_CONTENT, _SIGNATURE, _PKG_INFO})
# RFC 2046 §5.1.1, laxer in the characters: distutils and browsers quote none.
_BOUNDARY = re.compile(r"[ -~]{0,69}[!-~]")
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(slots=True)
class ReceivedForm:
    """The form: every field's values in order, and the name the file was sent under (``None``: no file)."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    filename: str | None = None


RoomFor = Callable[[Fields], Room]


def least_file_bytes(request: Request) -> int:
    """How large the file of an upload must be, whatever else its body holds; 0 when the body's length is not told."""
    told = request.headers.get("content-length", "")
    return max(0, int(told) - MAX_AROUND_FILE_BYTES) if _LENGTH.fullmatch(told) else 0


async def receive_form(request: Request, incoming: Incoming, room_for: RoomFor) -> ReceivedForm:
    """The form in ``request``; the bytes of its ``content`` part are in ``incoming`` afterwards.

    ``room_for`` says, in a thread, how large a file may be after fields that came before it. Raises its refusal,
    ``Invalid`` for a body that is no form and ``TooLarge`` past a bound.
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
    return await _Reader(incoming, boundary, room_for).read(request)


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

    def __init__(self, incoming: Incoming, boundary: str, room_for: RoomFor) -> None:
        self._incoming = incoming
        self._room_for = room_for
        self._room: Room | None = None
        self._least_bytes = 0
        self._decoder = MultipartDecoder(boundary.encode("ascii"), MAX_FIELD_BYTES, max_parts=MAX_PARTS)
        self._form = ReceivedForm()
        self._field_bytes = 0
        self._text = bytearray()
        self._pending = bytearray()
        self._part: Field | File | None = None
        self._signature_bytes = 0

    async def read(self, request: Request) -> ReceivedForm:
        """Everything, to the closing boundary."""
        self._least_bytes = least_file_bytes(request)
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
                await self._begin_file(event)
            elif isinstance(event, Field):
                self._begin_field(event)
            elif isinstance(event, Data):
                await self._data(event, write)

    def _begin_field(self, part: Field) -> None:
        if not isinstance(part.name, str):
            raise Invalid("The form has a part without a name.", code="form-broken")
        self._part = part

    async def _begin_file(self, part: File) -> None:
        if part.name not in _FILES:
            raise Invalid(
                f"The form has a file in {str(part.name)[:40]!r}: only content may be a file.",
                code="form-file",
            )
        if part.name == _CONTENT:
            if self._form.filename is not None:
                raise Invalid("The form has two content parts: upload one file at a time.", code="form-file")
            self._form.filename = part.filename
            self._room = await run_in_threadpool(self._room_for, self._form.fields)
            self._room.require(self._least_bytes)
        elif part.name == _SIGNATURE:
            # What it says is dropped as it comes; that it came is for whoever answers.
            self._form.fields.setdefault(_SIGNATURE, []).append("")
        self._part = part

    async def _data(self, event: Data, write: Callable[[bytes], Awaitable[None]]) -> None:
        file = self._part.name if isinstance(self._part, File) else ""
        if file == _CONTENT:
            self._pending += event.data
            if len(self._pending) >= _WRITE_AT or not event.more_data:
                data, self._pending = bytes(self._pending), bytearray()
                await write(data)
        elif file == _SIGNATURE:
            self._drop(event)
        else:
            self._take_text(event)

    def _drop(self, event: Data) -> None:
        # Old clients may send a signature; it is neither checked nor published (standards B.1).
        self._signature_bytes += len(event.data)
        if self._signature_bytes > MAX_SIGNATURE_BYTES:
            raise TooLarge(
                f"gpg_signature is larger than {MAX_SIGNATURE_BYTES:,} bytes.", code="form-too-large"
            )

    def _take_text(self, event: Data) -> None:
        self._field_bytes += len(event.data)
        if self._field_bytes > MAX_FIELD_BYTES:
            raise _fields_too_large()
        self._text += event.data
        if not event.more_data and self._part is not None:
            text, self._text = self._text.decode("utf-8", "replace"), bytearray()
            self._form.fields.setdefault(self._part.name, []).append(text)

    async def _write(self, data: bytes) -> None:
        if self._room is not None:
            self._room.require(self._incoming.size_bytes + len(data))
        await run_in_threadpool(self._incoming.write, data)


def _fields_too_large() -> TooLarge:
    return TooLarge(
        f"The form's fields are more than {MAX_FIELD_BYTES:,} bytes or {MAX_PARTS:,} parts.",
        code="form-too-large",
    )
