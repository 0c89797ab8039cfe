"""A one-time code to the farmer's own phone, before anything that decides where buyers' money goes.

It has its own life in each thing that is asked for: what is kept is a keyed hash, with how often one was typed.
"""

import unicodedata
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from accounts.models.payees import MAX_TRIES
from common.errors import InvalidInput, NotAllowed
from common.transactions import needs_transaction
from notifications.channels import adapter_name
from notifications.services import owe_code

CODE_LENGTH = 6
CODE_LIFE = timedelta(minutes=5)
SEND_AGAIN = timedelta(minutes=1)
WRONG_CODE = _("That code is not right, or too old. Please look again, or ask for a new one.")
TOO_SOON = _("A code was asked for a moment ago. Please wait a minute, then ask again.")
NOWHERE = _("We have no phone number or e-mail address of yours to send a code to. Please call us.")


class Asked(Protocol):
    """What counts once its code was typed: a model with these three fields."""

    asked_at: datetime
    digest: str
    tries: int


@needs_transaction
def lock_own(user_id: int) -> Farmer:
    """The verified farmer who this person is. Raises NotAllowed for anybody else."""
    mine = Farmer.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    farmer = mine.filter(user_id=user_id, user__is_active=True, status=Farmer.Status.VERIFIED).first()
    if farmer is None:
        raise NotAllowed
    return farmer


def code_goes_to(user: User) -> tuple[str, str]:
    """Channel ("SMS", "EMAIL") and address for a farmer's code: their verified phone, else their e-mail address.

    Raises InvalidInput for somebody without either.
    """
    if user.phone and user.phone_verified and adapter_name("SMS"):
        return "SMS", user.phone
    if user.email:
        return "EMAIL", user.email
    raise InvalidInput(NOWHERE)


def check_may_ask(farmer: Farmer, former: QuerySet[Any], now: datetime) -> None:
    """Raises InvalidInput within SEND_AGAIN of the last of `former` (each with `asked_at`), or when no code can be sent."""
    if former.filter(asked_at__gt=now - SEND_AGAIN).exists():
        raise InvalidInput(TOO_SOON)
    code_goes_to(farmer.user)


@needs_transaction
def send_own_code(farmer: Farmer, audience: str, subject: object, **context: str) -> str:
    """Owe the farmer a new code for `subject`, in the words of `audience`; returns the digest to keep.

    A code is good for its own audience and subject only. Raises InvalidInput for who has no phone and no e-mail address.
    """
    return send_code_to(farmer.user, code_goes_to(farmer.user), audience, subject, **context)


@needs_transaction
def send_code_to(user: User, where: tuple[str, str], audience: str, subject: object, **context: str) -> str:
    """Owe a code to a channel and address; returns the digest to keep, good for this audience and subject only."""
    code = get_random_string(CODE_LENGTH, "0123456789")
    owe_code(user=user, channel=where[0], address=where[1], code=code, audience=audience, **context)
    return _digest(audience, subject, code)


@needs_transaction
def try_own_code(asked: Asked, audience: str, subject: object, *, code: str, now: datetime) -> bool:
    """Whether this is the code, in time and within MAX_TRIES. The caller, who holds the farmer, saves `tries` either way."""
    if asked.tries >= MAX_TRIES or now >= asked.asked_at + CODE_LIFE:
        return False
    asked.tries += 1
    return is_code(asked.digest, audience, subject, code)


def is_code(digest: str, audience: str, subject: object, code: str) -> bool:
    """Whether this is the code that a digest was kept of. How often one may try is the caller's to count."""
    return constant_time_compare(digest, _digest(audience, subject, code))


def _digest(audience: str, subject: object, code: str) -> str:
    """What is kept of a code, however it was pasted. Six digits are soon guessed back without the site's key."""
    digits = "".join(unicodedata.normalize("NFKC", code).split())
    return salted_hmac(f"{audience}-code", f"{subject}:{digits}", algorithm="sha256").hexdigest()
