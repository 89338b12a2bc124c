"""What the web server loads in each of its processes."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from homeport.cli.orphan import end_with_parent
from homeport.observe.events import set_up_logs
from homeport.settings import read_settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

# How a web process learns who its parent is; the server starts it, so there are no arguments.
SUPERVISOR = "HOMEPORT_SUPERVISOR_PID"


def build() -> "ASGIApp":
    """The application, from the environment the supervisor was started in."""
    from homeport.wiring import build_web

    set_up_logs()
    if supervisor := os.environ.get(SUPERVISOR):
        end_with_parent(int(supervisor))
    return build_web(read_settings(os.environ, Path.cwd()))
