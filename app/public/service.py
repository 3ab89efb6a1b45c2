"""The door of the room: is this paper genuine (one pace for the page and for programs), and what is public of items."""

from flask import request
from sqlalchemy.orm import Session

from ..documents import service as documents
from ..kernel import clock
from ..kernel.errors import TooOften
from .freshness import shared as shared
from .item_content import Told as ToldItem
from .item_content import told as told_item
from .item_differences import Withheld, withheld
from .item_list import Entry as PublicItem
from .item_list import Wish, entry, find, public_kinds
from .item_list import after as items_after
from .item_list import listing as public_items
from .rules import Pace

__all__ = [
    "PublicItem", "ToldItem", "Wish", "Withheld", "entry", "find", "items_after", "public_items", "public_kinds", "shared",
    "told_item", "verify", "withheld",
]  # fmt: skip

_pace = Pace(limit=30, window=60)


def verify(session: Session, code: str, mac: str | None) -> documents.Verification:
    """What the platform says of a document: from its QR code (with `mac`), or from its code typed in.

    Raises:
        TooOften: this address asks faster than a person can read papers.
    """
    if not _pace.allows(request.remote_addr or "", clock.now().timestamp()):
        raise TooOften("查询过于频繁，请一分钟后再试。")
    return documents.verify_code(session, code[:60], mac)
