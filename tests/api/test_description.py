"""The description itself: complete, bounded, closed to what it does not name, and public."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.api import openapi
from app.api.room import PREFIX
from app.api.views import room
from app.kernel.auth import PUBLIC


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def schemas(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema with its place."""
    if isinstance(node, dict):
        if isinstance(node.get("type"), (str, list)) and place:
            yield place, node
        for key, value in node.items():
            yield from schemas(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from schemas(value, f"{place}/{number}")


def test_every_schema_has_bounds(document):
    loose = []
    for place, schema in schemas(document["components"].get("schemas")):
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        fixed = {"enum", "const", "format", "oneOf"} & set(schema)
        if "string" in kinds and not fixed and "maxLength" not in schema:
            loose.append(f"{place}: text")
        if "array" in kinds and "maxItems" not in schema:
            loose.append(f"{place}: list")
        if "integer" in kinds and not fixed and not {"minimum", "maximum"} <= set(schema):
            loose.append(f"{place}: number")
        if (
            "object" in kinds
            and schema.get("additionalProperties") is not False
            and "maxProperties" not in schema
        ):
            loose.append(f"{place}: object")
    assert loose == []


def test_every_address_of_the_api_is_described(document, town):
    routed = {
        (
            rule.rule.replace("<int:", "{").replace("<string(maxlength=60):", "{").replace(">", "}"),
            method.lower(),
        )
        for rule in town.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.description"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert routed == described
    assert len(described) >= 16
    assert all(path.startswith(PREFIX) for path, _ in described)


def test_acts_ask_for_a_key_and_answer_conflicts(document):
    for operation in room.operations:
        told = document["paths"][openapi.address(operation)][operation.method.lower()]
        headers = {p["name"] for p in told["parameters"] if p["in"] == "header"}
        if operation.endpoint == "prove":  # it asks, and changes nothing
            assert not headers
        elif operation.method == "POST" and not operation.upload:
            assert "Idempotency-Key" in headers, operation.endpoint
            assert {"409", "415", "422"} <= set(told["responses"]), operation.endpoint
        assert ("security" in told) == (operation.access is PUBLIC)
        assert operation.summary
        assert told["responses"]


@pytest.mark.requirement("S4-10", part="接口文档可访问")
def test_it_is_read_without_a_token_and_says_openapi_3_1(town):
    answer = town.app.test_client().get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    assert answer.json["openapi"] == "3.1.0"
    assert set(answer.json["components"]["securitySchemes"]) == {"token", "session"}
