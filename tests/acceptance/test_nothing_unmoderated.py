"""No way in shows buyers what no one has approved: every way in is tried, and every public surface looked at.

A new public address fails `test_every_public_address_is_in_the_table` until it has its line in SURFACES or SAYS_NOTHING.
Each case is one way in (WAYS) with words, a place and a photo of its own, looked for on every surface as a guest and
as another farmer; the control approves the same thing and finds it.
"""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse

from accounts.models import Farmer, User
from marketplace import tasks
from marketplace.models import Listing, ListingRevision, Photo, RevisionPhoto
from marketplace.services import drafts, listings, moderation, photos, storefronts
from marketplace.services.search import index_all
from tests.config.addresses import address_of
from tests.config.village import make_village, named_routes
from tests.live.scene import plan
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_produce, make_user
from tests.marketplace.pictures import encoded, picture, upload
from tests.marketplace.selling import Verdict, decide, edit, submit
from tests.marketplace.sheeting import exported, saved

pytestmark = pytest.mark.django_db

WORDS, PLACE = "未经审核的悄悄话", "无人看过的山头"

#: Every public surface, and where on it a listing of this farmer would be met.
SURFACES: dict[str, Callable[[Listing], list[str]]] = {
    "marketplace:home": lambda it: ["/"],
    "marketplace:produce_list": lambda it: ["/produce/", "/produce/?stock=all", "/produce/?stock=all&sort=rating"],
    "marketplace:produce_detail": lambda it: ["/produce/navel-orange/?stock=all", "/produce/fruit/?stock=all"],
    "marketplace:county_list": lambda it: ["/counties/"],
    "marketplace:county_detail": lambda it: [f"/counties/{it.county.slug}/"],
    "marketplace:storefront_detail": lambda it: [f"/farms/{it.farmer.storefront.slug}/"],
    "marketplace:listing_search": lambda it: [f"/search/?stock=all&q={word}" for word in ("", "脐橙", WORDS, PLACE)],
    "marketplace:search_suggest": lambda it: [
        reverse("marketplace:search_suggest") + f"?q={word}" for word in (WORDS[:4], PLACE[:4], "脐")
    ],
    "marketplace:listing_detail": lambda it: [f"/listings/{it.pk}/"],
    "marketplace:report_listing": lambda it: [f"/report/listings/{it.pk}/"],
    "marketplace:report_storefront": lambda it: [f"/report/farms/{it.farmer.storefront.slug}/"],
    "marketplace:share_thing": lambda it: [f"/share/listing/{it.pk}/", f"/share/farm/{it.farmer_id}/"],
    "marketplace:share_poster": lambda it: [f"/share/listing/{it.pk}/poster.jpg"],
    "marketplace:lot_trace": lambda it: [f"/trace/{lot.trace_code}/" for lot in it.lots.all()],
    "marketplace:lot_qr": lambda it: [f"/trace/{lot.trace_code}/qr.svg" for lot in it.lots.all()],
    "marketplace:sitemap": lambda it: ["/sitemap.xml"],
    "marketplace:sitemap_section": lambda it: ["/sitemap-listings.xml", "/sitemap-farms.xml"],
    "marketplace:photo_copy": lambda it: [f"/photos/{key}/320.webp" for key in _photo_keys(it)],
    "media": lambda it: [f"/media/photos/{key}/320.webp" for key in _photo_keys(it)],
    "orders:cart": lambda it: ["/cart/"],
    "live:broadcast_list": lambda it: ["/live/"],
    "live:broadcast_detail": lambda it: [f"/live/{one.pk}/" for one in it.farmer.broadcasts.all()],
    "live:comment_list": lambda it: [f"/live/{one.pk}/comments/" for one in it.farmer.broadcasts.all()],
    "api:listing-list": lambda it: ["/api/v1/listings/", f"/api/v1/listings/?q={WORDS}"],
    "api:listing-counts": lambda it: ["/api/v1/listings/counts/?stock=all", f"/api/v1/listings/counts/?q={WORDS}"],
    "api:search-suggest": lambda it: [f"/api/v1/search/suggest/?q={word}" for word in (WORDS[:4], PLACE[:4], "脐")],
    "api:listing-detail": lambda it: [f"/api/v1/listings/{it.pk}/"],
    "api:produce-list": lambda it: ["/api/v1/produce/"],
    "api:produce-detail": lambda it: ["/api/v1/produce/navel-orange/"],
    "api:shop-list": lambda it: ["/api/v1/shops/"],
    "api:shop-detail": lambda it: [f"/api/v1/shops/{it.farmer.storefront.slug}/"],
    "api:cart": lambda it: ["/api/v1/cart/"],
    "api:trace": lambda it: [f"/api/v1/trace/{lot.trace_code}/" for lot in it.lots.all()],
}

