"""The lab itself: lays the ground, starts the servers, lets every client try every vector, and prints what was seen.

Started by ``tests/lab/test_lab.py`` in namespaces of its own; never to be run outside of them.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.lab import clients, ground
from tests.lab.names import DEAD, Names, serve_names
from tests.lab.sites import PUBLIC_PLACES, serve_everywhere
from tests.lab.vectors import CONTROLS, FURTHER, NUMBERED, OPENED, Vector

#: The exit status that says: this machine does not give the lab its ground.
NO_GROUND = 77

_CERTS = Path(__file__).parent.parent / "support" / "certs"
_HOSTS = """\
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
10.0.0.3 intranet.test intranet
169.254.169.254 metadata.google.internal
"""
_REBINDINGS = 300


class Lab:
    """Clients try vectors one after another, so that every contact has its cause."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._witness = ground.Witness()

    def tries(self, client: clients.Client, vectors: Sequence[Vector]) -> dict[str, dict[str, object]]:
        """For every vector how it ended, and which places were spoken to that must not be."""
        return {vector.id: self._try(client, vector) for vector in vectors}

    def rebinds(self, client: clients.Client) -> list[str]:
        """What is spoken to when a name turns with every look-up, many times."""
        self._witness.contacts()
        for _ in range(_REBINDINGS):
            client(Vector("R", "rebinding", "http://rebind1.test/"))
        return sorted(f"{address} port {port}" for address, port in self._witness.contacts() - PUBLIC_PLACES)

    def _try(self, client: clients.Client, vector: Vector) -> dict[str, object]:
        self._names.forget()
        self._witness.contacts()
        try:
            ended = client(vector)
        except Exception as error:  # noqa: BLE001 - the clients people write raise all kinds
            ended = f"{type(error).__name__}: {error}"
        contacts = self._witness.contacts() - PUBLIC_PLACES - (OPENED if vector.has_rules else frozenset())
        # The dead address is public: to try it is no leak.
        leaks = sorted(f"{address} port {port}" for address, port in contacts if address != DEAD)
        if vector.url.startswith("file:") and ended == "something else":
            leaks.append(vector.url)
        return {"ended": ended, "leaks": leaks}


def main() -> None:
    """Print the lab's result as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            ground.lay_out()
            ground.route(f"{DEAD}/32", ground.UNREACHABLE)
            ground.rewrite_etc(Path(folder), _HOSTS)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(NO_GROUND)
        names = Names()
        serve_names(names, ground.NAME_SERVER)
        serve_everywhere(_CERTS / "site.pem")
        lab = Lab(names)
        ours = clients.ours(_CERTS / "ca.pem")
        result = {
            "ours": lab.tries(ours, (*NUMBERED, *FURTHER, *CONTROLS)),
            "rebinding": lab.rebinds(ours),
            "over_tcp": names.over_tcp,
            "naive": lab.tries(clients.naive, NUMBERED),
            "is_private": lab.tries(clients.asks_is_private, NUMBERED),
        }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
