"""Finding things: produce, listings by filter and search, shops, and the code on a box. For everybody."""

import re
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import County
from common.api.fields import FlagField, TextField, WholeField
from common.api.pages import KeysetPagination, bad_cursor, decode_cursor, encode_cursor, page_size, paged
from common.api.permissions import Anybody
from common.api.views import ApiViewSet, ListMixin, RetrieveMixin
from common.money import MAX_FEN
from marketplace.api.showing import CardOutput, ListingOutput, ProduceOutput, ShopOutput, TraceOutput
from marketplace.models import Listing, Lot, Produce, Storefront
from marketplace.models.listings import ListingQuerySet
from marketplace.queries import window
from marketplace.queries.distance import place_of
from marketplace.queries.facets import facets
from marketplace.queries.shelves import PAGE_SIZE, SORTS, Stock, Wanted, cards, page_of
from marketplace.queries.vocabulary import corrected, suggest
from marketplace.search import MAX_QUERY_CHARS, search_query

STOCK = [Stock.ANY, Stock.NOW, Stock.PRESALE, Stock.SOLD_OUT_TOO]


class Open(ApiViewSet):
    """What buyers may see without signing in."""

    scope = None
    permission_classes = [Anybody]


class ProduceFilter(django_filters.FilterSet):
    group = django_filters.CharFilter(field_name="parent__slug", max_length=60)


class ProduceViewSet(ListMixin, RetrieveMixin, Open):
    """The taxonomy: groups and kinds."""

    tag = "produce"
    serializer_class = ProduceOutput
    filterset_class = ProduceFilter
    keyset = ("position", "pk")
    lookup_field = "slug"
    lookup_value_converter = "slug"
    page_size = 100

    def get_queryset(self) -> QuerySet[Produce]:
        return Produce.objects.select_related("parent")


class FinderQuery(serializers.Serializer):
    """Filters and order of listings, as on the pages."""

    q = TextField(required=False, allow_blank=True, max_length=MAX_QUERY_CHARS, help_text="Chinese, pinyin or English.")
    produce = TextField(required=False, max_length=60, help_text="The slug of a kind or a group.")
    province = TextField(required=False, max_length=12)
    county = TextField(required=False, max_length=60, help_text="The slug of one of the 832.")
    shop = TextField(required=False, max_length=40, help_text="The slug of a shop.")
    stock = serializers.ChoiceField(STOCK, required=False, help_text="`any`: can be bought; `all`: sold out too.")
    women_led = FlagField(required=False)
    min_fen_per_kg = WholeField(required=False, min_value=0, max_value=MAX_FEN)
    max_fen_per_kg = WholeField(required=False, min_value=0, max_value=MAX_FEN)
    sort = serializers.ChoiceField(
        [*sorted(SORTS), "near"],
        required=False,
        help_text="Else by relevance, or the newest first; `near` needs `near`.",
    )
    near = TextField(required=False, max_length=20, help_text="From where: a province's code, or `24.9,115.6`.")

    def validate_near(self, value: str) -> str:
        if place_of(value) is None:
            raise serializers.ValidationError(_("Please choose a province, or say where as 24.9,115.6."), "invalid")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("sort") == "near" and "near" not in attrs:
            told = serializers.ErrorDetail(_("Please choose a province, or say where as 24.9,115.6."), "required")
            raise serializers.ValidationError({"near": [told]})
        return attrs

    def listings(self) -> ListingQuerySet:
        """What the filters are applied to."""
        sent = self.validated_data
        listings = cards()
        if slug := sent.get("shop"):
            listings = listings.filter(farmer__storefront__slug=slug)
        typed = sent.get("q", "").strip()
        nothing = (typed and not search_query(typed)) or (sent.get("produce") and not self._kinds())
        return listings.none() if nothing else listings

    def _kinds(self) -> tuple[int, ...]:
        slug = self.validated_data.get("produce")
        kinds = Produce.objects.filter(Q(slug=slug) | Q(parent__slug=slug)) if slug else Produce.objects.none()
        return tuple(kinds.values_list("pk", flat=True))

    def wanted(self, after: str = "") -> Wanted:
        """The same question as the pages ask."""
        sent = self.validated_data
        return Wanted(
            produce=self._kinds(),
            near=sent.get("near", ""),
            province=sent.get("province", ""),
            county=sent.get("county", ""),
            women_led=sent.get("women_led", False),
            stock=sent.get("stock", Stock.ANY),
            min_fen_per_kg=sent.get("min_fen_per_kg"),
            max_fen_per_kg=sent.get("max_fen_per_kg"),
            query=search_query(sent.get("q", "").strip()),
            sort=sent.get("sort", ""),
            after=after,
        )


