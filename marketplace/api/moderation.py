"""The moderators' desk: what waits, one revision beside what is shown, and the decision."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries import is_close_to
from common.api.fields import FenField, GramsField, Input, TextField
from common.api.permissions import ModeratorsOnly, Scope
from common.api.views import ApiViewSet, ListMixin
from marketplace.api.showing import KindOutput, PhotoOutput
from marketplace.models import Listing, ListingRevision, ModerationDecision, Storefront
from marketplace.queries import moderation as queries
from marketplace.queries.signals import signals_of
from marketplace.services import moderation

Verdict = ModerationDecision.Verdict
DECIDE = [Verdict.APPROVE, Verdict.ASK_CHANGE, Verdict.REJECT]


class WaitingOutput(serializers.ModelSerializer):
    """A revision in the queue."""

    produce = KindOutput()
    listing = serializers.IntegerField(source="listing_id")
    farmer_name = serializers.CharField(source="listing.farmer.name")
    county_name = serializers.CharField(source="listing.farmer.county.local_name")
    price_fen = FenField(read_only=True, allow_null=True)
    pack_grams = GramsField(read_only=True, allow_null=True)

    class Meta:
        model = ListingRevision
        fields = [
            "id",
            "listing",
            "number",
            "status",
            "produce",
            "farmer_name",
            "county_name",
            "price_fen",
            "pack_grams",
            "words",
            "origin",
            "keeps_days",
            "submitted_at",
        ]
        read_only_fields = fields


class RevisionOutput(WaitingOutput):
    """A revision beside what buyers see now: what differs, the photos, the farmer's record, the usual price."""

    changed = serializers.SerializerMethodField(help_text="Which fields differ; empty for a new listing.")
    photos = serializers.SerializerMethodField()
    record = serializers.SerializerMethodField(help_text="How the moderators decided about this farmer so far.")
    usual_fen_per_kg = serializers.SerializerMethodField(help_text="From, to; null where too few sell it.")
    stands_out = serializers.SerializerMethodField(help_text="Signs to look at: price, photos, words, new.")
    is_own = serializers.SerializerMethodField(help_text="Nobody decides about what they sell themselves.")

    class Meta(WaitingOutput.Meta):
        fields = [*WaitingOutput.Meta.fields, "changed", "photos", "record", "usual_fen_per_kg", "stands_out", "is_own"]
        read_only_fields = fields

    def get_changed(self, revision: ListingRevision) -> list[str]:
        return sorted(self.context["comparison"].changed)

    @extend_schema_field(PhotoOutput(many=True))
    def get_photos(self, revision: ListingRevision) -> Any:
        photos = [photo for photo, _is_new in self.context["comparison"].photos]
        return PhotoOutput(photos, many=True, context=self.context).data

    def get_record(self, revision: ListingRevision) -> dict[str, int]:
        record = self.context["record"]
        return {name: getattr(record, name) for name in ("live", "approved", "sent_back", "taken_down")}

    def get_usual_fen_per_kg(self, revision: ListingRevision) -> list[int] | None:
        price = self.context["signals"].price
        return [price.low, price.high] if price and price.is_known else None

    def get_stands_out(self, revision: ListingRevision) -> list[str]:
        return self.context["signals"].names

    def get_is_own(self, revision: ListingRevision) -> bool:
        return is_close_to(self.context["request"].user, revision.listing.farmer)


class DecisionOutput(serializers.ModelSerializer):
    """A decision, kept for good."""

    class Meta:
        model = ModerationDecision
        fields = ["id", "listing", "revision", "storefront", "verdict", "reason", "decided_at"]
        read_only_fields = fields


class DecisionInput(Input):
    """Approve, ask for a change or reject. Whoever is told no is told why."""

    verdict = serializers.ChoiceField(DECIDE)
    reason = TextField(max_length=300, required=False, default="", allow_blank=True)


class ProposalInput(DecisionInput):
    """The same about a shop page; `proposed_at` is the proposal that was looked at."""

    proposed_at = serializers.DateTimeField()


class ReasonInput(Input):
    """Why; the farmer reads it."""

    reason = TextField(max_length=300, allow_blank=True, required=False, default="")


