"""Links that people share: who shared what, and how often it was opened. Nothing is known of who opened it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ShareLink(models.Model):
    """One person's link to one thing. There is nothing above it and nothing below: a link leads to a thing, never to a link.

    `thing_id` is the primary key of a listing, a farmer or a broadcast, as `kind` says; whoever knows them looks it up
    (settings.SHARED_THINGS).
    """

    class Kind(models.TextChoices):
        LISTING = "LISTING", _("something on sale")
        FARM = "FARM", _("a farmer's shop")
        LIVE = "LIVE", _("a broadcast")

    code = models.CharField(max_length=8, unique=True)
    sharer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="share_links")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    thing_id = models.PositiveBigIntegerField()
    opened = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint("sharer", "kind", "thing_id", name="share_link_once"),
            models.CheckConstraint(condition=~Q(code=""), name="share_link_has_code"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="share_link_fixed", fields=["code", "sharer", "kind", "thing_id", "made_at"]),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def slug(self) -> str:
        """The kind as addresses write it."""
        return self.kind.lower()
