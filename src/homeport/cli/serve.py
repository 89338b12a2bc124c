"""``homeport serve``, ``web`` and ``worker``: the doors are opened."""

import errno
import os
import socket
import sys
from typing import Annotated

import typer

from homeport.cli.context import settings
from homeport.domain.errors import Unavailable
from homeport.settings import Settings


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    app.command("serve")(_serve)
    app.command("web")(_web)
    app.command("worker")(_worker)


def _serve(
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not print how to begin.")] = False,
) -> None:
    """Start the index and its worker."""
    _start("all", quiet=quiet)


def _web(quiet: Annotated[bool, typer.Option("--quiet", help="Do not print how to begin.")] = False) -> None:
    """Start the index without a worker: pages, downloads, uploads."""
    _start("web", quiet=quiet)


def _worker() -> None:
    """Start a worker alone: it plans, fetches and publishes."""
    from homeport.cli.work import work

    work()


def _start(role: str, *, quiet: bool) -> None:
    from homeport.wiring import prepare

    chosen = settings()
    _require_free_port(chosen)
    prepare(chosen)
    if not quiet:
        _greet(chosen)
    sys.stdout.flush()
    # The supervisor needs none of what was imported so far: a fresh process keeps it small.
    os.execv(sys.executable, [sys.executable, "-m", "homeport.cli.supervisor", role])


def _require_free_port(chosen: Settings) -> None:
    host, port = chosen.serve.host, chosen.serve.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
            raise Unavailable(
                f"Cannot listen on {host} port {port}: {why}. Choose another with HOMEPORT_PORT or HOMEPORT_HOST.",
                code="port-busy",
            ) from error


def _greet(chosen: Settings) -> None:
    from homeport.cli.greeting import greeting

    print(greeting(chosen))
