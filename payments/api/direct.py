"""Payments into farmers' own codes: the buyer says that they paid, the farmer whether it came, and what they sent back."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.idempotency import idempotent, keep
from common.api.fields import CurrencyField, FenField
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin
from marketplace.api.farm import FarmViewSet
from orders.models import Order
from payments import offline_queries
from payments.models import OfflinePayment, Payment, Refund
from payments.services import offline


class DirectOutput(serializers.ModelSerializer):
    """A payment into a farmer's own code. `STARTED` waits for the farmer's word; `TO_REFUND` came too late, or twice."""

    order = serializers.CharField(source="payment.order.number")
    amount_fen = FenField(source="payment.amount_fen", read_only=True)
    currency = CurrencyField()
    status = serializers.ChoiceField(Payment.Status.choices, source="payment.status")
    answer_by = serializers.DateTimeField(source="payment.order.pay_by", help_text="Until when the packs are kept.")

    class Meta:
        model = OfflinePayment
        fields = ["order", "amount_fen", "currency", "status", "said_at", "answer_by"]
        read_only_fields = fields


class DirectReturnOutput(serializers.ModelSerializer):
    """Money that the farmer gives back to a buyer by hand. `DONE` once they said so."""

    order = serializers.CharField(source="payment.order.number")
    currency = CurrencyField()

    class Meta:
        model = Refund
        fields = ["id", "order", "amount_fen", "currency", "reason", "status"]
        read_only_fields = fields


class SaidPaidViewSet(ApiViewSet):
    """Paying a farmer directly, from the buyer's side."""

    tag = "orders"
    scope = Scope.BUY
    throttle_scope = "pay"
    serializer_class = DirectOutput
    queryset = OfflinePayment.objects.none()
    pagination_class = None

    @extend_schema(request=None, responses=DirectOutput)
    @idempotent
    def say_paid(self, request: Request, number: str) -> Any:
        """One paid into the farmer's own code. It pays nothing: packs are kept longer, and the farmer is asked to look."""
        order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
        trade = offline_queries.newest_of(order)
        if trade is None:
            raise Http404
        return keep(
            request,
            lambda: offline.say_paid(order_id=order.pk, buyer=request.user, now=timezone.now()),
            lambda _done: self.show(_fresh(trade.pk)),
        )


class DirectViewSet(ListMixin, FarmViewSet):
    """What buyers say that they paid into one's own code. Only the farmer's word pays an order."""

    serializer_class = DirectOutput
    throttle_scope = "pay"
    queryset = OfflinePayment.objects.none()

    def get_queryset(self) -> QuerySet[OfflinePayment]:
        return offline_queries.waiting_for_word(self.farmer, timezone.now()).order_by("-pk")

    @extend_schema(request=None, responses=DirectOutput)
    @idempotent
    def came(self, request: Request, number: str) -> Any:
        """The money has come: the order is paid, or, if that is too late or the second time, it has to go back."""
        return self._answer(number, offline.say_came)

    @extend_schema(request=None, responses=DirectOutput)
    @idempotent
    def none_came(self, request: Request, number: str) -> Any:
        """No money came: the buyer is told, and has time for another way. Finding it later can still be said."""
        return self._answer(number, offline.say_none_came)

    def _answer(self, number: str, say: Callable[..., Any]) -> Any:
        user = self.request.user
        payment = offline.of_farmer(user).filter(order__number=number).order_by("-pk").first()
        if payment is None:
            raise Http404
        return keep(
            self.request,
            lambda: say(order_number=number, farmer=user, now=timezone.now()),
            lambda _done: self.show(_fresh(payment.pk)),
        )


class DirectReturnViewSet(ListMixin, FarmViewSet):
    """What one has to give back to buyers by hand."""

    serializer_class = DirectReturnOutput
    throttle_scope = "pay"
    keyset = ("pk",)
    queryset = Refund.objects.none()

    def get_queryset(self) -> QuerySet[Refund]:
        return offline.to_return(self.farmer.user)

    @extend_schema(request=None, responses=DirectReturnOutput)
    @idempotent
    def sent_back(self, request: Request, pk: int) -> Any:
        """It was sent back in WeChat or Alipay: it is done, and the buyer is told."""
        mine = offline.to_return(request.user, done=True)
        refund = get_object_or_404(mine, pk=pk)
        return keep(
            request,
            lambda: offline.say_returned(refund_id=refund.pk, farmer=request.user, now=timezone.now()),
            lambda _done: self.show(mine.get(pk=refund.pk)),
        )


def _fresh(pk: int) -> OfflinePayment:
    return OfflinePayment.objects.select_related("payment__order").get(pk=pk)
