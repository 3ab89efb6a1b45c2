"""Statutes come in as people have them: Markdown, DOCX, JSON; tolerant of how they are set, exact about what is wrong."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest

from app.catalogue import statutes
from app.kernel.errors import Invalid

LINES = (
    "示范管理条例",
    "（2010年3月4日示范市人民政府令第5号公布　根据2019年6月7日《示范市人民政府关于修改部分规章的决定》修正）",
    "目　录",
    "第一章　总　则",
    "第一章　总则",
    "第一条　为了示范，制定本条例。",
    "第二条",
    "本条例适用于示范活动。",
    "（一）甲；",
    "（二）乙。",
    "第三条之一　补充。",
    "第四条　本条例自2010年5月1日起施行。《旧示范办法》同时废止。",
)


def written(folder: Path, kind: str) -> Path:
    file = folder / f"示范.{kind}"
    if kind == "docx":
        document = docx.Document()
        for line in LINES:
            document.add_paragraph(line)
        document.save(str(file))
    else:
        file.write_text("\n".join(["# " + LINES[0], *LINES[1:]]), encoding="utf-8-sig")
    return file


@pytest.mark.parametrize("kind", ["md", "docx"])
def test_a_whole_statute(tmp_path, kind):
    found = statutes.read(written(tmp_path, kind))[0]
    assert (found.law, found.adopted_on, found.stated_on) == (
        "示范管理条例",
        date(2019, 6, 7),
        date(2010, 5, 1),
    )
    assert [(each.article, each.text) for each in found.articles][:2] == [
        ("1", "为了示范，制定本条例。"),
        ("2", "本条例适用于示范活动。\n（一）甲；\n（二）乙。"),
    ]
    assert [each.article for each in found.articles] == ["1", "2", "3-1", "4"]
    assert found.usable
    assert found.whole


def test_a_json_list_keeps_each_version_apart_and_names_its_faults(tmp_path):
    file = tmp_path / "条文.json"
    entry = {
        "law": "示范法",
        "article": "第一条",
        "text": "甲",
        "version_date": "2020-01-01",
        "effective": "2020-03-01",
    }
    rows = [entry, entry | {"version_date": "2024-01-01"}, {"law": "示范法"}, entry | {"article": "一"},
            entry | {"version_date": "去年"}, "x", entry | {"text": "不同"}]  # fmt: skip
    file.write_text(json.dumps({"articles": rows}, ensure_ascii=False), encoding="utf-8")
    found = statutes.read(file)
    assert [(each.adopted_on, len(each.articles)) for each in found[:2]] == [
        (date(2020, 1, 1), 1),
        (date(2024, 1, 1), 1),
    ]
    told = {problem.place: problem.message for each in found for problem in each.problems}
    assert set(told) == {"第 3 项", "第 4 项", "第 5 项", "第 6 项", "第 7 项"}
    assert "缺少 article" in told["第 3 项"]
    assert "2026-08-15" in told["第 5 项"]
    assert "不一致" in told["第 7 项"]


def test_what_is_no_statute_or_means_harm_is_refused(tmp_path):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", b"<a>" + b" " * 90_000_000)
    for name, content in (
        ("a.docx", bomb.getvalue()),
        ("b.docx", b"PK"),
        ("c.md", b"\xff\xfe"),
        ("d.md", "无".encode()),
    ):
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(Invalid):
            statutes.read(file)
