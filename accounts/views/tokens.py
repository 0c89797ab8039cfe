"""/me/tokens/: tokens for programs that act for oneself. Making one needs a fresh proof of who one is."""

import time

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.tokens import TokenForm
from accounts.http import AuthedRequest
from accounts.models import ApiToken
from accounts.services import tokens
from common.errors import DomainError

FRESH = 15 * 60


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: AuthedRequest) -> HttpResponse:
    """One's tokens; a POST makes one and shows its value this one time."""
    fresh = is_fresh(request)
    form = TokenForm(request.POST if request.method == "POST" else None, user=request.user)
    value = ""
    if form.is_valid():
        value = _make(request, form) if fresh else ""
    if form.is_bound and not fresh:
        form.add_error(None, _("Please confirm who you are first."))
    now = timezone.now()
    context = {
        "form": TokenForm(user=request.user) if value else form,
        "value": value,
        "fresh": fresh,
        "confirm": way_to_confirm(request),
        "tokens": ApiToken.objects.valid(now).filter(user=request.user),
    }
    return render(request, "accounts/token_list.html", context, status=422 if form.errors else 200)


def _make(request: AuthedRequest, form: TokenForm) -> str:
    try:
        _token, value = tokens.make_token(user_id=request.user.pk, now=timezone.now(), **form.cleaned_data)
    except DomainError as error:
        form.add_error(error.field, error.message)
        return ""
    return value


@require_POST
@login_required
def token_revoke(request: AuthedRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    tokens.revoke_token(user_id=request.user.pk, token_id=token.pk, now=timezone.now())
    messages.success(request, _("Taken back. Nothing opens with it any more."))
    return redirect("accounts:token_list")


def is_fresh(request: AuthedRequest) -> bool:
    """Whether they proved who they are in the last 15 minutes: by their app if they have one, else by code or password."""
    wanted = {"mfa"} if _has_app(request) else {"code", "password", "mfa"}
    records = get_authentication_records(request, request.user)
    return any(record["method"] in wanted and time.time() - record["at"] < FRESH for record in records)


def way_to_confirm(request: AuthedRequest) -> str:
    """The page where they prove it, which leads back here: the app, the password, or signing in again by code."""
    back = urlencode({"next": reverse("accounts:token_list")})
    if _has_app(request):
        return f"{reverse('mfa_reauthenticate')}?{back}"
    if request.user.has_usable_password():
        return f"{reverse('account_reauthenticate')}?{back}"
    return ""


def _has_app(request: AuthedRequest) -> bool:
    return Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists()
