"""All pages of the room: importing this registers them."""

from . import manual_views, step_views, tour_views
from .room import room

__all__ = ["manual_views", "room", "step_views", "tour_views"]
