"""Another price for a household's listing: asked for by the specialist, done by the code from the household's own phone."""

from typing import Any

from allauth.core import ratelimit
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Consent, DelegatedAct, Farmer
from accounts.services.own_codes import TOO_SOON
from common.api.fields import FenField, Input, TextField
from common.api.permissions import Scope, SignedIn
from common.api.views import ApiViewSet
from common.errors import InvalidInput
from marketplace.models import Listing
from specialists.access import counties_of
from specialists.models import PriceRequest
from specialists.services import pricing


class PostedOnly(SignedIn):
    """Specialists who are posted today; for everybody else there is nothing here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if not counties_of(request.user, timezone.localdate()):
            raise Http404
        return True


class PriceWishInput(Input):
    """The price of a box that the household wants."""

    price_fen = FenField(min_value=1)


class PriceCodeInput(Input):
    """What the household read out from their phone."""

    code = TextField(max_length=12)


class AskedPriceOutput(serializers.ModelSerializer):
    """A code went to the household's phone. Nothing has changed yet."""

    price_fen = FenField(read_only=True)

    class Meta:
        model = PriceRequest
        fields = ["price_fen", "asked_at"]
        read_only_fields = fields


class ActOutput(serializers.ModelSerializer):
    """What was done for the household, which was told and can take it back within a day."""

    class Meta:
        model = DelegatedAct
        fields = ["id", "kind", "about", "words", "at"]
        read_only_fields = fields


class PriceViewSet(ApiViewSet):
    """Prices for households that consented."""

    tag = "specialists"
    scope = Scope.SELL
    permission_classes = [PostedOnly]
    serializer_class = ActOutput
    pagination_class = None

    @extend_schema(request=PriceWishInput, responses={202: AskedPriceOutput})
    def ask(self, request: Request, pk: int, listing_pk: int) -> Response:
        """Send the household a code for this price; the one before is forgotten. One a minute."""
        farmer, listing = self._theirs(request, pk, listing_pk)
        sent = self.read(PriceWishInput)
        if not ratelimit.consume(request._request, action="request_price_code", key=str(farmer.pk)):
            raise InvalidInput(TOO_SOON)
        asked = pricing.ask_price(
            farmer_id=farmer.pk, by=request.user, listing_id=listing.pk, price_fen=sent["price_fen"], now=timezone.now()
        )
        return self.show(asked, status=202, serializer_class=AskedPriceOutput)

    @extend_schema(request=PriceCodeInput, responses={201: ActOutput})
    def tell(self, request: Request, pk: int, listing_pk: int) -> Response:
        """Tell the code back: the price holds as if the household had set it. Five tries in five minutes."""
        farmer, listing = self._theirs(request, pk, listing_pk)
        sent = self.read(PriceCodeInput)
        act = pricing.confirm_price(
            farmer_id=farmer.pk, by=request.user, listing_id=listing.pk, code=sent["code"], now=timezone.now()
        )
        return self.show(act, status=201)

    def _theirs(self, request: Request, pk: int, listing_pk: int) -> tuple[Farmer, Listing]:
        """A household of theirs that consented, and an approved listing of it; else 404. The service asks again."""
        there = Farmer.objects.filter(county__in=counties_of(request.user, timezone.localdate()))
        standing = Consent.objects.filter(specialist=request.user, state=Consent.State.STANDS)
        farmer = get_object_or_404(there.filter(consents__in=standing).exclude(user=request.user), pk=pk)
        approved = Listing.objects.filter(farmer=farmer, approved_revision__isnull=False)
        return farmer, get_object_or_404(approved, pk=listing_pk)
