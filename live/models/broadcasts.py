"""Broadcasts, the listings on their table, and what was pinned when."""

import uuid
from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from accounts.models.closeness import not_about_ones_own
from marketplace.models import Listing, Offer


class BroadcastQuerySet(models.QuerySet["Broadcast"]):
    def shown(self) -> "BroadcastQuerySet":
        """What watchers may see: of verified farmers who want to be seen, not called off, not stopped.

        The one door to public pages.
        """
        seen = [Broadcast.Status.PLANNED, Broadcast.Status.LIVE, Broadcast.Status.ENDED]
        return self.filter(status__in=seen, farmer__status=Farmer.Status.VERIFIED, farmer__shows_picture=True)

    def on_air(self) -> "BroadcastQuerySet":
        return self.filter(status=Broadcast.Status.LIVE)

    def upcoming(self, now: datetime) -> "BroadcastQuerySet":
        """Planned and not forgotten, the next one first."""
        late = now - settings.LIVE_LATE_START
        return self.filter(status=Broadcast.Status.PLANNED, planned_for__gt=late).order_by("planned_for", "pk")

    def replays(self) -> "BroadcastQuerySet":
        """Over, and kept to be watched again; the newest first."""
        return self.filter(status=Broadcast.Status.ENDED, recorded_ms__gt=0, forgotten_at=None).order_by("-ended_at")

    def with_video(self) -> "BroadcastQuerySet":
        """Over, whole, and not forgotten yet: what takes up room, whether watchers may see it or a moderator stopped it."""
        over = [Broadcast.Status.ENDED, Broadcast.Status.STOPPED]
        return self.filter(status__in=over, recorded_ms__isnull=False, forgotten_at=None)


class Broadcast(models.Model):
    """One show of one farmer. `key` names its files and cannot be guessed.

    A live price holds from going live until the broadcast ends, and no longer than `minutes` (as announced).
    """

    class Status(models.TextChoices):
        PLANNED = "PLANNED", _("planned")
        LIVE = "LIVE", _("live now")
        ENDED = "ENDED", _("over")
        STOPPED = "STOPPED", _("stopped by a moderator")
        CALLED_OFF = "CALLED_OFF", _("called off")

    MINUTES = [(30, _("half an hour")), (60, _("an hour")), (120, _("two hours")), (180, _("three hours"))]

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="broadcasts")
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    stream_key = models.UUIDField(
        unique=True, null=True, editable=False, help_text="What another program sends under; a secret of the farmer's."
    )
    title = models.CharField(max_length=40)
    kept_title = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="The one that says a name which is shown nowhere.",
    )
    planned_for = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(choices=MINUTES, default=60)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNED)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When the last piece of video came.")
    ended_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="stopped_broadcasts"
    )
    stop_reason = models.CharField(max_length=500, blank=True)
    recorded_ms = models.PositiveIntegerField(null=True, blank=True, help_text="None until the recording is whole.")
    recorded_bytes = models.PositiveBigIntegerField(default=0)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="When its video was deleted.")

    objects = BroadcastQuerySet.as_manager()

    class Meta:
        ordering = ["-planned_for", "-pk"]
        constraints = [
            models.UniqueConstraint("farmer", condition=Q(status="LIVE"), name="broadcast_one_live_per_farmer"),
            models.CheckConstraint(condition=~Q(title=""), name="broadcast_has_title"),
            models.CheckConstraint(
                condition=Q(status__in=["PLANNED", "CALLED_OFF"], started_at=None)
                | Q(status="STOPPED", started_at=None, ended_at=None)
                | Q(status="LIVE", started_at__isnull=False, ended_at=None)
                | Q(status__in=["ENDED", "STOPPED"], started_at__isnull=False, ended_at__gte=F("started_at")),
                name="broadcast_times_fit_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="STOPPED") ^ Q(stopped_by__isnull=False, status="STOPPED"),
                name="broadcast_stopped_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "planned_for"], name="broadcast_by_status"),
            models.Index(fields=["farmer", "-planned_for"], name="broadcast_by_farmer"),
        ]
        triggers = [
            # A tie that is declared later is no reason to refuse other changes.
            not_about_ones_own("NEW.farmer_id", "NEW.stopped_by_id", on=pgtrigger.UpdateOf("stopped_by_id"))
        ]

    def __str__(self) -> str:
        return f"broadcast {self.pk}"

    @property
    def can_be_watched_again(self) -> bool:
        return self.status == self.Status.ENDED and bool(self.recorded_ms) and self.forgotten_at is None

    @property
    def can_be_examined(self) -> bool:
        """Whether there is video that a moderator can look at: of what is on, and of what is over and kept."""
        return self.status == self.Status.LIVE or (bool(self.recorded_ms) and self.forgotten_at is None)

    @property
    def stage(self) -> str:
        """What decides how its room looks: a page that was made in another has to be made anew."""
        return "REPLAY" if self.can_be_watched_again else self.status

    @property
    def until(self) -> datetime:
        """When the live prices end at the latest."""
        return (self.started_at or self.planned_for) + timedelta(minutes=self.minutes)


class TableItem(models.Model):
    """One listing on a broadcast's table, with its live price and its slice of a lot."""

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="items")
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+")
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="table_item")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint("broadcast", "listing", name="table_item_listing_once")]

    def __str__(self) -> str:
        return f"listing {self.listing_id} in broadcast {self.broadcast_id}"


class Pin(models.Model):
    """From this moment the farmer talked about this item. `at_ms` is where in the recording that is, once it is whole."""

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="pins")
    item = models.ForeignKey(TableItem, models.CASCADE, related_name="pins")
    pinned_at = models.DateTimeField()
    at_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["pinned_at", "pk"]
        indexes = [models.Index(fields=["broadcast", "-pinned_at"], name="pin_newest")]

    def __str__(self) -> str:
        return f"pin of item {self.item_id}"

    @property
    def at(self) -> str:
        """Where in the recording, as players write it: 1:05."""
        minutes, seconds = divmod((self.at_ms or 0) // 1000, 60)
        return f"{minutes}:{seconds:02}"
