"""Liveness and readiness, for load balancers and for `make up`. They say what broke, and nothing else."""

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection

logger = logging.getLogger(__name__)

DEADLINE = 2.0  # seconds for all checks together: a frozen server must not freeze the answer
OK, UNREACHABLE, PENDING = "ok", "unreachable", "pending"

_migrated = False  # once this process has seen every migration applied, they stay applied


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. Restart it when it doesn't."""
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Whether to send people here: 200 when database, migrations and cache are in order, else 503.

    A broker that is down makes the answer `degraded`, not unready: orders are rows first, and go on without it.
    """
    found = _together({"database": _database, "cache": _cache, "broker": _broker})
    database = found["database"]
    checks = {
        "database": OK if database == PENDING else database,
        "migrations": database,
        "cache": found["cache"],
        "broker": found["broker"],
    }
    is_ready = all(checks[name] == OK for name in ("database", "migrations", "cache"))
    status = ("ok" if checks["broker"] == OK else "degraded") if is_ready else "failing"
    return JsonResponse({"status": status, "checks": checks}, status=200 if is_ready else 503)


def parts() -> dict[str, bool]:
    """Whether database, cache and broker answer, each within the deadline."""
    found = _together({"database": _database, "cache": _cache, "broker": _broker})
    return {name: said != UNREACHABLE for name, said in found.items()}


def _database() -> str:
    """Reach the database on a connection of its own, and compare its migrations with the code's."""
    global _migrated
    connection = connections["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return OK if _migrated else PENDING
    finally:
        connection.close()


def _cache() -> str:
    caches["default"].set("health", OK, timeout=10)
    return OK


def _broker() -> str:
    with Connection(settings.CELERY_BROKER_URL, transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS) as broker:
        broker.ensure_connection(max_retries=1, timeout=DEADLINE)
        broker.channel().close()
    return OK


def _together(checks: dict[str, Callable[[], str]]) -> dict[str, str]:
    """Run the checks at once, each in a thread. One that fails or is late counts as unreachable."""
    found = dict.fromkeys(checks, UNREACHABLE)

    def run(name: str) -> None:
        try:
            found[name] = checks[name]()
        except Exception as error:  # whatever a driver raises means the same here
            logger.warning("health: %s failed: %s", name, type(error).__name__)

    threads = [threading.Thread(target=run, args=[name], daemon=True) for name in checks]
    end = time.monotonic() + DEADLINE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return dict(found)
