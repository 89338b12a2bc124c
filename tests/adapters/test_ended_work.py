"""The engine's own memory of work: what ended long ago is forgotten, what ended lately or is under way is kept."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import json, sys, threading
from datetime import timedelta
from types import SimpleNamespace
from dbos import DBOS, SetWorkflowID
from homeport.adapters.db.connect import open_engine_for_dbos
from homeport.adapters.system import SystemClock
from homeport.worker.ended import KEPT_FOR, forget_ended

DBOS(config={"name": "homeport", "system_database_engine": open_engine_for_dbos(f"sqlite:///{sys.argv[1]}"),
             "run_migrations": True, "log_level": "ERROR"})
go = threading.Event()

@DBOS.workflow()
def quick():
    DBOS.run_step({"name": "step"}, lambda: 1)

@DBOS.workflow()
def slow():
    go.wait(20)

DBOS.launch()
for name in ("a", "b"):
    with SetWorkflowID(name):
        quick()
with SetWorkflowID("c"):
    DBOS.start_workflow(slow)

def known():
    return sorted(one.workflow_id for one in DBOS.list_workflows())

def at(days):
    clock = SystemClock(SystemClock().now() + timedelta(days=days))
    return SimpleNamespace(clock=clock)

soon = forget_ended(at(1)), known()
late = forget_ended(at(15)), known()
again = forget_ended(at(15)), known()
print(json.dumps([soon, late, again]))
go.set()
DBOS.destroy()
"""


def test_what_ended_long_ago_is_forgotten(tmp_path: Path) -> None:
    """After a day everything is known; after fifteen, only what has not ended; and then there is nothing to do."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "engine.db")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    soon, late, again = json.loads(ran.stdout.splitlines()[-1])
    assert soon == [0, ["a", "b", "c"]]
    assert late == [2, ["c"]]
    assert again == [0, ["c"]]
