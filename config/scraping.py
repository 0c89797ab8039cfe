"""/metrics: for Prometheus with the token, and for nobody else."""

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from config.gauges import shop
from config.metrics import exposition


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of this web process's container and of the shop. 404 without the token, and where none is set."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    return HttpResponse(exposition(shop), content_type=CONTENT_TYPE_LATEST)
