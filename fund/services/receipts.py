"""Receipts by e-mail: due when a gift has arrived, sent by a task, the address forgotten with the last try."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, override

from common.money import show_yuan
from common.transactions import use_case
from fund.models import Donation
from fund.names import purpose_name
from notifications.services.letters import send_letter
from payments.models import Gift

logger = logging.getLogger(__name__)

BATCH, MAX_TRIES = 20, 6
NEVER_PAID = timedelta(days=30)  # after that the address of a gift that never came is forgotten, too


@use_case
def claim_receipts(now: datetime) -> list[int]:
    """Take the receipts to send now. One whose worker dies is due again later; the last try forgets the address."""
    never_paid = Donation.objects.filter(gift__status=Gift.Status.UNPAID, gift__made_at__lt=now - NEVER_PAID)
    never_paid.exclude(email="").update(email="")
    due = Donation.objects.filter(receipt_due_at__lte=now).order_by("receipt_due_at")
    claimed = list(due.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    for donation in claimed:
        donation.receipt_tries += 1
        donation.receipt_due_at = now + timedelta(minutes=4**donation.receipt_tries)
        donation.save(update_fields=["receipt_tries", "receipt_due_at"])
    return [donation.pk for donation in claimed]


def send_receipt(*, donation_id: int) -> None:
    """Send one claimed receipt: in words, with the way to the PDF. A letter may go out twice, never not at all."""
    donation = Donation.objects.select_related("gift__account__programme").get(pk=donation_id)
    if donation.receipt_due_at is None:
        return
    gift = donation.gift
    with override("en" if donation.english else "zh-hans"):
        subject = gettext("Receipt for your gift to the Chushan fund")
        body = gettext("Gift %(number)s: %(amount)s for %(name)s has arrived. Thank you!\n\nReceipt: %(link)s") % {
            "number": gift.number,
            "amount": show_yuan(gift.amount_fen),
            "name": purpose_name(gift.account),
            "link": settings.SITE_URL + reverse("fund:receipt", args=[gift.token]),
        }
    try:
        send_letter(key=f"gift-{gift.pk}", address=donation.email, subject=subject, body=body)
    except Exception:
        logger.exception("receipt of gift %s, try %s", gift.pk, donation.receipt_tries)
        if donation.receipt_tries < MAX_TRIES:
            return
    forget_address(donation_id=donation.pk)


@use_case
def forget_address(*, donation_id: int) -> None:
    """It was for the receipt alone."""
    Donation.objects.filter(pk=donation_id).update(email="", receipt_due_at=None)
