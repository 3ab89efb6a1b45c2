"""Every template in documents/ makes a document from its sample, in every format, the same each time."""

import copy
import io
import json
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document as read_docx
from docx.oxml.ns import qn
from flask import Flask

from app.documents import render_docx, render_pdf, template
from app.documents.template import texts_of

from .conftest import Pages, filled, pdf_pages, sample, squeezed

CODES = template.codes()
OWN = sorted((template.FOLDER.parent / "bpmn").glob("*/*/documents/*.yaml"))
"""What procedures bring with them in the place of the shipped ones."""
_DRAWN = str.maketrans("", "", "☐☑☒")


def docx_text(content: bytes) -> str:
    body = read_docx(io.BytesIO(content)).element.body
    return squeezed("".join(text.text or "" for text in body.iter(qn("w:t")))).translate(_DRAWN)


def in_one_order(text: str, data) -> str | list[str]:
    """A PDF paints a cell that spans rows after the rows it spans: then only the characters can be
    compared."""
    cells = [c for b in data["blocks"] if b["t"] == "form_table" for row in b["rows"] for c in row["cells"]]
    return sorted(text) if any(cell["rowspan"] > 1 for cell in cells) else text


def test_there_are_templates():
    assert {"JD-01", "GZ-02", "LA-06"} <= set(CODES)


@dataclass(frozen=True)
class Made:
    """A document from a template's sample, and its PDF as it can be read back."""

    data: dict[str, Any]
    pdf: bytes
    pages: Pages


def own(path: Path) -> dict[str, Any]:
    """The data of a procedure's own paper, from the sample beside it."""
    found = template.parse(path.read_bytes(), path.stem)
    return filled(path.stem, json.loads(path.with_suffix(".sample.json").read_text()), found=found)


@pytest.fixture(scope="module", params=[*CODES, *OWN], ids=lambda each: getattr(each, "stem", each))
def made(request: pytest.FixtureRequest, app: Flask) -> Made:
    """Filled in, drawn and read back once for what is asked of it."""
    with app.app_context():
        data = filled(request.param, sample(request.param)) if request.param in CODES else own(request.param)
        pdf = render_pdf.pdf(copy.deepcopy(data))
    return Made(data, pdf, pdf_pages(pdf))


def test_it_renders_from_its_sample(in_app, made):
    data = made.data
    assert made.pdf.startswith(b"%PDF-1.7")
    assert render_pdf.pdf(copy.deepcopy(data)) == made.pdf
    printed = made.pages.text(footer_mm=26)
    assert squeezed(data["meta"]["number"]) in printed
    for block in data["blocks"]:
        for line in texts_of(block).split("\n"):
            assert "None" not in line
            assert "【待填" not in line


def test_its_docx_says_what_its_pdf_says(in_app, made):
    """Character by character. A PDF repeats table heads on a new page, and only it has the QR code."""
    data = made.data
    word = render_docx.docx(data)
    assert render_docx.docx(copy.deepcopy(data)) == word
    margin = {"official": 35, "form": 26, "record": 32}[data["meta"]["house"]]
    page, copy_text = made.pages.text(margin).replace("扫码验真", ""), docx_text(word)
    for table in (block for block in data["blocks"] if block["t"] == "table"):
        head = squeezed("".join(table["head"]))
        page, copy_text = page.replace(head, ""), copy_text.replace(head, "")
    assert in_one_order(page, data) == in_one_order(copy_text, data)


DEFECTS = re.compile(
    r"None|undefined|\{\{|（）|\(\)|《》|〔〕|，，|。。|、、|；；|[，、；：]。|。[，；]|(?:签名|盖章)）（签名"
)
"""What no reader should see: nothing in brackets, a mark twice, a word of the program."""


def test_it_has_none_of_the_defects_that_readers_would_see(made):
    for page in made.pages.letters:
        text = squeezed("".join(letter for _, letter in page))
        assert not DEFECTS.search(text), DEFECTS.search(text)


def test_no_page_bears_a_note_alone_and_short_heads_do_not_break(made):
    notes = [squeezed("".join(b["lines"])) for b in made.data["blocks"] if b["t"] == "note"]
    for page in made.pages.letters:
        text = Pages([page]).text({"official": 35, "form": 26, "record": 32}[made.data["meta"]["house"]])
        assert text
        assert text not in notes
        for (high, first), (low, second) in pairwise(page):
            assert (first, second) != ("序", "号") or abs(high - low) < 1


def test_the_seal_stands_under_its_own_name(made):
    for block in made.data["blocks"]:
        if block["t"] == "sign" and block["seal"]:
            assert block["agency"] == made.data["meta"]["agency"]


def handed_out(clause: str) -> int:
    """How many copies go where a clause of the note says."""
    if "双方" in clause:
        return 2
    if found := re.search(r"([一二三四])份", clause.replace("各一份", "")):
        return "一二三四".index(found[1]) + 1
    return len(re.findall("[、和]", clause)) + 1


def test_the_copies_are_as_many_as_are_handed_out(made):
    for block in made.data["blocks"]:
        text = "".join(block["lines"]) if block["t"] == "note" else ""
        if found := re.search(r"一式(.)[份联]，([^。]+)", text):
            whole = sum(map(handed_out, found[2].replace("联", "份").split("，")))
            assert whole == "零一二三四五".index(found[1]), text


@pytest.mark.parametrize("code", CODES)
def test_every_required_field_is_really_required(in_app, code):
    for path in template.load(code).required:
        context = sample(code)
        node = context
        *parents, last = path.split(".")
        for key in parents:
            node = node[key]
        node[last] = None
        with pytest.raises(template.DocumentError) as refused:
            filled(code, context)
        assert refused.value.field == path


@pytest.mark.parametrize("code", CODES)
def test_its_sample_is_fictional(code):
    text = (template.FOLDER / code / "sample.json").read_text()
    assert "演示" in text
