"""Tell me when: what one waits for."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import IdField, Input, TextField
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin
from marketplace.models import Produce, Wish
from marketplace.queries.wishes import wishable_listings, wishes_of
from marketplace.search import MAX_QUERY_CHARS
from marketplace.services import wishes


class WishOutput(serializers.ModelSerializer):
    """A listing, a produce or a search; told once, when `told_at` says."""

    produce = serializers.CharField(source="produce.slug", default=None, allow_null=True)

    class Meta:
        model = Wish
        fields = ["id", "listing", "produce", "query", "created_at", "told_at"]
        read_only_fields = fields


class WishInput(Input):
    """One of the three: a listing's id, the slug of a produce, or words to search for."""

    listing = IdField(required=False)
    produce = TextField(max_length=60, required=False)
    query = TextField(max_length=MAX_QUERY_CHARS, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Please send one of listing, produce and query."), "one_of_three")
        return attrs


class WishViewSet(ListMixin, ApiViewSet):
    """One's own wishes, newest first."""

    tag = "wishes"
    scope = Scope.BUY
    serializer_class = WishOutput
    keyset = ("-pk",)
    queryset = Wish.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[Wish]:
        return wishes_of(self.request.user)

    @extend_schema(request=WishInput, responses={201: WishOutput})
    def create(self, request: Request) -> Response:
        """Ask to be told once it can be bought. Asking twice makes one wish."""
        sent: dict[str, Any] = self.read(WishInput)
        if "listing" in sent:
            sent["listing"] = get_object_or_404(wishable_listings(), pk=sent["listing"])
        if "produce" in sent:
            sent["produce"] = get_object_or_404(Produce, slug=sent["produce"])
        return self.show(wishes.make_wish(user=request.user, now=timezone.now(), **sent), status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Wait for it no longer."""
        wishes.take_back_wish(wish_id=self.get_object().pk, user=request.user)
        return Response(status=204)
