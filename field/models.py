"""What phones sent after it had waited for signal: each entry under a key of its own, so that it takes effect once."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.models import AppendOnly
from marketplace.models import Photo


class Entry(models.Model):
    """One thing written down on a phone, by the farmer or by a specialist for them, under a key the phone made up.

    `about` is what it made or changed. What was refused, or met something changed meanwhile, did nothing; the same key may
    be tried again with the same body, and with another body never. REPLACED: the phone withdrew it for another one, and it
    will never be done, however late it arrives.
    """

    class Kind(models.TextChoices):
        LISTING = "LISTING", _("something to sell")
        LOT = "LOT", _("new harvest")
        WEIGHING = "WEIGHING", _("weighing")
        PACKING = "PACKING", _("packing")
        POSTING = "POSTING", _("posting")

    class State(models.TextChoices):
        DONE = "DONE", _("done")
        REFUSED = "REFUSED", _("not possible")
        CONFLICT = "CONFLICT", _("changed meanwhile")
        REPLACED = "REPLACED", _("withdrawn on the phone")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="entries")
    key = models.UUIDField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    digest = models.CharField(max_length=64, help_text="Of all that was sent with it, photos too.")
    state = models.CharField(max_length=8, choices=State.choices)
    about = models.CharField(max_length=40, blank=True, help_text="What it made or changed: “lot:12”.")
    link = models.CharField(max_length=100, blank=True, help_text="Where its writer sees it.")
    problem = models.CharField(max_length=40, blank=True, help_text="Code of what was wrong.")
    made_at = models.DateTimeField(help_text="By the phone's clock.")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint("farmer", "key", name="entry_once_per_key"),
            models.CheckConstraint(
                condition=(Q(state="DONE", problem="") & ~Q(about=""))
                | (Q(state__in=["REFUSED", "CONFLICT"], about="") & ~Q(problem=""))
                | Q(state="REPLACED", about="", problem=""),
                name="entry_state_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["farmer", "-received_at"], name="entry_by_farmer")]
        triggers = [
            pgtrigger.ReadOnly(name="entry_fixed", fields=["farmer", "key", "by", "kind", "digest", "made_at"]),
            pgtrigger.Protect(
                name="entry_end_is_the_end",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["DONE", "REPLACED"]),
            ),
            pgtrigger.Protect(name="entry_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class HeldPhoto(models.Model):
    """A photo that came up by itself, as it was sent, until the entry that names its sum arrives (held.py)."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("by", "digest", name="held_photo_once")]
        indexes = [models.Index(fields=["received_at"], name="held_photo_by_age")]

    def __str__(self) -> str:
        return f"held photo {self.pk}"

    @property
    def path(self) -> str:
        """Its place in private storage."""
        return f"held/{self.by_id}/{self.digest}"


class EntryPhoto(AppendOnly):
    """A picture taken along: of the scale, the box, the slip. Confined: the page that asks who looks shows it."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="photo_places")
    photo = models.OneToOneField(Photo, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"photo of entry {self.entry_id}"
