"""One's own gifts: given, paid, and followed to the grants that they became part of."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from accounts.models import User
from common.api.fields import CurrencyField, FenField, Input, TextField
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin
from common.errors import InvalidInput
from fund import queries
from fund.names import purpose_slug
from fund.services import giving
from payments.api.paying import PayInput, PayUrlOutput
from payments.models import Gift
from payments.services.giving import start_gift_payment
from payments.views.paying import urls_of


class GiveInput(Input):
    """How much, for what, and how the giver wants to be named."""

    purpose = TextField(max_length=24, help_text="The slug of a programme, or an area in small letters.")
    amount_fen = FenField(help_text="100 to 5,000,000.")
    shown_name = TextField(
        max_length=30, required=False, default="", allow_blank=True, help_text="That everybody may read; empty: none."
    )
    receipt_name = TextField(max_length=60, required=False, default="", allow_blank=True)


class PartOutput(serializers.Serializer):
    """What of a gift is in a paid grant."""

    grant = serializers.IntegerField()
    programme = serializers.CharField(help_text="Its slug.")
    purpose = serializers.CharField()
    fen = FenField(read_only=True)


class GiftOutput(serializers.ModelSerializer):
    """A gift of one's own."""

    purpose = serializers.SerializerMethodField(help_text="The slug of a programme, or an area in small letters.")
    shown_name = serializers.CharField(source="donation.shown_name")
    currency = CurrencyField()

    class Meta:
        model = Gift
        fields = ["id", "number", "purpose", "amount_fen", "currency", "status", "shown_name", "made_at", "paid_at"]
        read_only_fields = fields

    def get_purpose(self, gift: Gift) -> str:
        return purpose_slug(gift.account)


class GiftDetailOutput(GiftOutput):
    """A gift and what became of it. parts + waiting + back = its amount, once it has arrived."""

    parts = serializers.SerializerMethodField()
    waiting_fen = serializers.SerializerMethodField(help_text="Not part of a grant yet.")
    back_fen = serializers.SerializerMethodField(help_text="Given back.")

    class Meta(GiftOutput.Meta):
        fields = [*GiftOutput.Meta.fields, "parts", "waiting_fen", "back_fen"]
        read_only_fields = fields

    @extend_schema_field(PartOutput(many=True))
    def get_parts(self, gift: Gift) -> Any:
        found = self._given(gift)
        return [
            {"grant": grant.pk, "programme": grant.programme.slug, "purpose": grant.purpose, "fen": fen}
            for grant, fen in (found.parts if found else [])
        ]

    def get_waiting_fen(self, gift: Gift) -> int:
        found = self._given(gift)
        return found.waiting if found else 0

    def get_back_fen(self, gift: Gift) -> int:
        found = self._given(gift)
        return found.back if found else 0

    def _given(self, gift: Gift) -> queries.Given | None:
        if "given" not in self.context:
            self.context["given"] = queries.given_as(gift)
        found: queries.Given | None = self.context["given"]
        return found


def _give(giver: User, key: uuid.UUID, said: dict[str, Any]) -> Gift:
    try:
        return giving.give(giver=giver, key=key, now=timezone.now(), **said)
    except InvalidInput as error:
        error.field = "amount_fen" if error.field == "amount" else error.field  # as programs call it
        raise


class GiftViewSet(ListMixin, ApiViewSet):
    """One's own gifts, newest first."""

    tag = "fund"
    scope = Scope.BUY
    throttle_scope = "pay"
    serializer_class = GiftOutput
    queryset = Gift.objects.none()

    def get_queryset(self) -> QuerySet[Gift]:
        return Gift.objects.given_by(self.request.user).select_related("account", "donation")

    @extend_schema(responses=GiftDetailOutput)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One gift, and the grants that it became part of."""
        found = get_object_or_404(self.get_queryset(), pk=pk)
        return self.show(found, serializer_class=GiftDetailOutput)

    @extend_schema(request=GiveInput, responses={201: GiftOutput})
    @idempotent
    def create(self, request: Request) -> Any:
        """Give; the gift is to be paid next."""
        said = self.read(GiveInput)
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"gift:{request.user.pk}:{request.headers['Idempotency-Key']}")
        return keep(
            request,
            lambda: _give(request.user, key, said),
            lambda gift: self.show(self.get_queryset().get(pk=gift.pk), status=201),
        )

    @extend_schema(request=PayInput, responses=PayUrlOutput)
    @idempotent
    def pay(self, request: Request, pk: int) -> Response:
        """Start paying: the provider's page to go to. A gift has one live payment, whoever asks how often."""
        found = get_object_or_404(self.get_queryset(), pk=pk)
        how, now = self.read(PayInput), timezone.now()
        url = start_gift_payment(
            gift_id=found.pk, now=now, pay_by=now + giving.TIME_TO_PAY, urls=urls_of(request._request), **how
        )
        return Response({"url": request.build_absolute_uri(url)})
