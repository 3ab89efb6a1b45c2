"""A form filled in by an attacker: evil text wherever the form takes free text."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.programs import Program


def filled(schema: Mapping[str, Any], plain: Mapping[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    """The plain answers with one of these texts, in turn, in every free text that holds it."""
    given: dict[str, Any] = {}
    places: list[str] = []
    evil = itertools.cycle(texts)
    for key, value in plain.items():
        if key in schema["properties"] and value not in (None, "", []):
            given[key] = _laid(schema["properties"][key], value, evil, key, places)
    assert len(places) >= 3, "the form takes hardly any text"
    return given


def _laid(shape: Mapping[str, Any], value: Any, evil: Iterator[str], place: str, places: list[str]) -> Any:
    if shape.get("type") == "object" and isinstance(value, dict):
        inner = shape["properties"]
        return {
            k: _laid(inner[k], v, evil, f"{place}.{k}", places) for k, v in value.items() if k in inner and v
        }
    if shape.get("type") == "array" and isinstance(value, list):
        return [_laid(shape["items"], each, evil, place, places) for each in value]
    free = shape.get("type") == "string" and not {"pattern", "format", "oneOf", "enum"} & set(shape)
    if not free or place.endswith((".id_code", ".phone")) or shape.get("maxLength", 0) < 60:
        return value
    places.append(place)
    return next(evil)


def register(intake: Program, plain: Mapping[str, Any], *evil: str) -> dict[str, Any]:
    """Open a case and hand its first form in full of evil; the case as the API then tells it."""
    item = intake.get("/items").json["items"][0]["id"]
    opened = intake.act("/cases", {"item_id": item}).json
    work = opened["work_item_id"]
    task = intake.get(f"/work-items/{work}").json
    answers = filled(task["form"]["schema"], plain, evil)
    done = intake.act(f"/work-items/{work}/hand-in", {"version": task["version"], "answers": answers})
    assert done.status_code == 200, done.json
    return intake.get(f"/cases/{opened['case_id']}").json | {"work_item_id": work}
