"""Abstract pieces of models that more than three apps need."""

from typing import ClassVar

import pgtrigger
from django.db import models


class AppendOnly(models.Model):
    """A record that is written once: PostgreSQL refuses UPDATE and DELETE, whoever asks."""

    class Meta:
        abstract = True
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
