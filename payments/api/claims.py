"""Claims: the buyer says what is wrong, the farmer answers, a moderator decides where the two don't agree."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from common.api.fields import CurrencyField, FenField, IdField, Input, TextField, WholeField
from common.api.files import FileRenderer
from common.api.parsing import TextJSONParser
from common.api.permissions import ModeratorsOnly, Scope
from common.api.views import ApiViewSet, ListMixin
from orders.models import Parcel
from payments import queries
from payments.models import Claim, ClaimAppeal, ClaimItem
from payments.services import claiming
from payments.services.appealing import appeal_claim, decide_claim_appeal
from payments.services.claiming import MAX_PHOTOS, MAX_WORDS, REASON_LENGTH
from payments.services.counting import MOST_PIECES, Count


class ClaimItemOutput(serializers.ModelSerializer):
    """How much of one line is bad, and what it comes to."""

    line = serializers.IntegerField(source="line_id")

    class Meta:
        model = ClaimItem
        fields = ["line", "unit", "bad", "out_of", "fen"]
        read_only_fields = fields


class ClaimAppealOutput(serializers.ModelSerializer):
    """The one appeal of a claim: what holds in the end. `cause` is null until it is decided."""

    cause = serializers.SerializerMethodField()

    class Meta:
        model = ClaimAppeal
        fields = ["words", "made_at", "decide_by", "status", "decided_at", "reason", "cause", "more_fen"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(Claim.Cause.choices, allow_null=True))
    def get_cause(self, appeal: ClaimAppeal) -> str | None:
        return appeal.cause or None


class ClaimOutput(serializers.ModelSerializer):
    """A claim as its two sides and moderators see it. `photos` are ids, to be had at /claims/{id}/photos/."""

    parcel = serializers.CharField(source="parcel.number")
    currency = CurrencyField()
    items = ClaimItemOutput(many=True)
    appeal = serializers.SerializerMethodField()
    photos = serializers.SerializerMethodField()

    class Meta:
        model = Claim
        fields = [
            "id",
            "parcel",
            "kind",
            "words",
            "asked_fen",
            "currency",
            "state",
            "opened_at",
            "answer_due",
            "answer",
            "offered_fen",
            "answered_at",
            "decided_fen",
            "decided_at",
            "reason",
            "cause",
            "items",
            "appeal",
            "photos",
        ]
        read_only_fields = fields

    @extend_schema_field(ClaimAppealOutput(allow_null=True))
    def get_appeal(self, claim: Claim) -> dict[str, Any] | None:
        appeal = getattr(claim, "appeal", None)
        return dict(ClaimAppealOutput(appeal).data) if appeal else None

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_photos(self, claim: Claim) -> list[int]:
        return [place.pk for place in claim.photo_places.all()]


class CountInput(Input):
    """How much of one line is bad: of so many pieces, or of its packs where `out_of` is not said."""

    line = IdField()
    bad = WholeField(min_value=1, max_value=MOST_PIECES)
    out_of = WholeField(min_value=1, max_value=MOST_PIECES, required=False, default=None, allow_null=True)


class ClaimInput(Input):
    """What is wrong, and what is bad of which line; else how much should come back (all of it, if not said)."""

    kind = serializers.ChoiceField(Claim.Kind.choices)
    words = TextField(max_length=MAX_WORDS)
    asked_fen = FenField(required=False, default=None, allow_null=True, min_value=1)
    counts = CountInput(many=True, required=False, default=list, max_length=200)
    photos = serializers.ListField(
        child=serializers.FileField(), required=False, default=list, max_length=MAX_PHOTOS, help_text="multipart only"
    )


class AnswerInput(Input):
    """The farmer's side, and what they would give back, if anything."""

    answer = TextField(max_length=MAX_WORDS)
    offered_fen = FenField(required=False, default=None, allow_null=True, min_value=1)


