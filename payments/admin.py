"""Payments for staff to look at. Nothing is changed here but one thing: a parked refund can be sent again."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from payments.models import Claim, GatewayMessage, OfflinePayment, Payment, ReceivingCode, Refund
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
    list_display = ["reference", "order", "gift", "gateway", "amount_fen", "status", "started_at", "paid_at"]
    list_filter = ["status", "gateway"]
    list_select_related = ["order", "gift"]
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


@admin.register(ReceivingCode)
class ReceivingCodeAdmin(ReadOnlyAdmin):
    """Decided on the moderators' own page, where the picture is."""

    list_display = ["farmer", "kind", "state", "asked_at", "decided_by", "decided_at", "takes_effect_at", "ended_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["farmer", "decided_by"]
    exclude = ["digest"]
    search_fields = ["farmer__name"]


@admin.register(OfflinePayment)
class OfflinePaymentAdmin(ReadOnlyAdmin):
    """What buyers say that they paid directly, and whether the farmer has said that it came."""

    list_display = ["order", "farmer", "amount_fen", "said_at", "status", "pay_by"]
    list_filter = [("said_at", admin.EmptyFieldListFilter), "payment__status"]
    list_select_related = ["payment__order", "code__farmer"]
    search_fields = ["payment__order__number", "code__farmer__name"]

    @admin.display(description=_("Order"))
    def order(self, trade: OfflinePayment) -> str:
        return trade.payment.ordered.number

    @admin.display(description=_("Farmer"))
    def farmer(self, trade: OfflinePayment) -> str:
        return trade.code.farmer.name

    @admin.display(description=_("Fen"))
    def amount_fen(self, trade: OfflinePayment) -> int:
        return trade.payment.amount_fen

    @admin.display(description=_("State"))
    def status(self, trade: OfflinePayment) -> str:
        return trade.payment.get_status_display()

    @admin.display(description=_("Kept until"))
    def pay_by(self, trade: OfflinePayment) -> str:
        return trade.payment.ordered.pay_by.isoformat()
