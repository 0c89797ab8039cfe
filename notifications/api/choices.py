"""How one wants to be told, and the devices that take notices."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.etags import takes_if_match, unchanged
from common.api.fields import FlagField, Input, TextField
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin
from notifications.models import Choices, Device
from notifications.services import choosing


class ChoicesOutput(serializers.ModelSerializer):
    """What is switched off ("GROUP/CHANNEL"), and the hours without a sound; empty: the shop's own."""

    class Meta:
        model = Choices
        fields = ["off", "quiet_from", "quiet_until", "never_quiet", "time_zone"]
        read_only_fields = fields


class ChoicesInput(Input):
    """All of it anew. What must reach people keeps one way on."""

    off = serializers.ListField(child=serializers.ChoiceField(sorted(choosing.KNOWN)), max_length=len(choosing.KNOWN))
    quiet_from = serializers.TimeField(required=False, default=None, allow_null=True)
    quiet_until = serializers.TimeField(required=False, default=None, allow_null=True)
    never_quiet = FlagField(required=False, default=False)
    time_zone = TextField(max_length=40, required=False, default="", allow_blank=True, help_text="IANA, or the shop's.")


class ChoicesViewSet(ApiViewSet):
    """How one wants to be told."""

    tag = "notifications"
    serializer_class = ChoicesOutput
    pagination_class = None
    queryset = Choices.objects.none()

    @property
    def scope(self) -> str:  # type: ignore[override]
        """A token that only reads changes nothing."""
        return Scope.READ if self.request and self.request.method == "GET" else Scope.BUY

    def _mine(self) -> Choices:
        user = self.request.user
        return Choices.objects.filter(user=user.pk).first() or Choices(user=user)

    @extend_schema(responses=ChoicesOutput)
    def retrieve(self, request: Request) -> Response:
        """What is chosen now; everything is on until it is switched off."""
        return self.show(self._mine())

    @extend_schema(request=ChoicesInput, responses=ChoicesOutput)
    @takes_if_match
    def update(self, request: Request) -> Response:
        """Choose anew."""
        sent: dict[str, Any] = self.read(ChoicesInput)
        with unchanged(request, f"choices:{request.user.pk}", lambda: self.show(self._mine()).data):
            choosing.save_choices(user=request.user, **sent)
        return self.show(self._mine())


class DeviceOutput(serializers.ModelSerializer):
    """A browser that takes notices. Its address is a secret between it and us."""

    class Meta:
        model = Device
        fields = ["id", "added_at"]
        read_only_fields = fields


class DeviceInput(Input):
    """A web push subscription, as a browser gives it."""

    endpoint = TextField(max_length=1000)
    p256dh = TextField(max_length=120)
    auth = TextField(max_length=40)


class DeviceViewSet(ListMixin, ApiViewSet):
    """One's own devices: 10 at most."""

    tag = "notifications"
    scope = Scope.BUY
    serializer_class = DeviceOutput
    keyset = ("-pk",)
    queryset = Device.objects.none()

    def get_queryset(self) -> QuerySet[Device]:
        return Device.objects.filter(user=self.request.user.pk)

    @extend_schema(request=DeviceInput, responses={201: DeviceOutput})
    def create(self, request: Request) -> Response:
        """Let a browser take notices. The same one again is the same device."""
        return self.show(
            choosing.add_device(user=request.user, now=timezone.now(), **self.read(DeviceInput)), status=201
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """No more notices there."""
        choosing.remove_device(user=request.user, device_id=self.get_object().pk)
        return Response(status=204)
