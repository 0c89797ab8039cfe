"""What a farmer's own listings, lots, sheets and shop look like in the API, and what comes in."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import FenField, GramsField, Input, TextField, WholeField
from marketplace.api.showing import KindOutput, PhotoOutput
from marketplace.models import Listing, ListingRevision, Lot, Produce, SheetImport, Storefront
from marketplace.services.drafts import MAX_PHOTOS
from marketplace.services.lots import Harvest
from marketplace.sheets.problems import Problem


class OwnLotOutput(serializers.ModelSerializer):
    """A harvest with its counters: harvested = sold + held + left."""

    left = serializers.IntegerField(read_only=True)

    class Meta:
        model = Lot
        fields = [
            "id", "listing", "trace_code", "harvested", "held", "sold", "left", "grade", "picked_on", "expected_from",
            "expected_until", "created_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields


class OwnRevisionOutput(serializers.ModelSerializer):
    """One version of a listing, with what the moderators said about it."""

    produce = KindOutput()
    price_fen = FenField(read_only=True, allow_null=True)
    pack_grams = GramsField(read_only=True, allow_null=True)
    photos = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField(help_text="Why it came back; empty where it did not.")

    class Meta:
        model = ListingRevision
        fields = [
            "number", "status", "produce", "pack_grams", "price_fen", "packs", "words", "origin", "keeps_days", "photos",
            "reason", "submitted_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(PhotoOutput(many=True))
    def get_photos(self, revision: ListingRevision) -> Any:
        places = [place.photo for place in revision.photo_places.all()]
        return PhotoOutput(places, many=True, context=self.context).data

    def get_reason(self, revision: ListingRevision) -> str:
        return " ".join(decision.reason for decision in revision.decisions.all())


class OwnListingOutput(serializers.ModelSerializer):
    """One's own listing: what buyers see, the newest revision, the harvests on sale."""

    price_fen = FenField(read_only=True, allow_null=True)
    pack_grams = GramsField(read_only=True, allow_null=True)
    newest = serializers.SerializerMethodField(help_text="The version written last, whatever became of it.")
    lots = serializers.SerializerMethodField()

    class Meta:
        model = Listing
        fields = [
            "id",
            "status",
            "price_fen",
            "pack_grams",
            "words",
            "origin",
            "keeps_days",
            "newest",
            "lots",
            "live_since",
        ]
        read_only_fields = fields

    @extend_schema_field(OwnRevisionOutput(allow_null=True))
    def get_newest(self, listing: Listing) -> Any:
        newest = max(listing.revisions.all(), key=lambda revision: revision.number, default=None)
        return OwnRevisionOutput(newest, context=self.context).data if newest else None

    @extend_schema_field(OwnLotOutput(many=True))
    def get_lots(self, listing: Listing) -> Any:
        return OwnLotOutput([lot for lot in listing.lots.all() if lot.closed_at is None], many=True).data


class OwnShopOutput(serializers.ModelSerializer):
    """One's own shop page: what is shown, and what waits for a moderator."""

    class Meta:
        model = Storefront
        fields = ["slug", "story", "proposed_story", "proposed_at", "rating_count"]
        read_only_fields = fields


class ProblemOutput(serializers.Serializer):
    """One cell to mend."""

    sheet = serializers.CharField()
    row = serializers.IntegerField(help_text="0: the whole file.")
    column = serializers.CharField(help_text="Its letter.")
    key = serializers.CharField(help_text="The column's own name.")
    typed = serializers.CharField()
    message = serializers.CharField()
    right = serializers.CharField(help_text="What would be right.")


class SheetOutput(serializers.ModelSerializer):
    """A sheet that was sent in: how it stands, what is wrong with it, what it would do."""

    problems = serializers.SerializerMethodField()

    class Meta:
        model = SheetImport
        fields = [
            "id", "file_name", "status", "row_count", "new_count", "changed_count", "unchanged_count", "problem_count",
            "problems", "has_moved_on", "uploaded_at", "confirmed_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ProblemOutput(many=True))
    def get_problems(self, sheet: SheetImport) -> Any:
        return ProblemOutput([Problem(**said) for said in sheet.problems], many=True).data


class StartInput(Input):
    """Step one: what it is, and photos by key, the first as the cover."""

    produce = serializers.SlugRelatedField(slug_field="slug", queryset=Produce.objects.filter(parent__isnull=False))
    photos = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=MAX_PHOTOS)


class PackInput(Input):
    """Step two: the pack, its price, how many."""

    pack_grams = GramsField()
    price_fen = FenField()
    packs = WholeField(min_value=1, max_value=100_000)


class HarvestFields(Input):
    """Picked on a day, or expected between two."""

    grade = serializers.ChoiceField(Lot.Grade.choices, required=False, default=Lot.Grade.FIRST)
    picked_on = serializers.DateField(required=False, allow_null=True, default=None)
    expected_from = serializers.DateField(required=False, allow_null=True, default=None)
    expected_until = serializers.DateField(required=False, allow_null=True, default=None)


def harvest_of(sent: dict[str, Any]) -> Harvest:
    """The harvest in what came in."""
    return Harvest(sent["grade"], sent["picked_on"], sent["expected_from"], sent["expected_until"])


class HarvestInput(HarvestFields):
    """Step three. For a listing on sale, the harvest is left out: it has its lots."""

    origin = TextField(max_length=60)
    keeps_days = WholeField(min_value=1, max_value=1100)
    words = TextField(max_length=300, required=False, default="", allow_blank=True)


class LotInput(HarvestFields):
    """Another harvest of a listing on sale."""

    packs = WholeField(min_value=1, max_value=100_000)


class PriceInput(Input):
    price_fen = FenField()


class LeftInput(Input):
    """How many packs can still be sold; 0 stops it."""

    left = WholeField(min_value=0, max_value=100_000)


class PickedInput(Input):
    picked_on = serializers.DateField()


class ShopInput(Input):
    """The whole of story and photo (by key; null takes it away)."""

    story = TextField(max_length=2000, allow_blank=True)
    photo = serializers.UUIDField(required=False, allow_null=True, default=None)


class PhotoInput(Input):
    photo = serializers.FileField(help_text="JPEG, PNG or WebP.")


class SheetInput(Input):
    file = serializers.FileField(help_text="CSV or XLSX, see docs/import.md.")
