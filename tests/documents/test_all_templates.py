"""Every template in documents/ makes a document from its sample, in every format, the same each time."""

import copy
import io
from dataclasses import dataclass
from typing import Any

import pytest
from docx import Document as read_docx
from docx.oxml.ns import qn
from flask import Flask

from app.documents import render_docx, render_pdf, template
from app.documents.template import texts_of

from .conftest import Pages, filled, pdf_pages, sample, squeezed

CODES = template.codes()
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


@pytest.fixture(scope="module", params=CODES)
def made(request: pytest.FixtureRequest, app: Flask) -> Made:
    """Filled in, drawn and read back once for what is asked of it."""
    with app.app_context():
        data = filled(request.param, sample(request.param))
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
