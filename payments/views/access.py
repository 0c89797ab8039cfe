"""Who may open the finance pages. For everyone else there is nothing here: 404, never 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from marketplace.views.access import SignedInRequest
from payments.payout_queries import may_handle_payouts

P = ParamSpec("P")


def finance_required(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Lets staff in who may handle payouts."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_handle_payouts(request.user):
            raise Http404
        return view(cast(SignedInRequest, request), *args, **kwargs)

    return cast(Any, guarded)
