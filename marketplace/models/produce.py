"""Produce: the taxonomy of what can be sold."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.places import LocalName


class Produce(LocalName):
    """A group (fruit) or a kind in it (navel orange). Only kinds are listed. Shelf life assumes sound storage."""

    class Cold(models.TextChoices):
        NO = "NO", _("no cooling needed")
        RECOMMENDED = "RECOMMENDED", _("better cooled")
        YES = "YES", _("must be cooled")

    class Unit(models.TextChoices):
        KG = "KG", "kg"
        LITRE = "L", "L"

    slug = models.SlugField(max_length=60, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="kinds")
    unit = models.CharField(max_length=2, choices=Unit.choices, default=Unit.KG)
    shelf_life_days = models.PositiveSmallIntegerField(null=True, blank=True)
    cold = models.CharField(max_length=12, choices=Cold.choices, default=Cold.NO)
    harvest_months = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    picture = models.CharField(max_length=60, blank=True, help_text="A file under static/pictures/.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "produce"
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(shelf_life_days__gt=0), name="produce_kind_has_shelf_life"
            )
        ]
