"""Reminders: who wants to be told when an announced broadcast begins."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from live.models.broadcasts import Broadcast


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def due(self) -> "ReminderQuerySet":
        """Not told yet, of broadcasts that have begun or will never begin."""
        known = [Broadcast.Status.LIVE, Broadcast.Status.CALLED_OFF]
        never = Q(broadcast__status=Broadcast.Status.STOPPED, broadcast__started_at=None)
        return self.filter(Q(broadcast__status__in=known) | never, told_at=None)


class Reminder(models.Model):
    """One person waits for one broadcast, and is told once: that it has begun, or that it will not."""

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="reminders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="broadcast_reminders")
    asked_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("broadcast", "user", name="reminder_once")]
        indexes = [models.Index(fields=["broadcast"], condition=Q(told_at=None), name="reminder_waiting")]

    def __str__(self) -> str:
        return f"reminder of broadcast {self.broadcast_id} for user {self.user_id}"
