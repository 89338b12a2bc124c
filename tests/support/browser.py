"""A browser in this process: cookies, forms, and pages read as a document, never as text."""

import asyncio
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import quote, unquote, urlencode, urlsplit

from starlette.types import ASGIApp, Message, Scope

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_CLOSES_ITSELF = frozenset({"circle", "path", "polygon", "rect"})
# A page has these once, or not at all.
_ONCE = frozenset({"body", "h1", "head", "html", "main", "title"})


@dataclass
class Element:
    """An element with its attributes; ``parts`` are its elements and texts in order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list["Element | str"] = field(default_factory=list)

    def all(self, name: str, /, **attributes: str) -> list["Element"]:
        """Every element of that name below this one that has these attributes."""
        found = []
        for part in self.parts:
            if isinstance(part, Element):
                if part.name == name and attributes.items() <= part.attributes.items():
                    found.append(part)
                found += part.all(name, **attributes)
        return found

    def everything(self) -> list["Element"]:
        """Every element below this one."""
        below = [part for part in self.parts if isinstance(part, Element)]
        return [*below, *(deeper for part in below for deeper in part.everything())]

    def the(self, name: str, /, **attributes: str) -> "Element":
        """The one element of that name."""
        found = self.all(name, **attributes)
        assert len(found) == 1, f"{len(found)} elements {name} {attributes}"
        return found[0]

    @property
    def text(self) -> str:
        """All text below, runs of blanks as one."""
        raw = "".join(part if isinstance(part, str) else f" {part.text} " for part in self.parts)
        return " ".join(raw.split())

    @property
    def classes(self) -> set[str]:
        """The words of ``class``."""
        return set(self.attributes.get("class", "").split())


class _Reader(HTMLParser):
    """Builds the document and insists on what a browser would silently mend."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice: {attrs}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _CLOSES_ITSELF, f"<{tag}/> closes itself only in XML"
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def read_page(html: str) -> Element:
    """The document; elements that are not closed, crossed, or with doubled ids fail."""
    assert html.startswith("<!doctype html>"), "a page begins with its document type"
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].name}> is not closed"
    root = reader.root
    for name in _ONCE:
        assert len(root.all(name)) == 1, f"{len(root.all(name))} elements {name}"
    ids = [element.attributes["id"] for element in root.everything() if "id" in element.attributes]
    assert len(set(ids)) == len(ids), f"an id is given twice: {sorted(ids)}"
    _require_labels(root, set(ids))
    return root


def _require_labels(root: Element, ids: set[str]) -> None:
    labels = root.all("label")
    named = {label.attributes.get("for") for label in labels}
    wrapped = {id(inner) for label in labels for inner in label.everything()}
    for label in labels:
        assert label.attributes.get("for") in ids or label.all("input"), f"a label for nothing: {label.text}"
    for field_ in [*root.all("input"), *root.all("select"), *root.all("textarea")]:
        is_hidden = field_.attributes.get("type") == "hidden"
        assert is_hidden or field_.attributes.get("id") in named or id(field_) in wrapped, (
            f"a field without a label: {field_.attributes}"
        )


@dataclass(frozen=True)
class Shown:
    """An answer as a browser has it; ``path`` is the address that was asked."""

    status: int
    headers: dict[str, str]
    html: str
    path: str

    @property
    def page(self) -> Element:
        """The document."""
        return read_page(self.html)

    @property
    def goes_to(self) -> str:
        """Where a redirect leads, ``""`` when it is none."""
        return self.headers.get("location", "")


def token_of(shown: Shown) -> str:
    """The form token of a page."""
    return shown.page.all("input", name="form_token")[0].attributes["value"]


