"""Words that a listing had better not say, and why. Staff edit them in the administration."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ForbiddenTerm(models.Model):
    """A word or claim that is marked in the text for a moderator, who decides. It refuses nothing by itself."""

    class Kind(models.TextChoices):
        SUPERLATIVE = "SUPERLATIVE", _("superlative (advertising law)")
        MEDICAL = "MEDICAL", _("medical claim")
        MARK = "MARK", _("protected mark")
        CONTACT = "CONTACT", _("contact or another shop")
        OTHER = "OTHER", _("other")

    term = models.CharField(
        max_length=40, unique=True, help_text=_("Spaces and signs between its characters don't hide it.")
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    fine_in = models.CharField(
        max_length=300,
        blank=True,
        help_text=_("Longer words that hold it and are fine, with spaces between: 最近 最后"),
    )
    why_zh = models.CharField(max_length=200)
    why_en = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "term"]
        constraints = [models.CheckConstraint(condition=~Q(term=""), name="term_not_empty")]

    def __str__(self) -> str:
        return self.term
