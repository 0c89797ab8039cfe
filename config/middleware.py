"""Two rules about staff pages: a second factor in production, and a content policy of their own."""

from collections.abc import Callable

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

ADMIN_POLICY = {
    # The admin's own templates carry inline scripts and styles; nobody but staff with a second factor gets here.
    "script-src": [SELF, UNSAFE_INLINE, "'unsafe-eval'"],
    "style-src": [SELF, UNSAFE_INLINE],
    "frame-ancestors": [NONE],
}


class StaffNeedTotpMiddleware:
    """Staff and moderators reach nothing but the second factor's own pages until they have one and used it."""

    EXEMPT = ("/accounts/", "/static/", "/health/", "/i18n/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_NEED_TOTP and not request.path.startswith(self.EXEMPT):
            user = request.user
            if user.is_authenticated and (user.is_staff or user.is_moderator) and not _used_totp(request):
                return redirect("mfa_index")
        return self.get_response(request)


def _used_totp(request: HttpRequest) -> bool:
    methods = request.session.get("account_authentication_methods", [])
    return any(method.get("method") == "mfa" for method in methods)


class AdminContentPolicyMiddleware:
    """Gives /admin/ the looser policy its templates need; the shop keeps the strict one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = ADMIN_POLICY  # type: ignore[attr-defined]
        return response
