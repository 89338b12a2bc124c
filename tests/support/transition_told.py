"""What webhooks of the index, of projects and of people must be told beside the transition, and what they were.

1. What a webhook asked for reaches it at least once, unless its project was hidden or nobody took it for days.
2. A message has one id, however often it is tried, and also when a person wants it told again. It is not told again by itself
   once that was remembered as taken.
3. First tries come in the order of the ledger; each is signed by every secret that counts, and by no other.
4. Who was stopped, disabled or removed is told nothing; nor is a project's webhook whose owner is none any more.
5. The index's is told nothing of what is for members only, a project's nothing of another project's, and a person's the
   notices of that person: what was written while they might know it stays theirs.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis.stateful import precondition, rule
from hypothesis.strategies import sampled_from
from tests.support.fake_store import FakeStore
from tests.support.outside import Answer, Mood
from tests.support.transition_clock import Clockwork, killed_after
from tests.support.transition_hook import Hook, mentions, named_in
from tests.support.transition_stage import ADMINS, PEOPLE

from homeport.domain.webhook import TEST, Feed
from homeport.flows.webhooks.deliver import deliver_next, hooks_ready
from homeport.flows.webhooks.feed import feed_hooks
from homeport.ports.post import Posted, Poster

MOODS = {
    "well": Answer(body=b"thanks"),
    "broken": Answer(500),
    "hangs up": Answer(mood=Mood.HANGS_UP),
    "gone": Answer(410),
}
_ALL = 10_000
_LONGEST_REST = 24
_LOST = timedelta(days=5)


@dataclass
class Listening:
    """A poster that keeps every try, what came of it, and what was remembered when it was made."""

    poster: Poster
    store: FakeStore
    tries: list[tuple[str, bytes, Mapping[str, str], Posted, object]] = field(default_factory=list)

    def objection(self, url: str) -> Posted | None:
        """See the port."""
        return self.poster.objection(url)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """See the port."""
        posted = self.poster.post(url, body, headers)
        self.tries.append((url, body, headers, posted, self.store.committed))
        return posted


class Told(Clockwork):
    """The rules of telling."""

    def __init__(self) -> None:
        super().__init__()
        assert self.world.poster is not None
        self.listening = Listening(self.world.poster, self.fakes.store)
        self.world = replace(self.world, poster=self.listening)
        self.fakes.world = self.world
        self.hooks: dict[str, Hook] = {}

    def may_have(self, hook: Hook, who: str) -> bool:
        """Whether the webhook is theirs to look after."""
        if hook.feed is Feed.INDEX:
            return who in ADMINS
        return hook.of == who if hook.feed is Feed.PERSON else self.model.projects[hook.of].owns(who)

    def holders(self, hook: Hook) -> set[str]:
        """Everybody whose it is."""
        return {who for who in (*PEOPLE, *ADMINS) if self.may_have(hook, who)}

    def require_noticed(self, since: int, kind: str, *hooks: Hook) -> None:
        """Of what happened to these webhooks everybody whose they are got a notice, and nobody else."""
        names = {user.id: user.name for user in self.tables.users.values()}
        noticed = [names[owner] for owner, notice in self.tables.notices[since:] if notice.kind == kind]
        wanted = [who for hook in hooks for who in self.holders(hook)]
        assert sorted(noticed) == sorted(wanted), f"{wanted} must hear of {kind}, and {noticed} did"

    def counts_still(self, hook: Hook) -> bool:
        """Whether who answers for it may have it: an owner who is none any more hears nothing."""
        return hook.feed is not Feed.PROJECT or self.may_have(hook, hook.by)

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
            self.fakes.outside.put(url, MOODS[mood])
        self.tell_webhooks(writes)
        if mood != "well" or hours < _LONGEST_REST or writes < _ALL:
            return
        for url, hook in self.hooks.items():
            is_told = hook.hears and self.counts_still(hook)
            missing = [*hook.missing(), *sorted(hook.trials)]
            assert not (is_told and missing), f"{url} was never told of {missing}"

    def tell_webhooks(self, writes: int = _ALL) -> None:
        """Feed, and tell until nothing is due; the worker dies after so many transactions."""
        self.listening.tries.clear()
        noticed, told = len(self.tables.notices), [hook for hook in self.hooks.values() if hook.hears]
        is_fed = False
        with killed_after(self.fakes.store, writes):
            while feed_hooks(self.world):
                pass
            is_fed = True
        if is_fed:
            self._became_due()
            with killed_after(self.fakes.store, max(0, writes - 1)):
                for hook_id in hooks_ready(self.world):
                    while deliver_next(self.world, hook_id):
                        pass
        for url, body, headers, posted, tables in self.listening.tries:
            # What is written next after a try is what came of it.
            self._tried(url, body, headers, posted, is_remembered=self.tables is not tables)
        for url, hook in self.hooks.items():
            found = self.tables.webhooks[hook.id][0]
            is_disabled = found.disabled_at is not None
            # Who does not count any more is found out when there is something to tell.
            hook.is_disabled |= is_disabled and not self.counts_still(hook)
            assert is_disabled is hook.is_disabled, f"{url} is disabled: {is_disabled}, {found.disabled_why}"
        self.require_noticed(noticed, "webhook-disabled", *(hook for hook in told if not hook.hears))

    def _became_due(self) -> None:
        """What webhooks were fed: what they may hear of at that moment."""
        hidden = {name for name, must in self.model.projects.items() if must.is_private}
        for hook in self.hooks.values():
            if hook.feed is Feed.INDEX:
                # What is hidden now is not told, and may be forgotten.
                hook.excused |= {number for number, names in hook.due.items() if names & hidden}
            if hook.hears:
                newest = len(self.tables.notices if hook.feed is Feed.PERSON else self.tables.ledger)
                hook.fed(self._news(hook, hidden), newest)

    def _news(self, hook: Hook, hidden: set[str]) -> Iterator[tuple[int, set[str]]]:
        """What it is told of beyond its cursor: numbers, with the projects that are named there."""
        if hook.feed is Feed.PERSON:
            yield from ((number, set()) for number in self._notices_of(hook.of) if number > hook.cursor)
            return
        for entry in self.entries(hook.cursor):
            names = named_in(entry)
            is_its = entry["project"] == hook.of if hook.feed is Feed.PROJECT else not names & hidden
            if is_its and (not hook.kinds or entry["kind"] in hook.kinds):
                yield entry["seq"], names

    def _notices_of(self, who: str) -> list[int]:
        user = self.caller(who).user.id
        return [number for number, (owner, _) in enumerate(self.tables.notices, 1) if owner == user]

    def newest(self, hook: Hook) -> int:
        """The newest serial, or number, that a webhook may be told of."""
        if hook.feed is Feed.PERSON:
            return max(self._notices_of(hook.of), default=0)
        return len(self.tables.ledger)

    def _tried(
        self, url: str, body: bytes, headers: Mapping[str, str], posted: Posted, *, is_remembered: bool
    ) -> None:
        """One message was on its way to somebody: every reason why it must not have been."""
        now, told, id_ = self.model.now, json.loads(body), headers["webhook-id"]
        hook, data = self.hooks.get(url), told["data"]
        assert hook is not None, f"{url} was removed, and told of {data}"
        assert hook.hears, f"{url} was stopped, and told of {data}"
        assert not hook.rests(now), f"{url} rests until {hook.rests_until}, and was told of {data}"
        assert self.counts_still(hook), f"{hook.by} does not own {hook.of}, and {url} was told of {data}"
        self.require_signed(url, hook, body, headers)
        if told["type"] == TEST:
            self.trial_came(url, hook, told, headers, posted, is_remembered=is_remembered)
            return
        number = data["notice" if hook.feed is Feed.PERSON else "serial"]
        assert number in hook.due, f"{url} was told of {number}, for which it did not ask: {data}"
        self.require_its_own(url, hook, body.decode())
        assert number not in hook.taken, f"{url} was told of {number} again as {id_}"
        assert hook.ids.setdefault(number, id_) == id_, (
            f"{number} is {hook.ids[number]}, and was sent as {id_}"
        )
        assert list(hook.ids.values()).count(id_) == 1, f"{id_} is more than one message"
        assert not hook.is_out_of_turn(number), f"{url} was told of {number} out of turn"
        first = hook.tried.setdefault(number, now)
        if not is_remembered:
            return
        if posted.status == 200:
            hook.taken.add(number)
            hook.fares_well()
            return
        hook.fails(now)
        hook.is_disabled = posted.status == 410 or now - (hook.failing or now) >= _LOST
        if now - first >= _LOST:
            hook.excused.add(number)

    def require_signed(self, url: str, hook: Hook, body: bytes, headers: Mapping[str, str]) -> None:
        """Every secret that counts signed, and no other."""
        signed = set(headers["webhook-signature"].split(" "))
        moment = headers["webhook-timestamp"]
        wanted = hook.signatures(headers["webhook-id"], moment, body, self.model.now)
        assert signed == wanted, f"{url} was told with other signatures than {len(wanted)} of its own"

    def require_its_own(self, url: str, hook: Hook, body: str) -> None:
        """Who reads what a webhook is told learns nothing that is for others."""
        if hook.feed is Feed.PERSON:
            data = json.loads(body)["data"]
            owner, notice = self.tables.notices[data["notice"] - 1]
            assert owner == self.caller(hook.of).user.id, f"{url} was told a notice of others: {data}"
            assert (data["subject"], data["text"]) == (notice.subject, notice.text), data
            return
        for name, must in self.model.projects.items():
            is_others = must.is_private and (hook.feed is Feed.INDEX or hook.of != name)
            assert not (is_others and mentions(body, name)), (
                f"{url} was told of {name}, which is for members only: {body}"
            )

    def trial_came(
        self,
        url: str,
        hook: Hook,
        told: Mapping[str, Any],
        headers: Mapping[str, str],
        posted: Posted,
        *,
        is_remembered: bool = True,
    ) -> None:
        """A test was on its way to somebody."""
        id_ = headers["webhook-id"]
        assert id_ in hook.trials, f"{url} got the test {id_}, for which nobody asked"
        assert told["type"] == TEST and told["data"]["webhook"] == hook.id, told  # noqa: PT018
        assert id_ not in hook.ids.values(), f"{id_} is more than one message"
        if is_remembered:
            # Nobody waits for a test that was not taken.
            hook.trials.discard(id_)
            if posted.status == 200:
                hook.fares_well()
