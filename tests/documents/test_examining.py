"""A template while it is written: every mistake at its block, every placeholder that leads nowhere, clauses kept, and a
page in spite of it all."""

import copy
from typing import Any

import pytest
import yaml

from app.documents import service
from app.documents.placeholders import dotted, of_case, unknown, uses

from .conftest import pdf_text, sample

writing = service.writing
pytestmark = pytest.mark.usefixtures("in_app")


def raw(code: str = "JD-01") -> dict[str, Any]:
    return writing.read_template(writing.shipped(code) or "")[0] or {}


def written(*blocks: Any, **head: Any) -> str:
    return writing.written(
        {"code": "XX-01", "title": "试件", "house": "record", **head, "blocks": list(blocks)}
    )


def places(text: str, **more: Any) -> dict[str, str]:
    return {p.place: p.message for p in writing.trial(text, sample("JD-01"), **more).problems}


def test_every_shipped_template_is_without_fault_and_speaks_of_known_values():
    for code in service.all_codes():
        text = writing.shipped(code)
        trial = writing.trial(text, sample(code))
        assert (trial.problems, trial.template.code) == ((), code)
        assert writing.examine(text) == []
        for use in uses(raw(code)):
            general = [path for path in use.paths if path[0] not in ("forms", "attributes")]
            assert [found for path in general if (found := unknown(path, of_case()))] == [], code


def test_each_mistake_stands_at_its_block_and_the_rest_is_set():
    text = written(
        {"p": "第一段{{ party.name }}"},
        {"p": "{{ party.name }"},
        {"nothing": 1},
        {"p": "{{ party.nmae }}末段"},
    )
    trial = writing.trial(text, sample("JD-01"), of_case())
    found = {p.place: (p.message, p.grave) for p in trial.problems}
    assert found["blocks[1]"][0].endswith("“}”处写法有误。")
    assert "应当恰有一个种类" in found["blocks[2]"][0]
    assert found["blocks[3]"] == ("“当事人”中没有“nmae”这一项（party.nmae）。", True)
    words = pdf_text(writing.trial_pdf(trial.data))
    assert "第一段枣庄演示甲新材料有限公司" in words
    assert words.count("这一块有误") == 2
    assert "待填：party.nmae】末段" in words


def test_head_names_and_short_names_are_checked_at_their_places():
    found = places(written({"p": "x"}, title="{{ a", let={"r": "forms..x", "ok": "party.name"}))
    assert "没有写完" in found["title"]
    assert "name" in found
    assert "缺少名称" in found["let.r"]
    assert set(places(written({"p": "x"}, code="", title=""))) >= {"code", "title"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "行附近写法有误"),
        ("- 1", "code、title 和 blocks"),
        ("x: &a [1]\nblocks: [*a]", "别名"),
        ("blocks: []\nx: " + "长" * 100_000, "256 KB"),
        ("blocks: [" + "1," * 300 + "]", "最多 200 块"),
    ],
)
def test_what_is_no_template_is_told_and_nothing_is_set(text: str, told: str):
    trial = writing.trial(text, sample("JD-01"))
    assert trial.data is None
    assert told in trial.problems[0].message


def test_names_are_followed_through_let_each_and_for():
    template = {
        "let": {"r": "forms.a if forms.a is defined else forms.b", "last": "documents|of_code('X')"},
        "blocks": [
            {"table": {"each": "r.rows", "as": "e", "cells": ["{{ e.x }}", "{{ loop.index }}"], "head": ["{{ e.y }}"]}},
            {"p": "{% for h in handlers %}{{ h.name }}{% endfor %}{{ last.number }}{% set t = party %}{{ t.name }}"},
        ],
    }  # fmt: skip
    found = {(use.place, "|".join(sorted(map(dotted, use.paths)))) for use in uses(template)}
    assert ("blocks[0]", "forms.a.rows.x|forms.b.rows.x") in found
    assert ("blocks[0]", "e.y") in found  # the head of a table stands outside its repetition
    for path in ("handlers.name", "documents.number", "party.name"):
        assert ("blocks[1]", path) in found


def test_unknown_paths_are_named_in_words():
    assert unknown(("party", "name"), of_case()) == ""
    assert unknown(("history", "[]", "data", "anything", "deeper"), of_case()) == ""
    assert unknown(("item", "whatever"), of_case()) == ""
    assert "没有“nobody”" in unknown(("nobody",), of_case())
    assert "“案件·案由”下面没有更细的内容" in unknown(("case", "cause", "x"), of_case())


def changed(change: Any) -> list[str]:
    spoiled = copy.deepcopy(raw())
    change(spoiled["blocks"])
    return writing.broken_locks(spoiled)


def locked(blocks: list[Any]) -> list[int]:
    return [n for n, block in enumerate(blocks) if writing.locked(block)]


def test_a_statutory_clause_may_not_be_reworded_unlocked_dropped_or_moved():
    assert changed(lambda blocks: None) == []
    assert changed(lambda blocks: blocks.insert(0, {"p": "新的一段"})) == []
    assert changed(lambda blocks: blocks.append(copy.deepcopy(blocks[locked(blocks)[0]]))) == []
    last = locked(raw()["blocks"])[-1]
    assert "不得修改" in changed(lambda blocks: blocks[last].update(p="别的话"))[0]
    assert "不得修改" in changed(lambda blocks: blocks[last].pop("lock"))[0]
    assert "不得修改" in changed(lambda blocks: blocks[last].update({"if": "fine > 5"}))[0]
    assert "不得修改" in changed(lambda blocks: blocks.pop(last))[0]
    assert "先后次序" in changed(lambda blocks: blocks.insert(0, blocks.pop(last)))[0]


def test_the_shipped_text_is_read_alike_by_both_readers():
    for code in service.all_codes():
        text = writing.shipped(code) or ""
        plain = yaml.safe_load(text)
        assert writing.read_template(text)[0] == plain
        assert writing.read_template(writing.written(plain))[0] == plain
