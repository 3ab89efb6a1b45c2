"""All pages of the room: importing this registers them."""

from . import hearing_views, legal_views, meeting_views
from .room import room

__all__ = ["hearing_views", "legal_views", "meeting_views", "room"]
