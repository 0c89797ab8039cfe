"""Who may open which of these pages. A page that is not yours does not exist for you: 404, never 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_htmx.middleware import HtmxDetails

from accounts.http import AuthedRequest, signed_in
from accounts.models import Farmer

P = ParamSpec("P")


class SignedInRequest(AuthedRequest):
    """A request behind one of these decorators."""

    htmx: HtmxDetails


class FarmerRequest(SignedInRequest):
    """A request of someone who sells (or has asked to)."""

    farmer: Farmer


def farmer_required(
    view: Callable[Concatenate[FarmerRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Lets farmers in, verified or not; asks others to sign in or to become one."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        farmer = Farmer.objects.select_related("county__province", "user").filter(user=signed_in(request)).first()
        if farmer is None:
            return redirect("accounts:farmer_apply")
        theirs = cast(FarmerRequest, request)
        theirs.farmer = farmer
        return view(theirs, *args, **kwargs)

    return cast(Any, guarded)


def moderator_required(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Lets moderators in; for everyone else there is nothing here."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not signed_in(request).is_moderator:
            raise Http404
        return view(cast(SignedInRequest, request), *args, **kwargs)

    return cast(Any, guarded)
