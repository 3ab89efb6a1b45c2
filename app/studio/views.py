"""All pages and answers of the studio: importing this registers them."""

from . import (
    comment_views,
    draft_views,
    form_views,
    modeler_views,
    moving_views,
    paper_views,
    proof_views,
    publish_views,
    rule_views,
    sight_views,
    table_views,
    try_views,
    version_views,
)
from .room import room

__all__ = [
    "comment_views",
    "draft_views",
    "form_views",
    "modeler_views",
    "moving_views",
    "paper_views",
    "proof_views",
    "publish_views",
    "room",
    "rule_views",
    "sight_views",
    "table_views",
    "try_views",
    "version_views",
]
