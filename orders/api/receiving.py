"""What a buyer does with a parcel that came, and what buyers say of it; and the moderators' desk of reviews."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from common.api.fields import FlagField, IdField, Input, TextField, WholeField
from common.api.parsing import TextJSONParser
from common.api.permissions import Anybody, ModeratorsOnly, Scope
from common.api.views import ApiViewSet, ListMixin
from marketplace.models import Listing
from orders import queries
from orders.api.showing import ParcelDetailOutput, ReviewOutput
from orders.models import OrderLine, Parcel, Review
from orders.services import parcels, reviews
from orders.services.parcels import REASON_LENGTH
from orders.services.reviews import MAX_PHOTOS, MAX_WORDS


class ParcelViewSet(ApiViewSet):
    """One's parcels, as their buyer."""

    tag = "parcels"
    scope = Scope.BUY
    serializer_class = ParcelDetailOutput
    lookup_field = "number"
    lookup_value_converter = "slug"
    queryset = Parcel.objects.none()
    pagination_class = None

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    def get_queryset(self) -> QuerySet[Parcel]:
        mine = queries.parcels_with_lines().filter(order__buyer_id=self.request.user.pk)
        return mine.prefetch_related(queries.events_with_actors(), "reviews")

    @extend_schema(responses=ParcelDetailOutput)
    def retrieve(self, request: Request, number: str) -> Response:
        """One parcel with its way so far."""
        return self.show(self.get_object())

    @extend_schema(request=None, responses=ParcelDetailOutput)
    @idempotent
    def receive(self, request: Request, number: str) -> Any:
        """Say that it has come. The time to claim starts."""
        parcel = self.get_object()
        return keep(
            request,
            lambda: parcels.receive_parcel(parcel_id=parcel.pk, actor=request.user, now=timezone.now()),
            lambda _moved: self.show(self.get_object()),
        )


class ReviewInput(Input):
    """Stars, words, and photos where it is sent as a form."""

    listing = IdField()
    stars = WholeField(min_value=1, max_value=5)
    words = TextField(max_length=MAX_WORDS, required=False, default="", allow_blank=True)
    photos = serializers.ListField(
        child=serializers.FileField(), required=False, default=list, max_length=MAX_PHOTOS, help_text="multipart only"
    )


class ReviewViewSet(ListMixin, ApiViewSet):
    """What buyers say of a listing; shown once a moderator has seen it."""

    tag = "reviews"
    scope = None
    permission_classes = [Anybody]
    serializer_class = ReviewOutput
    keyset = ("-written_at", "-pk")
    queryset = Review.objects.none()

    def get_queryset(self) -> QuerySet[Review]:
        listing = get_object_or_404(Listing.objects.shown(), pk=self.kwargs["pk"])
        return queries.shown_reviews(listing.pk)


class ReviewingViewSet(ApiViewSet):
    """Reviewing what one received."""

    tag = "reviews"
    scope = Scope.BUY
    throttle_scope = "upload"
    parser_classes = [TextJSONParser, MultiPartParser]
    serializer_class = ReviewOutput
    queryset = Review.objects.none()
    pagination_class = None

    @extend_schema(request=ReviewInput, responses={201: ReviewOutput})
    def create(self, request: Request, number: str) -> Response:
        """Stars count at once; words and photos wait for a moderator. Once for each listing in a parcel."""
        parcel = get_object_or_404(Parcel.objects.filter(order__buyer_id=request.user.pk), number=number)
        sent = self.read(ReviewInput)
        line = get_object_or_404(OrderLine.objects.filter(parcel=parcel), listing=sent["listing"])
        made = reviews.write_review(
            parcel_id=parcel.pk,
            listing_id=line.listing_id,
            buyer=request.user,
            stars=sent["stars"],
            words=sent["words"],
            uploads=sent["photos"],
            now=timezone.now(),
        )
        return self.show(made, status=201)


class ShownInput(Input):
    """Show or hide, and why."""

    shown = FlagField()
    reason = TextField(max_length=REASON_LENGTH, required=False, default="", allow_blank=True)


class ReviewQueueViewSet(ListMixin, ApiViewSet):
    """Reviews that wait for a moderator, oldest first."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [ModeratorsOnly]
    serializer_class = ReviewOutput
    keyset = ("written_at", "pk")
    queryset = Review.objects.none()

    def get_queryset(self) -> QuerySet[Review]:
        return queries.waiting_reviews()

    @extend_schema(request=ShownInput, responses=ReviewOutput)
    def decide(self, request: Request, pk: int) -> Response:
        """Show or hide one; who is hidden is told why."""
        review = get_object_or_404(Review, pk=pk)
        made = reviews.decide_review(
            review_id=review.pk, moderator=request.user, now=timezone.now(), **self.read(ShownInput)
        )
        return self.show(made)