class ClaimAppealInput(Input):
    """Why it should be otherwise."""

    words = TextField(max_length=MAX_WORDS)


class ClaimAppealDecisionInput(Input):
    """What else goes back (0: nothing), who bears all of it, and why; both sides read it."""

    more_fen = FenField()
    cause = serializers.ChoiceField(Claim.Cause.choices)
    reason = TextField(max_length=REASON_LENGTH)


class ClaimDecisionInput(Input):
    """What goes back (0: nothing), and why; both sides read it."""

    back_fen = FenField()
    cause = serializers.ChoiceField(Claim.Cause.choices, required=False, default=Claim.Cause.GROWER)
    reason = TextField(max_length=REASON_LENGTH)


class ClaimBase(ApiViewSet):
    """What the views of claims share."""

    tag = "claims"
    serializer_class = ClaimOutput
    queryset = Claim.objects.none()
    throttle_scope = "pay"

    def _kept(self, claim: Claim, act: Callable[..., Claim], **values: Any) -> Any:
        """What `act` does to a claim, and the claim as it is then, together."""
        return keep(
            self.request,
            lambda: act(claim_id=claim.pk, now=timezone.now(), **values),
            lambda _done: self._shown(claim.pk),
        )

    def _shown(self, pk: int, status: int = 200) -> Response:
        return self.show(queries.claims_with_all().get(pk=pk), status=status)


class ClaimViewSet(ListMixin, ClaimBase):
    """Claims on what one bought or sold."""

    @property
    def scope(self) -> str:  # type: ignore[override]
        """The farmer's answers need `sell`, the rest `buy`."""
        return Scope.SELL if self.action in ("agree", "dispute") else Scope.BUY

    def get_queryset(self) -> QuerySet[Claim]:
        user = self.request.user
        mine = queries.claims_with_all()
        return mine.filter(parcel__order__buyer_id=user.pk) | mine.filter(parcel__farmer__user_id=user.pk)

    @extend_schema(responses=ClaimOutput)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One claim."""
        return self.show(self.get_object())

    @extend_schema(request=None, responses=ClaimOutput)
    @idempotent
    def agree(self, request: Request, pk: int) -> Any:
        """The farmer gives back what was asked for."""
        return self._as_farmer(pk, claiming.agree_to_claim)

    @extend_schema(request=AnswerInput, responses=ClaimOutput)
    @idempotent
    def dispute(self, request: Request, pk: int) -> Any:
        """The farmer sees it otherwise, perhaps with an offer."""
        get_object_or_404(Claim, pk=pk, parcel__farmer__user=request.user)
        sent = self.read(AnswerInput)
        return self._as_farmer(pk, claiming.dispute_claim, words=sent["answer"], offered_fen=sent["offered_fen"])

    @extend_schema(request=None, responses=ClaimOutput)
    @idempotent
    def accept(self, request: Request, pk: int) -> Any:
        """The buyer takes the farmer's offer."""
        return self._as_buyer(pk, claiming.accept_offer)

    @extend_schema(request=None, responses=ClaimOutput)
    @idempotent
    def withdraw(self, request: Request, pk: int) -> Any:
        """The buyer takes it back."""
        return self._as_buyer(pk, claiming.withdraw_claim)

    @extend_schema(request=ClaimAppealInput, responses={201: ClaimOutput})
    @idempotent
    def appeal(self, request: Request, pk: int) -> Any:
        """Ask once that another moderator looks at how it ended: the buyer for more, the farmer for another cause."""
        claim = get_object_or_404(self.get_queryset(), pk=pk)
        sent = self.read(ClaimAppealInput)
        return keep(
            request,
            lambda: appeal_claim(claim_id=claim.pk, person=request.user, words=sent["words"], now=timezone.now()),
            lambda _done: self._shown(claim.pk, 201),
        )

    def _as_farmer(self, pk: int, act: Callable[..., Claim], **values: Any) -> Any:
        claim = get_object_or_404(Claim, pk=pk, parcel__farmer__user=self.request.user)
        return self._kept(claim, act, farmer=self.request.user, **values)

    def _as_buyer(self, pk: int, act: Callable[..., Claim]) -> Any:
        claim = get_object_or_404(Claim, pk=pk, parcel__order__buyer=self.request.user)
        return self._kept(claim, act, buyer=self.request.user)


