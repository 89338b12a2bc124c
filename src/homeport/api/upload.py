"""The upload endpoint of the field: ``/legacy/`` and the other addresses that clients know.

Whoever calls is asked for credentials before a byte of the body is read; what ``:action`` says is known when the form
is, so that one address takes them all (standards B.1, B.6).
"""

import asyncio
from collections.abc import Callable
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from homeport.api.actions import no_such_action, old_page
from homeport.api.caller import caller_of
from homeport.api.form import ReceivedForm, least_file_bytes, receive_form
from homeport.domain.account import Caller
from homeport.domain.errors import Invalid, TooLarge, together
from homeport.domain.metadata import CoreMetadata
from homeport.domain.upload import first
from homeport.flows.nominate_urls import nominate_urls, read_nomination
from homeport.flows.rehost.registration import (
    Registered,
    begin_registration,
    registration_outcome,
    still_running,
    verify_registration,
)
from homeport.flows.room import room_for_body, room_for_file
from homeport.flows.upload import upload
from homeport.formats.core_metadata import metadata_from_form, read_metadata
from homeport.observe.events import event
from homeport.ports.blobs import Incoming
from homeport.ports.world import World

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 0.5
# It is read in this process, and not in one that can be killed.
_MAX_PKG_INFO_BYTES = 256 * 1024
# What the form of PEP 438 also did in 2013.
_OLD_SETTINGS = {"submit_remove", "url-ids", "submit_hosting_mode", "hosting_mode"}
_HELP = """\
This address takes release files and registrations by POST.

  twine upload --repository-url {url}/legacy/ -u __token__ dist/*
  uv publish --publish-url {url}/legacy/ dist/*

Make a token on {url}/account/tokens/ or with: homeport token create --user NAME
Why an upload was refused stands in the answer's body: twine shows it with --verbose.
"""


class LegacyUpload:
    """Answers at one address; ``world`` is all it may touch."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def answer(self, request: Request) -> Response:
        """A form by POST; otherwise what a person sees who opens the address in a browser, or follows an old link."""
        if request.method == "POST":
            return await self.post(request)
        if ":action" in request.query_params:
            return old_page(request.query_params)
        return PlainTextResponse(_HELP.format(url=self._world.base_url))

    async def post(self, request: Request) -> Response:
        """One form: a file, or a registration."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        room_for_body(self._world).require(least_file_bytes(request))
        with self._world.blobs.receive(self._world.limits.file_bytes) as incoming:
            form = await receive_form(request, incoming, partial(room_for_file, self._world, caller.user))
            action = first(form.fields, ":action")
            if action == "file_upload":
                return PlainTextResponse(await run_in_threadpool(self._upload, caller, form, incoming))
        return PlainTextResponse(await self._without_file(action, caller, form))

    async def _without_file(self, action: str, caller: Caller, form: ReceivedForm) -> str:
        read = _METADATA_OF.get(action)
        if read is not None:
            return await self._register(caller, partial(read, form))
        if action == "verify":
            return await run_in_threadpool(self._verify, caller, form)
        if action == "urls":
            return await run_in_threadpool(self._nominate, caller, form)
        raise no_such_action(action)

    async def _register(self, caller: Caller, read: Callable[[], CoreMetadata]) -> str:
        due = asyncio.get_running_loop().time() + self._world.limits.registration_wait_seconds
        begun = await run_in_threadpool(self._begin, caller, read)
        registered = await self._outcome(begun, due) if isinstance(begun, int) else begun
        event("release registered", project=registered.project, version=registered.version)
        return "".join(f"{name}\n" for name in registered.files) or f"{registered.told or 'OK'}\n"

    async def _outcome(self, rehost_id: int, due: float) -> Registered:
        # Waiting holds no thread: many may wait for a worker while everybody else is answered.
        world, now, pause = self._world, asyncio.get_running_loop().time, _FIRST_PAUSE_SECONDS
        while (registered := await run_in_threadpool(registration_outcome, world, rehost_id)) is None:
            if now() >= due:
                raise await run_in_threadpool(still_running, world, rehost_id)
            await asyncio.sleep(min(pause, due - now()))
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
        return registered

    def _begin(self, caller: Caller, read: Callable[[], CoreMetadata]) -> Registered | int:
        return begin_registration(self._world, caller, read())

    def _verify(self, caller: Caller, form: ReceivedForm) -> str:
        verify_registration(self._world, caller, _fields(form))
        return "Validated OK\n"

    def _nominate(self, caller: Caller, form: ReceivedForm) -> str:
        fields = form.fields
        if fields.keys() & _OLD_SETTINGS:
            raise Invalid(
                "Links are nominated by this call, and nothing else: a hosting mode is chosen on the project's page "
                "“Hosting”, or by homeport mode set, and what is nominated stays.",
                code="nomination-other",
            )
        nomination = read_nomination(
            first(fields, "name"),
            first(fields, "version"),
            [url.strip() for url in fields.get("new-url", ())],
        )
        told = nominate_urls(self._world, caller, nomination)
        event("urls nominated", project=nomination.name.normalized, urls=len(told))
        return "".join(f"{sentence}\n" for sentence in told)

    def _upload(self, caller: Caller, form: ReceivedForm, incoming: Incoming) -> str:
        if form.filename is None:
            raise Invalid("The form has no file: send it as the part named content.", code="content-missing")
        uploaded = upload(self._world, caller, form.fields, form.filename, incoming)
        event("file uploaded", project=uploaded.project, file=uploaded.filename, is_new=uploaded.is_new)
        return "".join(f"{warning}\n" for warning in uploaded.warnings) or "OK\n"


def _fields(form: ReceivedForm) -> CoreMetadata:
    return metadata_from_form(form.fields)


def _pkg_info(form: ReceivedForm) -> CoreMetadata:
    """The metadata in the PKG-INFO that came as a file, or ``Invalid``; laxer than an upload's (standards B.9)."""
    data = next(iter(form.fields.get("pkginfo", ())), "").encode()
    if not data:
        raise Invalid(
            "The form has no PKG-INFO: send it as the part named pkginfo.", code="pkginfo-part-missing"
        )
    if len(data) > _MAX_PKG_INFO_BYTES:
        raise TooLarge(f"PKG-INFO is larger than {_MAX_PKG_INFO_BYTES:,} bytes.", code="form-too-large")
    reading = read_metadata(data)
    if reading.metadata is None:
        raise together("PKG-INFO", [problem.message for problem in reading.problems], code="pkginfo-invalid")
    return reading.metadata


_METADATA_OF = {"submit": _fields, "submit_pkg_info": _pkg_info}
