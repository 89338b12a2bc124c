"""Rehosts, their plans, and the consents to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Row

from homeport.adapters.db.among import among
from homeport.adapters.db.outside_tables import (
    consent_uses,
    consents,
    fetches,
    rehost_items,
    rehosts,
)
from homeport.adapters.db.plan_rows import (
    evidence_from_json,
    item_from_row,
    item_values,
    not_taken_from_json,
    visits_from_json,
)
from homeport.adapters.db.tables import projects
from homeport.domain.consent import Basis, Consent, Hosted, Withdrawal
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.fetching import host_of
from homeport.domain.inspection import Verdict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.plan_expiry import due_at
from homeport.domain.progress import ItemStand
from homeport.domain.rehost import Bytes, Decision, Item, NotTaken, Plan, Purpose, Rehost, State, Visit
from homeport.domain.said_before import Answer, AnsweredFile
from homeport.formats import core_metadata

_REHOST = select(rehosts, projects.c.normalized).join(projects, projects.c.id == rehosts.c.project_id)
_OPEN = [state.value for state in State if state.is_open]
# What is looked back at of the items of answered plans: much less to read than all of thousands of them.
_ANSWERED = (
    "rehost_id",
    "filename",
    "url",
    "bytes",
    "sha256",
    "declared_sha256",
    "decision",
    "verdict",
    "evidence",
)


class SqlRehosts:
    """``ports.rehosts.Rehosts`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
        made = self._connection.execute(
            insert(rehosts)
            .values(
                project_id=project_id,
                purpose=purpose.value,
                version=version,
                state=State.PLANNING.value,
                tries=1,
                asked_by=by,
                created_at=at,
                changed_at=at,
                problem="",
                problem_code="",
                metadata=core_metadata.to_json(metadata) if metadata else None,
                not_taken=[],
                visits=[],
            )
            .returning(rehosts.c.id)
        ).scalar_one()
        row = self._connection.execute(_REHOST.where(rehosts.c.id == made)).one()
        return _rehost(row)

    def find(self, rehost_id: int) -> Rehost | None:
        """See the port."""
        row = self._connection.execute(_REHOST.where(rehosts.c.id == rehost_id)).first()
        return _rehost(row) if row else None

    def of_project(self, project_id: int) -> Sequence[Rehost]:
        """See the port."""
        rows = self._connection.execute(
            _REHOST.where(rehosts.c.project_id == project_id).order_by(rehosts.c.id.desc())
        )
        return [_rehost(row) for row in rows]

    def open_of(self, project_ids: Collection[int]) -> Sequence[Rehost]:
        """See the port."""
        asked = _REHOST.where(among(rehosts.c.project_id, project_ids), rehosts.c.state.in_(_OPEN))
        return [_rehost(row) for row in self._connection.execute(asked.order_by(rehosts.c.id.desc()))]

    def put(self, rehost: Rehost) -> None:
        """See the port."""
        self._connection.execute(
            update(rehosts)
            .where(rehosts.c.id == rehost.id)
            .values(
                state=rehost.state.value,
                tries=rehost.tries,
                plan_digest=rehost.plan_digest.hex if rehost.plan_digest else None,
                changed_at=rehost.changed_at,
                problem=rehost.problem,
                problem_code=rehost.problem_code,
                warned=rehost.warned,
                due_at=due_at(rehost),
            )
        )

    def registration_metadata(self, rehost_id: int) -> CoreMetadata | None:
        """See the port."""
        stored = self._connection.execute(
            select(rehosts.c.metadata).where(rehosts.c.id == rehost_id)
        ).scalar()
        return core_metadata.from_json(stored) if stored else None

    def put_findings(
        self, rehost_id: int, items: Sequence[Item], not_taken: Sequence[NotTaken], visits: Sequence[Visit]
    ) -> None:
        """See the port."""
        self._connection.execute(delete(fetches).where(fetches.c.rehost_id == rehost_id))
        self._connection.execute(delete(rehost_items).where(rehost_items.c.rehost_id == rehost_id))
        if items:
            rows = [{"rehost_id": rehost_id, **item_values(item)} for item in items]
            self._connection.execute(insert(rehost_items), rows)
        self._connection.execute(
            update(rehosts)
            .where(rehosts.c.id == rehost_id)
            .values(
                not_taken=[[n.url, n.found_on, n.code, n.sentence] for n in not_taken],
                visits=[[v.url, v.source, v.status, v.links, v.problem] for v in visits],
            )
        )

    def put_item(self, rehost_id: int, item: Item) -> None:
        """See the port."""
        self._connection.execute(
            update(rehost_items)
            .where(rehost_items.c.id == item.id, rehost_items.c.rehost_id == rehost_id)
            .values(**item_values(item))
        )

    def item(self, rehost_id: int, item_id: int) -> Item | None:
        """See the port."""
        row = self._connection.execute(
            select(rehost_items).where(rehost_items.c.rehost_id == rehost_id, rehost_items.c.id == item_id)
        ).first()
        return item_from_row(row) if row else None

    def want(self, rehost_id: int, item_ids: Sequence[int]) -> None:
        """See the port."""
        self._connection.execute(
            update(rehost_items)
            .where(rehost_items.c.rehost_id == rehost_id, among(rehost_items.c.id, item_ids))
            .values(bytes=Bytes.WANTED.value, problem="")
        )

    def wanted(self, rehost_id: int) -> Sequence[tuple[int, str]]:
        """See the port."""
        rows = self._connection.execute(
            select(rehost_items.c.id, rehost_items.c.url)
            .where(rehost_items.c.rehost_id == rehost_id, rehost_items.c.bytes == Bytes.WANTED.value)
            .order_by(rehost_items.c.id)
        )
        return [(row.id, row.url) for row in rows]

    def is_wanting(self, rehost_id: int) -> bool:
        """See the port."""
        wanting = select(rehost_items.c.id).where(
            rehost_items.c.rehost_id == rehost_id, rehost_items.c.bytes == Bytes.WANTED.value
        )
        return self._connection.execute(wanting.limit(1)).first() is not None

    def stands(self, rehost_id: int) -> Sequence[ItemStand]:
        """See the port."""
        item = rehost_items.c
        rows = self._connection.execute(
            select(item.url, item.bytes, item.size_bytes, item.facts, item.decision, item.is_published)
            .where(item.rehost_id == rehost_id)
            .order_by(item.id)
        )
        return [
            ItemStand(
                host_of(row.url),
                Bytes(row.bytes),
                row.size_bytes if row.bytes == Bytes.HERE.value else row.facts.get("size"),
                Decision(row.decision),
                row.is_published,
            )
            for row in rows
        ]

    def running(self) -> Sequence[Rehost]:
        """See the port."""
        states = [state.value for state in State if state.is_running]
        rows = self._connection.execute(_REHOST.where(rehosts.c.state.in_(states)).order_by(rehosts.c.id))
        return [_rehost(row) for row in rows]

    def listed(
        self, project: str = "", state: State | None = None, *, before: int = 0, limit: int
    ) -> Sequence[Rehost]:
        """See the port."""
        asked = _REHOST
        if project:
            asked = asked.where(projects.c.normalized == project)
        if state is not None:
            asked = asked.where(rehosts.c.state == state.value)
        if before:
            asked = asked.where(rehosts.c.id < before)
        rows = self._connection.execute(asked.order_by(rehosts.c.id.desc()).limit(limit))
        return [_rehost(row) for row in rows]

    def answers(self, project_id: int, filenames: Collection[str]) -> Sequence[Answer]:
        """See the port."""
        rehost, item = rehosts.c, rehost_items.c
        ended = [State.REFUSED.value, State.WITHDRAWN.value]
        is_agreed = exists().where(consents.c.rehost_id == rehost.id)
        is_answered = or_(rehost.state.in_(ended), and_(rehost.purpose == Purpose.HISTORY.value, is_agreed))
        asked = self._connection.execute(
            select(*(item[column] for column in _ANSWERED))
            .join(rehosts, rehost.id == item.rehost_id)
            .where(rehost.project_id == project_id, is_answered, ~item.is_published)
            .where(among(item.filename, filenames))
            .order_by(item.id)
        )
        files: dict[int, list[AnsweredFile]] = {}
        for row in asked:
            files.setdefault(row.rehost_id, []).append(_answered_file(row))
        answered = self._connection.execute(_REHOST.where(among(rehost.id, files)).order_by(rehost.id)).all()
        return [self._answer(_rehost(row), files[row.id]) for row in answered]

    def _answer(self, rehost: Rehost, files: Sequence[AnsweredFile]) -> Answer:
        consent = self.consent(rehost.id)
        if consent is None:
            return Answer(rehost, tuple(files))
        return Answer(rehost, tuple(files), consent.given_by, consent.given_at)

    def due(self, now: datetime, *, limit: int) -> Sequence[Rehost]:
        """See the port."""
        rows = self._connection.execute(
            _REHOST.where(rehosts.c.due_at <= now).order_by(rehosts.c.due_at, rehosts.c.id).limit(limit)
        )
        return [_rehost(row) for row in rows]

    def plan(self, rehost: Rehost) -> Plan:
        """See the port."""
        rows = self._connection.execute(
            select(rehost_items).where(rehost_items.c.rehost_id == rehost.id).order_by(rehost_items.c.id)
        ).all()
        seen = self._connection.execute(
            select(rehosts.c.not_taken, rehosts.c.visits).where(rehosts.c.id == rehost.id)
        ).one()
        return Plan(
            project=rehost.project,
            version=rehost.version,
            items=tuple(item_from_row(row) for row in rows),
            not_taken=not_taken_from_json(seen.not_taken),
            visits=visits_from_json(seen.visits),
        )

    def add_consent(self, consent: Consent) -> Consent:
        """See the port."""
        made = self._connection.execute(
            insert(consents)
            .values(
                rehost_id=consent.rehost_id,
                given_by=consent.given_by,
                basis=consent.basis.value,
                text=consent.text,
                statement_version=consent.statement_version,
                plan_digest=consent.plan_digest.hex,
                files=[[item_id, sha256.hex] for item_id, sha256 in consent.files],
                given_at=consent.given_at,
                evidence=consent.evidence,
                serial=consent.serial,
            )
            .returning(consents)
        )
        return _consent(made.one())

    def consent(self, rehost_id: int) -> Consent | None:
        """See the port."""
        row = self._connection.execute(_consents_of(rehost_id).limit(1)).first()
        return _consent(row) if row else None

    def consents(self, rehost_id: int) -> Sequence[Consent]:
        """See the port."""
        return [_consent(row) for row in self._connection.execute(_consents_of(rehost_id))]

    def withdraw_consent(self, consent_id: int, withdrawal: Withdrawal) -> None:
        """See the port."""
        values = {
            "withdrawn_at": withdrawal.at,
            "withdrawn_by": withdrawal.by,
            "withdrawn_hosted": withdrawal.hosted.value,
            "withdrawn_reason": withdrawal.reason,
            "withdrawn_serial": withdrawal.serial,
        }
        self._connection.execute(update(consents).where(consents.c.id == consent_id).values(values))

    def use_consent(self, consent_id: int, item_id: int, at: datetime) -> None:
        """See the port."""
        made = self._connection.execute(
            upsert(consent_uses)
            .values(consent_id=consent_id, item_id=item_id, used_at=at)
            .on_conflict_do_nothing()
        )
        if made.rowcount != 1:
            raise Conflict("This consent was already used for this file.", code="consent-used")


def _rehost(row: Row[Any]) -> Rehost:
    return Rehost(
        id=row.id,
        project=row.normalized,
        purpose=Purpose(row.purpose),
        version=row.version,
        state=State(row.state),
        tries=row.tries,
        plan_digest=Sha256(row.plan_digest) if row.plan_digest else None,
        asked_by=row.asked_by,
        created_at=row.created_at,
        changed_at=row.changed_at,
        problem=row.problem,
        problem_code=row.problem_code,
        warned=row.warned,
    )


def _answered_file(row: Row[Any]) -> AnsweredFile:
    is_confirmed = row.declared_sha256 == row.sha256
    return AnsweredFile(
        filename=row.filename,
        url=row.url,
        sha256=row.sha256 or "",
        declared_sha256=row.declared_sha256,
        decision=Decision(row.decision),
        was_clear=row.bytes == Bytes.HERE.value
        and row.verdict == Verdict.ACCEPT.value
        and row.evidence is not None
        and (is_confirmed or not evidence_from_json(row.evidence).needs_confirmed_sha256),
    )


def _consents_of(rehost_id: int) -> Select[Any]:
    return select(consents).where(consents.c.rehost_id == rehost_id).order_by(consents.c.id.desc())


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        id=row.id,
        rehost_id=row.rehost_id,
        given_by=row.given_by,
        basis=Basis(row.basis),
        text=row.text,
        statement_version=row.statement_version,
        plan_digest=Sha256(row.plan_digest),
        files=tuple((item_id, Sha256(sha256)) for item_id, sha256 in row.files),
        given_at=row.given_at,
        evidence=row.evidence,
        serial=row.serial,
        withdrawal=_withdrawal(row),
    )


def _withdrawal(row: Row[Any]) -> Withdrawal | None:
    if row.withdrawn_at is None:
        return None
    return Withdrawal(
        row.withdrawn_by,
        row.withdrawn_at,
        Hosted(row.withdrawn_hosted),
        row.withdrawn_reason,
        row.withdrawn_serial,
    )