#: Open to everybody, and nothing a farmer wrote is ever on it.
SAYS_NOTHING = {
    "marketplace:share_open",
    "fund:overview", "fund:programme", "fund:entries", "fund:give", "fund:gift", "fund:receipt", "api:fund",
    "api:programme-list", "api:programme-detail",
    "marketplace:robots", "payments:sandbox_cashier", "accounts:region_children", "accounts:county_choices",
    "accounts:invitation_find", "accounts:invitation_open",
    "notifications:outbox", "account_request_login_code", "account_login", "api:index", "api:schema",
    "training:course_list", "training:course_detail", "training:lesson", "training:certificate_find",
    "field:worker", "field:manifest",
    "training:certificate", "training:certificate_qr", "insights:nation", "insights:definitions",
    "insights:county_list", "insights:county", "insights:produce_list", "insights:produce", "insights:league",
    "insights:report", "insights:nation_data", "insights:county_data", "insights:produce_data", "insights:league_data",
    "insights:counties_data", "insights:kinds_data", "api:figures-nation", "api:figures-definitions", "api:figures-league",
    "api:figures-county-list", "api:figures-county", "api:figures-produce-list", "api:figures-produce",
    "health_live", "health_ready", "api:county-list", "api:county-detail", "api:region-list", "api:region-detail",
}  # fmt: skip


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """The village's orders and harvests are of that day."""
    with time_machine.travel(NOON, tick=True):
        yield


def _photo_keys(listing: Listing) -> list[str]:
    """Photos of the listing's revisions that no approved revision has, and the one proposed for the shop page."""
    places = RevisionPhoto.objects.filter(revision__listing=listing, photo__approved_at__isnull=True)
    keys = [str(key) for key in places.values_list("photo__key", flat=True)]
    proposed = listing.farmer.storefront.proposed_photo
    return [*keys, str(proposed.key)] if proposed else keys


def new_photo(farmer: Farmer) -> Photo:
    """A photo that came in and was cleaned, with its files."""
    photo = photos.upload_photo(user=farmer.user, upload=upload(encoded(picture())), now=NOON)
    photos.process_photo(photo_id=photo.pk, now=NOON)
    return Photo.objects.get(pk=photo.pk)


# --- Ways in ----------------------------------------------------------------------------------------------------------


def draft(farmer: Farmer) -> Listing:
    listing = submit(farmer, words=WORDS, origin=PLACE, photos=[new_photo(farmer)]).listing
    drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)
    return listing


def waiting(farmer: Farmer) -> Listing:
    return submit(farmer, words=WORDS, origin=PLACE, photos=[new_photo(farmer)]).listing


def rejected(farmer: Farmer) -> Listing:
    listing = waiting(farmer)
    decide(listing.revisions.get(), make_moderator(), Verdict.REJECT)
    return listing


def change_asked(farmer: Farmer) -> Listing:
    listing = waiting(farmer)
    decide(listing.revisions.get(), make_moderator(), Verdict.ASK_CHANGE)
    return listing


