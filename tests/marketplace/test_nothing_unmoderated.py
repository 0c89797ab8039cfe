"""Nothing that no one approved, and nothing that was stopped, is on any public page."""

import pytest

from accounts.models import Farmer
from marketplace.models import Listing
from marketplace.services.search import index_all
from tests.make import make_farmer, make_listing
from tests.marketplace.shelves import list_pages

pytestmark = pytest.mark.django_db
NOT_SHOWN: list[dict[str, str]] = [
    {"status": Listing.Status.DRAFT},
    {"status": Listing.Status.PAUSED},
    {"status": Listing.Status.TAKEN_DOWN},
    {"farmer_status": Farmer.Status.WAITING},
    {"farmer_status": Farmer.Status.REFUSED},
    {"farmer_status": Farmer.Status.SUSPENDED},
]


def shows(client, page: str, listing: Listing) -> bool:
    response = client.get(page)
    if response.status_code == 404:
        return False
    assert response.status_code == 200, page
    return f"/listings/{listing.pk}/" in response.content.decode()


def put(listing: Listing, status: str = "", farmer_status: str = "") -> None:
    if status:
        Listing.objects.filter(pk=listing.pk).update(status=status)
    if farmer_status:
        Farmer.objects.filter(pk=listing.farmer_id).update(status=farmer_status)


@pytest.fixture
def listing(db) -> Listing:
    listing = make_listing(make_farmer(women_led=True), words="独一无二")
    index_all()
    return listing


def test_the_control_an_approved_listing_is_on_every_page(client, listing):
    missing = [page for page in list_pages(listing) if not shows(client, page, listing)]

    assert missing == []
    assert client.get(f"/listings/{listing.pk}/").status_code == 200
    assert client.get(f"/trace/{listing.lots.get().trace_code}/").status_code == 200


@pytest.mark.parametrize("state", NOT_SHOWN, ids=str)
def test_what_is_not_approved_or_was_stopped_is_on_none(client, listing, state):
    put(listing, **state)

    assert [page for page in list_pages(listing) if shows(client, page, listing)] == []


@pytest.mark.parametrize("state", [state for state in NOT_SHOWN if state.get("status") != "PAUSED"], ids=str)
def test_nor_does_it_or_its_lot_have_a_page(client, listing, state):
    code = listing.lots.get().trace_code
    put(listing, **state)

    for page in (f"/listings/{listing.pk}/", f"/trace/{code}/", f"/trace/{code}/qr.svg"):
        assert client.get(page).status_code == 404, page


@pytest.mark.parametrize("status", [Farmer.Status.WAITING, Farmer.Status.REFUSED, Farmer.Status.SUSPENDED])
def test_a_farmer_who_is_not_verified_has_no_shop_page_and_is_not_named_in_the_county(client, listing, status):
    put(listing, farmer_status=status)

    assert client.get(f"/farms/{listing.farmer.storefront.slug}/").status_code == 404
    for page in ("/counties/jiangxi-xunwu/", "/sitemap-farms.xml"):
        text = client.get(page).content.decode()
        assert listing.farmer.name not in text
        assert listing.farmer.storefront.slug not in text


def test_a_waiting_edit_is_not_shown(client, listing):
    revision = listing.revisions.create(
        number=2,
        status="WAITING",
        produce=listing.produce,
        words="还没审核的话",
        origin="没审核的地方",
        pack_grams=5000,
        price_fen=1,
        keeps_days=9,
        created_at=listing.created_at,
        submitted_at=listing.created_at,
    )

    for page in [*list_pages(listing), f"/listings/{listing.pk}/", f"/trace/{listing.lots.get().trace_code}/"]:
        text = client.get(page).content.decode()
        assert revision.words not in text
        assert revision.origin not in text


def test_a_storefronts_proposal_is_not_shown(client, listing):
    storefront = listing.farmer.storefront
    storefront.story, storefront.proposed_story = "审核过的故事", "没审核的故事"
    storefront.save()

    for page in (f"/farms/{storefront.slug}/", f"/listings/{listing.pk}/", "/counties/jiangxi-xunwu/"):
        assert "没审核的故事" not in client.get(page).content.decode()
    assert "审核过的故事" in client.get(f"/farms/{storefront.slug}/").content.decode()


def test_nothing_private_of_a_farmer_is_on_a_public_page(client, listing):
    farmer = listing.farmer
    Farmer.objects.filter(pk=farmer.pk).update(village="秘密村", registered_poor=True)

    for page in [*list_pages(listing), f"/listings/{listing.pk}/", f"/trace/{listing.lots.get().trace_code}/"]:
        text = client.get(page).content.decode()
        for secret in ("秘密村", farmer.payee_account, farmer.payee_name, farmer.user.phone, "registered"):
            assert secret not in text, page
