"""The upload endpoint of the field: ``/legacy/`` and the other addresses that clients know."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from homeport.api.caller import caller_of
from homeport.api.form import ReceivedForm, receive_form
from homeport.domain.account import Caller
from homeport.domain.errors import Invalid
from homeport.domain.upload import first
from homeport.flows.rehost.registration import (
    Registered,
    begin_registration,
    check_registration,
    registration_outcome,
    still_running,
)
from homeport.flows.upload import upload
from homeport.formats.core_metadata import metadata_from_form
from homeport.observe.events import event
from homeport.ports.blobs import Incoming
from homeport.ports.world import World

_ACTIONS = ("file_upload", "submit", "verify")
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 0.5
_HELP = """\
This address takes release files and registrations by POST.

  twine upload --repository-url {url}/legacy/ -u __token__ dist/*
  uv publish --publish-url {url}/legacy/ dist/*

Create a token with: homeport token create --user NAME
"""


class LegacyUpload:
    """Answers at one address; ``world`` is all it may touch."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def answer(self, request: Request) -> Response:
        """A form by POST; otherwise what a person sees who opens the address in a browser."""
        if request.method == "POST":
            return await self.post(request)
        return PlainTextResponse(_HELP.format(url=self._world.base_url))

    async def post(self, request: Request) -> Response:
        """One form: a file, or a registration."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        with self._world.blobs.receive(self._world.limits.file_bytes) as incoming:
            form = await receive_form(request, incoming)
            action = first(form.fields, ":action")
            if action == "file_upload":
                return PlainTextResponse(await run_in_threadpool(self._upload, caller, form, incoming))
        if action == "verify":
            return PlainTextResponse(await run_in_threadpool(_verify, form))
        if action == "submit":
            return PlainTextResponse(await self._register(caller, form))
        wanted = ", ".join(_ACTIONS)
        raise Invalid(f":action is {action[:40]!r}: one of {wanted} is wanted.", code="action-unknown")

    async def _register(self, caller: Caller, form: ReceivedForm) -> str:
        due = asyncio.get_running_loop().time() + self._world.limits.registration_wait_seconds
        begun = await run_in_threadpool(self._begin, caller, form)
        registered = await self._outcome(begun, due) if isinstance(begun, int) else begun
        event("release registered", project=registered.project, version=registered.version)
        return "".join(f"{name}\n" for name in registered.files) or "OK\n"

    async def _outcome(self, rehost_id: int, due: float) -> Registered:
        # Waiting holds no thread: many may wait for a worker while everybody else is answered.
        world, now, pause = self._world, asyncio.get_running_loop().time, _FIRST_PAUSE_SECONDS
        while (registered := await run_in_threadpool(registration_outcome, world, rehost_id)) is None:
            if now() >= due:
                raise await run_in_threadpool(still_running, world, rehost_id)
            await asyncio.sleep(min(pause, due - now()))
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
        return registered

    def _begin(self, caller: Caller, form: ReceivedForm) -> Registered | int:
        return begin_registration(self._world, caller, metadata_from_form(form.fields))

    def _upload(self, caller: Caller, form: ReceivedForm, incoming: Incoming) -> str:
        if form.filename is None:
            raise Invalid("The form has no file: send it as the part named content.", code="content-missing")
        uploaded = upload(self._world, caller, form.fields, form.filename, incoming)
        event("file uploaded", project=uploaded.project, file=uploaded.filename, is_new=uploaded.is_new)
        return "".join(f"{warning}\n" for warning in uploaded.warnings) or "OK\n"


def _verify(form: ReceivedForm) -> str:
    check_registration(metadata_from_form(form.fields))
    return "Validated OK\n"
