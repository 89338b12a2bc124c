"""A ``Fetcher`` that reaches the simulated outside in memory, by the rules of the real one, without sockets or waiting.

``tests/adapters/test_fetch_contract.py`` keeps the two alike.
"""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace

from tests.support.outside import Answer, Mood, Outside

from homeport.adapters.net.ending import Ended
from homeport.adapters.net.request import headers_of
from homeport.adapters.net.rest import Rest
from homeport.domain.address import AllowList, Places, Refused, is_loopback_address, may_ask, may_connect
from homeport.domain.errors import Invalid
from homeport.domain.urls import Url
from homeport.ports.fetch import (
    PLAIN_GET,
    Ask,
    Fetched,
    FetchLimits,
    Hop,
    Manners,
    Method,
    Outcome,
    TlsFacts,
    Went,
)

_REDIRECTS = {301, 302, 303, 307, 308}
_OK, _PARTIAL, _NOT_MODIFIED = 200, 206, 304


class OutsideFetcher:
    """A ``Fetcher`` that reaches an ``Outside`` in memory, by the same rules, without sockets or waiting."""

    def __init__(self, outside: Outside, *, allow: AllowList = (), own: Places = frozenset()) -> None:
        self._outside = outside
        self._allow = allow
        self._own = own

    def fetch(
        self,
        url: str,
        limits: FetchLimits,
        sink: Callable[[bytes], None],
        ask: Ask = PLAIN_GET,
        manners: Manners | None = None,
    ) -> Fetched:
        """Follow ``url`` through the simulated world."""
        try:
            return self._follow(url, limits, sink, ask, manners)
        except _Ended as ended:
            return ended.told

    def _follow(
        self,
        text: str,
        limits: FetchLimits,
        sink: Callable[[bytes], None],
        ask: Ask,
        manners: Manners | None,
    ) -> Fetched:
        told = Fetched(Outcome.OK, text)
        url = _parsed(text, told)
        for _ in range(limits.max_redirects + 1):
            if ask.credential and ask.credential.origin != url.origin:
                ask = replace(ask, credential=None)
            told = Fetched(Outcome.OK, str(url), told.hops)
            turn = _Turn(self, url, ask, manners)
            answer, told = turn.take(told)
            location = dict(answer.headers).get("location", "")
            if answer.status not in _REDIRECTS or not location:
                return _taken(turn, answer, told, limits, sink)
            turn.give_back()
            target = _parsed(location, told, url)
            if url.is_tls and not target.is_tls:
                raise _Ended(told, Outcome.REFUSED, "redirect-refused", f"{target} is not https.")
            url = target
        reason = f"More than {limits.max_redirects} redirects."
        raise _Ended(told, Outcome.REFUSED, "too-many-redirects", reason)

    def require_name(self, url: Url, told: Fetched) -> None:
        """What the real gate says before a look-up."""
        _require(may_ask(url, self._allow, self._own), told)

    def address(self, url: Url, told: Fetched) -> str:
        """What the real gate says after it."""
        addresses = [url.address] if url.address else self._outside.addresses(url.host)
        for address in addresses:
            _require(may_connect(address, url.port, self._allow, self._own), told)
        if not addresses:
            raise _Ended(told, Outcome.UNREACHABLE, "name-unknown", f"{url.host} has no address.")
        return addresses[0]

    def answer(self, url: Url, ask: Ask, address: str, rest: Rest | None, told: Fetched) -> Answer:
        """What the site says to the very headers the real fetcher sends."""
        try:
            headers = headers_of(url, "Simulated", ask, address, rest)
        except Ended as ended:
            raise _Ended(told, ended.outcome, ended.code, ended.reason) from ended
        sent = {name.decode().lower(): value.decode("latin-1") for name, value in headers}
        return self._outside.answer(url, ask.method, sent)


