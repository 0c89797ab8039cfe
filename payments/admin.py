"""Payments for staff to look at. Nothing is changed here but one thing: a parked refund can be sent again."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from payments.models import Claim, GatewayMessage, Payment, Refund
from payments.services.refunding import retry_refund


class ReadOnlyAdmin(ModelAdmin):
    """A model that staff can only look at."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ["reference", "order", "gateway", "amount_fen", "status", "started_at", "paid_at"]
    list_filter = ["status", "gateway"]
    list_select_related = ["order"]
    search_fields = ["reference", "trade_number", "order__number"]


@admin.register(GatewayMessage)
class GatewayMessageAdmin(ReadOnlyAdmin):
    list_display = ["event_id", "gateway", "outcome", "note", "received_at"]
    list_filter = ["outcome", "gateway"]
    search_fields = ["event_id"]


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["reference", "payment", "parcel", "amount_fen", "reason", "status", "attempts", "last_error"]
    list_filter = ["status", "reason"]
    list_select_related = ["payment", "parcel"]
    search_fields = ["reference", "payment__reference", "parcel__number"]
    actions = ["send_again"]

    @admin.action(description=_("Send parked refunds again"), permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        count = sum(retry_refund(refund_id=refund.pk, now=timezone.now()) for refund in queryset)
        self.message_user(request, _("%(count)s refunds will be sent again.") % {"count": count})


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Decided on the moderators' own pages, where both sides stand beside each other."""

    list_display = ["parcel", "kind", "asked_fen", "state", "opened_at", "answered_at", "decided_fen", "decided_by"]
    list_filter = ["state", "kind"]
    list_select_related = ["parcel", "decided_by"]
    search_fields = ["parcel__number"]
