"""How a project's outlook and its standing consent are told to programs: one shape for the API and ``--json``."""

from collections.abc import Iterable, Sequence
from typing import Any

from homeport.domain.exemption import Exemption
from homeport.domain.hosting_history import Past
from homeport.domain.outlook import Chance, ExternalFile, Option, Outlook, loss_digest
from homeport.domain.standing_consent import Condition, StandingConsent, StandingLine
from homeport.domain.standing_revision import revision_of
from homeport.domain.urls import Url
from homeport.formats.exemption_json import live_json
from homeport.formats.management_json import moment


def outlook_json(
    project: str,
    outlook: Outlook,
    *,
    exemption: Exemption | None,
    standing: StandingConsent | None,
    condition: Condition | None,
    past: Iterable[Past],
) -> dict[str, Any]:
    """A project's hosting as it is, was, and might be."""
    return {
        "project": project,
        "mode": outlook.mode.value,
        "exemption": live_json(exemption),
        "hosted_files": outlook.hosted,
        "external_files": {
            "recorded": len(outlook.external),
            "listed": len(outlook.listed),
            "can_come_home": outlook.count(Chance.CAN),
            "cannot_come_home": outlook.count(Chance.CANNOT),
            "unknown": outlook.count(Chance.UNKNOWN),
            "files": [_file(file) for file in outlook.external],
        },
        "outlook": [_option(option) for option in outlook.options],
        "standing_consent": standing_json(standing, condition),
        "history": [_past(one) for one in past],
    }


def _file(file: ExternalFile) -> dict[str, Any]:
    return {
        "filename": file.filename,
        "version": file.version,
        "url": file.url,
        "chance": file.chance.value,
        "why": file.why or None,
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "mode": option.target.value,
        "by": option.mover.value,
        "needs": option.need.value,
        "one_way": option.is_one_way,
        "closed": option.closed or None,
        "ready": option.is_ready,
        "would_stop_being_installable": len(option.loses),
        "of_them_can_come_home": option.rescuable,
        "loss": [file.filename for file in option.loses],
        "loss_digest": loss_digest(option.loses),
        "could_come_home": len(option.gains),
        "steps": [
            {"step": stage.step.value, "what": stage.step.sentence, "done": stage.is_done}
            for stage in option.way
        ],
    }


def _past(past: Past) -> dict[str, Any]:
    return {
        "at": moment(past.at),
        "what": past.what,
        "by": past.by,
        "sentence": past.sentence,
        "reason": past.reason or None,
        "serial": past.serial or None,
        "rehost": past.rehost_id or None,
    }


def standing_json(standing: StandingConsent | None, condition: Condition | None) -> dict[str, Any] | None:
    """A standing consent in its condition."""
    if standing is None or condition is None:
        return None
    return {
        "condition": condition.value,
        "by": standing.given_by,
        "given": moment(standing.given_at),
        "until": standing.ends_on.isoformat(),
        "hosts": list(standing.hosts),
        "paths": list(standing.paths),
        "files": list(standing.patterns),
        "withdrawn": moment(standing.withdrawn_at) if standing.withdrawn_at else None,
    }


def standing_story_json(
    project: str,
    standing: StandingConsent | None,
    condition: Condition | None,
    places: Sequence[Url],
    unnamed: Sequence[Url],
    lines: Sequence[StandingLine],
) -> dict[str, Any]:
    """A standing consent with the places that are named now, those whose hosts it does not name, and its changes, newest first.

    ``revision`` is what whoever consents says they saw.
    """
    return {
        "project": project,
        "revision": revision_of(lines),
        "standing_consent": standing_json(standing, condition),
        "places_named_now": list(map(str, places)),
        "places_not_covered": list(map(str, unnamed)),
        "history": [_line(line) for line in lines],
    }


def _line(line: StandingLine) -> dict[str, Any]:
    return {
        "serial": line.serial,
        "at": moment(line.at),
        "what": line.kind.value,
        "by": line.by,
        "hosts": list(line.hosts),
        "paths": list(line.paths),
        "files": list(line.patterns),
        "until": line.until.isoformat(),
        "reason": line.reason or None,
    }
