"""What the studio's script talks to: going live, a new recorder, its pieces. Answers are JSON, refusals problem details."""

import json
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from common.api import problems
from common.errors import DomainError
from live import spool
from live.engines import engine
from live.errors import NewRecorderNeeded, PieceMissing, TooFast
from live.forms import RecorderForm
from live.models import Broadcast, IngestSession
from live.services import airing, recorders
from marketplace.views.access import FarmerRequest, farmer_required

SEEN_EVERY = timedelta(seconds=2)
LINE_BYTES = 200_000
GRACE = timedelta(seconds=90)  # what gathered while there was no signal may come all at once


@require_POST
@farmer_required
def start(request: FarmerRequest, pk: int) -> HttpResponse:
    """Go live. Asking again while it is on is fine."""
    get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    try:
        airing.go_live(broadcast_id=pk, farmer=request.farmer, now=timezone.now())
    except DomainError as refused:
        return _refused(request, refused)
    return JsonResponse({})


@require_POST
@farmer_required
def recorder(request: FarmerRequest, pk: int) -> HttpResponse:
    """A recorder begins: where its pieces go. The one before is over."""
    get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    form = RecorderForm(request.POST)
    if not form.is_valid():
        return problems.respond(request, 422, "invalid")
    try:
        ingest = engine().publish(
            broadcast_id=pk, farmer=request.farmer, format=form.cleaned_data["format"], now=timezone.now()
        )
    except DomainError as refused:
        return _refused(request, refused)
    return JsonResponse({"address": ingest.address, "piece_ms": ingest.piece_ms})


@require_POST
@farmer_required
def line(request: FarmerRequest, pk: int) -> HttpResponse:
    """Takes some bytes and forgets them: the studio measures how fast they went, before it goes live."""
    get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    length = request.headers.get("Content-Length", "0")
    if not length.isdecimal() or int(length) > LINE_BYTES:
        return problems.respond(request, 413, "too_large")
    return JsonResponse({"bytes": len(request.body)})


@require_POST
def piece(request: HttpRequest, key: uuid.UUID, sequence: int) -> HttpResponse:
    """One piece of video. 412 names the piece that is due; 409 asks for a new recorder, or says that it is over."""
    sessions = IngestSession.objects.select_related("broadcast")
    session = get_object_or_404(sessions, key=key, broadcast__farmer__user_id=request.user.pk or 0)
    length = request.headers.get("Content-Length", "0")
    if not length.isdecimal() or int(length) > settings.LIVE_MAX_PIECE:
        return problems.respond(request, 413, "too_large")
    broadcast, now = session.broadcast, timezone.now()
    if session.closed_at is not None:
        is_over = broadcast.status != Broadcast.Status.LIVE
        return problems.respond(request, 409, "not_on_air" if is_over else NewRecorderNeeded.code)
    try:
        note = spool.append(key, sequence, request.body, most=_most(session, now))
    except PieceMissing as missing:
        return _json(412, missing, expected=missing.expected)
    except TooFast as fast:
        return _json(429, fast)
    if broadcast.seen_at is None or now - broadcast.seen_at > SEEN_EVERY:
        recorders.note_seen(broadcast_id=broadcast.pk, now=now)
    return JsonResponse({"next": note.pieces})


def _most(session: IngestSession, now: datetime) -> int:
    """How many bytes this recorder may have sent by now: what the broadcast may, less what those before it sent."""
    broadcast = session.broadcast
    lasted = now - (broadcast.started_at or now) + GRACE
    others = broadcast.sessions.exclude(pk=session.pk).values_list("key", flat=True)
    before = sum(spool.read_note(other).size for other in others)
    return int(lasted.total_seconds() * settings.LIVE_MAX_BYTES_PER_SECOND) - before


def _refused(request: HttpRequest, refused: DomainError) -> HttpResponse:
    return problems.respond(request, problems.status_of(refused), refused.code, refused.message)


def _json(status: int, refused: DomainError, **more: int) -> HttpResponse:
    body = json.dumps(problems.answer(status, refused.code, more=more), ensure_ascii=False)
    return HttpResponse(body, status=status, content_type=problems.CONTENT_TYPE)
