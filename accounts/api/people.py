"""Oneself, and where one's parcels go."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.showing import AddressInput, AddressOutput, MeOutput, NameInput
from accounts.models import Address, User
from accounts.queries import addresses_of, roles_of
from accounts.services import addresses, people
from accounts.services.addresses import AddressDetails
from common.api.etags import takes_if_match, unchanged
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin, RetrieveMixin


class MeViewSet(ApiViewSet):
    """Oneself."""

    tag = "me"
    serializer_class = MeOutput
    pagination_class = None

    @property
    def scope(self) -> str | None:  # type: ignore[override]
        """Any token may ask whose it is."""
        return Scope.BUY if self.request and self.request.method == "PATCH" else None

    def get_serializer_context(self) -> dict[str, Any]:
        context: dict[str, Any] = super().get_serializer_context()
        if self.request and self.request.user.is_authenticated:
            context["roles"] = roles_of(self.request.user, timezone.localdate())
        return context

    @extend_schema(responses=MeOutput)
    def retrieve(self, request: Request) -> Response:
        """Who is asking, and what they may."""
        return self.show(request.user)

    @extend_schema(request=NameInput, responses=MeOutput)
    @takes_if_match
    def partial_update(self, request: Request) -> Response:
        """Change the name one is greeted by."""
        sent = self.read(NameInput)
        with unchanged(request, f"me:{request.user.pk}", lambda: self.show(User.objects.get(pk=request.user.pk)).data):
            people.rename(user_id=request.user.pk, name=sent["name"])
        request.user.refresh_from_db()
        return self.show(request.user)


class AddressViewSet(ListMixin, RetrieveMixin, ApiViewSet):
    """One's own addresses: 20 at most. An order copies its address, so an edit moves no parcel."""

    tag = "addresses"
    scope = Scope.BUY
    serializer_class = AddressOutput
    keyset = ("-pk",)

    queryset = Address.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[Address]:
        return addresses_of(self.request.user)

    @extend_schema(request=AddressInput, responses={201: AddressOutput})
    def create(self, request: Request) -> Response:
        """Keep one more address."""
        sent = self.read(AddressInput)
        made = addresses.create_address(user_id=request.user.pk, details=AddressDetails(**sent))
        return self.show(self.get_queryset().get(pk=made.pk), status=201)

    @extend_schema(request=AddressInput, responses=AddressOutput)
    @takes_if_match
    def update(self, request: Request, pk: int) -> Response:
        """Correct an address."""
        address = self.get_object()
        sent = self.read(AddressInput)
        with unchanged(request, f"address:{pk}", lambda: self.show(self.get_object()).data):
            addresses.change_address(user_id=request.user.pk, address_id=address.pk, details=AddressDetails(**sent))
        return self.show(self.get_object())

    @extend_schema(request=None, responses=AddressOutput)
    def make_default(self, request: Request, pk: int) -> Response:
        """Make it the usual one. Safe twice."""
        addresses.make_default(user_id=request.user.pk, address_id=self.get_object().pk)
        return self.show(self.get_object())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Forget an address; orders keep their copy."""
        addresses.delete_address(user_id=request.user.pk, address_id=self.get_object().pk)
        return Response(status=204)
