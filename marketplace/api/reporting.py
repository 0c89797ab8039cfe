"""Reports from the public, farmers' appeals, and the moderators' queues of both; how moderation goes in figures."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from common.api.fields import FlagField, Input, TextField
from common.api.permissions import Anybody, ModeratorsOnly, Scope
from common.api.views import ApiViewSet, ListMixin
from marketplace.api.farm import FarmViewSet
from marketplace.models import Appeal, ModerationDecision, Report
from marketplace.queries import window
from marketplace.queries.moderation_figures import moderation_figures
from marketplace.services import appeals, reports
from marketplace.views.reports import who_reports


class ReportOutput(serializers.ModelSerializer):
    """A report, as the one who made it sees it."""

    class Meta:
        model = Report
        fields = ["id", "about", "link", "reason", "words", "made_at", "status", "decided_at", "decision_reason"]
        read_only_fields = fields


class ReportInput(Input):
    """What is wrong; with OTHER in words."""

    reason = serializers.ChoiceField(Report.Reason.choices)
    words = TextField(max_length=500, required=False, default="", allow_blank=True)


class ReportingViewSet(ApiViewSet):
    """Saying that a listing or a shop page is wrong. For everybody; once a person and thing: again is the same report."""

    tag = "reports"
    scope = None
    permission_classes = [Anybody]
    serializer_class = ReportOutput
    queryset = Report.objects.none()
    pagination_class = None

    def _taken(self, act: Callable[..., Report], **about: int) -> Response:
        return self.show(
            act(now=timezone.now(), **about, **who_reports(self.request), **self.read(ReportInput)), status=201
        )

    @extend_schema(request=ReportInput, responses={201: ReportOutput})
    def listing(self, request: Request, pk: int) -> Response:
        """Report a listing."""
        found = get_object_or_404(window.listing_page(), pk=pk)
        return self._taken(reports.report_listing, listing_id=found.pk)

    @extend_schema(request=ReportInput, responses={201: ReportOutput})
    def shop(self, request: Request, slug: str) -> Response:
        """Report a shop page."""
        found = get_object_or_404(window.storefronts(), slug=slug)
        return self._taken(reports.report_storefront, storefront_id=found.pk)


class OwnReportViewSet(ListMixin, ApiViewSet):
    """What one has reported, newest first, and what became of it."""

    tag = "reports"
    serializer_class = ReportOutput
    keyset = ("-made_at", "-pk")
    queryset = Report.objects.none()

    def get_queryset(self) -> QuerySet[Report]:
        return Report.objects.filter(reporter=self.request.user.pk)


class JudgedReportOutput(ReportOutput):
    """A report as a moderator sees it: what it is about, never who made it."""

    farmer_name = serializers.CharField(source="farmer.name")
    by_guest = serializers.SerializerMethodField()

    class Meta(ReportOutput.Meta):
        fields = [*ReportOutput.Meta.fields, "listing", "farmer_name", "by_guest", "shown"]
        read_only_fields = fields

    def get_by_guest(self, report: Report) -> bool:
        return bool(report.guest)


class JudgementInput(Input):
    """What it turned out to be, and why. `take_down` goes with VALID only."""

    status = serializers.ChoiceField([Report.Status.VALID, Report.Status.INVALID, Report.Status.MALICIOUS])
    take_down = FlagField(required=False, default=False)
    reason = TextField(max_length=300)


class ReportQueueViewSet(ListMixin, ApiViewSet):
    """Reports that wait for a moderator, the oldest first."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [ModeratorsOnly]
    serializer_class = JudgedReportOutput
    keyset = ("made_at", "pk")
    queryset = Report.objects.none()

    def get_queryset(self) -> QuerySet[Report]:
        return Report.objects.filter(status=Report.Status.WAITING).select_related("farmer")

    @extend_schema(request=JudgementInput, responses=JudgedReportOutput)
    def decide(self, request: Request, pk: int) -> Response:
        """Judge it. Once; a second time is 409 `already_decided`."""
        report, sent = get_object_or_404(Report, pk=pk), self.read(JudgementInput)
        sent["status"] = Report.Status(sent["status"])
        made = reports.decide_report(report_id=report.pk, moderator=request.user, now=timezone.now(), **sent)
        return self.show(made)


class AppealOutput(serializers.ModelSerializer):
    """An appeal, and how it ended."""

    class Meta:
        model = Appeal
        fields = ["id", "decision", "words", "made_at", "status", "decided_at", "reason"]
        read_only_fields = fields


