"""The inbox: my projects, what waits for my answer, and what I was told."""

from homeport.domain.errors import Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.flows import browse
from homeport.flows.manage_project import create_project
from homeport.flows.policies import show_policy
from homeport.flows.waiting import show_waiting
from homeport.web.page import Asked, GoTo, Page

# What an owner may choose for a new project (design §2).
_NEW_MODES = (HostingMode.CACHE, HostingMode.ONLY)


def show_inbox(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Everything that concerns the person who is signed in."""
    policy, today = show_policy(asked.world).now.policy, asked.world.clock.now().date()
    return Page(
        "inbox.html",
        {
            "inbox": browse.show_inbox(asked.world, asked.caller()),
            "waiting": show_waiting(asked.world, asked.caller()),
            "modes": [mode for mode in _NEW_MODES if not policy.mode_refusal(mode, today, by_admin=False)],
            "name": asked.form.text("name"),
            "mode": asked.form.text("mode") or policy.default_mode.value,
        },
        refusal,
    )


def send_inbox(asked: Asked) -> Page | GoTo:
    """Create a project of one's own."""
    user = asked.caller().user
    try:
        name = ProjectName.parse(asked.form.text("name"))
        create_project(asked.world, user, name.display, HostingMode.parse(asked.form.text("mode")))
    except Refusal as refusal:
        return show_inbox(asked, refusal)
    return GoTo(f"/manage/projects/{name.normalized}/")
