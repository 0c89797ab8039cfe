"""Places: every region for addresses, and the 832 counties that sell here."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def speaks_english() -> bool:
    """Whether the reader's language is English; else it is Chinese."""
    return (get_language() or "").startswith("en")


class LocalName(models.Model):
    """A name in Chinese and in English."""

    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if speaks_english() else self.name_zh


class Region(LocalName):
    """A province, prefecture or county anywhere in China: what an address is made of. GB/T 2260 code if there is one."""

    class Level(models.TextChoices):
        PROVINCE = "PROVINCE", _("province")
        PREFECTURE = "PREFECTURE", _("prefecture")
        COUNTY = "COUNTY", _("county")

    code = models.CharField(max_length=12, primary_key=True)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    is_current = models.BooleanField(default=True)
    is_virtual = models.BooleanField(default=False, help_text="A placeholder prefecture, e.g. of Beijing's districts.")

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["parent", "code"], name="region_by_parent")]


class County(LocalName):
    """One of the 832. Two list entries share one code today, so the slug is the key."""

    slug = models.SlugField(max_length=60, unique=True)
    list_no = models.PositiveSmallIntegerField(unique=True)
    code = models.CharField(max_length=6)
    province = models.ForeignKey(Region, models.PROTECT, related_name="+")
    prefecture_zh = models.CharField(max_length=60)
    prefecture_en = models.CharField(max_length=80)
    short_zh = models.CharField(max_length=60)
    short_en = models.CharField(max_length=80)
    alternative_en = models.CharField(max_length=120, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    year_lifted = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "counties"
        ordering = ["list_no"]

    @property
    def short_name(self) -> str:
        """ "寻乌" or "Xunwu"."""
        return self.short_en if speaks_english() else self.short_zh
