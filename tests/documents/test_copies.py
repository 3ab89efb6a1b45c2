"""Named copies (当事人联, 存根联, 归档联): each printed with its own mark and its own page numbers."""

import io
import re
import zipfile

import pypdf
import pytest
import yaml

from app.documents import render_ofd, render_pdf, service, template
from app.documents.template import DocumentError

from .conftest import completed, filled, squeezed

NAMES = ["当事人联", "存根联", "归档联"]


def named(names=None, **changes):
    raw = yaml.safe_load((template.FOLDER / "JD-01" / "template.yaml").read_text())
    del raw["copies"]
    raw |= {"copy_names": NAMES if names is None else names, **changes}
    return yaml.safe_dump(raw, allow_unicode=True, sort_keys=False).encode()


def pages_of(content):
    return [squeezed(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


@pytest.fixture
def decision(in_app, decided):
    data = filled("JD-01", decided)
    data["meta"]["copy_names"] = NAMES
    return data


def test_each_copy_has_its_mark_and_counts_its_own_pages(decision):
    pages = pages_of(render_pdf.every_copy(decision))
    each = len(pages) // 3
    assert len(pages) == 3 * each > 3
    for number, page in enumerate(pages):
        place = number // each
        assert f"第{'一二三'[place]}联{NAMES[place]}" in page
        assert not any(other in page for other in NAMES if other != NAMES[place])
        assert f"第{number % each + 1}页共{each}页" in page


def test_all_copies_say_the_same(decision):
    pages = pages_of(render_pdf.every_copy(decision))
    each = len(pages) // 3
    said = [re.sub("第.联(当事人|存根|归档)联", "", page) for page in pages]
    assert said[:each] == said[each : 2 * each] == said[2 * each :]


def test_the_electronic_one_is_the_partys_alone(decision):
    alone = pages_of(render_pdf.pdf(decision))
    assert alone == pages_of(render_pdf.every_copy(decision))[: len(alone)]
    assert all("第一联当事人联" in page for page in alone)
    with zipfile.ZipFile(io.BytesIO(render_ofd.ofd(decision, render_pdf.pdf(decision)))) as package:
        assert not any("存根联".encode() in package.read(name) for name in package.namelist())
    assert render_pdf.every_copy(decision) == render_pdf.every_copy(decision)


def test_without_names_printing_changes_nothing(in_app, decided):
    data = filled("JD-01", decided)
    assert "copy_names" not in data["meta"]
    assert render_pdf.every_copy(data) == render_pdf.pdf(data)
    assert not any("联" in page[:20] for page in pages_of(render_pdf.pdf(data)))


def test_a_template_says_its_copies_once_and_right():
    found = template.parse(named(), "JD-01")
    assert (found.copy_names, found.copies) == (tuple(NAMES), 3)
    for wrong in (
        [],
        ["当事人联"],
        ["甲", "甲"],
        ["甲", ""],
        ["甲", 7],
        "当事人联",
        [f"{n}联" for n in range(10)],
    ):
        with pytest.raises(DocumentError, match="copy_names"):
            template.parse(named(wrong), "JD-01")
    with pytest.raises(DocumentError, match="copies 是 2"):
        template.parse(named(copies=2), "JD-01")


def test_it_is_issued_with_the_names_it_had(issue, session, decided, monkeypatch):
    monkeypatch.setattr(service, "_own_templates", lambda session, procedure: {"JD-01": named().decode()})
    (document,) = issue(completed(decided, "JD-01"))
    assert document.data["meta"]["copy_names"] == NAMES
    assert len(pages_of(service.print_pdf(document))) == 3 * len(pages_of(service.pdf(session, document)))
    service.void(session, document, "文字有误", actor=7)
    assert all("作废" in page for page in pages_of(service.print_pdf(document)))
