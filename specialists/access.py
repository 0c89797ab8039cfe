"""Who may open these pages: specialists on the days they are posted. For everybody else there is nothing here."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.http import AuthedRequest, signed_in
from accounts.models import County, Farmer, Posting, User
from specialists.models import Visit

P = ParamSpec("P")


class PostedRequest(AuthedRequest):
    """A request of a specialist, with the counties they are posted to today."""

    counties: list[County]


def counties_of(user: User, today: date) -> list[County]:
    """The counties a specialist is posted to on a day, by name. One query."""
    posted = Posting.objects.current(today).filter(specialist=user).select_related("county__province")
    return sorted({posting.county for posting in posted}, key=lambda county: county.list_no)


def posted_required(
    view: Callable[Concatenate[PostedRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Lets in who is posted anywhere today. What they may see there is theirs to ask with `households_in`."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        counties = counties_of(signed_in(request), timezone.localdate())
        if not counties:
            raise Http404
        theirs = cast(PostedRequest, request)
        theirs.counties = counties
        return view(theirs, *args, **kwargs)

    return cast(Any, guarded)


def farmers_in(request: PostedRequest) -> QuerySet[Farmer]:
    """The households of their counties, their own excepted."""
    return Farmer.objects.filter(county__in=request.counties).exclude(user=request.user)


def household(request: PostedRequest, pk: int) -> Farmer:
    """One of their households, or 404."""
    return get_object_or_404(farmers_in(request).select_related("county__province", "user"), pk=pk)


def visit_of(request: PostedRequest, pk: int) -> Visit:
    """A visit to one of their households, whoever planned it, or 404."""
    theirs = Visit.objects.filter(farmer__in=farmers_in(request))
    return get_object_or_404(theirs.select_related("farmer__county", "farmer__user", "planned_by", "done_by"), pk=pk)
