"""Webhooks and receivers in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.digests import Sha256
from homeport.domain.receiver import Receiver, ReceiverStand, Reception
from homeport.domain.webhook import Feed, Webhook
from homeport.domain.webhook_delivery import Delivery
from homeport.ports.webhooks import HookFilter

_REFUSED = 400


class FakeWebhooks:
    """``ports.webhooks.Webhooks``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, hook: Webhook, sealed_secret: bytes) -> Webhook:
        """See the port."""
        project = self._tables.projects[hook.project_id].name.normalized if hook.project_id else ""
        new = replace(hook, id=self._tables.fresh_id("webhooks"), project=project)
        self._tables.webhooks[new.id] = new, (sealed_secret,)
        return new

    def find(self, hook_id: int) -> Webhook | None:
        """See the port."""
        found = self._tables.webhooks.get(hook_id)
        return found[0] if found else None

    def put(self, hook: Webhook) -> None:
        """See the port."""
        known, secrets = self._tables.webhooks[hook.id]
        self._tables.webhooks[hook.id] = replace(hook, both_until=known.both_until), secrets

    def advance(self, hook_ids: Sequence[int], cursor: int) -> None:
        """See the port."""
        for hook in self._hooks():
            if hook.id in hook_ids:
                self.put(replace(hook, cursor=max(hook.cursor, cursor)))

    def remove(self, hook_id: int) -> None:
        """See the port."""
        del self._tables.webhooks[hook_id]
        for number in [
            one.id for one in self._tables.webhook_deliveries.values() if one.webhook_id == hook_id
        ]:
            del self._tables.webhook_deliveries[number]

    def sealed_secrets(self, hook_id: int, now: datetime) -> Sequence[bytes]:
        """See the port."""
        hook, secrets = self._tables.webhooks[hook_id]
        return _that_count(secrets, hook.both_until, now)

    def renew(self, hook_id: int, sealed_secret: bytes, both_until: datetime) -> None:
        """See the port."""
        hook, secrets = self._tables.webhooks[hook_id]
        renewed = replace(hook, both_until=both_until)
        self._tables.webhooks[hook_id] = renewed, (sealed_secret, secrets[0])

    def every(self, wanted: HookFilter, *, limit: int) -> Sequence[Webhook]:
        """See the port."""
        return [
            hook
            for hook in reversed(self._hooks())
            if _is_of(hook, wanted)
            and wanted.feed in {None, hook.feed}
            and wanted.state in {None, hook.state}
            and hook.failures >= wanted.failures
            and (not wanted.before or hook.id < wanted.before)
        ][:limit]

    def of(self, feed: Feed, owner_id: int = 0) -> Sequence[Webhook]:
        """See the port."""
        return [
            hook
            for hook in self._hooks()
            if hook.feed is feed and (feed is Feed.INDEX or owner_id in {hook.project_id, hook.user_id})
        ]

    def behind(self, serial: int, *, most_waiting: int, limit: int) -> Sequence[Webhook]:
        """See the port."""
        found = [
            hook
            for hook in self._hooks()
            if hook.feed is not Feed.PERSON and hook.cursor < serial and self._takes(hook, most_waiting)
        ]
        return sorted(found, key=lambda hook: (hook.cursor, hook.id))[:limit]

    def behind_notices(self, *, most_waiting: int, limit: int) -> Sequence[Webhook]:
        """See the port."""
        newest = {owner: number for number, (owner, _) in enumerate(self._tables.notices, 1)}
        found = [
            hook
            for hook in self._hooks()
            if hook.feed is Feed.PERSON
            and newest.get(hook.user_id or 0, 0) > hook.cursor
            and self._takes(hook, most_waiting)
        ]
        return found[:limit]

    def ready(self, now: datetime, *, limit: int) -> Sequence[int]:
        """See the port."""
        first: dict[int, datetime] = {}
        for one in self._tables.webhook_deliveries.values():
            if one.due_at is not None:
                first[one.webhook_id] = min(one.due_at, first.get(one.webhook_id, one.due_at))
        found = [
            (first[hook.id], hook.id)
            for hook in self._hooks()
            if not hook.is_disabled
            and (hook.rests_until is None or hook.rests_until <= now)
            and hook.id in first
            and first[hook.id] <= now
        ]
        return [number for _, number in sorted(found)[:limit]]

    def add_delivery(self, hook_id: int, event: str, serial: int, at: datetime) -> Delivery:
        """See the port."""
        for one in self._tables.webhook_deliveries.values():
            if serial and (one.webhook_id, one.serial) == (hook_id, serial):
                again = one.again(at)
                self.put_delivery(again)
                return again
        new = Delivery(self._tables.fresh_id("webhook_deliveries"), hook_id, event, serial, at, at)
        self.put_delivery(new)
        return new

    def delivery(self, delivery_id: int) -> Delivery | None:
        """See the port."""
        return self._tables.webhook_deliveries.get(delivery_id)

    def put_delivery(self, delivery: Delivery) -> None:
        """See the port."""
        self._tables.webhook_deliveries[delivery.id] = delivery

    def next_due(self, hook_id: int, now: datetime) -> Delivery | None:
        """See the port."""
        due = [
            (one.due_at, one.id, one)
            for one in self._tables.webhook_deliveries.values()
            if one.webhook_id == hook_id and one.due_at is not None and one.due_at <= now
        ]
        return min(due)[2] if due else None

    def waiting(self, hook_id: int) -> int:
        """See the port."""
        every = self._tables.webhook_deliveries.values()
        return sum(one.webhook_id == hook_id and one.due_at is not None for one in every)

    def deliveries(self, hook_id: int, *, before: int = 0, limit: int) -> Sequence[Delivery]:
        """See the port."""
        every = sorted(self._tables.webhook_deliveries.items(), reverse=True)
        found = [
            one for number, one in every if one.webhook_id == hook_id and (not before or number < before)
        ]
        return found[:limit]

    def forget_old(self, before: datetime) -> None:
        """See the port."""
        every = list(self._tables.webhook_deliveries.values())
        for number in [one.id for one in every if one.due_at is None and one.at < before]:
            del self._tables.webhook_deliveries[number]

    def forget_secrets(self, now: datetime) -> None:
        """See the port."""
        for hook, secrets in list(self._tables.webhooks.values()):
            if hook.both_until is not None and hook.both_until <= now:
                self._tables.webhooks[hook.id] = replace(hook, both_until=None), secrets[:1]

    def _hooks(self) -> list[Webhook]:
        return [hook for hook, _ in self._tables.webhooks.values()]

    def _takes(self, hook: Webhook, most_waiting: int) -> bool:
        return not hook.is_disabled and self.waiting(hook.id) < most_waiting


