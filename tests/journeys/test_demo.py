"""The stories that people play first hold, step by step, with the real programs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]


@pytest.mark.parametrize("story", [(), ("sources",)], ids=["demo", "demo-sources"])
def test_every_step_holds(story: tuple[str, ...]) -> None:
    """``make demo`` and ``make demo-sources`` end with success, and say that every step held."""
    played = subprocess.run(
        [sys.executable, "-m", "tools.demo", *story], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert played.returncode == 0, played.stdout[-5000:] + played.stderr[-2000:]
    assert "Every step held." in played.stdout
