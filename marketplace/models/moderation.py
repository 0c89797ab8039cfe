"""Every moderation decision, kept for good."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.closeness import not_about_ones_own
from common.models import AppendOnly
from marketplace.models.listings import Listing, ListingRevision
from marketplace.models.storefronts import Storefront

_FARMER = """COALESCE(
    (SELECT farmer_id FROM marketplace_listing WHERE id = NEW.listing_id),
    (SELECT farmer_id FROM marketplace_storefront WHERE id = NEW.storefront_id)
)"""


class ModerationDecision(AppendOnly):
    """Who decided what about a revision, a live listing or a storefront's proposal, when and why. Never changed."""

    class Verdict(models.TextChoices):
        APPROVE = "APPROVE", _("approved")
        ASK_CHANGE = "ASK_CHANGE", _("change asked for")
        REJECT = "REJECT", _("rejected")
        TAKE_DOWN = "TAKE_DOWN", _("taken down")
        RESTORE = "RESTORE", _("put back")

    listing = models.ForeignKey(Listing, models.PROTECT, null=True, blank=True, related_name="decisions")
    revision = models.ForeignKey(ListingRevision, models.PROTECT, null=True, blank=True, related_name="decisions")
    storefront = models.ForeignKey(Storefront, models.PROTECT, null=True, blank=True, related_name="decisions")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["decided_at", "pk"]
        triggers = [*AppendOnly.Meta.triggers, not_about_ones_own(_FARMER)]
        constraints = [
            models.CheckConstraint(
                condition=Q(listing__isnull=False, storefront__isnull=True)
                | Q(listing__isnull=True, revision__isnull=True, storefront__isnull=False),
                name="decision_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["APPROVE", "RESTORE"]) | ~Q(reason=""), name="decision_has_reason"
            ),
            models.UniqueConstraint(
                "revision",
                condition=Q(verdict__in=["APPROVE", "ASK_CHANGE", "REJECT"]),
                name="revision_decided_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.decided_by_id}"
