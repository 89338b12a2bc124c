"""Every rule of core metadata: what breaks it is told by its code, and weighs what the rules say (V15-V28, V52)."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.archives import make_wheel, metadata_bytes
from tests.support.looks import look

from homeport.domain.inspection import Expectation, Severity, Verdict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.rules import RULES
from homeport.domain.rules.metadata import METADATA_RULES
from homeport.formats.core_metadata import read_metadata
from homeport.formats.metadata_rules import metadata_problems

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metadata.md"
FILENAME = "demo-1.0-py3-none-any.whl"
UPLOAD = Expectation(FILENAME, "demo", "1.0")
LEGACY = Expectation(FILENAME, "demo", "1.0", is_legacy=True)


def codes(*lines: str, version: str = "2.6") -> set[str]:
    """The codes of all problems of metadata with these lines."""
    head = f"Metadata-Version: {version}\nName: demo\nVersion: 1.0\n"
    data = head + "".join(f"{line}\n" for line in lines)
    return {problem.code for problem in read_metadata(data.encode()).problems}


# What breaks a rule: the rule of the test plan, the lines, the code.
BROKEN = [
    ("V17", "Requires-Dist: a @ https://elsewhere.test/a.zip", "metadata-direct-reference"),
    ("V17", "Requires-Dist: a[x]@https://elsewhere.test/a.zip ; os_name == 'x'", "metadata-direct-reference"),
    ("V17", "Provides-Dist: a @ https://elsewhere.test/a.zip", "metadata-direct-reference"),
    ("V17", "Obsoletes-Dist: a [x] @ file:///a.zip", "metadata-direct-reference"),
    ("V18", "Requires-Dist: a (>dev)", "metadata-dependency"),
    ("V18", "Requires-Dist: a; " + "(" * 1900 + "os_name == 'x'" + ")" * 1900, "metadata-dependency"),
    ("V18", "Requires-Dist: " + "a" * 5000, "metadata-dependency"),
    ("V18", "Requires-Dist: a; 'x' in extras", "metadata-list-marker"),
    ("V18", "Requires-Dist: a; 'x' in dependency_groups", "metadata-list-marker"),
    ("V18", "Requires-Python: >=3.*", "metadata-requires-python"),
    ("V19", "License: MIT\nLicense-Expression: MIT", "metadata-license"),
    ("V20", "License-Expression: Nonsense", "metadata-license-expression"),
    ("V20", "License-Expression: mit", "metadata-license-expression"),
    ("V20", "License-Expression: MIT or Apache-2.0", "metadata-license-expression"),
    ("V20", "License-Expression: MIT AND", "metadata-license-expression"),
    ("V20", "License-Expression: " + "(" * 2000 + "MIT" + ")" * 2000, "metadata-license-expression"),
    ("V21", "License-File: ../LICENSE", "metadata-license-file"),
    ("V21", "License-File: /LICENSE", "metadata-license-file"),
    ("V21", "License-File: doc\\LICENSE", "metadata-license-file"),
    ("V21", "License-File: LICEN?E*", "metadata-license-file"),
    ("V22", "Dynamic: Name", "metadata-dynamic"),
    ("V22", "Dynamic: version", "metadata-dynamic"),
    ("V22", "Dynamic: Nonsense", "metadata-dynamic"),
    ("V23", "Classifier: Topic :: Nonsense", "metadata-classifier"),
    ("V23", "Classifier: Natural Language :: Ukranian", "metadata-classifier"),
    ("V23", "Classifier: Private :: Do Not Upload", "metadata-classifier-private"),
    ("V24", "Summary: one\n two", "metadata-summary"),
    ("V24", "Summary: " + "x" * 513, "metadata-summary"),
    ("V25", "Home-page: javascript:alert(1)", "metadata-url"),
    ("V25", "Home-page: https://exa mple.test", "metadata-url"),
    ("V25", "Home-page: https://[a.test", "metadata-url"),
    ("V25", "Home-page: https:///path", "metadata-url"),
    ("V25", "Download-URL: data:text/html,x", "metadata-url"),
    ("V25", "Download-URL: //a.test", "metadata-url"),
    ("V25", "Project-URL: docs, javascript:alert(1)", "metadata-url"),
    ("V25", "Project-URL: docs", "metadata-url"),
    ("V25", "Project-URL: , https://a.test", "metadata-url-label"),
    ("V25", "Project-URL: " + "x" * 33 + ", https://a.test", "metadata-url-label"),
    ("V26", "Description-Content-Type: text/html", "metadata-content-type"),
    ("V26", "Description-Content-Type: text/markdown; charset=latin-1", "metadata-content-type"),
    ("V26", "Description-Content-Type: text/markdown; variant=Other", "metadata-content-type"),
    ("V26", "Description-Content-Type: " + "a;b=" * 5000, "metadata-content-type"),
    ("V27", "Import-Name: 1x", "metadata-import-name"),
    ("V27", "Import-Name: class", "metadata-import-name"),
    ("V27", "Import-Name: a; secret", "metadata-import-name"),
    ("V27", "Import-Namespace: a..b", "metadata-import-name"),
    ("V27", "Import-Name: a; private\nImport-Namespace: a", "metadata-import-name"),
    ("V52", "Provides-Extra: A_b", "metadata-extra"),
    ("V52", "Provides-Extra: a-b\nProvides-Extra: a-b", "metadata-extra"),
    ("V52", "Provides-Extra: -a", "metadata-extra"),
    ("B.9 e-mail", "Author-email: ada", "metadata-email"),
    ("B.9 e-mail", "Author-email: ada at example.org", "metadata-email"),
    ("B.9 e-mail", "Author-email: Lovelace, Ada <ada@example.org>", "metadata-email"),
    ("B.9 e-mail", "Maintainer-email: ada@example.org, bob", "metadata-email"),
    ("B.9 e-mail", "Maintainer-email: " + "ada@example.org, " * 500, "metadata-email"),
    ("B.9 licence", "License-Expression: MIT\nClassifier: License :: OSI Approved", "metadata-license-classifier"),
]  # fmt: skip

KEPT = [
    "Requires-Dist: a>=1; extra == 'extras'",
    "Requires-Dist: a[b] (>=1,<2) ; python_version < '3'",
    "Provides-Dist: other (3.4)",
    "Obsoletes-Dist: old",
    "Requires-External: libpng @ whatever",
    "Requires-Python: >=3.8, <4",
    "License: whatever it says",
    "License-Expression: MIT",
    "License-Expression: ( MIT  OR Apache-2.0 )",
    "License-Expression: LicenseRef-Ours",
    "License-File: doc/LICENSE.txt",
    "Dynamic: Requires-Dist",
    "Classifier: Programming Language :: Python :: 3",
    "Classifier: License :: OSI Approved :: MIT License",
    "Summary: " + "x" * 512,
    "Summary: UNKNOWN\nHome-page: UNKNOWN\nAuthor-email: UNKNOWN",
    "Home-page: HTTPS://example.org/a?b#c",
    "Home-page: http://user@localhost:8000",
    "Project-URL: " + "x" * 32 + ", https://a.test",
    "Description-Content-Type: text/markdown; charset=UTF-8; variant=CommonMark",
    "Description-Content-Type: text/x-rst",
    "Description-Content-Type: TEXT/plain; charset=utf-8",
    "Import-Name: a.b; private\nImport-Name: c\nImport-Namespace: a",
    "Import-Name: ",
    "Provides-Extra: a-b\nProvides-Extra: c",
    "Author-email: ada@example.org",
    'Author-email: "Lovelace, Ada" <ada@example.org>, Bob <bob@exämple.org>',
    "Maintainer-email: ada@localhost",
]


def test_what_is_allowed_is_told_in_words() -> None:
    """A list of what is allowed reads as one, and not as a program writes it."""
    (problem,) = metadata_problems(
        CoreMetadata("2.1", "demo", "1.0", description="x", description_content_type="text/html")
    )
    assert "must be one of text/markdown, text/plain, text/x-rst, not 'text/html'" in problem.message


@pytest.mark.parametrize(("rule", "lines", "code"), BROKEN, ids=[f"{row[0]}-{row[1][:50]}" for row in BROKEN])
def test_what_breaks_a_rule_is_told(rule: str, lines: str, code: str) -> None:
    """One fault is one problem, with a code whose rule says what to do about it."""
    assert codes(lines) == {code}
    assert RULES[code].advice


@pytest.mark.parametrize("lines", KEPT)
def test_what_keeps_every_rule_has_no_problem(lines: str) -> None:
    """Nothing is said against what the specification allows."""
    assert codes(lines) == set()


@pytest.mark.parametrize(
    ("version", "problems"),
    [(known, set()) for known in ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6")]
    + [
        ("2.0", {"metadata-version-withdrawn"}),
        ("2.7", {"metadata-version-newer"}),
        ("2.10", {"metadata-version-newer"}),
        ("3.0", {"metadata-version-unknown"}),
        ("1.3", {"metadata-version-unknown"}),
        ("2.05", {"metadata-version-unknown"}),
        ("two", {"metadata-version-unknown"}),
    ],
    ids=lambda value: f"V15/V16-{value}" if isinstance(value, str) else "",
)
def test_metadata_versions(version: str, problems: set[str]) -> None:
    """Every version of the living spec is known; newer minor versions only warn, others do not exist."""
    assert codes(version=version) == problems


def test_the_reference_tells_every_rule() -> None:
    """The table in the documentation has each rule once, with what it weighs for whom."""
    rows = re.findall(
        r"^\| `([a-z0-9-]+)` \| .* \| (\w+) \| (\w+) \| (\w+) \|$", REFERENCE.read_text(), re.MULTILINE
    )
    told = {code: tuple(weights) for code, *weights in rows}
    assert len(told) == len(rows)
    assert told == {rule.code: rule.weights for rule in METADATA_RULES}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_what_distutils_wrote_for_people_is_not_judged(version: str) -> None:
    """Metadata 1.0 and 1.1 may have any summary, mail address and classifier; addresses of the web stay strict."""
    lax = ("Summary: one\n two", "Author-email: ada at home", "Classifier: Topic :: Nonsense")
    assert codes(*lax, version=version) == set()
    assert codes("Home-page: javascript:alert(1)", version=version) == {"metadata-url"}


def test_extras_may_be_spelled_freely_before_2_3() -> None:
    """Before PEP 685 an extra had no one spelling; two spellings of one extra were wrong already (V52)."""
    assert codes("Provides-Extra: A_b", version="2.2") == set()
    assert codes("Provides-Extra: A_b\nProvides-Extra: a-B", version="2.2") == {"metadata-extra"}


def test_all_problems_are_told_at_once() -> None:
    """Nobody corrects a release file one upload at a time."""
    one_of_each = {lines.partition(":")[0]: (lines, code) for _, lines, code in BROKEN if "\n" not in lines}
    assert len(one_of_each) > 15
    wanted = {code for _, code in one_of_each.values()}
    assert codes(*(lines for lines, _ in one_of_each.values())) == wanted


def test_each_of_many_values_is_judged() -> None:
    """The second wrong value of a field is told as the first is."""
    metadata = CoreMetadata("2.6", "demo", "1.0", dynamic=("nonsense", "summary", "rubbish"))
    messages = [problem.message for problem in metadata_problems(metadata)]
    assert [("nonsense" in text, "rubbish" in text) for text in messages] == [(True, False), (False, True)]


UPLOAD_REJECTS = [row for row in BROKEN if row[0].startswith("V")]


@pytest.mark.parametrize(
    ("rule", "lines", "code"), UPLOAD_REJECTS, ids=[f"{row[0]}-{row[1][:50]}" for row in UPLOAD_REJECTS]
)
def test_an_upload_that_breaks_a_rule_is_rejected(rule: str, lines: str, code: str) -> None:
    """A modern upload keeps every rule; a crawled file is never rejected for what it says to people."""
    fields = [tuple(line.split(": ", 1)) for line in lines.replace("\n ", "\r ").split("\n")]
    metadata = metadata_bytes("demo", "1.0", metadata_version="2.6", fields=fields)  # type: ignore[arg-type]
    wheel = make_wheel("demo", "1.0", metadata=metadata.replace(b"\r ", b"\n "))
    found = {finding.code: finding.severity for finding in look(wheel, UPLOAD).findings}
    assert found[code] is Severity.REJECT
    assert look(wheel, LEGACY).verdict is not Verdict.REJECT


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([row[1].partition(":")[0] for row in BROKEN]),
            st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40),
        ),
        max_size=6,
    )
)
def test_any_values_are_judged_without_an_accident(fields: list[tuple[str, str]]) -> None:
    """Whatever stands in the fields, there are problems or none, and every problem has its rule."""
    assert codes(*(f"{field}: {value}" for field, value in fields)) <= RULES.keys()
