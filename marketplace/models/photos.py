"""Photos: kept privately as they came in until a task has made clean copies, then only the copies remain.

The copies are private too until a moderator has approved what they belong to; then they move to where everybody can
fetch them.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.storage import private_storage


def original_path(photo: "Photo", filename: str) -> str:
    """A random name: nothing of what the uploader's phone called the file is kept."""
    return f"originals/{photo.key}"


class Photo(models.Model):
    """One picture. `sizes` are the widths in px that were made; EXIF and GPS never leave `original`, which is deleted."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("being prepared")
        READY = "READY", _("ready")
        REFUSED = "REFUSED", _("could not be read")

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="photos")
    original = models.FileField(max_length=200, upload_to=original_path, storage=private_storage, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    sizes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True, help_text="Buyers may see it since then.")
    public_at = models.DateTimeField(null=True, blank=True, help_text="Its copies lie in public storage since then.")
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="Its farmer wants it to be shown nowhere since then."
    )
    is_confined = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Shown by the page of what it belongs to alone, which asks who looks; not even to who took it.",
    )
    fingerprint = models.BigIntegerField(
        null=True, blank=True, help_text="What it looks like, in 64 bits; see likeness.py."
    )
    bands = ArrayField(models.IntegerField(), default=list, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="A worker has it until then.")
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="READY") | Q(width__gt=0, height__gt=0), name="photo_ready_has_size"
            ),
            models.CheckConstraint(
                condition=Q(public_at__isnull=True) | Q(approved_at__isnull=False, status="READY"),
                name="photo_public_only_approved",
            ),
            models.CheckConstraint(
                condition=Q(is_confined=False) | Q(approved_at__isnull=True, public_at__isnull=True),
                name="photo_confined_is_never_shown",
            ),
        ]
        indexes = [
            models.Index(fields=["uploaded_at"], condition=Q(status="WAITING"), name="photo_waiting"),
            models.Index(
                fields=["uploaded_at"],
                condition=~Q(status="WAITING") & ~Q(original=""),
                name="photo_original_to_delete",
            ),
            models.Index(
                fields=["approved_at"],
                condition=Q(approved_at__isnull=False, public_at__isnull=True),
                name="photo_to_publish",
            ),
            GinIndex(fields=["bands"], name="photo_bands"),
        ]

    def __str__(self) -> str:
        return f"photo {self.pk}"

    def path(self, width: int) -> str:
        """The storage name of the copy that is `width` px wide."""
        return f"photos/{self.key}/{width}.webp"

    def url(self, width: int) -> str:
        """The address of the smallest copy at least `width` px wide, else of the largest; "" while not ready, or
        where its farmer took it away.

        Until it is approved that is a page of ours, which asks who wants to see it.
        """
        if self.status != self.Status.READY or not self.sizes or self.withdrawn_at:
            return ""
        size = self.size_for(width)
        if self.public_at is None:
            return reverse("marketplace:photo_copy", args=[self.key, size])
        return storages["default"].url(self.path(size))

    def size_for(self, width: int) -> int:
        """The width of the smallest copy at least `width` px wide, else of the largest."""
        return min((size for size in self.sizes if size >= width), default=max(self.sizes))

    @property
    def storage(self) -> Storage:
        """Where its copies lie."""
        return storages["default" if self.public_at else "private"]

    @property
    def srcset(self) -> str:
        """All copies for an img's srcset."""
        return ", ".join(f"{self.url(size)} {size}w" for size in sorted(self.sizes)) if self.url(1) else ""

    @property
    def small(self) -> str:
        return self.url(320)

    @property
    def medium(self) -> str:
        return self.url(640)

    @property
    def large(self) -> str:
        return self.url(1280)
