"""Who may decide about the fund's money. For everyone else its desk does not exist: 404, never 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User
from common.errors import NotAllowed
from marketplace.views.access import SignedInRequest

P = ParamSpec("P")
PERMISSION = "fund.handle_fund"


def may_handle_fund(user: User | AnonymousUser) -> bool:
    """Staff who were given the permission in the administration."""
    return isinstance(user, User) and user.is_active and user.is_staff and user.has_perm(PERMISSION)


def handlers() -> QuerySet[User]:
    """All of those, by name."""
    permission = Permission.objects.filter(codename="handle_fund", content_type__app_label="fund")
    given = Q(user_permissions__in=permission) | Q(groups__permissions__in=permission) | Q(is_superuser=True)
    return User.objects.filter(given, is_staff=True, is_active=True).distinct().order_by("name", "pk")


def check_may(actor: User) -> None:
    """Raises NotAllowed."""
    if not may_handle_fund(actor):
        raise NotAllowed


def fund_required(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Lets those in who may handle the fund."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not may_handle_fund(request.user):
            raise Http404
        return view(cast(SignedInRequest, request), *args, **kwargs)

    return cast(Any, guarded)
