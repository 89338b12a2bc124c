"""What a newcomer reads when the index starts: lines to copy."""

import shutil
import sys
from pathlib import Path

from homeport.settings import Settings

_FIRST = """\
  First administrator (this link works once, for 7 days):
    {url}/welcome/{secret}

"""
_LINES = """\
  Homeport {version} at {url}/   everything is kept in {home}

{first}  An account and a token{home_line}:
    {homeport} user add me --email me@example.org
    export TWINE_PASSWORD=$({homeport} token create --user me)

  Publish (twine and uv read the same form):
    twine upload --repository-url {url}/legacy/ -u __token__ dist/*

  Bring a project home from somebody else's web site:
    {homeport} project create NAME --owner me --mode pypi-cache
    {homeport} source add NAME homepage https://example.org/downloads/
    {homeport} plan NAME

  Install:
    pip install --index-url {url}/simple/ NAME

  Stop with Ctrl-C.
"""


def greeting(settings: Settings) -> str:
    """The lines, with a one-time link while there is no account yet."""
    from homeport import __version__

    secret = _setup_secret(settings)
    url = settings.serve.base_url
    return _LINES.format(
        version=__version__,
        url=url,
        home=settings.store.home,
        first=_FIRST.format(url=url, secret=secret) if secret else "",
        homeport=_command(),
        home_line=_home_line(settings),
    )


def _setup_secret(settings: Settings) -> str | None:
    from homeport.wiring import is_new, open_world

    if not is_new(settings):
        return None
    from homeport.flows.sign_in import offer_setup_link

    return offer_setup_link(open_world(settings))


def _home_line(settings: Settings) -> str:
    """In another terminal the commands must find this home, unless it is where they look by themselves."""
    if settings.store.home == Path.cwd() / "var":
        return ""
    return f" (first: export HOMEPORT_HOME={settings.store.home})"


def _command() -> str:
    script = Path(sys.executable).with_name("homeport")
    if not script.exists() or shutil.which("homeport") == str(script):
        return "homeport"
    here = Path.cwd()
    return str(script.relative_to(here)) if script.is_relative_to(here) else str(script)
