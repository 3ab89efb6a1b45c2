"""Backup and restore: database and files together, to a folder that outlives this machine (docs/backup.md)."""
