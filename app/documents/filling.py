"""Filling a template with a case: from template and context to the stored document (meta and blocks)."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask import current_app

from ..kernel import clock
from . import numbering
from .template import Template


def fill(
    found: Template, context: Mapping[str, Any], about: Mapping[str, Any]
) -> tuple[str, list[dict[str, Any]]]:
    """Title and blocks. `about` is the context's `document`, without its title."""
    title = found.title_of({**context, "document": about})
    return title, ruled(found.fill({**context, "document": {**about, "title": title}}))


def ruled(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Filled blocks in which a number under a red head has the red rule."""
    under_red_head = False
    for block in blocks:
        under_red_head = under_red_head or block["t"] == "redhead"
        if block["t"] == "number":
            block["rule"] = under_red_head
    return blocks


Filler = Callable[[Template, Mapping[str, Any], Mapping[str, Any]], tuple[str, list[dict[str, Any]]]]
"""Gives title and blocks, as `fill` does."""


def document_data(
    found: Template,
    context: Mapping[str, Any],
    about: dict[str, Any],
    moment: datetime,
    filler: Filler = fill,
) -> dict[str, Any]:
    """The filled document: all that any format, now or in ten years, is rendered from."""
    title, blocks = filler(found, context, about)
    agency, day = context["agency"], date.fromisoformat(about["issued_on"])
    sealed = found.seal and bool(about["ident_code"])
    link = (
        numbering.verification_link(
            current_app.config["BASE_URL"], about["ident_code"], current_app.config["SECRET_KEY"]
        )
        if sealed
        else ""
    )
    meta = {
        "title": title,
        "agency": agency["name"],
        "number": about["number"],
        "ident_code": about["ident_code"],
        "keywords": [word for word in (about["number"], about["ident_code"]) if word],
        "house": found.house,
        "page_signatures": list(found.page_signatures),
        **({"copy_names": list(found.copy_names)} if found.copy_names else {}),
        "issued_at": moment.astimezone(clock.CHINA).replace(microsecond=0).isoformat(),
        "year": day.year,
        "month": day.month,
        "day": day.day,
        # A drawn seal of a real authority would be a forgery tool: it says 演示 unless the agency is set
        # up as real.
        "seal": {"name": agency["name"], "demo": agency.get("demo", True) is not False} if sealed else None,
        "link": link,
        "basis": list(found.basis),
    }
    return {"meta": meta, "blocks": blocks}


def digest_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of the filled document in its canonical JSON spelling."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def draft_facts(found: Template, context: Mapping[str, Any], day: date) -> dict[str, Any]:
    """The context's `document` of a draft: a number without its serial, no identification code."""
    prefix = str(context["agency"].get("abbreviation") or "") + found.type_char
    return {
        "code": found.code,
        "title": "",
        "number": f"{prefix}〔{day.year}〕　号" if found.type_char else "",
        "issued_on": day.isoformat(),
        "ident_code": "",
        "copies": found.copies,
    }
