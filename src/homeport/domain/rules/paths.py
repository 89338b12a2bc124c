"""Rules for the paths in an archive (:mod:`homeport.formats.archive.paths`)."""

from typing import Final

from homeport.domain.rules.rule import HOLD, INFO, REJECT, Rule, manners, safety

PATH_RULES: Final[tuple[Rule, ...]] = (
    safety("path-absolute", "Name members relative to the top of the archive, without a drive or a leading slash."),
    safety("path-escapes", "Remove '..' from the member's name: a member may not climb out of the archive."),
    safety("path-backslash", "Write '/' between folders; build on a system or with a tool that does."),
    safety("path-not-plain", "Write the name once and plainly, without '//' or '/./'."),
    safety("path-too-long", "Shorten the folders or the file's name: not every system could unpack it."),
    safety("path-too-deep", "Move the file up: not every reader could unpack so many folders."),
    safety("path-hidden-characters", "Rename the file; control and invisible characters deceive readers."),
    safety("path-not-utf8", "Rename the file to ASCII, or build with a tool that writes UTF-8 names and says so."),
    safety("path-duplicate", "Build again: the tool packed one file twice, and readers would pick different ones."),
    safety("path-file-and-folder", "Rename one of the two: no reader can unpack both."),
    safety("path-collision", "Rename one of the two: on macOS and Windows the second would overwrite the first."),
    safety("path-not-portable", "Rename the file: Windows takes the name for a device, a stream or another file."),
    manners("path-not-on-windows", INFO, INFO, INFO, "Rename the file if people on Windows are to install it."),
    manners(
        "symlink-inside", HOLD, HOLD, INFO,
        "Pack the file itself instead of the link (`tar --dereference`), or have a person confirm the link.",
    ),
    safety("symlink-outside", "Pack the file itself instead of the link (`tar --dereference`)."),
    manners(
        "hard-link-inside", REJECT, HOLD, HOLD,
        "Pack the file itself instead of the link (`tar --hard-dereference`), or have a person confirm the link.",
    ),
    safety("hard-link", "Pack the file itself instead of the link (`tar --hard-dereference`)."),
    safety("mode-setuid", "Clear the bits (`chmod ug-s`) and build again: no release file needs them."),
    manners("folder-setgid", INFO, INFO, INFO, "Nothing: the folder was packed in a directory shared by a group."),
)  # fmt: skip
