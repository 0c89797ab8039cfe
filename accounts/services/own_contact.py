"""Another phone number or e-mail address to sign in with: a code to the present one and a code to the new one, both typed.

Nothing is stored before that: what was asked for goes with the browser's session, as hashes. Whoever holds somebody's
mailbox must not get at their phone: the code that says who one is goes where all of one's codes go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.contacts import mask_contact
from accounts.models import User
from accounts.services.own_codes import CODE_LIFE, WRONG_CODE, code_goes_to, is_code, send_code_to
from accounts.services.tries import count_try
from common.errors import InvalidInput, WrongState
from common.transactions import use_case
from notifications.services import notify

OWN, NEW = "contact", "new_contact"  # audiences of the two codes
MAX_TRIES = 5
SAME = _("That is the one you have already.")
TAKEN = _("Somebody signs in with it already. If that is you too: sign in with it, or choose another one here.")
TOO_LATE = _("These codes were tried too often, or are too old. Please ask for new ones.")
CHANNELS = {"phone": "SMS", "email": "EMAIL"}


@dataclass(frozen=True)
class Asked:
    """What somebody wants to sign in with, and what is kept of the two codes. `kind` is "phone" or "email"."""

    kind: str
    contact: str
    asked_at: datetime
    own_digest: str
    new_digest: str


@use_case
def ask_contact_change(*, user_id: int, kind: str, contact: str, now: datetime) -> Asked:
    """Send both codes. `contact` as parse_contact gives it. Whether somebody has it already is not told here.

    Raises InvalidInput (field "contact") for the one they have, and for who can't be sent a code at all.
    """
    user = User.objects.get(pk=user_id)
    if getattr(user, kind) == contact and (kind == "email" or user.phone_verified):
        raise InvalidInput(SAME, field="contact")
    subject = _subject(user_id, contact)
    own = send_code_to(user, code_goes_to(user), OWN, subject, contact=mask_contact(contact))
    new = send_code_to(user, (CHANNELS[kind], contact), NEW, subject)
    return Asked(kind, contact, now, own, new)


def confirm_contact_change(*, user_id: int, asked: Asked, own_code: str, new_code: str, now: datetime) -> None:
    """Both codes were typed: from now on they sign in with it, and the one before is told.

    Raises InvalidInput for a wrong code (field "own_code" or "new_code"); WrongState after MAX_TRIES, when the codes
    are too old, and when it is somebody else's, who has signed in with it before.
    """
    if count_try(asked.new_digest) > MAX_TRIES or now >= asked.asked_at + CODE_LIFE:
        raise WrongState(TOO_LATE)
    subject = _subject(user_id, asked.contact)
    if not is_code(asked.own_digest, OWN, subject, own_code):
        raise InvalidInput(WRONG_CODE, field="own_code")
    if not is_code(asked.new_digest, NEW, subject, new_code):
        raise InvalidInput(WRONG_CODE, field="new_code")
    try:
        _change(user_id=user_id, kind=asked.kind, contact=asked.contact, now=now)
    except IntegrityError:  # somebody asks for a sign-in code with it at this moment: now they are there, to be seen
        _change(user_id=user_id, kind=asked.kind, contact=asked.contact, now=now)


@use_case
def _change(*, user_id: int, kind: str, contact: str, now: datetime) -> None:
    both = User.objects.filter(pk=user_id) | User.objects.filter(**{kind: contact})
    people = {user.pk: user for user in both.select_for_update().order_by("pk")}
    user = people.pop(user_id)
    for holder in people.values():  # one at most; who only ever asked for a code with it is nobody
        if not User.objects.nobody_yet().filter(pk=holder.pk).exists():
            raise WrongState(TAKEN)
        holder.delete()
    notify(  # before it changes, so that it goes to the phone and the address they had
        recipient=user,
        kind="contact_changed",
        about=f"user:{user.pk}",
        occurrence=now.isoformat(),
        now=now,
        link=reverse("accounts:contact_change"),
        contact=mask_contact(contact),
    )
    if kind == "phone":
        User.objects.filter(pk=user.pk).update(phone=contact, phone_verified=True)
    else:
        User.objects.filter(pk=user.pk).update(email=contact)
        EmailAddress.objects.filter(user=user).delete()  # allauth's own note of the one before, which must not sign in


def _subject(user_id: int, contact: str) -> str:
    return f"{user_id}:{contact}"
