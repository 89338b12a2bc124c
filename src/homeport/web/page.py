"""A page: what a browser asked, what is answered, and the one function in between.

1. Whoever sends a form is checked before anything is done: our own page, and this session's token.
2. A refusal becomes a page by the one table; nobody signed in becomes the sign-in page, which leads back.
3. What nobody expected is logged once, with an id, and shown as that id.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from homeport.domain.account import Caller, User
from homeport.domain.errors import Refusal, Unauthenticated, Unavailable
from homeport.flows.sign_in import session_user
from homeport.observe.events import trouble
from homeport.ports.world import World
from homeport.web.errors import UNEXPECTED, Told, told
from homeport.web.form import NO_FORM, Form, receive_form, require_own_page
from homeport.web.rendering import PAGE_HEADERS, Look
from homeport.web.session import form_token, hand_over, require_form_token, session_secret

_ID_BYTES = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read and checked; ``user`` is who is signed in, ``secret`` their session's."""

    world: World
    path: str
    params: Mapping[str, Any]
    query: Mapping[str, str]
    form: Form = NO_FORM
    user: User | None = None
    secret: str = field(default="", repr=False)

    def caller(self) -> Caller:
        """The signed-in user; nobody is sent to sign in."""
        if self.user is None:
            raise Unauthenticated("Sign in to see this page.", code="sign-in-needed")
        return Caller(self.user)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to look at. ``refusal`` is why the form that was sent did nothing: it decides the status."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    refusal: Refusal | None = None
    status: HTTPStatus = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class GoTo:
    """An answer that leads on. ``secret`` is a new session's, or ``""`` to end it; ``None`` leaves it as it is."""

    path: str
    status: HTTPStatus = HTTPStatus.SEE_OTHER
    secret: str | None = field(default=None, repr=False)


Handler = Callable[[Asked], Page | GoTo]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """Turns handlers into endpoints: everything between a request and a handler's answer."""

    world: World
    look: Look

    def endpoint(self, handler: Handler) -> Endpoint:
        """``handler`` as Starlette calls it; it runs in a thread."""

        async def endpoint(request: Request) -> Response:
            form: Form | Refusal = NO_FORM
            if request.method == "POST":
                try:
                    form = await receive_form(request)
                except Refusal as refusal:
                    form = refusal
            return await run_in_threadpool(self._answer, handler, request, form)

        return endpoint

    def _answer(self, handler: Handler, request: Request, form: Form | Refusal) -> Response:
        asked = Asked(self.world, request.url.path, request.path_params, dict(request.query_params))
        try:
            asked = self._recognised(asked, request)
            if request.method == "POST":
                asked = replace(asked, form=self._checked(asked, request, form))
            answer = handler(asked)
            return self._shown(asked, answer) if isinstance(answer, Page) else self._gone(answer)
        except Unauthenticated:
            return self._gone(GoTo(f"/sign-in/?next={quote(asked.path, safe='')}"))
        except Refusal as refusal:
            return self._error(asked, request, told(refusal), refusal)
        except Exception as error:  # noqa: BLE001 - what nobody expected is answered here, once
            error_id = self.world.clock.random_bytes(_ID_BYTES).hex()
            # The path may hold the secret of a one-time link: the page is named by its handler.
            trouble("a page failed", error=error, error_id=error_id, page=handler.__name__)
            sentence = f"It is not your doing. The index's operator finds it in the log as {error_id}."
            return self._error(asked, request, UNEXPECTED, Refusal(sentence, code=error_id))

    def _recognised(self, asked: Asked, request: Request) -> Asked:
        secret = session_secret(request, self.world.base_url)
        user = session_user(self.world, secret) if secret else None
        return replace(asked, user=user, secret=secret) if user else asked

    def _checked(self, asked: Asked, request: Request, form: Form | Refusal) -> Form:
        if isinstance(form, Refusal):
            raise form
        require_own_page(request.headers, self.world.base_url)
        if asked.user is not None:
            require_form_token(form, asked.secret)
        return form

    def _shown(self, asked: Asked, page: Page) -> Response:
        status = told(page.refusal).status if page.refusal else page.status
        html = self.look.render(
            page.template,
            {
                "user": asked.user,
                "form_token": form_token(asked.secret) if asked.user else "",
                "refusal": page.refusal,
                **page.values,
            },
        )
        return HTMLResponse(html, status, {**PAGE_HEADERS, **_retry_after(page.refusal)})

    def _gone(self, answer: GoTo) -> Response:
        response = RedirectResponse(answer.path, answer.status, {"cache-control": "no-store"})
        if answer.secret is not None:
            hand_over(response, answer.secret, self.world.base_url)
        return response

    def _error(self, asked: Asked, request: Request, how: Told, refusal: Refusal) -> Response:
        # Programs that come here by mistake get a line; easy_install would look for links in a page.
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(f"{refusal.sentence}\n", how.status, _retry_after(refusal))
        page = Page("error.html", {"heading": how.heading, "problem": refusal}, status=how.status)
        response = self._shown(asked, page)
        response.headers.update(_retry_after(refusal))
        return response


def _retry_after(refusal: Refusal | None) -> dict[str, str]:
    return {"retry-after": str(refusal.retry_after_seconds)} if isinstance(refusal, Unavailable) else {}