class ListingViewSet(Open):
    """What is on sale."""

    tag = "listings"
    serializer_class = ListingOutput
    queryset = Listing.objects.none()
    pagination_class = KeysetPagination

    @extend_schema(parameters=[FinderQuery], responses=CardOutput(many=True))
    def list(self, request: Request) -> Response:
        """Listings by what they are, where they come from, what they cost, or by what one types."""
        asked = FinderQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        size = page_size(request, PAGE_SIZE)
        page = page_of(asked.listings(), asked.wanted(_after(request)), size)
        rows = CardOutput(page.listings, many=True, context=self.get_serializer_context()).data
        return paged(request, rows, encode_cursor([page.after]) if page.after else "")

    @extend_schema(responses=ListingOutput)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One listing with its photos and the lots one can buy from."""
        listing = get_object_or_404(window.listing_page(), pk=pk)
        lots = window.open_lots(listing) if listing.status == Listing.Status.LIVE else []
        return Response(ListingOutput(listing, context=self.get_serializer_context() | {"lots": lots}).data)


class CountsOutput(serializers.Serializer):
    """How many listings each choice of a filter would leave, the other filters kept."""

    total = serializers.IntegerField()
    at_least = serializers.BooleanField(help_text="There are more than were counted.")
    produce = serializers.DictField(child=serializers.IntegerField(), help_text="By slug.")
    provinces = serializers.DictField(child=serializers.IntegerField(), help_text="By code.")
    counties = serializers.DictField(child=serializers.IntegerField(), help_text="By slug, in the province asked for.")
    women_led = serializers.IntegerField()
    stock = serializers.DictField(child=serializers.IntegerField(), help_text="By the values of `stock`.")


class CountsViewSet(Open):
    """Counts beside the filters."""

    tag = "listings"
    serializer_class = CountsOutput
    queryset = Listing.objects.none()
    pagination_class = None

    @extend_schema(parameters=[FinderQuery], responses=CountsOutput)
    def retrieve(self, request: Request) -> Response:
        """How many listings each filter would leave. Takes the same parameters as the list."""
        asked = FinderQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = facets(asked.listings(), asked.wanted())
        kinds = dict(Produce.objects.filter(pk__in=found.produce).values_list("pk", "slug"))
        counties = dict(County.objects.filter(pk__in=found.counties).values_list("pk", "slug"))
        return self.show(
            {
                "total": found.total,
                "at_least": found.at_least,
                "produce": {kinds[pk]: count for pk, count in found.produce.items()},
                "provinces": found.provinces,
                "counties": {counties[pk]: count for pk, count in found.counties.items()},
                "women_led": found.women_led,
                "stock": {name or Stock.ANY: count for name, count in found.stock.items()},
            }
        )


class TypedQuery(serializers.Serializer):
    """What has been typed so far."""

    q = TextField(max_length=MAX_QUERY_CHARS)


class SuggestionOutput(serializers.Serializer):
    """Something to look for: `name` is what to search for, `county` or `farm` the slug of a page that is meant."""

    kind = serializers.CharField()
    name = serializers.CharField()
    label = serializers.CharField()
    offers = serializers.IntegerField(help_text="How many listings it has now.")
    county = serializers.CharField(allow_blank=True)
    farm = serializers.CharField(allow_blank=True)


class SuggestionsOutput(serializers.Serializer):
    """What begins like what was typed, and what was probably meant where it is misspelled."""

    suggestions = SuggestionOutput(many=True)
    meant = serializers.CharField(allow_null=True)


class SuggestViewSet(Open):
    """Help while typing."""

    tag = "listings"
    serializer_class = SuggestionsOutput
    queryset = Listing.objects.none()
    pagination_class = None

    @extend_schema(parameters=[TypedQuery], responses=SuggestionsOutput)
    def retrieve(self, request: Request) -> Response:
        """At most eight suggestions, and a correction."""
        typed = self.read_query(TypedQuery)["q"]
        correction = corrected(typed)
        return self.show({"suggestions": suggest(typed), "meant": correction.text if correction else None})


def _after(request: Request) -> str:
    """Where the page begins, out of an opaque cursor. Raises Problem(400)."""
    if not (cursor := request.query_params.get("cursor", "")):
        return ""
    keys = decode_cursor(cursor)
    if len(keys) != 1 or not isinstance(keys[0], str) or not re.fullmatch(r"-?[0-9]{1,19}\.[0-9]{1,19}", keys[0]):
        raise bad_cursor()
    return str(keys[0])


class ShopViewSet(RetrieveMixin, ListMixin, Open):
    """Farmers' shop pages."""

    tag = "shops"
    serializer_class = ShopOutput
    lookup_field = "slug"
    lookup_value_converter = "slug"
    keyset = ("-pk",)

    def get_queryset(self) -> QuerySet[Storefront]:
        return window.storefronts()


class LotViewSet(Open):
    """The code on a box."""

    tag = "lots"
    serializer_class = TraceOutput
    queryset = Lot.objects.none()
    pagination_class = None

    @extend_schema(responses=TraceOutput)
    def retrieve(self, request: Request, trace_code: str) -> Response:
        """Who grew it, where, and when it was picked; also long after it has sold out."""
        lot = get_object_or_404(window.traceable_lots(), trace_code=trace_code.upper())
        context = self.get_serializer_context() | {"approved_at": window.approved_at(lot.listing)}
        return Response(TraceOutput(lot, context=context).data)
