"""Runs the whole shop in one terminal: web, worker, beat, the media engine and the events of broadcasts' rooms.

The embedded services are watched over.

python -m config.up check    say what would stop it
python -m config.up          run until Ctrl-C
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config import embedded

PYTHON = sys.executable
READY_PATIENCE = 90.0  # seconds until the shop must answer
STOP_PATIENCE = 12.0  # seconds for a child to end by itself
QUICK_DEATH = 5.0  # seconds: who lives shorter did not really start
GIVE_UP_AFTER = 5  # quick deaths in a row
NOT_WORTH_SAYING = ",".join(
    [
        "ignore:No directory at:UserWarning",  # static files come from their sources here
        "ignore::UserWarning:celery.platforms",  # root is all there is in many a container
    ]
)


def commands(host: str, port: int, events_port: int, *, debug: bool) -> dict[str, list[str]]:
    """The programs the shop consists of, by name."""
    gunicorn = ["-m", "gunicorn", "config.wsgi", "--bind", f"{host}:{port}", "--preload", "--workers=2", "--threads=4"]
    manners = ["--graceful-timeout", "5", "--log-level", "warning"]
    events = ["-m", "gunicorn", "config.events", "--bind", f"{host}:{events_port}", "--worker-class", "asgi"]
    celery = [PYTHON, "-m", "celery", "--quiet", "--app", "config"]
    return {
        "web": [PYTHON, "manage.py", "runserver", f"{host}:{port}"] if debug else [PYTHON, *gunicorn, *manners],
        "worker": [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "2"],
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""],
        "live": [PYTHON, "manage.py", "run_live"],
        "events": [PYTHON, *events, *manners],
    }


def port_problem(host: str, port: str) -> str:
    """Say why the shop can't listen there, or nothing."""
    if not port.isascii() or not port.isdecimal() or not 1 <= int(port) <= 65535:
        return f"PORT must be a number from 1 to 65535, not {port!r}."
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except PermissionError:
            return f"Port {port} needs root. Choose another: make up PORT=8001"
        except OSError as error:
            another = f"make up PORT={int(port) % 65535 + 1}"
            return f"Port {port} on {host} can't be used ({error.strerror}). Choose another: {another}"
    return ""


def free_port(host: str) -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Child:
    """One program, its output prefixed with its name, started again when it dies."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    quick_deaths: int = 0
    start_after: float = 0.0

    def start(self) -> None:
        """Start the program in a session of its own, so that Ctrl-C reaches us alone and we end it in order."""
        self.process = subprocess.Popen(
            self.command,
            cwd=embedded.BASE_DIR,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": NOT_WORTH_SAYING},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.started_at = time.monotonic()
        threading.Thread(target=self._pass_on, args=[self.process], daemon=True).start()

    def _pass_on(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                sys.stdout.write(f"{self.name:>6} | {line}")
                sys.stdout.flush()

    def look_after(self, now: float) -> None:
        """Start the program if it isn't running, waiting longer after each quick death."""
        if self.process is None:
            if now >= self.start_after:
                self.start()
        elif (status := self.process.poll()) is not None:
            self.quick_deaths = self.quick_deaths + 1 if now - self.started_at < QUICK_DEATH else 0
            wait = min(2.0**self.quick_deaths, 30.0) if self.quick_deaths else 0.0
            print(f"{self.name:>6} | ended ({status}); starting it again", flush=True)
            self._signal(signal.SIGKILL)  # what it may have left behind in its session
            self.process, self.start_after = None, now + wait

    def _signal(self, number: signal.Signals) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def ask_to_end(self) -> None:
        """Ask the program itself; it ends its own children in good order."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for the program until `deadline` (monotonic seconds), then end its whole session."""
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.1, deadline - time.monotonic()))
            self._signal(signal.SIGKILL)
            self.process.wait()


@dataclass
class Supervisor:
    """Keeps the children running until told to stop."""

    programs: Mapping[str, Sequence[str]]
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.children = [Child(name, command) for name, command in self.programs.items()]

    def run(self) -> int:
        """Run until `stopping` is set, or until a child won't stay up. Returns the exit status."""
        try:
            while not self.stopping.is_set():
                now = time.monotonic()
                for child in self.children:
                    child.look_after(now)
                    if child.quick_deaths >= GIVE_UP_AFTER:
                        print(f"{child.name} will not stay up; see its lines above.", file=sys.stderr, flush=True)
                        return 1
                self.stopping.wait(0.5)
            return 0
        finally:
            self._end()

    def _end(self) -> None:
        deadline = time.monotonic() + STOP_PATIENCE
        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.end(deadline)


def keep_services(stopping: threading.Event) -> None:
    """Bring a killed PostgreSQL or Valkey back within seconds."""
    while not stopping.wait(3.0):
        try:
            embedded.ensure()
        except embedded.EmbeddedError as error:
            print(error, file=sys.stderr, flush=True)


def announce(host: str, port: int, stopping: threading.Event) -> None:
    """Wait until the shop says it is ready, then show where it is and how to sign in."""
    local = "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104  # compared with, not bound to
    end = time.monotonic() + READY_PATIENCE
    while not stopping.wait(0.3):
        try:
            urllib.request.urlopen(f"http://{local}:{port}/health/ready", timeout=5).close()
        except OSError as error:
            if time.monotonic() > end:
                said = error.read().decode() if isinstance(error, urllib.error.HTTPError) else str(error)
                print(f"The shop is not ready after {READY_PATIENCE:.0f} seconds: {said}", file=sys.stderr, flush=True)
                return
        else:
            break
    else:
        return
    shown = "localhost" if local == "127.0.0.1" else local
    logins = subprocess.run(
        [PYTHON, "manage.py", "demo", "--logins"], cwd=embedded.BASE_DIR, capture_output=True, text=True, check=False
    )
    print(f"\nChushan 出山 is open: http://{shown}:{port}\n{logins.stdout}\nCtrl-C closes it.\n", flush=True)


def main(arguments: list[str]) -> int:
    """Run `check` or the shop. Returns the exit status."""
    host, port = os.environ.get("BIND") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if problem := port_problem(host, port):
        print(problem, file=sys.stderr)
        return 1
    if arguments == ["check"]:
        return 0
    if not Path(embedded.BASE_DIR, "manage.py").exists():
        print("Run this from the checkout.", file=sys.stderr)
        return 1
    try:
        embedded.ensure()
    except embedded.EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    events_port = free_port(host)
    os.environ["LIVE_EVENTS_URL"] = f":{events_port}"  # the pages tell it to browsers
    debug = os.environ.get("DEBUG", "").strip().lower() in {"1", "true", "yes", "on"}
    supervisor = Supervisor(commands(host, int(port), events_port, debug=debug))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: supervisor.stopping.set())
    threading.Thread(target=keep_services, args=[supervisor.stopping], daemon=True).start()
    threading.Thread(target=announce, args=[host, int(port), supervisor.stopping], daemon=True).start()
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
