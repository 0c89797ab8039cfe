"""Farmers to verify, for moderators and for specialists posted to their county."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.showing import SellerOutput
from accounts.forms.farmers import REASON_LENGTH
from accounts.models import Farmer, VerificationDecision
from accounts.queries import farmers_to_look_at, may_verify
from accounts.services import acts, verification
from common.api.fields import Input, TextField
from common.api.permissions import ModeratorsOnly, Scope, SignedIn
from common.api.views import ApiViewSet, ListMixin, RetrieveMixin

DECIDE = {
    VerificationDecision.Verdict.VERIFY: verification.verify_farmer,
    VerificationDecision.Verdict.REFUSE: verification.refuse_farmer,
    VerificationDecision.Verdict.SUSPEND: verification.suspend_farmer,
}


class Verifiers(SignedIn):
    """Who decides about any farmers; for everybody else there is nothing here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if not may_verify(request.user, timezone.localdate()):
            raise Http404
        return True


class ApplicantOutput(SellerOutput):
    """A farmer as those who verify see them. `applied_at` goes back as `seen` with a decision."""

    papers = serializers.SerializerMethodField(help_text="To be had at /papers/{id}/.")

    class Meta(SellerOutput.Meta):
        fields = [*SellerOutput.Meta.fields, "town", "village", "applied_at", "verified_at", "papers"]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_papers(self, farmer: Farmer) -> list[int]:
        return [paper.pk for paper in farmer.documents.all()]


class VerdictInput(Input):
    """A decision, its reason, and the application that was looked at."""

    verdict = serializers.ChoiceField(VerificationDecision.Verdict.choices)
    reason = TextField(max_length=REASON_LENGTH)
    seen = serializers.DateTimeField()


class ApplicantQuery(serializers.Serializer):
    """Which farmers."""

    status = serializers.ChoiceField(Farmer.Status.choices, required=False, default=Farmer.Status.WAITING)


class ApplicantViewSet(ListMixin, RetrieveMixin, ApiViewSet):
    """Farmers to look at, oldest application first."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [Verifiers]
    serializer_class = ApplicantOutput
    keyset = ("applied_at", "pk")
    queryset = Farmer.objects.none()

    def get_queryset(self) -> QuerySet[Farmer]:
        today = timezone.localdate()
        if self.action == "list":
            status = self.read_query(ApplicantQuery)["status"]
            return farmers_to_look_at(self.request.user, today, status, None).prefetch_related("documents")
        mine = Farmer.objects.decidable_by(self.request.user, today)
        return mine.select_related("county__province").prefetch_related("documents")

    @extend_schema(parameters=[ApplicantQuery], responses=ApplicantOutput(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Farmers in one status; those that wait, if none is said."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=VerdictInput, responses=ApplicantOutput)
    def decide(self, request: Request, pk: int) -> Response:
        """Verify, refuse or suspend; 409 if the application has changed since it was looked at."""
        farmer = self.get_object()
        sent = self.read(VerdictInput)
        decide = DECIDE[VerificationDecision.Verdict(sent["verdict"])]
        decide(
            farmer_id=farmer.pk,
            decided_by=request.user,
            reason=sent["reason"],
            seen=sent["seen"],
            now=timezone.now(),
        )
        return self.show(self.get_object())


class TieViewSet(ApiViewSet):
    """Ties that keep a moderator from deciding about their own people."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [ModeratorsOnly]
    queryset = Farmer.objects.none()
    pagination_class = None

    @extend_schema(request=None, responses={204: None})
    def declare(self, request: Request, pk: int) -> Response:
        """Say that this farmer is of one's own people: someone else decides from now on. Safe twice."""
        farmer = get_object_or_404(Farmer, pk=pk)
        acts.declare_tie(user=request.user, farmer_id=farmer.pk, note="", now=timezone.now())
        return Response(status=204)