def edited_after_approval(farmer: Farmer) -> Listing:
    listing = make_listing(farmer)
    edit(listing, farmer, words=WORDS, origin=PLACE)
    return listing


def photo_swapped(farmer: Farmer) -> Listing:
    listing = make_listing(farmer)
    revision = drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)
    drafts.save_produce(
        listing_id=listing.pk, farmer=farmer, produce=revision.produce, photos=[new_photo(farmer)], now=NOON
    )
    drafts.submit_revision(listing_id=listing.pk, farmer=farmer, now=NOON)
    return listing


def repeated(farmer: Farmer) -> Listing:
    old = rejected(farmer)
    return listings.repeat_listing(listing_id=old.pk, farmer=farmer, now=NOON).listing


def by_page(farmer: Farmer) -> Listing:
    """All of it through the pages, with fields that no form has: as if approved already."""
    client = as_(farmer.user)
    wish = {
        "status": "LIVE",
        "approved_revision": "1",
        "is_approved": "on",
        "live_since": "2026-11-24",
        "approved_at": "1",
    }
    key = str(new_photo(farmer).key)
    client.post(reverse("marketplace:sell_start"), {"produce": make_produce().pk, "photo": key, **wish})
    listing = Listing.objects.latest("pk")
    pack = {"weight": "5", "unit": "kg", "price": "49.8", "packs": "20", **wish}
    client.post(reverse("marketplace:sell_pack", args=[listing.pk]), pack)
    harvest = {"when": "today", "grade": "FIRST", "origin": PLACE, "keeps_days": "30", "words": WORDS, **wish}
    client.post(reverse("marketplace:sell_harvest", args=[listing.pk]), harvest)
    client.post(reverse("marketplace:sell_check", args=[listing.pk]), wish)
    assert listing.revisions.get(words=WORDS).status == ListingRevision.Status.WAITING
    return listing


def by_import(farmer: Farmer) -> Listing:
    listing = make_listing(farmer)
    saved(farmer, exported(farmer, words=WORDS, origin=PLACE))
    assert listing.revisions.filter(words=WORDS, status="WAITING").exists()
    return listing


def by_admin(farmer: Farmer) -> Listing:
    """The administration's own forms, as a superuser who is no moderator."""
    listing = waiting(farmer)
    client = as_(make_user("Admin", is_staff=True, is_superuser=True))
    revision = listing.revisions.get()
    for model, pk, wish in [
        ("listing", listing.pk, {"status": "LIVE", "words": WORDS}),
        ("listingrevision", revision.pk, {"status": "APPROVED"}),
        ("photo", revision.photos.get().pk, {"approved_at_0": "2026-11-24", "approved_at_1": "12:00"}),
    ]:
        assert client.post(reverse(f"admin:marketplace_{model}_change", args=[pk]), wish).status_code == 403
    client.post(
        reverse("admin:marketplace_listing_changelist"), {"action": "put_back", "_selected_action": [listing.pk]}
    )
    return listing


def taken_down(farmer: Farmer) -> Listing:
    listing = make_listing(farmer, words=WORDS, origin=PLACE)
    plan(listing=listing, now=NOON)  # it lies on a broadcast's table
    index_all()
    moderation.take_down(listing_id=listing.pk, moderator=make_moderator(), reason="x", now=NOON)
    return listing


def suspended(farmer: Farmer) -> Listing:
    listing = make_listing(farmer, words=WORDS, origin=PLACE)
    index_all()
    Farmer.objects.filter(pk=farmer.pk).update(status=Farmer.Status.SUSPENDED)
    return listing


def shop_page(farmer: Farmer) -> Listing:
    listing = make_listing(farmer)
    storefronts.propose_storefront(farmer=farmer, story=WORDS + PLACE, photo=new_photo(farmer), now=NOON)
    return listing


WAYS = [
    draft, waiting, rejected, change_asked, edited_after_approval, photo_swapped, repeated, by_page, by_import, by_admin,
    taken_down, suspended, shop_page,
]  # fmt: skip


