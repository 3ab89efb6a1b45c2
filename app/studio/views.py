"""All pages and answers of the studio: importing this registers them."""

from . import comment_views, draft_views, modeler_views, proof_views, publish_views, try_views, version_views
from .room import room

__all__ = [
    "comment_views",
    "draft_views",
    "modeler_views",
    "proof_views",
    "publish_views",
    "room",
    "try_views",
    "version_views",
]
