"""A farmer's money: what is held, what is due, parcel by parcel. Every figure is a sum out of the ledger."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import CurrencyField, FenField
from common.api.permissions import Scope
from common.api.views import ListMixin
from marketplace.api.farm import FarmViewSet
from orders.models import Parcel
from payments import earnings
from payments.models import Refund


class MoneyOutput(serializers.Serializer):
    """What one has with the shop: held until parcels have arrived well, and due to be paid out (below 0: owed)."""

    held_fen = serializers.IntegerField()
    due_fen = serializers.IntegerField()
    currency = CurrencyField()


class BackOutput(serializers.ModelSerializer):
    """What went back to the buyer, and why."""

    class Meta:
        model = Refund
        fields = ["amount_fen", "reason", "status"]
        read_only_fields = fields


class LineMoneyOutput(serializers.Serializer):
    """One line, and what the farmer keeps of it."""

    listing = serializers.IntegerField()
    produce_name = serializers.CharField()
    packs = serializers.IntegerField()
    take_home_fen = FenField(read_only=True)


class ParcelMoneyOutput(serializers.Serializer):
    """One paid parcel in its farmer's eyes."""

    number = serializers.CharField(source="parcel.number")
    state = serializers.ChoiceField(Parcel.State.choices, source="parcel.state")
    lines = serializers.SerializerMethodField()
    postage_fen = FenField(read_only=True)
    total_fen = FenField(read_only=True, help_text="All that is the farmer's, postage too.")
    held_fen = FenField(read_only=True)
    free_fen = FenField(read_only=True, help_text="Of that, what is released.")
    held_until = serializers.DateTimeField(allow_null=True, help_text="At the latest; null while it hangs on a word.")
    back = BackOutput(many=True)
    currency = CurrencyField()

    @extend_schema_field(LineMoneyOutput(many=True))
    def get_lines(self, money: earnings.ParcelMoney) -> list[dict[str, Any]]:
        return [
            {"listing": line.listing_id, "produce_name": line.produce_name, "packs": line.packs, "take_home_fen": fen}
            for line, fen in money.lines
        ]


class MoneyViewSet(FarmViewSet):
    """One's own farm's money."""

    serializer_class = MoneyOutput
    pagination_class = None
    queryset = Parcel.objects.none()

    @extend_schema(responses=MoneyOutput)
    def retrieve(self, request: Request) -> Response:
        """The balances now."""
        return self.show(earnings.money_of(self.farmer))


class ParcelMoneyViewSet(ListMixin, FarmViewSet):
    """One's own farm's parcels with their money, newest first."""

    serializer_class = ParcelMoneyOutput
    scope = Scope.SELL
    keyset = ("-pk",)
    queryset = Parcel.objects.none()

    def get_queryset(self) -> QuerySet[Parcel]:
        return Parcel.objects.of_farmer(self.farmer).select_related("order").prefetch_related("lines")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.get_queryset())
        shown = ParcelMoneyOutput(earnings.with_money(rows or []), many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)
