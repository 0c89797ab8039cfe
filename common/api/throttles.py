"""How often: a count per person (or address) and minute in the shared cache, so that all web processes count together."""

import logging
import time
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.cache import cache
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.api.problems import Problem

logger = logging.getLogger(__name__)
WINDOW = 60


def spend(scope: str, who: str) -> int:
    """Count one request of `who` in `scope`. Returns the seconds to wait: 0 while they are within the limit.

    Limits per minute stand in the setting API_LIMITS. Without a cache what is only read or costs its sender effort goes
    through; scopes in API_CLOSED_WITHOUT_CACHE, where guessing pays, are refused with Problem(503).
    """
    now = time.time()
    window = int(now // WINDOW)
    key = f"api-limit:{scope}:{who}:{window}"
    try:
        cache.add(key, 0, timeout=WINDOW * 2)
        count = cache.incr(key)
    except ValueError:  # it went between the two: a cache that is being emptied
        return 0
    except Exception as error:
        logger.warning("limits are not counted: %s", type(error).__name__)
        if scope in settings.API_CLOSED_WITHOUT_CACHE:
            raise Problem(503, "unavailable") from None
        return 0
    return 0 if count <= settings.API_LIMITS[scope] else max(1, int((window + 1) * WINDOW - now) + 1)


def address_of(request: Any) -> str:
    """Where a request comes from, behind the proxies that we know."""
    return get_client_ip(getattr(request, "_request", request)) or "unknown"


class PerMinute(BaseThrottle):
    """A view's `throttle_scope` for what changes things, else "write"; reads count as "read", a guest's as "guest_read"."""

    def allow_request(self, request: Request, view: Any) -> bool:
        known = bool(request.user and request.user.is_authenticated)
        if request.method in SAFE_METHODS:
            scope = "read" if known else "guest_read"
        else:
            scope = getattr(view, "throttle_scope", None) or ("write" if known else "guest_write")
        self._wait = spend(scope, f"user-{request.user.pk}" if known else address_of(request))
        return self._wait == 0

    def wait(self) -> float:
        return float(self._wait)
