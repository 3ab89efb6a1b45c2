"""Bombs and riddles in JSON: depth, width, numbers, names twice, halves of letters, other encodings."""

import json

import pytest
from api.programs import new_key
from cases.town import Town

BODIES: dict[str, bytes] = {
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000,
    "deep and closed": b'{"item_id":' + b"[" * 900 + b"]" * 900 + b"}",
    "deep enough to parse": b'{"item_id":' + b"[" * 60 + b"]" * 60 + b"}",
    "wide": b'{"item_id": [' + b"1," * 200_000 + b"1]}",
    "many names": b"{" + b",".join(b'"k%d":1' % n for n in range(50_000)) + b"}",
    "long name": b'{"' + b"k" * 500_000 + b'": 1}',
    "huge integer": b'{"item_id": ' + b"9" * 5_000 + b"}",
    "huge exponent": b'{"item_id": 1e999999}',
    "long fraction": b'{"item_id": 0.' + b"1" * 100_000 + b"}",
    "past a column": b'{"item_id": 9223372036854775808}',
    "negative": b'{"item_id": -1}',
    "name twice": b'{"item_id": 1, "item_id": 2}',
    "name twice inside": b'{"item_id": {"a": 1, "a": 2}}',
    "NaN": b'{"item_id": NaN}',
    "Infinity": b'{"item_id": -Infinity}',
    "half a letter": b'{"item_id": "\\ud800"}',
    "half a letter as name": b'{"\\udfff": 1}',
    "NUL": b'{"item_id": "a\\u0000b"}',
    "raw NUL": b'{"item_id": "a\0b"}',
    "comment": b'{"item_id": 1} // x',
    "two values": b'{"item_id": 1}{"item_id": 2}',
    "trailing comma": b'{"item_id": 1,}',
    "single quotes": b"{'item_id': 1}",
    "list": b'[{"item_id": 1}]',
    "text": b'"item_id"',
    "null": b"null",
    "byte order mark": b'\xef\xbb\xbf{"item_id": 1}',
    "utf-16": '{"item_id": 1}'.encode("utf-16"),
    "gb18030": '{"事项": 1}'.encode("gb18030"),
    "latin": b'{"item_id": "\xe9"}',
    "overlong": b'{"item_id": "\xc0\xaf"}',
    "prototype": b'{"__proto__": {"item_id": 1}}',
    "nothing": b"",
    "spaces": b" " * 100_000,
}


@pytest.mark.parametrize("name", BODIES)
def test_the_api_takes_strict_json_only(programs, stored, name):
    intake, before = programs("hb-intake"), stored()
    headers = {"Content-Type": "application/json", "Idempotency-Key": new_key()}
    answer = intake.open("POST", "/cases", data=BODIES[name], headers=headers)
    assert answer.status_code in (400, 422), answer.json
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"]
    assert len(answer.data) < 20_000, "the answer does not grow with the question"
    assert stored() == before


def test_a_body_past_its_bound_is_refused(programs, stored):
    intake, before = programs("hb-intake"), stored()
    headers = {"Content-Type": "application/json", "Idempotency-Key": new_key()}
    answer = intake.open("POST", "/cases", data=b'{"item_id": "' + b"x" * 3_000_000 + b'"}', headers=headers)
    assert answer.status_code == 413
    assert stored() == before


VALUES = [
    {"cause": "a\x00b"},
    {"cause": 10**25},
    {"cause": {"a": {"b": {"c": "d"}}}},
    {"party": {"name": ["甲"] * 100}},
    {"party": [[[[[]]]]]},
    {"materials": [{"token": "x"}] * 10_000},
    {"received_at": 1e300},
    {f"k{n}": "" for n in range(501)},
    {"k" * 201: ""},
    {"cause": True},
]


@pytest.mark.parametrize("answers", VALUES, ids=lambda value: str(value)[:40])
def test_answers_of_any_shape_are_refused_in_words(town: Town, programs, first_task, stored, answers):
    intake, before = programs("hb-intake"), stored()
    body = json.dumps({"version": 1, "answers": answers})
    headers = {"Content-Type": "application/json", "Idempotency-Key": new_key()}
    answer = intake.open("POST", f"/work-items/{first_task}/hand-in", data=body, headers=headers)
    assert answer.status_code in (400, 422), answer.json
    assert stored() == before


@pytest.fixture(scope="module")
def first_task(town: Town) -> int:
    return town.work(town.open("dust-heap", "register"), "register")[0]
