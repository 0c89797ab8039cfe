"""Photos: kept privately as they came in until a task has made clean copies, then only the copies remain."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
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
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="A worker has it until then.")
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="READY") | Q(width__gt=0, height__gt=0), name="photo_ready_has_size"
            )
        ]
        indexes = [
            models.Index(fields=["uploaded_at"], condition=Q(status="WAITING"), name="photo_waiting"),
            models.Index(
                fields=["uploaded_at"],
                condition=~Q(status="WAITING") & ~Q(original=""),
                name="photo_original_to_delete",
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.pk}"

    def path(self, width: int) -> str:
        """The storage name of the copy that is `width` px wide."""
        return f"photos/{self.key}/{width}.webp"

    def url(self, width: int) -> str:
        """The address of the smallest copy at least `width` px wide, else of the largest; "" while not ready."""
        if self.status != self.Status.READY or not self.sizes:
            return ""
        fitting = [size for size in sorted(self.sizes) if size >= width]
        return storages["default"].url(self.path(fitting[0] if fitting else max(self.sizes)))

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
