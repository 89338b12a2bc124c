"""What a real build tool writes is accepted without a word."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.support.looks import look

from homeport.domain.inspection import Expectation


def build_by_hatchling(tmp_path: Path, target: str) -> Path:
    """A small project, really built."""
    (tmp_path / "src" / "demo_pkg").mkdir(parents=True)
    (tmp_path / "src" / "demo_pkg" / "__init__.py").write_text("answer = 42\n")
    (tmp_path / "LICENSE").write_text("MIT\n")
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "demo-pkg"\nversion = "1.2"\nlicense = "MIT"\nlicense-files = ["LICENSE"]\n'
        'dependencies = ["other>=1"]\n[project.scripts]\nrun = "demo_pkg:main"\n'
    )
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tmp_path / "dist")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    return next((tmp_path / "dist").iterdir())


def test_wheel_built_by_hatchling_is_accepted(tmp_path: Path) -> None:
    """What a real build tool writes has no finding at all."""
    built = build_by_hatchling(tmp_path, "wheel")
    data = built.read_bytes()
    inspection = look(data, Expectation(built.name, "demo-pkg", "1.2"))
    assert inspection.findings == ()
    with zipfile.ZipFile(io.BytesIO(data)) as second:
        assert inspection.metadata_file == second.read("demo_pkg-1.2.dist-info/METADATA")


def test_sdist_built_by_hatchling_is_accepted(tmp_path: Path) -> None:
    """What a real build tool writes has no finding at all."""
    built = build_by_hatchling(tmp_path, "sdist")
    inspection = look(built.read_bytes(), Expectation(built.name, "demo-pkg", "1.2"))
    assert inspection.findings == ()
    assert inspection.metadata_file is not None