class RevisionViewSet(ListMixin, ApiViewSet):
    """Revisions of listings that wait for a decision, oldest first."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [ModeratorsOnly]
    serializer_class = WaitingOutput
    keyset = ("submitted_at", "pk")

    def get_queryset(self) -> QuerySet[ListingRevision]:
        waiting = ListingRevision.objects.filter(status=ListingRevision.Status.WAITING)
        return waiting.select_related("produce", "listing__farmer__county")

    def _one(self, pk: int) -> ListingRevision:
        whole = ListingRevision.objects.exclude(status=ListingRevision.Status.DRAFT).select_related(
            "produce", "listing__produce", "listing__approved_revision", "listing__farmer__county"
        )
        return get_object_or_404(whole, pk=pk)

    @extend_schema(responses=RevisionOutput)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One revision beside what is shown now."""
        revision = self._one(pk)
        context = self.get_serializer_context() | {
            "comparison": queries.compare(revision),
            "record": queries.record_of(revision.listing.farmer),
            "signals": signals_of([revision])[revision.pk],
        }
        return Response(RevisionOutput(revision, context=context).data)

    @extend_schema(request=DecisionInput, responses={201: DecisionOutput})
    def decide(self, request: Request, pk: int) -> Response:
        """Decide. Once; a second decision is 409 `already_decided`."""
        revision = self._one(pk)
        sent = self.read(DecisionInput)
        made = moderation.decide_revision(
            revision_id=revision.pk,
            moderator=request.user,
            verdict=Verdict(sent["verdict"]),
            reason=sent["reason"],
            now=timezone.now(),
        )
        return self.show(made, status=201, serializer_class=DecisionOutput)


class ShopProposalOutput(serializers.ModelSerializer):
    """A shop page's proposed words and photo beside those shown."""

    farmer_name = serializers.CharField(source="farmer.name")
    photo = PhotoOutput(allow_null=True)
    proposed_photo = PhotoOutput(allow_null=True)

    class Meta:
        model = Storefront
        fields = ["id", "slug", "farmer_name", "story", "photo", "proposed_story", "proposed_photo", "proposed_at"]
        read_only_fields = fields


class ShopProposalViewSet(ListMixin, ApiViewSet):
    """Shop pages whose proposal waits, oldest first."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [ModeratorsOnly]
    serializer_class = ShopProposalOutput
    keyset = ("proposed_at", "pk")

    def get_queryset(self) -> QuerySet[Storefront]:
        proposed = Storefront.objects.filter(proposed_at__isnull=False)
        return proposed.select_related("farmer", "photo", "proposed_photo")

    @extend_schema(request=ProposalInput, responses={201: DecisionOutput})
    def decide(self, request: Request, pk: int) -> Response:
        """Decide about the proposal that was looked at; 409 if the farmer has changed it since."""
        shop = get_object_or_404(Storefront, pk=pk)
        sent = self.read(ProposalInput)
        made = moderation.decide_storefront(
            storefront_id=shop.pk,
            proposed_at=sent["proposed_at"],
            moderator=request.user,
            verdict=Verdict(sent["verdict"]),
            reason=sent["reason"],
            now=timezone.now(),
        )
        return self.show(made, status=201, serializer_class=DecisionOutput)


class TakingDownViewSet(ApiViewSet):
    """Listings that buyers see, or saw."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [ModeratorsOnly]
    serializer_class = DecisionOutput
    queryset = Listing.objects.none()
    pagination_class = None

    def _approved(self, pk: int) -> Listing:
        return get_object_or_404(Listing, pk=pk, approved_revision__isnull=False)

    @extend_schema(request=ReasonInput, responses={201: DecisionOutput})
    def take_down(self, request: Request, pk: int) -> Response:
        """Take a listing away from buyers at once."""
        listing, sent = self._approved(pk), self.read(ReasonInput)
        made = moderation.take_down(
            listing_id=listing.pk, moderator=request.user, reason=sent["reason"], now=timezone.now()
        )
        return self.show(made, status=201)

    @extend_schema(request=ReasonInput, responses={201: DecisionOutput})
    def put_back(self, request: Request, pk: int) -> Response:
        """Let buyers see it again."""
        listing, sent = self._approved(pk), self.read(ReasonInput)
        made = moderation.put_back(
            listing_id=listing.pk, moderator=request.user, reason=sent["reason"], now=timezone.now()
        )
        return self.show(made, status=201)
