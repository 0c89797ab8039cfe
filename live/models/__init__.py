"""What broadcasts store: themselves, what lies on the table, what was pinned when, and the recorders that fed them."""

from live.models.broadcasts import Broadcast, Pin, TableItem
from live.models.ingest import IngestSession

__all__ = ["Broadcast", "IngestSession", "Pin", "TableItem"]
