"""Abstract pieces of models that more than three apps need."""

from typing import ClassVar

import pgtrigger
from django.db import models

#: For records that must outlive a mistake with TRUNCATE too: row triggers do not see it.
NO_TRUNCATE = pgtrigger.Trigger(
    name="no_truncate",
    level=pgtrigger.Statement,
    operation=pgtrigger.Truncate,
    when=pgtrigger.Before,
    func="RAISE EXCEPTION 'Cannot truncate %', TG_TABLE_NAME;",
)


class AppendOnly(models.Model):
    """A record that is written once: PostgreSQL refuses UPDATE and DELETE, whoever asks."""

    class Meta:
        abstract = True
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