class FakeReceivers:
    """``ports.webhooks.Receivers``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, receiver: Receiver, sealed_secret: bytes) -> Receiver:
        """See the port."""
        new = replace(receiver, id=self._tables.fresh_id("receivers"))
        self._tables.receivers[new.id] = new, (sealed_secret,)
        return new

    def find(self, receiver_id: int) -> Receiver | None:
        """See the port."""
        found = self._tables.receivers.get(receiver_id)
        return found[0] if found else None

    def by_key(self, key: str) -> Receiver | None:
        """See the port."""
        return next((one for one, _ in self._tables.receivers.values() if one.key == key), None)

    def of_project(self, project_id: int) -> Sequence[Receiver]:
        """See the port."""
        return [one for one, _ in self._tables.receivers.values() if one.project_id == project_id]

    def remove(self, receiver_id: int) -> None:
        """See the port."""
        del self._tables.receivers[receiver_id]
        for mark in [mark for mark in self._tables.reception_marks if mark[0] == receiver_id]:
            del self._tables.reception_marks[mark]
        self._keep([one for one in self._tables.receptions if one.receiver_id != receiver_id])

    def put(self, receiver: Receiver) -> None:
        """See the port."""
        known, secrets = self._tables.receivers[receiver.id]
        self._tables.receivers[receiver.id] = replace(receiver, both_until=known.both_until), secrets

    def sealed_secrets(self, receiver_id: int, now: datetime) -> Sequence[bytes]:
        """See the port."""
        receiver, secrets = self._tables.receivers[receiver_id]
        return _that_count(secrets, receiver.both_until, now)

    def renew(self, receiver_id: int, sealed_secret: bytes, both_until: datetime) -> None:
        """See the port."""
        receiver, secrets = self._tables.receivers[receiver_id]
        renewed = replace(receiver, both_until=both_until)
        self._tables.receivers[receiver_id] = renewed, (sealed_secret, secrets[0])

    def every(self, wanted: HookFilter, *, limit: int) -> Sequence[ReceiverStand]:
        """See the port."""
        stands = [
            ReceiverStand(one, sum(told.status >= _REFUSED for told in self.receptions(one.id, limit=None)))
            for one, _ in reversed(self._tables.receivers.values())
        ]
        return [
            stand
            for stand in stands
            if (not wanted.owner or wanted.project == stand.receiver.project)
            and wanted.feed in {None, Feed.PROJECT}
            and wanted.state in {None, stand.state}
            and stand.refused >= wanted.failures
            and (not wanted.before or stand.receiver.id < wanted.before)
        ][:limit]

    def is_known(self, receiver_id: int, marks: Sequence[Sha256]) -> bool:
        """See the port."""
        return any((receiver_id, mark) in self._tables.reception_marks for mark in marks)

    def remember(self, receiver_id: int, marks: Sequence[Sha256], at: datetime) -> None:
        """See the port."""
        for mark in marks:
            self._tables.reception_marks.setdefault((receiver_id, mark), at)

    def add_reception(self, reception: Reception) -> Reception:
        """See the port."""
        new = replace(reception, id=self._tables.fresh_id("receptions"))
        self._tables.receptions.append(new)
        return new

    def receptions(self, receiver_id: int, *, limit: int | None) -> Sequence[Reception]:
        """See the port."""
        return [one for one in reversed(self._tables.receptions) if one.receiver_id == receiver_id][:limit]

    def forget_old(self, before: datetime) -> None:
        """See the port."""
        for mark in [mark for mark, at in self._tables.reception_marks.items() if at < before]:
            del self._tables.reception_marks[mark]
        self._keep([one for one in self._tables.receptions if one.at >= before])

    def forget_secrets(self, now: datetime) -> None:
        """See the port."""
        for receiver, secrets in list(self._tables.receivers.values()):
            if receiver.both_until is not None and receiver.both_until <= now:
                self._tables.receivers[receiver.id] = replace(receiver, both_until=None), secrets[:1]

    def _keep(self, kept: Sequence[Reception]) -> None:
        self._tables.receptions[:] = kept


def _is_of(hook: Webhook, wanted: HookFilter) -> bool:
    its = {Feed.PROJECT: wanted.project, Feed.PERSON: wanted.owner, Feed.INDEX: None}
    return not wanted.owner or hook.owner == its[hook.feed]


def _that_count(secrets: tuple[bytes, ...], both_until: datetime | None, now: datetime) -> Sequence[bytes]:
    return list(secrets if both_until is not None and both_until > now else secrets[:1])