class Browser:
    """One browser. ``sends_origin`` is what a page of the index makes it say; tests take it away."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app = app
        self._origin = base_url
        self.cookies: dict[str, str] = {}

    def get(self, target: str, **headers: str) -> Shown:
        """Ask for a page."""
        return self._send("GET", target, b"", {"accept": "text/html,*/*;q=0.8", **headers})

    def post(
        self, target: str, fields: dict[str, str | list[str]], *, origin: str | None = "", **headers: str
    ) -> Shown:
        """Send a form; ``origin`` is the page's own unless told otherwise, ``None`` sends none."""
        said = {"origin": origin or self._origin} if origin is not None else {}
        return self.post_bytes(target, urlencode(fields, doseq=True).encode(), **said, **headers)

    def post_bytes(self, target: str, body: bytes, **headers: str) -> Shown:
        """Send any body as a form."""
        usual = {"accept": "text/html", "content_type": "application/x-www-form-urlencoded"}
        return self._send("POST", target, body, {**usual, **headers})

    def arrive(self, shown: Shown) -> Shown:
        """The page that an answer leads to; itself, where it leads nowhere."""
        return self.get(shown.goes_to) if shown.goes_to else shown

    def submit(self, shown: Shown, do: str = "", **changes: str | list[str] | None) -> Shown:
        """Fill in the form with the button ``do`` (the only form in ``main`` without one), and press it.

        ``changes`` replace fields, ``None`` empties them.
        """
        forms = shown.page.the("main").all("form")
        chosen = [form for form in forms if form.attributes.get("method") == "post" and _has_button(form, do)]
        assert len(chosen) == 1, f"{len(chosen)} forms to {do!r} on {shown.path}"
        fields: dict[str, str | list[str]] = {**filled_in(chosen[0])}
        fields |= {"do": do} if do else {}
        for name, value in changes.items():
            fields.pop(name.replace("_", "-"), None)
            if value is not None:
                fields[name.replace("_", "-") if name.startswith("sha256") else name] = value
        return self.post(chosen[0].attributes.get("action") or shown.path, fields)

    def submit_row(self, path: str, row: Element, do: str, **changes: str) -> Shown:
        """Press the button ``do`` of the one form in a ``row`` of the page at ``path``."""
        return self.post(path, {**filled_in(row.the("form")), **changes, "do": do})

    def _send(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Shown:
        host = urlsplit(self._origin).netloc
        pairs = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookies:
            pairs["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        path, _, query = target.partition("?")
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": quote(path, safe="/%").encode("ascii"),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs.items()],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 50000),
            "extensions": {},
        }
        status, got, answer = asyncio.run(_exchange(self._app, scope, body))
        if cookie := got.get("set-cookie"):
            self._keep(cookie)
        return Shown(status, got, answer.decode(), path)

    def _keep(self, cookie: str) -> None:
        said = (pair for line in cookie.splitlines() for pair in SimpleCookie(line).items())
        for name, morsel in said:
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def filled_in(form: Element) -> dict[str, str | list[str]]:
    """What a browser would send of ``form`` as it stands, without its buttons."""
    fields: dict[str, str | list[str]] = {}
    for element in form.everything():
        name, kind = element.attributes.get("name", ""), element.attributes.get("type", "text")
        if element.name == "textarea":
            fields[name] = element.text
        elif element.name == "select":
            options = element.all("option", selected="") or element.all("option")[:1]
            fields[name] = options[0].attributes["value"]
        elif element.name == "input" and "disabled" not in element.attributes:
            if kind not in {"checkbox", "radio"}:
                fields[name] = element.attributes.get("value", "")
            elif "checked" in element.attributes:
                value = element.attributes.get("value", "on")
                there = fields.get(name)
                fields[name] = [*there, value] if isinstance(there, list) else [value]
    return fields


def _has_button(form: Element, do: str) -> bool:
    named = form.all("button", name="do")
    return any(button.attributes["value"] == do for button in named) if do else not named


async def _exchange(app: ASGIApp, scope: Scope, body: bytes) -> tuple[int, dict[str, str], bytes]:
    status, headers, answer = 0, {}, bytearray()
    waiting = [body[:100_000], body[100_000:]]

    async def receive() -> Message:
        if not waiting:
            # It stays until it has its answer.
            await asyncio.Event().wait()
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            pairs = [(name.decode(), value.decode("latin-1")) for name, value in message["headers"]]
            cookies = [value for name, value in pairs if name == "set-cookie"]
            headers = dict(pairs)
            assert len(headers) == len(pairs) - len(cookies[1:]), "no header but a cookie is sent twice"
            if cookies:
                headers["set-cookie"] = "\n".join(cookies)
        else:
            answer.extend(message["body"])

    await app(scope, receive, send)
    return status, headers, bytes(answer)
