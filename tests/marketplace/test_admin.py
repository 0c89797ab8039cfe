"""The administration of the shop window looks and does not touch; what it does goes through the services."""

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.models import Listing, ModerationDecision
from tests.make import make_farmer, make_listing, make_user
from tests.marketplace.selling import submit

pytestmark = pytest.mark.django_db
MODELS = ["produce", "listing", "listingrevision", "lot", "hold", "storefront", "photo", "moderationdecision"]


def staff(**fields: object) -> Client:
    client = Client()
    client.force_login(make_user("Staff", is_staff=True, is_superuser=True, **fields))
    return client


@pytest.mark.parametrize("model", MODELS)
def test_everything_can_be_looked_at_and_nothing_added(model):
    submit(make_farmer())
    make_listing(make_farmer("Another"))
    client = staff()

    assert client.get(reverse(f"admin:marketplace_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:marketplace_{model}_add")).status_code == 403


def test_a_listing_cannot_be_changed_by_its_form():
    listing = make_listing()
    where = reverse("admin:marketplace_listing_change", args=[listing.pk])
    client = staff()

    assert client.get(where).status_code == 200
    assert client.post(where, {"price_fen": 1}).status_code == 403
    listing.refresh_from_db()
    assert listing.price_fen == 4980


def test_putting_back_asks_for_a_moderator_and_is_kept():
    listing = make_listing(status=Listing.Status.TAKEN_DOWN)
    where = reverse("admin:marketplace_listing_changelist")
    action = {"action": "put_back", "_selected_action": [listing.pk]}

    staff().post(where, action)
    assert not Listing.objects.shown().exists()
    staff(is_moderator=True).post(where, action)

    assert Listing.objects.shown().get() == listing
    assert ModerationDecision.objects.get().verdict == "RESTORE"
