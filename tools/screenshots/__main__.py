"""``make screenshots``: pictures of the pages, taken by a headless browser of a running Homeport.

The product is what ``homeport serve`` starts, with a home of its own; the outside is on loopback. Surveys are taken in
a home of their own, of an index and an outside that are made for it. A campaign takes months: its index runs in this
process, with a clock that is set ahead. With names (``story``, ``survey``, ``campaign``) only these are told.
"""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from tools.demo import outside as places
from tools.screenshots.camera import IMAGES, camera
from tools.screenshots.campaign import tell_of_campaign
from tools.screenshots.index import homeport
from tools.screenshots.outside import PLAIN_PORT, make_certificate, site
from tools.screenshots.story import Outside, take_survey, tell_the_story
from tools.survey.index import ADMINISTRATOR
from tools.survey.measure import measure

from homeport.flows.sessions import open_session
from homeport.flows.sign_in import find_user

_PROJECTS, _LINKS = 1_000, 720
_SURVEYED_PORT = 8100


def main(names: Sequence[str]) -> int:
    """Start everything, fill it, and take the pictures."""
    stories = {"story": picture_story, "survey": picture_survey, "campaign": tell_of_campaign}
    if unknown := set(names) - stories.keys():
        print(f"There is no {', '.join(sorted(unknown))}: there are {', '.join(stories)}.")
        return 2
    missing = [name for name in ("chromium", "openssl", "pngquant") if not shutil.which(name)]
    if missing:
        print(f"Install first: apt-get install -y {' '.join(missing)}")
        return 3
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="homeport-pictures-") as name:
        for story, tell in stories.items():
            if story in (names or stories):
                folder = Path(name) / story
                folder.mkdir()
                tell(folder)
    return 0


def picture_story(folder: Path) -> None:
    """Pictures of an index that brings its files home."""
    with ExitStack() as running:
        certificate = make_certificate(folder)
        secure, plain = (running.enter_context(site(one)) for one in (certificate, None))
        forge, flat, large = (
            running.enter_context(places.served(f"127.0.0.{number}", make, PLAIN_PORT))
            for number, make in ((2, places.forge), (3, places.flat_page), (4, places.large_index))
        )
        allow = ",".join(f"127.0.0.0/8:{port}" for port in (secure, plain))
        allow += "".join(f",{place.authority.replace(':', '/32:')}" for place in (forge, flat, large))
        settings = {
            "HOMEPORT_OUTSIDE_ALLOW": allow,
            "HOMEPORT_OUTSIDE_CA": str(certificate.with_name("cert.pem")),
        }
        world = running.enter_context(homeport(folder, settings))
        with camera(world.base_url) as lens:
            outside = Outside(f"https://localhost:{secure}", f"http://127.0.0.1:{plain}", forge, flat, large)
            tell_the_story(world, lens, outside)


def picture_survey(folder: Path) -> None:
    """Pictures of a survey that came to its end."""
    measure(_PROJECTS, _LINKS, folder, Console(), _SURVEYED_PORT)
    with homeport(folder, {}) as world, camera(world.base_url) as lens:
        lens.sign_in(open_session(world, find_user(world, ADMINISTRATOR)))
        take_survey(lens, "/admin/surveys/1/")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
