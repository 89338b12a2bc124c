"""Webhooks are fed: what the ledger, or a person's inbox, has beyond a webhook's cursor becomes due for it.

1. The cursor moves in the transaction that writes the deliveries: whatever is killed, nothing is left out.
2. What concerns a private project becomes due for that project's own webhooks only, whoever wrote it and wherever it is named.
3. A webhook with much waiting waits; those beside it do not.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from homeport.domain.ledger import Sealed
from homeport.domain.project import Project
from homeport.domain.webhook import NOTICE, Feed, Webhook
from homeport.ports.store import Transaction
from homeport.ports.world import World

ENTRIES_AT_ONCE: Final = 500
MOST_WAITING: Final = 1_000
_HOOKS_AT_ONCE: Final = 1_000


def feed_hooks(world: World) -> int:
    """Feed every webhook that is behind, a bounded number of entries at once; how many entries and notices were read."""
    with world.store.read() as tx:
        is_idle = not (_behind(tx, 1) or tx.webhooks.behind_notices(most_waiting=MOST_WAITING, limit=1))
    if is_idle:
        return 0
    with world.store.write() as tx:
        return _feed_entries(world, tx) + _feed_notices(world, tx)


def _behind(tx: Transaction, limit: int) -> Sequence[Webhook]:
    return tx.webhooks.behind(tx.ledger.last(), most_waiting=MOST_WAITING, limit=limit)


def _feed_entries(world: World, tx: Transaction) -> int:
    hooks = _behind(tx, _HOOKS_AT_ONCE)
    if not hooks:
        return 0
    now, sealed = world.clock.now(), list(tx.ledger.entries(after=hooks[0].cursor, limit=ENTRIES_AT_ONCE))
    entries = [json.loads(one.body) for one in sealed]
    projects = tx.projects.named({name for entry in entries for name in named_in(entry)})
    for entry in entries:
        for hook in hooks:
            if hook.cursor < entry["seq"] and hook.wants(entry["kind"]) and may_tell(hook, entry, projects):
                tx.webhooks.add_delivery(hook.id, entry["kind"], entry["seq"], now)
    tx.webhooks.advance([hook.id for hook in hooks], sealed[-1].seq)
    return len(sealed)


def _feed_notices(world: World, tx: Transaction) -> int:
    now, read = world.clock.now(), 0
    for hook in tx.webhooks.behind_notices(most_waiting=MOST_WAITING, limit=_HOOKS_AT_ONCE):
        found = tx.notices.after(hook.user_id or 0, hook.cursor, limit=ENTRIES_AT_ONCE)
        for number, _ in found:
            tx.webhooks.add_delivery(hook.id, NOTICE, number, now)
        tx.webhooks.put(replace(hook, cursor=found[-1][0]))
        read += len(found)
    return read


def named_in(entry: Mapping[str, Any]) -> Iterator[str]:
    """Every project that an entry concerns, or tells of."""
    details = entry["details"]
    told = details.get("projects")
    names = [entry["project"], details.get("project"), *(told if isinstance(told, list) else ())]
    yield from (name for name in names if isinstance(name, str) and name)


def may_tell(hook: Webhook, entry: Mapping[str, Any], projects: Mapping[str, Project]) -> bool:
    """True when a webhook is told of that entry now (rule 2)."""
    if hook.feed is Feed.PROJECT:
        return bool(entry["project"] == hook.project)
    return all(_is_open(name, projects) for name in named_in(entry))


def _is_open(name: str, projects: Mapping[str, Project]) -> bool:
    found = projects.get(name)
    return found is not None and not found.is_private


def entry_of(tx: Transaction, hook: Webhook, serial: int) -> Sealed | None:
    """The entry ``serial``, when a webhook may still be told of it."""
    found = list(tx.ledger.entries(after=serial - 1, limit=1))
    if not found or found[0].seq != serial:
        return None
    entry = json.loads(found[0].body)
    names: Collection[str] = set(named_in(entry))
    return found[0] if may_tell(hook, entry, tx.projects.named(names)) else None
