"""What pip 1.5.6 took for a release file, by its name (``pip/index.py``; standards D.5, last part).

It read names by other rules than easy_install, so that people may know a file by one tool that the other never saw.
"""

import posixpath
import re
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from homeport.domain.legacy_filename import MAX_FILENAME
from homeport.domain.names import ProjectName

EASY_INSTALL = "easy_install"
PIP = "pip 1.5.6"

_EXTENSIONS = (".tar.gz", ".tar.bz2", ".tar", ".tgz", ".zip", ".whl")
_EGG_FRAGMENT = re.compile(r"#egg=([^&]*)")
_NAME_AND_VERSION = re.compile(r"[a-z0-9_.]+-[a-z0-9_.-]+", re.IGNORECASE)
_UNCLEAN = re.compile(r"[^a-z0-9$&+,/:;=?@.#%_\\|-]", re.IGNORECASE)


def cleaned(url: str) -> str:
    """``HTMLPage.clean_link``: the form in which pip knew a link, so that one link of two tools is one."""
    return _UNCLEAN.sub(lambda match: f"%{ord(match[0]):2x}", url)


def pip_stem(url: str) -> str:
    """Name and version, joined by ``-``, of the file that pip saw in ``url``; empty when it saw none."""
    if egg := _EGG_FRAGMENT.search(url):
        stem = egg[1]
    else:
        try:
            path = urlsplit(url).path
        except ValueError:
            return ""
        filename = unquote(posixpath.basename(path.rstrip("/")))
        extension = next((one for one in _EXTENSIONS if filename.endswith(one)), "")
        if not extension or ("macosx10" in path and extension == ".zip"):
            return ""
        stem = filename.removesuffix(extension)
    match = _NAME_AND_VERSION.search(stem) if len(stem) <= MAX_FILENAME else None
    return match[0] if match else ""


def pip_sees(stem: str, project: ProjectName) -> bool:
    """True when what :func:`pip_stem` told names ``project``."""
    name, looked_for = stem.lower().replace("_", "-"), project.display.lower()
    return name.startswith((f"{looked_for}-", f"{canonicalize_name(looked_for)}-"))