def as_(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def leaks(client: Client, listing: Listing) -> list[str]:
    """Surfaces on which anything of it can be read, or fetched."""
    listing = Listing.objects.select_related("county", "farmer__storefront__proposed_photo").get(pk=listing.pk)
    secrets = [WORDS, PLACE, *_photo_keys(listing)]
    found = []
    for name, addresses in SURFACES.items():
        for address in addresses(listing):
            response = client.get(address)
            assert response.status_code in (200, 404), address
            if response.status_code == 404:
                continue
            if name in ("media", "marketplace:photo_copy"):
                found.append(address)
                continue
            body = b"".join(response) if response.streaming else response.content
            text = body.decode(errors="replace")  # a poster is a picture; what it is made of, test_sharing.py looks at
            text = text.replace(f'value="{WORDS}"', "")  # what was typed into the search box stands there again
            asked = [word for word in secrets if word in address or address.endswith(word[:4])]
            if any(secret in text for secret in secrets if secret not in asked):
                found.append(address)
            shown = Listing.objects.shown().filter(pk=listing.pk).exists()
            if not shown and f"/listings/{listing.pk}/" in text:
                found.append(f"{address} links to it")
    return found


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_of_it_is_anywhere(way):
    farmer = make_farmer()
    listing = way(farmer)
    tasks.publish_photos()
    index_all()

    for person in (None, make_farmer("Neighbour").user):
        assert leaks(as_(person), listing) == []


def test_the_control_once_approved_it_is_there():
    farmer = make_farmer()
    listing = waiting(farmer)
    key = _photo_keys(listing)[0]
    decide(listing.revisions.get(), make_moderator())
    tasks.publish_photos()
    index_all()

    found = leaks(Client(), listing)

    assert f"/listings/{listing.pk}/" in found
    assert Client().get(f"/media/photos/{key}/320.webp").status_code == 200
    assert f"/listings/{listing.pk}/" in Client().get(f"/search/?stock=all&q={WORDS}").content.decode()
    assert f"/listings/{listing.pk}/" in Client().get("/sitemap-listings.xml").content.decode()


def test_a_page_that_a_guest_has_seen_is_gone_once_it_is_taken_down():
    listing, guest = make_listing(words=WORDS), Client()
    seen = {page: guest.get(page) for page in (f"/listings/{listing.pk}/", f"/farms/{listing.farmer.storefront.slug}/")}
    assert all(WORDS in page.content.decode() for page in list(seen.values())[:1])

    moderation.take_down(listing_id=listing.pk, moderator=make_moderator(), reason="x", now=NOON)

    again = guest.get(f"/listings/{listing.pk}/")
    assert again.status_code == 404
    assert f"/listings/{listing.pk}/" not in guest.get(f"/farms/{listing.farmer.storefront.slug}/").content.decode()


def test_files_of_a_photo_that_no_one_approved_are_not_in_public_storage():
    farmer = make_farmer()
    photo = waiting(farmer).revisions.get().photos.get()
    tasks.publish_photos()

    assert not any(storages["default"].exists(photo.path(size)) for size in photo.sizes)


def test_every_public_address_is_in_the_table():
    village, guest = make_village(), Client()
    table = set(SURFACES) | SAYS_NOTHING
    pages = [name for name in named_routes() if guest.get(address_of(name, village)).status_code == 200]
    lists = {
        name: f"/{pattern}"
        for name, pattern in named_routes("api").items()
        if "<" not in pattern and "(" not in pattern
    }
    public = {name for name, address in lists.items() if guest.get(address).status_code == 200}
    families = {name.removesuffix("-list") for name in public}
    api = [name for name in named_routes("api") if name.removesuffix("-list").removesuffix("-detail") in families]

    assert [name for name in [*pages, *api] if name not in table] == [], "say in SURFACES where it would be met there"
    assert table - set(named_routes()) - set(named_routes("api")) == set(), "lines of addresses that are gone"
