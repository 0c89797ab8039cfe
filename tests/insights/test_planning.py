"""Planning: a forecast one can check with a pencil, its error tried on the past, and who may see what."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Posting
from insights import planning
from insights.models import Group, Month
from insights.periods import after
from marketplace.models import SearchDay, Spelling
from tests.make import make_county, make_farmer, make_listing, make_lot, make_produce, make_user

TODAY = date(2026, 11, 24)
THIS = date(2026, 11, 1)


def sold(grams: int, months: int, *, growth: float = 1.0) -> dict[date, int]:
    """So much in each of the last months; in the last twelve of them `growth` times as much."""
    return {after(THIS, -at): round(grams * (growth if at <= 12 else 1)) for at in range(1, months + 1)}


def test_the_forecast_is_last_years_month_times_the_growth_of_the_year() -> None:
    assert planning.forecast(sold(1000, 24, growth=1.5), THIS, after(THIS, -1)) == 2250
    assert planning.forecast(sold(1000, 12), THIS, after(THIS, -1)) == 1000
    assert planning.forecast(sold(1000, 24, growth=9), THIS, after(THIS, -1)) == 18_000, "at most double"
    assert planning.forecast(sold(1000, 11), THIS, after(THIS, -1)) is None


def test_its_error_is_tried_on_the_past_with_what_was_known_then() -> None:
    steady = planning.tried(sold(1000, 36), after(THIS, -1))
    jumped = planning.tried({**sold(1000, 36), after(THIS, -1): 3000}, after(THIS, -1))

    assert steady == planning.Error(months=12, mean_grams=0, percent=0.0)
    assert jumped is not None
    assert (jumped.months, jumped.mean_grams) == (12, 2000 // 12)
    assert planning.tried(sold(1000, 12), after(THIS, -1)) is None


@pytest.mark.django_db
def test_supply_demand_and_what_is_short() -> None:
    produce, farmer = make_produce(), make_farmer()
    make_listing(farmer, packs=0)
    listing = make_listing(farmer, packs=4)
    ahead = make_lot(listing, 10, expected_from=date(2026, 12, 5), expected_until=date(2026, 12, 20))
    ahead.sold = 5
    ahead.save()
    Spelling.objects.create(kind="PRODUCE", produce=produce, text="脐橙", name="脐橙")
    SearchDay.objects.create(day=TODAY - timedelta(days=3), query="脐橙", times=7, hits=0)
    SearchDay.objects.create(day=TODAY - timedelta(days=3), query="百香果", times=4, hits=0)

    [plan] = planning.plans(farmer.county, TODAY)

    assert (plan.listings, plan.sold_out, plan.ahead_percent, plan.missed) == (2, 1, 50, 7)
    assert [each.supply for each in plan.months] == [4 * 5000, 5 * 5000, 0]
    assert plan.error is None
    assert planning.missed_words(TODAY) == [("脐橙", 7)], "fewer than five searches are nobody's business"


@pytest.mark.django_db
def test_only_those_posted_to_a_county_and_staff_plan_for_it() -> None:
    farmer = make_farmer()
    elsewhere = make_county("yunnan-fengqing", name_zh="凤庆县")
    helper, stranger = make_user("Helper"), make_user("Stranger")
    Posting.objects.create(specialist=helper, county=farmer.county, starts_on=TODAY - timedelta(days=9))
    address = reverse("insights:planning")

    def asked(user: object, **query: str) -> int:
        client = Client()
        client.force_login(user)
        return client.get(address, query).status_code

    assert asked(helper) == 200
    assert asked(helper, county=farmer.county.slug) == 200
    assert asked(helper, county=elsewhere.slug) == 404
    assert asked(stranger) == 404
    assert asked(make_user("Moderator", is_moderator=True), county=farmer.county.slug) == 200


@pytest.mark.django_db
def test_a_farmer_reads_what_the_city_asked_for_and_nothing_of_few() -> None:
    farmer = make_farmer()
    make_listing(farmer)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(farmer.user)

    page = client.get(reverse("insights:asked")).content.decode()

    assert "Navel orange" in page
    assert "fewer than five farms of one county sold it" in page
    assert "<table>" not in page

    month = Month.objects.create(month=date(2025, 12, 1), is_split=True, is_shown=True)
    sums = {"sold_fen": 800_000, "farmer_fen": 790_000, "paid_fen": 0, "grams": 200_000, "packs": 40}
    Group.objects.create(month=month, county=farmer.county, produce=make_produce(), **sums)
    page = client.get(reverse("insights:asked")).content.decode()

    assert "Most was bought in month 12." in page
    assert "November 2026" in page
    assert page.count("200 kg") == 2, "everywhere, and in the county"
    assert "¥40.00 per kg" in page
