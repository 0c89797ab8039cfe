"""What people texted back, brought by the provider. There is no person behind these requests."""

import json

from allauth.core import ratelimit
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBadRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.inbound import READERS
from notifications.services.replies import record_replies
from notifications.views.receipts import MAX_BYTES, MAX_REPORTS


@csrf_exempt
@require_POST
def sms_replies(request: HttpRequest, provider: str, token: str) -> HttpResponseBase:
    """Text messages from people's phones, a list of them in the form of one of READERS.

    The address is the secret. Answered only after everything is kept; otherwise the provider brings it again.
    """
    if not ratelimit.consume(request, action="sms_replies"):
        return ratelimit.respond_429(request)
    secret = settings.SMS_REPLY_TOKEN
    if provider not in READERS or len(secret) < 20 or not constant_time_compare(token, secret):
        raise Http404
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > MAX_BYTES:
        return HttpResponseBadRequest()
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponseBadRequest()
    if not isinstance(given, list) or len(given) > MAX_REPORTS:
        return HttpResponseBadRequest()
    read = (READERS[provider](item) for item in given if isinstance(item, dict))
    record_replies(provider, [reply for reply in read if reply], now=timezone.now())
    return JsonResponse({"code": 0, "msg": "接收成功"})
