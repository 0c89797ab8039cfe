"""Paying an order, and cancelling a parcel for its money back."""

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from common.api.fields import CurrencyField, FenField, Input, TextField
from common.api.permissions import Scope
from common.api.views import ApiViewSet
from orders.models import Order, Parcel
from payments.models import Refund
from payments.queries import Standing, payment_view
from payments.services import cancel_and_refund, start_payment
from payments.services.starting import SiteUrls, site_urls


class StandingOutput(serializers.Serializer):
    """How an order stands with its money. Only what the provider told us counts."""

    standing = serializers.ChoiceField([standing.value for standing in Standing])
    can_pay = serializers.BooleanField()
    amount_fen = FenField(read_only=True)
    currency = CurrencyField()
    pay_by = serializers.DateTimeField()


class PayInput(Input):
    """How, where the shop has set up more than one way (`wechat`, `alipay`); and whether the buyer is on a phone."""

    gateway = TextField(max_length=12, required=False, default="", allow_blank=True)
    is_phone = serializers.BooleanField(required=False, default=False)


class PayUrlOutput(serializers.Serializer):
    """Where to send the buyer. An address that begins with `weixin:` is to be shown as a QR code for WeChat to read."""

    url = serializers.URLField()


class PaymentViewSet(ApiViewSet):
    """Paying an order."""

    tag = "orders"
    scope = Scope.BUY
    throttle_scope = "pay"
    serializer_class = StandingOutput
    queryset = Order.objects.none()
    pagination_class = None

    def _order(self, number: str) -> Order:
        return get_object_or_404(Order.objects.visible_to(self.request.user), number=number)

    @extend_schema(responses=StandingOutput)
    def retrieve(self, request: Request, number: str) -> Response:
        """Whether it is paid."""
        order = self._order(number)
        view = payment_view(order, timezone.now())
        values = {"standing": view.standing.value, "can_pay": view.can_pay}
        return self.show(values | {"amount_fen": order.total_fen, "pay_by": order.pay_by})

    @extend_schema(request=PayInput, responses=PayUrlOutput)
    @idempotent
    def start(self, request: Request, number: str) -> Response:
        """Start paying: the provider's page to send the buyer to. An order has one live payment, whoever asks how often."""
        order = self._order(number)
        how = self.read(PayInput)
        url = start_payment(order_id=order.pk, buyer=request.user, now=timezone.now(), urls=_urls(request), **how)
        return Response({"url": request.build_absolute_uri(url)})


def _urls(request: Request) -> SiteUrls:
    """As the pages do: from the settings in production, from the request in the embedded mode."""
    if not settings.EMBEDDED:
        return site_urls()
    here = f"http://127.0.0.1:{request.META['SERVER_PORT']}"
    return SiteUrls(public=f"{request.scheme}://{request.get_host()}", internal=settings.INTERNAL_URL or here)


class CancelInput(Input):
    """Why. A farmer has to say, and the buyer reads it; a buyer may."""

    reason = TextField(max_length=200, required=False, default="", allow_blank=True)


class RefundOutput(serializers.ModelSerializer):
    """Money on its way back."""

    parcel = serializers.CharField(source="parcel.number", allow_null=True)
    currency = CurrencyField()

    class Meta:
        model = Refund
        fields = ["id", "parcel", "amount_fen", "currency", "reason", "status"]
        read_only_fields = fields


class CancellingViewSet(ApiViewSet):
    """Cancelling a parcel that is not posted."""

    tag = "parcels"
    serializer_class = RefundOutput
    queryset = Refund.objects.none()
    pagination_class = None
    throttle_scope = "pay"

    @property
    def scope(self) -> str:  # type: ignore[override]
        """Its farmer needs `sell`, its buyer `buy`."""
        number = getattr(self, "kwargs", {}).get("number")
        if not number or not self.request.user.is_authenticated:
            return Scope.BUY
        theirs = Parcel.objects.filter(number=number, farmer__user_id=self.request.user.pk)
        return Scope.SELL if theirs.exists() else Scope.BUY

    @extend_schema(request=CancelInput, responses={201: RefundOutput, 204: None})
    @idempotent
    def cancel(self, request: Request, number: str) -> Any:
        """Cancel it; the money goes back. For its buyer, and for its farmer with a reason. 204: none was paid."""
        parcel = get_object_or_404(Parcel.objects.visible_to(request.user), number=number)
        reason = self.read(CancelInput)["reason"]
        return keep(
            request,
            lambda: cancel_and_refund(parcel_id=parcel.pk, actor=request.user, reason=reason, now=timezone.now()),
            lambda refund: self.show(refund, status=201) if refund else Response(status=204),
        )
