"""What staff did, kept for good; and whose things are too close to a person to be decided by them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.farmers import Farmer
from common.models import NO_TRUNCATE, AppendOnly


class StaffAct(AppendOnly):
    """Who did what, when, from where and why; `old` and `new` hold what it changed. PostgreSQL refuses to alter it."""

    class Way(models.TextChoices):
        PAGE = "PAGE", _("page")
        API = "API", _("API")
        ADMIN = "ADMIN", _("administration")
        SERVER = "SERVER", _("on the server")

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40, help_text="What was done: “revision_approve”, “user_change”.")
    about = models.CharField(max_length=80, help_text="To what: “revision:12”.")
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    way = models.CharField(max_length=6, choices=Way.choices)
    ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ["-at", "-pk"]
        triggers = [*AppendOnly.Meta.triggers, NO_TRUNCATE]
        constraints = [
            models.CheckConstraint(condition=~Q(kind="") & ~Q(about=""), name="act_says_what"),
            models.CheckConstraint(condition=Q(way="SERVER") | Q(actor__isnull=False), name="act_has_actor"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="act_newest"),
            models.Index(fields=["actor", "-at"], name="act_by_actor"),
            models.Index(fields=["about"], name="act_by_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"


class Tie(models.Model):
    """Somebody's household, kin or friend among the farmers: about their things this person decides nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="ties")
    farmer = models.ForeignKey(Farmer, models.CASCADE, related_name="ties")
    note = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("user", "farmer", name="tie_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.farmer}"
