"""One's webhooks: adding, trying, pausing, a new secret, the log, sending again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError
from notifications import queries
from notifications.forms import WebhookForm
from notifications.models import WebhookDelivery, WebhookSubscription
from notifications.webhooks import subscribing
from notifications.webhooks.events import EVENTS

if TYPE_CHECKING:
    from accounts.models import User


def _person(request: HttpRequest) -> "User":
    """Who asks: these views need a sign-in."""
    return cast("User", request.user)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """The addresses one's programs are told at, and one more."""
    owner = _person(request)
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = subscribing.subscribe(owner=owner, url=values["url"], events=values["events"], now=timezone.now())
            return redirect("notifications:webhook_detail", made.pk)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context = {"form": form, "own": WebhookSubscription.objects.filter(owner=owner).order_by("pk")}
    return render(request, "notifications/webhooks.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
@never_cache
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One address: its secret and the log."""
    subscription = get_object_or_404(WebhookSubscription, pk=pk, owner=_person(request).pk)
    log, next_page = queries.webhook_log(subscription, request.GET.get("after", ""))
    context = {"hook": subscription, "log": log, "next_page": next_page, "events": EVENTS}
    return render(request, "notifications/webhook.html", context)


@require_POST
@login_required
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a ping."""
    told = _("A test message is on its way. Reload in a moment to see it in the log.")
    return _do(request, pk, subscribing.send_test, told, now=timezone.now())


@require_POST
@login_required
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret."""
    told = _("Here is a new secret. The old one signs too for a day.")
    return _do(request, pk, subscribing.change_secret, told, now=timezone.now())


@require_POST
@login_required
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell nothing for a while."""
    return _do(request, pk, subscribing.pause, _("Paused."))


@require_POST
@login_required
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on."""
    return _do(request, pk, subscribing.resume, _("Switched on."))


@require_POST
@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an address."""
    return _do(request, pk, subscribing.unsubscribe, _("Removed."), then="notifications:webhook_list")


@require_POST
@login_required
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one event again."""
    delivery = get_object_or_404(WebhookDelivery, pk=pk, subscription__owner=_person(request).pk)
    try:
        subscribing.replay(delivery_id=pk, owner=_person(request), now=timezone.now())
        messages.success(request, _("It is sent again."))
    except DomainError as error:
        messages.warning(request, error.message)
    return redirect("notifications:webhook_detail", delivery.subscription_id)


def _do(
    request: HttpRequest, pk: int, act: Callable[..., Any], told: str, *, then: str = "", **more: Any
) -> HttpResponse:
    get_object_or_404(WebhookSubscription, pk=pk, owner=_person(request).pk)
    try:
        act(subscription_id=pk, owner=_person(request), **more)
        messages.success(request, told)
    except DomainError as error:
        messages.warning(request, error.message)
    return redirect(then) if then else redirect("notifications:webhook_detail", pk)
