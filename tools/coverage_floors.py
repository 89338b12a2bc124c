"""The coverage floors: every branch of domain, formats and flows; the rest is told."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent.parent
WHOLE = ("src/homeport/domain/*", "src/homeport/formats/*", "src/homeport/flows/*")


def coverage(*arguments: str) -> int:
    """Run ``coverage`` with its output shown; its exit status."""
    return subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=HERE, check=False).returncode


coverage("combine", "--quiet", "--append")
print("\nBranch coverage, all floors:")
coverage("report", "--skip-covered")
print("\nThe floors that must be whole: domain, formats, flows.")
sys.exit(coverage("report", f"--include={','.join(WHOLE)}", "--fail-under=100"))
