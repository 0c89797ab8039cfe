"""What one was told: list, count, and marking as read."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.fields import IdField, Input
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin, RetrieveMixin
from notifications import queries
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Notification
from notifications.services import mark_all_read, mark_read
from notifications.texts import words


class NotificationOutput(serializers.ModelSerializer):
    """Something one must know, in words of the language asked for."""

    title = serializers.SerializerMethodField()
    body = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = ["id", "kind", "about", "title", "body", "link", "created_at", "read_at"]
        read_only_fields = fields

    def get_title(self, row: Notification) -> str:
        return words(row.kind, row.context).title

    def get_body(self, row: Notification) -> str:
        return words(row.kind, row.context).body


class UpToInput(Input):
    """The newest one that was seen: what came after it stays unread."""

    up_to = IdField()


class NotificationFilter(django_filters.FilterSet):
    unread = django_filters.BooleanFilter(field_name="read_at", lookup_expr="isnull")


COUNT = inline_serializer("UnreadCount", {"unread": serializers.IntegerField()})


class NotificationViewSet(ListMixin, RetrieveMixin, ApiViewSet):
    """One's own notifications, newest first."""

    tag = "notifications"
    scope = Scope.READ
    serializer_class = NotificationOutput
    filterset_class = NotificationFilter
    keyset = ("-created_at", "-pk")

    def get_queryset(self) -> QuerySet[Notification]:
        return Notification.objects.filter(recipient_id=self.request.user.pk).exclude(kind=SIGN_IN_CODE)

    @extend_schema(responses=COUNT)
    def unread(self, request: Request) -> Response:
        """How many are unread."""
        return Response({"unread": queries.unread_count(request.user)})

    @extend_schema(request=None, responses=NotificationOutput)
    def read_one(self, request: Request, pk: int) -> Response:
        """Mark one as read. Safe twice."""
        mark_read(user=request.user, notification_id=self.get_object().pk, now=timezone.now())
        return self.show(self.get_object())

    @extend_schema(request=UpToInput, responses=COUNT)
    def read_all(self, request: Request) -> Response:
        """Mark as read everything up to one; answers how many are left."""
        sent: dict[str, Any] = self.read(UpToInput)
        mark_all_read(user=request.user, up_to=sent["up_to"], now=timezone.now())
        return self.unread(request)
