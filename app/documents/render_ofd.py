"""A filled document as OFD: the same letters and lines at the same places as its PDF."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .ofd import reading, writing


def ofd(data: Mapping[str, Any], pdf: bytes) -> bytes:
    """The OFD of a filled document (`data`) whose PDF is at hand. Same PDF: same bytes.

    Raises:
        NotOurs: the PDF holds what our typesetter does not write.
    """
    meta = data["meta"]
    made = datetime.fromisoformat(meta["issued_at"])
    facts = [("IssuedAt", meta["issued_at"]), ("IdentCode", meta["ident_code"]), ("Agency", meta["agency"])]
    about = writing.About(
        meta["title"], meta["agency"], meta["number"], meta["keywords"], made, [f for f in facts if f[1]]
    )
    return writing.package(reading.pages(pdf), about)
