"""What people do with webhooks beside the transition: add, stop, disable, renew and remove them, and want things told again.

1. The index's webhooks are for administrators, a project's for its owners, a person's for that person; administrators stop any.
2. A secret is renewed ten times an hour by one person, and others are asked, or told again, twenty times within five minutes: then
   people are told how long to wait, and that is true.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from hypothesis.stateful import initialize, precondition, rule
from hypothesis.strategies import integers, sampled_from
from tests.support.transition_clock import DAY
from tests.support.transition_hook import Allowance, Hook
from tests.support.transition_stage import ADMINS, NAMES, PEOPLE
from tests.support.transition_told import MOODS, Told

from homeport.domain.errors import RateLimited, Refusal
from homeport.domain.ledger import Kind
from homeport.domain.webhook import TEST, Feed
from homeport.flows.webhooks.log import Log, replay_delivery, replay_from, show_log, try_hook
from homeport.flows.webhooks.manage import (
    HookWish,
    add_hook,
    disable_hook,
    enable_hook,
    remove_hook,
    renew_secret,
)
from homeport.flows.webhooks.oversee import let_hook_go, stop_hook

_URL = "https://ci.test/hook/"
_EVENTS = {
    "all": (),
    "some": (Kind.CONSENT_GIVEN.value, Kind.MODE_CHANGED.value, Kind.VISIBILITY_CHANGED.value),
}
INDEX, MINE = "index", "mine"
ITS_OWN = "its own"
MOST_HOOKS = 3


class Hooked(Told):
    """The rules of those who have webhooks."""

    def __init__(self) -> None:
        super().__init__()
        self.added = 0
        self.renewing, self.trying = Allowance(10, timedelta(hours=1)), Allowance(20, timedelta(minutes=5))

    def holder(self, hook: Hook, who: str) -> str:
        """Whom that person is: somebody who may have the webhook, where it is said so."""
        if who != ITS_OWN:
            return who
        return next((one for one in (*PEOPLE, *ADMINS) if self.may_have(hook, one)), hook.by)

    def _chosen(self, which: int) -> tuple[str, Hook]:
        return list(self.hooks.items())[which % len(self.hooks)]

    @initialize()
    def somebody_listens(self) -> None:
        """Somebody outside is told of everything from the beginning on."""
        self.somebody_adds_a_webhook("root", "all")

    @precondition(lambda self: len(self.hooks) < MOST_HOOKS)
    @rule(
        who=sampled_from(["root", "ada", "ada", "bob"]),
        events=sampled_from(["all", "all", "some"]),
        of=sampled_from([INDEX, INDEX, MINE, *NAMES]),
    )
    def somebody_adds_a_webhook(self, who: str, events: str, of: str = INDEX) -> None:
        """Somebody has others told of what happens: to the index, to a project, or of their own notices."""
        feed = {INDEX: Feed.INDEX, MINE: Feed.PERSON}.get(of, Feed.PROJECT)
        kinds = () if feed is Feed.PERSON else _EVENTS[events]
        cursor, noticed, now = len(self.tables.ledger), len(self.tables.notices), self.model.now
        hook = Hook(0, feed, who if feed is Feed.PERSON else of, who, kinds, cursor, [], now)
        # An address is never used twice: what reaches one that was removed must be seen.
        url, may = f"{_URL}{self.added}", self.may_have(hook, who)
        self.added += 1
        self.fakes.outside.put(url, MOODS["well"])
        wish = HookWish(feed, url, kinds, of if feed is Feed.PROJECT else "")
        made = self._within(self.trying, who, lambda: add_hook(self.world, self.caller(who), wish), may=may)
        if made is not None:
            self.require_noticed(noticed, "webhook-added", hook)
            self.counts[Kind.WEBHOOK_ADDED] += 1
            hook.id, hook.secrets = made.hook.id, [made.secret]
            if feed is Feed.PERSON:
                hook.cursor = hook.reach = len(self.tables.notices)
            self.hooks[url] = hook

    def _within(self, allowance: Allowance, who: str, act: Callable[[], object], *, may: bool) -> Any:
        """What came of something that is done a few times in a while: ``None`` when it was refused, with the moment to wait for."""
        has_room, outcome = allowance.has_room(who, self.model.now), self.ask(act)
        if not isinstance(outcome, Refusal):
            assert may, f"{who} must not have done this: {outcome}"
            assert has_room, f"{who} did this {allowance.most} times within {allowance.within}, and again"
            allowance.use(who, self.model.now)
            return outcome
        assert not (may and has_room), outcome
        if may:
            assert isinstance(outcome, RateLimited), outcome
            wait = timedelta(seconds=outcome.retry_after_seconds or 0)
            is_right = allowance.has_room(who, self.model.now + wait)
            is_right = is_right and not allowance.has_room(who, self.model.now + wait - timedelta(seconds=1))
            assert is_right, f"{who} is told to wait for {wait}"
        return None

    @precondition(lambda self: self.hooks)
    @rule(
        which=integers(0, MOST_HOOKS - 1),
        who=sampled_from([ITS_OWN, ITS_OWN, "root", "rita", "ada"]),
        what=sampled_from(["stop", "stop", "go", "disable", "enable", "enable", "remove"]),
    )
    def somebody_looks_after_a_webhook(self, which: int, who: str, what: str) -> None:
        """An administrator stops a webhook or lets it go; who may have it disables, enables or removes it."""
        url, hook = self._chosen(which)
        who = self.holder(hook, who)
        acts: Mapping[str, Callable[[], object]] = {
            "stop": lambda: stop_hook(self.world, self.caller(who), hook.id, "Harm."),
            "go": lambda: let_hook_go(self.world, self.caller(who), hook.id, "Fine."),
            "disable": lambda: disable_hook(self.world, self.caller(who), hook.id),
            "enable": lambda: enable_hook(self.world, self.caller(who), hook.id),
            "remove": lambda: remove_hook(self.world, self.caller(who), hook.id),
        }
        noticed = len(self.tables.notices)
        may = who in ADMINS if what in {"stop", "go"} else self.may_have(hook, who)
        may = may and not (what == "enable" and hook.is_stopped)
        if not self.did(acts[what], may=may):
            assert not may, f"{who} may {what} the webhook, and was refused"
            return
        was = (hook.is_stopped, hook.is_disabled, hook.failing, hook.by)
        match what:
            case "stop":
                hook.is_stopped = True
            case "go" if hook.is_stopped:
                hook.is_stopped = False
                hook.fares_well()
            case "disable":
                hook.is_disabled = True
            case "enable":
                hook.is_disabled, hook.by = False, who
                hook.fares_well()
        if what == "remove":
            del self.hooks[url]
            self.counts[Kind.WEBHOOK_REMOVED] += 1
        else:
            is_changed = was != (hook.is_stopped, hook.is_disabled, hook.failing, hook.by)
            self.counts[Kind.WEBHOOK_CHANGED] += is_changed
            is_stop = is_changed and what in {"stop", "go"}
            self.require_noticed(noticed, "webhook-stopped", *([hook] if is_stop else []))

    @precondition(lambda self: self.hooks)
    @rule(which=integers(0, MOST_HOOKS - 1), who=sampled_from([ITS_OWN, ITS_OWN, "root", "ada"]))
    def somebody_renews_a_secret(self, which: int, who: str) -> None:
        """Who may have a webhook gives it another secret: for a day both sign."""
        _, hook = self._chosen(which)
        who, noticed = self.holder(hook, who), len(self.tables.notices)
        made = self._within(
            self.renewing,
            who,
            lambda: renew_secret(self.world, self.caller(who), hook.id),
            may=self.may_have(hook, who),
        )
        if made is not None:
            self.require_noticed(noticed, "webhook-renewed", hook)
            hook.secrets, hook.both_until = [made.secret, hook.secrets[0]], self.model.now + DAY
            self.counts[Kind.WEBHOOK_CHANGED] += 1

    @precondition(lambda self: self.tables.webhook_deliveries and self.hooks)
    @rule(
        which=integers(0, MOST_HOOKS - 1),
        who=sampled_from([ITS_OWN, ITS_OWN, ITS_OWN, "root", "ada", "bob"]),
        back=integers(0, 30),
        is_its=sampled_from([True, True, True, False]),
    )
    def somebody_wants_one_message_again(self, which: int, who: str, back: int, *, is_its: bool) -> None:
        """A message is told again because a person wants it; one that was told elsewhere is none of this webhook's."""
        _, hook = self._chosen(which)
        who = self.holder(hook, who)
        rows = [
            one for one in self.tables.webhook_deliveries.values() if (one.webhook_id == hook.id) is is_its
        ]
        if not rows:
            return
        row = rows[-1 - back % len(rows)]
        again = self._within(
            self.trying,
            who,
            lambda: replay_delivery(self.world, self.caller(who), hook.id, row.id),
            may=is_its and self.may_have(hook, who) and hook.hears,
        )
        if again is None:
            return
        if row.event == TEST:
            hook.trials.add(row.message_id)
        else:
            hook.told_anew(row.serial)

    @precondition(lambda self: self.hooks)
    @rule(
        which=integers(0, MOST_HOOKS - 1),
        who=sampled_from([ITS_OWN, ITS_OWN, ITS_OWN, "root", "ada", "bob"]),
        back=integers(-1, 60),
    )
    def somebody_wants_everything_again(self, which: int, who: str, back: int) -> None:
        """Everything from a serial on, of a person's webhook from a notice on, is told again."""
        _, hook = self._chosen(which)
        who, newest = self.holder(hook, who), self.newest(hook)
        number = newest - back
        again = self._within(
            self.trying,
            who,
            lambda: replay_from(self.world, self.caller(who), hook.id, number),
            may=self.may_have(hook, who) and hook.hears and 1 <= number <= newest,
        )
        if again is not None:
            hook.cursor = min(hook.cursor, number - 1)

    @precondition(lambda self: self.hooks)
    @rule(which=integers(0, MOST_HOOKS - 1), who=sampled_from([ITS_OWN, ITS_OWN, "root", "bob"]))
    def somebody_tries_a_webhook(self, which: int, who: str) -> None:
        """A test is told at once, also where nothing else is, unless an administrator stopped that."""
        url, hook = self._chosen(which)
        who = self.holder(hook, who)
        self.listening.tries.clear()
        tried = self._within(
            self.trying,
            who,
            lambda: try_hook(self.world, self.caller(who), hook.id),
            may=self.may_have(hook, who) and not hook.is_stopped,
        )
        for asked, body, headers, posted, _ in self.listening.tries:
            assert tried is not None, f"{url} was tried, which was refused"
            assert asked == url, f"{asked} was tried, and not {url}"
            hook.trials.add(headers["webhook-id"])
            self.require_signed(url, hook, body, headers)
            self.trial_came(url, hook, json.loads(body), headers, posted)

    @precondition(lambda self: self.hooks)
    @rule(which=integers(0, MOST_HOOKS - 1), who=sampled_from([ITS_OWN, "root", "ada", "bob"]))
    def somebody_reads_a_log(self, which: int, who: str) -> None:
        """Who may have a webhook reads what it was told, as far as it still may be; administrators see how each fares."""
        url, hook = self._chosen(which)
        who = self.holder(hook, who)
        has, log = self.may_have(hook, who), self.ask(lambda: show_log(self.world, self.caller(who), hook.id))
        assert isinstance(log, Log) is (has or who in ADMINS), f"{who} asked for the log of {url}: {log}"
        if not isinstance(log, Log):
            return
        told = [line.body for line in log.lines if line.body]
        assert has or not (told or log.hook.url == url), f"{who} reads what {url} is told: {told}"
        for body in told:
            if json.loads(body)["type"] != TEST:
                self.require_its_own(url, hook, body)
