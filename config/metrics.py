"""The figures of this process: requests and tasks. Those of the shop itself are read when asked for (config/gauges.py).

Names of routes, tasks and statuses are labels, never paths, ids or people: what there is to count is bounded by the code.
With PROMETHEUS_MULTIPROC_DIR set (gunicorn, Celery), the processes of one container are added up.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
own = CollectorRegistry()

REQUESTS = Counter("chushan_requests", "Requests answered.", ["method", "route", "status"], registry=own)
SECONDS = Histogram("chushan_request_seconds", "How long requests took.", ["route"], buckets=BUCKETS, registry=own)
DATABASE_SECONDS = Histogram(
    "chushan_request_database_seconds", "How much of it was the database.", ["route"], buckets=BUCKETS, registry=own
)
TASKS = Counter("chushan_tasks", "Tasks ended, by how.", ["task", "outcome"], registry=own)
TASK_SECONDS = Histogram("chushan_task_seconds", "How long tasks took.", ["task"], buckets=BUCKETS, registry=own)


def exposition(*more: CollectorRegistry) -> bytes:
    """All figures as Prometheus reads them: those of our processes, then of the other registries."""
    ours = own
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        ours = CollectorRegistry()
        MultiProcessCollector(ours)
    return b"".join(generate_latest(registry) for registry in (ours, *more))


def forget_process(pid: int) -> None:
    """A process of this container has ended: what it counted stays, its present values go."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        mark_process_dead(pid)
