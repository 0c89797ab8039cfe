"""What a farmer packs and posts. The address is shown to them alone, while they need it."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.idempotency import idempotent, keep
from common.api.fields import FenField, Input, TextField
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin, RetrieveMixin
from orders import queries
from orders.api.showing import OrderLineOutput
from orders.models import Order, Parcel
from orders.services import parcels

UNASKED = (Parcel.State.PLACED, Parcel.State.RELEASED)


class PackOutput(serializers.ModelSerializer):
    """A parcel as its farmer sees it. Who it goes to is null once it is not to be packed or on its way any more."""

    lines = OrderLineOutput(many=True)
    goods_fen = FenField(read_only=True)
    postage_fen = FenField(read_only=True)
    courier = serializers.ChoiceField(Parcel.Courier.choices, allow_blank=True, help_text="Empty until it is posted.")
    to = serializers.SerializerMethodField()
    collect_fen = serializers.SerializerMethodField(
        help_text="What the courier has to collect on delivery, in fen; 0 for what is paid."
    )

    class Meta:
        model = Parcel
        fields = [
            "number", "state", "post_by", "is_late", "weight_grams", "goods_fen", "postage_fen", "courier",
            "tracking_number", "posted_at", "received_at", "settled_at", "lines", "to", "collect_fen",
        ]  # fmt: skip
        read_only_fields = fields

    def get_collect_fen(self, parcel: Parcel) -> int:
        return parcel.total_fen if parcel.order.status == Order.Status.PROMISED else 0

    def get_to(self, parcel: Parcel) -> dict[str, str] | None:
        if parcel.state not in (Parcel.State.TO_PACK, Parcel.State.ON_THE_WAY):
            return None
        order = parcel.order
        return {"recipient": order.recipient, "phone": order.phone, "address": order.address, "note": order.note}


class PostInput(Input):
    """The courier, and the number on the slip."""

    courier = serializers.ChoiceField(Parcel.Courier.choices)
    tracking_number = TextField(max_length=40)


class PackFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=[choice for choice in Parcel.State.choices if choice[0] not in UNASKED])


class PackViewSet(ListMixin, RetrieveMixin, ApiViewSet):
    """Parcels to pack, paid or to be paid on delivery, newest first; `?state=TO_PACK` is the pack list."""

    tag = "selling"
    scope = Scope.SELL
    serializer_class = PackOutput
    filterset_class = PackFilter
    keyset = ("-pk",)
    lookup_field = "number"
    lookup_value_converter = "slug"
    queryset = Parcel.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[Parcel]:
        asked = queries.parcels_with_lines().exclude(state__in=UNASKED)
        return asked.filter(farmer__user=self.request.user.pk)

    @extend_schema(request=PostInput, responses=PackOutput)
    @idempotent
    def post_it(self, request: Request, number: str) -> Any:
        """It is with the courier; or, while it is on its way, the number put right."""
        parcel = self.get_object()
        sent = self.read(PostInput)
        act = parcels.post_parcel if parcel.state == Parcel.State.TO_PACK else parcels.correct_tracking
        return keep(
            request,
            lambda: act(parcel_id=parcel.pk, actor=request.user, now=timezone.now(), **sent),
            lambda _moved: self.show(self.get_object()),
        )
