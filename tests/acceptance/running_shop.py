"""The shop as it really runs, in processes of its own, on the test's database: gunicorn, and if wanted worker and beat."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

PATIENCE = 60.0  # seconds until the shop must answer


def free_port() -> int:
    """A TCP port on loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(port: int, broker_url: str, changes: dict[str, str]) -> dict[str, str]:
    """The environment that points the shop's processes at this test's database, files and cache prefix."""
    database = connection.settings_dict
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    place = {"DEV_DB_NAME": database["NAME"]}
    if url := os.environ.get("DATABASE_URL"):
        place = {"DATABASE_URL": url.rsplit("/", 1)[0] + "/" + database["NAME"]}
    return {
        **os.environ,
        **place,
        "CHUSHAN_ENV": "embedded",
        "PORT": str(port),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "BROKER_URL": broker_url,
        "CACHE_PREFIX": f"acceptance{worker}{port}",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "PRIVATE_ROOT": str(settings.PRIVATE_ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **changes,
    }


def broker_of_its_own() -> str:
    """A database of the embedded Valkey that no other test process uses (0 is the shop's, 1 its cache, 2 the tests')."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    from config.settings import CELERY_BROKER_URL

    if "://" in (given := os.environ.get("BROKER_URL", "")):
        return given.rsplit("/", 1)[0] + f"/{3 + int(worker) % 12}"
    return f"{CELERY_BROKER_URL.split('?')[0]}?virtual_host={3 + int(worker) % 12}"


@contextmanager
def running_shop(
    *,
    wsgi: str = "config.wsgi",
    workers: int = 2,
    threads: int = 8,
    celery: bool = False,
    live: bool = False,
    **changes: str,
) -> Iterator[str]:
    """Run the shop while the block runs; gives its address. `changes` are environment variables.

    With `live` the media engine and the events of rooms run, too.
    """
    port, events_port = free_port(), free_port()
    if live:
        changes = {"LIVE_EVENTS_URL": f":{events_port}", **changes}
    env = environment(port, broker_of_its_own() if celery else "memory://", changes)
    gunicorn = ["gunicorn", wsgi, "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads)]
    # Two seconds, its default, pass between two requests of a buyer here; who then writes into a closed line is no test.
    commands = [[sys.executable, "-m", *gunicorn, "--preload", "--keep-alive", "75", "--log-level", "warning"]]
    if celery:
        program = [sys.executable, "-m", "celery", "--quiet", "--app", "config"]
        schedule = str(Path(settings.FILES) / f"beat-{port}")
        Path(settings.FILES).mkdir(parents=True, exist_ok=True)
        commands.append([*program, "worker", "--loglevel", "WARNING", "--concurrency", "2", "--purge"])
        commands.append([*program, "beat", "--loglevel", "WARNING", "--pidfile", "", "--schedule", schedule])
    if live:
        commands.append([sys.executable, "manage.py", "run_live"])
        events = ["gunicorn", "config.events", "--worker-class", "asgi", "--bind", f"127.0.0.1:{events_port}"]
        commands.append([sys.executable, "-m", *events, "--log-level", "warning", "--graceful-timeout", "1"])
    with kept_running(commands, env):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def kept_running(commands: list[list[str]], env: dict[str, str], ports: Sequence[str] = ()) -> Iterator[None]:
    """Run these programs while the block runs, once the shop answers at each of the ports; PORT in `env` if none is named."""
    children = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=env, start_new_session=True) for command in commands
    ]
    try:
        for port in ports or [env["PORT"]]:
            wait_until_ready(f"http://127.0.0.1:{port}", children)
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def wait_until_ready(address: str, children: list[subprocess.Popen[bytes]]) -> None:
    """Return once the shop says that it is ready; raise when a process died or patience ran out."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if dead := [child.args for child in children if child.poll() is not None]:
            raise RuntimeError(f"did not stay up: {dead}")
        try:
            urllib.request.urlopen(f"{address}/health/ready", timeout=5).close()
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"{address} was not ready within {PATIENCE:.0f} s")
