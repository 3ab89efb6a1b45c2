"""The page as a reader, a scanner, a screen reader and an archive meet it."""

import copy
import io
import threading

import pdfplumber
import pypdf
import pytest
import zxingcpp
from PIL import Image

from app.documents import render_docx, render_pdf
from app.documents.template import DocumentError

from .conftest import filled, pdf_text, squeezed


@pytest.fixture
def decision(in_app, decided):
    return filled("JD-01", decided)


def test_it_states_who_what_how_much_and_when(decision):
    text = pdf_text(render_pdf.pdf(decision))
    for stated in (
        "枣庄市生态环境局",
        "行政处罚决定书",
        "枣环罚〔2025〕12号",
        "当事人：枣庄演示甲新材料有限公司",
        "统一社会信用代码：91370400XXXX00012K",
        "罚款人民币贰拾伍万元整（¥250,000.00）。",
        "2025年6月18日，本机关向当事人送达《行政处罚听证告知书》（枣环罚听告〔2025〕7号）",
        "自收到本行政处罚决定书之日起六十日内向枣庄市人民政府申请行政复议",
        "2025年7月16日",
        "本文书一式三份",
    ):
        assert squeezed(stated) in text


def test_every_page_bears_code_and_number(decision):
    pages = pypdf.PdfReader(io.BytesIO(render_pdf.pdf(decision))).pages
    for position, page in enumerate(pages, 1):
        text = squeezed(page.extract_text())
        assert f"文书标识码{decision['meta']['ident_code']}" in text
        assert f"第{position}页共{len(pages)}页" in text


def test_it_is_for_archives_and_for_everybody(decision):
    reader = pypdf.PdfReader(io.BytesIO(render_pdf.pdf(decision)))
    about = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in about
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert reader.metadata.title == "行政处罚决定书"
    assert reader.metadata.author == "枣庄市生态环境局"
    root = reader.trailer["/Root"]
    assert root["/Lang"].lower().startswith("zh")
    assert root["/MarkInfo"]["/Marked"]


def test_the_page_is_a4_with_22_lines_of_28_characters(decision):
    page = pypdf.PdfReader(io.BytesIO(render_pdf.pdf(decision))).pages[1]
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]
    decision["blocks"] = [{"t": "p", "lines": ["甲" * 28 * 22 * 2], "indent": False, "align": "left"}]
    pages = pypdf.PdfReader(io.BytesIO(render_pdf.pdf(decision))).pages
    assert [squeezed(p.extract_text()).count("甲") for p in pages] == [28 * 22, 28 * 22]


def test_the_qr_code_is_the_verification_link(decision):
    images = [Image.open(io.BytesIO(page)) for page in render_pdf.pages(decision, ppi=150)]
    found = [code.text for image in images for code in zxingcpp.read_barcodes(image)]
    assert found == [decision["meta"]["link"]]


def red_dots(data) -> int:
    """How much of the last page is red."""
    image = Image.open(io.BytesIO(render_pdf.pages(data, ppi=60)[-1])).convert("RGB")
    dots = image.tobytes()
    return sum(r > 180 and g < 60 for r, g in zip(dots[::3], dots[1::3], strict=True))


def test_a_drawn_seal_of_a_demonstration_says_so(decision):
    plain = copy.deepcopy(decision)
    plain["meta"]["seal"]["demo"] = False
    without = copy.deepcopy(decision)
    without["meta"]["seal"] = None
    assert len({render_pdf.pdf(d) for d in (decision, plain, without)}) == 3
    red = [red_dots(data) for data in (decision, plain, without)]
    assert red[0] > red[1] > red[2] == 0


@pytest.mark.parametrize("lines", range(0, 24, 3))
def test_the_page_with_the_seal_always_bears_text(decision, lines):
    sign = next(b for b in decision["blocks"] if b["t"] == "sign")
    body = [{"t": "p", "lines": ["正文"] * (30 + lines), "indent": True, "align": "left"}]
    last = {"t": "p", "lines": ["最后一段"], "indent": True, "align": "left", "sticky": True}
    decision["blocks"] = [*body, last, sign]
    pages = pypdf.PdfReader(io.BytesIO(render_pdf.pdf(decision))).pages
    for page in pages:
        text = squeezed(page.extract_text())
        if "枣庄市生态环境局" in text:
            assert "最后一段" in text


