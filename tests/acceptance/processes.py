"""The programs that a test started, and that it may kill."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from django.conf import settings


def ours(*words: str) -> list[psutil.Process]:
    """Our own children, and theirs, whose command holds all of these words. One that just ended is none of them."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            command = " ".join(child.cmdline())
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        if all(word in command for word in words):
            found.append(child)
    return found


@contextmanager
def begun_anew(*words: str) -> Iterator[None]:
    """SIGKILL a program of ours with all that it started, and start it again as it was; it runs while the block does."""
    found = ours(*words)
    pids = {program.pid for program in found}
    (first,) = [program for program in found if program.ppid() not in pids]
    command, env = first.cmdline(), first.environ()
    for program in [*first.children(recursive=True), first]:
        with suppress(psutil.NoSuchProcess):
            program.kill()
    psutil.wait_procs(found, timeout=10)
    again = subprocess.Popen(command, cwd=settings.BASE_DIR, env=env, start_new_session=True)
    try:
        yield
    finally:
        again.terminate()
        try:
            again.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(again.pid, signal.SIGKILL)
            again.wait()
