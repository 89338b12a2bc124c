"""What the web server loads in each of its processes."""

import os
from pathlib import Path

from starlette.types import ASGIApp

from homeport.observe.events import set_up_logs
from homeport.settings import read_settings
from homeport.wiring import build_web


def build() -> ASGIApp:
    """The application, from the environment the supervisor was started in."""
    set_up_logs()
    return build_web(read_settings(os.environ, Path.cwd()))
