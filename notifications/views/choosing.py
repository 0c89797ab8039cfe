"""How I want to be told, and the devices that take notices for me."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import DomainError
from notifications.channels import adapter_name
from notifications.forms import ChoicesForm, as_initial, channels_of, groups_of
from notifications.models import Choices, Delivery, Device
from notifications.push_keys import public_key
from notifications.services import choosing

if TYPE_CHECKING:
    from accounts.http import AuthedRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def choices(request: AuthedRequest) -> HttpResponse:
    """The page with a tick for each group and channel, quiet hours and devices."""
    devices = list(Device.objects.filter(user=request.user).order_by("pk"))
    channels = channels_of(request.user, bool(devices))
    mine = Choices.objects.filter(user=request.user).first()
    data = request.POST if request.method == "POST" else None
    form = ChoicesForm(data, initial=as_initial(mine, channels), channels=channels, groups=groups_of(request.user))
    if request.method == "POST" and form.is_valid() and _save(request, form, mine):
        messages.success(request, _("Saved."))
        return redirect("notifications:choices")
    context = {
        "form": form,
        "devices": devices,
        "push_key": public_key(settings.PUSH_PRIVATE_KEY) if adapter_name(Delivery.Channel.PUSH) else "",
        "shop_quiet": settings.QUIET_HOURS,
    }
    return render(request, "notifications/choices.html", context, status=422 if form.errors else 200)


def _save(request: AuthedRequest, form: ChoicesForm, before: Choices | None) -> bool:
    try:
        choosing.save_choices(user=request.user, **form.choices(before))
    except DomainError as error:
        form.add_error(error.field, error.message)
        return False
    return True


@login_required
@require_POST
def device_add(request: AuthedRequest) -> HttpResponse:
    """What a browser sends after it was allowed to show notices. 204, or 422 with a sentence."""
    given = {name: request.POST.get(name, "").replace("\x00", "") for name in ("endpoint", "p256dh", "auth")}
    try:
        choosing.add_device(user=request.user, now=timezone.now(), **given)
    except DomainError as error:
        return HttpResponse(error.message, status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@login_required
@require_POST
def device_remove(request: AuthedRequest, pk: int) -> HttpResponse:
    """No more notices on this device."""
    device = get_object_or_404(Device, pk=pk, user=request.user)
    choosing.remove_device(user=request.user, device_id=device.pk)
    messages.success(request, _("This device gets no more notices."))
    return redirect("notifications:choices")
