"""Large text for the whole site: a switch in every page's foot, kept in a cookie."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

COOKIE, LARGE = "text", "large"


def is_large(request: HttpRequest) -> bool:
    """Whether this browser asked for large text."""
    return request.COOKIES.get(COOKIE) == LARGE


@require_safe
@never_cache
def switch_text_size(request: HttpRequest) -> HttpResponse:
    """Large if it was not, else as usual; then back to where they were.

    A plain link without the page's address in it: pages that are kept for everybody carry it, too.
    """
    back = request.headers.get("Referer", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if is_large(request):
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        response.set_cookie(COOKIE, LARGE, max_age=365 * 86400, samesite="Lax", secure=request.is_secure())
    return response
