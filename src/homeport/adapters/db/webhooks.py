"""Webhooks, and what they are told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from homeport.adapters.db.tables import notices, projects
from homeport.adapters.db.webhook_secrets import forget_secrets, renew_secret, secrets_of
from homeport.adapters.db.webhook_tables import webhook_deliveries as deliveries
from homeport.adapters.db.webhook_tables import webhooks
from homeport.domain.webhook import Feed, HookState, Webhook
from homeport.domain.webhook_delivery import Answer, Delivery
from homeport.ports.webhooks import HookFilter

_HOOK = select(webhooks, projects.c.normalized).outerjoin(projects, projects.c.id == webhooks.c.project_id)
_IS_LIVE = and_(webhooks.c.disabled_at.is_(None), webhooks.c.stopped_at.is_(None))
_IS_WAITING = and_(deliveries.c.webhook_id == webhooks.c.id, deliveries.c.due_at.is_not(None))
_WAITING = select(func.count()).where(_IS_WAITING).scalar_subquery()
_STATES = {
    HookState.LIVE: and_(_IS_LIVE, webhooks.c.failures == 0),
    HookState.FAILING: and_(_IS_LIVE, webhooks.c.failures > 0),
    HookState.DISABLED: not_(_IS_LIVE),
}


class SqlWebhooks:
    """``ports.webhooks.Webhooks`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, hook: Webhook, sealed_secret: bytes) -> Webhook:
        """See the port."""
        row = insert(webhooks).values(
            feed=hook.feed.value,
            project_id=hook.project_id,
            user_id=hook.user_id,
            url=hook.url,
            events=list(hook.events),
            at=hook.at,
            sealed_secret=sealed_secret,
            **_written(hook),
        )
        number = self._connection.execute(row.returning(webhooks.c.id)).scalar_one()
        return self._all(_HOOK.where(webhooks.c.id == number))[0]

    def find(self, hook_id: int) -> Webhook | None:
        """See the port."""
        return next(iter(self._all(_HOOK.where(webhooks.c.id == hook_id))), None)

    def put(self, hook: Webhook) -> None:
        """See the port."""
        self._connection.execute(update(webhooks).where(webhooks.c.id == hook.id).values(**_written(hook)))

    def advance(self, hook_ids: Sequence[int], cursor: int) -> None:
        """See the port."""
        moved = update(webhooks).where(webhooks.c.id.in_(hook_ids), webhooks.c.cursor < cursor)
        self._connection.execute(moved.values(cursor=cursor))

    def remove(self, hook_id: int) -> None:
        """See the port."""
        self._connection.execute(delete(deliveries).where(deliveries.c.webhook_id == hook_id))
        self._connection.execute(delete(webhooks).where(webhooks.c.id == hook_id))

    def sealed_secrets(self, hook_id: int, now: datetime) -> Sequence[bytes]:
        """See the port."""
        return secrets_of(self._connection, webhooks, hook_id, now)

    def renew(self, hook_id: int, sealed_secret: bytes, both_until: datetime) -> None:
        """See the port."""
        renew_secret(self._connection, webhooks, hook_id, sealed_secret, both_until)

    def every(self, wanted: HookFilter, *, limit: int) -> Sequence[Webhook]:
        """See the port."""
        asked = _HOOK.where(webhooks.c.failures >= wanted.failures)
        if wanted.owner:
            asked = asked.where(_is_of(wanted))
        if wanted.feed is not None:
            asked = asked.where(webhooks.c.feed == wanted.feed.value)
        if wanted.state is not None:
            asked = asked.where(_STATES[wanted.state])
        if wanted.before:
            asked = asked.where(webhooks.c.id < wanted.before)
        return self._all(asked.order_by(webhooks.c.id.desc()).limit(limit))

    def of(self, feed: Feed, owner_id: int = 0) -> Sequence[Webhook]:
        """See the port."""
        owners: dict[Feed, ColumnElement[bool]] = {
            Feed.INDEX: webhooks.c.feed == feed.value,
            Feed.PROJECT: webhooks.c.project_id == owner_id,
            Feed.PERSON: webhooks.c.user_id == owner_id,
        }
        return self._all(_HOOK.where(owners[feed]).order_by(webhooks.c.id))

    def behind(self, serial: int, *, most_waiting: int, limit: int) -> Sequence[Webhook]:
        """See the port."""
        is_fed = webhooks.c.feed != Feed.PERSON.value
        asked = _HOOK.where(_IS_LIVE, is_fed, webhooks.c.cursor < serial, most_waiting > _WAITING)
        return self._all(asked.order_by(webhooks.c.cursor, webhooks.c.id).limit(limit))

    def behind_notices(self, *, most_waiting: int, limit: int) -> Sequence[Webhook]:
        """See the port."""
        is_news = exists().where(notices.c.user_id == webhooks.c.user_id, notices.c.id > webhooks.c.cursor)
        is_fed = webhooks.c.feed == Feed.PERSON.value
        asked = _HOOK.where(_IS_LIVE, is_fed, is_news, most_waiting > _WAITING)
        return self._all(asked.order_by(webhooks.c.id).limit(limit))

    def ready(self, now: datetime, *, limit: int) -> Sequence[int]:
        """See the port."""
        first = select(func.min(deliveries.c.due_at)).where(_IS_WAITING).scalar_subquery()
        is_awake = or_(webhooks.c.rests_until.is_(None), webhooks.c.rests_until <= now)
        wanted = select(webhooks.c.id).where(_IS_LIVE, is_awake, first <= now)
        return self._connection.execute(wanted.order_by(first, webhooks.c.id).limit(limit)).scalars().all()

    def add_delivery(self, hook_id: int, event: str, serial: int, at: datetime) -> Delivery:
        """See the port."""
        there = select(deliveries).where(deliveries.c.webhook_id == hook_id, deliveries.c.serial == serial)
        if serial and (known := self._connection.execute(there).first()):
            again = _delivery(known).again(at)
            self.put_delivery(again)
            return again
        new = Delivery(0, hook_id, event, serial, at, at)
        row = insert(deliveries).values(webhook_id=hook_id, event=event, serial=serial, at=at, **_tried(new))
        number = self._connection.execute(row.returning(deliveries.c.id)).scalar_one()
        return Delivery(number, hook_id, event, serial, at, at)

    def delivery(self, delivery_id: int) -> Delivery | None:
        """See the port."""
        return self._one(select(deliveries).where(deliveries.c.id == delivery_id))

    def put_delivery(self, delivery: Delivery) -> None:
        """See the port."""
        row = update(deliveries).where(deliveries.c.id == delivery.id)
        self._connection.execute(row.values(**_tried(delivery)))

    def next_due(self, hook_id: int, now: datetime) -> Delivery | None:
        """See the port."""
        asked = select(deliveries).where(deliveries.c.webhook_id == hook_id, deliveries.c.due_at <= now)
        return self._one(asked.order_by(deliveries.c.due_at, deliveries.c.id).limit(1))

    def waiting(self, hook_id: int) -> int:
        """See the port."""
        is_its = and_(deliveries.c.webhook_id == hook_id, deliveries.c.due_at.is_not(None))
        return self._connection.execute(select(func.count()).where(is_its)).scalar_one()

    def deliveries(self, hook_id: int, *, before: int = 0, limit: int) -> Sequence[Delivery]:
        """See the port."""
        asked = select(deliveries).where(deliveries.c.webhook_id == hook_id)
        if before:
            asked = asked.where(deliveries.c.id < before)
        rows = self._connection.execute(asked.order_by(deliveries.c.id.desc()).limit(limit))
        return [_delivery(row) for row in rows]

    def forget_old(self, before: datetime) -> None:
        """See the port."""
        is_over = and_(deliveries.c.at < before, deliveries.c.due_at.is_(None))
        self._connection.execute(delete(deliveries).where(is_over))

    def forget_secrets(self, now: datetime) -> None:
        """See the port."""
        forget_secrets(self._connection, webhooks, now)

    def _all(self, wanted: Select[Any]) -> list[Webhook]:
        return [_hook(row) for row in self._connection.execute(wanted)]

    def _one(self, wanted: Select[Any]) -> Delivery | None:
        row = self._connection.execute(wanted).first()
        return _delivery(row) if row else None


def _is_of(wanted: HookFilter) -> ColumnElement[bool]:
    is_persons = and_(webhooks.c.feed == Feed.PERSON.value, webhooks.c.by == wanted.owner)
    return or_(projects.c.normalized == wanted.project, is_persons)


def _written(hook: Webhook) -> dict[str, Any]:
    return {
        "by": hook.by,
        "cursor": hook.cursor,
        "failures": hook.failures,
        "failing_since": hook.failing_since,
        "rests_until": hook.rests_until,
        "disabled_at": hook.disabled_at,
        "disabled_why": hook.disabled_why,
        "stopped_at": hook.stopped_at,
        "stopped_by": hook.stopped_by or None,
        "stopped_why": hook.stopped_why or None,
    }


def _tried(delivery: Delivery) -> dict[str, Any]:
    return {
        "due_at": delivery.due_at,
        "tries": delivery.tries,
        "first_tried_at": delivery.first_tried_at,
        "tried_at": delivery.tried_at,
        "taken_at": delivery.taken_at,
        "status": delivery.answer.status,
        "answer": delivery.answer.text,
        "problem": delivery.answer.problem,
        "took_ms": delivery.answer.took_ms,
        "is_inner": delivery.answer.is_inner,
    }


def _hook(row: Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        feed=Feed(row.feed),
        url=row.url,
        events=tuple(row.events),
        by=row.by,
        at=row.at,
        project_id=row.project_id,
        project=row.normalized or "",
        user_id=row.user_id,
        cursor=row.cursor,
        failures=row.failures,
        failing_since=row.failing_since,
        rests_until=row.rests_until,
        disabled_at=row.disabled_at,
        disabled_why=row.disabled_why,
        stopped_at=row.stopped_at,
        stopped_by=row.stopped_by or "",
        stopped_why=row.stopped_why or "",
        both_until=row.both_until,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        event=row.event,
        serial=row.serial,
        at=row.at,
        due_at=row.due_at,
        tries=row.tries,
        first_tried_at=row.first_tried_at,
        tried_at=row.tried_at,
        taken_at=row.taken_at,
        answer=Answer(row.status, row.answer, row.problem, row.took_ms, row.is_inner),
    )
