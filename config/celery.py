"""The Celery application. Celery wakes us up; the truth is always a row in PostgreSQL."""

import os
import time
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("chushan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery would put handlers of its own in the place of ours, and lines would go out with people in them."""


@signals.task_prerun.connect
def begin(task_id: str, task: Any, **_: Any) -> None:
    """The task works for the request that woke it, or for itself."""
    from common.tracing import follow

    task.request.began = time.perf_counter()
    follow((task.request.headers or {}).get("request_id") or f"task-{task_id}")


@signals.task_postrun.connect
def end(task: Any, state: str | None = None, **_: Any) -> None:
    """Count it."""
    from common.tracing import follow
    from config.metrics import TASK_SECONDS, TASKS

    TASKS.labels(task.name, (state or "UNKNOWN").lower()).inc()
    TASK_SECONDS.labels(task.name).observe(time.perf_counter() - getattr(task.request, "began", time.perf_counter()))
    follow("")


@signals.worker_ready.connect
def show_figures(**_: Any) -> None:
    """Serve the figures of this worker's processes on METRICS_PORT, inside the network only; nowhere without it."""
    if not (port := os.environ.get("METRICS_PORT", "").strip()):
        return
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    from config.metrics import own

    registry = own
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    start_http_server(int(port), registry=registry)
