"""Cart, checkout and orders."""

import uuid
from typing import Any

from django.db import OperationalError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from accounts.models import Address, Region
from common.api.fields import MAX_ID, FenField, IdField, Input, TextField, WholeField
from common.api.permissions import Anybody, Scope
from common.api.problems import Problem
from common.api.views import ApiViewSet, ListMixin
from common.errors import InvalidInput
from marketplace.carried import carried
from orders import queries
from orders.api.showing import CartOutput, OrderDetailOutput, OrderOutput
from orders.errors import Busy, waited_too_long
from orders.models import Cart, Coupon, Order
from orders.pricing import PricedCart, price_cart
from orders.services import carts, placing
from orders.services.carts import MAX_PACKS
from orders.services.placing import NOTE_LENGTH
from orders.sharing import coupons_of

CART_TOKEN = OpenApiParameter(
    "Cart-Token", {"type": "string", "format": "uuid"}, OpenApiParameter.HEADER, description="A guest's cart."
)


class LineInput(Input):
    """Packs of a listing, on top of those that are there."""

    listing = IdField()
    packs = WholeField(min_value=1, max_value=MAX_PACKS)


class PacksInput(Input):
    """How many packs; 0 takes the line out."""

    packs = WholeField(min_value=0, max_value=MAX_PACKS)


class ProvinceInput(Input):
    """Where it is to go."""

    province = TextField(max_length=12)


class CartViewSet(ApiViewSet):
    """One's cart: with a token or a session one's own; a guest's by its Cart-Token, which the first POST gives."""

    tag = "cart"
    scope = Scope.BUY
    permission_classes = [Anybody]
    serializer_class = CartOutput
    pagination_class = None

    @extend_schema(parameters=[CART_TOKEN], responses=CartOutput)
    def retrieve(self, request: Request) -> Response:
        """The cart, priced now."""
        return self._answer(self._cart())

    @extend_schema(parameters=[CART_TOKEN], request=LineInput, responses={201: CartOutput})
    def add(self, request: Request) -> Response:
        """Put packs of a listing in."""
        sent = self.read(LineInput)
        cart = self._cart() or self._new_cart()
        carts.add_to_cart(cart_id=cart.pk, listing_id=sent["listing"], packs=sent["packs"])
        return self._answer(cart, 201)

    @extend_schema(parameters=[CART_TOKEN], request=PacksInput, responses=CartOutput)
    def change(self, request: Request, pk: int) -> Response:
        """Set how many packs a line has."""
        cart, line_id = self._line(pk)
        carts.change_line(cart_id=cart.pk, line_id=line_id, packs=self.read(PacksInput)["packs"])
        return self._answer(cart)

    @extend_schema(parameters=[CART_TOKEN], responses={204: None})
    def remove(self, request: Request, pk: int) -> Response:
        """Take a line out."""
        cart, line_id = self._line(pk)
        carts.change_line(cart_id=cart.pk, line_id=line_id, packs=0)
        return Response(status=204)

    @extend_schema(parameters=[CART_TOKEN], request=ProvinceInput, responses=CartOutput)
    def send_to(self, request: Request) -> Response:
        """Say where it is to go, so that postage and arrival are known."""
        code = self.read(ProvinceInput)["province"]
        province = Region.objects.filter(code=code, level=Region.Level.PROVINCE).first()
        if province is None:
            raise InvalidInput(_("Please choose a province."), field="province")
        cart = self._cart() or self._new_cart()
        carts.set_province(cart_id=cart.pk, province=province)
        return self._answer(Cart.objects.get(pk=cart.pk))

    def _cart(self) -> Cart | None:
        if not self.request.user.is_authenticated and (token := self.request.headers.get("Cart-Token")):
            return Cart.objects.filter(token=_uuid(token), user=None).first()
        return queries.cart_of(self.request)

    def _new_cart(self) -> Cart:
        user = self.request.user
        return carts.open_cart(user=user if user.is_authenticated else None)

    def _line(self, pk: int) -> tuple[Cart, int]:
        cart = self._cart()
        line = get_object_or_404(cart.lines, pk=pk) if cart else get_object_or_404(Cart, pk=None)
        return (cart or Cart()), line.pk

    def _answer(self, cart: Cart | None, status: int = 200) -> Response:
        guests = cart is not None and cart.user_id is None
        context = self.get_serializer_context() | {"token": cart.token if cart and guests else None}
        return Response(CartOutput(_priced(cart), context=context).data, status=status)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Problem(400, "bad_cart_token", _("This is not a Cart-Token.")) from None


def _priced(cart: Cart | None, province: str = "") -> PricedCart:
    lines = list(cart.lines.all()) if cart else []
    return price_cart(lines, province=province or (cart.province_id if cart else "") or "", now=timezone.now())


class AddressQuery(serializers.Serializer):
    """Which address it goes to."""

    address = serializers.IntegerField(min_value=1, max_value=MAX_ID)


class RoundUpOutput(serializers.Serializer):
    """Something that the order may be rounded up for."""

    value = serializers.CharField(help_text="To send as `round_up_for`.")
    name = serializers.CharField()


