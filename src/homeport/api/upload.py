"""The upload endpoint of the field: ``/legacy/`` and the other addresses that clients know."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from homeport.api.caller import caller_of
from homeport.api.errors import legacy_refusal
from homeport.api.form import ReceivedForm, drain, receive_form
from homeport.domain.account import Caller
from homeport.domain.errors import Invalid, Refusal
from homeport.domain.upload import first
from homeport.flows.rehost.registration import check_registration, register_release
from homeport.flows.upload import upload
from homeport.formats.core_metadata import metadata_from_form
from homeport.observe.events import event
from homeport.ports.blobs import Incoming
from homeport.ports.world import World

_ACTIONS = ("file_upload", "submit", "verify")
_HELP = """\
This address takes release files and registrations by POST.

  twine upload --repository-url {url}/legacy/ -u __token__ dist/*
  uv publish --publish-url {url}/legacy/ dist/*

Create a token with: homeport token create --user NAME
"""


class LegacyUpload:
    """The endpoint; ``world`` is all it may touch."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def help(self, request: Request) -> Response:  # noqa: ARG002 - the shape of an endpoint
        """What a person sees who opens the address in a browser."""
        return PlainTextResponse(_HELP.format(url=self._world.base_url))

    async def post(self, request: Request) -> Response:
        """One form: a file, or a registration."""
        try:
            return await self._answer(request)
        except Refusal as refusal:
            await drain(request)
            return legacy_refusal(request, refusal)

    async def _answer(self, request: Request) -> Response:
        caller = await run_in_threadpool(caller_of, self._world, request)
        with self._world.blobs.receive(self._world.limits.file_bytes) as incoming:
            form = await receive_form(request, incoming)
            text = await run_in_threadpool(self._act, caller, form, incoming)
        return PlainTextResponse(text)

    def _act(self, caller: Caller, form: ReceivedForm, incoming: Incoming) -> str:
        action = first(form.fields, ":action")
        if action == "file_upload":
            return self._upload(caller, form, incoming)
        if action in {"submit", "verify"}:
            metadata = metadata_from_form(form.fields)
            if action == "verify":
                check_registration(metadata)
                return "Validated OK\n"
            registered = register_release(self._world, caller, metadata)
            event("release registered", project=registered.project, version=registered.version)
            return "".join(f"{name}\n" for name in registered.files) or "OK\n"
        wanted = ", ".join(_ACTIONS)
        raise Invalid(f":action is {action[:40]!r}: one of {wanted} is wanted.", code="action-unknown")

    def _upload(self, caller: Caller, form: ReceivedForm, incoming: Incoming) -> str:
        if form.filename is None:
            raise Invalid("The form has no file: send it as the part named content.", code="content-missing")
        uploaded = upload(self._world, caller, form.fields, form.filename, incoming)
        event("file uploaded", project=uploaded.project, file=uploaded.filename, is_new=uploaded.is_new)
        return "".join(f"{warning}\n" for warning in uploaded.warnings) or "OK\n"
