"""The document templates of a draft: what the server makes of them, and the statutory clauses it keeps."""

import io
import json
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
import yaml
from cases.town import Town
from studio_design import Designer, post

from app.documents import service as documents

ASSETS = Path(__file__).parent / "assets"


@pytest.fixture(scope="module")
def designer(town: Town) -> Designer:
    return Designer(town)


def shipped(code: str = "JD-01") -> str:
    return documents.writing.shipped(code) or ""


def trial(designer: Designer, code: str, text: str, **more: Any) -> dict[str, Any]:
    sample = more.pop("sample", None) or designer.answer(f"documents/{code}/surroundings")["sample"]
    return designer.answer(f"documents/{code}/trial", text=text, sample=sample, **more)


def messages(found: dict[str, Any]) -> dict[str, str]:
    return {p["place"]: p["message"] for p in found["problems"]}


def test_the_shipped_templates_are_shown_with_their_steps(designer):
    page = designer.page("documents").get_data(as_text=True)
    assert "行政处罚决定书" in page
    assert "制作处罚决定书" in page
    assert "平台模板" in page
    assert "documents/JD-01" not in str(designer.content()["parts"].keys())


def test_a_template_is_tried_on_its_sample(designer):
    found = trial(designer, "JD-01", shipped())
    assert found["problems"] == []
    assert len(found["pages"]) == 3
    assert all(page["svg"].startswith("<svg") for page in found["pages"])
    again = trial(designer, "JD-01", shipped(), have=[page["digest"] for page in found["pages"]])
    assert [page["svg"] for page in again["pages"]] == [None, None, None]
    assert "party.name" in found["spoken"]
    assert "forms.penalty_decision_doc.evidence.name" in found["spoken"]


def test_placeholders_are_those_of_this_draft(designer):
    extra = {
        "key": "extra",
        "title": "另表",
        "version": 1,
        "items": [{"type": "money", "key": "sum", "label": "数额"}],
    }
    words = "{{ forms.extra.sum|money }}{{ forms.extra.other }}{{ attributes.fine }}"
    template = {"code": "GZ-21", "title": "通知", "house": "record", "blocks": [{"p": words}]}
    text = documents.writing.written(template)
    missing = messages(trial(designer, "GZ-21", text))
    assert "“表单”中没有“extra”这一项" in missing["blocks[0]"]
    changes = {"forms/extra.json": json.dumps(extra)}
    sample = designer.answer("documents/GZ-21/surroundings", changes=changes)["sample"]
    assert sample["forms"]["extra"] == {"sum": "50000.00"}
    found = messages(trial(designer, "GZ-21", text, changes=changes, sample=sample))
    assert "“表单·另表”中没有“other”这一项" in found["blocks[0]"]


def test_the_pdf_says_what_was_written(designer):
    text = shipped().replace("经查明：", "经本机关查明：")
    sample = designer.answer("documents/JD-01/surroundings")["sample"]
    answer = designer.ask("documents/JD-01/pdf", changes={}, text=text, sample=sample)
    assert answer.mimetype == "application/pdf"
    with pdfplumber.open(io.BytesIO(answer.data)) as book:
        words = "".join(c["text"] for page in book.pages for c in page.chars if c["size"] < 60)
    assert "经本机关查明：2025年5月2日" in words.replace("　", "").replace(" ", "")
    refused = designer.ask("documents/JD-01/pdf", changes={}, text="blocks: [", sample=sample)
    assert refused.status_code == 422
    assert "还不能生成 PDF" in refused.get_json()["message"]


def test_a_statutory_clause_cannot_be_saved_otherwise(designer):
    spoiled = shipped().replace("六个月内依法", "三个月内依法")
    assert "不得修改" in messages(trial(designer, "JD-01", spoiled))[""]
    refused = designer.put("documents/JD-01.yaml", spoiled)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "locked_clause")
    assert refused.get_json()["field"] == "documents/JD-01.yaml"
    other_code = spoiled.replace("code: JD-01", "code: JD-77")
    assert designer.put("documents/JD-01.yaml", other_code).status_code == 422
    assert designer.part("documents/JD-01.yaml") is None
    assert designer.put("documents/JD-01.yaml", shipped().replace("经查明：", "查明：")).status_code == 200
    assert designer.put("documents/JD-01.yaml", "not: [a template").status_code == 200


def test_a_new_template_a_copy_and_the_way_back(designer):
    assert designer.send("documents", code="gz", name="通知", source="official").status_code == 422
    assert designer.send("documents", code="JD-01", name="通知", source="official").status_code == 422
    for number, source in enumerate(("official", "form", "record", "DC-01"), 31):
        code = f"GZ-{number}"
        assert designer.send("documents", code=code, name="通知", source=source).location.endswith(code)
        found = trial(designer, code, designer.part(f"documents/{code}.yaml") or "")
        assert (found["problems"], found["raw"]["code"]) == ([], code)
        assert designer.send(f"documents/{code}/delete").status_code == 303
        assert designer.part(f"documents/{code}.yaml") is None
    designer.put("documents/DC-19.yaml", shipped("DC-19"))
    assert "已自定义" in designer.page("documents").get_data(as_text=True)
    assert designer.send("documents/DC-19/delete").status_code == 303
    assert designer.send("documents/DC-19/delete").status_code == 404


def test_a_template_in_use_stays(designer):
    issued = (designer.part("internal.bpmn") or "").replace(
        '<xq:document code="JD-01"', '<xq:document code="GZ-41"'
    )
    designer.send("documents", code="GZ-41", name="决定通知", source="official")
    designer.put("internal.bpmn", issued)
    refused = designer.send("documents/GZ-41/delete")
    assert refused.status_code == 409
    assert designer.part("documents/GZ-41.yaml")


def test_a_sample_of_another_size_than_a_case_is_refused(designer):
    for sample in ({"rows": [1] * 500}, {"text": "长" * 30_000}, [], "x", {str(n): 1 for n in range(500)}):
        assert (
            designer.ask("documents/JD-01/trial", changes={}, text=shipped(), sample=sample).status_code
            == 422
        )
    body = {"changes": {}, "text": shipped(), "sample": {}, "unknown": 1}
    assert post(designer.browser, f"{designer.address}/documents/JD-01/trial", body).status_code == 422


def test_a_sample_without_what_a_document_needs_is_told(designer):
    sample = designer.answer("documents/JD-01/surroundings")["sample"]
    for broken in (
        sample | {"agency": None},
        sample | {"today": "昨天"},
        sample | {"party": "文字"},
        {"today": "2026-01-01"},
    ):
        found = designer.answer("documents/JD-01/trial", text=shipped(), sample=broken)
        assert found["problems"]
        assert found["pages"] == [] or "party" in broken


def test_what_the_page_writes_is_read_as_it_was():
    """The twin of app/frontend/test/paper.test.js."""
    written = (ASSETS / "written.yaml").read_text(encoding="utf-8")
    expected = json.loads((ASSETS / "written.json").read_text(encoding="utf-8"))
    assert yaml.safe_load(written) == expected
    assert documents.writing.read_template(written)[0] == expected


def test_what_is_no_draft_of_theirs_is_not_found(designer):
    elsewhere = designer.address.replace(designer.address.rsplit("/", 1)[1], "987654321")
    assert designer.browser.get(f"{elsewhere}/documents/JD-01").status_code == 404
    assert (
        post(designer.browser, f"{elsewhere}/documents/JD-01/trial", {"text": "", "sample": {}}).status_code
        == 404
    )
