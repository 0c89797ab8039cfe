"""Who asks: somebody with a token, or with the session of the site (then with its CSRF token)."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.services import tokens
from common.api.throttles import address_of, spend

SCHEME = "Bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer chs_…`. A wrong, old or revoked one is 401, and too many of them are 429."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        now = timezone.now()
        token = tokens.find_token(value.strip(), now)
        if token is None:
            if wait := spend("wrong_token", address_of(request)):
                raise exceptions.Throttled(wait=wait)
            raise exceptions.AuthenticationFailed(_("This token is not valid. It may have ended or been taken back."))
        if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
            tokens.note_use(token_id=token.pk, now=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class SessionAuthentication(authentication.SessionAuthentication):
    """The site's own session. CSRF is checked for guests who have one too: their cart lives in it."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        plain: Any = request._request
        if getattr(plain, "user", None) is not None and plain.user.is_active:
            self.enforce_csrf(request)
            return plain.user, None
        if plain.COOKIES.get(plain_session_cookie()):
            self.enforce_csrf(request)
        return None


def plain_session_cookie() -> str:
    """The name of the session's cookie."""
    from django.conf import settings

    return str(settings.SESSION_COOKIE_NAME)
