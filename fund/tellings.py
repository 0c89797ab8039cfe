"""Whom the fund tells what: whose gift arrived, whose yuan became part of a grant, which farmer was paid one."""

from datetime import datetime

from django.db.models import Sum
from django.urls import reverse

from accounts.models import User
from common.transactions import needs_transaction
from fund.models import Grant, Trace
from notifications.services import notify
from payments.models import Gift


@needs_transaction
def tell_received(gift: Gift, now: datetime) -> None:
    """The giver, if they are somebody here; a step."""
    if gift.giver:
        notify(
            recipient=gift.giver,
            kind="gift_received",
            about=f"gift:{gift.pk}",
            now=now,
            link=reverse("fund:gift", args=[gift.token]),
            number=gift.number,
            amount_fen=gift.amount_fen,
        )


@needs_transaction
def tell_donors(grant: Grant, now: datetime) -> None:
    """Everybody here whose yuan became part of it, once each, with how much of theirs it is; a step."""
    mine: dict[int, int] = {}
    for path in ("origin__entry__payment__gift__giver", "origin__entry__payment__order__buyer"):
        parts = Trace.objects.filter(entry=grant.reserved_entry_id, **{f"{path}__isnull": False})
        for user_id, fen in parts.values_list(path).annotate(fen=Sum("fen")).order_by(path):
            mine[user_id] = mine.get(user_id, 0) - fen
    for user in User.objects.filter(pk__in=mine, is_active=True).order_by("pk"):
        notify(
            recipient=user,
            kind="gift_granted",
            about=f"grant:{grant.pk}",
            now=now,
            link=f"{reverse('fund:mine')}#grant-{grant.pk}",
            programme_zh=grant.programme.name_zh,
            programme_en=grant.programme.name_en,
            amount_fen=mine[user.pk],
        )


@needs_transaction
def tell_farmer(grant: Grant, now: datetime) -> None:
    """The farmer to whose account it went; a step."""
    if grant.payee.farmer:
        notify(
            recipient=grant.payee.farmer.user,
            kind="grant_paid",
            about=f"grant:{grant.pk}",
            now=now,
            link=reverse("fund:farm_grants"),
            programme_zh=grant.programme.name_zh,
            programme_en=grant.programme.name_en,
            account=grant.masked_account,
            amount_fen=grant.amount_fen,
        )
