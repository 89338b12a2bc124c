"""Surveys: rows for each, for every project in it, and for every link that was found."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Row

from homeport.adapters.db.among import among
from homeport.adapters.db.outside_tables import survey_links, survey_projects, surveys
from homeport.adapters.db.projects import project_of
from homeport.adapters.db.tables import projects
from homeport.domain.project import Project
from homeport.domain.survey import Check, Letter, Link, Look, Progress, Reach, Survey
from homeport.domain.survey_report import Report
from homeport.formats.survey_json import read_report, report_json
from homeport.ports.surveys import EVERY_LINK, LinkFilter, ListedLink, Seen

_UNSEEN: dict[str, Any] = {
    "letter": "",
    "hosted_files": 0,
    "external_files": 0,
    "hashed_files": 0,
    "dead_files": 0,
    "links": 0,
    "problem": "",
}
_ROWS_AT_ONCE = 1_000


class SqlSurveys:
    """``ports.surveys.Surveys`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, project_id: int | None, *, by: str, at: datetime) -> Survey:
        """See the port."""
        row = {
            "project_id": project_id,
            "asked_by": by,
            "started_at": at,
            "tries": 1,
            "problem": "",
            "waiting_hosts": 0,
        }
        survey_id = self._connection.execute(insert(surveys).values(row).returning(surveys.c.id)).scalar_one()
        columns = ["survey_id", "project_id", *_UNSEEN]
        unseen = (literal(value).label(name) for name, value in _UNSEEN.items())
        wanted = select(literal(survey_id).label("survey_id"), projects.c.id, *unseen)
        if project_id is not None:
            wanted = wanted.where(projects.c.id == project_id)
        self._connection.execute(insert(survey_projects).from_select(columns, wanted))
        return self._one(surveys.c.id == survey_id)[0]

    def find(self, survey_id: int) -> Survey | None:
        """See the port."""
        found = self._one(surveys.c.id == survey_id)
        return found[0] if found else None

    def newest(self, *, before: int = 0, limit: int) -> Sequence[Survey]:
        """See the port."""
        wanted = _surveys().order_by(surveys.c.id.desc()).limit(limit)
        if before:
            wanted = wanted.where(surveys.c.id < before)
        return [_survey(row) for row in self._connection.execute(wanted)]

    def newest_of_all(self) -> Survey | None:
        """See the port."""
        is_told = (surveys.c.project_id.is_(None), surveys.c.report.is_not(None))
        newest = _surveys().where(*is_told).order_by(surveys.c.id.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return _survey(row) if row else None

    def last_of(self, project_id: int) -> Survey | None:
        """See the port."""
        looked_at = or_(surveys.c.project_id.is_(None), surveys.c.project_id == project_id)
        asked = _surveys().where(looked_at, surveys.c.finished_at.is_not(None), surveys.c.problem == "")
        row = self._connection.execute(asked.order_by(surveys.c.id.desc()).limit(1)).first()
        return _survey(row) if row else None

    def running(self) -> Sequence[Survey]:
        """See the port."""
        return self._one(surveys.c.finished_at.is_(None))

    def _one(self, wanted: ColumnElement[bool]) -> list[Survey]:
        return [
            _survey(row) for row in self._connection.execute(_surveys().where(wanted).order_by(surveys.c.id))
        ]

    def restart(self, survey_id: int) -> Survey:
        """See the port."""
        one = update(surveys).where(surveys.c.id == survey_id)
        self._connection.execute(one.values(tries=surveys.c.tries + 1))
        return self._one(surveys.c.id == survey_id)[0]

    def fail(self, survey_id: int, problem: str, at: datetime) -> None:
        """See the port."""
        ended = {"finished_at": at, "waiting_hosts": 0, "problem": problem}
        self._connection.execute(update(surveys).where(surveys.c.id == survey_id).values(ended))

    def progress(self, survey_id: int) -> Progress:
        """See the port."""
        return self.progress_of({survey_id})[survey_id]

    def progress_of(self, survey_ids: Collection[int]) -> Mapping[int, Progress]:
        """See the port."""
        counted = (
            select(
                surveys.c.id,
                func.count(survey_projects.c.project_id),
                func.count(survey_projects.c.looked_at),
                func.coalesce(func.sum(survey_projects.c.links), 0),
                surveys.c.waiting_hosts,
            )
            .outerjoin(survey_projects, survey_projects.c.survey_id == surveys.c.id)
            .where(among(surveys.c.id, survey_ids))
            .group_by(surveys.c.id)
        )
        return {survey_id: Progress(*told) for survey_id, *told in self._connection.execute(counted)}

    def to_look_at(self, survey_id: int, *, after: int, limit: int) -> Sequence[Project]:
        """See the port."""
        wanted = (
            select(projects)
            .join(survey_projects, survey_projects.c.project_id == projects.c.id)
            .where(
                survey_projects.c.survey_id == survey_id,
                survey_projects.c.project_id > after,
                survey_projects.c.looked_at.is_(None),
            )
            .order_by(survey_projects.c.project_id)
            .limit(limit)
        )
        return [project_of(row) for row in self._connection.execute(wanted)]

    def put(self, survey_id: int, seen: Sequence[Seen], *, waiting_hosts: int) -> None:
        """See the port."""
        self._connection.execute(
            update(surveys).where(surveys.c.id == survey_id).values(waiting_hosts=waiting_hosts)
        )
        if not seen:
            return
        keys = [{"of_survey": survey_id, "of_project": one.project_id} for one in seen]
        self._connection.execute(
            delete(survey_links).where(
                survey_links.c.survey_id == bindparam("of_survey"),
                survey_links.c.project_id == bindparam("of_project"),
            ),
            keys,
        )
        self._connection.execute(
            update(survey_projects).where(
                survey_projects.c.survey_id == bindparam("of_survey"),
                survey_projects.c.project_id == bindparam("of_project"),
            ),
            [key | _look_values(one.look) for key, one in zip(keys, seen, strict=True)],
        )
        rows = [
            {"survey_id": survey_id, "project_id": one.project_id, **_link_values(link)}
            for one in seen
            for link in one.links
        ]
        if rows:
            self._connection.execute(insert(survey_links), rows)

    def finish(self, survey_id: int, report: Report, at: datetime) -> None:
        """See the port."""
        done = {"finished_at": at, "waiting_hosts": 0, "report": report_json(report)}
        self._connection.execute(update(surveys).where(surveys.c.id == survey_id).values(done))

    def report(self, survey_id: int) -> Report | None:
        """See the port."""
        return self.reports_of({survey_id}).get(survey_id)

    def reports_of(self, survey_ids: Collection[int]) -> Mapping[int, Report]:
        """See the port."""
        wanted = select(surveys.c.id, surveys.c.report).where(
            among(surveys.c.id, survey_ids), surveys.c.report.is_not(None)
        )
        return {row.id: read_report(row.report) for row in self._connection.execute(wanted)}

    def looks(
        self, survey_id: int, *, letter: Letter | None = None, after: str = "", limit: int | None = None
    ) -> Iterator[Look]:
        """See the port."""
        wanted = (
            select(survey_projects, projects.c.normalized)
            .join(projects, projects.c.id == survey_projects.c.project_id)
            .where(
                survey_projects.c.survey_id == survey_id,
                survey_projects.c.looked_at.is_not(None),
                projects.c.normalized > after,
            )
            .order_by(projects.c.normalized)
            .limit(limit)
            .execution_options(yield_per=_ROWS_AT_ONCE)
        )
        if letter is not None:
            wanted = wanted.where(survey_projects.c.letter == letter.value)
        for row in self._connection.execute(wanted):
            yield _look(row)

    def links(
        self,
        survey_id: int,
        wanted: LinkFilter = EVERY_LINK,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> Iterator[ListedLink]:
        """See the port."""
        chosen = (
            select(survey_links, projects.c.normalized)
            .join(projects, projects.c.id == survey_links.c.project_id)
            .where(survey_links.c.survey_id == survey_id, survey_links.c.id > after)
            .order_by(survey_links.c.id)
            .limit(limit)
            .execution_options(yield_per=_ROWS_AT_ONCE)
        )
        for condition in _conditions(wanted):
            chosen = chosen.where(condition)
        for row in self._connection.execute(chosen):
            yield ListedLink(row.id, row.normalized, _link(row))


def _surveys() -> Select[Any]:
    columns = [column for column in surveys.c if column.name != "report"]
    return select(*columns, projects.c.normalized).outerjoin(projects, projects.c.id == surveys.c.project_id)


def _survey(row: Row[Any]) -> Survey:
    return Survey(
        row.id,
        row.normalized or "",
        row.asked_by,
        row.started_at,
        row.finished_at,
        row.tries,
        row.problem,
    )


def _conditions(wanted: LinkFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.project:
        yield projects.c.normalized == wanted.project
    if wanted.host:
        yield survey_links.c.host == wanted.host
    if wanted.reach is not None:
        yield survey_links.c.reach == wanted.reach.value
    if wanted.is_tls is not None:
        yield survey_links.c.is_tls == wanted.is_tls
    if wanted.letter is not None:
        yield survey_links.c.project_id.in_(
            select(survey_projects.c.project_id).where(
                survey_projects.c.survey_id == survey_links.c.survey_id,
                survey_projects.c.letter == wanted.letter.value,
            )
        )


def _look_values(look: Look) -> dict[str, Any]:
    return {
        "letter": look.letter.value if look.letter else "",
        "hosted_files": look.hosted_files,
        "external_files": look.external_files,
        "hashed_files": look.hashed_files,
        "dead_files": look.dead_files,
        "links": look.links,
        "problem": look.problem,
        "looked_at": look.at,
    }


def _look(row: Row[Any]) -> Look:
    return Look(
        project=row.normalized,
        letter=Letter(row.letter) if row.letter else None,
        problem=row.problem,
        hosted_files=row.hosted_files,
        external_files=row.external_files,
        hashed_files=row.hashed_files,
        dead_files=row.dead_files,
        links=row.links,
        at=row.looked_at,
    )


def _link_values(link: Link) -> dict[str, Any]:
    return {
        "url": link.url,
        "host": link.host,
        "filename": link.filename,
        "version": link.version,
        "found_on": link.found_on,
        "source": link.source,
        "seen_by": list(link.seen_by),
        "claimed": [list(pair) for pair in link.claimed],
        "is_tls": link.is_tls,
        "is_hosted": link.is_hosted,
        "reach": link.check.reach.value,
        "code": link.check.code,
        "status": link.check.status,
        "size_bytes": link.check.size_bytes,
        "problem": link.check.problem,
        "checked_at": link.check.at,
    }


def _link(row: Row[Any]) -> Link:
    return Link(
        url=row.url,
        host=row.host,
        filename=row.filename,
        version=row.version,
        found_on=row.found_on,
        source=row.source,
        is_tls=row.is_tls,
        is_hosted=row.is_hosted,
        seen_by=tuple(row.seen_by),
        claimed=tuple((name, digest) for name, digest in row.claimed),
        check=Check(Reach(row.reach), row.status, row.size_bytes, row.code, row.problem, row.checked_at),
    )
