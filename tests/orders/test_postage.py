"""Postage by weight and zone, and whether produce survives the way."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Region
from orders.models import PostageRate, PostageZone
from orders.postage import Quote, Survival, quote, survival
from tests.make import make_listing, make_produce, make_region
from tests.orders.making import make_route

RATE = PostageRate(
    zone="Z3", first_kg_fen=800, further_kg_fen=400, days_min=2, days_max=4, cold_days_min=2, cold_days_max=3
)
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("grams", "fen"),
    [(1, 800), (999, 800), (1000, 800), (1001, 1200), (2000, 1200), (2001, 1600), (5000, 2400), (50_000, 20_400)],
)
def test_the_first_kilogram_then_each_further_one_begun(grams, fen):
    assert quote(RATE, grams, cold=False).fen == fen


@given(st.integers(1, 500_000), st.integers(1, 500_000))
def test_more_weight_never_costs_less_and_one_parcel_never_more_than_two(one, other):
    together = quote(RATE, one + other, cold=False).fen

    assert together >= max(quote(RATE, one, cold=False).fen, quote(RATE, other, cold=False).fen)
    assert together <= quote(RATE, one, cold=False).fen + quote(RATE, other, cold=False).fen


def test_what_must_be_cooled_travels_by_the_cold_days():
    assert (quote(RATE, 1000, cold=True).days_min, quote(RATE, 1000, cold=True).days_max) == (2, 3)
    assert quote(RATE, 1000, cold=False).days_max == 4


@pytest.mark.parametrize(
    ("keeps", "found"),
    [(4, Survival.SPOILS), (5, Survival.TIGHT), (7, Survival.TIGHT), (8, Survival.TIGHT), (9, Survival.GOOD)],
)
def test_shelf_life_against_posting_and_road(keeps, found):
    """Three days to post and two to four on the road; two more should be left to eat it."""
    verdict = survival(keeps_days=keeps, picked_on=TODAY, on=TODAY, journey=Quote(800, 2, 4))

    assert verdict.survival == found
    assert bool(verdict.words) == (found != Survival.GOOD)


def test_a_warning_says_whether_it_may_spoil_or_has_to_be_eaten_at_once():
    with override("en"):
        risky = survival(keeps_days=6, picked_on=TODAY, on=TODAY, journey=Quote(800, 2, 4))
        tight = survival(keeps_days=8, picked_on=TODAY, on=TODAY, journey=Quote(800, 2, 4))

        assert risky.words == "It keeps for 6 days and may take up to 7 to reach you: it may not arrive good."
        assert tight.words == "It keeps for 8 days and may take up to 7 to reach you: eat it at once."


def test_what_has_lain_for_long_has_used_up_its_days():
    journey = Quote(800, 2, 4)

    assert survival(keeps_days=10, picked_on=TODAY, on=TODAY, journey=journey).survival == Survival.GOOD
    assert survival(keeps_days=10, picked_on=TODAY - timedelta(5), on=TODAY, journey=journey).is_tight
    assert survival(keeps_days=10, picked_on=TODAY - timedelta(8), on=TODAY, journey=journey).spoils
    assert survival(keeps_days=10, picked_on=None, on=TODAY, journey=journey).survival == Survival.GOOD


@pytest.fixture
def provinces(db) -> None:
    for code, name in [("360000", "江西省"), ("310000", "上海市"), ("650000", "新疆"), ("810000", "香港")]:
        make_region(code, name, name, Region.Level.PROVINCE)


def test_loading_adds_routes_and_rates_and_again_changes_nothing(provinces):
    call_command("load_postage", verbosity=0)
    before = (PostageRate.objects.count(), PostageZone.objects.count())

    call_command("load_postage", verbosity=0)

    assert (PostageRate.objects.count(), PostageZone.objects.count()) == before == (7, 9)
    assert PostageZone.objects.get(origin="360000", destination="360000").rate_id == "Z0"
    assert PostageZone.objects.get(origin="360000", destination="650000").rate_id == "Z6"
    assert PostageRate.objects.get(zone="Z0").first_kg_fen == 500
    assert not PostageZone.objects.filter(destination="810000").exists()


def test_loading_leaves_a_rate_as_its_operator_set_it(provinces):
    call_command("load_postage", verbosity=0)
    PostageRate.objects.filter(zone="Z0").update(first_kg_fen=650)

    call_command("load_postage", verbosity=0)

    assert PostageRate.objects.get(zone="Z0").first_kg_fen == 650


@pytest.mark.django_db
def test_without_provinces_loading_says_what_is_missing():
    with pytest.raises(CommandError, match="load the regions first"):
        call_command("load_postage", verbosity=0)


@pytest.fixture
def visitor(client, db):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def listing_page(client, listing, **query) -> str:
    return client.get(reverse("marketplace:listing_detail", args=[listing.pk]), query).content.decode()


def test_the_listing_page_asks_where_to_and_remembers(visitor):
    make_route()
    listing = make_listing()
    assert "Postage ¥" not in listing_page(visitor, listing)

    assert "Postage ¥24.00" in listing_page(visitor, listing, province="310000")
    assert "Arrives 3 to 7 days after you pay" in listing_page(visitor, listing)


def test_the_listing_page_refuses_what_would_spoil(visitor):
    make_route()
    lychee = make_produce("lychee", name_zh="荔枝", name_en="Lychee", shelf_life_days=4, cold="YES")

    assert "would not arrive good" in listing_page(visitor, make_listing(produce=lychee), province="310000")


@pytest.mark.parametrize("province", ["999999", "x" * 500, "9\x00", "' OR 1=1"])
def test_nonsense_for_a_province_is_no_route(visitor, province):
    make_route()

    assert "don't go there" in listing_page(visitor, make_listing(), province=province)
    assert "province" not in visitor.session
