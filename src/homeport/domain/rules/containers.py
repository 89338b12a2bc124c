"""Rules for the containers themselves: compressed streams, ZIP and tar (:mod:`homeport.formats.archive`)."""

from typing import Final

from homeport.domain.rules.rule import HOLD, REJECT, Rule, manners, safety

_PLAIN_ZIP = "Build the file again with a current build tool; anything that writes plain ZIP entries will do."
_PLAIN_TAR = "Build the sdist again with a current build tool; plain pax or GNU tar members will do."
_ONE_ARCHIVE = "Publish exactly one archive: build it again and add nothing to it."
_AGAIN = "Upload or download the file again; when it stays so, build it again."
_SMALLER = "Make the file smaller, or publish the data elsewhere and fetch them at run time."

CONTAINER_RULES: Final[tuple[Rule, ...]] = (
    manners(
        "inspection-limit", HOLD, HOLD, HOLD,
        "A person must look: the file may be honest and large. Smaller files, or fewer members, are inspected to the end.",
    ),
    manners("more-findings", REJECT, REJECT, REJECT, "Settle the listed findings first, then inspect again; it weighs what the heaviest one left out does."),
    safety("readers-disagree", "Build the file again with a current build tool: no two readers may see different files."),
    safety("archive-truncated", _AGAIN),
    safety("archive-empty", "Build the file again: it holds nothing."),
    safety("archive-too-large", _SMALLER),
    safety("archive-too-many-members", "Pack fewer files, for example the many small ones as one data file."),
    safety("archive-bomb", "Remove the members that unpack to so much; large zeros can be made at run time."),
    safety("checksum-mismatch", _AGAIN),
    safety("trailing-bytes", _ONE_ARCHIVE),
    safety("deflate-damaged", _AGAIN),
    safety("deflate-trailing", _PLAIN_ZIP),
    safety("bzip2-damaged", _AGAIN),
    manners(
        "nested-bomb", HOLD, HOLD, HOLD,
        "A person must look: leave the archives inside out, or pack what they hold directly.",
    ),
    safety("not-gzip", "Compress the tar with gzip, or give the file the extension of what it is."),
    safety("gzip-header", "Compress with `gzip -n`, which writes neither name nor comment."),
    safety("also-a-zip", _ONE_ARCHIVE),
    safety("also-a-tar", _ONE_ARCHIVE),
    safety("not-zip", _AGAIN),
    safety("zip-end", _AGAIN),
    safety("zip-directory", _PLAIN_ZIP),
    safety("zip-disks", _PLAIN_ZIP),
    safety("zip64", _PLAIN_ZIP),
    safety("zip-comment", _PLAIN_ZIP),
    safety("zip-version", _PLAIN_ZIP),
    safety("zip-extra", _PLAIN_ZIP),
    safety("zip-unicode-extra", "Mark names as UTF-8 (general-purpose bit 11) instead of writing a second name."),
    safety("zip-encrypted", "Publish the file without a password."),
    safety("zip-layout", _PLAIN_ZIP),
    safety("zip-headers-differ", _PLAIN_ZIP),
    safety("zip-prefix", _ONE_ARCHIVE),
    safety("zip-overlap", _PLAIN_ZIP),
    safety("zip-gap", _ONE_ARCHIVE),
    safety("zip-data-descriptor", "Write the ZIP to a file that can be sought in, not to a pipe; then sizes stand in the headers."),
    safety("zip-flags", _PLAIN_ZIP),
    safety("zip-method", "Compress with deflate, or store: bzip2, LZMA and Zstandard are not read everywhere."),
    safety("zip-size-mismatch", _PLAIN_ZIP),
    safety("zip-folder-with-bytes", _PLAIN_ZIP),
    safety("zip-symlink", "Pack the file itself instead of the link (`zip` does, without `--symlinks`)."),
    safety("zip-special-file", "Pack regular files and folders only."),
    safety("tar-header", _PLAIN_TAR),
    safety("tar-pax", _PLAIN_TAR),
    safety("tar-long-name", _PLAIN_TAR),
    safety("tar-name-differs", _PLAIN_TAR),
    safety("tar-special-member", "Pack regular files and folders only; sparse files as what they are when read."),
    manners("tar-end-missing", REJECT, REJECT, HOLD, _AGAIN),
)  # fmt: skip
