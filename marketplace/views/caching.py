"""Pages that a shared cache may keep, for people about whom we know nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers, set_response_etag

P = ParamSpec("P")


def shared_for_guests(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """For pages without a form that posts. Browsers and shared caches ask again each time and are mostly told "not
    changed": what a moderator took down vanishes everywhere at once. Whoever carries a session or a message gets a page of
    their own.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie", "Accept-Language", "HX-Request", "HX-Target"])
        known = settings.SESSION_COOKIE_NAME in request.COOKIES or messages.get_messages(request)
        if response.status_code != 200:
            return response
        if known or response.cookies:
            patch_cache_control(response, private=True, no_cache=True)
            return response
        patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        set_response_etag(response)
        return get_conditional_response(request, etag=response["ETag"], response=response) or response

    return wrapped
