"""Share links and posters: only what buyers may see, a price with its day, counted openings, nothing of who opened."""

from io import BytesIO

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from marketplace import posters
from marketplace.carried import COOKIE, carried
from marketplace.models import Listing, ShareLink
from marketplace.posters import poster, words_of
from marketplace.services import sharing
from marketplace.things import thing_of
from tests.live.scene import plan
from tests.make import make_farmer, make_listing, make_user

pytestmark = pytest.mark.django_db


def make_link(sharer=None, listing=None) -> ShareLink:
    thing = thing_of("LISTING", (listing or make_listing()).pk)
    assert thing
    return sharing.make_link(sharer=sharer or make_user("Sharer"), thing=thing, now=timezone.now())


def test_a_link_leads_to_the_thing_is_counted_and_names_nobody(client):
    link = make_link()

    for _time in range(3):
        response = client.get(f"/s/{link.code.lower()}/")
        assert (response.status_code, response.headers["Location"]) == (302, f"/listings/{link.thing_id}/")

    link.refresh_from_db()
    assert link.opened == 1, "one browser, counted once in a row"
    assert "private" in response.headers["Cache-Control"]
    assert response.cookies[COOKIE]["httponly"]
    assert {field.name for field in ShareLink._meta.get_fields() if field.concrete} == {
        "id", "code", "sharer", "kind", "thing_id", "opened", "made_at",
    }  # fmt: skip


def test_asking_twice_gives_one_link_and_the_database_keeps_it(client):
    sharer, listing = make_user(), make_listing()
    client.force_login(sharer)
    for _time in range(2):
        assert client.post(reverse("marketplace:share_make", args=["listing", listing.pk])).status_code == 302

    link = ShareLink.objects.get()
    page = client.get(reverse("marketplace:share_thing", args=["listing", listing.pk])).content.decode()
    assert f"/s/{link.code}/" in page
    with pytest.raises(IntegrityError), transaction.atomic():
        ShareLink.objects.create(code="X", sharer=sharer, kind="LISTING", thing_id=listing.pk, made_at=timezone.now())


def test_the_last_link_counts_and_a_forged_one_does_not(client, rf):
    first, second = make_link(), make_link()
    client.get(f"/s/{first.code}/")
    client.get(f"/s/{second.code}/")
    request = rf.get("/")
    request.COOKIES[COOKIE] = client.cookies[COOKIE].value
    forged = rf.get("/")
    forged.COOKIES[COOKIE] = first.code

    assert carried(request) == second.code
    assert carried(forged) == ""


def test_ones_own_link_is_neither_counted_nor_carried(client):
    link = make_link()
    client.force_login(link.sharer)

    assert COOKIE not in client.get(f"/s/{link.code}/").cookies
    link.refresh_from_db()
    assert link.opened == 0


@pytest.mark.parametrize("status", ["PAUSED", "TAKEN_DOWN"])
def test_what_is_off_sale_has_no_link_page_or_poster(client, status):
    link = make_link()
    pages = [f"/s/{link.code}/", f"/share/listing/{link.thing_id}/", f"/share/listing/{link.thing_id}/poster.jpg"]
    assert {client.get(page).status_code for page in pages} == {302, 200}, "the control"

    Listing.objects.filter(pk=link.thing_id).update(status=status)

    assert {client.get(page).status_code for page in pages} == {404}
    client.force_login(link.sharer)
    assert client.post(f"/share/listing/{link.thing_id}/link/").status_code == 404


def test_a_poster_says_its_day_and_is_made_anew_when_the_price_moves(client, monkeypatch):
    cache.clear()
    listing = make_listing()
    drawn, draw = [], posters.draw

    def noted(*said):
        drawn.append(said)
        return draw(*said)

    monkeypatch.setattr(posters, "draw", noted)
    address = f"/share/listing/{listing.pk}/poster.jpg"

    first = client.get(address)
    assert client.get(address).content == first.content
    assert len(drawn) == 1, "kept"
    Listing.objects.filter(pk=listing.pk).update(price_fen=3990)
    second = client.get(address)

    assert second.content != first.content
    assert "39.90" in drawn[1][0][2]
    assert str(timezone.localdate().year) in drawn[1][0][3]
    assert first["Content-Type"] == "image/jpeg"
    with Image.open(BytesIO(second.content)) as image:
        assert image.size == (posters.WIDTH, posters.HEIGHT)


def test_long_and_rare_words_stay_on_the_poster():
    for heading in ("龘靐齉爩" * 20, "W" * 300, "a b " * 90, "𠮷野家"):
        made = posters.draw((heading, heading, "¥1.00", heading, heading), None, "http://localhost/s/ABCDEFGH/")
        assert made.startswith(b"\xff\xd8")
        assert len(made) < 400_000


def test_broadcasts_and_shops_are_shared_too(client):
    farmer = make_farmer()
    show = plan(farmer)
    live, farm = thing_of("LIVE", show.pk), thing_of("FARM", farmer.pk)

    assert live
    assert farm
    assert words_of(live)[0] == show.title
    assert words_of(live)[2] == ""
    assert poster(farm, "http://localhost/").startswith(b"\xff\xd8")
    for kind, pk in (("live", show.pk), ("farm", farmer.pk)):
        assert client.get(f"/share/{kind}/{pk}/").status_code == 200
    assert client.get("/share/nothing/1/").status_code == 404
    assert client.get(f"/share/live/{10**19}/").status_code == 404


def test_pages_say_how_they_look_where_they_are_sent_on(client):
    listing = make_listing()
    show = plan(listing.farmer)
    county = listing.county
    shop = listing.farmer.storefront
    pages = [f"/listings/{listing.pk}/", f"/farms/{shop.slug}/", f"/live/{show.pk}/", f"/counties/{county.slug}/?x=1"]
    for page in pages:
        text = client.get(page).content.decode()
        assert '<meta property="og:title" content="' in text
        assert '<meta property="og:description" content="' in text
        assert f'<link rel="canonical" href="http://testserver{page.partition("?")[0]}">' in text
    robots = Client().get("/robots.txt").content.decode()
    assert "Disallow: /s/" in robots
    assert "Disallow: /share/" in robots


def test_what_one_shared_costs_the_same_queries_however_much(client):
    sharer = make_user()
    client.force_login(sharer)
    make_link(sharer)
    client.get("/me/shares/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/me/shares/")
    for _more in range(4):
        make_link(sharer)
    with CaptureQueriesContext(connection) as many:
        assert client.get("/me/shares/").status_code == 200

    assert len(many) == len(few)
