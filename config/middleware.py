"""Rules for every answer: what browsers may keep and use; and for staff a second step and a content policy of their own."""

from collections.abc import Callable

from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.models import Authenticator
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.second_step import forget_kept, is_fresh, keep_form, last_taken
from common.acting import Caller, called_by
from common.api import problems

SECOND_STEP = _("Please sign in with your authenticator app first.")

ADMIN_POLICY = {
    # The admin's own templates carry inline scripts and styles; nobody but staff with a second factor gets here.
    "script-src": [SELF, UNSAFE_INLINE, "'unsafe-eval'"],
    "style-src": [SELF, UNSAFE_INLINE],
    "frame-ancestors": [NONE],
}


PERMISSIONS = ", ".join(
    f"{feature}=()"  # to nobody: what a page never asks for, an injected script can't ask for either
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",  # photos are taken by the phone's own camera, through a file field
        "display-capture",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
PERMISSIONS += ", geolocation=(self)"  # for "nearest", when a buyer chooses it; the browser asks them first
#: For pages on which one may speak instead of typing, and from which a farmer goes live; the browser asks them first.
VOICE_PERMISSIONS = PERMISSIONS.replace("microphone=()", "microphone=(self)")
CAMERA_PERMISSIONS = PERMISSIONS.replace("camera=()", "camera=(self)").replace("microphone=()", "microphone=(self)")


class SafeAnswersMiddleware:
    """What a page doesn't say about itself: nobody else may see it, and its scripts get no camera.

    A page that a view made cacheable stays so. Any other one is for the person who asked: not kept at all when they
    are signed in (the next person at a shared computer presses "back"), asked for anew when it looked at their session.
    It also drops NUL from query strings: no page has a use for it, and PostgreSQL takes none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        while "%00" in query or "\0" in query:
            query = request.META["QUERY_STRING"] = query.replace("%00", "").replace("\0", "")
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", _permissions(response))
        if request.session.accessed and not response.has_header("Cache-Control"):
            kept = {"no_store": True} if request.user.is_authenticated else {"no_cache": True}
            patch_cache_control(response, private=True, **kept)
        return response


def _permissions(response: HttpResponse) -> str:
    if getattr(response, "uses_camera", False):
        return CAMERA_PERMISSIONS
    return VOICE_PERMISSIONS if getattr(response, "uses_voice", False) else PERMISSIONS


class CallerMiddleware:
    """Lets services put on record from where something was done (common.acting), without handing them the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        way = "ADMIN" if request.path.startswith("/admin/") else "API" if request.path.startswith("/api/") else "PAGE"
        with called_by(Caller(way, lambda: get_client_ip(request))):
            return self.get_response(request)


DESKS = ("/moderation/", "/finance/", "/admin/", "/api/v1/moderation/")


def decides_something(request: HttpRequest) -> bool:
    """Whether staff decide or change something, or carry data out: for that the second step must be fresh."""
    if not request.path.startswith(DESKS):
        return False
    return request.method not in {"GET", "HEAD", "OPTIONS"} or "export" in request.path


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
        taken = last_taken(request) if has_factor else None
        if taken and (not decides_something(request) or is_fresh(taken)):
            if request.method == "POST":
                forget_kept(request)
            return None
        if request.path.startswith("/api/v"):
            return problems.respond(request, 403, "second_step_needed", SECOND_STEP)
        if "HX-Request" in request.headers:
            return HttpResponseForbidden()  # a fragment is no place for another page
        if not has_factor:
            return redirect("mfa_activate_totp")
        then = (
            keep_form(request) if request.method == "POST" and decides_something(request) else request.get_full_path()
        )
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': then})}")


class AdminContentPolicyMiddleware:
    """Gives /admin/ the looser policy its templates need; the shop keeps the strict one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = ADMIN_POLICY  # type: ignore[attr-defined]
        return response
