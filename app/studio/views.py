"""All pages and answers of the studio: importing this registers them."""

from . import comment_views, draft_views, proof_views, version_views
from .room import room

__all__ = ["comment_views", "draft_views", "proof_views", "room", "version_views"]
