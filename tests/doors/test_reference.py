"""The reference pages say what the code says."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent.parent.parent


def test_reference_pages_are_current() -> None:
    """Every command's help and every setting's sentence stands in the reference as it is."""
    done = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
