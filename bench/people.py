"""Whom and what the benches need to know of the shop: python -m bench.people pages | checkout (prints JSON)."""

import json
import sys
from importlib import import_module
from typing import Any

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from accounts.models import Region, User
from accounts.services.addresses import AddressDetails, create_address
from bench.floor_tables import OFFERS
from marketplace.models import Listing, Lot
from orders.models import CartLine
from orders.pricing import price_cart

MANY = 400
BUYERS = 8
PLENTY = 100_000  # packs of each listing that is bought: a run must not sell it out
DESTINATION = ("310000", "310100", "310104")


def session_of(user: User) -> str:
    """A cookie of somebody who signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def buyers() -> list[str]:
    """New buyers with an address in Shanghai; their cookies."""
    cookies = []
    for number in range(BUYERS):
        user = User.objects.create_user(phone=f"+861401{number:07d}", name="Buyer", is_demo=True, phone_verified=True)
        province, prefecture, county = DESTINATION
        details = AddressDetails(
            recipient="Buyer",
            phone=user.phone or "",
            province=province,
            prefecture=prefecture,
            county=county,
            detail="漕溪北路 1 号",
            is_default=True,
        )
        create_address(user_id=user.pk, details=details)
        cookies.append(session_of(user))
    return cookies


def buyable() -> list[int]:
    """Listings whose produce arrives good at the buyers', with plenty of it."""
    shown = Listing.objects.in_stock_now().shown().filter(produce__shelf_life_days__gte=180).order_by("pk")[:MANY]
    now, province = timezone.now(), Region.objects.get(code=DESTINATION[0]).code
    found = []
    for listing in shown:
        line = CartLine(listing=listing, packs=1, price_seen_fen=listing.price_fen or 0)
        if price_cart([line], province=province, now=now).is_orderable:
            found.append(listing.pk)
    Lot.objects.open().filter(listing__in=found).update(harvested=PLENTY)
    return found


def known(about: str) -> dict[str, Any]:
    """What a bench asks for."""
    if about == "checkout":
        return {"sessions": buyers(), "listings": buyable(), "offers": OFFERS}
    shown = Listing.objects.in_stock_now().shown()
    every = max(1, shown.count() // MANY)
    return {
        "produce": sorted(set(shown.values_list("produce__slug", flat=True))),
        "listings": list(shown.order_by("pk").values_list("pk", flat=True)[::every][:MANY]),
        "sessions": [session_of(user) for user in User.objects.filter(farmer=None, is_moderator=False)[:BUYERS]],
    }


if __name__ == "__main__":
    print(json.dumps(known(sys.argv[1])))
