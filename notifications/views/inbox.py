"""A person's own notifications."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag, url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notifications import queries
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Notification
from notifications.services import mark_all_read, mark_read
from notifications.texts import words


@require_safe
@login_required
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    """What you were told, newest first."""
    page, next_key = queries.page_for(request.user, request.GET.get("after", ""))
    items: list[dict[str, Any]] = [{"row": row, "words": words(row.kind, row.context)} for row in page]
    context = {
        "items": items,
        "newest": max((row.pk for row in page), default=0),
        "any_unread": any(row.read_at is None for row in page),
        "next_page": f"?after={next_key}" if next_key else "",
    }
    return render(request, "notifications/list.html", context)


@require_safe
@login_required
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where a notification points, noting that it was read."""
    notification = get_object_or_404(
        Notification.objects.exclude(kind=SIGN_IN_CODE), pk=pk, recipient_id=request.user.pk
    )
    mark_read(user=request.user, notification_id=notification.pk, now=timezone.now())
    ours = notification.link and url_has_allowed_host_and_scheme(notification.link, allowed_hosts=None)
    return redirect(notification.link if ours else "notifications:list")


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what the page showed and everything before it."""
    up_to = request.POST.get("up_to", "")
    if up_to.isascii() and up_to.isdigit() and len(up_to) < 19:
        mark_all_read(user=request.user, up_to=int(up_to), now=timezone.now())
    return redirect("notifications:list")


@require_safe
def badge(request: HttpRequest) -> HttpResponse:
    """The unread count as a fragment; 304 while it is what the browser has, 286 stops a signed-out page from asking."""
    if not request.user.is_authenticated:
        return HttpResponse(status=286)
    count = queries.unread_count(request.user)
    etag = quote_etag(f"unread-{request.user.pk}-{count}")
    response = get_conditional_response(request, etag=etag) or render(
        request, "notifications/_badge.html", {"unread_count": count}
    )
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response
