"""How moderation goes, for moderators and administrators."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import AuthedRequest
from marketplace.queries.moderation_figures import DAYS, moderation_figures


@require_GET
@login_required
def figures(request: AuthedRequest) -> HttpResponse:
    """Age of the queues, decisions, what was overturned, what reports were worth."""
    if not (request.user.is_moderator or request.user.is_staff):
        raise Http404
    context = {"figures": moderation_figures(timezone.now()), "days": DAYS}
    return render(request, "marketplace/moderation/figures.html", context)
