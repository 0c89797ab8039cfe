"""Plain functions that make the people and things tests need. Each call makes new ones; say only what matters."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import Address, County, Farmer, Region, User
from marketplace.models import Listing, ListingRevision, Lot, Photo, Produce, RevisionPhoto, Storefront

_numbers = itertools.count(1)
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # noon in Shanghai


def make_user(name: str = "Person", **fields: Any) -> User:
    """A person with a verified phone of their own."""
    number = next(_numbers)
    fields.setdefault("phone", f"+86138{number:08d}")
    fields.setdefault("phone_verified", bool(fields["phone"]))
    return User.objects.create_user(name=name, **fields)


def make_moderator(**fields: Any) -> User:
    return make_user("Moderator", is_moderator=True, **fields)


def make_finance(name: str = "Finance", **fields: Any) -> User:
    """Staff who may handle payouts and see the books."""
    user = make_user(name, is_staff=True, **fields)
    user.user_permissions.add(Permission.objects.get(codename="handle_payouts"))
    return user


def make_region(code: str, name_zh: str, name_en: str, level: str, parent: Region | None = None) -> Region:
    region, _ = Region.objects.get_or_create(
        code=code, defaults={"name_zh": name_zh, "name_en": name_en, "level": level, "parent": parent}
    )
    return region


def make_shanghai() -> tuple[Region, Region, Region]:
    """Province, prefecture and county of an address in Shanghai."""
    province = make_region("310000", "上海市", "Shanghai", Region.Level.PROVINCE)
    prefecture = make_region("310100", "上海市", "Shanghai City", Region.Level.PREFECTURE, province)
    return province, prefecture, make_region("310104", "徐汇区", "Xuhui District", Region.Level.COUNTY, prefecture)


def make_county(slug: str = "jiangxi-xunwu", **fields: Any) -> County:
    """Xunwu in Jiangxi unless told otherwise; the same slug gives the same county."""
    province = fields.pop("province", None) or make_region("360000", "江西省", "Jiangxi", Region.Level.PROVINCE)
    county, _ = County.objects.get_or_create(
        slug=slug,
        defaults={
            "list_no": next(_numbers),
            "code": "360734",
            "name_zh": "寻乌县",
            "name_en": "Xunwu County",
            "short_zh": "寻乌",
            "short_en": "Xunwu",
            "prefecture_zh": "赣州市",
            "prefecture_en": "Ganzhou City",
            "province": province,
            "latitude": 24.96,
            "longitude": 115.65,
            "year_lifted": 2019,
        }
        | fields,
    )
    return county


def make_farmer(name: str = "Chen Guilan's household", user: User | None = None, **fields: Any) -> Farmer:
    """A verified household with a storefront, unless told otherwise."""
    status = fields.pop("status", Farmer.Status.VERIFIED)
    farmer = Farmer.objects.create(
        user=user or make_user("Chen Guilan"),
        name=name,
        kind=fields.pop("kind", Farmer.Kind.HOUSEHOLD),
        county=fields.pop("county", None) or make_county(),
        town=fields.pop("town", "长宁镇"),
        village=fields.pop("village", "新村"),
        payee_kind=fields.pop("payee_kind", Farmer.PayeeKind.BANK),
        payee_name=fields.pop("payee_name", "陈桂兰"),
        payee_account=fields.pop("payee_account", "6222020000001234567"),
        status=status,
        applied_at=NOON - timedelta(days=30),
        verified_at=NOON - timedelta(days=29) if status == Farmer.Status.VERIFIED else None,
        **fields,
    )
    Storefront.objects.create(farmer=farmer, slug=f"farm-{farmer.pk}", created_at=NOON - timedelta(days=29))
    return farmer


def make_produce(slug: str = "navel-orange", **fields: Any) -> Produce:
    """Navel orange, which keeps 45 days uncooled, unless told otherwise; the same slug gives the same produce."""
    group, _ = Produce.objects.get_or_create(slug="fruit", defaults={"name_zh": "水果", "name_en": "Fruit"})
    produce, _ = Produce.objects.get_or_create(
        slug=slug,
        defaults={"name_zh": "脐橙", "name_en": "Navel orange", "parent": group, "shelf_life_days": 45} | fields,
    )
    return produce


def make_photo(user: User, **fields: Any) -> Photo:
    """A photo that has been made ready and approved before (the files themselves are not there)."""
    return Photo.objects.create(
        uploaded_by=user,
        uploaded_at=NOON,
        **{
            "status": Photo.Status.READY,
            "width": 1600,
            "height": 1200,
            "sizes": [320, 640, 1280],
            "approved_at": None if fields.get("status", "READY") != "READY" else NOON,
            "public_at": None if fields.get("status", "READY") != "READY" else NOON,
        }
        | fields,
    )


def make_listing(farmer: Farmer | None = None, *, packs: int | None = 20, **fields: Any) -> Listing:
    """A listing on sale: 5 kg of navel oranges at 49.80 yuan, with one picked lot of `packs` (None: no lot)."""
    farmer = farmer or make_farmer()
    produce = fields.pop("produce", None) or make_produce()
    pack_grams, price_fen = fields.pop("pack_grams", 5000), fields.pop("price_fen", 4980)
    listing = Listing.objects.create(
        farmer=farmer, county=farmer.county, province=farmer.county.province, created_at=NOON
    )
    revision = ListingRevision.objects.create(
        listing=listing,
        number=1,
        status=ListingRevision.Status.APPROVED,
        produce=produce,
        pack_grams=pack_grams,
        price_fen=price_fen,
        words=fields.get("words", "皮薄汁多，早上摘下午发。"),
        origin=farmer.town,
        keeps_days=produce.shelf_life_days or 30,
        created_at=NOON,
        submitted_at=NOON,
    )
    photo = make_photo(farmer.user)
    RevisionPhoto.objects.create(revision=revision, photo=photo, position=0)
    listing.status = fields.pop("status", Listing.Status.LIVE)
    listing.approved_revision = revision
    listing.produce, listing.cover = produce, photo
    listing.pack_grams, listing.price_fen = pack_grams, price_fen
    listing.words = fields.pop("words", revision.words)
    listing.origin, listing.keeps_days = revision.origin, revision.keeps_days
    listing.live_since = fields.pop("live_since", NOON)
    for name, value in fields.items():
        setattr(listing, name, value)
    listing.save()
    if packs is not None:
        make_lot(listing, packs)
    return listing


def make_lot(listing: Listing, packs: int = 20, **fields: Any) -> Lot:
    """A lot picked on 22 November 2026, unless told otherwise."""
    if "expected_from" not in fields:
        fields.setdefault("picked_on", date(2026, 11, 22))
    return Lot.objects.create(
        listing=listing, harvested=packs, trace_code=f"T{next(_numbers):07d}", created_at=NOON, **fields
    )


def make_address(user: User, **fields: Any) -> Address:
    province, prefecture, county = make_shanghai()
    return Address.objects.create(
        user=user,
        **{
            "recipient": "王小明",
            "phone": "+8613900000000",
            "province": province,
            "prefecture": prefecture,
            "county": county,
            "detail": "漕溪北路 1 号 502 室",
        }
        | fields,
    )


def in_days(days: float) -> datetime:
    """So many days from now, in UTC."""
    return timezone.now() + timedelta(days=days)
