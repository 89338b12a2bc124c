"""Every page rendered anew, after the way of rendering has changed."""

from homeport.domain.index_page import RENDERING
from homeport.flows.render_list import render_whole_list
from homeport.flows.render_pages import put_page
from homeport.observe.events import event
from homeport.ports.store import Store

_AT_ONCE = 100


def render_everything(store: Store) -> None:
    """Render all pages and the list, a hundred projects at a time; nothing happens when all are of today's rendering.

    Serials stay as they are: nothing of what the pages tell has changed.
    """
    with store.read() as tx:
        if tx.pages.rendering() == RENDERING:
            return
    after, count = 0, 0
    while True:
        with store.write() as tx:
            projects = tx.projects.every(after=after, limit=_AT_ONCE)
            for project in projects:
                put_page(tx, project, project.serial)
            if not projects:
                render_whole_list(tx)
                tx.pages.set_rendering(RENDERING)
                break
        after, count = projects[-1].id, count + len(projects)
    event("pages rendered anew", projects=count, rendering=RENDERING)
