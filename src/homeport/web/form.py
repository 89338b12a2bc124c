"""A form that a browser sends: read within bounds, and taken only from our own pages.

1. A form counts only when the browser says that one of our pages sent it: by ``Sec-Fetch-Site``, else by
   ``Origin``, else by ``Referer``. A browser that says nothing is not answered (T-30).
2. Forms are urlencoded: no page of ours sends a file.
3. A form is there as a whole within ``FORM_SECONDS``: nobody holds a connection by falling silent.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from homeport.domain.errors import Forbidden, Invalid, TooLarge
from homeport.web.errors import BODY_TOO_SLOW

T = TypeVar("T")

MAX_FORM_BYTES = 1024 * 1024
MAX_FIELDS = 5_000
FORM_SECONDS = 20.0
_TOO_LARGE = (
    f"The form is larger than {MAX_FORM_BYTES:,} bytes, and nothing of it was read. Go back, and send it in parts; a long "
    "checksum file is read whole by homeport rehost hashes ID FILE in a terminal."
)
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Form:
    """Every field's values, in the order they were sent."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The first value without blanks around it; ``""`` when there is none."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """The first value as it was typed: blanks may belong to a password."""
        return self.fields.get(name, ("",))[0]

    def texts(self, name: str) -> tuple[str, ...]:
        """Every value, in the order they were sent."""
        return self.fields.get(name, ())

    def chosen(self, actions: Mapping[str, T]) -> T:
        """What the button that was pressed stands for, or ``Invalid``; buttons are called ``do``."""
        wanted = self.text("do")
        if wanted not in actions:
            raise Invalid(f"{wanted[:40]!r} is nothing that this page does.", code="action-unknown")
        return actions[wanted]

    def flag(self, name: str) -> bool:
        """True when a box was ticked."""
        return name in self.fields

    def number(self, name: str) -> int:
        """A number that the page itself put into its form, or ``Invalid`` when it is not there."""
        value = self.text(name)
        if not _NUMBER.fullmatch(value):
            raise Invalid(
                f"The form's field {name} must hold the number that the page gave it: open the page anew, and send its "
                "form.",
                code="form-broken",
            )
        return int(value)

    def numbers(self, name: str) -> frozenset[int]:
        """Every value as a number, or ``Invalid``."""
        values = self.texts(name)
        if not all(_NUMBER.fullmatch(value) for value in values):
            raise Invalid(f"The form's field {name} must hold numbers.", code="form-broken")
        return frozenset(map(int, values))

    def numbered_texts(self, prefix: str) -> dict[int, str]:
        """The texts, empty ones left out, of the fields whose names are ``prefix`` and a number, by that number."""
        numbered = ((name.removeprefix(prefix), name) for name in self.fields if name.startswith(prefix))
        return {
            int(number): text
            for number, name in numbered
            if _NUMBER.fullmatch(number) and (text := self.text(name))
        }


NO_FORM = Form()


async def receive_form(request: Request) -> Form:
    """The form in ``request``; ``TooLarge`` past a bound, ``Invalid`` when it is no form of ours."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Invalid(f"The body is {kind or 'of no type'!r}: a form is wanted.", code="form-type")
    body = bytearray()
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_FORM_BYTES:
                    raise TooLarge(_TOO_LARGE, code="form-too-large")
    except TimeoutError:
        raise Invalid(
            f"The form was not here after {FORM_SECONDS:g} seconds. Send it again.", code=BODY_TOO_SLOW
        ) from None
    except ClientDisconnect:
        raise Invalid("The connection ended before the form did.", code="form-broken") from None
    return parse_form(bytes(body))


def parse_form(body: bytes) -> Form:
    """The form in ``body``, or ``Invalid``."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise Invalid(
            f"The form cannot be read: it is not UTF-8, or has more than {MAX_FIELDS:,} fields.",
            code="form-broken",
        ) from None
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return Form(fields)


def require_own_page(headers: Headers, base_url: str) -> None:
    """``Forbidden`` unless the browser says that a page of this index sent the form."""
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        is_own = fetch_site == "same-origin"
    else:
        sender = urlsplit(headers.get("origin") or headers.get("referer") or "")
        own = {(urlsplit(base_url).scheme, urlsplit(base_url).netloc)}
        own |= {(scheme, headers.get("host", "")) for scheme in ("http", "https")}
        is_own = bool(sender.netloc) and (sender.scheme, sender.netloc) in own
    if not is_own:
        raise Forbidden(
            "This form was not sent from a page of this index. Open the page here and send it again.",
            code="form-from-elsewhere",
        )
