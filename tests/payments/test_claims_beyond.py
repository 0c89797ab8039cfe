"""A claim beyond its two sides: the others who bought of the same lot are asked, and a moderator sees who claims often."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from orders.models import Parcel
from payments import queries
from payments.models import Claim
from tests.make import make_farmer, make_listing, make_moderator, make_user
from tests.payments.claim_scene import agree, claim_on, count_on, decide, dispute, enter, make_received, text, told, url
from tests.payments.scene import make_order

pytestmark = pytest.mark.django_db


def asked() -> int:
    return Notification.objects.filter(kind="claim_lot_asked").count()


@pytest.fixture
def same_lot() -> list[Parcel]:
    """Three parcels of three buyers out of one lot, received just now."""
    listing = make_listing(packs=20)
    return [make_received(make_order({listing: 1}, buyer=make_user(f"Buyer {n}"))) for n in range(3)]


def test_who_received_of_the_same_lot_is_asked_once_and_learns_no_name(same_lot):
    one, two, three = same_lot
    stranger = make_received()

    agree(claim_on(one))

    assert asked() == 2
    [message] = told("claim_lot_asked", two.order.buyer)
    assert two.farmer.name in message
    assert "Buyer 0" not in message
    [note] = Notification.objects.filter(recipient=three.order.buyer, kind="claim_lot_asked")
    assert enter(three.order.buyer).get(note.link).status_code == 200
    assert not told("claim_lot_asked", stranger.order.buyer)
    count_on(two, (1, 10))  # paid at once: the third has been asked already, the first is settled
    assert asked() == 2


@pytest.mark.parametrize("how", ["refused", "courier", "crushed", "withdrawn", "too long ago"])
def test_nobody_is_asked_for_what_says_nothing_about_the_harvest(same_lot, how):
    moderator = make_moderator()
    if how == "too long ago":
        long_ago = timezone.now() - timedelta(hours=49)
        Parcel.objects.exclude(pk=same_lot[0].pk).update(received_at=long_ago)
    claim = claim_on(same_lot[0], kind="CRUSHED" if how == "crushed" else "SPOILED")
    if how == "refused":
        decide(dispute(claim), moderator, 0)
    elif how == "courier":
        decide(dispute(claim), moderator, 500, cause="COURIER", now=timezone.now())
    elif how != "withdrawn":
        agree(claim)

    assert asked() == 0


def test_who_claims_often_with_several_farmers_is_flagged_with_figures_and_refused_nothing():
    buyer, moderator = make_user("Often"), enter(make_moderator())
    farmers = [make_farmer(), make_farmer()]
    parcels = [make_received(make_order({make_listing(farmer): 1}, buyer=buyer)) for farmer in [*farmers, farmers[0]]]
    agree(claim_on(parcels[0]))
    second = dispute(claim_on(parcels[1]))
    assert not queries.recent_claims(buyer.pk, timezone.now()).is_flagged
    assert "Claims often" not in text(moderator.get(url("claim_decide", second.pk)))

    third = dispute(claim_on(parcels[2]))

    page = text(moderator.get(url("claim_decide", third.pk)))
    assert "Claims often" in page
    assert "3 claims with 2 farmers, 3 parcels arrived, ¥20.00 went back, 0 times at once" in page
    assert Claim.objects.filter(state="OPEN").count() == 2
    assert not queries.recent_claims(buyer.pk, timezone.now() + timedelta(days=91)).is_flagged


def test_three_claims_with_one_farmer_are_between_the_two():
    buyer, farmer = make_user("Often"), make_farmer()
    for _ in range(3):
        claim_on(make_received(make_order({make_listing(farmer): 1}, buyer=buyer)))

    assert not queries.recent_claims(buyer.pk, timezone.now()).is_flagged
