"""Nobody else's: every page and button of selling, tried by a stranger, a buyer and a guest."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Farmer
from marketplace import urls_selling
from marketplace.models import Listing, ListingRevision, Lot, Storefront
from tests.make import make_farmer, make_listing, make_user
from tests.marketplace.selling import make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


@pytest.fixture
def stranger() -> Client:
    client = Client()
    client.force_login(make_farmer("Another household", user=make_user("stranger")).user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"marketplace:{name}", args=args)


POSTS = [
    ("sell_photos", "listing", {"produce": "1"}),
    ("sell_pack", "listing", {"weight": "1", "unit": "kg", "price": "10", "packs": "1"}),
    ("sell_harvest", "listing", {"when": "today", "grade": "FIRST", "origin": "x", "keeps_days": "9"}),
    ("sell_check", "listing", {}),
    ("sell_change", "listing", {}),
    ("sell_discard", "listing", {}),
    ("listing_price", "listing", {"price": "51"}),
    ("listing_pause", "listing", {}),
    ("listing_resume", "listing", {}),
    ("listing_repeat", "listing", {}),
    ("lot_create", "listing", {"packs": "3", "when": "today", "grade": "FIRST"}),
    ("lot_stock", "lot", {"left": "0"}),
    ("lot_picked", "lot", {"picked_on": "2026-11-23"}),
    ("lot_close", "lot", {}),
]
PAGES = ["listing_edit", "sell_photos", "sell_pack", "sell_harvest", "sell_check", "lot_create"]


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Listing, ListingRevision, Lot, Storefront)]


@pytest.mark.parametrize(("name", "about", "sent"), POSTS)
@pytest.mark.parametrize("kind", ["approved", "draft"])
def test_a_stranger_finds_nothing_and_changes_nothing(farmer, stranger, name, about, sent, kind):
    listing = make_listing(farmer) if kind == "approved" else make_draft(farmer).listing
    before = everything()
    where = page(name, listing.pk if about == "listing" else listing.lots.get().pk)

    assert stranger.post(where, sent).status_code == 404
    if name in PAGES:
        assert stranger.get(where).status_code == 404
    assert everything() == before


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_does_not_see_another_farmers_pages(farmer, stranger, name):
    assert stranger.get(page(name, make_listing(farmer).pk)).status_code == 404


@pytest.mark.parametrize("name", ["sell_start", "listing_list", "storefront_edit"])
def test_who_is_no_farmer_is_led_to_become_one_and_a_guest_to_sign_in(name):
    buyer = Client()
    buyer.force_login(make_user("buyer"))

    assert buyer.get(page(name)).headers["Location"] == reverse("accounts:farmer_apply")
    assert Client().get(page(name)).headers["Location"].startswith(reverse("account_request_login_code"))


def test_every_address_of_selling_that_takes_a_number_is_tried_above():
    """Those of sheets, appeals and showing are tried beside their pages (test_sheet_pages, test_appeals, test_showing)."""
    tried = {name for name, _about, _sent in POSTS} | set(PAGES)
    numbered = {
        pattern.name
        for pattern in urls_selling.urlpatterns
        if "<int:pk>" in str(pattern.pattern)
        and str(pattern.pattern).startswith("sell/")
        and not {"sheets", "appeals", "showing"} & set(str(pattern.pattern).split("/"))
    }

    assert numbered == tried
