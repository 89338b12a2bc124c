"""The load generator: wrk, started on its own core, and what it says read."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

_TIMEOUT_SECONDS = 60
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3, "h": 3_600e3}
_SIZES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_SUMMARY = re.compile(
    r"^\s*(\d+) requests in ([\d.]+)(us|ms|s|m|h), ([\d.]+)(B|KB|MB|GB) read$", re.MULTILINE
)
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
_LATENCY = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m|h) *$", re.MULTILINE)


class LoadFailed(Exception):  # noqa: N818 - what a server did under load
    """Not every answer was the one that was asked for."""


@dataclass(frozen=True)
class Said:
    """What wrk says of one run."""

    requests: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    bytes_read: float


def run_wrk(
    port: int, path: str, headers: Mapping[str, str], *, connections: int, seconds: float, core: int
) -> Said:
    """Ask for ``path`` over so many kept connections for a while; ``LoadFailed`` when an answer was another one."""
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    command += ["--latency", "--timeout", f"{_TIMEOUT_SECONDS}s"]
    command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise LoadFailed(f"wrk ended with status {done.returncode}: {done.stderr.strip()}")
    return read_wrk(done.stdout)


def read_wrk(text: str) -> Said:
    """The figures out of what ``wrk --latency`` prints."""
    errors = [line.strip() for line in text.splitlines() if "Non-2xx" in line or "Socket errors" in line]
    if errors:
        raise LoadFailed("; ".join(errors))
    summary, rate = _SUMMARY.search(text), _RATE.search(text)
    if summary is None or rate is None:
        raise LoadFailed(f"wrk said something else than it does: {text[:200]!r}")
    if not int(summary[1]):
        raise LoadFailed("no answer in time")
    latency = {share: float(value) * _UNITS[unit] for share, value, unit in _LATENCY.findall(text)}
    return Said(
        requests=int(summary[1]),
        requests_per_second=float(rate[1]),
        p50_ms=latency.get("50", 0.0),
        p99_ms=latency.get("99", 0.0),
        bytes_read=float(summary[4]) * _SIZES[summary[5]],
    )
