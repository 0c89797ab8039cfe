"""A shop to measure: real gunicorn on an embedded PostgreSQL and Valkey of its own, deleted afterwards."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from config import embedded
from config.embedded.places import BASE_DIR

WORKERS, THREADS = 2, 4  # as `make up` runs it
PATIENCE = 60.0


@dataclass
class Server:
    """One gunicorn: its address, and what its processes use."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @property
    def pids(self) -> list[int]:
        """The gunicorn and its workers."""
        root = psutil.Process(self.process.pid)
        return [root.pid, *(child.pid for child in root.children(recursive=True))]


@dataclass
class Shop:
    """The shop with so many listings, the floor beside it, and how to run a script against its database.

    `lines`: how many sold order lines a bench of figures is to write. `known`: what benches want to remember.
    """

    listings: int
    env: dict[str, str]
    base: Path
    shop: Server
    floor: Server
    lines: int = 0
    known: dict[str, Any] = field(default_factory=dict)

    def ask(self, script: str, *arguments: str) -> Any:
        """What a module of bench says on its last line, as JSON; it runs with the shop's settings."""
        return json.loads(_run(self.env, "-m", script, *arguments).splitlines()[-1])

    def services(self) -> list[int]:
        """PostgreSQL's and Valkey's processes."""
        data = (self.base / ".data" / "services").resolve()
        sockets = str(embedded.paths(self.base).socket_dir)
        found = []
        for process in psutil.process_iter(["pid", "ppid", "cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if str(data) in line or sockets in line:
                found += [process.pid, *(child.pid for child in process.children(recursive=True))]
        return sorted(set(found))

    def memory(self) -> dict[str, float]:
        """Resident megabytes: of the largest web worker, and of all of PostgreSQL counted once (proportional)."""
        workers = [psutil.Process(pid).memory_full_info() for pid in self.shop.pids[1:]]
        database = [psutil.Process(pid).memory_full_info().pss for pid in self.services()]
        return {
            "web worker, RSS": max(worker.rss for worker in workers) / 2**20,
            "web worker, of its own": max(worker.uss for worker in workers) / 2**20,
            "PostgreSQL and Valkey": sum(database) / 2**20,
        }


def cpu_seconds(pids: list[int]) -> float:
    """Processor time these processes have used so far, their ended children included."""
    total = 0.0
    for pid in pids:
        try:
            total += sum(psutil.Process(pid).cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


@contextmanager
def running_shop(listings: int, lines: int = 0) -> Iterator[Shop]:
    """Make a shop with so many listings and run it while the block runs."""
    base = Path(tempfile.mkdtemp(prefix="chushan-bench-"))
    env = _environment(base)
    servers: list[Server] = []
    try:
        embedded.ensure(base)
        _run(env, "manage.py", "migrate", "--verbosity", "0")
        _run(env, "manage.py", "demo", "--listings", str(listings))
        _run(env, "-m", "bench.floor_tables")
        for wsgi in ("config.wsgi", "bench.floor"):
            servers.append(_serve(wsgi, env))
        yield Shop(listings, env, base, shop=servers[0], floor=servers[1], lines=lines)
    finally:
        for server in servers:
            server.process.terminate()
        for server in servers:
            server.process.wait(timeout=20)
        embedded.destroy(base)
        shutil.rmtree(base, ignore_errors=True)


def _environment(base: Path) -> dict[str, str]:
    places = embedded.paths(base)
    given = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TZ", "TMPDIR"}}
    return {
        **given,
        "CHUSHAN_ENV": "embedded",
        "DATABASE_URL": f"postgres://{places.database_user}@{quote(places.database_host, safe='')}/{places.database_name}",
        "BROKER_URL": places.broker_url,
        "CACHE_URL": places.cache_url,
        "DATA_DIR": str(base / "files"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(BASE_DIR),
        "PYTHONWARNINGS": "ignore",
        "LOG_LEVEL": "ERROR",
    }


def _run(env: dict[str, str], *command: str) -> str:
    """What `python command` prints; what it complains of if it fails."""
    done = subprocess.run(
        [sys.executable, *command], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def _serve(wsgi: str, env: dict[str, str]) -> Server:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    gunicorn = ["gunicorn", wsgi, "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", str(THREADS)]
    manners = ["--preload", "--keep-alive", "30", "--log-level", "error"]
    process = subprocess.Popen(
        [sys.executable, "-m", *gunicorn, *manners], cwd=BASE_DIR, env={**env, "PORT": str(port)}
    )
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return Server(port, process)
    process.kill()
    raise RuntimeError(f"{wsgi} did not answer")
