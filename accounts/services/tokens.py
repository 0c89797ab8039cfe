"""Tokens for programs: made by a person for themselves, known by their hash, taken back at any time."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, User
from accounts.queries import may_verify
from common.api.permissions import Scope
from common.errors import InvalidInput, NotAllowed
from common.transactions import use_case

START = "chs_"
MAX_TOKENS = 20
MAX_DAYS = 365
SEEN_EVERY = timedelta(minutes=1)


@use_case
def make_token(*, user_id: int, name: str, scopes: Sequence[str], days: int, now: datetime) -> tuple[ApiToken, str]:
    """A new token and its value, which is kept nowhere and can't be shown again.

    Raises InvalidInput (name, scopes, days), NotAllowed for `moderate` by somebody who decides about nothing.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    name = " ".join(name.split())
    if not name or len(name) > 60 or any(unicodedata.category(letter) == "Cc" for letter in name):
        raise InvalidInput(_("Please give it a name of up to 60 letters."), field="name")
    if not scopes or not set(scopes) <= set(Scope.values):
        raise InvalidInput(_("Please choose what it may do."), field="scopes")
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput(_("Please choose how long it is valid, at most a year."), field="days")
    if Scope.MODERATE in scopes and not may_verify(user, timezone.localdate(now)):
        raise NotAllowed(field="scopes")
    if ApiToken.objects.valid(now).filter(user=user).count() >= MAX_TOKENS:
        raise InvalidInput(_("You have %(most)s tokens. Please take one back first."), most=MAX_TOKENS)
    value = START + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=value[:12],
        digest=digest_of(value),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    return token, value


@use_case
def revoke_token(*, user_id: int, token_id: int, now: datetime) -> None:
    """Take a token back: from now on it opens nothing. Safe twice; another's stays."""
    ApiToken.objects.filter(pk=token_id, user_id=user_id, revoked_at=None).update(revoked_at=now)


@use_case
def note_use(*, token_id: int, now: datetime) -> None:
    """Note that a token was used, to the minute."""
    ApiToken.objects.filter(pk=token_id).exclude(last_used_at__gt=now - SEEN_EVERY).update(last_used_at=now)


def find_token(value: str, now: datetime) -> ApiToken | None:
    """The valid token with this value, of somebody who may sign in, with its user; one query."""
    if not value.startswith(START):
        return None
    valid = ApiToken.objects.valid(now).filter(digest=digest_of(value), user__is_active=True)
    return valid.select_related("user").first()


def digest_of(value: str) -> str:
    """What we keep of a token. It has 256 random bits, so a plain hash can't be guessed back."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
