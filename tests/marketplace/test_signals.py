"""What stands out beside what waits: prices, near-duplicate photos, words, and who is new. Signs, which decide nothing."""

from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from accounts.models import Farmer
from marketplace.likeness import NEAR, apart, bands_of, fingerprint_of, probes_of
from marketplace.models import ForbiddenTerm, Listing, ListingRevision, Photo
from marketplace.queries.signals import ENOUGH_FARMS, Signals, signals_of, signals_of_story
from marketplace.services import storefronts
from marketplace.wording import find, mark
from tests.make import NOON, make_farmer, make_listing, make_lot, make_moderator, make_photo, make_produce
from tests.marketplace.selling import Verdict, decide, edit, load_terms, submit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def terms(db: None) -> None:
    load_terms()


def signals(revision: ListingRevision) -> Signals:
    whole = ListingRevision.objects.select_related("produce", "listing__farmer").get(pk=revision.pk)
    return signals_of([whole])[revision.pk]


# --- Prices -----------------------------------------------------------------------------------------------------------


def farms_asking(*fen_per_5_kg: int, **fields: Any) -> list[Listing]:
    return [make_listing(make_farmer(f"Farm {fen}"), price_fen=fen, **fields) for fen in fen_per_5_kg]


@pytest.mark.parametrize(
    ("price_fen", "is_odd"),
    [(5000, False), (3000, False), (9900, False), (2900, True), (9950, True), (50_000, True), (100, True)],
)
def test_a_price_far_outside_what_nine_farms_in_ten_ask_is_marked(price_fen, is_odd):
    farms_asking(4000, 5000, 5500, 6000, 7000)

    price = signals(submit(make_farmer("Mine"), price_fen=price_fen)).price

    assert price is not None
    assert (price.low, price.high, price.farms) == (880, 1320, 5)  # a kilogram
    assert price.is_odd is is_odd


def test_jin_taken_for_kg_is_seen():
    """Half the weight at the whole price: the commonest slip of all."""
    farms_asking(4800, 4900, 5000, 5100, 5200)

    assert signals(submit(make_farmer("Mine"), pack_grams=2500, price_fen=5000)).names == ["price", "new"]


def test_too_few_farms_and_ones_own_listings_say_nothing():
    farms_asking(*[5000] * (ENOUGH_FARMS - 1))
    mine = make_farmer("Mine")
    for _ in range(3):
        make_listing(mine, price_fen=100)

    price = signals(submit(mine, price_fen=90_000)).price

    assert price is not None
    assert (price.is_known, price.is_odd, price.farms) == (False, False, ENOUGH_FARMS - 1)


def test_a_farm_with_ten_listings_counts_once():
    farms_asking(5000, 5000, 5000, 5000, 5000)
    loud = make_farmer("Loud")
    for _ in range(10):
        make_listing(loud, price_fen=90_000)

    price = signals(submit(make_farmer("Mine"), price_fen=60_000)).price

    assert price is not None
    assert (price.farms, price.low) == (6, 1000)
    assert price.high < 18_000, "one of six"


def test_what_was_taken_down_or_never_sold_makes_no_usual_price_but_a_sold_out_one_does():
    farms_asking(5000, 5000, 5000, 5000)
    farms_asking(90_000, status=Listing.Status.TAKEN_DOWN)
    farms_asking(90_000, status=Listing.Status.PAUSED)
    (paused,) = farms_asking(5000, status=Listing.Status.PAUSED, packs=None)
    make_lot(paused, packs=5, sold=5)
    make_listing(make_farmer("Tea"), produce=make_produce("tea"), price_fen=90_000)

    price = signals(submit(make_farmer("Mine"))).price

    assert price is not None
    assert (price.farms, price.high) == (5, 1000)


# --- Photos -----------------------------------------------------------------------------------------------------------


def hillside(seed: int = 1) -> Image.Image:
    """A picture with shapes on it, as different seeds give different ones."""
    image = Image.new("RGB", (640, 480), (180, 200, 230))
    draw = ImageDraw.Draw(image)
    for number in range(14):
        x, y = (number * 89 * seed) % 600, (number * 53 * seed + 40) % 430
        draw.ellipse((x, y, x + 90, y + 70), fill=((number * 47) % 255, (number * 91 * seed) % 255, 60))
    return image


def photo_of(farmer: Farmer, image: Image.Image, **fields: Any) -> Photo:
    fingerprint = fingerprint_of(image)
    return make_photo(farmer.user, fingerprint=fingerprint, bands=bands_of(fingerprint), **fields)


@pytest.mark.parametrize(
    "again",
    [
        lambda image: image.resize((200, 150)),
        lambda image: image.filter(ImageFilter.GaussianBlur(2)),
        lambda image: image.point(lambda shade: min(255, shade + 25)),
        lambda image: image.crop((6, 6, 634, 474)),
        lambda image: image.convert("L").convert("RGB"),
    ],
)
def test_the_same_photo_made_anew_is_known_again_even_from_another_farmer(again):
    original, mine = make_farmer("Original"), make_farmer("Mine")
    first = photo_of(original, hillside())
    copy = photo_of(mine, again(hillside()))

    (twin,) = signals(submit(mine, photos=[copy])).twins

    assert (twin.photo, twin.other, twin.whose, twin.is_anothers) == (copy, first, "Original", True)
    assert twin.apart <= NEAR