class _Turn:
    """One request, from the wait for it to its end."""

    def __init__(self, fetcher: OutsideFetcher, url: Url, ask: Ask, manners: Manners | None) -> None:
        self.url, self.ask = url, ask
        self._fetcher, self._manners = fetcher, manners
        self._went = Went(0, 0)

    def take(self, told: Fetched, rest: Rest | None = None) -> tuple[Answer, Fetched]:
        """The answer, and the story with its hop."""
        self._fetcher.require_name(self.url, told)
        away = self._manners.before(self.url, self.ask) if self._manners else None
        if away is not None:
            told = replace(told, retry_after_seconds=away.retry_after_seconds)
            raise _Ended(told, away.outcome, away.code, away.reason)
        try:
            address = self._fetcher.address(self.url, told)
            answer = self._fetcher.answer(self.url, self.ask, address, rest, told)
            told = _answered(answer, told, self.url, address)
        except _Ended as ended:
            self.give_back(ended.told.code)
            raise
        self._went = Went(answer.status, 0, "", _seconds(answer))
        if self._manners is not None:
            self._manners.during(self.url)
        return answer, told

    def give_back(self, problem: str = "", received_bytes: int = 0) -> None:
        """The request is over."""
        if self._manners is not None:
            self._manners.after(self.url, replace(self._went, problem=problem, received_bytes=received_bytes))


def _require(decision: object, told: Fetched) -> None:
    if isinstance(decision, Refused):
        raise _Ended(told, Outcome.REFUSED, decision.code, decision.reason)


class _Ended(Exception):  # noqa: N818 - an ending to tell, not an error
    def __init__(self, told: Fetched, outcome: Outcome, code: str, reason: str) -> None:
        super().__init__(reason)
        self.told = replace(told, outcome=outcome, code=code, reason=reason)


_NO_HEAD = {
    Mood.HANGS_UP: ("broke-off", "The site hung up."),
    Mood.SILENT: ("timed-out", "The site said nothing."),
    Mood.GARBLES: ("answer-garbled", "The site does not speak HTTP."),
}
_CUT_BODY = {
    Mood.BREAKS_OFF: ("broke-off", "The answer broke off."),
    Mood.DRIPS: ("too-slow", "The answer came too slowly."),
}


def _parsed(text: str, told: Fetched, base: Url | None = None) -> Url:
    try:
        return (base.join(text) if base else Url.parse(text)).without_fragment()
    except Invalid as refusal:
        code = "scheme-refused" if refusal.code == "url-scheme" else "url-refused"
        raise _Ended(told, Outcome.REFUSED, code, refusal.sentence) from refusal


def _answered(answer: Answer, told: Fetched, url: Url, address: str) -> Fetched:
    is_head_sent = answer.mood not in _NO_HEAD
    leaf = hashlib.sha256(url.host.encode()).hexdigest()
    tls = TlsFacts("TLSv1.3", leaf, "Simulated CA") if url.is_tls else None
    hops = (*told.hops, Hop(str(url), address, answer.status if is_head_sent else 0, tls))
    told = replace(
        told,
        hops=hops,
        is_tls=is_head_sent and all(hop.url.startswith("https://") for hop in hops),
        is_loopback=all(is_loopback_address(hop.address) for hop in hops),
        tls=tls,
    )
    if not is_head_sent:
        raise _Ended(told, Outcome.UNREACHABLE, *_NO_HEAD[answer.mood])
    return replace(
        told,
        status=answer.status,
        content_type=answer.content_type,
        headers=(*answer.all_headers(), *answer.announced()),
        retry_after_seconds=_seconds(answer),
    )


def _seconds(answer: Answer) -> int | None:
    retry_after = dict(answer.headers).get("retry-after", "")
    return int(retry_after) if retry_after.isdigit() else None


def _taken(
    turn: _Turn, answer: Answer, told: Fetched, limits: FetchLimits, sink: Callable[[bytes], None]
) -> Fetched:
    body = _Body(limits.max_bytes, sink)
    try:
        ended = _end_of(turn, answer, told, body)
    except Exception:
        turn.give_back("abandoned", body.size_bytes)
        raise
    is_problem = ended.outcome not in {Outcome.OK, Outcome.HTTP_ERROR, Outcome.NOT_MODIFIED}
    turn.give_back(ended.code if is_problem else "", body.size_bytes)
    return _continued(turn, answer, ended, limits.max_resumes, body)


