"""The provider's own page, where the buyer "pays". It knows nothing of the shop but the trade and where to go back to."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from payments.gateways.sandbox import is_allowed, provider
from payments.models import SandboxTrade

DECISIONS = [
    (provider.Decision.PAY_NOTIFY_10S, _("Pay, tell the shop after 10 seconds")),
    (provider.Decision.PAY_NOTIFY_60S, _("Pay, tell the shop after 60 seconds")),
    (provider.Decision.PAY_SILENT, _("Pay, never tell the shop")),
    (provider.Decision.PAY_NOTIFY_TWICE, _("Pay, tell the shop twice")),
    (provider.Decision.FAIL, _("Fail")),
]


@never_cache
@require_http_methods(["GET", "POST"])
def cashier(request: HttpRequest, token: UUID) -> HttpResponse:
    """Show the trade; POST decides it and sends the browser back to the shop."""
    if not is_allowed():
        raise Http404
    trade = get_object_or_404(SandboxTrade, token=token)
    now = timezone.now()
    if request.method == "POST" and (decision := _decision(request)):
        try:
            trade = provider.decide(token=token, decision=decision, now=now)
        except provider.ProviderSaysNo:
            trade.refresh_from_db()  # decided already, e.g. by a double click: go back as if it had been this one
        return HttpResponseRedirect(trade.return_url)
    is_open = trade.status == SandboxTrade.Status.WAITING and trade.expires_at > now
    return render(request, "payments/sandbox/cashier.html", {"trade": trade, "is_open": is_open, "others": DECISIONS})


def _decision(request: HttpRequest) -> provider.Decision | None:
    try:
        return provider.Decision(request.POST.get("decision", ""))
    except ValueError:
        return None
