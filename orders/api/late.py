"""Parcels that should have been posted, for those who call and help."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from common.api.permissions import Scope, SignedIn
from common.api.views import ApiViewSet, ListMixin
from orders import queries
from orders.models import Parcel


class LateHelpers(SignedIn):
    """Specialists posted today, and moderators; for everybody else there is nothing here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        posted = queries.current_postings(timezone.localdate()).filter(specialist=request.user.pk)
        if not (request.user.is_moderator or posted.exists()):
            raise Http404
        return True


class LateOutput(serializers.ModelSerializer):
    """A parcel that is late. Nothing of its buyer is in it."""

    farmer = serializers.IntegerField(source="farmer_id")
    farmer_name = serializers.CharField(source="farmer.name")
    farmer_phone = serializers.CharField(source="farmer.user.phone", allow_null=True, help_text="To call and help.")
    county = serializers.CharField(source="farmer.county.slug")

    class Meta:
        model = Parcel
        fields = ["number", "farmer", "farmer_name", "farmer_phone", "county", "post_by", "weight_grams"]
        read_only_fields = fields


class LateViewSet(ListMixin, ApiViewSet):
    """Late parcels of the counties one is posted to, of all for moderators; the latest first."""

    tag = "moderation"
    scope = Scope.MODERATE
    permission_classes = [LateHelpers]
    serializer_class = LateOutput
    keyset = ("post_by", "pk")
    queryset = Parcel.objects.none()

    def get_queryset(self) -> QuerySet[Parcel]:
        return queries.late_parcels(self.request.user, on=timezone.localdate())
