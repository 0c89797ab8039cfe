"""What a phone sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from accounts.models import Farmer, User


@dataclass(frozen=True)
class Sent:
    """One entry as it arrived: its key, who wrote it for whom, when, and what (`values`, checked for shape).

    `thing` and `version` say what it is about and how that was when it was written; `replaces` is the key of the one that
    its writer corrected with it.
    """

    key: UUID
    farmer: Farmer
    by: User
    digest: str
    made_at: datetime
    values: dict[str, Any]
    thing: int = 0
    version: str = ""
    replaces: UUID | None = None
    photos: Sequence[UploadedFile] = ()

    @property
    def is_delegated(self) -> bool:
        """Whether a specialist wrote it for the farmer."""
        return self.by.pk != self.farmer.user_id
