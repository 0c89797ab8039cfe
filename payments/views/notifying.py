"""Where providers post their notifications. Whoever is not believed learns nothing and changes nothing."""

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.gateways import UnknownGateway, get_gateway, missing_settings
from payments.gateways.base import Gateway, NotificationRefused
from payments.gateways.sandbox import NAME as SANDBOX
from payments.gateways.sandbox import is_allowed
from payments.services.settling import take

logger = logging.getLogger(__name__)

MAX_BYTES = 64 * 1024


@csrf_exempt
@require_POST
def notify(request: HttpRequest, gateway: str) -> HttpResponse:
    """ "success" once the message is applied, or kept for a person to look at, and committed; else the sender tries again."""
    adapter = _adapter_or_404(gateway)
    if request.content_type != adapter.notification_content_type:
        return _plain("content type", 415)
    body = _read(request)
    if body is None:
        return _plain("too large", 413)
    now = timezone.now()
    try:
        event = adapter.parse_notification(body, request.headers, now)
    except NotificationRefused as error:
        logger.warning("notification to %s refused: %s", adapter.name, error.code)
        return _plain("refused", 400)
    take(event, now)
    return _plain("success", 200)


def _adapter_or_404(name: str) -> Gateway:
    if (name == SANDBOX and not is_allowed()) or missing_settings(name):
        raise Http404
    try:
        return get_gateway(name)
    except UnknownGateway as error:
        raise Http404 from error


def _read(request: HttpRequest) -> bytes | None:
    """The raw body, or None when it is larger than any provider's: it is not read to the end then."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return None
    body = request.read(MAX_BYTES + 1)
    return body if len(body) <= MAX_BYTES else None


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
