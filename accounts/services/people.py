"""Who signs in: made on first asking for a code, nobody until the code is right."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, User
from accounts.services.own_codes import code_goes_to
from common.errors import InvalidInput
from common.transactions import needs_transaction, use_case
from notifications.services import forget_devices

FORGET_AFTER = timedelta(days=1)
FORGET_AT_ONCE = 1000


def person_to_sign_in(*, phone: str | None = None, email: str | None = None, now: datetime) -> User | None:
    """The person a code goes to, by E.164 phone or by e-mail; None when they were blocked and get none.

    An unknown one becomes a user without a password who is nobody until the code was right.
    """
    try:
        return _find_or_make(phone=phone, email=email, now=now)
    except IntegrityError:  # the same phone asked twice at once: the other request has made the user
        return _find_or_make(phone=phone, email=email, now=now)


@use_case
def _find_or_make(*, phone: str | None, email: str | None, now: datetime) -> User | None:
    key = {"phone": phone} if phone else {"email": (email or "").lower()}
    user = User.objects.filter(**key).first()
    if user is None:
        return User.objects.create_user(**key, joined_at=now)
    if not user.is_active:
        return None
    if user.last_login is None:  # asking again starts the day after which they would be forgotten anew
        User.objects.filter(pk=user.pk, last_login=None).update(joined_at=now)
    return user


@use_case
def mark_phone_verified(*, user_id: int, phone: str) -> None:
    """Note that the code sent to `phone` came back, if it still is this user's phone."""
    User.objects.filter(pk=user_id, phone=phone).update(phone_verified=True)


@use_case
def remember_language(*, user_id: int, language: str) -> None:
    """Write to this person in `language` ("zh-hans" or "en") from now on."""
    User.objects.filter(pk=user_id).exclude(language=language).update(language=language)


@use_case
def rename(*, user_id: int, name: str) -> None:
    """Change the name a person is greeted by. Raises InvalidInput (field "name") for one that is too long or not text."""
    cleaned = " ".join(name.split())
    if len(cleaned) > User.NAME_LENGTH:
        raise InvalidInput(_("That name is too long."), field="name")
    if any(unicodedata.category(letter) == "Cc" for letter in cleaned):
        raise InvalidInput(_("Please use letters only."), field="name")
    User.objects.filter(pk=user_id).update(name=cleaned)


@use_case
def remove_password(*, user_id: int) -> User:
    """Let a person sign in by code alone. Raises InvalidInput for who can't be sent one: they would be locked out."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    code_goes_to(user)
    if user.has_usable_password():  # another unusable one would end their sessions for nothing
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


@use_case
def sign_out_everywhere(*, user_id: int, now: datetime) -> User:
    """End all of a person's sessions, their tokens for programs and what their browsers are told. Returns them as they are now.

    Whoever asks stays signed in by `update_session_auth_hash`, if they are to.
    """
    end_sessions(user_id=user_id, now=now)
    return User.objects.get(pk=user_id)


@needs_transaction
def end_sessions(*, user_id: int, now: datetime) -> None:
    """As sign_out_everywhere; a step."""
    User.objects.filter(pk=user_id).update(sign_outs=F("sign_outs") + 1)
    ApiToken.objects.filter(user=user_id, revoked_at=None).update(revoked_at=now)
    forget_devices(user_id=user_id)


@use_case
def forget_unverified(*, now: datetime) -> int:
    """Delete those who asked for a code more than a day ago and never came in. Returns how many; safe twice.

    Only people who exist for no other reason: made by staff, sellers, specialists and those with a password stay.
    """
    nobodies = User.objects.nobody_yet().filter(joined_at__lt=now - FORGET_AFTER)
    pks = list(nobodies.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:FORGET_AT_ONCE])
    User.objects.filter(pk__in=pks).delete()
    return len(pks)
