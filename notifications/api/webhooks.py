"""One's webhooks in the API: subscriptions, and the log of what was sent."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.etags import takes_if_match, unchanged
from common.api.fields import Input, TextField
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin, RetrieveMixin
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookSubscription
from notifications.webhooks import subscribing
from notifications.webhooks.events import EVENTS


class WebhookOutput(serializers.ModelSerializer):
    """Where a program is told, and of what."""

    class Meta:
        model = WebhookSubscription
        fields = ["id", "url", "events", "status", "failing_since", "created_at"]
        read_only_fields = fields


class WebhookSecretOutput(WebhookOutput):
    """With the secret: said when it is made, and never again by the API."""

    class Meta(WebhookOutput.Meta):
        fields = [*WebhookOutput.Meta.fields, "secret"]
        read_only_fields = fields


class EventsInput(Input):
    """What to tell."""

    events = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(EVENTS)), allow_empty=False, max_length=len(EVENTS)
    )


class WebhookInput(EventsInput):
    """An address, and what to tell it."""

    url = TextField(max_length=500)


class AttemptOutput(serializers.ModelSerializer):
    """One line of the log."""

    class Meta:
        model = WebhookAttempt
        fields = ["number", "started_at", "milliseconds", "http_status", "error", "answer"]
        read_only_fields = fields


class DeliveryOutput(serializers.ModelSerializer):
    """One event as it was sent, and each attempt."""

    tries = AttemptOutput(many=True, read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = ["id", "event_id", "event", "body", "status", "attempts", "due_at", "created_at", "sent_at", "tries"]
        read_only_fields = fields


class WebhookViewSet(ListMixin, RetrieveMixin, ApiViewSet):
    """One's own webhooks: 10 at most. A token that reads may add one: it hears of nothing that it could not read."""

    tag = "webhooks"
    scope = Scope.READ
    serializer_class = WebhookOutput
    keyset = ("-pk",)
    queryset = WebhookSubscription.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[WebhookSubscription]:
        return WebhookSubscription.objects.filter(owner=self.request.user.pk)

    @extend_schema(request=WebhookInput, responses={201: WebhookSecretOutput})
    def create(self, request: Request) -> Response:
        """Tell an address from now on. The answer holds the secret."""
        sent = self.read(WebhookInput)
        made = subscribing.subscribe(owner=request.user, url=sent["url"], events=sent["events"], now=timezone.now())
        return self.show(made, status=201, serializer_class=WebhookSecretOutput)

    @extend_schema(request=EventsInput, responses=WebhookOutput)
    @takes_if_match
    def partial_update(self, request: Request, pk: int) -> Response:
        """Tell of other events."""
        hook, sent = self.get_object(), self.read(EventsInput)
        with unchanged(request, f"webhook:{pk}", lambda: self.show(self.get_object()).data):
            hook = subscribing.choose_events(subscription_id=hook.pk, owner=request.user, events=sent["events"])
        return self.show(hook)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Forget an address and its log."""
        subscribing.unsubscribe(subscription_id=self.get_object().pk, owner=request.user)
        return Response(status=204)

    @extend_schema(request=None, responses=WebhookSecretOutput)
    def secret(self, request: Request, pk: int) -> Response:
        """A new secret; the old one signs too for a day."""
        hook = subscribing.change_secret(subscription_id=self.get_object().pk, owner=request.user, now=timezone.now())
        return self.show(hook, serializer_class=WebhookSecretOutput)

    @extend_schema(request=None, responses={202: DeliveryOutput})
    def test(self, request: Request, pk: int) -> Response:
        """Send a ping."""
        delivery = subscribing.send_test(subscription_id=self.get_object().pk, owner=request.user, now=timezone.now())
        return self.show(delivery, status=202, serializer_class=DeliveryOutput)

    @extend_schema(request=None, responses=WebhookOutput)
    def pause(self, request: Request, pk: int) -> Response:
        """Tell nothing for a while."""
        return self.show(subscribing.pause(subscription_id=self.get_object().pk, owner=request.user))

    @extend_schema(request=None, responses=WebhookOutput)
    def resume(self, request: Request, pk: int) -> Response:
        """Go on."""
        return self.show(subscribing.resume(subscription_id=self.get_object().pk, owner=request.user))


class WebhookDeliveryViewSet(ListMixin, RetrieveMixin, ApiViewSet):
    """What was sent to one of one's addresses, newest first; kept for 30 days."""

    tag = "webhooks"
    scope = Scope.READ
    serializer_class = DeliveryOutput
    keyset = ("-pk",)
    queryset = WebhookDelivery.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        own = WebhookDelivery.objects.filter(
            subscription=self.kwargs.get("hook"), subscription__owner=self.request.user.pk
        )
        return own.prefetch_related("tries")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The log of one address; 404 for another's."""
        get_object_or_404(WebhookSubscription, pk=kwargs["hook"], owner=request.user.pk)
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses={202: DeliveryOutput})
    def replay(self, request: Request, hook: int, pk: int) -> Response:
        """Send an event again, under its own id."""
        subscribing.replay(delivery_id=self.get_object().pk, owner=request.user, now=timezone.now())
        return self.show(self.get_object(), status=202)
