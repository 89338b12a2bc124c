"""Homeport itself, filled by its own flows and started as the product, and nginx with the bytes it answers."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.bench.cases import JSON_TYPE, Case, plain_path, request_for
from tools.bench.corpus import Corpus, Wheel
from tools.bench.processes import Command, Server

import homeport
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, parse_filename
from homeport.domain.release import Origin
from homeport.flows.manage_project import add_project
from homeport.flows.publish_file import Arrival, publish_files
from homeport.flows.sign_in import add_user
from homeport.ports.catalogue import Provenance
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world, prepare

NAME = "Homeport"
CONFIGURATION = "`homeport web` with one process, over a home that was filled by its own flows"
NGINX = "nginx"
NGINX_CONFIGURATION = (
    "one worker, `sendfile`, `tcp_nopush`, `gzip_static`, no access log; files with exactly the bytes that Homeport "
    "answered, and the same kinds of header fields"
)
SOURCE = Path(homeport.__file__).parent
_PROJECTS_AT_ONCE = 500


def filled_home(kept: Path, corpus: Corpus, folder: Path) -> Path:
    """A home with every project and every file of the corpus, copied into ``folder``.

    What was filled once is used again as long as not one line of the product is another.
    """
    source = hashlib.sha256()
    for file in sorted(SOURCE.rglob("*.py")):
        source.update(file.read_bytes())
    home = kept / f"homeport-{corpus.projects}-{source.hexdigest()[:16]}"
    if not home.exists():
        for old in kept.glob(f"homeport-{corpus.projects}-*"):
            shutil.rmtree(old)
        print(f"filling {NAME}, which is kept until the product changes", flush=True)
        unfinished = kept / "homeport-unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        fill_home(unfinished, corpus)
        unfinished.rename(home)
    shutil.copytree(home, folder / "home")
    return folder / "home"


def fill_home(home: Path, corpus: Corpus) -> None:
    """A home with every project and every file of the corpus, by the product's own flows."""
    settings = read_settings({"HOMEPORT_HOME": str(home)}, home.parent)
    prepare(settings)
    world = open_world(settings)
    owner = add_user(world, "bench", "bench@example.org", None, is_admin=False)
    projects: dict[str, list[Wheel]] = {}
    for wheel in corpus.wheels():
        projects.setdefault(wheel.project, []).append(wheel)
    names = sorted(projects)
    for start in range(0, len(names), _PROJECTS_AT_ONCE):
        some = [(name, _arrivals(world, projects[name])) for name in names[start : start + _PROJECTS_AT_ONCE]]
        now = world.clock.now()
        with world.store.write() as tx:
            for name, arrivals in some:
                project = add_project(
                    tx,
                    ProjectName.parse(name),
                    owner,
                    HostingMode.ONLY,
                    policy=world.policy,
                    actor=owner.name,
                    at=now,
                )
                publish_files(tx, project, arrivals, policy=world.policy, actor=owner.name, at=now)


def _arrivals(world: World, wheels: Iterable[Wheel]) -> list[Arrival]:
    """The wheels with their bytes kept; nobody looks inside here."""
    return [_arrival(world, wheel) for wheel in wheels]


def _arrival(world: World, wheel: Wheel) -> Arrival:
    parsed = parse_filename(wheel.path.name)
    content = wheel.path.read_bytes()
    with world.blobs.receive(len(content)) as incoming:
        incoming.write(content)
        digests, size = incoming.digests(), incoming.size_bytes
        incoming.keep()
    return Arrival(
        version=parsed.version,
        filename=parsed.filename,
        kind=parsed.kind,
        size_bytes=size,
        digests=digests,
        metadata=CoreMetadata("2.1", wheel.project, wheel.version, requires_python=">=3.9"),
        metadata_file=wheel.metadata(),
        origin=Origin.UPLOAD,
        provenance=Provenance("bench"),
    )


def homeport_command(home: Path, port: int) -> Command:
    """The product's web process."""
    environment = {"HOMEPORT_HOME": str(home), "HOMEPORT_PORT": str(port)}
    return Command((sys.executable, "-m", "homeport.cli.supervisor", "web"), environment)


def copy_answers(ours: Server, cases: Iterable[Case], www: Path) -> None:
    """Give nginx the bytes that Homeport answers with, with and without compression."""
    www.mkdir()
    for case in cases:
        target = www / plain_path(case).removeprefix("/")
        if target.exists():
            continue
        request = request_for(case, ours)
        _, _, body = ours.ask(request.path, {"Accept": case.headers["Accept"]})
        target.write_bytes(body)
        _, fields, packed = ours.ask(request.path, {**case.headers, "Accept-Encoding": "gzip"})
        if case.is_page:
            is_packed = fields.get("Content-Encoding") == "gzip"
            target.with_name(f"{target.name}.gz").write_bytes(packed if is_packed else gzip.compress(body))


def nginx_command(www: Path, scratch: Path, port: int, behind: Server) -> Command:
    """The other server, as a good administrator sets it up for static files.

    The same program hands the pages and files of ``behind`` on to caches, which keep nothing that has no lifetime.
    """
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {scratch}/{kind};" for kind in kinds)
    configuration = scratch / "nginx.conf"
    configuration.write_text(
        f"""
        {"user root;" if os.geteuid() == 0 else ""}
        daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {scratch}/nginx.log;
        events {{ worker_connections 1024; }}
        http {{
            {paths}
            access_log off; sendfile on; tcp_nopush on; gzip_static on; keepalive_requests 1000000000;
            add_header Cache-Control no-cache; add_header Vary "Accept, Accept-Encoding";
            add_header Access-Control-Allow-Origin "*"; add_header X-Content-Type-Options nosniff;
            add_header X-PyPI-Last-Serial 100;
            types {{ {JSON_TYPE} json; text/html html; }}
            default_type application/octet-stream;
            server {{
                listen 127.0.0.1:{port}; root {www};
                location ~ ^/(simple|files)/ {{
                    proxy_pass http://127.0.0.1:{behind.port}; proxy_hide_header Cache-Control;
                    add_header Cache-Control "public, max-age=86400";
                }}
            }}
        }}
        """
    )
    return Command(("nginx", "-e", f"{scratch}/nginx.log", "-c", str(configuration)))


def nginx_version() -> str:
    """What nginx calls itself."""
    done = subprocess.run(["nginx", "-v"], check=True, capture_output=True, text=True)
    return done.stderr.split("/")[-1].strip()
