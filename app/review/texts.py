"""Texts and moments as the forms of this room give them, checked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.kernel import clock

Errors = dict[str, list[str]]


def text(
    errors: Errors, given: Mapping[str, Any], name: str, label: str, most: int, required: bool = True
) -> str:
    """A text that was given; what is wrong with it goes to `errors`."""
    found = str(given.get(name) or "").strip()
    if required and not found:
        errors[name] = [f"请填写{label}。"]
    elif len(found) > most:
        errors[name] = [f"{label}不得超过 {most} 字，现在有 {len(found)} 字。"]
    return found


def moment(errors: Errors, given: Mapping[str, Any], name: str, label: str) -> datetime | None:
    """A moment of China that was given; what is wrong with it goes to `errors`."""
    try:
        found = datetime.fromisoformat(str(given.get(name) or ""))
    except ValueError:
        errors[name] = [f"请填写{label}，如 2026-03-05 09:30。"]
        return None
    return found if found.tzinfo else found.replace(tzinfo=clock.CHINA)
