"""The hosting log, for everybody."""

from urllib.parse import urlencode

from homeport.domain.row_id import row_id
from homeport.flows.hosting_log import MOST_LINES, many_lines, show_hosting_log
from homeport.formats.exemption_json import hosting_line_json, hosting_lines_csv
from homeport.web.exports import export
from homeport.web.page import Asked, Download, Page

_LOG = "/hosting-log/"
_LONGEST = 200


def show_log(asked: Asked) -> Page:
    """Changes of mode and exemptions, newest first, a page at a time; of all projects, or of one."""
    project, before = _project(asked), _before(asked)
    page = show_hosting_log(asked.world, asked.caller, project, before=before)
    query = {"project": project} if project else {}
    return Page(
        "hosting_log.html",
        {
            "page": page,
            "project": project,
            "is_begin": not before,
            "begin": f"?{urlencode(query)}" if query else _LOG,
            "following": f"?{urlencode({**query, 'before': page.before})}" if page.before else "",
            "query": urlencode(query),
            "most": MOST_LINES,
        },
    )


def download(asked: Asked) -> Download:
    """The same lines, many of them, as ``hosting-log.csv`` or ``hosting-log.json``."""
    pieces = many_lines(asked.world, asked.caller, _project(asked), before=_before(asked))
    return export(
        asked.params["file"],
        "hosting-log",
        lambda: hosting_lines_csv(pieces),
        lambda: (hosting_line_json(line) for piece in pieces for line in piece),
    )


def _project(asked: Asked) -> str:
    return asked.query.get("project", "").strip()[:_LONGEST]


def _before(asked: Asked) -> int:
    before = asked.query.get("before", "")
    return row_id(before, "entry") if before else 0