class OwnDecisionOutput(serializers.ModelSerializer):
    """What a moderator decided about one of one's listings, and the appeal against it if there is one."""

    appeal = serializers.SerializerMethodField()

    class Meta:
        model = ModerationDecision
        fields = ["id", "listing", "revision", "verdict", "reason", "decided_at", "appeal"]
        read_only_fields = fields

    def get_appeal(self, decision: ModerationDecision) -> str | None:
        appeal = getattr(decision, "appeal", None)
        return appeal.status if appeal else None


class AppealInput(Input):
    """Why the decision is wrong."""

    words = TextField(max_length=500)


class OwnDecisionViewSet(ListMixin, FarmViewSet):
    """What moderators decided about one's own listings, newest first."""

    serializer_class = OwnDecisionOutput
    keyset = ("-decided_at", "-pk")
    queryset = ModerationDecision.objects.none()

    def get_queryset(self) -> QuerySet[ModerationDecision]:
        mine = ModerationDecision.objects.filter(listing__farmer__user=self.request.user.pk)
        return mine.select_related("appeal")

    @extend_schema(request=AppealInput, responses={201: AppealOutput})
    @idempotent
    def appeal(self, request: Request, pk: int) -> Any:
        """Ask that another moderator looks again at a rejection or a taking down. Once: again is 409 `appealed_already`."""
        decision = get_object_or_404(self.get_queryset(), pk=pk)
        sent = self.read(AppealInput)
        return keep(
            request,
            lambda: appeals.make_appeal(decision_id=decision.pk, farmer=self.farmer, now=timezone.now(), **sent),
            lambda made: self.show(made, status=201, serializer_class=AppealOutput),
        )


class WaitingAppealOutput(AppealOutput):
    """An appeal beside the decision it is against."""

    decision = OwnDecisionOutput()


class AppealDecisionInput(Input):
    """Whether the decision is taken back, and why."""

    overturn = FlagField()
    reason = TextField(max_length=300)


class AppealQueueViewSet(ListMixin, ApiViewSet):
    """Appeals that wait for a moderator, the oldest first."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [ModeratorsOnly]
    serializer_class = WaitingAppealOutput
    keyset = ("made_at", "pk")
    queryset = Appeal.objects.none()

    def get_queryset(self) -> QuerySet[Appeal]:
        return Appeal.objects.filter(status=Appeal.Status.WAITING).select_related("decision__appeal")

    @extend_schema(request=AppealDecisionInput, responses=AppealOutput)
    def decide(self, request: Request, pk: int) -> Response:
        """Decide. Not about a decision of one's own (409 `own_decision`), and once (409 `already_decided`)."""
        appeal, sent = get_object_or_404(Appeal, pk=pk), self.read(AppealDecisionInput)
        made = appeals.decide_appeal(appeal_id=appeal.pk, moderator=request.user, now=timezone.now(), **sent)
        return self.show(made, serializer_class=AppealOutput)


class QueueOutput(serializers.Serializer):
    """How many wait, and for how many hours."""

    waiting = serializers.IntegerField()
    median = serializers.FloatField()
    oldest = serializers.FloatField()


class ModeratorOutput(serializers.Serializer):
    """What one moderator decided."""

    name = serializers.CharField()
    decided = serializers.IntegerField()
    approved = serializers.IntegerField()
    sent_back = serializers.IntegerField()
    taken_down = serializers.IntegerField()
    median = serializers.FloatField(allow_null=True, help_text="Hours; half were decided faster.")
    appealed = serializers.IntegerField()
    overturned = serializers.IntegerField()


class FiguresOutput(serializers.Serializer):
    """Queues now, and the last 30 days."""

    queues = serializers.DictField(child=QueueOutput())
    moderators = ModeratorOutput(many=True)
    reports = serializers.DictField(child=serializers.IntegerField())
    appeals = serializers.DictField(child=serializers.IntegerField())
    median_hours = serializers.FloatField(allow_null=True)


class FiguresViewSet(ApiViewSet):
    """How moderation goes."""

    tag = "moderation"
    scope = Scope.MODERATE
    serializer_class = FiguresOutput
    pagination_class = None
    queryset = ModerationDecision.objects.none()

    @extend_schema(responses=FiguresOutput)
    def retrieve(self, request: Request) -> Response:
        """Age of the queues, decisions, what was overturned, what reports were worth. For moderators and administrators."""
        if not (request.user.is_moderator or request.user.is_staff):
            raise Http404
        return self.show(moderation_figures(timezone.now()))
