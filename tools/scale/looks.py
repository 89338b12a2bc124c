"""What people, scripts and mirrors look at: one request after another over a kept connection, large and small in turns."""

import http.client
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from tools.bench.processes import processor_seconds
from tools.scale.figures import Cost, Figure, cost_of
from tools.scale.servers import Side
from tools.scale.shapes import USUAL_FILES, usual_projects
from tools.scale.words import words_of

TIMES = 80
_NO_WORD = "qqjqqwqq"
_BACK = 100
_PATIENCE_SECONDS = 120
# A processor's time is counted in ticks: of so few of them nothing is told.
_LEAST_PROCESSOR_SECONDS = 0.2


@dataclass(frozen=True)
class Look:
    """One kind of request: its path on an index, the so many-th time, or the call that it posts."""

    what: str
    path: Callable[[Side, int], str]
    call: Callable[[Side], bytes] | None = None


def looks(large: Side, small: Side) -> list[Look]:
    """Everything that is asked for one by one."""
    words = {side.home.kind: words_of(side.home) for side in (large, small)}
    return [
        Look("home page", lambda *_: "/"),
        Look("page of a project, for people", lambda side, turn: f"/project/{_usual(side, turn)}/"),
        _searched("search: a word of many names", lambda side: words[side.home.kind].common),
        _searched("search: a word of few names", lambda side: words[side.home.kind].rare),
        # One letter, so that the small index fills a page too.
        _searched("search: fewer than three letters", lambda _: ("p", "t")),
        _searched("search: in no name, nor any part of it", lambda _: (_NO_WORD,)),
        _searched("search: in no name, its parts in many", lambda side: words[side.home.kind].absent),
        Look("`/rss/updates.xml`", lambda *_: "/rss/updates.xml"),
        Look("`/rss/packages.xml`", lambda *_: "/rss/packages.xml"),
        Look("`/stats/`", lambda *_: "/stats/"),
        Look("`/readyz`", lambda *_: "/readyz"),
        Look(
            f"`/pypi/<name>/json`, {USUAL_FILES} files", lambda side, turn: f"/pypi/{_usual(side, turn)}/json"
        ),
        _called("changelog_last_serial", lambda _: ()),
        _called(f"changelog_since_serial, of {_BACK} changes", lambda side: (last_serial(side) - _BACK,)),
        _called("package_roles", lambda side: (_usual(side, 0),)),
        _called("user_packages", lambda _: ("user-7",)),
    ]


def measure_look(look: Look, large: Side, small: Side) -> Figure:
    """One kind of request on both, in turns."""
    sides, askers = (large, small), {side.home.kind: _Asker(side, look) for side in (large, small)}
    for turn in range(TIMES + 1):
        for side in sides:
            askers[side.home.kind].ask(turn)
    costs = [askers[side.home.kind].cost() for side in sides]
    return Figure(look.what, costs[0], costs[1])


def last_serial(side: Side) -> int:
    """The newest serial of an index."""
    _, body = _answer(
        http.client.HTTPConnection("127.0.0.1", side.server.port), "/pypi", _call("changelog_last_serial")
    )
    ((serial,), _) = xmlrpc.client.loads(body)
    return int(str(serial))


class _Asker:
    """Asks one index for one thing, and remembers how long each answer took."""

    def __init__(self, side: Side, look: Look) -> None:
        self._side = side
        self._look = look
        self._body = look.call(side) if look.call else None
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", side.server.port, timeout=_PATIENCE_SECONDS
        )
        self._seconds: list[float] = []
        self._used_before = 0.0

    def ask(self, turn: int) -> None:
        """Ask once; the first time is not counted."""
        if turn == 1:
            self._used_before = processor_seconds(self._side.server.pid)
        path = self._look.path(self._side, turn)
        began = time.perf_counter()
        status, body = _answer(self._connection, path, self._body)
        took = time.perf_counter() - began
        if status != HTTPStatus.OK or b"<fault>" in body:
            raise AssertionError(
                f"{path} of the {self._side.home.kind} index answers {status}: {body[:300]!r}"
            )
        if turn:
            self._seconds.append(took)

    def cost(self) -> Cost:
        """What an answer cost."""
        self._connection.close()
        used = processor_seconds(self._side.server.pid) - self._used_before
        is_told = used >= _LEAST_PROCESSOR_SECONDS
        return cost_of(self._seconds, used / len(self._seconds) if is_told else None)


def _answer(connection: http.client.HTTPConnection, path: str, body: bytes | None) -> tuple[int, bytes]:
    headers = {"Accept-Encoding": "gzip", **({"Content-Type": "text/xml"} if body else {})}
    connection.request("POST" if body else "GET", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def _usual(side: Side, turn: int) -> str:
    numbers = usual_projects(len(side.home.names))
    return side.home.names[numbers[turn % len(numbers)]].normalized


def _searched(what: str, texts: Callable[[Side], tuple[str, ...]]) -> Look:
    def path(side: Side, turn: int) -> str:
        found = texts(side)
        return f"/search/?q={quote(found[turn % len(found)])}"

    return Look(what, path)


def _called(what: str, arguments: Callable[[Side], tuple[int | str, ...]]) -> Look:
    method = what.partition(",")[0]
    return Look(
        f"`{method}`{what[len(method) :]}", lambda *_: "/pypi", lambda side: _call(method, *arguments(side))
    )


def _call(method: str, *arguments: int | str) -> bytes:
    return xmlrpc.client.dumps(arguments, method).encode()
