"""The kinds of entries, by their place in the address."""

from typing import Any

from field.kinds.base import Kind
from field.kinds.listing import Offer
from field.kinds.lot import Harvest, Weighing
from field.kinds.packing import Packed
from field.kinds.posting import Posting

KINDS: dict[str, Kind[Any]] = {kind.slug: kind for kind in (Offer(), Harvest(), Weighing(), Packed(), Posting())}

__all__ = ["KINDS", "Kind"]
