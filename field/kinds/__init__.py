"""The kinds of entries, by their place in the address."""

from typing import Any

from field.kinds.base import Kind
from field.kinds.lot import Harvest, Weighing
from field.kinds.posting import Posting

KINDS: dict[str, Kind[Any]] = {kind.slug: kind for kind in (Harvest(), Weighing(), Posting())}

__all__ = ["KINDS", "Kind"]
