"""Compile the locked requirement files: every package with its hashes, no index address anywhere."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent.parent
UV = Path(sys.executable).with_name("uv")
FIXED = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
    "--quiet",
)


def compile_to(name: str, *arguments: str) -> None:
    """Write ``requirements/<name>``."""
    print(f"locking requirements/{name}")
    subprocess.run(
        [UV, "pip", "compile", *FIXED, *arguments, "-o", f"requirements/{name}"], cwd=HERE, check=True
    )


compile_to("run.txt", "pyproject.toml", "--extra=attestations")
compile_to("dev.txt", "pyproject.toml", "--extra=attestations", "--group=dev", "-c", "requirements/run.txt")
compile_to("fuzz.txt", "--group=fuzz", "-c", "requirements/dev.txt")
compile_to("build.txt", "--group=build", "-c", "requirements/dev.txt")
