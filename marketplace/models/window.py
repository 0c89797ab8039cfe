"""The shop window's version: a number that moves whenever what buyers may see in it changes."""

from django.db import models
from django.db.models import Q


class Window(models.Model):
    """One row. PostgreSQL moves `version` by triggers (migration `window_version`) in the transaction that takes something
    away, puts something up or changes a price, as its very last act; nobody else writes it.

    A page kept under the version read before it was made is therefore never shown once that transaction has committed.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="window_is_one")]

    def __str__(self) -> str:
        return f"version {self.version}"
