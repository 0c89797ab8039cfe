"""Small claims, counted and with photos, are paid at once; who comes again and again is asked the ordinary way."""

from datetime import datetime

from django.conf import settings

from accounts.models import User
from common.transactions import needs_transaction
from orders.models import Parcel
from orders.services import parcels
from payments.errors import PaidAtOnceAlready
from payments.models import Claim, Payment
from payments.services.asking import ask_others
from payments.services.claim_steps import GIVEN, borne_by_another, owe_for, publish_claim, tell, what_is_wrong
from payments.services.refunding import lock_payment_of

#: Where it went wrong, as long as nobody knows better, by what the buyer says is wrong. What is not here takes longer.
CAUSES = {
    Claim.Kind.SPOILED: Claim.Cause.GROWER,
    Claim.Kind.CRUSHED: Claim.Cause.COURIER,
    Claim.Kind.MISSING: Claim.Cause.GROWER,
}


@needs_transaction
def lock_for_at_once(parcel_id: int, buyer: User, kind: str) -> Payment | None:
    """The payment from which it might go back at once, None if that is out of the question; a step.

    The buyer's row is locked first: their claims are counted one after the other, whatever the parcels.
    """
    if not settings.CLAIMS_AT_ONCE_FEN or kind not in CAUSES:
        return None
    User.objects.select_for_update(no_key=True).get(pk=buyer.pk)
    return lock_payment_of(Parcel.objects.values_list("order_id", flat=True).get(pk=parcel_id))


def may_be_paid_at_once(parcel: Parcel, buyer: User, asked_fen: int, words: str, now: datetime) -> bool:
    """Whether this much goes back without asking anybody; the caller holds buyer and parcel.

    Once for each parcel. Raises PaidAtOnceAlready when the very same was said of it before.
    """
    before = parcel.claims.filter(state=Claim.State.PAID).first()
    if before and (before.words, before.asked_fen) == (words, asked_fen):
        raise PaidAtOnceAlready
    return before is None and asked_fen <= settings.CLAIMS_AT_ONCE_FEN and not is_used_up(buyer, now)


def is_used_up(buyer: User, now: datetime) -> bool:
    """Whether this buyer was paid at once as often as one may be in the period."""
    return paid_at_once(buyer, now) >= settings.CLAIMS_AT_ONCE_TIMES


def paid_at_once(buyer: User, now: datetime) -> int:
    """How many of a buyer's claims were paid at once in the period until now."""
    since = now - settings.CLAIMS_AT_ONCE_PERIOD
    return Claim.objects.filter(parcel__order__buyer=buyer, state=Claim.State.PAID, decided_at__gt=since).count()


@needs_transaction
def pay_at_once(claim: Claim, payment: Payment, buyer: User, now: datetime) -> Claim:
    """End a claim that was just opened by giving back what it asks for; a step. Raises RefundExceedsPaid."""
    claim.parcel = parcels.pay_small_claim(parcel_id=claim.parcel_id, actor=buyer, back_fen=claim.asked_fen, now=now)
    owe_for(claim, payment, claim.asked_fen, CAUSES[Claim.Kind(claim.kind)], now)
    claim.state, claim.decided_by, claim.decided_at = Claim.State.PAID, buyer, now
    claim.save(update_fields=["state", *GIVEN, "decided_by", "decided_at"])
    ask_others(claim, now)
    for person, audience in [(claim.parcel.farmer.user, "farmer"), (buyer, "buyer")]:
        tell(
            person,
            "claim_paid",
            claim,
            claim.parcel,
            now,
            audience=audience,
            amount_fen=claim.decided_fen,
            **what_is_wrong(claim),
            **borne_by_another(claim.cause),
        )
    publish_claim("claim.decided", claim, claim.parcel, now)
    return claim
