"""Which files outside a project is seen to have, on the page for installers and on that for people.

1. Only a mode that lists them has any.
2. The name of a frozen file, or of one that was removed here, leads nowhere else either (I-04): who took a file away did
   not mean that the next crawl lists it again. A maintainer who wants it back accepts it in a plan.
"""

from homeport.domain.freeze import objection
from homeport.domain.project import Project
from homeport.domain.release import ExternalLink
from homeport.ports.store import Transaction


def external_links(tx: Transaction, project: Project) -> tuple[ExternalLink, ...]:
    """The links that may be shown; what is hosted here by now may be among them."""
    links = tx.outside.links(project.id) if project.mode.lists_external else ()
    if not links:
        return ()
    hosted = {file.filename for file in tx.files.of_project(project.id)}
    removed = set(tx.files.names(project.id)) - hosted
    freezes = tx.freezes.of_project(project.id)
    return tuple(
        link
        for link in links
        if link.filename not in removed and objection(freezes, link.version, link.filename) is None
    )
