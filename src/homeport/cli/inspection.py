"""``homeport inspect``: release files, judged exactly as the index does, with what to do about every finding."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from homeport.cli.context import JsonOption
from homeport.cli.errors import Exit
from homeport.cli.output import coloured, console, errors, print_json, say, table
from homeport.domain.errors import Invalid
from homeport.domain.inspection import Expectation, Finding, Inspection, Severity, Verdict
from homeport.domain.legacy_filename import SDIST_EXTENSIONS
from homeport.domain.names import parse_filename
from homeport.domain.quota import told_size
from homeport.domain.rules import advice_for

_RELEASE_FILES = (".whl", *SDIST_EXTENSIONS)
_ORDER = tuple(Severity)
# Of the findings of one code; --json has all of them.
_SENTENCES = 3


def inspect(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Wheels and sdists, or folders that hold them, such as dist."),
    ],
    legacy: Annotated[
        bool, typer.Option("--legacy", help="With the lax name rules for crawled files.")
    ] = False,
    upload: Annotated[
        bool, typer.Option("--upload", help="With every rule that binds uploads, as before `twine upload`.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 also when a person must look at a file.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge release files exactly as the index does; nothing is sent anywhere. Exit 1 when one is rejected."""
    if legacy and upload:
        raise typer.BadParameter("--legacy and --upload exclude each other: nobody uploads a crawled file.")
    files = [file for path in paths for file in _files_at(path)]
    expect = _as_uploaded if upload else lambda name: Expectation(name, is_legacy=legacy)
    found = list(_inspected(files, expect, is_quiet=as_json))
    if as_json:
        print_json([_json(file, inspection) for file, inspection in found])
    else:
        for file, inspection in found:
            _say_verdict(file, inspection)
        _say_summary(inspection.verdict for _, inspection in found)
    refused = {Verdict.REJECT, Verdict.HOLD} if strict else {Verdict.REJECT}
    if any(inspection.verdict in refused for _, inspection in found):
        raise typer.Exit(Exit.REFUSED)


def _files_at(path: Path) -> list[Path]:
    """The file itself, or the release files in a folder."""
    if path.is_dir():
        files = sorted(
            file for file in path.iterdir() if file.is_file() and file.name.endswith(_RELEASE_FILES)
        )
        if not files:
            raise Invalid(f"There is no wheel and no sdist in {path}.", code="file-missing")
        return files
    if not path.is_file():
        raise Invalid(f"There is no file {path}.", code="file-missing")
    return [path]


def _as_uploaded(filename: str) -> Expectation:
    """What the uploader of such a file says of it: what its name says."""
    with suppress(Invalid):
        parsed = parse_filename(filename)
        return Expectation(filename, parsed.project, parsed.version.text)
    return Expectation(filename)


def _inspected(
    files: list[Path], expect: Callable[[str], Expectation], *, is_quiet: bool
) -> Iterator[tuple[Path, Inspection]]:
    """Every file with what was found, in the order given; as many at once as there are processors."""
    from homeport.adapters.inspect.isolation import ChildIsolation
    from homeport.flows.judge_file import judge_file

    isolation = ChildIsolation()
    columns = (TextColumn("inspecting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    is_hidden = is_quiet or len(files) == 1 or not errors.is_terminal
    try:
        with (
            ThreadPoolExecutor(4) as threads,
            Progress(*columns, console=errors, transient=True, disable=is_hidden) as progress,
        ):
            task = progress.add_task("inspecting", total=len(files))
            judged = threads.map(lambda file: judge_file(isolation, file, expect(file.name)), files)
            for file, answer in zip(files, judged, strict=True):
                progress.advance(task)
                yield file, answer.inspection
    finally:
        isolation.close()


def _say_verdict(file: Path, inspection: Inspection) -> None:
    """One file: its verdict, and each finding with what to do about it, the heaviest first."""
    console.print(
        f"{coloured(inspection.verdict)}  [bold]{escape(file.name)}[/bold]  {told_size(file.stat().st_size)}",
        soft_wrap=True,
    )
    if inspection.findings:
        by_code: dict[str, list[Finding]] = {}
        for finding in sorted(inspection.findings, key=lambda one: _ORDER.index(one.severity), reverse=True):
            by_code.setdefault(finding.code, []).append(finding)
        table(
            ("", "code", "finding", "what to do"),
            [
                (coloured(found[0].severity), code, escape(_told(found)), escape(advice_for(code)))
                for code, found in by_code.items()
            ],
        )
        say("")


def _told(findings: list[Finding]) -> str:
    sentences = [finding.message for finding in findings[:_SENTENCES]]
    rest = len(findings) - len(sentences)
    return "\n".join((*sentences, f"… and {rest} more like it.") if rest else sentences)


def _say_summary(verdicts: Iterable[Verdict]) -> None:
    counts = Counter(verdicts)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    say(f"{counts.total()} {'file' if counts.total() == 1 else 'files'}: {told}.")


def _json(file: Path, inspection: Inspection) -> dict[str, Any]:
    findings = [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "message": finding.message,
            "advice": advice_for(finding.code),
        }
        for finding in inspection.findings
    ]
    return {"file": str(file), "verdict": inspection.verdict.value, "findings": findings}
