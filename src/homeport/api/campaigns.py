"""Calls on campaigns, for administrators; and the opt-in, for who maintains a project."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind, Group, Stand
from homeport.domain.exemption import parse_day
from homeport.domain.row_id import row_id
from homeport.flows.campaign import manage, show
from homeport.flows.campaign.history import campaign_history
from homeport.flows.campaign.opt_in import opt_in
from homeport.formats.campaign_json import (
    campaign_json,
    counts_json,
    entrant_json,
    history_json,
    unreached_json,
)
from homeport.ports.campaigns import EntrantFilter
from homeport.ports.world import World


def _id(path: Mapping[str, Any]) -> int:
    return row_id(path["id"], "campaign")


def _candidate_json(one: show.Candidate) -> Json:
    return {
        "project": one.project,
        "group": one.group.value,
        "stand": one.stand.value,
        "files": [{"filename": file.filename, "url": file.url, "dead": file.is_dead} for file in one.files],
        "why": one.why or None,
        "quarantined": one.is_quarantined,
        "people": one.people,
        "unreached": [{"user": name, "problem": problem} for name, problem in one.unreached],
    }


def _draft(body: Body) -> manage.Draft:
    return manage.typed_draft(
        body.typed("title"),
        body.typed("reason"),
        body.typed("day"),
        body.typed("terms_url"),
        tuple(body.numbers("notices") or ()),
    )


def _seen(body: Body) -> str | None:
    """The revision that the caller saw, ``None`` for whichever there is."""
    return body.parsed("revision", str, None)


def _list(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    before = body.parsed("before", lambda text: row_id(text, "campaign"), 0)
    body.finish()
    found = show.list_campaigns(world, caller, before=before)
    return {
        "campaigns": [campaign_json(one) for one in found],
        "before": found[-1].id if len(found) == show.PAGE_LENGTH else None,
    }


def _add(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    kind, draft = body.typed("kind", CampaignKind), _draft(body)
    body.finish()
    return campaign_json(manage.draft_campaign(world, caller, kind, draft))


def _change(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    draft, revision = _draft(body), _seen(body)
    body.finish()
    return campaign_json(manage.change_campaign(world, caller, _id(path), draft, revision=revision))


def _show(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    view = show.show_campaign(world, caller, _id(path))
    return campaign_json(view.campaign) | {
        "history": history_json(campaign_history(world, caller, view.campaign)),
        "revision": view.revision,
        "projects": counts_json(view.counts.items()),
        "told": dict(view.told),
        "next": view.soonest.isoformat() if view.soonest else None,
        "unreached": view.unreached,
    }


def _entrants(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    wanted = EntrantFilter(
        body.text("project", ""),
        body.parsed("stand", Stand, None),
        body.parsed("group", Group, None),
        body.text("after", ""),
    )
    body.finish()
    campaign = show.show_campaign(world, caller, _id(path)).campaign
    page = show.list_entrants(world, caller, campaign.id, wanted)
    return {
        "projects": [entrant_json(campaign, one) for one in page.entrants],
        "after": page.after or None,
    }


def _unreached(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return {"unreached": [unreached_json(one) for one in show.list_unreached(world, caller, _id(path))]}


def _candidates(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    after = body.text("after", "")
    body.finish()
    view = show.show_campaign(world, caller, _id(path))
    page = show.preview_candidates(world, caller, _id(path), after=after)
    return {
        "projects": [_candidate_json(one) for one in page.candidates],
        "after": page.after or None,
        "counted_by": view.counted_by.id if view.counted_by else None,
    }


def _mails(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    sample = show.preview_mails(world, caller, _id(path), path["name"])
    mails = [
        {"day": day.isoformat(), "subject": notice.subject, "text": notice.text, "html": notice.html}
        for day, notice in sample.mails
    ]
    return {"project": sample.candidate.project, "stand": sample.candidate.stand.value, "mails": mails}


def _preview(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return campaign_json(manage.preview_campaign(world, caller, _id(path)))


def _announce(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    revision = _seen(body)
    body.finish()
    return campaign_json(manage.announce_campaign(world, caller, _id(path), revision=revision))


def _pause(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason, revision = body.text("reason", ""), _seen(body)
    body.finish()
    return campaign_json(manage.pause_campaign(world, caller, _id(path), reason, revision=revision))


def _resume(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    day, reason, revision = body.parsed("day", parse_day, None), body.text("reason", ""), _seen(body)
    body.finish()
    return campaign_json(manage.resume_campaign(world, caller, _id(path), day, reason, revision=revision))


def _cancel(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason, revision = body.text("reason", ""), _seen(body)
    body.finish()
    return campaign_json(manage.cancel_campaign(world, caller, _id(path), reason, revision=revision))


def _opt_in(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    consents = body.flag("consent")
    body.finish()
    rehost = opt_in(world, caller, path["name"], consents=consents)
    return {"rehost": rehost.id, "state": rehost.state.value}


CAMPAIGN_CALLS: tuple[Call, ...] = (
    Call("GET", "/campaigns", HTTPStatus.OK, _list),
    Call("POST", "/campaigns", HTTPStatus.CREATED, _add),
    Call("GET", "/campaigns/{id}", HTTPStatus.OK, _show),
    Call("PUT", "/campaigns/{id}", HTTPStatus.OK, _change),
    Call("GET", "/campaigns/{id}/projects", HTTPStatus.OK, _entrants),
    Call("GET", "/campaigns/{id}/unreached", HTTPStatus.OK, _unreached),
    Call("GET", "/campaigns/{id}/preview", HTTPStatus.OK, _candidates),
    Call("GET", "/campaigns/{id}/mails/{name}", HTTPStatus.OK, _mails),
    Call("POST", "/campaigns/{id}/preview", HTTPStatus.OK, _preview),
    Call("POST", "/campaigns/{id}/announce", HTTPStatus.OK, _announce),
    Call("POST", "/campaigns/{id}/pause", HTTPStatus.OK, _pause),
    Call("POST", "/campaigns/{id}/resume", HTTPStatus.OK, _resume),
    Call("POST", "/campaigns/{id}/cancel", HTTPStatus.OK, _cancel),
    Call("POST", "/projects/{name}/opt-in", HTTPStatus.ACCEPTED, _opt_in),
)
