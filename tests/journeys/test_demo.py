"""The story of four places where maintainers publish holds, step by step, with the real programs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(400)]


def test_every_step_holds() -> None:
    """``make demo-sources`` ends with success, and says that every step held."""
    played = subprocess.run(
        [sys.executable, "-m", "tools.demo", "sources"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert played.returncode == 0, played.stdout[-5000:] + played.stderr[-2000:]
    assert "Every step held." in played.stdout
