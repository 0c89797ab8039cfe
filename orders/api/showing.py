"""What carts, orders, parcels and reviews look like in the API. All money in fen."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import CurrencyField, FenField, GramsField
from marketplace.api.showing import KindOutput, PhotoOutput
from orders import timeline
from orders.models import Order, OrderLine, Parcel, Review
from orders.pricing import PricedCart, PricedLine, PricedParcel


class CartLineOutput(serializers.Serializer):
    """So many packs of a listing, at what is true now."""

    id = serializers.IntegerField(source="line.pk")
    listing = serializers.IntegerField(source="listing.pk")
    produce = KindOutput(source="listing.produce")
    packs = serializers.IntegerField()
    left = serializers.IntegerField()
    price_fen = FenField(read_only=True)
    was_fen = FenField(read_only=True, allow_null=True, help_text="The price when it was put in, where it has changed.")
    total_fen = FenField(read_only=True)
    pack_grams = GramsField(source="listing.pack_grams", read_only=True)
    on_sale = serializers.BooleanField()
    is_short = serializers.BooleanField(help_text="More is wanted than there is.")
    spoils = serializers.BooleanField(help_text="It would not arrive good, and can't be ordered to there.")
    warning = serializers.SerializerMethodField(help_text="What to know before ordering it; may be empty.")

    def get_warning(self, line: PricedLine) -> str:
        return line.verdict.words if line.verdict else ""


class CartParcelOutput(serializers.Serializer):
    """One farmer's part. Postage and days are null while the province is not known."""

    farmer_name = serializers.CharField(source="farmer.name")
    shop = serializers.CharField(source="farmer.storefront.slug")
    lines = CartLineOutput(many=True)
    goods_fen = FenField(read_only=True)
    postage_fen = serializers.SerializerMethodField()
    weight_grams = GramsField(source="grams", read_only=True)
    arrives_after_days = serializers.SerializerMethodField(help_text="From payment: at the earliest, at the latest.")

    def get_postage_fen(self, parcel: PricedParcel) -> int | None:
        return parcel.postage_fen if parcel.journey else None

    def get_arrives_after_days(self, parcel: PricedParcel) -> list[int] | None:
        return [parcel.journey.arrives_min, parcel.journey.arrives_max] if parcel.journey else None


class CartOutput(serializers.Serializer):
    """The cart, priced now. It promises nothing: stock is held at checkout."""

    token = serializers.SerializerMethodField(help_text="A guest's: send it as Cart-Token. Null for who is signed in.")
    province = serializers.CharField(allow_blank=True)
    parcels = CartParcelOutput(many=True)
    gone = CartLineOutput(many=True, help_text="No longer on sale; they stop nothing.")
    goods_fen = FenField(read_only=True)
    postage_fen = FenField(read_only=True)
    total_fen = FenField(read_only=True)
    currency = CurrencyField()
    is_orderable = serializers.BooleanField()

    def get_token(self, cart: PricedCart) -> str | None:
        token = self.context.get("token")
        return str(token) if token else None


class OrderLineOutput(serializers.ModelSerializer):
    """Packs of one harvest, as they were called and priced at placement."""

    produce_name = serializers.CharField()
    trace_code = serializers.CharField(source="lot.trace_code")
    listing = serializers.IntegerField(source="listing_id")

    class Meta:
        model = OrderLine
        fields = ["listing", "produce_name", "trace_code", "pack_grams", "packs", "unit_price_fen", "total_fen"]
        read_only_fields = fields


class ParcelOutput(serializers.ModelSerializer):
    """One farmer's part of an order."""

    farmer_name = serializers.CharField(source="farmer.name")
    lines = OrderLineOutput(many=True)
    total_fen = FenField(read_only=True)
    courier = serializers.ChoiceField(Parcel.Courier.choices, allow_blank=True, help_text="Empty until it is posted.")

    class Meta:
        model = Parcel
        fields = [
            "number",
            "state",
            "farmer_name",
            "goods_fen",
            "postage_fen",
            "total_fen",
            "refunded_fen",
            "weight_grams",
            "post_by",
            "is_late",
            "courier",
            "tracking_number",
            "posted_at",
            "received_at",
            "claim_until",
            "settled_at",
            "lines",
        ]
        read_only_fields = fields


class StepOutput(serializers.Serializer):
    """Something that happened to a parcel, or (`at` null) comes next."""

    words = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class ParcelDetailOutput(ParcelOutput):
    """A parcel with its way so far, and what its buyer may do now."""

    steps = serializers.SerializerMethodField()
    can = serializers.SerializerMethodField(help_text="Any of receive, cancel, claim.")

    class Meta(ParcelOutput.Meta):
        fields = [*ParcelOutput.Meta.fields, "steps", "can"]
        read_only_fields = fields

    @extend_schema_field(StepOutput(many=True))
    def get_steps(self, parcel: Parcel) -> Any:
        return StepOutput(list(timeline.steps(parcel)), many=True).data

    def get_can(self, parcel: Parcel) -> list[str]:
        view = timeline.buyers_view(parcel, self.context["now"])
        may = {"receive": view.can_receive, "cancel": view.can_cancel, "claim": view.can_claim}
        return [name for name, is_so in may.items() if is_so]


class OrderOutput(serializers.ModelSerializer):
    """An order: paid once, one parcel per farmer."""

    currency = CurrencyField()
    province = serializers.CharField(source="province_id")
    parcels = ParcelOutput(many=True)

    class Meta:
        model = Order
        fields = [
            "number",
            "status",
            "goods_fen",
            "postage_fen",
            "round_up_fen",
            "total_fen",
            "currency",
            "recipient",
            "phone",
            "province",
            "address",
            "note",
            "placed_at",
            "pay_by",
            "paid_at",
            "parcels",
        ]
        read_only_fields = fields


class OrderDetailOutput(OrderOutput):
    """An order with each parcel's way."""

    parcels = ParcelDetailOutput(many=True)


class ReviewOutput(serializers.ModelSerializer):
    """What a buyer says of what they received."""

    listing = serializers.IntegerField(source="listing_id")
    photos = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = ["id", "listing", "stars", "words", "status", "written_at", "photos"]
        read_only_fields = fields

    @extend_schema_field(PhotoOutput(many=True))
    def get_photos(self, review: Review) -> Any:
        photos = [place.photo for place in review.photo_places.all()]
        return PhotoOutput(photos, many=True, context=self.context).data
