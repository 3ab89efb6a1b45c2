"""Template injection: what is typed is printed, never read, by Jinja2, Typst, Word and the pages.

The templates' own language is held shut by `tests/documents/test_wording.py`, the printer by
`tests/documents/test_pdf.py`; here the texts go the whole way from a program's answer to pages and papers.
"""

import html
import io
import re
import zipfile

import pypdf
import pytest

from .filling_in import register

PRODUCT = "62615533"
"""7919 × 7907: stands nowhere by itself."""
EVIL = [
    "{{7919*7907}}",
    "{%set x=7919*7907%}{{x}}",
    "${7919*7907}",
    "#{7919*7907}",
    "<%=7919*7907%>",
    "#(7919*7907)",
    '#read("/etc/passwd")',
    '#import "@preview/a:1"',
    "#sys.inputs",
    "{{config}}{{self}}",
    "{{''.__class__.__mro__}}",
    "$7919*7907$",
    "%(secret)s{0.__class__}",
    "\\u{1f4a9}#h(1em)",
    "]#[x",
    "<w:p/>&lt;",
]


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b“”\"']", "", text)


@pytest.mark.parametrize("turn", range(4))
def test_it_is_printed_as_it_stands(town, people, programs, turn):
    evil = EVIL[turn * 4 : turn * 4 + 4]
    intake = programs("hb-intake")
    case = register(intake, town.answers("dust-heap", "penalty_lead"), *evil)
    told = "".join(answer["text"] for answer in case["steps"][0]["answers"])
    assert all(text in told for text in evil), "the case holds what was typed"
    document = case["documents"][0]["id"]
    browser = people("hb-intake")
    for path in (f"/cases/{case['id']}", f"/work/{case['work_item_id']}", "/inbox?box=done"):
        page = browser.get(path).get_data(as_text=True)
        assert not [mark for mark in (PRODUCT, "root:x:", "SECRET_KEY", "&lt;class") if mark in page]
    pdf = pypdf.PdfReader(io.BytesIO(intake.get(f"/documents/{document}/pdf").data))
    printed = squeezed("".join(page.extract_text() for page in pdf.pages))
    word = zipfile.ZipFile(io.BytesIO(browser.get(f"/documents/{document}.docx").data))
    runs = re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", word.read("word/document.xml").decode())
    for paper in (printed, squeezed(html.unescape("".join(runs)))):
        assert PRODUCT not in paper
        assert "root:x:" not in paper
        assert all(squeezed(text) in paper for text in evil)
