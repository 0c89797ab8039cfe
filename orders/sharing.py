"""What came of the links a person shared: opened, ordered, earned. Counted from what is stored; nobody else is named."""

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from marketplace.models import ShareLink
from marketplace.things import Thing, things_of
from orders.models import Coupon, CouponUse, Order

MOST = 60


def shared_by(user: User) -> list[tuple[ShareLink, Thing | None]]:
    """The person's newest links with `ordered` (orders paid, put down to it) beside what they lead to now, None: nothing."""
    links = list(links_of(user)[:MOST])
    things = {
        kind: things_of(kind, [link.thing_id for link in links if link.kind == kind]) for kind in settings.SHARED_THINGS
    }
    return [(link, things[link.kind].get(link.thing_id)) for link in links]


def coupons_of(user: User) -> QuerySet[Coupon]:
    """The person's coupons that can be used now, the oldest first."""
    return Coupon.objects.filter(owner=user).exclude(uses__in=CouponUse.objects.filter(returned_at=None))


def links_of(user: User) -> QuerySet[ShareLink]:
    """The person's links, newest first, each with `ordered`: paid orders put down to it, the refused left out."""
    counted = Q(attributions__refused="", attributions__order__status=Order.Status.PAID)
    return ShareLink.objects.filter(sharer=user).annotate(ordered=Count("attributions", filter=counted)).order_by("-pk")
