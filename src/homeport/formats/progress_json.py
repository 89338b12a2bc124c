"""How far a running rehost is, as it is told to programs."""

from typing import Any

from homeport.domain.progress import HostProgress, Progress
from homeport.domain.rehost import Rehost


def progress_json(rehost: Rehost, progress: Progress) -> dict[str, Any]:
    """The state of ``rehost``, sums over all hosts, and each host; a size that nobody told is null."""
    return {
        "id": rehost.id,
        "project": rehost.project,
        "state": rehost.state.value,
        "files_done": progress.done,
        "files": progress.total,
        "received_bytes": progress.received_bytes,
        "total_bytes": progress.total_bytes,
        "bytes_per_second": round(progress.bytes_per_second),
        "accepted": progress.accepted,
        "published": progress.published,
        "hosts": [_host_json(host) for host in progress.hosts],
    }


def _host_json(host: HostProgress) -> dict[str, Any]:
    return {
        "host": host.host,
        "files_done": host.done,
        "files": host.total,
        "received_bytes": host.received_bytes,
        "total_bytes": host.total_bytes,
        "bytes_per_second": round(host.bytes_per_second),
        "waiting_for": host.waiting_for or None,
    }
