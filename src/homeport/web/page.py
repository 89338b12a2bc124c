"""A page: what a browser asked, what is answered, and the one function in between.

1. Whoever sends a form is checked before anything is done: our own page, and this session's token.
2. A refusal becomes a page by the one table; nobody signed in becomes the sign-in page, and who must confirm that it
   is them the page for that: both lead back.
3. Where something is typed, the form itself asks for the password (``own_password`` in the templates): nothing typed is
   lost, neither by a right one nor by a wrong one.
4. Half a session, whose second factor was not shown, is nobody signed in: it has its own page, and no other.
5. What nobody expected is logged once, with an id, and shown as that id.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from homeport.domain.account import Caller, User
from homeport.domain.errors import Forbidden, RateLimited, Refusal, Unauthenticated
from homeport.domain.rights import CONFIRM_NEEDED, require_fresh
from homeport.domain.throttle import client_address
from homeport.flows.second_factors import confirm_by_password
from homeport.flows.sessions import caller_of, find_session
from homeport.observe.events import accident
from homeport.ports.sessions import Session
from homeport.ports.world import World
from homeport.web.errors import UNEXPECTED, Told, told
from homeport.web.form import NO_FORM, Form, receive_form, require_own_page
from homeport.web.once import Once, brought, is_over, send_along, take_away
from homeport.web.rendering import PAGE_HEADERS, SANDBOX_HEADERS, Look
from homeport.web.session import form_token, hand_over, require_form_token, session_secret

SECOND_STEP = "/sign-in/second/"
# What is left of being freshly confirmed when a form is shown, so that it can be filled in and sent.
_TO_FILL_IN = timedelta(minutes=5)
_OWN_PASSWORD = "own_password"  # noqa: S105 - the name of a field


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read and checked; ``session`` is who is signed in, and since when; ``secret`` is their browser's.

    ``half`` is a session whose second factor was not shown yet. ``address`` and ``agent`` are the browser's.
    ``once`` is what the last form made, for this page to show; ``is_once_over`` says that the browser has one that none
    shows any more. ``is_renewed`` says that the form's own password confirmed who sent it, so that ``secret`` is a new
    one; ``doubt`` is why it did not.
    """

    world: World
    path: str
    params: Mapping[str, Any]
    query: Mapping[str, str]
    form: Form = NO_FORM
    session: Session | None = None
    half: Session | None = None
    address: str = ""
    agent: str = ""
    secret: str = field(default="", repr=False)
    once: Once | None = None
    is_once_over: bool = False
    is_renewed: bool = False
    doubt: Refusal | None = None

    @property
    def user(self) -> User | None:
        """Who is signed in."""
        return self.session.user if self.session else None

    def signed_in(self) -> Session:
        """The session of the signed-in user; nobody is sent to sign in."""
        if self.session is None:
            raise Unauthenticated("Sign in to see this page.", code="sign-in-needed")
        return self.session

    def caller(self) -> Caller:
        """The signed-in user; nobody is sent to sign in."""
        return caller_of(self.signed_in())

    def fresh_caller(self) -> Caller:
        """The signed-in user, who showed a short while ago who they are; else they are asked to, and come back.

        Nothing typed survives that but where the form asks for the password itself: another page asks before it shows a
        form, and is then asked a little early.
        """
        caller, now = self.caller(), self.world.clock.now()
        require_fresh(caller, now if self.form is not NO_FORM else now + _TO_FILL_IN)
        return caller

    @property
    def is_fresh(self) -> bool:
        """True when what needs it is taken now: no form asks for a password that would not be looked at."""
        try:
            require_fresh(self.caller(), self.world.clock.now())
        except (Unauthenticated, Forbidden):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to look at. ``refusal`` is why the form that was sent did nothing: it decides the status."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    refusal: Refusal | None = None
    status: HTTPStatus = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class GoTo:
    """An answer that leads on. ``secret`` is a new session's, or ``""`` to end it; ``None`` leaves it as it is.

    ``once`` is shown by the page there, and by no other.
    """

    path: str
    status: HTTPStatus = HTTPStatus.SEE_OTHER
    secret: str | None = field(default=None, repr=False)
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """An answer to keep: a file, made piece by piece while it is sent."""

    filename: str
    content_type: str
    pieces: Iterator[str]


@dataclass(frozen=True, slots=True)
class Sandboxed:
    """An answer that is a whole page of another look: nothing in it runs, or is loaded, or counts as ours."""

    html: str


