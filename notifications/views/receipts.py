"""What providers tell us about messages they took. There is no person behind these requests."""

import json
import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBadRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.services.receipts import Report, record_reports

MAX_BYTES = 256 * 1024
MAX_REPORTS = 1000


@csrf_exempt
@require_POST
def aliyun_reports(request: HttpRequest, token: str) -> HttpResponseBase:
    """Aliyun's SmsReport. Aliyun signs nothing, so the address is the secret, and a report has to know the message, its
    BizId and the number besides. Answered only after everything is noted; otherwise Aliyun sends it again.
    """
    secret = settings.SMS_RECEIPT_TOKEN
    if len(secret) < 20 or not constant_time_compare(token, secret):
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
    record_reports([report for item in given if (report := _report(item))], now=timezone.now())
    return JsonResponse({"code": 0, "msg": "接收成功"})


def _report(item: Any) -> Report | None:
    """One report as we know it, or None for what is no report about a message of ours."""
    if not isinstance(item, dict) or not isinstance(item.get("success"), bool):
        return None
    named = re.fullmatch(r"chushan-delivery-(\d{1,18})", str(item.get("out_id")), re.ASCII)
    number, provider_id, code = (str(item.get(name) or "") for name in ("phone_number", "biz_id", "err_code"))
    if named is None or not provider_id or "\x00" in number + provider_id + code:
        return None
    return Report(delivery_id=int(named[1]), provider_id=provider_id, number=number, arrived=item["success"], code=code)
