"""Broadcasts for tests: planned, or live, with something on the table."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Farmer
from live.models import Broadcast
from live.services import airing, planning
from live.services.planning import Laid
from marketplace.models import Listing
from tests.make import make_farmer, make_listing


def plan(
    farmer: Farmer | None = None, listing: Listing | None = None, *, now: datetime | None = None, **fields: Any
) -> Broadcast:
    """A planned broadcast with 5 boxes of a listing (¥49.80) on its table at ¥39.90, unless told otherwise."""
    farmer = farmer or (listing.farmer if listing else make_farmer())
    listing = listing or make_listing(farmer)
    now = now or timezone.now()
    laid = Laid(listing.pk, fields.pop("price_fen", 3990), fields.pop("packs", 5))
    wishes = {
        "title": "树上的脐橙",
        "planned_for": now + timedelta(hours=1),
        "minutes": 60,
        "table": [laid],
        "now": now,
    }
    return planning.plan_broadcast(farmer=farmer, **wishes | fields)


def live(listing: Listing | None = None, *, now: datetime, **fields: Any) -> Broadcast:
    """The same, gone live at `now`."""
    broadcast = plan(listing=listing, now=now, **fields)
    return airing.go_live(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=now)
