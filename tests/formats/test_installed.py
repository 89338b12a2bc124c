"""Where a wheel's members would be installed, and what would run there."""

import pytest
from tests.support.archives import make_wheel
from tests.support.looks import WHEEL, codes, look

from homeport.domain.inspection import Expectation, Verdict
from homeport.formats.archive.installed import is_python


@pytest.mark.parametrize(
    "path",
    [
        "demo.pth",
        "DEMO.PTH",
        "demo.start",
        "demo-1.0.data/purelib/demo.pth",
        "demo-1.0.data/platlib/demo.pth",
        "demo-1.0.data/data/lib/python3.12/site-packages/demo.pth",
        "demo-1.0.data/data/Lib/site-packages/demo.pth",
        "sitecustomize.py",
        "usercustomize/__init__.py",
        "sitecustomize.cpython-312-x86_64-linux-gnu.so",
        "demo-1.0.data/data/lib/python3/dist-packages/usercustomize.py",
    ],
)
def test_code_that_runs_at_every_start_is_told(path: str) -> None:
    """Its own maintainer may publish such code; a stranger's file waits for a person (T-36)."""
    data = make_wheel(files={path: b"x"})
    for expectation, verdict in (
        (Expectation(WHEEL.filename, "demo", "1.0"), Verdict.ACCEPT),
        (WHEEL, Verdict.HOLD),
        (Expectation(WHEEL.filename, is_legacy=True), Verdict.HOLD),
    ):
        inspection = look(data, expectation)
        assert (codes(inspection), inspection.verdict) == ({"startup-code"}, verdict)


@pytest.mark.parametrize(
    "path",
    [
        "demo/data.pth",
        "demo/quick.start",
        "demo/sitecustomize.py",
        "sitecustomize_demo.py",
        "demo-1.0.data/data/share/demo.pth",
        "demo-1.0.data/scripts/demo.pth",
        "demo-1.0.data/headers/demo.h",
        "demo-1.0.data/scripts/python-demo",
        "demo-1.0.data/scripts/pythonic",
        "demo-1.0.data/data/bin/demo",
        "demo-1.0.data/data/share/python3",
        "demo-1.0.data/purelib/demo/other.py",
        "demo-1.0.data/data/demo/__init__.py",
        "other.data",
        "python3",
    ],
)
def test_usual_places_are_no_problem(path: str) -> None:
    """Model weights called .pth deep in a package, scripts, headers and shared data are what wheels hold."""
    assert look(make_wheel(files={path: b"x"}), WHEEL).findings == ()


@pytest.mark.parametrize(
    "name", ["python", "Python.exe", "python3", "python3.13", "python3.13t", "pythonw.exe", "python27"]
)
def test_names_of_the_interpreter_are_known(name: str) -> None:
    """However versions and systems call it."""
    assert is_python(name)


@pytest.mark.parametrize("name", ["", "pythonx", "ipython", "python3-config", "python.py", "bpython3"])
def test_names_near_the_interpreter_are_free(name: str) -> None:
    """Tools have such names, and take nobody's place."""
    assert not is_python(name)
