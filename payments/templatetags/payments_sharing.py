"""What sharers were given, for pages of apps that know no money."""

from django import template
from django.db.models import Q, Sum

from accounts.models import User
from payments.models import ShareReward

register = template.Library()


@register.simple_tag
def rewards_of(user: User) -> dict[str, int]:
    """What a person's links have earned so far, in fen: as coupons, and for the fund. One query."""
    mine = ShareReward.objects.filter(attribution__link__sharer=user)
    sums = mine.aggregate(
        coupon_fen=Sum("fen", filter=Q(way="COUPON"), default=0), fund_fen=Sum("fen", filter=Q(way="FUND"), default=0)
    )
    return dict(sums)
