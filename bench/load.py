"""Visitors: processes that ask one thing after another over kept connections and note how long each took (closed loop)."""

import http.client
import multiprocessing
import resource
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

PROCESSES, VISITORS = 2, 4  # so many visitors in each process
TIMEOUT = 30.0


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Message
    text: str


class Visitor:
    """One kept connection to a server. Raises AssertionError for an answer that was not wanted."""

    def __init__(self, address: tuple[str, int], cookies: str = "") -> None:
        self._http = http.client.HTTPConnection(*address, timeout=TIMEOUT)
        self.headers = {"Accept-Language": "en", "Accept-Encoding": "identity"}
        self.cookies = cookies

    def ask(self, method: str, path: str, *, body: str = "", wanted: int = 200) -> Answer:
        headers = self.headers | ({"Cookie": self.cookies} if self.cookies else {})
        if method == "POST":
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1{path}"}
        self._http.request(method, path, body or None, headers)
        response = self._http.getresponse()
        text = response.read().decode()
        if response.status != wanted:
            raise AssertionError(f"{method} {path}: {response.status}\n{text[:500]}")
        return Answer(response.status, response.headers, text)

    def close(self) -> None:
        self._http.close()


@dataclass(frozen=True)
class Target:
    """Something to measure. `visit(visitor, number)` does it once; `cookies` are of one person per visitor, if any."""

    name: str
    visit: Callable[[Visitor, int], None]
    server: str = "shop"
    floor: str = ""
    cookies: Sequence[str] = ()
    first: Sequence[str] = ()


@dataclass
class Run:
    """One run of one target: seconds it took, and each visit's own."""

    seconds: float
    took: list[float] = field(default_factory=list)
    server_cpu: float = 0.0
    service_cpu: float = 0.0
    client_cpu: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.took) / self.seconds

    def percentile(self, part: float) -> float:
        """Milliseconds that so large a part of the visits took at most."""
        ordered = sorted(self.took)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def run(target: Target, address: tuple[str, int], seconds: float) -> Run:
    """Let the visitors come for so many seconds."""
    context = multiprocessing.get_context("fork")
    queue: Any = context.Queue()
    workers = [
        context.Process(target=_process, args=(target, address, seconds, number, queue)) for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    answers = [queue.get(timeout=seconds + 4 * TIMEOUT) for _ in workers]
    for worker in workers:
        worker.join()
    if problems := [problem for _, _, _, problem in answers if problem]:
        raise RuntimeError(f"{target.name}: {problems[0]}")
    took = [one for times, _, _, _ in answers for one in times]
    return Run(max(lasted for _, lasted, _, _ in answers), took, client_cpu=sum(cpu for _, _, cpu, _ in answers))


def ask_first(target: Target, address: tuple[str, int]) -> None:
    """Have the pages made that the run is to find kept."""
    visitor = Visitor(address, next(iter(target.cookies), ""))
    for path in target.first:
        visitor.ask("GET", path)
    visitor.close()


def visits(visit: Callable[[Visitor, int], None], address: tuple[str, int], seconds: float) -> list[float]:
    """One visitor alone, asking again when answered, for so many seconds; the seconds that each visit took."""
    visitor = Visitor(address)
    took: list[float] = []
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        visit(visitor, len(took))
        took.append(time.perf_counter() - began)
    visitor.close()
    return took


def _process(target: Target, address: tuple[str, int], seconds: float, process: int, queue: Any) -> None:
    took: list[float] = []
    problems: list[str] = []
    began = time.perf_counter()
    threads = [
        threading.Thread(
            target=_come, args=(target, address, began + seconds, process * VISITORS + number, took, problems)
        )
        for number in range(VISITORS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = resource.getrusage(resource.RUSAGE_SELF)
    queue.put((took, time.perf_counter() - began, used.ru_utime + used.ru_stime, "; ".join(problems[:1])))


def _come(
    target: Target, address: tuple[str, int], end: float, number: int, took: list[float], problems: list[str]
) -> None:
    visitor = Visitor(address, target.cookies[number % len(target.cookies)] if target.cookies else "")
    try:
        visit = 0
        while time.perf_counter() < end:
            began = time.perf_counter()
            target.visit(visitor, visit * PROCESSES * VISITORS + number)
            took.append(time.perf_counter() - began)
            visit += 1
    except (AssertionError, OSError, http.client.HTTPException) as problem:
        problems.append(f"{type(problem).__name__}: {problem}")
    finally:
        visitor.close()
