"""All pages and answers of the studio: importing this registers them."""

from . import draft_views
from .room import room

__all__ = ["draft_views", "room"]
