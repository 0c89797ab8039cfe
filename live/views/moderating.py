"""The moderators' desk for broadcasts: what is on and what is kept, watching any of it, stopping it with a reason."""

from csp.decorators import csp_update
from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import DomainError
from live import playlists, queries, talk
from live.events.addresses import PLAYER
from live.forms import DecideCommentForm, StopForm
from live.models import Broadcast, Comment
from live.services import airing, reporting
from marketplace.forms.fields import show_refusal
from marketplace.queries.moderation import record_of
from marketplace.views.access import SignedInRequest, moderator_required

MOST = 50


@require_GET
@moderator_required
def desk_list(request: SignedInRequest) -> HttpResponse:
    """Reported comments, then what is on, what is announced, what is over or was stopped, the newest first."""
    return _desk_list(request)


def _desk_list(request: SignedInRequest, form: DecideCommentForm | None = None, pk: int = 0) -> HttpResponse:
    """The list; with a decision that was refused, beside the comment that it was about."""
    over = Broadcast.objects.filter(status__in=[Broadcast.Status.ENDED, Broadcast.Status.STOPPED])
    forms = {one: DecideCommentForm(auto_id=f"removal-{one.pk}-%s") for one in talk.waiting_reports()}
    context = {
        "reported": [(one, form if form and one.pk == pk else fresh) for one, fresh in forms.items()],
        "on_air": queries.listed(Broadcast.objects.on_air().order_by("-started_at"), MOST),
        "upcoming": queries.listed(Broadcast.objects.upcoming(timezone.now()), MOST),
        "over": queries.listed(over.order_by(F("ended_at").desc(nulls_last=True), "-pk"), MOST),
    }
    return render(request, "live/moderation/list.html", context, status=422 if form else 200)


@require_POST
@moderator_required
def decide_comment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove a reported comment for a reason, or let it stand."""
    get_object_or_404(Comment, pk=pk)
    form = DecideCommentForm(request.POST)
    if form.is_valid():
        removal = form.cleaned_data["removal"]
        try:
            reporting.decide_reports(comment_id=pk, moderator=request.user, removal=removal, now=timezone.now())
            messages.success(request, _("Decided."))
            return redirect("live:broadcast_desk_list")
        except DomainError as error:
            show_refusal(form, error)
    return _desk_list(request, form, pk)


@require_http_methods(["GET", "POST"])
@csp_update(PLAYER)  # type: ignore[arg-type]  # it passes on whatever is in the address
@moderator_required
def desk(request: SignedInRequest, pk: int) -> HttpResponse:
    """Watch a broadcast, whatever watchers may see of it, and stop it."""
    broadcast = get_object_or_404(queries.with_farmer(), pk=pk)
    form = StopForm(request.POST if request.method == "POST" else None, language=broadcast.farmer.user.language)
    if request.method == "POST" and form.is_valid():
        try:
            airing.stop_broadcast(
                broadcast_id=pk, moderator=request.user, reason=form.cleaned_data["reason"], now=timezone.now()
            )
            messages.success(request, _("Stopped. The farmer has been told."))
            return redirect("live:broadcast_desk", pk)
        except DomainError as error:
            show_refusal(form, error)
            broadcast.refresh_from_db(fields=["status", "ended_at", "stop_reason"])
    context = {
        "broadcast": broadcast,
        "form": form,
        "places": queries.table_of(broadcast, timezone.now()),
        "record": record_of(broadcast.farmer),
        "playlist": _playlist_of(broadcast),
    }
    return render(request, "live/moderation/desk.html", context, status=422 if form.errors else 200)


def _playlist_of(broadcast: Broadcast) -> str:
    """The address of what there is to see, "" when there is nothing."""
    if not broadcast.can_be_examined:
        return ""
    name = playlists.NOW if broadcast.status == Broadcast.Status.LIVE else playlists.AGAIN
    return reverse("live:broadcast_desk_media", args=[broadcast.pk, name])