def test_another_picture_a_plain_wall_and_ones_own_listing_are_no_twins():
    original, mine = make_farmer("Original"), make_farmer("Mine")
    photo_of(original, hillside(seed=5))
    wall = Image.new("RGB", (640, 480), (90, 90, 90))
    photo_of(original, wall)
    pictures = [photo_of(mine, hillside()), photo_of(mine, hillside().resize((100, 75))), photo_of(mine, wall)]
    revision = submit(mine, photos=pictures)

    assert signals(revision).twins == []
    assert pictures[2].fingerprint is None


def test_a_picture_without_a_fingerprint_yet_is_left_out():
    mine = make_farmer("Mine")
    make_photo(make_farmer("Original").user)

    assert signals(submit(mine, photos=[make_photo(mine.user)])).twins == []


@pytest.mark.parametrize("flips", range(NEAR + 3))
def test_the_index_finds_all_that_are_near_and_nothing_farther(flips):
    """However the bits that differ are spread over the bands."""
    original, mine = make_farmer("Original"), make_farmer("Mine")
    print_ = fingerprint_of(hillside())
    assert print_ is not None
    other = print_ ^ sum(1 << (bit * 17 + 3) % 64 for bit in range(flips))  # 17 and 64 have no divisor in common
    other -= (1 << 64) if other >= 1 << 63 else 0
    photo_of(original, hillside())
    copy = make_photo(mine.user, fingerprint=other, bands=bands_of(other))

    assert apart(print_, other) == flips
    assert bool(signals(submit(mine, photos=[copy])).twins) == (flips <= NEAR)
    assert bool(set(probes_of(print_)) & set(bands_of(other))) or flips > NEAR


# --- Words ------------------------------------------------------------------------------------------------------------


def hits(text: str) -> list[str]:
    found = find(text, list(ForbiddenTerm.objects.filter(is_active=True)))
    return [text[hit.start : hit.end] for hit in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("全村最甜的脐橙", ["最"]),
        ("最近下雨，最后一批", []),  # longer words that are fine
        ("能治 病，降 血-压", ["治 病", "降 血-压"]),  # what stands between doesn't hide it
        ("加微信 abc，或 薇 信", ["微信", "薇 信"]),
        ("微信支付也行", []),
        ("ＷｅＣｈａｔ me", ["ＷｅＣｈａｔ"]),  # full-width letters
        ("The BEST oranges; bestow nothing", ["BEST"]),  # whole words in English
        ("电话 139-1234-5678", ["139-1234-5678"]),
        ("一三九一二三四五六七八", ["一三九一二三四五六七八"]),  # a number in characters
        ("订单 1391234567890123", []),  # too long for a telephone number
        ("看 www.example.com/a?b，或写信到a.b@example.org", ["www.example.com/a?b", "a.b@example.org"]),
        ("我家的店example.com", ["example.com"]),
        ("皮薄汁多，早上摘。", []),
        ("", []),
    ],
)
def test_words_are_found_however_they_are_spelled(text, found):
    assert hits(text) == found


def test_marking_loses_and_changes_no_character():
    text = "＜b＞最甜，加 微 信 139 1234 5678，🍊ﬁne <b>"
    found = find(text, list(ForbiddenTerm.objects.all()))

    assert "".join(piece.text for piece in mark(text, found)) == text
    assert [hit.kind for hit in found] == ["SUPERLATIVE", "CONTACT", "CONTACT"]


def test_a_word_that_staff_switched_off_is_not_marked():
    ForbiddenTerm.objects.filter(term="最").update(is_active=False)

    assert signals(submit(make_farmer(), words="最甜的脐橙")).found == []


# --- Who is new -------------------------------------------------------------------------------------------------------


def test_the_first_three_listings_get_a_closer_look_and_edits_are_not_listings():
    farmer, moderator = make_farmer(), make_moderator()
    listing = None
    for number in range(3):
        revision = submit(farmer)
        assert (signals(revision).approved_before, signals(revision).is_first) == (number, True)
        listing = decide(revision, moderator).listing
        assert listing is not None
        decide(edit(listing, farmer, words=f"第{number}句话。"), moderator)
        decide(submit(farmer), moderator, Verdict.REJECT)
    assert listing is not None

    fourth = signals(submit(farmer))
    assert (fourth.approved_before, fourth.is_first, fourth.stand_out) == (3, False, False)


# --- All together -----------------------------------------------------------------------------------------------------


def test_thirty_revisions_cost_as_many_queries_as_one(django_assert_max_num_queries):
    def make() -> ListingRevision:
        farmer = make_farmer()
        photo_of(make_farmer("Another"), hillside())
        return submit(farmer, photos=[photo_of(farmer, hillside())], words="最甜")

    def count(pks: list[int]) -> int:
        whole = list(ListingRevision.objects.filter(pk__in=pks).select_related("produce", "listing__farmer"))
        with django_assert_max_num_queries(8) as counted:
            found = signals_of(whole)
        assert all(each.twins and each.found for each in found.values())
        return len(counted)

    first = make()
    before = count([first.pk])

    assert count([first.pk, *(make().pk for _ in range(5))]) == before


def test_a_shop_pages_story_and_photo_are_looked_at_too():
    mine = make_farmer("Mine")
    stolen = photo_of(make_farmer("Original"), hillside())
    shop = storefronts.propose_storefront(
        farmer=mine, story="加微信便宜", photo=photo_of(mine, hillside().resize((300, 225))), now=NOON
    )

    found = signals_of_story(shop)

    assert [twin.other for twin in found.twins] == [stolen]
    assert [piece.text for piece in found.marked if piece.why] == ["微信"]
    assert (found.price, found.is_first) == (None, False)
