"""Watches and events in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.drift import Consequence, DriftEvent, HostMemory, Seen, State, Watch
from homeport.domain.hosting import HostingMode
from homeport.ports.watches import EventFilter, Stakes


class FakeWatches:
    """``ports.watches.Watches``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, watch: Watch) -> None:
        """See the port."""
        self._tables.watches[watch.project_id, watch.filename] = watch

    def find(self, project_id: int, filename: str) -> Watch | None:
        """See the port."""
        return self._tables.watches.get((project_id, filename))

    def of_project(self, project_id: int) -> Sequence[Watch]:
        """See the port."""
        watches = (one for one in self._tables.watches.values() if one.project_id == project_id)
        return sorted(watches, key=lambda watch: watch.filename)

    def due(self, now: datetime, *, limit: int, per_host: int) -> Sequence[Watch]:
        """See the port."""
        ready = [one for one in self._tables.watches.values() if one.due_at <= now and self._is_open(one)]
        taken: Counter[str] = Counter()
        chosen = []
        for one in sorted(ready, key=lambda one: (one.due_at, one.project_id, one.filename)):
            taken[one.host] += 1
            if taken[one.host] <= per_host:
                chosen.append(one)
        return chosen[:limit]

    def _is_open(self, watch: Watch) -> bool:
        project, host = self._tables.projects[watch.project_id], self._tables.hosts.get(watch.host)
        is_frozen = host is not None and host.frozen is not None
        return project.mode is not HostingMode.ONLY and project.status.takes_files and not is_frozen

    def hasten(self, project_id: int, at: datetime) -> int:
        """See the port."""
        watches = self.of_project(project_id)
        for watch in watches:
            self.put(replace(watch, due_at=min(watch.due_at, at)))
        return len(watches)

    def forget(self, project_id: int, filename: str) -> None:
        """See the port."""
        self._tables.watches.pop((project_id, filename), None)

    def stakes(self, host: str) -> Stakes | None:
        """See the port."""
        there = [one for one in self._tables.watches.values() if one.host == host]
        if not there:
            return None
        return Stakes(
            projects=tuple(sorted({one.project_id for one in there})),
            changed=frozenset(one.project_id for one in there if one.state is State.CHANGED),
            agreed_at=min(one.agreed_at for one in there),
        )

    def host(self, host: str) -> HostMemory | None:
        """See the port."""
        return self._tables.watched_hosts.get(host)

    def put_host(self, memory: HostMemory) -> None:
        """See the port."""
        self._tables.watched_hosts[memory.host] = memory

    def tell(
        self,
        project_id: int,
        place: tuple[str, str, str],
        seen: Seen,
        what_follows: Consequence,
        at: datetime,
    ) -> bool:
        """See the port."""
        host, url, filename = place
        project = self._tables.projects[project_id].name.normalized
        told = (project, host, filename, seen.sign, seen.what)
        events = self._tables.drift_events
        if any((one.project, one.host, one.filename, one.sign, one.what) == told for one in events):
            return False
        number = self._tables.fresh_id("drift_events")
        events.append(
            DriftEvent(
                number, project, filename, url, host, seen.sign, seen.what, seen.sentence, what_follows, at
            )
        )
        return True

    def told_since(self, project_ids: Collection[int], since: datetime) -> Mapping[int, int]:
        """See the port."""
        names = {self._tables.projects[number].name.normalized: number for number in project_ids}
        told = (one.project for one in self._tables.drift_events if one.at > since)
        return Counter(names[name] for name in told if name in names)

    def events(self, wanted: EventFilter, *, limit: int) -> Sequence[DriftEvent]:
        """See the port."""
        found = [
            one
            for one in reversed(self._tables.drift_events)
            if (not wanted.project or one.project == wanted.project)
            and (not wanted.host or one.host == wanted.host)
            and (not wanted.sign or one.sign is wanted.sign)
            and (not wanted.before or one.id < wanted.before)
        ]
        return found[:limit]
