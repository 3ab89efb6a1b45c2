"""All pages and answers of the studio: importing this registers them."""

from . import draft_views, moving_views, sight_views
from .room import room

__all__ = ["draft_views", "moving_views", "room", "sight_views"]
