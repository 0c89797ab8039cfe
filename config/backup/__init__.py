"""Backups: the database as it was at one moment, the files beside it, and a manifest that says what must come back."""

from config.backup.facts import facts_of
from config.backup.making import make_backup
from config.backup.programs import BackupError
from config.backup.restoring import restore_backup

__all__ = ["BackupError", "facts_of", "make_backup", "restore_backup"]
