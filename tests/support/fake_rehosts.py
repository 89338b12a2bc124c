"""The fake store's rehosts, plans and consents."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import StoredRehost, Tables

from homeport.domain.consent import Consent, Withdrawal
from homeport.domain.errors import Conflict
from homeport.domain.evidence import Level
from homeport.domain.fetching import host_of
from homeport.domain.metadata import CoreMetadata
from homeport.domain.plan_expiry import due_at
from homeport.domain.progress import ItemStand
from homeport.domain.rehost import Bytes, Item, NotTaken, Plan, Purpose, Rehost, State, Visit
from homeport.domain.said_before import Answer, AnsweredFile


class FakeRehosts:
    """``ports.rehosts.Rehosts``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(
        self,
        project_id: int,
        purpose: Purpose,
        version: str,
        *,
        by: str,
        at: datetime,
        metadata: CoreMetadata | None,
    ) -> Rehost:
        """See the port."""
        rehost = Rehost(
            id=self._tables.fresh_id("rehosts"),
            project=self._tables.projects[project_id].name.normalized,
            purpose=purpose,
            version=version,
            state=State.PLANNING,
            tries=1,
            plan_digest=None,
            asked_by=by,
            created_at=at,
            changed_at=at,
        )
        self._tables.rehosts[rehost.id] = StoredRehost(project_id, rehost, metadata)
        return rehost

    def find(self, rehost_id: int) -> Rehost | None:
        """See the port."""
        stored = self._tables.rehosts.get(rehost_id)
        return stored.rehost if stored else None

    def of_project(self, project_id: int) -> Sequence[Rehost]:
        """See the port."""
        stored = self._tables.rehosts.values()
        return [one.rehost for one in stored if one.project_id == project_id][::-1]

    def open_of(self, project_ids: Collection[int]) -> Sequence[Rehost]:
        """See the port."""
        stored = reversed(self._tables.rehosts.values())
        return [one.rehost for one in stored if one.project_id in project_ids and one.rehost.state.is_open]

    def put(self, rehost: Rehost) -> None:
        """See the port."""
        stored = self._tables.rehosts[rehost.id]
        self._tables.rehosts[rehost.id] = replace(
            stored,
            rehost=replace(
                stored.rehost,
                state=rehost.state,
                tries=rehost.tries,
                plan_digest=rehost.plan_digest,
                changed_at=rehost.changed_at,
                problem=rehost.problem,
                problem_code=rehost.problem_code,
                warned=rehost.warned,
            ),
        )

    def registration_metadata(self, rehost_id: int) -> CoreMetadata | None:
        """See the port."""
        stored = self._tables.rehosts.get(rehost_id)
        return stored.metadata if stored else None

    def put_findings(
        self, rehost_id: int, items: Sequence[Item], not_taken: Sequence[NotTaken], visits: Sequence[Visit]
    ) -> None:
        """See the port."""
        gone = {item_id for item_id, (owner, _) in self._tables.items.items() if owner == rehost_id}
        if used := {item_id for _, item_id in self._tables.consent_uses} & gone:
            raise AssertionError(f"items {sorted(used)} were published by consent: their record stays")
        self._tables.items = {key: pair for key, pair in self._tables.items.items() if key not in gone}
        self._tables.fetches = {key: one for key, one in self._tables.fetches.items() if key not in gone}
        for item in items:
            item_id = self._tables.fresh_id("items")
            self._tables.items[item_id] = (rehost_id, replace(item, id=item_id))
        stored = self._tables.rehosts[rehost_id]
        self._tables.rehosts[rehost_id] = replace(stored, not_taken=tuple(not_taken), visits=tuple(visits))

    def put_item(self, rehost_id: int, item: Item) -> None:
        """See the port."""
        if self._tables.items.get(item.id, (0,))[0] == rehost_id:
            self._tables.items[item.id] = (rehost_id, replace(item, lowest=Level.PLAIN))

    def item(self, rehost_id: int, item_id: int) -> Item | None:
        """See the port."""
        rehost = self.find(rehost_id)
        items = self.plan(rehost).items if rehost else ()
        return next((item for item in items if item.id == item_id), None)

    def want(self, rehost_id: int, item_ids: Sequence[int]) -> None:
        """See the port."""
        for item_id in item_ids:
            owner, item = self._tables.items.get(item_id, (0, None))
            if item is not None and owner == rehost_id:
                self._tables.items[item_id] = (owner, replace(item, bytes=Bytes.WANTED, problem=""))

    def wanted(self, rehost_id: int) -> Sequence[tuple[int, str]]:
        """See the port."""
        items = [item for owner, item in self._tables.items.values() if owner == rehost_id]
        return [(item.id, item.url) for item in items if item.bytes is Bytes.WANTED]

    def is_wanting(self, rehost_id: int) -> bool:
        """See the port."""
        return bool(self.wanted(rehost_id))

    def stands(self, rehost_id: int) -> Sequence[ItemStand]:
        """See the port."""
        items = [item for owner, item in self._tables.items.values() if owner == rehost_id]
        return [
            ItemStand(
                host_of(item.url),
                item.bytes,
                item.size_bytes if item.bytes is Bytes.HERE else item.facts.size_bytes,
                item.decision,
                item.is_published,
            )
            for item in items
        ]

    def running(self) -> Sequence[Rehost]:
        """See the port."""
        return [one.rehost for one in self._tables.rehosts.values() if one.rehost.state.is_running]

    def listed(
        self, project: str = "", state: State | None = None, *, before: int = 0, limit: int
    ) -> Sequence[Rehost]:
        """See the port."""
        found = [
            one.rehost
            for _, one in sorted(self._tables.rehosts.items(), reverse=True)
            if (not project or one.rehost.project == project)
            and state in {None, one.rehost.state}
            and (not before or one.rehost.id < before)
        ]
        return found[:limit]

    def answers(self, project_id: int, filenames: Collection[str]) -> Sequence[Answer]:
        """See the port."""
        answers = []
        for rehost in reversed(self.of_project(project_id)):
            files = tuple(
                AnsweredFile.of(item)
                for item in self.plan(rehost).items
                if item.filename in filenames and not item.is_published
            )
            consent = self.consent(rehost.id)
            is_ended = rehost.state in {State.REFUSED, State.WITHDRAWN}
            if not files or not (is_ended or (consent and rehost.purpose is Purpose.HISTORY)):
                continue
            given = (consent.given_by, consent.given_at) if consent else ("", None)
            answers.append(Answer(rehost, files, *given))
        return answers

    def due(self, now: datetime, *, limit: int) -> Sequence[Rehost]:
        """See the port."""
        every = ((due_at(one.rehost), one.rehost) for one in self._tables.rehosts.values())
        due = [(at, rehost.id, rehost) for at, rehost in every if at is not None and at <= now]
        return [rehost for _, _, rehost in sorted(due, key=lambda one: one[:2])][:limit]

    def plan(self, rehost: Rehost) -> Plan:
        """See the port."""
        stored = self._tables.rehosts[rehost.id]
        return Plan(
            project=rehost.project,
            version=rehost.version,
            items=tuple(item for owner, item in self._tables.items.values() if owner == rehost.id),
            not_taken=stored.not_taken,
            visits=stored.visits,
        )

    def add_consent(self, consent: Consent) -> Consent:
        """See the port."""
        recorded = replace(consent, id=self._tables.fresh_id("consents"))
        self._tables.consents[recorded.id] = recorded
        return recorded

    def consent(self, rehost_id: int) -> Consent | None:
        """See the port."""
        return next(iter(self.consents(rehost_id)), None)

    def consents(self, rehost_id: int) -> Sequence[Consent]:
        """See the port."""
        newest_first = reversed(self._tables.consents.values())
        return [consent for consent in newest_first if consent.rehost_id == rehost_id]

    def withdraw_consent(self, consent_id: int, withdrawal: Withdrawal) -> None:
        """See the port."""
        self._tables.consents[consent_id] = replace(self._tables.consents[consent_id], withdrawal=withdrawal)

    def use_consent(self, consent_id: int, item_id: int, at: datetime) -> None:
        """See the port."""
        if (consent_id, item_id) in self._tables.consent_uses:
            raise Conflict("This consent was already used for this file.", code="consent-used")
        self._tables.consent_uses.add((consent_id, item_id))
