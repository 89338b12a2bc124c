"""Rules for what a wheel or an sdist is, and which release it belongs to."""

from typing import Final

from homeport.domain.rules.rule import HOLD, INFO, REJECT, Rule, manners, safety

_BUILD = "Build the wheel again; change nothing in it after the build tool has written RECORD."
_REPACK = (
    "Change wheels with `wheel unpack` and `wheel pack`, which write RECORD anew; or build the wheel again."
)

RELEASE_RULES: Final[tuple[Rule, ...]] = (
    safety(
        "filename-invalid",
        "Name the file as the build tool did: '{name}-{version}.tar.gz', or '{name}-{version}-{tags}.whl'.",
    ),
    manners(
        "filename-not-normalized", REJECT, INFO, INFO,
        "Build with a current build tool: the name is lower case with '_', the version as PEP 440 writes it.",
    ),
    manners("filename-ambiguous", HOLD, HOLD, HOLD, "A person must say which project and version the file is of."),
    manners("sdist-format-retired", REJECT, INFO, INFO, "Build the sdist as .tar.gz."),
    manners(
        "version-not-pep440", REJECT, REJECT, INFO,
        "Choose a version that PEP 440 knows, such as 1.0, 2.1rc1 or 3.0.post1.",
    ),
    safety("version-invalid", "Choose a version that PEP 440 knows, such as 1.0, 2.1rc1 or 3.0.post1."),
    safety("project-mismatch", "Publish the file to the project that it names, or build it under this project's name."),
    safety("version-mismatch", "Publish the file under the version that it names, or build it again."),
    safety("dist-info-folders", "Build the wheel again so that it holds the metadata of one project only."),
    safety("dist-info-name", "Build the wheel again, or rename it to what its .dist-info folder says."),
    safety("data-folder", "Use only purelib, platlib, headers, scripts and data below '{name}-{version}.data'."),
    safety("data-collision", "Pack the file once: on the path from which it is installed, or in .data."),
    safety("record-missing", _REPACK),
    safety("record-damaged", _REPACK),
    safety("record-duplicate", _REPACK),
    safety("record-too-large", "Pack fewer files: no installer needs so long a RECORD."),
    safety("record-unlisted-file", _REPACK),
    safety("record-lists-missing", _REPACK),
    safety("record-hash-missing", _REPACK),
    safety("record-weak-hash", "Build with a tool that writes sha256 into RECORD; MD5 and SHA-1 can be forged."),
    safety("record-mismatch", _BUILD),
    manners(
        "record-hash-hex", REJECT, INFO, INFO,
        "Write hashes into RECORD as PEP 427 says: urlsafe base64 without padding (`wheel pack` does).",
    ),
    manners("record-size-missing", INFO, INFO, INFO, "Build with a tool that writes sizes into RECORD."),
    safety("wheel-missing", _BUILD),
    safety("wheel-too-large", "Build with a tool that writes a plain WHEEL file of a few lines."),
    safety("wheel-file-damaged", "Build with a tool that writes a plain WHEEL file of a few lines."),
    safety("wheel-version", "Build with a tool that writes 'Wheel-Version: 1.0'; installers know no other."),
    manners(
        "wheel-tags-differ", REJECT, HOLD, HOLD,
        "Retag with `wheel tags` (or repair with auditwheel), which changes the name and WHEEL together.",
    ),
    manners(
        "wheel-build-differs", REJECT, INFO, INFO,
        "Retag with `wheel tags --build`, which changes the name and WHEEL together.",
    ),
    safety("entry-points-too-large", "List fewer entry points."),
    safety("entry-points", "Write entry_points.txt as INI, UTF-8, with plain script names and 'module:function' behind them."),
    manners(
        "script-shadows-python", REJECT, HOLD, HOLD,
        "Call the script otherwise: installed, it would take the place of the interpreter.",
    ),
    manners(
        "startup-code", INFO, HOLD, HOLD,
        "A person must look: the file runs code whenever Python starts. Import the package where it is needed instead.",
    ),
    manners("license-file-missing", REJECT, HOLD, INFO, "Pack every file that License-File names, or take the name out (PEP 639)."),
    safety("sdist-top-folder", "Pack everything below one folder, '{name}-{version}/'."),
    manners("sdist-folder-name", REJECT, REJECT, HOLD, "Call the folder '{name}-{version}', as the file is called."),
    manners("pkg-info-missing", REJECT, REJECT, HOLD, "Build the sdist with a build tool (`python -m build --sdist`), which writes PKG-INFO."),
    safety("pkg-info-not-a-file", "Pack PKG-INFO as a regular file."),
    manners(
        "pyproject-missing", INFO, INFO, None,
        "Add a pyproject.toml with a [build-system] table: without it installers guess how to build (PEP 517).",
    ),
    manners("pyproject-damaged", REJECT, INFO, INFO, "Correct pyproject.toml: installers cannot build what they cannot read."),
)  # fmt: skip
