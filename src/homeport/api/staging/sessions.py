"""The calls of Upload 2.0 that are about a session as a whole."""

from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from homeport.api.caller import caller_of
from homeport.api.staging.answers import body_of, document, problem
from homeport.domain.errors import Conflict, Invalid, together
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.staging import StageState
from homeport.flows.staging.ask import StageView
from homeport.flows.staging.life import cancel_stage, extend_stage, show_stage
from homeport.flows.staging.open_stage import open_stage
from homeport.flows.staging.publish_stage import publish_stage
from homeport.formats.staging_json import session_json, session_url
from homeport.ports.world import World

# When a client should ask again what became of what it was not told at once.
RETRY_AFTER = {"retry-after": "1"}


class Sessions:
    """Answers about sessions; ``world`` is all it may touch."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def create(self, request: Request) -> Response:
        """A session for a release; 409 with the address of the one that it has."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        values = await body_of(request)
        name, version = _release(values.get("name"), values.get("version"))
        opened = await run_in_threadpool(open_stage, self._world, caller, name, version)
        location = {"location": session_url(self._world.base_url, opened.view.stage)}
        if not opened.is_new:
            sentence = f"{name} {version} has a publishing session already: go on with it, or cancel it."
            return problem(Conflict(sentence, code="stage-exists"), location)
        return self._told(opened.view, HTTPStatus.CREATED, location)

    async def show(self, request: Request) -> Response:
        """A session as it stands."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        return self._told(await run_in_threadpool(show_stage, self._world, caller, _key(request)))

    async def cancel(self, request: Request) -> Response:
        """Cancel a session."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        await run_in_threadpool(cancel_stage, self._world, caller, _key(request))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def extend(self, request: Request) -> Response:
        """Give a session more time, as far as it may have more."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        seconds = (await body_of(request)).get("extend-for")
        if type(seconds) is not int:
            raise Invalid("extend-for is a number of seconds.", code="extend-for-invalid")
        return self._told(await run_in_threadpool(extend_stage, self._world, caller, _key(request), seconds))

    async def publish(self, request: Request) -> Response:
        """Publish a session: 201 when that is done, 202 when it goes on."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        await body_of(request)
        view = await run_in_threadpool(publish_stage, self._world, caller, _key(request))
        location = {"location": session_url(self._world.base_url, view.stage)}
        if view.stage.state is StageState.PUBLISHED:
            return self._told(view, HTTPStatus.CREATED, location)
        return self._told(view, HTTPStatus.ACCEPTED, location | RETRY_AFTER)

    def _told(
        self, view: StageView, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
    ) -> Response:
        return document(session_json(self._world.base_url, view.stage, view.files), status, headers)


def _key(request: Request) -> str:
    return str(request.path_params["key"])


def _release(name: object, version: object) -> tuple[ProjectName, ReleaseVersion]:
    problems: list[str] = []
    parsed_name, parsed_version = None, None
    try:
        parsed_name = ProjectName.parse(name if isinstance(name, str) else "")
    except Invalid as refusal:
        problems.append(refusal.sentence)
    try:
        parsed_version = ReleaseVersion.parse(version if isinstance(version, str) else "")
    except Invalid as refusal:
        problems.append(refusal.sentence)
    if parsed_name is None or parsed_version is None:
        raise together("The publishing session", problems, code="stage-invalid")
    return parsed_name, parsed_version