class ClaimPhotoQuery(serializers.Serializer):
    """How large."""

    width = WholeField(required=False, default=960, min_value=1, max_value=4000)


class ClaimPhotoViewSet(ClaimBase):
    """The photos of a claim: for its two sides, and for moderators."""

    scope = Scope.READ
    throttle_scope = ""
    pagination_class = None
    renderer_classes = [FileRenderer]

    @extend_schema(parameters=[ClaimPhotoQuery], responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, pk: int, photo: int) -> FileResponse:
        """One clean copy, at least `width` px wide if there is one."""
        place = get_object_or_404(queries.claim_photos(request.user).filter(claim=pk), pk=photo)
        path = place.photo.path(place.photo.size_for(self.read_query(ClaimPhotoQuery)["width"]))
        if not place.photo.storage.exists(path):
            raise Http404
        response = FileResponse(place.photo.storage.open(path), content_type="image/webp")
        response["Cache-Control"] = "private, max-age=3600"
        return response


class ClaimingViewSet(ClaimBase):
    """Saying that something is wrong with a parcel."""

    scope = Scope.BUY
    parser_classes = [TextJSONParser, MultiPartParser]
    pagination_class = None

    @extend_schema(request=ClaimInput, responses={201: ClaimOutput})
    @idempotent
    def create(self, request: Request, number: str) -> Any:
        """Claim within the time the parcel's `claim_until` says."""
        parcel = get_object_or_404(Parcel.objects.filter(order__buyer=request.user), number=number)
        sent = self.read(ClaimInput)
        return keep(
            request,
            lambda: claiming.open_claim(
                parcel_id=parcel.pk,
                buyer=request.user,
                kind=sent["kind"],
                words=sent["words"],
                asked_fen=sent["asked_fen"],
                counts=[Count(each["line"], each["bad"], each["out_of"]) for each in sent["counts"]],
                uploads=sent["photos"],
                now=timezone.now(),
            ),
            lambda claim: self._shown(claim.pk, 201),
        )


class ClaimQueueViewSet(ListMixin, ClaimBase):
    """Claims that wait for a moderator, oldest first, without one's own."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [ModeratorsOnly]
    keyset = ("opened_at", "pk")

    def get_queryset(self) -> QuerySet[Claim]:
        waiting = queries.claims_to_decide(self.request.user, timezone.now())
        return waiting.select_related("parcel").prefetch_related("photo_places", "items")

    @extend_schema(request=ClaimDecisionInput, responses=ClaimOutput)
    @idempotent
    def decide(self, request: Request, pk: int) -> Any:
        """Decide what goes back to the buyer."""
        claim, sent = get_object_or_404(Claim, pk=pk), self.read(ClaimDecisionInput)
        return self._kept(
            claim,
            claiming.decide_claim,
            moderator=request.user,
            back_fen=sent["back_fen"],
            reason=sent["reason"],
            cause=sent["cause"],
        )

    @extend_schema(request=ClaimAppealDecisionInput, responses=ClaimOutput)
    @idempotent
    def decide_appeal(self, request: Request, pk: int) -> Any:
        """Decide an appeal for good; never by who decided the claim."""
        claim, sent = get_object_or_404(Claim, pk=pk, appeal__isnull=False), self.read(ClaimAppealDecisionInput)
        return keep(
            request,
            lambda: decide_claim_appeal(claim_id=claim.pk, moderator=request.user, now=timezone.now(), **sent),
            lambda _done: self._shown(claim.pk),
        )
