"""The page behind the code on a box."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from marketplace.models import Listing, ModerationDecision
from tests.make import NOON, make_farmer, make_listing, make_lot, make_moderator

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


def test_it_tells_what_who_where_when_and_that_it_was_checked(client):
    listing = make_listing(make_farmer("Chen Guilan"), packs=None)
    lot = make_lot(listing, grade="SPECIAL")
    ModerationDecision.objects.create(
        listing=listing,
        revision=listing.approved_revision,
        verdict=ModerationDecision.Verdict.APPROVE,
        decided_by=make_moderator(),
        decided_at=NOON - timedelta(days=3),
    )

    page = client.get(f"/trace/{lot.trace_code}/", headers=EN).content.decode()

    for part in ("Navel orange · 5 kg", "Chen Guilan", "Xunwu County, Jiangxi", "长宁镇", "22 November 2026", "special grade",
                 "21 November 2026", lot.trace_code, f"/trace/{lot.trace_code}/qr.svg"):  # fmt: skip
        assert part in page, part


def test_a_presale_lot_tells_its_window(client):
    lot = make_lot(make_listing(packs=None), expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9))

    assert "between 1 December and 9 December" in client.get(f"/trace/{lot.trace_code}/", headers=EN).content.decode()


@pytest.mark.parametrize("change", [{"sold": 20}, {"closed_at": NOON}])
def test_it_stays_when_the_lot_is_sold_out_or_closed(client, change):
    lot = make_lot(make_listing(packs=None), **change)

    assert client.get(f"/trace/{lot.trace_code}/").status_code == 200


def test_it_stays_when_the_farmer_pauses(client):
    lot = make_lot(make_listing(packs=None, status=Listing.Status.PAUSED))

    assert client.get(f"/trace/{lot.trace_code}/").status_code == 200


def test_small_letters_find_it_too(client):
    lot = make_lot(make_listing(packs=None))

    assert client.get(f"/trace/{lot.trace_code.lower()}/").status_code == 200


def test_the_qr_code_is_an_image_of_the_pages_own_address(client, settings):
    settings.SITE_URL = "https://chushan.example"
    lot = make_lot(make_listing(packs=None))

    response = client.get(f"/trace/{lot.trace_code}/qr.svg", headers={"host": "localhost"})

    assert response["Content-Type"] == "image/svg+xml"
    svg = ElementTree.fromstring(response.content)  # noqa: S314  # our own
    assert svg.tag.endswith("svg")
    assert f"https://chushan.example/trace/{lot.trace_code}/" in response.content.decode()


def test_it_takes_two_queries(client, django_assert_num_queries):
    lot = make_lot(make_listing(packs=None))
    with django_assert_num_queries(2):
        client.get(f"/trace/{lot.trace_code}/")
