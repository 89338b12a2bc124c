"""Rules for core metadata, whichever file they stand in (:mod:`homeport.formats.core_metadata`)."""

from typing import Final

from homeport.domain.rules.rule import HOLD, INFO, REJECT, Rule, manners, safety

_REWRITE = "Build again with a current build tool, which writes METADATA and PKG-INFO itself."

METADATA_RULES: Final[tuple[Rule, ...]] = (
    safety("metadata-missing", _REWRITE),
    safety("metadata-too-large", "Shorten the long description; pictures and change logs can be linked."),
    safety("metadata-mismatch", "Build again, or rename the file: its name and its metadata must name one release."),
    safety("metadata-incomplete", "Give the project a name and a version."),
    safety("metadata-ambiguous", "Give Metadata-Version, Name and Version once each."),
    safety("metadata-name-invalid", "Use letters, digits, '.', '-' and '_', beginning and ending with a letter or digit."),
    safety("metadata-version-unknown", "Build with a tool that writes a Metadata-Version from 1.0 to 1.2 or 2.1 to 2.6."),
    safety("metadata-nul", "Remove the NUL byte from the field."),
    safety("metadata-bare-cr", "Write lines that end in LF."),
    safety("metadata-is-mail", "Remove the mail headers: metadata are not a mail."),
    safety("metadata-too-many-fields", "List fewer fields; no release needs so many."),
    manners("metadata-version-invalid", REJECT, REJECT, INFO, "Choose a version that PEP 440 knows, such as 1.0, 2.1rc1 or 3.0.post1."),
    manners("metadata-version-withdrawn", REJECT, INFO, INFO, "Build with a current build tool: Metadata-Version 2.0 never became a standard."),
    manners("metadata-not-utf8", REJECT, REJECT, INFO, "Save the file's text as UTF-8 and build again."),
    manners("metadata-duplicate-field", REJECT, REJECT, INFO, "Give the field once."),
    manners("metadata-line-ends", INFO, INFO, INFO, "Write lines that end in LF."),
    manners(
        "metadata-version-newer", INFO, INFO, INFO,
        "Nothing, if all is shown that you wrote; else upgrade the index, which knows Metadata-Version 2.6.",
    ),
    manners("metadata-summary", REJECT, INFO, INFO, "Say it in one line of at most 512 characters."),
    manners("metadata-email", REJECT, INFO, INFO, 'Write ada@example.org, or "Ada" <ada@example.org>, with commas between several.'),
    manners(
        "metadata-classifier", REJECT, INFO, INFO,
        "Choose from the list of the package trove-classifiers; a newer list comes with an upgrade of the index.",
    ),
    manners(
        "metadata-classifier-private", REJECT, INFO, INFO,
        "Take the classifier out, or make the project private: 'Private ::' keeps releases off public indexes.",
    ),
    manners("metadata-url", REJECT, INFO, INFO, "Give an address that begins with https:// or http://."),
    manners("metadata-url-label", REJECT, INFO, INFO, "Give the address a label of 1 to 32 characters."),
    manners("metadata-license", REJECT, INFO, INFO, "Keep License-Expression, remove License (PEP 639)."),
    manners("metadata-license-classifier", INFO, INFO, INFO, "Remove the 'License ::' classifiers (PEP 639)."),
    manners("metadata-license-expression", REJECT, INFO, INFO, "Write an SPDX expression as SPDX does, such as MIT or Apache-2.0 OR MIT."),
    manners("metadata-license-file", REJECT, INFO, INFO, "Name files of the release, by paths with '/' and without '..'."),
    manners("metadata-dynamic", REJECT, REJECT, INFO, "Name fields of core metadata; name and version cannot be dynamic."),
    manners("metadata-extra", REJECT, INFO, INFO, "Write every extra once, in lower case, with '-' between its words (PEP 685)."),
    manners("metadata-requires-python", REJECT, REJECT, INFO, "Write version specifiers, such as >=3.11; installers act upon them."),
    manners("metadata-dependency", REJECT, REJECT, INFO, "Write dependencies as PEP 508 does, such as requests>=2.31; installers act upon them."),
    manners("metadata-list-marker", REJECT, REJECT, INFO, "Use the markers of packages: 'extras' and 'dependency_groups' are for lock files."),
    manners("metadata-import-name", REJECT, INFO, INFO, "List names that can be imported, each under one of the two fields (PEP 794)."),
    manners(
        "metadata-content-type", REJECT, INFO, INFO,
        "Say text/markdown, text/x-rst or text/plain; charset=UTF-8, variant=GFM or CommonMark are all it may add.",
    ),
    manners(
        "description-not-rendered", REJECT, INFO, INFO,
        "Run `twine check`, which names the line; or declare the description as text/plain.",
    ),
    # An installer would fetch from a third party after all; for a public file only a person can say yes.
    manners(
        "metadata-direct-reference", REJECT, HOLD, HOLD,
        "Depend on a version of a project, not on an address: installers would fetch from there.",
    ),
)  # fmt: skip
