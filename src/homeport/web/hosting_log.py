"""The hosting log, for everybody."""

from urllib.parse import urlencode

from homeport.domain.row_id import row_id
from homeport.flows.hosting_log import show_hosting_log
from homeport.web.page import Asked, Page

_LOG = "/hosting-log/"
_LONGEST = 200


def show_log(asked: Asked) -> Page:
    """Changes of mode and exemptions, newest first, a page at a time; of all projects, or of one."""
    project, before = asked.query.get("project", "").strip()[:_LONGEST], asked.query.get("before", "")
    start = row_id(before, "entry") if before else 0
    page = show_hosting_log(asked.world, asked.caller, project, before=start)
    query = {"project": project} if project else {}
    return Page(
        "hosting_log.html",
        {
            "page": page,
            "project": project,
            "is_begin": not before,
            "begin": f"?{urlencode(query)}" if query else _LOG,
            "following": f"?{urlencode({**query, 'before': page.before})}" if page.before else "",
            "as_json": f"/api/v1/hosting-log{'?' if query else ''}{urlencode(query)}",
        },
    )
