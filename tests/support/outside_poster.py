"""A ``Poster`` that reaches the simulated outside in memory, by the rules of the real one.

``tests/adapters/test_post_contract.py`` keeps the two alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.outside import Mood, Outside

from homeport.domain.address import AllowList, Places, Refused, is_inner, may_ask, may_connect
from homeport.domain.errors import Invalid
from homeport.domain.urls import Url
from homeport.ports.post import Posted

_FIRST = 4096


@dataclass(frozen=True)
class Told:
    """One message as its receiver got it."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class OutsidePoster:
    """Tells an ``Outside``; ``told`` is all that arrived, in order."""

    outside: Outside
    allow: AllowList = ()
    own: Places = frozenset()
    told: list[Told] = field(default_factory=list)

    def objection(self, url: str) -> Posted | None:
        """See the port."""
        return self._gate(url)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """See the port."""
        if (refused := self._gate(url)) is not None:
            return refused
        parsed = Url.parse(url)
        inner = any(is_inner(address, parsed.port) for address in self._addresses(parsed))
        answer = self.outside.answer(parsed, "POST", headers)
        if answer.mood is Mood.HANGS_UP:
            reason = "The answer broke off before it was whole."
            return Posted(0, code="broke-off", reason=reason, is_inner=inner)
        self.told.append(Told(url, body, headers))
        after = dict(answer.headers).get("retry-after")
        text = answer.body[:_FIRST].decode(errors="replace")
        wait = int(after) if after else None
        return Posted(answer.status, text, retry_after_seconds=wait, is_inner=inner)

    def _addresses(self, url: Url) -> Sequence[str]:
        return [url.address] if url.address else self.outside.addresses(url.host)

    def _gate(self, text: str) -> Posted | None:
        """What the real gate refuses."""
        try:
            url = Url.parse(text)
        except Invalid as refusal:
            return Posted(0, code="url-refused", reason=refusal.sentence)
        decision = may_ask(url, self.allow, self.own)
        if isinstance(decision, Refused):
            return Posted(0, code=decision.code, reason=decision.reason)
        addresses = self._addresses(url)
        inner = any(is_inner(address, url.port) for address in addresses)
        for address in addresses:
            decision = may_connect(address, url.port, self.allow, self.own)
            if isinstance(decision, Refused):
                return Posted(0, code=decision.code, reason=f"{url.host}: {decision.reason}", is_inner=inner)
        if not addresses:
            return Posted(0, code="name-unknown", reason=f"{url.host} has no address.")
        return None
