"""What I shared, and what came of it."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import AuthedRequest
from orders.sharing import shared_by


@require_safe
@login_required
def share_list(request: AuthedRequest) -> HttpResponse:
    """One's own links with how often they were opened and ordered by. Nothing of who did."""
    context = {"shared": shared_by(request.user), "days": settings.SHARE_DAYS}
    return render(request, "orders/share_list.html", context)
