"""Switching the language by a plain link, so that pages need no form (and no token) in their frame."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from accounts.services.people import remember_language


@require_safe
def switch_language(request: HttpRequest, code: str) -> HttpResponse:
    """Sets the language cookie, remembers the choice of someone signed in, and goes back to where they were."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    if request.user.is_authenticated:
        remember_language(user_id=request.user.pk, language=code)
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 86400, samesite="Lax", secure=request.is_secure()
    )
    return response
