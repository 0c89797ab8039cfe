"""The supervisor behind `make up`, with small programs in the shop's place."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from config import up


def program(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def until(condition: Callable[[], bool], patience: float = 10.0) -> bool:
    end = time.monotonic() + patience
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def run_in_thread(supervisor: up.Supervisor) -> tuple[threading.Thread, list[int]]:
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(supervisor.run()))
    thread.start()
    return thread, answers


def test_a_killed_program_is_started_again_and_all_end_together(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    sleeper = f"import os, time; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    supervisor = up.Supervisor({"one": program(sleeper), "other": program("import time; time.sleep(60)")})
    thread, answers = run_in_thread(supervisor)
    try:
        assert until(lambda: pids.exists() and len(pids.read_text().split()) == 1)
        os.kill(int(pids.read_text().split()[0]), signal.SIGKILL)

        assert until(lambda: len(pids.read_text().split()) == 2)
    finally:
        supervisor.stopping.set()
        thread.join(20)

    assert answers == [0]
    children = [child.process.pid for child in supervisor.children if child.process]
    assert len(children) == 2
    assert not any(psutil.pid_exists(pid) for pid in [*children, *map(int, pids.read_text().split())])


def test_a_program_that_will_not_stay_up_ends_the_rest(capfd: pytest.CaptureFixture[str]) -> None:
    broken = up.Child("broken", program("import sys; sys.exit('no such table')"), quick_deaths=up.GIVE_UP_AFTER - 1)
    supervisor = up.Supervisor({"other": program("import time; time.sleep(60)")})
    supervisor.children.append(broken)
    thread, answers = run_in_thread(supervisor)
    thread.join(20)

    assert answers == [1]
    said = capfd.readouterr()
    assert "broken | no such table" in said.out
    assert "broken will not stay up" in said.err


def test_a_program_that_ignores_the_request_to_end_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(up, "STOP_PATIENCE", 0.5)
    ready = tmp_path / "ready"
    deaf = f"import signal, time; signal.signal(15, signal.SIG_IGN); open({str(ready)!r}, 'w').close(); time.sleep(60)"
    supervisor = up.Supervisor({"deaf": program(deaf)})
    thread, answers = run_in_thread(supervisor)
    assert until(ready.exists)

    supervisor.stopping.set()
    thread.join(10)

    assert answers == [0]


def test_a_port_that_is_taken_is_named_with_another_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert f"make up PORT={port % 65535 + 1}" in up.port_problem("127.0.0.1", str(port))

    assert up.port_problem("127.0.0.1", str(port)) == ""


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "-1", "8000 ", "\u0668"])
def test_a_port_that_is_no_port_is_refused(port: str) -> None:
    assert "PORT must be a number" in up.port_problem("127.0.0.1", port)
