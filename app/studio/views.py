"""All pages and answers of the studio: importing this registers them."""

from . import draft_views, modeler_views, publish_views, try_views
from .room import room

__all__ = ["draft_views", "modeler_views", "publish_views", "room", "try_views"]
