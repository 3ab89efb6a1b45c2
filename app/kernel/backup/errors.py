"""What goes wrong with a backup, in the words of the person at the terminal."""

from ..errors import XingquanError


class BackupError(XingquanError):
    """A backup or a restore that cannot be done. The message says why and what to do."""

    code = "backup"


class WrongPlace(BackupError):
    """The folder is no backup place, or that of another database."""

    code = "backup_place"


class Damaged(BackupError):
    """A file of the backup is missing or has another content than was written."""

    code = "backup_damaged"


class OutOfReach(BackupError):
    """The wished moment lies before the first backup or after the last write-ahead log."""

    code = "backup_reach"


class NeedsFull(BackupError):
    """An incremental backup is impossible here: take a full one."""

    code = "backup_needs_full"