class CheckoutOutput(CartOutput):
    """The cart for one address, whether it could be paid here, and what it may be rounded up for."""

    round_up_fen = FenField(read_only=True, help_text="What is missing to the next whole yuan above the total.")
    round_up_choices = serializers.SerializerMethodField()

    why_unpayable = serializers.SerializerMethodField(help_text="Why it could not be paid; empty if it can.")

    def get_why_unpayable(self, cart: PricedCart) -> str:
        return queries.why_unpayable(cart, timezone.now())

    @extend_schema_field(RoundUpOutput(many=True))
    def get_round_up_choices(self, cart: PricedCart) -> Any:
        return [{"value": value, "name": name} for value, name in queries.round_up_choices(timezone.now())]


class CheckoutViewSet(ApiViewSet):
    """What the cart costs to an address, when it arrives, and what to know before ordering."""

    tag = "orders"
    scope = Scope.BUY
    serializer_class = CheckoutOutput
    pagination_class = None

    @extend_schema(parameters=[AddressQuery], responses=CheckoutOutput)
    def retrieve(self, request: Request) -> Response:
        """The total to send as `expected_total_fen` when placing the order."""
        sent = self.read_query(AddressQuery)
        address = get_object_or_404(Address, user=request.user, pk=sent["address"])
        return self.show(_priced(queries.cart_of(request), address.province_id))


class PlaceOrderInput(Input):
    """What the buyer saw and agreed to."""

    address = IdField(help_text="One of one's addresses.")
    expected_total_fen = FenField(help_text="From the checkout. Another total now is 409 `price_changed`.")
    note = TextField(max_length=NOTE_LENGTH, required=False, default="", allow_blank=True)
    coupon = IdField(required=False, default=None, allow_null=True, help_text="One of one's unused coupons.")
    shared_link = TextField(
        max_length=8,
        required=False,
        default="",
        allow_blank=True,
        help_text="The code of the shared link the buyer came by (/s/CODE/), if any. One that leads nowhere is left out.",
    )
    round_up_for = TextField(
        max_length=40,
        required=False,
        default="",
        allow_blank=True,
        help_text="One of the checkout's `round_up_choices`: its `round_up_fen` come on top of the total. Empty: nothing.",
    )


class OrderViewSet(ListMixin, ApiViewSet):
    """One's orders, newest first."""

    tag = "orders"
    scope = Scope.BUY
    throttle_scope = "checkout"
    serializer_class = OrderOutput
    lookup_field = "number"
    lookup_value_converter = "slug"
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        return queries.orders_of(self.request.user)

    @extend_schema(responses=OrderDetailOutput)
    def retrieve(self, request: Request, number: str) -> Response:
        """One order with each parcel's way."""
        order = get_object_or_404(queries.order_page(request.user), number=number)
        return Response(OrderDetailOutput(order, context={"request": request, "now": timezone.now()}).data)

    @extend_schema(request=PlaceOrderInput, responses={201: OrderOutput})
    @idempotent
    def create(self, request: Request) -> Any:
        """Turn the cart into an order that holds its stock until `pay_by`."""
        sent = self.read(PlaceOrderInput)
        cart = queries.cart_of(request)
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"{request.user.pk}:{request.headers['Idempotency-Key']}")

        def place() -> Order:
            return placing.place_order(
                buyer=request.user,
                cart_id=cart.pk if cart else 0,
                address_id=sent["address"],
                checkout_key=key,
                expected_total_fen=sent["expected_total_fen"],
                note=sent["note"],
                round_up_for=sent["round_up_for"],
                now=timezone.now(),
                coupon_id=sent["coupon"],
                led_by=sent["shared_link"].upper() or carried(request),
            )

        try:
            return keep(request, place, self._placed)
        except OperationalError as error:
            if waited_too_long(error):
                raise Busy from error
            raise

    def _placed(self, order: Order) -> Response:
        return self.show(self.get_queryset().get(pk=order.pk), status=201)

    @extend_schema(request=None, responses=CartOutput)
    def again(self, request: Request, number: str) -> Response:
        """Put what an order had into the cart again, as far as it is on sale."""
        order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
        carts.refill_cart(user=request.user, order_id=order.pk)
        priced = _priced(queries.cart_of(request))
        return Response(CartOutput(priced, context=self.get_serializer_context()).data)


class CouponOutput(serializers.ModelSerializer):
    """A coupon that can be used for an order now."""

    fen = FenField(read_only=True)

    class Meta:
        model = Coupon
        fields = ["id", "fen", "given_at"]
        read_only_fields = fields


class CouponViewSet(ListMixin, ApiViewSet):
    """One's coupons that can be used, the oldest first."""

    tag = "orders"
    scope = Scope.BUY
    serializer_class = CouponOutput
    keyset = ("pk",)
    queryset = Coupon.objects.none()

    def get_queryset(self) -> QuerySet[Coupon]:
        return coupons_of(self.request.user)
