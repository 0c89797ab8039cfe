"""What produce, listings, lots and shops look like in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.showing import CountyOutput, RegionOutput
from common.api.fields import CurrencyField, FenField, GramsField
from common.weight import fen_per
from marketplace.models import Listing, Lot, Photo, Produce, Storefront


class ProduceOutput(serializers.ModelSerializer):
    """A group (fruit) or a kind in it (navel orange)."""

    name = serializers.CharField(source="local_name", help_text="In the language asked for.")
    group = serializers.SerializerMethodField(help_text="The slug of its group; null for a group.")

    class Meta:
        model = Produce
        fields = ["slug", "name", "name_zh", "name_en", "group", "shelf_life_days", "cold", "harvest_months"]
        read_only_fields = fields

    def get_group(self, produce: Produce) -> str | None:
        return produce.parent.slug if produce.parent else None


class KindOutput(serializers.ModelSerializer):
    """The kind of produce of a listing."""

    name = serializers.CharField(source="local_name", help_text="In the language asked for.")

    class Meta:
        model = Produce
        fields = ["slug", "name", "name_zh", "name_en", "cold"]
        read_only_fields = fields


class PhotoOutput(serializers.ModelSerializer):
    """A photo: the addresses of its copies by width in px. Nothing of where it was taken is in them."""

    urls = serializers.SerializerMethodField()

    class Meta:
        model = Photo
        fields = ["key", "status", "width", "height", "urls"]
        read_only_fields = fields

    def get_urls(self, photo: Photo) -> dict[str, str]:
        if photo.status != Photo.Status.READY:
            return {}
        request = self.context.get("request")
        if not photo.url(1):
            return {}
        urls = {str(size): photo.url(size) for size in sorted(photo.sizes)}
        return {size: request.build_absolute_uri(url) if request else url for size, url in urls.items()}


class LotOutput(serializers.ModelSerializer):
    """A harvest that one can buy from, in packs: picked, or expected in a window."""

    left = serializers.IntegerField()
    is_presale = serializers.BooleanField()

    class Meta:
        model = Lot
        fields = ["trace_code", "grade", "left", "is_presale", "picked_on", "expected_from", "expected_until"]
        read_only_fields = fields


class CardOutput(serializers.ModelSerializer):
    """A listing as a list shows it. `left` counts packs over all open lots."""

    produce = KindOutput()
    county = serializers.CharField(source="county.slug")
    county_name = serializers.CharField(source="county.local_name")
    province = serializers.CharField(source="province_id")
    farmer_name = serializers.CharField(source="farmer.name")
    women_led = serializers.BooleanField(source="farmer.women_led")
    price_fen = FenField(read_only=True)
    pack_grams = GramsField(read_only=True)
    currency = CurrencyField()
    fen_per_kg = serializers.SerializerMethodField(help_text="Rounded, to compare by.")
    left = serializers.IntegerField()
    picked_on = serializers.DateField(allow_null=True, help_text="The latest harvest there is some left of.")
    expected_from = serializers.DateField(allow_null=True, help_text="The next harvest, for presale.")
    rating = serializers.FloatField(allow_null=True)
    cover = PhotoOutput(allow_null=True)

    class Meta:
        model = Listing
        fields = [
            "id",
            "produce",
            "farmer_name",
            "women_led",
            "county",
            "county_name",
            "province",
            "price_fen",
            "currency",
            "pack_grams",
            "fen_per_kg",
            "left",
            "picked_on",
            "expected_from",
            "rating",
            "rating_count",
            "words",
            "cover",
        ]
        read_only_fields = fields

    def get_fen_per_kg(self, listing: Listing) -> int:
        return fen_per(1000, listing.price_fen or 0, listing.pack_grams or 1)


class ShopOutput(serializers.ModelSerializer):
    """A farmer's shop page."""

    name = serializers.CharField(source="farmer.name")
    kind = serializers.CharField(source="farmer.kind")
    women_led = serializers.BooleanField(source="farmer.women_led")
    county = CountyOutput(source="farmer.county")
    rating = serializers.FloatField(allow_null=True)
    photo = PhotoOutput(allow_null=True)

    class Meta:
        model = Storefront
        fields = ["slug", "name", "kind", "women_led", "county", "story", "rating", "rating_count", "photo"]
        read_only_fields = fields


class ListingOutput(serializers.ModelSerializer):
    """A listing as its page shows it, with the lots to buy from in the order in which they are sold."""

    produce = KindOutput()
    shop = serializers.CharField(source="farmer.storefront.slug")
    farmer_name = serializers.CharField(source="farmer.name")
    women_led = serializers.BooleanField(source="farmer.women_led")
    county = serializers.CharField(source="county.slug")
    county_name = serializers.CharField(source="county.local_name")
    province = RegionOutput()
    price_fen = FenField(read_only=True)
    pack_grams = GramsField(read_only=True)
    currency = CurrencyField()
    fen_per_kg = serializers.SerializerMethodField(help_text="Rounded, to compare by.")
    left = serializers.SerializerMethodField()
    rating = serializers.FloatField(allow_null=True)
    photos = serializers.SerializerMethodField()
    lots = serializers.SerializerMethodField()

    class Meta:
        model = Listing
        fields = [
            "id",
            "status",
            "produce",
            "shop",
            "farmer_name",
            "women_led",
            "county",
            "county_name",
            "province",
            "origin",
            "price_fen",
            "currency",
            "pack_grams",
            "fen_per_kg",
            "keeps_days",
            "left",
            "rating",
            "rating_count",
            "words",
            "photos",
            "lots",
            "live_since",
        ]
        read_only_fields = fields

    def get_fen_per_kg(self, listing: Listing) -> int:
        return fen_per(1000, listing.price_fen or 0, listing.pack_grams or 1)

    def get_left(self, listing: Listing) -> int:
        return sum(lot.left for lot in self.context["lots"])

    @extend_schema_field(PhotoOutput(many=True))
    def get_photos(self, listing: Listing) -> Any:
        revision = listing.approved_revision
        photos = [place.photo for place in revision.photo_places.all()] if revision else []
        return PhotoOutput(photos, many=True, context=self.context).data

    @extend_schema_field(LotOutput(many=True))
    def get_lots(self, listing: Listing) -> Any:
        return LotOutput(self.context["lots"], many=True).data


class TraceOutput(serializers.ModelSerializer):
    """What the code on a box says: what it is, who grew it, when it was picked."""

    listing = serializers.IntegerField(source="listing_id")
    produce = KindOutput(source="listing.produce")
    farmer_name = serializers.CharField(source="listing.farmer.name")
    shop = serializers.CharField(source="listing.farmer.storefront.slug")
    county_name = serializers.CharField(source="listing.county.local_name")
    origin = serializers.CharField(source="listing.origin")
    approved_at = serializers.SerializerMethodField()

    class Meta:
        model = Lot
        fields = [
            "trace_code",
            "listing",
            "produce",
            "farmer_name",
            "shop",
            "county_name",
            "origin",
            "grade",
            "picked_on",
            "expected_from",
            "expected_until",
            "approved_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_approved_at(self, lot: Lot) -> Any:
        return self.context["approved_at"]