@pytest.mark.parametrize(
    "evil",
    [
        '#read("/etc/passwd")',
        "{{ 7*7 }}",
        "{% for x in y %}",
        '#eval("1+1") $x^2$ *粗* _斜_ `code` <label> @ref // 注释 /* 注释 */',
        "= 标题 - 列表 + 列表",
        "<w:p/>&amp;&lt;\"'",
        '#sys.inputs #import "@preview/x:1.0.0": *',
    ],
)
def test_what_people_write_is_printed_never_read(in_app, decided, evil):
    decided["forms"]["penalty_decision_doc"]["facts"] = evil
    decided["party"]["name"] = evil
    data = filled("JD-01", decided)
    assert f"经查明：{evil}" in [line for b in data["blocks"] if b["t"] == "p" for line in b["lines"]]
    assert squeezed(evil).replace('"', "") in pdf_text(render_pdf.pdf(data)).replace("“", "").replace(
        "”", ""
    ).replace('"', "")
    assert render_docx.docx(data)


def test_signs_are_normalised(in_app, decided):
    decided["forms"]["penalty_decision_doc"]["facts"] = "金额￥5\u0007，\u202e倒写\u202c，第一段\r\n第二段"
    data = filled("JD-01", decided)
    lines = next(b["lines"] for b in data["blocks"] if b["t"] == "p" and b["lines"][0].startswith("经查明"))
    assert lines == ["经查明：金额¥5，倒写，第一段", "第二段"]


def test_a_character_no_font_has_is_refused_by_name(in_app, decided):
    decided["party"]["name"] = "枣庄演示\U0001f600面馆"
    with pytest.raises(DocumentError, match=r"第 4 块（kv）有字库中没有的字 “.”（U\+1F600）"):
        filled("JD-01", decided)


def test_ballot_boxes_are_drawn(in_app, decided):
    decided["forms"]["penalty_decision_doc"]["facts"] = "☐甲 ☑乙 ☒丙"
    data = filled("JD-01", decided)
    text = pdf_text(render_pdf.pdf(data))
    assert "经查明：甲乙丙" in text


def test_threads_share_the_compiler_without_mixing_pages(decision):
    variants = []
    for serial in range(6):
        data = copy.deepcopy(decision)
        data["meta"]["number"] = data["blocks"][2]["text"] = f"枣环罚〔2025〕{serial + 1}号"
        variants.append(data)
    alone = [render_pdf.pdf(data) for data in variants]
    together: dict[int, bytes] = {}
    threads = [
        threading.Thread(target=lambda n=n: together.__setitem__(n, render_pdf.pdf(variants[n])))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[n] for n in range(6)] == alone
    assert len(set(alone)) == 6


def test_a_long_name_leaves_room_to_sign_and_the_date_below(decision):
    """A line of less than 20 mm is no place to write a name."""
    lines = [
        {"role": "当事人（现场负责人）", "name": "枣庄演示某某建筑材料有限公司", "note": "", "date": True},
        {"role": "执法人员", "name": "甲子", "note": "执法证号：演示", "date": True},
        {"role": "当事人", "name": "", "note": "", "date": True, "mark": "签名或者盖章"},
    ]
    decision["blocks"] = [{"t": "signatures", "statement": "", "blank": False, "lines": lines}]
    with pdfplumber.open(io.BytesIO(render_pdf.pdf(decision))) as book:
        (page,) = book.pages
        rules = [line["x1"] - line["x0"] for line in page.lines]
        text = squeezed(page.extract_text())
    assert len(rules) == 3
    assert min(rules) > 20 * 72 / 25.4
    assert "当事人（签名或者盖章）：" in text
    assert text.count("年月日") == 3
