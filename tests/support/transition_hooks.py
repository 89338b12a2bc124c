"""Webhooks of the index beside the transition: what each must be told, and what it was, told a second time.

1. Every entry that a webhook asked for reaches it at least once, unless its project was hidden or nobody took it for days.
2. A message has one id, however often it is tried, and is not told again once that was remembered as taken.
3. First tries come in the order of the ledger; each is signed by every secret that counts, and by no other.
4. Who was stopped, disabled or removed is told nothing.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis.stateful import initialize, precondition, rule
from hypothesis.strategies import integers, sampled_from
from tests.support.outside import Answer, Mood
from tests.support.transition_clock import DAY, Clockwork, killed_after

from homeport.domain.errors import Refusal
from homeport.domain.ledger import Kind
from homeport.domain.webhook import Feed
from homeport.flows.webhooks.deliver import deliver_next, hooks_ready
from homeport.flows.webhooks.feed import feed_hooks
from homeport.flows.webhooks.manage import (
    HookWish,
    add_hook,
    disable_hook,
    enable_hook,
    remove_hook,
    renew_secret,
)
from homeport.flows.webhooks.oversee import let_hook_go, stop_hook
from homeport.ports.post import Posted, Poster

_URL = "https://ci.test/hook/"
_MOODS = {
    "well": Answer(body=b"thanks"),
    "broken": Answer(500),
    "hangs up": Answer(mood=Mood.HANGS_UP),
    "gone": Answer(410),
}
_EVENTS = {
    "all": (),
    "some": (Kind.CONSENT_GIVEN.value, Kind.MODE_CHANGED.value, Kind.VISIBILITY_CHANGED.value),
}
_MOST = 3
_ALL = 10_000
_LONGEST_REST = 24
_LOST = timedelta(days=5)


@dataclass
class Hook:
    """What one webhook must be told: ``due`` are serials, with the projects that their entries name.

    ``tried`` is when each was tried first, ``taken`` are those of which it is remembered that they were taken, ``excused``
    those that may be left out. ``failing`` is since when it took nothing, ``by`` is who answers for it.
    """

    id: int
    kinds: tuple[str, ...]
    cursor: int
    secrets: list[str]
    both_until: datetime
    is_disabled: bool = False
    is_stopped: bool = False
    due: dict[int, set[str]] = field(default_factory=dict)
    tried: dict[int, datetime] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    excused: set[int] = field(default_factory=set)
    failing: datetime | None = None
    by: str = "root"

    @property
    def hears(self) -> bool:
        """Whether it is told anything."""
        return not (self.is_disabled or self.is_stopped)

    def signatures(self, message_id: str, moment: str, body: bytes, now: datetime) -> set[str]:
        """What every secret that counts makes of a message."""
        counting = self.secrets if now < self.both_until else self.secrets[:1]
        keys = (base64.b64decode(secret.removeprefix("whsec_")) for secret in counting)
        signed = f"{message_id}.{moment}.".encode() + body
        return {"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys}


@dataclass
class _Listening:
    """A poster that tells of every try before it is made, and of what came of it."""

    poster: Poster
    tries: list[tuple[str, bytes, Mapping[str, str], Posted]] = field(default_factory=list)

    def objection(self, url: str) -> Posted | None:
        return self.poster.objection(url)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        posted = self.poster.post(url, body, headers)
        self.tries.append((url, body, headers, posted))
        return posted


class Hooked(Clockwork):
    """The rules of webhooks."""

    def __init__(self) -> None:
        super().__init__()
        assert self.world.poster is not None
        self.listening = _Listening(self.world.poster)
        self.world = replace(self.world, poster=self.listening)
        self.fakes.world = self.world
        self.hooks: dict[str, Hook] = {}
        self.added = 0

    @initialize()
    def somebody_listens(self) -> None:
        """Somebody outside is told of everything from the beginning on."""
        self.somebody_adds_a_webhook("root", "all")

    @precondition(lambda self: len(self.hooks) < _MOST)
    @rule(who=sampled_from(["root", "root", "ada"]), events=sampled_from(["all", "all", "some"]))
    def somebody_adds_a_webhook(self, who: str, events: str) -> None:
        """An administrator has somebody outside told of what happens; nobody else may."""
        # An address is never used twice: what reaches one that was removed must be seen.
        url, cursor = f"{_URL}{self.added}", len(self.tables.ledger)
        self.added += 1
        self.fakes.outside.put(url, _MOODS["well"])
        made = self.ask(
            lambda: add_hook(self.world, self.caller(who), HookWish(Feed.INDEX, url, _EVENTS[events]))
        )
        assert isinstance(made, Refusal) is (who == "ada"), made
        if not isinstance(made, Refusal):
            self.counts[Kind.WEBHOOK_ADDED] += 1
            self.hooks[url] = Hook(made.hook.id, _EVENTS[events], cursor, [made.secret], self.model.now)  # type: ignore[attr-defined]

    @precondition(lambda self: self.hooks)
    @rule(
        which=integers(0, _MOST - 1),
        who=sampled_from(["root", "rita", "ada"]),
        what=sampled_from(["stop", "stop", "go", "disable", "enable", "renew", "renew", "remove"]),
    )
    def somebody_looks_after_a_webhook(self, which: int, who: str, what: str) -> None:
        """An administrator stops a webhook, lets it go, disables, enables or removes it, or renews its secret."""
        url, hook = list(self.hooks.items())[which % len(self.hooks)]
        acts: Mapping[str, Callable[[], Any]] = {
            "stop": lambda: stop_hook(self.world, self.caller(who), hook.id, "Harm."),
            "go": lambda: let_hook_go(self.world, self.caller(who), hook.id, "Fine."),
            "disable": lambda: disable_hook(self.world, self.caller(who), hook.id),
            "enable": lambda: enable_hook(self.world, self.caller(who), hook.id),
            "renew": lambda: renew_secret(self.world, self.caller(who), hook.id),
            "remove": lambda: remove_hook(self.world, self.caller(who), hook.id),
        }
        outcome = self.ask(acts[what])
        is_refused = isinstance(outcome, Refusal)
        may = who != "ada" and not (what == "enable" and hook.is_stopped)
        # Secrets are renewed a few times an hour.
        assert is_refused is not may or (may and what == "renew"), outcome
        if is_refused:
            return
        was = (hook.is_stopped, hook.is_disabled, hook.failing, hook.by)
        match what:
            case "stop":
                hook.is_stopped = True
            case "go" if hook.is_stopped:
                hook.is_stopped, hook.failing = False, None
            case "disable":
                hook.is_disabled = True
            case "enable":
                hook.is_disabled, hook.failing, hook.by = False, None, who
        if what == "remove":
            del self.hooks[url]
            self.counts[Kind.WEBHOOK_REMOVED] += 1
        elif what == "renew":
            hook.secrets = [outcome.secret, hook.secrets[0]]  # type: ignore[attr-defined]
            hook.both_until = self.model.now + DAY
            self.counts[Kind.WEBHOOK_CHANGED] += 1
        else:
            is_changed = was != (hook.is_stopped, hook.is_disabled, hook.failing, hook.by)
            self.counts[Kind.WEBHOOK_CHANGED] += is_changed

    @precondition(lambda self: self.hooks)
    @rule(
        mood=sampled_from(["well", "well", "broken", "hangs up", "gone"]),
        hours=sampled_from([0, 1, 24, 30]),
        writes=sampled_from([_ALL, _ALL, _ALL, 0, 1, 2, 4]),
    )
    def webhooks_are_told(self, mood: str, hours: int, writes: int) -> None:
        """Time goes by, and a worker tells webhooks what is due, whose receivers may fail; it may be killed meanwhile.

        Nothing rests for longer than a day: who takes everything then misses nothing.
        """
        self.pass_time(timedelta(hours=hours))
        for url in self.hooks:
            self.fakes.outside.put(url, _MOODS[mood])
        self.tell_webhooks(writes)
        if mood != "well" or hours < _LONGEST_REST or writes < _ALL:
            return
        for url, hook in self.hooks.items():
            missing = sorted(hook.due.keys() - hook.taken - hook.excused)
            assert not hook.hears or not missing, f"{url} was never told of {missing}"

    def tell_webhooks(self, writes: int = _ALL) -> None:
        """Feed, and tell until nothing is due; the worker dies after so many transactions."""
        self.listening.tries.clear()
        is_fed = is_whole = False
        with killed_after(self.fakes.store, writes):
            feed_hooks(self.world)
            is_fed = True
        if is_fed:
            self._became_due()
            with killed_after(self.fakes.store, max(0, writes - 1)):
                for hook_id in hooks_ready(self.world):
                    while deliver_next(self.world, hook_id):
                        pass
                is_whole = True
        for number, one in enumerate(self.listening.tries, 1):
            self._tried(*one, is_remembered=is_whole or number < len(self.listening.tries))
        for url, hook in self.hooks.items():
            found = self.tables.webhooks[hook.id][0]
            is_disabled = found.disabled_at is not None
            assert is_disabled is hook.is_disabled, f"{url} is disabled: {is_disabled}, {found.disabled_why}"

    def _became_due(self) -> None:
        """What webhooks were fed: what the public may hear of at that moment."""
        hidden = {name for name, must in self.model.projects.items() if must.is_private}
        for hook in self.hooks.values():
            # What is hidden now is not told, and may be forgotten.
            hook.excused |= {serial for serial, names in hook.due.items() if names & hidden}
            if not hook.hears:
                continue
            for entry in self.entries(hook.cursor):
                names = _named(entry)
                if (not hook.kinds or entry["kind"] in hook.kinds) and not names & hidden:
                    hook.due[entry["seq"]] = names
            hook.cursor = len(self.tables.ledger)

    def _tried(
        self, url: str, body: bytes, headers: Mapping[str, str], posted: Posted, *, is_remembered: bool
    ) -> None:
        """One message was on its way to somebody: every reason why it must not have been."""
        now, told = self.model.now, json.loads(body)
        serial, id_ = told["data"]["serial"], headers["webhook-id"]
        hook = self.hooks.get(url)
        assert hook is not None, f"{url} was removed, and told of {serial}"
        assert hook.hears, f"{url} was stopped, and told of {serial}"
        assert serial in hook.due, f"{url} was told of {serial}, for which it did not ask"
        hidden = [name for name in hook.due[serial] if self.model.projects[name].is_private]
        assert not hidden, f"{url} was told of {serial}, which names {hidden}, for members only"
        assert serial not in hook.taken, f"{url} was told of {serial} again as {id_}"
        assert hook.ids.setdefault(serial, id_) == id_, (
            f"{serial} is {hook.ids[serial]}, and was sent as {id_}"
        )
        assert list(hook.ids.values()).count(id_) == 1, f"{id_} is more than one message"
        if serial not in hook.tried:
            assert all(serial > one for one in hook.tried), f"{url} was told of {serial} out of turn"
        first = hook.tried.setdefault(serial, now)
        signed = set(headers["webhook-signature"].split(" "))
        wanted = hook.signatures(id_, headers["webhook-timestamp"], body, now)
        assert signed == wanted, (
            f"{url} was told of {serial} with other signatures than {len(wanted)} of its own"
        )
        if not is_remembered:
            return
        if posted.status == 200:
            hook.taken.add(serial)
            hook.failing = None
            return
        hook.failing = hook.failing or now
        hook.is_disabled = posted.status == 410 or now - hook.failing >= _LOST
        if now - first >= _LOST:
            hook.excused.add(serial)


def _named(entry: Mapping[str, Any]) -> set[str]:
    """The projects that an entry names."""
    details = entry["details"]
    names = {entry["project"], details.get("project"), *(details.get("projects") or ())}
    return {name for name in names if name}
