"""The shared link somebody came by, in a signed cookie: the last one counts, for settings.SHARE_DAYS. Nothing else is in it."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "led_by"
_SALT = "marketplace.carried"


def carry(request: HttpRequest, response: HttpResponse, code: str) -> None:
    """Let the visitor's browser remember this link, and forget the one before."""
    response.set_cookie(
        COOKIE,
        signing.dumps(code, salt=_SALT),
        max_age=settings.SHARE_DAYS * 86_400,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def carried(request: HttpRequest) -> str:
    """The code of the link this visitor came by lately; "" without one, too old or not of our making."""
    try:
        code = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=settings.SHARE_DAYS * 86_400)
    except signing.BadSignature:
        return ""
    return code if isinstance(code, str) else ""
