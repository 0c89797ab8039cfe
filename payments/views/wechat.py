"""Inside WeChat's own browser: who is it, asked without a word, before they pay."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.http import AuthedRequest
from orders.models import Order
from payments.gateways.base import GatewayError
from payments.gateways.wechat import inside
from payments.services.starting import SiteUrls

OPENID = "wechat_openid"  # in the session
SALT = "payments.views.wechat"
ASKED_FOR_SECONDS = 600


def is_inside(request: HttpRequest) -> bool:
    """Whether this is WeChat's own browser, which opens no other app."""
    return "MicroMessenger" in request.headers.get("User-Agent", "")


def ask_who(request: AuthedRequest, order: Order, urls: SiteUrls) -> HttpResponse:
    """Send the browser to WeChat, which sends it back to `who`."""
    state = signing.dumps([request.user.pk, order.number], salt=SALT, compress=True)
    return redirect(inside.asking_url(return_url=urls.public + reverse("payments:wechat_who"), state=state))


@never_cache
@require_GET
@login_required
def who(request: AuthedRequest) -> HttpResponse:
    """WeChat sends the browser back with a code: whose it is, is kept for this session, and they go on to pay.

    The state is ours, for this person and ten minutes: nobody can be made to pay as somebody else.
    """
    number = _order_of(request)
    try:
        request.session[OPENID] = inside.openid_of(request.GET.get("code", "")[:512])
    except GatewayError:
        words = _("WeChat did not say who you are. Please open this page in the phone's browser and pay there.")
        messages.error(request, words)
        return redirect(f"{reverse('payments:pay', args=[number])}?outside")
    return redirect("payments:pay", number=number)


def _order_of(request: AuthedRequest) -> str:
    try:
        said: Any = signing.loads(request.GET.get("state", ""), salt=SALT, max_age=ASKED_FOR_SECONDS)
        person, number = said
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404 from error
    if person != request.user.pk or not inside.is_set_up():
        raise Http404
    return str(number)
