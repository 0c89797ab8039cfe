"""What the embedded mode would have sent: the place to read one's sign-in code while trying the shop."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications import queries


@require_safe
@never_cache
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest messages, for everyone on this machine. There is no such page outside the embedded mode."""
    if not settings.EMBEDDED:
        raise Http404
    address = request.GET.get("address", "")[:254]
    context = {"sent": queries.outbox(address), "address": address, "limit": queries.OUTBOX}
    return render(request, "notifications/outbox.html", context)