Handler = Callable[[Asked], Page | GoTo | Download | Sandboxed]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """Turns handlers into endpoints: everything between a request and a handler's answer."""

    world: World
    look: Look

    def endpoint(self, handler: Handler, *, from_anywhere: bool = False) -> Endpoint:
        """``handler`` as Starlette calls it; it runs in a thread.

        ``from_anywhere`` is for an address that is itself the permission: whoever has it may post to it, without a form.
        """

        async def endpoint(request: Request) -> Response:
            form: Form | Refusal | None = NO_FORM
            if from_anywhere:
                form = None
            elif request.method == "POST":
                try:
                    form = await receive_form(request)
                except Refusal as refusal:
                    form = refusal
            return await run_in_threadpool(self._answer, handler, request, form)

        return endpoint

    def _answer(self, handler: Handler, request: Request, form: Form | Refusal | None) -> Response:
        asked = Asked(
            self.world,
            request.url.path,
            request.path_params,
            dict(request.query_params),
            address=_address(self.world, request),
            agent=request.headers.get("user-agent", ""),
        )
        try:
            asked = self._recognised(asked, request)
            if request.method == "POST" and form is not None:
                asked = self._confirmed(replace(asked, form=self._checked(asked, request, form)))
            response = self._given(asked, handler(asked))
        except Unauthenticated:
            response = self._gone(GoTo(_leading_back(SECOND_STEP if asked.half else "/sign-in/", asked.path)))
        except Refusal as refusal:
            if refusal.code == CONFIRM_NEEDED:
                response = self._gone(GoTo(_leading_back("/confirm/", asked.path)))
            else:
                response = self._error(asked, request, told(refusal), refusal)
        except Exception as error:  # noqa: BLE001 - what nobody expected is answered here, once
            random_bytes = self.world.clock.random_bytes
            # The path may hold the secret of a one-time link: the page is named by its handler.
            error_id = accident(
                "a page failed", error=error, random_bytes=random_bytes, page=handler.__name__
            )
            sentence = f"It is not your doing. The index's operator finds it in the log as {error_id}."
            response = self._error(asked, request, UNEXPECTED, Refusal(sentence, code=error_id))
        if asked.is_renewed:
            hand_over(response, asked.secret, self.world)
        return response

    def _given(self, asked: Asked, answer: Page | GoTo | Download | Sandboxed) -> Response:
        match answer:
            case Page():
                return self._shown(asked, answer)
            case GoTo():
                return self._gone(answer, asked.secret)
            case Download():
                return _sent(answer)
            case Sandboxed():
                return HTMLResponse(answer.html, headers=SANDBOX_HEADERS)

    def _recognised(self, asked: Asked, request: Request) -> Asked:
        secret, now = session_secret(request, self.world), self.world.clock.now()
        asked = replace(asked, is_once_over=is_over(request, secret, self.world.base_url, now))
        session = find_session(self.world, secret) if secret else None
        if session is None:
            return asked
        if session.is_whole:
            once = brought(request, secret, self.world.base_url, now)
            return replace(asked, session=session, secret=secret, once=once)
        return replace(asked, half=session, secret=secret)

    def _checked(self, asked: Asked, request: Request, form: Form | Refusal) -> Form:
        if isinstance(form, Refusal):
            raise form
        require_own_page(request.headers, self.world.base_url)
        if asked.secret:
            require_form_token(form, asked.secret)
        return form

    def _confirmed(self, asked: Asked) -> Asked:
        """``asked`` by who showed it with the form's own password, where that was asked for and is needed."""
        if asked.session is None or not asked.form.flag(_OWN_PASSWORD) or asked.is_fresh:
            return asked
        password = asked.form.raw(_OWN_PASSWORD)
        if not password:
            why = "You signed in a while ago: type your password beside the button, too."
            return replace(asked, doubt=Forbidden(why, code="password-needed"))
        try:
            secret = confirm_by_password(self.world, asked.session, password, asked.address)
        except (Forbidden, RateLimited) as refusal:
            return replace(asked, doubt=refusal)
        return replace(asked, session=find_session(self.world, secret), secret=secret, is_renewed=True)

    def _shown(self, asked: Asked, page: Page) -> Response:
        if page.refusal and page.refusal.code == CONFIRM_NEEDED:
            if asked.doubt is None:
                return self._gone(GoTo(_leading_back("/confirm/", asked.path)))
            page = replace(page, refusal=asked.doubt)
        status = told(page.refusal).status if page.refusal else page.status
        html = self.look.render(
            page.template,
            {
                "user": asked.user,
                "form_token": form_token(asked.secret) if asked.secret else "",
                "is_fresh": asked.is_fresh,
                "confirm_path": _leading_back("/confirm/", asked.path),
                "refusal": page.refusal,
                **page.values,
            },
        )
        response = HTMLResponse(html, status, {**PAGE_HEADERS, **_retry_after(page.refusal)})
        if asked.once is not None or asked.is_once_over:
            take_away(response, self.world.base_url)
        return response

    def _gone(self, answer: GoTo, session: str = "") -> Response:
        response = RedirectResponse(answer.path, answer.status, {"cache-control": "no-store"})
        if answer.secret is not None:
            hand_over(response, answer.secret, self.world)
        if answer.once is not None:
            vouching, now = answer.secret or session, self.world.clock.now()
            send_along(response, answer.once, vouching, self.world.base_url, now)
        return response

    def _error(self, asked: Asked, request: Request, how: Told, refusal: Refusal) -> Response:
        # Programs that come here by mistake get a line; easy_install would look for links in a page.
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(f"{refusal.sentence}\n", how.status, _retry_after(refusal))
        page = Page("error.html", {"heading": how.heading, "problem": refusal}, status=how.status)
        response = self._shown(asked, page)
        response.headers.update(_retry_after(refusal))
        return response


def _sent(file: Download) -> Response:
    disposition = {"content-disposition": f'attachment; filename="{file.filename}"'}
    headers = {**PAGE_HEADERS, **disposition, "content-type": file.content_type}
    return StreamingResponse(file.pieces, headers=headers)


def _leading_back(path: str, after: str) -> str:
    return f"{path}?next={quote(after, safe='')}"


def _address(world: World, request: Request) -> str:
    told = ",".join(request.headers.getlist("x-forwarded-for"))
    return client_address(request.client.host if request.client else "", told, world.proxies)


def _retry_after(refusal: Refusal | None) -> dict[str, str]:
    if refusal is None or refusal.retry_after_seconds is None:
        return {}
    return {"retry-after": str(refusal.retry_after_seconds)}
