"""Sending from another program: the farmer's key for it, and the media server's question who may send or read."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common.errors import DomainError
from live.engines.embedded import KEY
from live.models import Broadcast
from live.services import airing, streaming
from marketplace.views.access import FarmerRequest, farmer_required

MAX_BYTES = 16 * 1024
FOLDER = "live/"  # before the key, in the media server's paths
SENDS_OVER = {"rtmp", "rtmps", "webrtc"}
READS_OVER = {"rtsp", "rtmp"}
MIN_SECRET = 20


@require_POST
@farmer_required
def stream_key(request: FarmerRequest, pk: int) -> HttpResponse:
    """A key for another program; asked for again, another one."""
    get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    try:
        streaming.give_key(broadcast_id=pk, farmer=request.farmer, now=timezone.now())
        messages.success(request, _("Here is the address and the key for the other program."))
    except DomainError as refused:
        messages.error(request, refused.message)
    return redirect("live:broadcast_manage", pk)


@require_POST
@farmer_required
def start(request: FarmerRequest, pk: int) -> HttpResponse:
    """Go live with the picture of another program."""
    get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    try:
        airing.go_live(broadcast_id=pk, farmer=request.farmer, now=timezone.now())
        messages.success(request, _("You are live. Now start sending in the other program."))
    except DomainError as refused:
        messages.error(request, refused.message)
    return redirect("live:broadcast_manage", pk)


@csrf_exempt
@require_POST
def media_server(request: HttpRequest, token: str) -> HttpResponse:
    """MediaMTX asks before anybody sends or reads (authMethod: http). 204 lets them, 401 does not.

    The address is the secret; so is the password under which the engine reads.
    """
    secret = settings.LIVE_STREAM_SECRET
    if len(secret) < MIN_SECRET or not constant_time_compare(token, secret):
        raise Http404
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > MAX_BYTES:
        return HttpResponseBadRequest()
    try:
        asked = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponseBadRequest()
    if not isinstance(asked, dict):
        return HttpResponseBadRequest()
    return HttpResponse(status=204 if _may(asked, secret) else 401)


def _may(asked: dict[str, Any], secret: str) -> bool:
    path, over = str(asked.get("path")), asked.get("protocol")
    key = path.removeprefix(FOLDER)
    if not path.startswith(FOLDER) or not KEY.fullmatch(key):
        return False
    if asked.get("action") == "read":
        return over in READS_OVER and constant_time_compare(str(asked.get("password")), secret)
    if asked.get("action") != "publish" or over not in SENDS_OVER:
        return False
    try:
        streaming.take_up(stream_key=UUID(hex=key), now=timezone.now())
    except DomainError:
        return False
    return True
