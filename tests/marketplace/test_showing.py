"""A farmer's name and picture are theirs: every page that shows them is listed, and what they take away is gone at once."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer, ShowingChoice
from accounts.services.showing import choose_showing
from common.errors import NotAllowed, WrongState
from live.engines import supervisor
from live.engines.embedded import public, withheld
from live.models import Broadcast, Comment
from live.services.commenting import say
from marketplace import tasks
from marketplace.models import Listing, Photo, Storefront
from marketplace.posters import poster
from marketplace.services import search, showing, storefronts
from marketplace.services.moderation import decide_storefront
from marketplace.services.vocabulary import refresh_vocabulary
from marketplace.showing import places_of
from marketplace.things import thing_of
from marketplace.views import keeping
from tests.breaking import webp
from tests.config.addresses import address_of
from tests.config.test_privacy import NO_PAGES
from tests.config.test_who_may import MAY
from tests.config.village import make_village
from tests.live.scene import live, plan
from tests.make import make_farmer, make_listing, make_moderator, make_photo, make_user
from tests.marketplace import selling
from tests.training.making import finish_course, make_course

NAME = "欧阳翠花家"


def hide(farmer: Farmer, what: str = "NAME", *, is_shown: bool = False) -> None:
    choose_showing(user=farmer.user, what=what, is_shown=is_shown, now=timezone.now())


def public_photo(farmer: Farmer) -> Photo:
    """A photo of theirs that lies in public storage, with its files."""
    photo = make_photo(farmer.user)
    for size in photo.sizes:
        storages["default"].save(photo.path(size), ContentFile(webp()))
    return photo


@pytest.mark.django_db
def test_every_public_page_with_the_name_is_listed_and_without_consent_there_is_none(client):
    """The walk: each address of the site and of the API that a stranger may open, and each that the list names."""
    village = make_village()
    grower = village.people["grower"].farmer
    type(grower.user).objects.filter(pk=grower.user_id).update(name="欧阳翠花")
    Farmer.objects.filter(pk=grower.pk).update(name=NAME)
    shop = Storefront.objects.get(farmer=grower)
    Storefront.objects.filter(pk=shop.pk).update(story="我是欧阳翠花，种橙三十年。", slug="ou-yang-cui-hua-jia-ab12")
    Listing.objects.filter(pk=village.live.pk).update(words="欧阳翠花亲手摘的。")
    village.live.approved_revision.__class__.objects.filter(pk=village.live.approved_revision_id).update(
        words="欧阳翠花亲手摘的。"
    )
    Certificate = village.certificate.__class__
    certificate = finish_course(grower.user, make_course("walk")).certificate
    refresh_vocabulary(timezone.now())
    grower.refresh_from_db()
    shop.refresh_from_db()
    village.things["storefront"], village.things["certificate"] = shop, certificate
    pages = {address_of(name, village) for name in set(MAY) - NO_PAGES if not name.startswith("sell")}
    pages |= {place.path for place in places_of(grower)}
    pages |= {f"{reverse('marketplace:search_suggest')}?q=欧阳"}
    api = {
        "/api/v1/listings/", f"/api/v1/listings/{village.live.pk}/", "/api/v1/shops/", f"/api/v1/shops/{shop.slug}/",
        f"/api/v1/trace/{village.lot.trace_code}/", "/api/v1/search/suggest/?q=欧阳",
    }  # fmt: skip

    def naming() -> set[str]:
        return {page for page in pages | api if says(page)}

    def says(page: str) -> bool:
        response = client.get(page)
        if response.status_code != 200 or response.streaming:
            return False
        text = response.content.decode(errors="replace")
        return "欧阳翠花" in text or "ou-yang-cui-hua" in text

    shown = naming()
    listed = {urlsplit(place.path).path for place in places_of(grower)}
    missed = {page for page in shown - api if urlsplit(page).path not in listed}
    assert not missed - {"/sitemap-farms.xml", "/sitemap-listings.xml"}, "the list misses pages"
    assert {f"/listings/{village.live.pk}/", f"/farms/{shop.slug}/", "/", "/live/", "/api/v1/listings/"} <= shown
    assert any("certificate" in page for page in shown), "the control: all kinds of pages are read"

    found = f"/listings/{village.live.pk}/"
    search.index_all()
    assert found in client.get(f"/search/?q={NAME}").content.decode()

    grower.refresh_from_db()
    hide(grower)
    shop.refresh_from_db()
    pages |= {place.path for place in places_of(Farmer.objects.get(pk=grower.pk))}
    api |= {f"/api/v1/shops/{shop.slug}/"}

    assert naming() == set()
    assert found not in client.get(f"/search/?q={NAME}").content.decode(), "it is not found by the name either"
    assert client.get(f"/farms/{shop.slug}/").status_code == 200, "the shop goes on, under what is no name"
    assert Certificate.objects.filter(pk=certificate.pk).exists()
    listing = Listing.objects.get(pk=village.live.pk)
    hide(grower, is_shown=True)
    assert Farmer.objects.get(pk=grower.pk).name == NAME
    assert (Listing.objects.get(pk=listing.pk).words, Storefront.objects.get(pk=shop.pk).story) == (
        "欧阳翠花亲手摘的。",
        "我是欧阳翠花，种橙三十年。",
    )


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_kept_forgets_the_name_and_the_photo_at_once(client, settings, monkeypatch):
    settings.PAGES_KEPT_SECONDS = 30
    monkeypatch.setattr(keeping, "_closed_until", 0.0)
    farmer, other = make_farmer(NAME), make_farmer("邻居家")
    listing, neighbours = make_listing(farmer), make_listing(other)
    portrait, theirs = public_photo(farmer), public_photo(other)
    Storefront.objects.filter(farmer=farmer).update(photo=portrait)
    Storefront.objects.filter(farmer=other).update(photo=theirs)
    page = f"/listings/{listing.pk}/"
    direct = {f"/media/{portrait.path(size)}" for size in portrait.sizes}
    for _time in range(2):
        text = client.get(page).content.decode()
        assert NAME in text
        assert str(portrait.key) in text
    trace = f"/trace/{listing.lots.get().trace_code}/"
    tag = client.get(trace)["ETag"]
    assert {client.get(address).status_code for address in direct} == {200}
    before = poster(thing_of("FARM", farmer.pk), "http://localhost/")

    hide(farmer)
    hide(farmer, "PICTURE")

    text = client.get(page).content.decode()
    assert NAME not in text
    assert str(portrait.key) not in text
    again = client.get(trace, headers={"if-none-match": tag})
    assert (again.status_code, NAME in again.content.decode()) == (200, False)
    assert {client.get(address).status_code for address in direct} == {404}
    assert client.get(reverse("marketplace:photo_copy", args=[portrait.key, 320])).status_code == 404
    assert poster(thing_of("FARM", farmer.pk), "http://localhost/") != before
    # The control: the neighbour, who said nothing, is where they were.
    assert "邻居家" in client.get(f"/listings/{neighbours.pk}/").content.decode()
    assert client.get(f"/media/{theirs.path(320)}").status_code == 200

    hide(farmer, is_shown=True)
    hide(farmer, "PICTURE", is_shown=True)
    tasks.publish_photos()
    assert NAME in client.get(page).content.decode()
    assert {client.get(address).status_code for address in direct} == {200}


@pytest.mark.django_db(transaction=True)
def test_one_photo_by_itself_and_what_a_killed_process_left(client, monkeypatch):
    farmer = make_farmer()
    photo, another = public_photo(farmer), public_photo(farmer)
    client.force_login(farmer.user)
    stranger = Client()
    stranger.force_login(make_farmer("别家").user)
    address = reverse("marketplace:showing_photo", args=[photo.pk])
    assert stranger.post(address, {"is_shown": "0"}).status_code == 404
    assert client.get(f"/media/{photo.path(320)}").status_code == 200

    monkeypatch.setattr(showing, "hide_photo", lambda **_: 1 / 0)  # killed after the commit
    assert client.post(address, {"is_shown": "0"}).status_code == 302
    monkeypatch.undo()
    assert Photo.objects.get(pk=photo.pk).url(320) == ""
    tasks.publish_photos()

    assert client.get(f"/media/{photo.path(320)}").status_code == 404
    assert client.get(f"/media/{another.path(320)}").status_code == 200
    assert Photo.objects.get(pk=photo.pk).public_at is None


@pytest.mark.django_db(transaction=True)
def test_a_replay_is_gone_from_pages_and_from_disk_and_comes_back(client, settings, tmp_path):
    settings.LIVE_ROOT = tmp_path
    farmer, now = make_farmer(NAME), timezone.now()
    show = Broadcast.objects.create(
        farmer=farmer,
        title="摘橙",
        planned_for=now - timedelta(hours=2),
        status="ENDED",
        created_at=now,
        started_at=now - timedelta(hours=2),
        ended_at=now - timedelta(hours=1),
        recorded_ms=1000,
    )
    make_listing(farmer)
    public(show).mkdir(parents=True)
    (public(show) / f"{'a' * 32}-000001.ts").write_bytes(b"video")
    segment = f"/live/media/{show.key.hex}/{'a' * 32}-000001.ts"
    assert client.get(f"/live/{show.pk}/").status_code == 200
    assert client.get(segment).status_code == 200

    hide(farmer, "PICTURE")
    look(Broadcast)

    assert client.get(f"/live/{show.pk}/").status_code == 404
    assert thing_of("LIVE", show.pk) is None
    assert client.get(segment).status_code == 404
    assert withheld(show).exists()
    hide(farmer, "PICTURE", is_shown=True)
    look(Broadcast)
    assert client.get(segment).status_code == 200


def look(_model) -> None:
    """What the process that makes the video does every few seconds."""
    supervisor.Supervisor()._look()


@pytest.mark.django_db
def test_only_they_themselves_say_so_and_every_word_stays_on_record(client):
    farmer = make_farmer(NAME)
    helper = make_user("Specialist")
    with pytest.raises(NotAllowed):
        choose_showing(user=helper, what="NAME", is_shown=False, now=timezone.now())
    client.force_login(farmer.user)
    with pytest.raises(IntegrityError, match="says whether"), transaction.atomic():
        ShowingChoice.objects.create(
            farmer=farmer, what="NAME", is_shown=False, wording="x", said="x", made_by=helper, made_at=timezone.now()
        )
    with pytest.raises(IntegrityError, match="farmer_keeps_own_name"), transaction.atomic():
        Farmer.objects.filter(pk=farmer.pk).update(shows_name=False)
    choose_showing(user=farmer.user, what="NAME", is_shown=False, now=timezone.now())
    with pytest.raises(WrongState):
        choose_showing(user=farmer.user, what="NAME", is_shown=False, now=timezone.now())
    choice = ShowingChoice.objects.get()
    assert (choice.is_shown, choice.made_by, choice.wording) == (False, farmer.user, "2026-11")
    assert choice.said in client.get("/sell/showing/").content.decode()
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        ShowingChoice.objects.update(is_shown=True)


@pytest.mark.django_db
def test_what_is_written_while_the_name_is_hidden_does_not_say_it_either():
    """A story, a listing's words, a broadcast's title, what farmer and moderator say in a room; a buyer's words are theirs."""
    now, moderator, buyer = timezone.now(), make_moderator(), make_user("Buyer")
    farmer = make_farmer(NAME, user=make_user("欧阳翠花"))
    on_air = live(make_listing(farmer), now=now, title="欧阳翠花家的橙")
    said = [
        say(broadcast_id=on_air.pk, author=who, text=f"{who}：欧阳翠花", now=now).pk for who in (farmer.user, buyer)
    ]
    hide(farmer)
    on_air.refresh_from_db()
    assert (on_air.title, on_air.kept_title) == ("寻乌县一户人家的橙", "欧阳翠花家的橙")
    assert list(Comment.objects.shown().values_list("pk", flat=True)) == said[1:]

    later = now + timedelta(seconds=9)
    farmer = Farmer.objects.get(pk=farmer.pk)
    for who in (farmer.user, moderator):
        say(broadcast_id=on_air.pk, author=who, text="我是欧阳翠花", now=later)
    assert set(Comment.objects.filter(said_at=later).values_list("text", flat=True)) == {"我是寻乌县一户人家"}
    assert plan(farmer, title="欧阳翠花又来了", now=later).title == "寻乌县一户人家又来了"
    revision = selling.submit(farmer)
    type(revision).objects.filter(pk=revision.pk).update(words="欧阳翠花亲手摘的。")
    revision.refresh_from_db()
    selling.decide(revision, moderator, now=later)
    proposed = storefronts.propose_storefront(farmer=farmer, story="我叫欧阳翠花。", photo=None, now=later)
    approve = {"verdict": "APPROVE", "reason": "", "moderator": moderator, "now": later}
    decide_storefront(storefront_id=proposed.pk, proposed_at=later, **approve)

    proposed.refresh_from_db()
    assert (proposed.story, Listing.objects.get(pk=revision.listing_id).words) == ("", "")
    hide(farmer, is_shown=True)
    proposed.refresh_from_db()
    on_air.refresh_from_db()
    assert (proposed.story, on_air.title) == ("我叫欧阳翠花。", "欧阳翠花家的橙")
    assert Listing.objects.get(pk=revision.listing_id).words == "欧阳翠花亲手摘的。"
