"""A file came home: the place that it came from is watched from now on."""

from datetime import datetime

from homeport.domain.drift import DriftPolicy, Watch, first_look
from homeport.domain.fetching import host_of
from homeport.domain.project import Project
from homeport.domain.rehost import Item
from homeport.domain.source import SourceKind
from homeport.flows.drift.look import validator
from homeport.ports.clock import Clock
from homeport.ports.store import Transaction

_BYTES = 8
_CHANCES = 2.0 ** (8 * _BYTES)


def watch_source(
    tx: Transaction, project: Project, item: Item, *, policy: DriftPolicy, clock: Clock, agreed_at: datetime
) -> None:
    """Watch where ``item`` came from, in the transaction that makes it a file.

    What its fetch showed is remembered; what it did not, the first look learns.
    """
    host = host_of(item.url)
    if item.sha256 is None or not policy.every or not host:
        return
    now, fetched = clock.now(), item.fetched
    tx.watches.put(
        Watch(
            project_id=project.id,
            project=project.name.normalized,
            filename=item.filename,
            url=item.url,
            host=host,
            source=SourceKind(item.source),
            sha256=item.sha256,
            size_bytes=item.size_bytes,
            agreed_at=agreed_at,
            due_at=first_look(now, policy.every, chance(clock)),
            read_at=now,
            home=host_of(fetched.url) if fetched else "",
            etag=validator(fetched.etag) if fetched else "",
            last_modified=fetched.last_modified if fetched else "",
        )
    )


def chance(clock: Clock) -> float:
    """Uniform in [0, 1)."""
    return int.from_bytes(clock.random_bytes(_BYTES), "big") / _CHANCES
