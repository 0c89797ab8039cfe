"""Notifications (what someone must know) and deliveries (one attempt chain over one channel): rows first, then sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """Something one person must know. `context` holds ids and plain values; the words are made when shown or sent."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=60, help_text="What it is about, e.g. parcel:123.")
    dedupe_key = models.CharField(max_length=140, unique=True)
    context = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notification_by_person"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"


class Delivery(models.Model):
    """One notification over one channel: claimed, tried, tried again with back-off, sent once or parked as failed."""

    class Channel(models.TextChoices):
        EMAIL = "EMAIL", _("e-mail")
        SMS = "SMS", _("text message")

    class Status(models.TextChoices):
        DUE = "DUE", _("to be sent")
        SENDING = "SENDING", _("being sent")
        SENT = "SENT", _("sent")
        FAILED = "FAILED", _("given up")

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address = models.CharField(max_length=254)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="When to try next; while SENDING, when the claim lapses.")
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=80, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint("notification", "channel", name="delivery_once_per_channel"),
            models.CheckConstraint(
                condition=~Q(status="SENT") | Q(sent_at__isnull=False), name="delivery_sent_has_time"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(status__in=["DUE", "SENDING"]), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.status}"


class OutboxMessage(models.Model):
    """What the embedded mode would have sent, for the person trying the shop to read. Unique per delivery."""

    delivery = models.OneToOneField(Delivery, models.CASCADE, null=True, blank=True, related_name="outbox_message")
    channel = models.CharField(max_length=5, choices=Delivery.Channel.choices)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-written_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class SmsDay(models.Model):
    """How many text messages were tried on one day (of the shop's time zone), so that a cap can be kept exactly."""

    day = models.DateField(primary_key=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "day of text messages"
        verbose_name_plural = "days of text messages"

    def __str__(self) -> str:
        return f"{self.day}: {self.attempts}"
