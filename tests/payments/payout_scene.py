"""What the tests of payouts start from: farmers whose money is released, and people who handle it."""

from typing import Any

from django.utils import timezone

from accounts.models import Farmer, User
from orders.models import Parcel
from orders.services import parcels
from payments.models import Leg, Payout, PayoutBatch, Refund
from payments.services import paying_out, refunding
from tests.make import make_farmer, make_listing
from tests.orders.making import post
from tests.payments import claim_scene
from tests.payments.scene import first_parcel, make_order, make_paid_order


def make_settled(farmer: Farmer | None = None, *, packs: int = 2, price_fen: int = 4980) -> Parcel:
    """A parcel whose money is all released: packs at 49.80 and postage, unless told otherwise."""
    parcel = first_parcel(
        make_paid_order(make_order({make_listing(farmer or make_farmer(), price_fen=price_fen): packs}))
    )
    post(parcel, now=timezone.now())
    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=timezone.now())
    parcels.run_timer(parcel_id=parcel.pk, now=timezone.now() + claim_scene.AFTER_THE_ANSWER)
    return Parcel.objects.select_related("farmer__user", "order__buyer").get(pk=parcel.pk)


def give_back_of(parcel: Parcel, fen: int) -> Refund:
    """Part of a parcel goes back to its buyer, however late; a step, as claims do it."""
    payment = parcel.order.payments.get(status="SUCCEEDED")
    return refunding.owe_refund(
        payment=payment, amount_fen=fen, reason=Refund.Reason.CLAIM, now=timezone.now(), parcel=parcel
    )


def prepare(actor: User) -> PayoutBatch:
    return paying_out.prepare_batch(actor=actor, now=timezone.now())


def sent(preparer: User, approver: User) -> list[Payout]:
    """The payouts of a new batch that is with the bank."""
    batch = prepare(preparer)
    paying_out.approve_batch(batch_id=batch.pk, actor=approver, now=timezone.now())
    return paying_out.send_batch(batch_id=batch.pk, actor=preparer, now=timezone.now())


def confirm(payout: Payout, actor: User) -> Payout:
    return paying_out.confirm_payout(payout_id=payout.pk, actor=actor, now=timezone.now())


def come_back(payout: Payout, actor: User, **wishes: Any) -> Payout:
    said = {"reason": "户名不符", "is_payee_wrong": False, "now": timezone.now()}
    return paying_out.return_payout(payout_id=payout.pk, actor=actor, **said | wishes)


def has(farmer: Farmer) -> dict[str, int]:
    """What is in a farmer's accounts, each from the farmer's side; those at nothing are left out."""
    found: dict[str, int] = {}
    for name, fen in Leg.objects.filter(account__farmer=farmer).values_list("account__kind", "fen"):
        key = name.removeprefix("FARMER_").lower()
        found[key] = found.get(key, 0) - fen
    return {name: fen for name, fen in found.items() if fen}
