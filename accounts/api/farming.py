"""Becoming a farmer, and where that stands."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import County, Farmer
from accounts.services.farmers import Application, apply_to_sell
from common.api.etags import takes_if_match, unchanged
from common.api.fields import FlagField, Input, TextField
from common.api.permissions import Scope
from common.api.views import ApiViewSet
from common.errors import InvalidInput


class OwnFarmOutput(serializers.ModelSerializer):
    """One's own farm, as only oneself sees it. The account is masked."""

    county = serializers.CharField(source="county.slug")
    payee_account = serializers.CharField(source="masked_payee_account")

    class Meta:
        model = Farmer
        fields = [
            "id", "name", "kind", "county", "town", "village", "women_led", "registered_poor", "payee_kind",
            "payee_name", "payee_account", "status", "status_reason", "applied_at", "verified_at",
        ]  # fmt: skip
        read_only_fields = fields


class ApplicationInput(Input):
    """What a household or cooperative tells about itself. No company licence."""

    county = TextField(max_length=60, help_text="The slug of one of the 832 counties.")
    kind = serializers.ChoiceField(Farmer.Kind.choices)
    name = TextField(min_length=2, max_length=60)
    town = TextField(max_length=60)
    village = TextField(max_length=60)
    women_led = FlagField(required=False, default=False)
    registered_poor = FlagField(required=False, default=False)
    payee_kind = serializers.ChoiceField(Farmer.PayeeKind.choices)
    payee_name = TextField(min_length=2, max_length=60)
    payee_account = TextField(max_length=64)


class FarmViewSet(ApiViewSet):
    """One's own farm."""

    tag = "selling"
    scope = Scope.SELL
    serializer_class = OwnFarmOutput
    pagination_class = None
    queryset = Farmer.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[Farmer]:
        return Farmer.objects.filter(user=self.request.user.pk).select_related("county")

    @extend_schema(responses=OwnFarmOutput)
    def retrieve(self, request: Request) -> Response:
        """Where the application stands; 404 for who has not applied."""
        return self.show(get_object_or_404(self.get_queryset()))

    @extend_schema(request=ApplicationInput, responses=OwnFarmOutput)
    @takes_if_match
    def update(self, request: Request) -> Response:
        """Apply to sell, or correct what was applied with. 409 once verified or suspended."""
        sent: dict[str, Any] = self.read(ApplicationInput)
        county = County.objects.filter(slug=sent.pop("county")).first()
        if county is None:
            raise InvalidInput(field="county")
        application = Application(county_id=county.pk, **sent)
        with unchanged(request, f"farm:{request.user.pk}", lambda: self.retrieve(request).data):
            apply_to_sell(user_id=request.user.pk, application=application, now=timezone.now())
        return self.show(self.get_queryset().get())
