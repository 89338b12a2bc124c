"""Where a campaign's mail leads: what lies elsewhere, and one button that makes the plan; looking changes nothing."""

from homeport.domain.errors import NotFound, Refusal
from homeport.flows.campaign.opt_in import opt_in
from homeport.flows.campaign.opt_in import show_opt_in as seen
from homeport.web.page import Asked, GoTo, Page


def show_opt_in(asked: Asked, refusal: Refusal | None = None) -> Page:
    """The files that could come home, and what it takes."""
    found = seen(asked.world, asked.caller(), _project(asked))
    if found.needs_consent and not found.closed:
        # The move that comes first takes somebody who showed lately who they are.
        asked.fresh_caller()
    return Page(
        "opt_in.html", {"opt_in": found, "form": asked.form, "base_url": asked.world.base_url}, refusal
    )


def send_opt_in(asked: Asked) -> Page | GoTo:
    """Make the plan, and lead to it; a refusal shows the page again."""
    caller, name = asked.caller(), _project(asked)
    try:
        if asked.form.flag("consent"):
            caller = asked.fresh_caller()
        rehost = opt_in(asked.world, caller, name, consents=asked.form.flag("consent"))
    except Refusal as refusal:
        return show_opt_in(asked, refusal)
    return GoTo(f"/manage/rehosts/{rehost.id}")


def _project(asked: Asked) -> str:
    name = asked.form.text("project") or asked.query.get("project", "")
    if not name:
        raise NotFound("Say which project's files are to be brought home.", code="project-unknown")
    return name