class _Body:
    """What the sink was given."""

    def __init__(self, max_bytes: int, sink: Callable[[bytes], None]) -> None:
        self._max_bytes, self._sink = max_bytes, sink
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    def take(self, answer: Answer, skip: int = 0) -> tuple[Outcome, str, str]:
        """Hand over what is sent after ``skip`` bytes; how that ended."""
        sent = _sent(answer, self._max_bytes)[skip:]
        if self.size_bytes + len(sent) > self._max_bytes:
            return Outcome.TOO_LARGE, "too-large", f"More than {self._max_bytes} bytes."
        self._digest.update(sent)
        self.size_bytes += len(sent)
        self._sink(sent)
        cut = _CUT_BODY.get(answer.mood)
        return (Outcome.UNREACHABLE, *cut) if cut else (Outcome.OK, "", "")

    def told_in(self, told: Fetched, outcome: Outcome, code: str, reason: str) -> Fetched:
        """The story with its body and end."""
        has_body = self.size_bytes or outcome is Outcome.OK
        return replace(
            told,
            outcome=outcome,
            code=code,
            reason=reason,
            size_bytes=self.size_bytes,
            sha256=self._digest.hexdigest() if has_body else "",
        )

    def begins(self, whole: bytes) -> bool:
        """True when ``whole`` begins with what was handed over."""
        return hashlib.sha256(whole[: self.size_bytes]).digest() == self._digest.digest()


def _end_of(turn: _Turn, answer: Answer, told: Fetched, body: _Body) -> Fetched:
    ask = turn.ask
    is_encoded = answer.is_encoded and not told.url.endswith((".gz", ".tgz"))
    if answer.status == _NOT_MODIFIED and (ask.etag or ask.last_modified):
        return replace(told, outcome=Outcome.NOT_MODIFIED, code="not-modified", reason="Nothing newer.")
    if answer.status == _OK and is_encoded:
        reason = "The answer is encoded."
        return replace(told, outcome=Outcome.UNREACHABLE, code="answer-encoded", reason=reason)
    is_page = answer.status >= 400 and answer.content_type.startswith("text/html") and not is_encoded
    if ask.method is Method.GET and (answer.status == _OK or is_page):
        told = body.told_in(told, *body.take(answer))
    if answer.status != _OK and told.outcome is Outcome.OK:
        reason = f"The site answered {answer.status}."
        return replace(told, outcome=Outcome.HTTP_ERROR, code="http-error", reason=reason)
    return told


def _continued(turn: _Turn, begun: Answer, told: Fetched, max_resumes: int, body: _Body) -> Fetched:
    etag = dict(begun.headers).get("etag", "")
    for _ in range(max_resumes):
        if told.code != "broke-off" or begun.status != _OK or not etag.startswith('"'):
            return told
        answer, again = turn.take(told, Rest(etag, body.size_bytes, b"", None))
        same = dict(answer.headers).get("etag", "") == etag
        is_changed = not same or (answer.status == _OK and not body.begins(answer.body))
        if is_changed and answer.status in {_OK, _PARTIAL}:
            end = (Outcome.UNREACHABLE, "changed-while-fetched", "The file has changed.")
        elif answer.status in {_OK, _PARTIAL}:
            end = body.take(answer, body.size_bytes if answer.status == _OK else 0)
        else:
            end = (Outcome.UNREACHABLE, "rest-refused", f"The rest was answered with {answer.status}.")
        turn.give_back(end[1], body.size_bytes)
        told = body.told_in(replace(told, hops=again.hops), *end)
    return told


def _sent(answer: Answer, max_bytes: int) -> bytes:
    if answer.mood in {Mood.BREAKS_OFF, Mood.UNDERSTATES, Mood.DRIPS}:
        return answer.body[: len(answer.body) // 2]
    if answer.mood is Mood.ENCODES:
        return gzip.compress(answer.body, mtime=0)
    if answer.mood is Mood.ENDLESS:
        return b"\0" * (max_bytes + 1)
    return answer.body
