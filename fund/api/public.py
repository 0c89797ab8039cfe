"""Programmes with their figures and grants, and the whole of the fund. For everybody."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import CurrencyField, FenField
from common.api.permissions import Anybody
from common.api.views import ApiViewSet
from fund import queries
from fund.models import Area, Grant, Programme


class FundFiguresOutput(serializers.Serializer):
    """Sums out of the ledger: given + allotted - back = granted + set aside + there."""

    given_fen = FenField(source="given", read_only=True, help_text="Gifts and what buyers rounded up.")
    allotted_fen = serializers.IntegerField(
        source="allotted", help_text="From the sales' share, or passed on by the area."
    )
    granted_fen = FenField(source="granted", read_only=True, help_text="Paid, without what came back.")
    set_aside_fen = FenField(source="set_aside", read_only=True, help_text="Of approved grants that are not paid yet.")
    back_fen = FenField(source="back", read_only=True, help_text="Gifts given back.")
    there_fen = FenField(source="there", read_only=True)
    grants = serializers.IntegerField()
    people = serializers.IntegerField(help_text="Reached, as reported.")


class ProgrammeOutput(serializers.ModelSerializer):
    """A named use of the fund."""

    name = serializers.CharField(source="local_name")
    purpose = serializers.CharField(source="local_purpose")
    county = serializers.CharField(source="county.slug", allow_null=True, default=None, help_text="null: all counties.")
    takes_gifts = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField()
    currency = CurrencyField()

    class Meta:
        model = Programme
        fields = [
            "slug",
            "area",
            "name",
            "purpose",
            "county",
            "target_fen",
            "starts_on",
            "ends_on",
            "takes_gifts",
            "is_demo",
            "figures",
            "currency",
        ]
        read_only_fields = fields

    def get_takes_gifts(self, programme: Programme) -> bool:
        return programme.takes_gifts(timezone.localdate())

    @extend_schema_field(FundFiguresOutput)
    def get_figures(self, programme: Programme) -> Any:
        found = self.context["figures"].get(programme.slug, queries.Figures())
        return FundFiguresOutput(found).data


class GrantOutput(serializers.ModelSerializer):
    """A paid grant, as everybody may read it. A farmer is never named."""

    payee = serializers.CharField(source="public_payee")
    currency = CurrencyField()

    class Meta:
        model = Grant
        fields = [
            "id",
            "amount_fen",
            "purpose",
            "payee",
            "paid_on",
            "report",
            "beneficiaries",
            "reported_at",
            "currency",
        ]
        read_only_fields = fields


class ProgrammeDetailOutput(ProgrammeOutput):
    """A programme with its newest grants."""

    grants = serializers.SerializerMethodField()

    class Meta(ProgrammeOutput.Meta):
        fields = [*ProgrammeOutput.Meta.fields, "grants"]
        read_only_fields = fields

    @extend_schema_field(GrantOutput(many=True))
    def get_grants(self, programme: Programme) -> Any:
        return GrantOutput(queries.public_grants(programme), many=True).data


class ProgrammeViewSet(ApiViewSet):
    """What one may give for."""

    tag = "fund"
    scope = None
    permission_classes = [Anybody]
    serializer_class = ProgrammeOutput
    keyset = ("area", "pk")
    lookup_field = "slug"
    lookup_value_converter = "slug"

    def get_queryset(self) -> QuerySet[Programme]:
        return Programme.objects.select_related("county")

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"figures": queries.figures_by_account(self.kwargs.get("slug", ""))}

    @extend_schema(responses=ProgrammeOutput(many=True))
    def list(self, request: Request) -> Response:
        """All programmes, open or closed."""
        return self.paginated(self.filter_queryset(self.get_queryset()))

    @extend_schema(responses=ProgrammeDetailOutput)
    def retrieve(self, request: Request, slug: str) -> Response:
        """One programme with its newest grants."""
        return self.show(self.get_object(), serializer_class=ProgrammeDetailOutput)


class AreaOutput(serializers.Serializer):
    """One of the five areas with all its programmes; `own_fen` is in none of them yet."""

    area = serializers.ChoiceField(Area.choices)
    figures = FundFiguresOutput()
    own_fen = FenField(source="own.there", read_only=True)


class FundOutput(serializers.Serializer):
    """All of the fund. `pool_fen`: the sales' share that has no purpose yet, below 0 after late refunds."""

    areas = AreaOutput(many=True)
    pool_fen = serializers.IntegerField()
    held_fen = FenField(read_only=True, help_text="The share of parcels that are not settled yet.")
    currency = CurrencyField()


class FundViewSet(ApiViewSet):
    """The fund as a whole."""

    tag = "fund"
    scope = None
    permission_classes = [Anybody]
    serializer_class = FundOutput
    queryset = Programme.objects.none()
    pagination_class = None

    @extend_schema(responses=FundOutput)
    def retrieve(self, request: Request) -> Response:
        """Its areas with their sums."""
        found = {"areas": queries.areas(), "pool_fen": queries.pool_fen(), "held_fen": queries.pool_held_fen()}
        return self.show(found)
