"""What the use-cases of claims share: locking, checking what was typed, owing what goes back, telling both sides.

Locks: User → Payment → Parcel → Claim.
"""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import InvalidInput
from common.money import show_yuan
from common.transactions import needs_transaction
from notifications.services import notify
from notifications.webhooks import publish
from orders.models import Parcel
from payments.models import Claim, Payment, Refund
from payments.services.bearing import book_bearer
from payments.services.counting import by_line
from payments.services.refunding import owe_refund

#: What `owe_for` fills in of a claim.
GIVEN = ("decided_fen", "refund", "cause")


@needs_transaction
def lock_parcel(parcel_id: int) -> Parcel:
    """The parcel with both its sides, locked; a step."""
    locked = Parcel.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("order__buyer", "farmer__user").get(pk=parcel_id)


@needs_transaction
def lock_claim(claim_id: int) -> Claim:
    """The claim as it is once nobody else holds its parcel: all who move a claim lock the parcel first; a step."""
    parcel = lock_parcel(Claim.objects.values_list("parcel_id", flat=True).get(pk=claim_id))
    claim = Claim.objects.select_for_update(no_key=True).get(pk=claim_id)
    claim.parcel = parcel
    return claim


@needs_transaction
def owe_for(claim: Claim, payment: Payment, fen: int, cause: str, now: datetime) -> None:
    """Owe `fen` of what a claim asks for, of the lines that were counted, borne as its cause says; a step.

    Fills in `GIVEN` for the caller to save, who holds payment, parcel and claim. Raises RefundExceedsPaid.
    """
    claim.refund = owe_refund(
        payment=payment,
        amount_fen=fen,
        reason=Refund.Reason.CLAIM,
        now=now,
        parcel=claim.parcel,
        lines=by_line(claim, fen),
    )
    book_bearer(claim.refund, cause, now)
    claim.decided_fen, claim.cause = fen, cause


def check_words(words: str, field: str, most: int, when_empty: Any) -> str:
    """What was typed, without the space around it. Raises InvalidInput for nothing or too much."""
    words = words.strip()
    if not words:
        raise InvalidInput(when_empty, field=field)
    if len(words) > most:
        raise InvalidInput(_("Please say it in fewer words."), field=field)
    return words


def check_amount(fen: int, field: str, most_fen: int) -> int:
    """The fen, if above 0 and not more than `most_fen`. Raises InvalidInput."""
    if fen <= 0:
        raise InvalidInput(_("Please type an amount above 0."), field=field)
    if fen > most_fen:
        raise InvalidInput(_("At most %(most)s is possible here."), field=field, most=show_yuan(most_fen))
    return fen


def what_is_wrong(claim: Claim) -> dict[str, str]:
    """What is wrong, in both languages, for a notification."""
    return _in_both("what", Claim.Kind(claim.kind).label)


def borne_by_another(cause: str) -> dict[str, str]:
    """Where it went wrong, in both languages, if the grower has nothing to bear; else nothing."""
    if cause == Claim.Cause.GROWER:
        return {}
    return _in_both("cause", Claim.Cause(cause).label)


def _in_both(name: str, label: Any) -> dict[str, str]:
    said = {}
    for suffix, language in [("zh", "zh-hans"), ("en", "en")]:
        with translation.override(language):
            said[f"{name}_{suffix}"] = str(label)
    return said


@needs_transaction
def publish_claim(event: str, claim: Claim, parcel: Parcel, now: datetime) -> None:
    """To the programs of both sides: sums and states, no words; a step."""
    publish(
        event,
        to=[parcel.order.buyer_id, parcel.farmer.user_id],
        now=now,
        claim=claim.pk,
        parcel=parcel.number,
        state=str(claim.state),
        asked_fen=claim.asked_fen,
        decided_fen=claim.decided_fen,
    )


@needs_transaction
def tell(
    recipient: User, kind: str, claim: Claim, parcel: Parcel, now: datetime, *, link: str = "", **context: Any
) -> None:
    """Tell one side something of a claim, with a link to its page unless there is a better one; a step."""
    link = link or reverse("payments:claim_detail", args=[parcel.number])
    notify(
        recipient=recipient, kind=kind, about=f"claim:{claim.pk}", now=now, link=link, number=parcel.number, **context
    )
