"""The moderators' desk: who may sit there, what it shows, and what happens when someone was faster."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Farmer, User
from marketplace.models import Listing, ListingRevision, ModerationDecision, Photo, RevisionPhoto, Storefront
from marketplace.queries import moderation as queries
from marketplace.services import drafts, listings, moderation, storefronts
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_photo, make_produce, make_user
from tests.marketplace.selling import Verdict, decide, edit, load_terms, make_draft, submit

pytestmark = pytest.mark.django_db
Status = ListingRevision.Status


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


@pytest.fixture
def moderator() -> User:
    return make_moderator()


@pytest.fixture
def desk(moderator: User) -> Client:
    return signed_in(moderator)


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"marketplace:{name}", args=args)


def test_for_everyone_else_there_is_no_desk(farmer):
    revision, listing = submit(farmer), make_listing(farmer)
    shop = storefronts.propose_storefront(farmer=farmer, story="好故事", photo=None, now=NOON)
    gets = [
        page("moderation_queue"),
        page("moderation_revision", revision.pk),
        page("listing_take_down", listing.pk),
        page("moderation_storefront", shop.pk),
    ]
    posts = [
        (page("moderation_decide", revision.pk), {"verdict": "APPROVE"}),
        (page("listing_take_down", listing.pk), {"words": "No"}),
        (page("listing_put_back", listing.pk), {}),
        (page("moderation_storefront", shop.pk), {"verdict": "APPROVE", "proposed_at": NOON.isoformat()}),
    ]
    people = [farmer.user, make_user("buyer"), make_user("Boss", is_staff=True, is_superuser=True)]

    for client in map(signed_in, people):
        assert [client.get(where).status_code for where in gets] == [404] * 4
        assert [client.post(where, sent).status_code for where, sent in posts] == [404] * 4
    for where, sent in posts:
        assert Client().post(where, sent).status_code == 302

    assert not ModerationDecision.objects.exists()
    assert ListingRevision.objects.get(pk=revision.pk).status == Status.WAITING


def test_the_oldest_comes_first_and_every_one_comes_once(desk, farmer, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    waiting = [submit(farmer) for _ in range(5)]
    for number, revision in enumerate(waiting):  # the first and second at the very same moment
        sent_at = NOON + timedelta(microseconds=max(number, 1))
        ListingRevision.objects.filter(pk=revision.pk).update(submitted_at=sent_at)
    make_draft(farmer)
    seen: list[int] = []
    where = page("moderation_queue")
    while where:
        response = desk.get(where)
        seen += [revision.pk for revision in response.context["revisions"]]
        more = response.context["next_page"]
        where = page("moderation_queue") + more if more else ""

    assert seen == [revision.pk for revision in waiting]
    assert desk.get(page("moderation_queue") + "?after=nonsense_1e99").status_code == 200


def test_an_edit_stands_beside_what_is_shown_with_differences_marked(desk, farmer):
    listing = make_listing(farmer, words="皮薄汁多，早上摘。")
    old = listing.cover
    assert old is not None
    new = make_photo(farmer.user)
    draft = drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)
    drafts.save_produce(listing_id=listing.pk, farmer=farmer, produce=draft.produce, photos=[new], now=NOON)
    revision = edit(listing, farmer, words="皮薄汁甜，早上摘。", origin="别处", keeps_days=45)

    response = desk.get(page("moderation_revision", revision.pk))

    comparison = response.context["comparison"]
    assert comparison.changed == {"words", "origin", "photos"}
    assert comparison.photos == [(new, "new")]
    assert comparison.gone == [old]
    text = response.content.decode()
    assert "皮薄汁<del>多</del><ins>甜</ins>，早上摘。" in "".join(text.split())


def test_words_differ_by_character_in_chinese_and_by_word_in_english():
    def marked(before: str, after: str) -> str:
        marks = {"same": "{}", "gone": "[-{}]", "new": "[+{}]"}
        return "".join(marks[piece.kind].format(piece.text) for piece in queries.words_diff(before, after))

    assert marked("早上摘下午发", "早上摘当天发") == "早上摘[-下午][+当天]发"
    assert marked("Thin skin, sweet", "Thin skin, sour") == "Thin skin, [-sweet][+sour]"
    assert marked("", "新") == "[+新]"
    assert marked("旧", "旧") == "旧"
    assert marked("<b>", "<i>") == "<[-b][+i]>"


def test_what_a_farmer_writes_is_shown_as_text(desk, farmer):
    revision = edit(make_listing(farmer), farmer, words="<script>alert(1)</script>")

    assert "<script>alert" not in desk.get(page("moderation_revision", revision.pk)).content.decode()


def test_the_farmers_record_and_others_prices_are_there(desk, farmer, moderator):
    for price_fen in (4000, 5000, 5000, 5000, 6000):
        make_listing(make_farmer("Another", user=make_user("x")), price_fen=price_fen)
    moderation.take_down(listing_id=make_listing(farmer).pk, moderator=moderator, reason="没有寄出", now=NOON)
    decide(submit(farmer), moderator, Verdict.REJECT)
    decide(submit(farmer), moderator)
    revision = submit(farmer, price_fen=60_000)

    response = desk.get(page("moderation_revision", revision.pk))

    record = response.context["record"]
    assert (record.live, record.approved, record.sent_back, record.taken_down) == (1, 1, 1, 1)
    text = response.content.decode()
    assert "¥120.00 a kg. Usual: ¥8.80 to ¥11.20 (5 farms)." in text
    assert "没有寄出" in text
    assert '<span class="tag warn">Price</span>' in desk.get(page("moderation_queue")).content.decode()


def test_too_few_others_make_no_usual_price(desk, farmer):
    make_listing(make_farmer("Another", user=make_user("x")))

    text = desk.get(page("moderation_revision", submit(farmer).pk)).content.decode()

    assert "Only 1 other farm sells this: too few to say what is usual." in text


def test_after_a_decision_comes_the_next_that_is_not_ones_own(desk, farmer, moderator):
    own = submit(make_farmer("Own", user=moderator, payee_account="6222020000007654321"))
    older, seen, newer = submit(farmer), submit(farmer), submit(farmer)
    for minute, revision in enumerate((older, own, seen, newer)):
        ListingRevision.objects.filter(pk=revision.pk).update(submitted_at=NOON + timedelta(minutes=minute))

    def after(revision: ListingRevision) -> str:
        return desk.post(page("moderation_decide", revision.pk), {"verdict": "APPROVE"}).headers["Location"]

    assert after(seen) == page("moderation_revision", newer.pk)
    assert after(newer) == page("moderation_revision", older.pk)
    assert after(older) == page("moderation_queue")


def test_marked_words_are_shown_as_text(desk, farmer):
    load_terms()
    revision = submit(farmer, words="<b>最甜</b>，加微信")

    text = desk.get(page("moderation_revision", revision.pk)).content.decode()

    assert "<mark>最</mark>" in text
    assert "<mark>微信</mark>" in text
    assert "&lt;b&gt;" in text
    assert "<b>最" not in text


def test_a_ready_made_reason_is_kept_in_the_farmers_language(desk, farmer):
    farmer.user.language = "en"
    farmer.user.save()
    revision = submit(farmer)

    response = desk.post(
        page("moderation_decide", revision.pk),
        {"verdict": "ASK_CHANGE", "ready": "0", "words": "最好在早上。"},
        headers={"accept-language": "zh-hans"},
    )

    assert response.status_code == 302
    reason = ModerationDecision.objects.get().reason
    assert reason == "The photos are too dark or blurred. Please take them by daylight. 最好在早上。"


@pytest.mark.parametrize("verdict", ["ASK_CHANGE", "REJECT", "", "TAKE_DOWN", "RESTORE", "nonsense"])
def test_no_without_a_reason_or_a_verdict_that_is_none_decides_nothing(desk, farmer, verdict):
    revision = submit(farmer)

    response = desk.post(page("moderation_decide", revision.pk), {"verdict": verdict, "words": "  "})

    assert response.status_code == 422
    assert not ModerationDecision.objects.exists()
    assert ListingRevision.objects.get(pk=revision.pk).status == Status.WAITING


def test_who_comes_second_reads_who_was_first(desk, farmer):
    revision = submit(farmer)
    decide(revision, make_user("Li Na", is_moderator=True), Verdict.REJECT, "不清楚")

    response = desk.post(page("moderation_decide", revision.pk), {"verdict": "APPROVE"})

    assert response.status_code == 409
    assert "Li Na" in response.content.decode()
    assert "不清楚" in response.content.decode()
    assert ModerationDecision.objects.count() == 1
    assert desk.get(page("moderation_revision", revision.pk)).status_code == 200


def test_what_the_farmer_changed_meanwhile_leads_to_the_newer_version(desk, farmer):
    listing = make_listing(farmer)
    seen = edit(listing, farmer)
    newer = edit(listing, farmer, words="第三句。")

    response = desk.post(page("moderation_decide", seen.pk), {"verdict": "APPROVE"})

    assert response.status_code == 409
    assert page("moderation_revision", newer.pk) in response.content.decode()
    assert not ModerationDecision.objects.exists()


def test_a_moderators_own_listing_has_no_buttons_and_cannot_be_decided(desk, moderator):
    revision = submit(make_farmer("Own", user=moderator))
    where = page("moderation_decide", revision.pk)

    assert where not in desk.get(page("moderation_revision", revision.pk)).content.decode()
    assert desk.post(where, {"verdict": "APPROVE"}).status_code == 422
    assert not Listing.objects.shown().exists()


def test_a_draft_has_no_page_at_the_desk(desk, farmer):
    assert desk.get(page("moderation_revision", make_draft(farmer).pk)).status_code == 404


def test_taking_down_and_putting_back(desk, farmer):
    listing = make_listing(farmer)
    where = page("listing_take_down", listing.pk)
    assert desk.get(where).status_code == 200
    assert desk.post(where, {}).status_code == 422
    assert Listing.objects.shown().exists()

    assert desk.post(where, {"ready": "0"}).status_code == 302
    assert not Listing.objects.shown().exists()
    assert Client().get(page("listing_detail", listing.pk)).status_code == 404
    assert desk.get(where).status_code == 200
    assert desk.post(page("listing_put_back", listing.pk), {"reason": "Sorted out"}).status_code == 302
    assert Listing.objects.shown().exists()


def test_a_story_is_decided_as_it_was_looked_at(desk, farmer):
    shop = storefronts.propose_storefront(farmer=farmer, story="好故事", photo=None, now=NOON)
    where = page("moderation_storefront", shop.pk)
    seen = desk.get(where).content.decode()
    assert "好故事" in seen
    assert NOON.isoformat()[:4] in seen
    stale = {"verdict": "APPROVE", "proposed_at": (NOON - timedelta(hours=1)).isoformat()}

    assert desk.post(where, stale).status_code == 422
    assert desk.post(where, {"verdict": "APPROVE", "proposed_at": "nonsense"}).status_code == 422
    assert Storefront.objects.get().story == ""
    assert desk.post(where, {"verdict": "APPROVE", "proposed_at": NOON.isoformat()}).status_code == 302
    assert Storefront.objects.get().story == "好故事"
    assert desk.post(where, {"verdict": "APPROVE", "proposed_at": NOON.isoformat()}).status_code == 422


def test_photos_at_the_desk_are_for_moderators_too(desk, farmer):
    photo = make_photo(farmer.user, status=Photo.Status.WAITING, width=0, height=0, sizes=[])

    assert desk.get(page("photo_status", photo.key)).status_code == 200


def test_the_desk_asks_no_more_queries_when_more_waits(desk, farmer, moderator, django_assert_max_num_queries):
    def count(where: str, most: int) -> int:
        with django_assert_max_num_queries(most) as counted:
            assert desk.get(where).status_code == 200
        return len(counted)

    def add() -> ListingRevision:
        listing = make_listing(farmer, produce=make_produce())
        decide(edit(listing, farmer), moderator, Verdict.ASK_CHANGE)
        listings.change_price(listing_id=listing.pk, farmer=farmer, price_fen=9_900, now=NOON)
        revision = listing.revisions.get(status=Status.WAITING)
        RevisionPhoto.objects.create(revision=revision, photo=make_photo(farmer.user), position=5)
        return revision

    first = add()
    wheres = [(page("moderation_queue"), 10), (page("moderation_revision", first.pk), 24)]
    before = [count(*where) for where in wheres]
    for _ in range(4):
        add()

    assert [count(*where) for where in wheres] == before


def test_a_moderator_can_take_down_from_the_listing_and_nobody_else_sees_how(desk, farmer):
    listing = make_listing(farmer)
    where = page("listing_take_down", listing.pk)

    assert where in desk.get(page("listing_detail", listing.pk)).content.decode()
    for client in (Client(), signed_in(farmer.user), signed_in(make_user("buyer"))):
        assert where not in client.get(page("listing_detail", listing.pk)).content.decode()
