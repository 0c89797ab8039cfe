"""Sheets that farmers send in: a row first, looked at by a task, saved as a whole once the farmer has agreed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.storage import private_storage
from marketplace.models.listings import Listing
from marketplace.models.lots import Lot


class SheetImport(models.Model):
    """One file of listings and lots. `problems` and `preview` are plain values; the words are made when shown.

    `plan_digest` stands for what the farmer agreed to: if the same file would now do something else, they look again.
    """

    class Status(models.TextChoices):
        CHECKING = "CHECKING", _("being looked at")
        READY = "READY", _("ready for you to look at")
        REFUSED = "REFUSED", _("something has to be mended")
        SAVING = "SAVING", _("being saved")
        DONE = "DONE", _("saved")
        DROPPED = "DROPPED", _("thrown away")

    AT_WORK = (Status.CHECKING, Status.SAVING)

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="sheet_imports")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    file = models.FileField(max_length=200, upload_to="sheets/", storage=private_storage, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.CHECKING)
    row_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    preview = models.JSONField(default=list)
    unknown_columns = models.JSONField(default=list)
    plan_digest = models.CharField(max_length=64, blank=True)
    has_moved_on = models.BooleanField(default=False, help_text="Between agreeing and saving, something changed.")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="A worker has it until then.")
    uploaded_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["SAVING", "DONE"]) | Q(confirmed_at__isnull=False),
                name="sheet_saved_only_when_agreed",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["READY", "SAVING", "DONE"]) | Q(problem_count=0),
                name="sheet_saved_only_without_problems",
            ),
        ]
        indexes = [
            models.Index(fields=["uploaded_at"], condition=Q(status__in=["CHECKING", "SAVING"]), name="sheet_at_work"),
            models.Index(fields=["farmer", "-uploaded_at"], name="sheet_by_farmer"),
            models.Index(fields=["uploaded_at"], condition=~Q(file=""), name="sheet_with_file"),
        ]

    def __str__(self) -> str:
        return f"sheet {self.pk}"


class ImportedRow(models.Model):
    """What one row of a sheet made, by a digest of what it said: the same row makes the same thing once, ever."""

    farmer = models.ForeignKey(Farmer, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="+")
    lot = models.ForeignKey(Lot, models.CASCADE, null=True, blank=True, related_name="+")
    sheet = models.ForeignKey(SheetImport, models.CASCADE, related_name="rows")

    class Meta:
        constraints = [models.UniqueConstraint("farmer", "digest", name="imported_row_once")]

    def __str__(self) -> str:
        return f"row of sheet {self.sheet_id}"
