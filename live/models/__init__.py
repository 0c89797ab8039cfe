"""What broadcasts store: themselves, what lies on the table, what was pinned when, the recorders that fed them, who waits,
what was said."""

from live.models.broadcasts import Broadcast, Pin, TableItem
from live.models.comments import Comment, CommentReport, Mute
from live.models.ingest import IngestSession
from live.models.reminders import Reminder

__all__ = ["Broadcast", "Comment", "CommentReport", "IngestSession", "Mute", "Pin", "Reminder", "TableItem"]
