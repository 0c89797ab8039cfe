"""Paying on delivery: the buyer promises, the farmer says whether the money came, and on what terms they offer it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from common.api.fields import CurrencyField, FenField, FlagField, Input, TextField
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin
from marketplace.api.farm import FarmViewSet
from orders.models import Order, Parcel
from payments import on_delivery_queries as queries
from payments.models import OnDeliveryTerms
from payments.services import on_delivery


class OnDeliveryOutput(serializers.ModelSerializer):
    """A parcel that is paid when it comes. `PROMISED`: not yet; `REFUSED`: it was not taken."""

    order = serializers.CharField(source="order.number")
    parcel = serializers.CharField(source="number")
    status = serializers.ChoiceField(Order.Status.choices, source="order.status")
    amount_fen = FenField(source="order.total_fen", read_only=True)
    currency = CurrencyField()
    paid_at = serializers.DateTimeField(source="order.paid_at", allow_null=True)

    class Meta:
        model = Parcel
        fields = ["order", "parcel", "status", "state", "amount_fen", "currency", "posted_at", "paid_at"]
        read_only_fields = fields


class NotTakenInput(Input):
    """Why it was not taken, for the other side to read; may be empty."""

    reason = TextField(max_length=200, required=False, default="", allow_blank=True)


class TermsOutput(serializers.Serializer):
    """Whether buyers may pay on delivery, and up to how much for an order; the shop's own limit counts as well."""

    is_offered = serializers.BooleanField()
    most_fen = FenField(read_only=True)
    currency = CurrencyField()


class TermsInput(Input):
    """`most_fen` may be left out: as much as the shop allows."""

    is_offered = FlagField()
    most_fen = FenField(required=False, default=None, allow_null=True)


class PromiseViewSet(ApiViewSet):
    """Paying on delivery, from the buyer's side."""

    tag = "orders"
    scope = Scope.BUY
    throttle_scope = "pay"
    serializer_class = OnDeliveryOutput
    queryset = Order.objects.none()
    pagination_class = None

    @extend_schema(request=None, responses=OnDeliveryOutput)
    @idempotent
    def promise(self, request: Request, number: str) -> Any:
        """Promise to pay when it comes, where its farmer offers that. The farmer is asked to pack it."""
        order = self._order(number)
        on_delivery.promise(order_id=order.pk, buyer=request.user, now=timezone.now())
        return self.show(_parcel(number))

    @extend_schema(request=NotTakenInput, responses=OnDeliveryOutput)
    @idempotent
    def not_taken(self, request: Request, number: str) -> Any:
        """One did not take it at the door: nothing is paid, and it goes back."""
        self._order(number)
        reason = self.read(NotTakenInput)["reason"]
        return keep(
            request,
            lambda: on_delivery.refuse(order_number=number, person=request.user, reason=reason, now=timezone.now()),
            lambda _done: self.show(_parcel(number)),
        )

    def _order(self, number: str) -> Order:
        return get_object_or_404(Order.objects.visible_to(self.request.user), number=number)


class OnDeliveryViewSet(ListMixin, FarmViewSet):
    """One's parcels that are posted and still to be paid. Only the farmer's word makes money of them."""

    serializer_class = OnDeliveryOutput
    throttle_scope = "pay"
    keyset = ("posted_at", "pk")
    queryset = Parcel.objects.none()

    def get_queryset(self) -> QuerySet[Parcel]:
        return queries.waiting_for_money(self.farmer)

    @extend_schema(request=None, responses=OnDeliveryOutput)
    @idempotent
    def came(self, request: Request, number: str) -> Any:
        """The money has come: the order is paid, and all of it is the farmer's."""
        return self._answer(
            number, lambda: on_delivery.say_came(order_number=number, farmer=request.user, now=timezone.now())
        )

    @extend_schema(request=NotTakenInput, responses=OnDeliveryOutput)
    @idempotent
    def not_taken(self, request: Request, number: str) -> Any:
        """It was not taken, and comes back. Its boxes stay off sale until it is."""
        reason = self.read(NotTakenInput)["reason"]
        return self._answer(
            number,
            lambda: on_delivery.refuse(order_number=number, person=request.user, reason=reason, now=timezone.now()),
        )

    @extend_schema(request=None, responses=OnDeliveryOutput)
    @idempotent
    def back(self, request: Request, number: str) -> Any:
        """What was not taken is back, as good as new: its boxes are on sale again."""
        return self._answer(
            number, lambda: on_delivery.came_back(order_number=number, farmer=request.user, now=timezone.now())
        )

    def _answer(self, number: str, say: Callable[[], Any]) -> Any:
        if not queries.of_farmer(self.request.user).filter(order__number=number).exists():
            raise Http404
        return keep(self.request, say, lambda _done: self.show(_parcel(number)))


class OnDeliveryTermsViewSet(FarmViewSet):
    """Whether one lets buyers pay on delivery."""

    serializer_class = TermsOutput
    queryset = OnDeliveryTerms.objects.none()
    pagination_class = None

    @extend_schema(responses=TermsOutput)
    def retrieve(self, request: Request) -> Response:
        """As it was said last; not offered, if nothing was."""
        terms = queries.terms_of(self.farmer)
        return self.show(terms or OnDeliveryTerms(is_offered=False, most_fen=settings.ON_DELIVERY_MOST_FEN))

    @extend_schema(request=TermsInput, responses=TermsOutput)
    def update(self, request: Request) -> Response:
        """Offer it, or no more. What was promised before stays as it is."""
        said = self.read(TermsInput)
        return self.show(on_delivery.set_terms(user_id=self.farmer.user_id, now=timezone.now(), **said))


def _parcel(number: str) -> Parcel:
    return Parcel.objects.select_related("order").get(order__number=number)
