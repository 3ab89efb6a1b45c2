"""All pages of the inbox: importing this registers them."""

from . import (
    act_views,
    allocation_views,
    bulk_views,
    demand_views,
    evidence_views,
    handover_views,
    list_views,
    saved_views,
    switch_views,
    task_views,
    threshold_views,
    upload_views,
)
from .room import room

__all__ = [
    "act_views",
    "allocation_views",
    "bulk_views",
    "demand_views",
    "evidence_views",
    "handover_views",
    "list_views",
    "room",
    "saved_views",
    "switch_views",
    "task_views",
    "threshold_views",
    "upload_views",
]
