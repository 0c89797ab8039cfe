"""The list of parcels that should have been posted: the specialist calls and helps, the moderator may end it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import AuthedRequest
from orders import queries

MOST = 200


@require_GET
@login_required
def late_list(request: AuthedRequest) -> HttpResponse:
    """For specialists posted to a county today, and for moderators; nobody else knows this page."""
    today = timezone.localdate()
    counties = [
        posting.county
        for posting in queries.current_postings(today).filter(specialist=request.user).select_related("county")
    ]
    if not counties and not request.user.is_moderator:
        raise Http404
    late = [
        {"parcel": parcel, "days": (timezone.now() - parcel.post_by).days + 1 if parcel.post_by else 0}
        for parcel in queries.late_parcels(request.user, on=today)[:MOST]
    ]
    return render(request, "orders/late_list.html", {"late": late, "counties": counties})
