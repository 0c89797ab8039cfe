"""Who may: signed in, and with a token whose scopes cover it. A scope never widens what the person may do."""

from typing import Any

from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from common.api.problems import Problem


class Scope(models.TextChoices):
    """What a token may be used for. Each is a part of what its person may do."""

    READ = "read", _("see what is mine: orders, addresses, notifications, listings")
    BUY = "buy", _("fill the cart, order, pay, say when something is wrong")
    SELL = "sell", _("change my listings, stock and prices, post parcels")
    MODERATE = "moderate", _("decide what moderators decide")


def scopes_for(scope: str, method: str | None) -> set[str]:
    """Any of these scopes will do: to look at what one buys or sells, `read` is enough; moderation is apart."""
    if scope == Scope.MODERATE:
        return {Scope.MODERATE.value}
    if method in SAFE_METHODS:
        return {Scope.READ.value, scope}
    return {scope}


class ScopeAllows(BasePermission):
    """Refuses a token that lacks the view's `scope`. Without a token (a session, a guest) scopes don't matter."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scopes = getattr(request.auth, "scopes", None)
        scope = getattr(view, "scope", None)
        if scopes is None or scope is None:
            return True
        wanted = scopes_for(scope, request.method)
        if wanted & set(scopes):
            return True
        raise Problem(
            403,
            "scope_missing",
            _("This token may not do that. It needs the scope %(scope)s.") % {"scope": " / ".join(sorted(wanted))},
        )


class SignedIn(ScopeAllows):
    """Somebody who is signed in or sends a token, with the scope that the view asks for."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated) and super().has_permission(request, view)


class ModeratorsOnly(SignedIn):
    """Moderators; for everybody else there is nothing here: 404, as on the pages."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if not getattr(request.user, "is_moderator", False):
            raise Http404
        return True


class Anybody(ScopeAllows):
    """Guests too."""
