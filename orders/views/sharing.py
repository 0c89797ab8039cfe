"""What I shared, and what came of it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import AuthedRequest
from orders.models import RewardChoice
from orders.services.coupons import choose_reward
from orders.sharing import coupons_of, shared_by


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def share_list(request: AuthedRequest) -> HttpResponse:
    """One's own links with how often they were opened and ordered by. Nothing of who did. A POST says
    what is to become of what one earns."""
    if request.method == "POST":
        to_fund = request.POST.get("to_fund")
        if to_fund in {"0", "1"}:
            choose_reward(person=request.user, to_fund=to_fund == "1")
            messages.success(request, _("Noted, from the next time on."))
        return redirect("orders:share_list")
    context = {
        "shared": shared_by(request.user),
        "coupons": coupons_of(request.user),
        "to_fund": RewardChoice.objects.filter(person=request.user, to_fund=True).exists(),
        "days": settings.SHARE_DAYS,
        "per_cent": settings.SHARE_REWARD_BASIS_POINTS / 100,
    }
    return render(request, "orders/share_list.html", context)
