"""Recorders: each time a phone starts to record for a broadcast, that is one session with a key of its own."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from live.models.broadcasts import Broadcast


class IngestSession(models.Model):
    """What one recorder sends, in one format. A broadcast has one open at a time; a new one ends the one before.

    The bytes are in the spool (live/spool.py) and nowhere else; those of a STREAM are read from the media server as they
    come.
    """

    class Format(models.TextChoices):
        MP4_H264 = "MP4_H264", "video/mp4, H.264"
        WEBM_H264 = "WEBM_H264", "video/webm, H.264"
        WEBM_VP8 = "WEBM_VP8", "video/webm, VP8"
        STREAM = "STREAM", "H.264 from the media server"

    class Outcome(models.TextChoices):
        REPLACED = "REPLACED", _("a new recorder took over")
        FAILED = "FAILED", _("the video could not be read")
        ENDED = "ENDED", _("the broadcast ended")

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="sessions")
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    format = models.CharField(max_length=10, choices=Format.choices)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint("broadcast", condition=Q(closed_at=None), name="ingest_one_open_per_broadcast"),
            models.CheckConstraint(condition=Q(closed_at=None, outcome="") | ~Q(outcome=""), name="ingest_has_outcome"),
        ]

    def __str__(self) -> str:
        return f"recorder {self.pk} of broadcast {self.broadcast_id}"

    @property
    def must_be_transcoded(self) -> bool:
        """Whether watchers' players cannot take its video as it comes; that costs about a core."""
        return self.format == self.Format.WEBM_VP8
