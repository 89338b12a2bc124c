"""What is told about real files: in the terminal, and in docs/inspect-real.md."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tools.inspect_real.look import Looked

from homeport.domain.inspection import Severity, Verdict
from homeport.domain.rules import Profile, advice_for

_ASKED = {
    Profile.ALONE: "looked at alone (`homeport inspect`)",
    Profile.LEGACY: "as a legacy file (crawled)",
    Profile.UPLOAD: "as an upload of today (`homeport inspect --upload`)",
}
_LARGE_BYTES, _SMALL_BYTES = 10_000_000, 1_000_000


def document(looked: Sequence[Looked], second_reading: tuple[float, float], explained: dict[str, str]) -> str:
    """The page."""
    return "\n".join(_lines(looked, second_reading, explained)) + "\n"


def summary(looked: Sequence[Looked]) -> str:
    """One sentence for the terminal."""
    rejected = [one for one in looked if _verdict(one, Profile.ALONE) is Verdict.REJECT]
    return f"{len(looked)} files, {len(rejected)} rejected alone ({len(rejected) / len(looked):.2%})."


def _lines(
    looked: Sequence[Looked], second_reading: tuple[float, float], explained: dict[str, str]
) -> Iterator[str]:
    wheels = sum(one.is_wheel for one in looked)
    size = sum(one.size_bytes for one in looked)
    yield "# The inspector and real files"
    yield ""
    yield "Made by `make inspect-real`. The files are those that the indexes in pip's configuration have of the projects in"
    yield "`tools/inspect_real/names.txt`. They were published, installed and found good by many: whoever rejects one must explain it."
    yield ""
    yield f"{len(looked)} files, {wheels} wheels and {len(looked) - wheels} sdists, {size / 1e9:.1f} GB."
    yield ""
    yield "| judged | accept | hold | reject | rejected |"
    yield "|---|---:|---:|---:|---:|"
    for profile, words in _ASKED.items():
        counts = Counter(_verdict(one, profile) for one in looked)
        told = " | ".join(str(counts[verdict]) for verdict in Verdict)
        yield f"| {words} | {told} | {counts[Verdict.REJECT] / len(looked):.2%} |"
    yield ""
    yield "The last line is no measure of the inspector: rules that bind uploads are kept from today on, and their advice says how."
    for profile in (Profile.ALONE, Profile.LEGACY):
        yield from _rejected(looked, profile, explained)
    yield from _codes(looked, Profile.ALONE, Severity.HOLD, "Held when looked at alone: a person looks")
    yield from _codes(looked, Profile.UPLOAD, Severity.REJECT, "Rejected as uploads of today, and what to do")
    yield from _codes(looked, Profile.UPLOAD, Severity.HOLD, "Held as uploads of today")
    yield from _speed(looked, second_reading)
    yield from _generators(looked)


def _rejected(looked: Sequence[Looked], profile: Profile, explained: dict[str, str]) -> Iterator[str]:
    yield f"\n## Rejected {_ASKED[profile]}\n"
    rejected = [one for one in looked if _verdict(one, profile) is Verdict.REJECT]
    if not rejected:
        yield "None."
        return
    yield "| file | finding | explanation |"
    yield "|---|---|---|"
    for one in rejected:
        reasons = one.found[profile].reasons()
        yield f"| `{one.name}` | {_cell(reasons[0])} | {explained.get(one.name, '**not explained**')} |"


def _codes(looked: Sequence[Looked], profile: Profile, severity: Severity, title: str) -> Iterator[str]:
    files: dict[str, list[str]] = {}
    for one in looked:
        for code in dict.fromkeys(f.code for f in one.found[profile].findings if f.severity is severity):
            files.setdefault(code, []).append(one.name)
    yield f"\n## {title}\n"
    if not files:
        yield "None."
        return
    yield "| finding | files | for example | what to do |"
    yield "|---|---:|---|---|"
    for code, names in sorted(files.items(), key=lambda item: -len(item[1])):
        yield f"| `{code}` | {len(names)} | `{names[0]}` | {_cell(advice_for(code))} |"


def _speed(looked: Sequence[Looked], second_reading: tuple[float, float]) -> Iterator[str]:
    yield "\n## Time\n"
    yield "Wall time in the child, with its start, two files at a time.\n"
    yield "| files | number | MB | seconds | seconds per MB | slowest |"
    yield "|---|---:|---:|---:|---:|---|"
    sizes = (
        ("below 1 MB", [one for one in looked if one.size_bytes < _SMALL_BYTES]),
        ("1 to 10 MB", [one for one in looked if _SMALL_BYTES <= one.size_bytes < _LARGE_BYTES]),
        ("above 10 MB", [one for one in looked if one.size_bytes >= _LARGE_BYTES]),
    )
    for words, group in sizes:
        if group:
            megabytes, seconds = sum(one.size_bytes for one in group) / 1e6, sum(one.seconds for one in group)
            slowest = max(group, key=lambda one: one.seconds)
            yield (
                f"| {words} | {len(group)} | {megabytes:.0f} | {seconds:.1f} | {seconds / megabytes:.3f} "
                f"| `{slowest.name}`, {slowest.seconds:.1f} s |"
            )
    whole, second = second_reading
    yield f"\nThe second reader takes {second / whole:.0%} of the inspection ({second:.1f} of {whole:.1f} CPU seconds, on a sample)."


def _generators(looked: Sequence[Looked]) -> Iterator[str]:
    counts = Counter(one.generator for one in looked if one.is_wheel)
    yield "\n## Build tools\n"
    yield (
        f"The wheels name {len(counts)} build tools: "
        + ", ".join(f"{generator} ({count})" for generator, count in counts.most_common())
        + "."
    )


def _verdict(one: Looked, profile: Profile) -> Verdict:
    return one.found[profile].verdict


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")
