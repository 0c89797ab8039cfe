"""What stories in a browser stand on: permission to read the database beside Playwright, and the country's places."""

import os
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import County
from accounts.services.places import load_places
from marketplace.models import Listing, Produce
from marketplace.services.photos import approve_photos, process_photo, publish_photo, upload_photo
from marketplace.services.produce import load_produce
from marketplace.services.search import index_all
from orders.models import Order
from payments.gateways import calling
from payments.models import Payment
from tests.acceptance.running_shop import running_shop
from tests.make import make_farmer, make_listing, make_lot, make_user
from tests.marketplace.pictures import telling_jpeg, upload
from tests.payments.providers.scene import PROVIDERS, begin, use
from tests.payments.scene import make_order


@pytest.fixture(autouse=True, scope="session")
def reading_beside_playwright() -> None:
    """Playwright runs a loop in the thread of the tests until they end, and Django would take them for asynchronous."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture
def shop(transactional_db: None) -> Iterator[str]:
    """The address of a shop with every region, county, produce and route, and its web, worker and beat running."""
    load_places()
    load_produce()
    call_command("load_postage", verbosity=0)
    far = (timezone.localtime().hour + 12) % 24  # else stories get a pick list of the hour in which they are told
    slot = f"{far:02}:00-{far:02}:30"
    with running_shop(celery=True, PICK_LIST_MORNING=slot, PICK_LIST_EVENING=slot) as address:
        yield address


@pytest.fixture
def neighbour(shop: str) -> Listing:
    """Passion fruit of a household in Guangxi that has been selling for a while; its photo is a real one."""
    farmer = make_farmer(
        "赵秀英家",
        user=make_user("赵秀英", phone="+8613900010002"),
        county=County.objects.get(slug="guangxi-lingyun"),
        town="泗城镇",
    )
    photo = upload_photo(user=farmer.user, upload=upload(telling_jpeg()), now=timezone.now())
    process_photo(photo_id=photo.pk, now=timezone.now())
    listing = make_listing(
        farmer,
        packs=None,
        produce=Produce.objects.get(slug="passion-fruit"),
        pack_grams=3000,
        price_fen=3990,
        words="太阳底下熟的，皱皮的更甜。",
    )
    with transaction.atomic():
        approve_photos([photo], timezone.now())
    publish_photo(photo_id=photo.pk, now=timezone.now())
    listing.approved_revision.photo_places.update(photo=photo)
    Listing.objects.filter(pk=listing.pk).update(cover=photo)
    make_lot(listing, 20, picked_on=timezone.localdate())
    index_all()
    return listing


@pytest.fixture(params=sorted(PROVIDERS))
def provider(request, settings, monkeypatch):
    """A stand-in for each provider, and a shop that takes money through it and is soon out of patience."""
    monkeypatch.setattr(calling, "TIMEOUT", (1, 0.5))
    with PROVIDERS[request.param]().serving() as serving:
        use(serving, settings)
        yield serving


@pytest.fixture
def order(db) -> Order:
    return make_order()


@pytest.fixture
def payment(provider, order) -> Payment:
    return begin(provider, order)
