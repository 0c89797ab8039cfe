"""Broadcasts as those who share them show them (settings.SHARED_THINGS)."""

from collections.abc import Iterator, Sequence

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Farmer
from live import queries
from live.models import Broadcast
from marketplace.showing import Place
from marketplace.things import Thing


def broadcasts(pks: Sequence[int]) -> dict[int, Thing]:
    """Broadcasts that are announced, on air, or can be watched again."""
    shown = queries.with_farmer().select_related("farmer__storefront__photo").filter(pk__in=Broadcast.objects.shown())
    tables = Prefetch("items", queries.items_on_sale())
    found = shown.filter(pk__in=pks).prefetch_related(tables)
    return {show.pk: _thing(show) for show in found if show.status != "ENDED" or show.can_be_watched_again}


def _thing(show: Broadcast) -> Thing:
    first = next(iter(show.items.all()), None)
    return Thing(
        kind="LIVE",
        pk=show.pk,
        path=reverse("live:broadcast_detail", args=[show.pk]),
        heading=show.title,
        farmer_name=show.farmer.name,
        county=show.farmer.county,
        photo=first.listing.cover if first else show.farmer.storefront.photo,
        when=date_format(localtime(show.planned_for), "SHORT_DATETIME_FORMAT") if show.status == "PLANNED" else "",
    )


def places(farmer: Farmer) -> Iterator[Place]:
    """A farmer's broadcasts that watchers can see, with the lists and comments they stand in (settings.SHOWING_PLACES)."""
    shown = list(Broadcast.objects.shown().filter(farmer=farmer).order_by("-pk")[:100])
    for show in shown:
        yield Place(show.title, reverse("live:broadcast_detail", args=[show.pk]), picture=True)
        yield Place(
            _("Share: %(what)s") % {"what": show.title}, reverse("marketplace:share_thing", args=["live", show.pk])
        )
        yield Place(_("Said in: %(what)s") % {"what": show.title}, reverse("live:comment_list", args=[show.pk]))
    if shown:
        yield Place(_("All broadcasts"), reverse("live:broadcast_list"))
