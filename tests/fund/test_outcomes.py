"""What is shown of a women's programme: a group's figures from five farms on, by fives, against an independent recount."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from fund.outcomes import outcomes_of
from tests.fund import scene
from tests.make import NOON, make_farmer, make_listing, make_user
from tests.orders import making
from tests.payments.scene import make_paid_order

pytestmark = pytest.mark.django_db
NEXT_MONTH = NOON + timedelta(days=14)


def start(programme, farmer, one, two) -> None:
    scene.paid_grant(programme, 100, one, two, farmer_id=farmer.pk, is_starter=True)


def sell(farmer, buyer, times: int) -> None:
    for _time in range(times):
        order = make_paid_order(making.make_order(buyer, {make_listing(farmer): 1}, now=timezone.now()))
        making.post(order.parcels.get(), now=timezone.now())


def test_nothing_is_shown_of_four_and_a_sixth_changes_nothing(client):
    one, two, buyer = scene.make_steward("One"), scene.make_steward("Two"), make_user("Buyer")
    women = scene.make_programme(one, "women-start", area="WOMEN", for_women_led=True)
    scene.arrived(10_000, "women-start")
    farmers = [make_farmer(f"Farm {n}", women_led=True, payee_account=str(n)) for n in range(6)]
    for number, farmer in enumerate(farmers[:4]):
        start(women, farmer, one, two)
        sell(farmer, buyer, number)
    assert outcomes_of(women, NEXT_MONTH) is None

    start(women, farmers[4], one, two)
    of_five = outcomes_of(women, NEXT_MONTH)
    sell(farmers[5], buyer, 2)
    start(women, farmers[5], one, two)

    assert outcomes_of(women, NEXT_MONTH) == of_five
    assert of_five is not None
    assert (of_five.farms, of_five.buyers, of_five.repeat_buyers, of_five.months) == (5, 3, 2, "0.6")
    with connection.cursor() as cursor:  # counted again, from the lines alone
        cursor.execute(
            """SELECT sum(line.total_fen - line.platform_fen - line.fund_fen) FROM orders_orderline line
               JOIN orders_parcel parcel ON parcel.id = line.parcel_id WHERE parcel.farmer_id = ANY(%s)""",
            [[farmer.pk for farmer in farmers[:5]]],
        )
        assert of_five.income_fen == cursor.fetchone()[0]
    page = client.get(reverse("fund:programme", args=["women-start"])).content.decode()
    assert "Farm 1" not in page
