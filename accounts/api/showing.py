"""What people and places look like in the API."""

from typing import Any

from rest_framework import serializers

from accounts.contacts import parse_phone
from accounts.models import Address, County, Farmer, Region
from common.api.fields import FlagField, Input, TextField
from common.errors import InvalidInput


class RegionOutput(serializers.ModelSerializer):
    """A province, prefecture or county anywhere in China."""

    name = serializers.CharField(source="local_name", help_text="In the language asked for.")
    parent = serializers.CharField(source="parent_id", allow_null=True)

    class Meta:
        model = Region
        fields = ["code", "name", "name_zh", "name_en", "level", "parent"]
        read_only_fields = fields


class CountyOutput(serializers.ModelSerializer):
    """One of the 832."""

    name = serializers.CharField(source="local_name", help_text="In the language asked for.")
    province = RegionOutput()

    class Meta:
        model = County
        fields = ["slug", "code", "name", "name_zh", "name_en", "province", "latitude", "longitude", "year_lifted"]
        read_only_fields = fields


class AddressOutput(serializers.ModelSerializer):
    """Where one's parcels go."""

    province = RegionOutput()
    prefecture = RegionOutput()
    county = RegionOutput(allow_null=True)

    class Meta:
        model = Address
        fields = ["id", "recipient", "phone", "province", "prefecture", "county", "detail", "is_default"]
        read_only_fields = fields


class AddressInput(Input):
    """An address. Regions by code; `county` is left empty where a prefecture has none."""

    recipient = TextField(max_length=40)
    phone = TextField(max_length=40, help_text="Any usual way of writing it; kept as E.164.")
    province = TextField(max_length=12)
    prefecture = TextField(max_length=12)
    county = TextField(max_length=12, required=False, default="", allow_blank=True)
    detail = TextField(min_length=2, max_length=200)
    is_default = FlagField(required=False, default=False)

    def validate_phone(self, value: str) -> str:
        try:
            return parse_phone(value)
        except InvalidInput as error:
            raise serializers.ValidationError(error.message, error.code) from None


class SellerOutput(serializers.ModelSerializer):
    """What somebody sells as."""

    county = CountyOutput()

    class Meta:
        model = Farmer
        fields = ["id", "name", "kind", "status", "women_led", "county"]
        read_only_fields = fields


class MeOutput(serializers.Serializer):
    """Who is asking, what else they are, and what their token may."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    phone = serializers.CharField(source="masked_phone", help_text="Masked.")
    email = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    is_moderator = serializers.BooleanField()
    may_verify_farmers = serializers.SerializerMethodField()
    farmer = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField()

    def get_may_verify_farmers(self, user: Any) -> bool:
        return bool(self.context["roles"]["may_verify"])

    def get_farmer(self, user: Any) -> Any:
        farmer = self.context["roles"]["farmer"]
        return SellerOutput(farmer).data if farmer else None

    def get_scopes(self, user: Any) -> list[str] | None:
        auth = self.context["request"].auth
        return list(auth.scopes) if auth is not None else None


class NameInput(Input):
    """The name one is greeted by."""

    name = TextField(max_length=60, allow_blank=True)
