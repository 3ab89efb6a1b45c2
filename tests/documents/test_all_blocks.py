"""Every kind of block in every house, so that a template may use any of them."""

import io

import pypdf
import pytest

from app.documents import filling, render_docx, render_pdf, template
from app.documents.blocks import KINDS

from .conftest import MOMENT, pdf_text, sample
from .test_all_templates import docx_text, in_one_order

TEMPLATE = """
code: XX-01
title: 样张
house: HOUSE
page_signatures: [被询问人, 记录人]
let: {people: handlers}
blocks:
  - redhead: "{{ agency.name }}"
  - title: "{{ agency.name }}\\n样张"
  - number: 枣样〔2025〕3号
  - kv: [[案由, "{{ case.cause }}"], {if: "false", label: 无, text: 无}, [空白, ""]]
  - h: 一、小标题
  - p: "第一段\\n\\n第二段"
  - p: {text: 居中, align: center}
  - ol:
      style: cn
      items: [甲, {text: 乙, if: "case is defined"}, {each: people, as: h, text: "{{ h.name }}"}]
  - ol: {each: people, as: h, text: "{{ loop.index }}{{ h.name }}"}
  - ol: [{text: 丙, if: "false"}]
  - table:
      caption: 清单
      head: [号, 名]
      widths: [1, 3]
      each: people
      as: h
      cells: ["{{ loop.index }}", "{{ h.name }}"]
  - table: {head: [号, 名], widths: [1, 3], each: "[]", cells: [a, b], empty: 无物品}
  - form_table:
      widths: [1, 2, 1, 2]
      rows:
        - [{label: 甲, rowspan: 2}, {text: 子}, {text: 丑, span: 2, align: right}]
        - [{text: "寅\\n卯", span: 3}]
        - height: 30
          cells:
            - label: 意见
            - {text: 同意, span: 3, sign: [{each: people, as: h, name: "{{ h.name }}"}, {date: 2025年}]}
        - {if: "false", cells: [{text: 错}]}
  - qa: [{q: 姓名？, a: 演示·甲。}, {each: people, as: h, q: "{{ h.name }}？", a: 是。}]
  - p: 完。
  - sign: {agency: "{{ agency.name }}", date: 2025年7月16日, seal: true, qr: true}
  - signatures:
      statement: 以上笔录已看过。
      lines:
        - {role: 被询问人}
        - {each: people, as: h, role: 执法人员, name: "{{ h.name }}", note: 执法证, date: false}
  - signatures: {statement: 与我说的一致。, blank: true, lines: [{role: 见证人}]}
  - note: 注一
"""


@pytest.mark.parametrize("house", ["official", "form", "record"])
def test_all_blocks_in_one_document(in_app, house):
    found = template.parse(TEMPLATE.replace("HOUSE", house).encode(), "XX-01")
    about = {
        "code": "XX-01",
        "number": "枣样〔2025〕3号",
        "issued_on": "2025-07-16",
        "ident_code": "",
        "copies": 1,
    }
    data = filling.document_data(found, sample("LA-06"), about, MOMENT)
    assert {b["t"] for b in data["blocks"]} == set(KINDS)
    content = render_pdf.pdf(data)
    text = pdf_text(content, {"official": 35, "form": 26, "record": 32}[house])
    assert "（一）甲（二）乙（三）乙丑102(演示)（四）丙寅103(演示)" in text
    assert "1.1乙丑102(演示)2.2丙寅103(演示)" in text
    assert "无物品" in text
    assert "问：姓名？答：演示·甲。" in text
    assert "执法人员（签名）：乙丑102(演示)" in text
    assert "被询问人（签名）" in pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text().replace(" ", "")
    assert in_one_order(text, data) == in_one_order(docx_text(render_docx.docx(data)), data)
