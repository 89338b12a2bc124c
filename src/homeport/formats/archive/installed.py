"""Where an installer would put a wheel's members, and what they would do there (PEP 427, T-36).

1. ``.data`` folders belong to the same release and hold the kinds that installers know.
2. No two members are installed to one place: the root, ``purelib`` and ``platlib`` are one folder nearly everywhere.
3. Nothing takes the place of the interpreter: installers refuse it, or the environment is lost.
4. What runs at every start of Python is told: ``.pth`` and ``.start`` files (PEP 829), ``sitecustomize`` and
   ``usercustomize``.
"""

import re
from collections.abc import Collection

from homeport.formats.archive.identity import FileIdentity
from homeport.formats.archive.paths import comparison_key
from homeport.formats.archive.report import Report

_DATA_KINDS = frozenset({"purelib", "platlib", "headers", "scripts", "data"})
_LIBRARIES = frozenset({"purelib", "platlib"})
_CUSTOMIZE = re.compile(r"(?:site|user)customize(?:\.|/__init__\.)(?:.*\.)?(?:py|pyc|pyd|so)", re.IGNORECASE)
_SITE_FOLDER = re.compile(r"(?:.*/)?(?:site|dist)-packages/|lib/site-packages/", re.IGNORECASE)
_PYTHON = re.compile(r"python(?:[0-9]+(?:\.[0-9]+)?)?w?t?(?:\.exe)?", re.IGNORECASE)
_BINARIES = re.compile(r"(?:bin|scripts)/", re.IGNORECASE)


def judge_installation(paths: Collection[str], identity: FileIdentity, report: Report) -> None:
    """Judge every member's path by the place it would be installed to."""
    libraries = {comparison_key(path): path for path in paths if not _is_data(path)}
    for path in paths:
        kind, installed = "platlib", path
        if _is_data(path):
            kind, _, installed = path.partition("/")[2].partition("/")
            _judge_data_folder(path, kind, installed, identity, report)
            if kind in _LIBRARIES and libraries.setdefault(comparison_key(installed), path) != path:
                first = libraries[comparison_key(installed)]
                report.add(
                    "data-collision", f"{first[:120]!r} and {path[:120]!r} would be installed to one place."
                )
        if _is_startup_code(kind, installed):
            report.add("startup-code", f"{path[:120]!r} runs at every start of Python, imported or not.")
        if is_python(_script_name(kind, installed)):
            report.add("script-shadows-python", f"{path[:120]!r} would be installed over the interpreter.")


def is_python(script: str) -> bool:
    """True when a script of this name takes the interpreter's place."""
    return _PYTHON.fullmatch(script) is not None


def _is_data(path: str) -> bool:
    top, _, rest = path.partition("/")
    return top.lower().endswith(".data") and rest != ""


def _judge_data_folder(path: str, kind: str, installed: str, identity: FileIdentity, report: Report) -> None:
    name, _, version = path.partition("/")[0][: -len(".data")].rpartition("-")
    if kind not in _DATA_KINDS or not installed or not identity.agrees(name, version):
        report.add("data-folder", f"{path[:120]!r} lies in a .data folder that installers do not know.")
    if kind in _LIBRARIES and installed.partition("/")[0].lower().endswith(".dist-info"):
        report.add("dist-info-folders", f"{path[:120]!r} would install the metadata of a second project.")


def _is_startup_code(kind: str, installed: str) -> bool:
    if kind == "data":
        site = _SITE_FOLDER.match(installed)
        return site is not None and _is_startup_code("purelib", installed[site.end() :])
    is_configuration = "/" not in installed and installed.lower().endswith((".pth", ".start"))
    return kind in _LIBRARIES and (is_configuration or _CUSTOMIZE.fullmatch(installed) is not None)


def _script_name(kind: str, installed: str) -> str:
    if kind == "scripts":
        return installed
    binaries = _BINARIES.match(installed) if kind == "data" else None
    return installed[binaries.end() :] if binaries else ""
