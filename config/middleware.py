"""Two rules about staff pages: a second step in production, and a content policy of their own."""

from collections.abc import Callable

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

ADMIN_POLICY = {
    # The admin's own templates carry inline scripts and styles; nobody but staff with a second factor gets here.
    "script-src": [SELF, UNSAFE_INLINE, "'unsafe-eval'"],
    "style-src": [SELF, UNSAFE_INLINE],
    "frame-ancestors": [NONE],
}


class StaffNeedTotpMiddleware:
    """Staff and moderators reach nothing but the way to the second step until they have one and took it this time."""

    OPEN = frozenset(
        {
            "account_logout",
            "account_reauthenticate",
            "language",
            "media",  # photos that everybody may see
            "mfa_activate_totp",
            "mfa_reauthenticate",
            "health_live",
            "health_ready",
        }
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        match, user = request.resolver_match, request.user
        if not settings.STAFF_NEED_TOTP or (match is not None and match.view_name in self.OPEN):
            return None
        if not user.is_authenticated or not (user.is_staff or user.is_moderator):
            return None
        has_factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
        if has_factor and any(record["method"] == "mfa" for record in get_authentication_records(request, user)):
            return None
        if "HX-Request" in request.headers:
            return HttpResponseForbidden()  # a fragment is no place for another page
        if not has_factor:
            return redirect("mfa_activate_totp")
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")


class AdminContentPolicyMiddleware:
    """Gives /admin/ the looser policy its templates need; the shop keeps the strict one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = ADMIN_POLICY  # type: ignore[attr-defined]
        return response
