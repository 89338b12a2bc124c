"""A process that asks the outside politely: ``python -m tests.support.polite_process URL TIMES THREADS TOTAL_SECONDS``.

Its home, and whom it may ask, are in its environment. It writes how each fetch ended.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from homeport.ports.fetch import Ask, Errand, FetchLimits
from homeport.settings import read_settings
from homeport.wiring import open_world


def main(url: str, times: str, threads: str, total_seconds: str) -> None:
    """Fetch ``url`` so often, on so many threads."""
    world = open_world(read_settings(os.environ, Path.cwd()))
    limits = FetchLimits(1_000, total_seconds=float(total_seconds))

    def fetch(_number: int) -> str:
        return world.fetcher.fetch(url, limits, lambda _: None, Ask(errand=Errand.CALL)).code or "ok"

    with ThreadPoolExecutor(int(threads)) as pool:
        sys.stdout.write(" ".join(pool.map(fetch, range(int(times)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
