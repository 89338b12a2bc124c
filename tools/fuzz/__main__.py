"""Fuzz one target for some seconds: with atheris, which sees what new bytes reach, or without it, blindly.

    python -m tools.fuzz zip --seconds 60
    python -m tools.fuzz zip --input crash-1234

What escapes is written to ``var/fuzz/<target>`` and told; the second form plays it again.
"""

import argparse
import hashlib
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "var" / "fuzz"
NAMES = (
    "zip",
    "tar",
    "gzip",
    "metadata",
    "record",
    "names",
    "form",
    "accept",
    "links",
    "offers",
    "xmlrpc",
    "urls",
    "checksums",
    "robots",
    "rdap",
    "ranges",
    "ledger",
    "readme",
)
_INSTRUMENTED = [
    "homeport",
    "packaging",
    "readme_renderer",
    "docutils",
    "werkzeug.sansio",
    "defusedxml",
    "email",
]


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz")
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument(
        "--seed", default="", help="a name for the blind run: the same one tries the same inputs"
    )
    parser.add_argument("--blind", action="store_true", help="without atheris, also where it is installed")
    parser.add_argument("--input", type=Path, help="play one input again")
    given = parser.parse_args()
    if given.input:
        _play(given.target, given.input)
    elif given.blind or find_spec("atheris") is None:
        _run_blindly(given.target, given.seconds, given.seed)
    else:
        _run_guided(given.target, given.seconds)


def _play(name: str, file: Path) -> None:
    from tools.fuzz.targets import TARGETS

    TARGETS[name].run(file.read_bytes())
    print(f"{name}: nothing escapes")


def _run_blindly(name: str, seconds: int, seed: str) -> None:
    from tools.fuzz.mutation import mutants
    from tools.fuzz.targets import TARGETS

    target, count, end = TARGETS[name], 0, time.monotonic() + seconds
    for data in mutants(target.seeds, target.words, seed):
        try:
            target.run(data)
        except BaseException:
            file = _folder(name) / f"crash-{hashlib.sha256(data).hexdigest()[:12]}"
            file.write_bytes(data)
            print(f"{name}: something escapes after {count:,} inputs; play it again with --input {file}")
            raise
        count += 1
        if time.monotonic() > end:
            break
    print(f"{name}: {count:,} inputs in {seconds} s without coverage, nothing escapes")


def _run_guided(name: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=_INSTRUMENTED):
        from tools.fuzz.targets import TARGETS
    target, folder = TARGETS[name], _folder(name)
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for data in target.seeds:
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    dictionary = folder / "words"
    dictionary.write_text("".join(f'"{_quoted(word)}"\n' for word in target.words))
    options = (
        f"-max_total_time={seconds}", f"-dict={dictionary}", f"-artifact_prefix={folder}/",
        "-max_len=65536", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0",
    )  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], target.run)
    with suppress(KeyboardInterrupt):
        atheris.Fuzz()


def _quoted(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _folder(name: str) -> Path:
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
