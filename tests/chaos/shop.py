"""The shop's processes in a throw-away place: gunicorn, two workers, and two beats, to see that one too many does no harm."""

import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
from django.conf import settings

from tests.acceptance.running_shop import wait_until_ready

PYTHON = sys.executable
STARTING = 60.0  # seconds that a program may take to fork those who do the work


class Shop:
    """Starts, kills and starts again. `without` names a guard that is taken away, for the controls."""

    def __init__(self, base: Path, port: int, claim_seconds: int, without: str = "") -> None:
        self.base, self.port = base, port
        self.env = {**os.environ, "CHAOS_CLAIM_SECONDS": str(claim_seconds), "CHAOS_WITHOUT": without}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def commands(self) -> dict[str, list[str]]:
        celery = [PYTHON, "-m", "celery", "--quiet", "--app", "tests.chaos.tuned"]
        beat = [*celery, "beat", "--loglevel", "ERROR", "--pidfile", "", "--schedule"]
        worker = [*celery, "worker", "--loglevel", "ERROR", "--concurrency", "2", "--hostname"]
        web = ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "8"]
        return {
            "web": [PYTHON, "-m", *web, "--preload", "--log-level", "critical"],
            "worker1": [*worker, "one@chaos"],
            "worker2": [*worker, "two@chaos"],
            "beat1": [*beat, str(self.base / "beat1")],
            "beat2": [*beat, str(self.base / "beat2")],
        }

    def start(self, *names: str) -> None:
        for name in names:
            with (self.base / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.commands()[name],
                    cwd=settings.BASE_DIR,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def start_all(self) -> None:
        self.start(*self.commands())
        wait_until_ready(self.address, list(self.running.values()))

    def kill(self, name: str) -> None:
        """SIGKILL to the program itself; what it forked is left to find out."""
        self.running[name].kill()
        self.running[name].wait()

    def kill_with_children(self, name: str) -> None:
        """SIGKILL to the program and all it forked."""
        _kill_tree(self.running[name])

    def kill_child(self, name: str, dice: random.Random) -> bool:
        """SIGKILL to one of the processes that do the work, as soon as there is one; False when none came."""
        end = time.monotonic() + STARTING
        while time.monotonic() < end:
            try:
                dice.choice(psutil.Process(self.running[name].pid).children()).kill()
            except psutil.Error:
                return False
            except IndexError:  # its parent has only just been started
                time.sleep(0.1)
            else:
                return True
        return False

    def revive(self) -> list[str]:
        """Start again what ended by itself, as whoever looks after a shop's processes would; their names."""
        ended = [name for name, process in self.running.items() if process.poll() is not None]
        self.start(*ended)
        return ended

    def stop(self, *names: str) -> None:
        """End these, or all: asked first, then killed."""
        going = [self.running.pop(name) for name in names or list(self.running)]
        for process in going:
            process.terminate()
        for process in going:
            try:
                process.wait(timeout=4)
            except subprocess.TimeoutExpired:
                _kill_tree(process)
        if not self.running:
            self._end_orphans()

    def _end_orphans(self) -> None:
        """What a killed parent left behind: known by the place it was started for, since its parent's number may by now be
        somebody else's.
        """
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and process.environ().get("DATA_DIR") == str(self.base):
                    process.kill()
            except psutil.Error:
                continue


def _kill_tree(process: "subprocess.Popen[bytes]") -> None:
    """One that has ended by itself meanwhile spares none of the others."""
    tree = []
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        tree = [parent, *parent.children(recursive=True)]
    for one in tree:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()
