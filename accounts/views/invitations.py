"""What a household that was invited sees first: who invites them, and the way to begin."""

from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Invitation
from accounts.services.invitations import open_invitation

INVITATION_SESSION_KEY = "invitation"


def places_of(invitation: Invitation | None) -> dict[str, Any]:
    """What the application's form is filled with for somebody who was invited."""
    if invitation is None:
        return {}
    return {"province": invitation.county.province_id, "county": str(invitation.county_id)}


@never_cache
@require_safe
def invitation_find(request: HttpRequest) -> HttpResponse:
    """For those who have a code and no camera."""
    code = "".join(letter for letter in request.GET.get("code", "") if letter.isascii() and letter.isalnum())[:12]
    if code:
        return redirect("accounts:invitation_open", code=code)
    return render(request, "accounts/invitation_find.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_open(request: HttpRequest, code: str) -> HttpResponse:
    """Who invites; a POST goes on to the application. One answer for every code that isn't good."""
    may_ask = ratelimit.consume(request, action="open_invitation")
    invitation = open_invitation(code, timezone.now()) if may_ask else None
    if invitation is None:
        return render(request, "accounts/invitation_find.html", {"is_wrong": True, "code": code[:12]}, status=404)
    if request.method == "POST":
        request.session[INVITATION_SESSION_KEY] = invitation.code
        return redirect("accounts:farmer_apply")
    return render(request, "accounts/invitation_open.html", {"invitation": invitation})
