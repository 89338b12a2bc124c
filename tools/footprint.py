"""How long ``homeport serve`` takes to its first answer, and what its processes hold in memory when they are idle.

PSS is what a process costs: a page that several share counts once among them. Targets: 1 second, 200 MB.
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

IDLE_SECONDS = 5
START_SECONDS = 60
TARGET_SECONDS, TARGET_MEGABYTES = 1.0, 200
HOMEPORT = str(Path(sys.executable).with_name("homeport"))


def main() -> None:
    """Start it twice, the second time over a home that is there; measure, and print."""
    with tempfile.TemporaryDirectory(prefix="homeport-footprint-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        environment = {**os.environ, "HOMEPORT_HOME": folder, "HOMEPORT_PORT": str(port)}
        for what in ("first start, an empty home", "start over that home"):
            with subprocess.Popen(
                [HOMEPORT, "serve", "--quiet"], env=environment, stderr=subprocess.DEVNULL
            ) as served:
                began = time.monotonic()
                wait_for_an_answer(port, began)
                print(
                    f"{what}: {time.monotonic() - began:.2f} s to the first answer (target {TARGET_SECONDS} s)"
                )
                if what.startswith("start over"):
                    time.sleep(IDLE_SECONDS)
                    print_memory(served.pid)
                served.terminate()


def wait_for_an_answer(port: int, began: float) -> None:
    """Return as soon as the list of projects is answered."""
    while time.monotonic() < began + START_SECONDS:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        with suppress(OSError):
            connection.request("GET", "/simple/")
            if connection.getresponse().read():
                return
        connection.close()
        time.sleep(0.005)
    sys.exit("footprint: homeport serve did not answer within a minute.")


def print_memory(pid: int) -> None:
    """A line for each process, and the sum."""
    sums = [0.0, 0.0]
    print(f"idle for {IDLE_SECONDS} s:      RSS       PSS")
    for process in family(pid):
        rss, pss = memory(process)
        sums = [sums[0] + rss, sums[1] + pss]
        command = Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ").strip()
        print(f"  {rss:9.1f} {pss:9.1f} MB  {command.removeprefix(sys.executable).strip()}")
    print(f"  {sums[0]:9.1f} {sums[1]:9.1f} MB  all (target {TARGET_MEGABYTES} MB)")


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    below = [int(child) for file in children for child in file.read_text().split()]
    return [pid, *(process for child in below for process in family(child))]


def memory(pid: int) -> tuple[float, float]:
    """RSS and PSS in megabytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines if line.endswith(" kB")}
    return sizes["Rss"], sizes["Pss"]


if __name__ == "__main__":
    main()
