"""Standards F.9, V15 to V28 and V52: core metadata, sent to a running Homeport; what is refused leaves nothing."""

from collections.abc import Callable

import pytest
from tests.journeys.conftest import People
from tests.support.archives import make_sdist, make_wheel, metadata_bytes
from tests.support.forms import FilePart, multipart, upload_fields
from tests.support.index import Index
from tests.support.sender import Sender

pytestmark = pytest.mark.journey


@pytest.fixture
def sender(index: Index, people: People, project: str) -> Sender:
    """A sender for a project that nobody has yet."""
    return Sender(index, project, people.ada)


@pytest.fixture
def refuses(sender: Sender) -> Callable[..., None]:
    """Sends a wheel with these lines of metadata, and wants it refused in these words."""

    def refuses(lines: str, *words: str, version: str = "2.6", body: str = "") -> None:
        sender.require_refused(sender.upload_data(described(sender, lines, version, body)), 400, *words)

    return refuses


def described(sender: Sender, lines: str, version: str = "2.6", body: str = "") -> bytes:
    """A wheel whose METADATA has these lines."""
    head = f"Metadata-Version: {version}\nName: {sender.project}\nVersion: 1.0\n"
    metadata = head + "".join(f"{line}\n" for line in [lines] if line) + (f"\n{body}" if body else "")
    return make_wheel(sender.project, metadata=metadata.encode())


Refuses = Callable[..., None]


@pytest.mark.parametrize("version", ["3.0", "1.3", "2.0", "x"])
def test_v15_unknown_metadata_versions(refuses: Refuses, version: str) -> None:
    """What nobody has specified is not guessed at."""
    refuses("", f"Metadata-Version {version}" if version == "2.0" else repr(version), version=version)


@pytest.mark.parametrize("version", ["2.4", "2.5", "2.6", "2.7"])
def test_v16_current_metadata_versions(sender: Sender, version: str) -> None:
    """Today's versions are taken, and so is tomorrow's, as far as it is known."""
    sender.data = described(sender, "Summary: A lark", version)
    sender.require_hosted(sender.upload_data(sender.data))


@pytest.mark.parametrize("field", ["Requires-Dist", "Provides-Dist", "Obsoletes-Dist"])
def test_v17_direct_references(refuses: Refuses, field: str) -> None:
    """Installers are not sent to other servers."""
    refuses(f"{field}: other @ https://elsewhere.test/other.zip", field, "elsewhere")


@pytest.mark.parametrize(
    "dependency", ["other (>dev)", "other; 'x' in extras", "other; 'x' in dependency_groups", "other >= 1 <"]
)
def test_v18_dependencies_that_cannot_be_read(refuses: Refuses, dependency: str) -> None:
    """Neither what no grammar reads, nor markers that are for lock files."""
    refuses(f"Requires-Dist: {dependency}", "Requires-Dist", dependency[:5])


def test_v19_two_licences(refuses: Refuses) -> None:
    """License and License-Expression exclude each other."""
    refuses("License: MIT\nLicense-Expression: MIT", "exclude each other")


@pytest.mark.parametrize(("expression", "words"), [("Nonsense", "no SPDX expression"), ("mit", "'MIT'")])
def test_v20_licence_expressions(refuses: Refuses, expression: str, words: str) -> None:
    """SPDX, and in its spelling."""
    refuses(f"License-Expression: {expression}", words)


@pytest.mark.parametrize("path", ["LICENSE", "../LICENSE"])
def test_v21_licence_files_that_are_not_there(sender: Sender, refuses: Refuses, path: str) -> None:
    """What License-File promises is in the wheel, below licenses, and in the sdist, where it says."""
    refuses(f"License-File: {path}", path)
    metadata = metadata_bytes(sender.project, "1.0", metadata_version="2.4", fields=[("License-File", path)])
    filename, data = f"{sender.project}-1.0.tar.gz", make_sdist(sender.project, metadata=metadata)
    form = multipart(upload_fields(filename, data), [FilePart(filename, data)])
    sender.require_refused(sender.send(form), 400, path)


@pytest.mark.parametrize("field", ["Name", "Version", "Metadata-Version", "Nonsense"])
def test_v22_dynamic(refuses: Refuses, field: str) -> None:
    """Only fields can be dynamic, and not those that say which release it is."""
    refuses(f"Dynamic: {field}", "Dynamic", field.lower())


@pytest.mark.parametrize(
    "classifier", ["Topic :: Nonsense", "Natural Language :: Ukranian", "Private :: Do Not Upload"]
)
def test_v23_classifiers(refuses: Refuses, classifier: str) -> None:
    """Known, not deprecated, and not private on an index that everybody reads."""
    refuses(f"Classifier: {classifier}", classifier)


@pytest.mark.parametrize("summary", ["one\n two", "x" * 513])
def test_v24_summaries(refuses: Refuses, summary: str) -> None:
    """One line that fits into a list."""
    refuses(f"Summary: {summary}", "Summary")


@pytest.mark.parametrize(
    "line",
    [
        "Home-page: javascript:alert(1)",
        "Download-URL: data:text/html,x",
        "Project-URL: docs, javascript:alert(1)",
        "Project-URL: " + "x" * 33 + ", https://a.test",
    ],
)
def test_v25_addresses(refuses: Refuses, line: str) -> None:
    """Links lead to the web, under a label that can be shown."""
    refuses(line, line.partition(":")[0])


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("text/html", "x", "text/html"),
        ("text/markdown; charset=latin-1", "x", "latin-1"),
        ("text/markdown; variant=Other", "x", "Other"),
        ("text/x-rst", "x\n\n.. nonsense::\n", "line 3"),
        ("text/markdown", "<!-- nothing -->", "nothing is left"),
    ],
)
def test_v26_descriptions(refuses: Refuses, kind: str, body: str, words: str) -> None:
    """Of a known kind, and one that can be shown."""
    refuses(f"Description-Content-Type: {kind}", words, body=body)


@pytest.mark.parametrize(
    "lines", ["Import-Name: 1x", "Import-Name: a\nImport-Namespace: a", "Import-Name: a;b"]
)
def test_v27_import_names(refuses: Refuses, lines: str) -> None:
    """Names that can be imported, each in one of the two fields."""
    refuses(lines, "Import-Name")


def test_v28_the_form_and_the_file_agree(sender: Sender) -> None:
    """The file is the record: a form for another project or version than METADATA says is refused."""
    other = make_wheel(sender.project, metadata=metadata_bytes("other", "1.0"))
    sender.require_refused(sender.upload_data(other), 400, "other")
    newer = make_wheel(sender.project, metadata=metadata_bytes(sender.project, "2.0"))
    sender.require_refused(sender.upload_data(newer), 400, "2.0")


@pytest.mark.parametrize("extras", ["A_b", "a-b\nProvides-Extra: a-b", "-a"])
def test_v52_extras(refuses: Refuses, extras: str) -> None:
    """Normalized, and each once."""
    refuses(f"Provides-Extra: {extras}", "Provides-Extra")
