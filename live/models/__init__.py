"""What broadcasts store: themselves, what lies on the table, what was pinned when, the recorders that fed them, who waits."""

from live.models.broadcasts import Broadcast, Pin, TableItem
from live.models.ingest import IngestSession
from live.models.reminders import Reminder

__all__ = ["Broadcast", "IngestSession", "Pin", "Reminder", "TableItem"]
