"""All pages and answers of the studio: importing this registers them."""

from . import draft_views, publish_views, rule_views, table_views
from .room import room

__all__ = ["draft_views", "publish_views", "room", "rule_views", "table_views"]
