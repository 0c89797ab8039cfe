"""Notifications (what someone must know) and deliveries (one attempt chain over one channel): rows first, then sent."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly


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

    @property
    def audience(self) -> str:
        """Whom the words are for where a kind has several: "buyer", "farmer", or ""."""
        return str(self.context.get("audience") or "")


class Delivery(models.Model):
    """One notification over one channel: claimed, tried, tried again with back-off, sent once or parked as failed."""

    class Channel(models.TextChoices):
        EMAIL = "EMAIL", _("e-mail")
        SMS = "SMS", _("text message")
        PUSH = "PUSH", _("notice on the phone")

    class Status(models.TextChoices):
        DUE = "DUE", _("to be sent")
        SENDING = "SENDING", _("being sent")
        SENT = "SENT", _("sent")
        FAILED = "FAILED", _("given up")
        DROPPED = "DROPPED", _("no longer wanted")

    class Receipt(models.TextChoices):
        ARRIVED = "ARRIVED", _("arrived")
        LOST = "LOST", _("did not arrive")

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address = models.CharField(max_length=254)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="When to try next; while SENDING, when the claim lapses.")
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=80, blank=True)
    last_error = models.CharField(max_length=200, blank=True)
    carried_by = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="carries",
        help_text="The message that tells of this too.",
    )
    is_fallback = models.BooleanField(
        default=False, db_default=False, help_text="Made because another channel did not reach the person."
    )
    receipt = models.CharField(max_length=7, choices=Receipt.choices, blank=True, db_default="")
    receipt_code = models.CharField(
        max_length=40, blank=True, db_default="", help_text="The provider's own word for it."
    )
    receipt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint("notification", "channel", name="delivery_once_per_channel"),
            models.UniqueConstraint("notification", condition=Q(is_fallback=True), name="delivery_falls_back_once"),
            models.CheckConstraint(
                condition=Q(carried_by__isnull=True) | ~Q(carried_by=F("pk")), name="delivery_carried_by_another"
            ),
            models.CheckConstraint(
                condition=Q(receipt="") | Q(receipt_at__isnull=False), name="delivery_receipt_has_time"
            ),
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


class Choices(models.Model):
    """How one person wants to be told. No row: every channel, the shop's own quiet hours.

    `off` holds "GROUP/CHANNEL" for what is switched off; what must be told still finds a way (notifications/ways.py).
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="choices")
    off = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    never_quiet = models.BooleanField(default=False, help_text="Not even in the shop's own quiet hours.")
    time_zone = models.CharField(max_length=40, blank=True, help_text="IANA name; empty: the shop's.")

    class Meta:
        verbose_name_plural = "choices"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="choices_quiet_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"choices of user {self.user_id}"


class Device(models.Model):
    """A browser that takes notices for one person (a web push subscription), until its push service says it is gone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=200)
    auth = models.CharField(max_length=100)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"device {self.pk}"


class ChannelHealth(models.Model):
    """What the senders know of one channel's provider, shared by all of them: the circuit breaker's state."""

    channel = models.CharField(max_length=5, choices=Delivery.Channel.choices, primary_key=True)
    failures = models.PositiveIntegerField(default=0, help_text="Since it last worked.")
    closed_until = models.DateTimeField(null=True, blank=True, help_text="Nothing is sent before; then one tries.")
    slow_until = models.DateTimeField(null=True, blank=True, help_text="Until then one sender at a time.")

    class Meta:
        verbose_name_plural = "health of channels"

    def __str__(self) -> str:
        return f"{self.channel}: {self.failures} failures"


class WebhookSubscription(models.Model):
    """Where one person's programs want to hear of what happens to their own things. The secret signs what is sent.

    After a change of secret, both sign until `old_secret_until`. Paused: by its owner; disabled: it failed for too long.
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("switched on")
        PAUSED = "PAUSED", _("paused")
        DISABLED = "DISABLED", _("switched off after too many failures")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=40))
    secret = models.CharField(max_length=80)
    old_secret = models.CharField(max_length=80, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    failing_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "url", name="webhook_url_once"),
            models.CheckConstraint(condition=~Q(secret=""), name="webhook_has_secret"),
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class WebhookDelivery(models.Model):
    """One event for one subscription: written with the event itself, then tried until it is taken or given up.

    `body` is what is sent, byte for byte, each time under the same `event_id`.
    """

    class Status(models.TextChoices):
        DUE = "DUE", _("to be sent")
        SENDING = "SENDING", _("being sent")
        SENT = "SENT", _("taken")
        FAILED = "FAILED", _("given up")

    OPEN = (Status.DUE, Status.SENDING)

    subscription = models.ForeignKey(WebhookSubscription, models.CASCADE, related_name="deliveries")
    event_id = models.CharField(max_length=40)
    event = models.CharField(max_length=40)
    body = models.TextField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    tries_left = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField(help_text="When to try next; while SENDING, when the claim lapses.")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [models.UniqueConstraint("subscription", "event_id", name="webhook_event_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status__in=["DUE", "SENDING"]), name="webhook_due"),
            models.Index(fields=["subscription", "-id"], name="webhook_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"


class WebhookAttempt(models.Model):
    """One line of the log: what a subscriber's server answered, or why it was not asked."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(default=0)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=80, blank=True)
    answer = models.CharField(max_length=500, blank=True, help_text="The beginning of what it said.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint("delivery", "number", name="webhook_attempt_once")]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.http_status or self.error}"


class SmsReply(AppendOnly):
    """A text message that came back from the phone of somebody we know. `answers` is what it was understood as.

    “pick_list:12”: their yes to that list. Empty: a person has to read it. Once for each of the provider's messages.
    """

    provider = models.CharField(max_length=20)
    key = models.CharField(max_length=80, help_text="The provider's name of it.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sms_replies")
    text = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()
    answers = models.CharField(max_length=40, blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint("provider", "key", name="sms_reply_once")]
        indexes = [models.Index(fields=["user", "-received_at"], name="sms_reply_by_user")]

    def __str__(self) -> str:
        return f"reply {self.pk}"
