"""Files of some twenty other tools: each opens with a report, and what the tool wrote is there when it is saved again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drawing_board import Board
from lxml import etree
from playwright.sync_api import Page, expect

from app.kernel.settings import ROOT

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
STANDARD = {
    BPMN,
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
    INSTANCE,
}
FILES = sorted((ROOT.parent / "shared" / "data" / "bpmn-interchange").glob("*.bpmn"))
needs_files = pytest.mark.skipif(not FILES, reason="the interchange files are not at hand")
Content = dict[tuple[str, str, str], list[str]]


def plain(element: etree._Element) -> Any:
    """An element as values; an attribute in the element's own namespace says the same without its prefix."""
    name = etree.QName(element)
    attributes = {
        etree.QName(key).localname if etree.QName(key).namespace == name.namespace else key: value
        for key, value in element.attrib.items()
    }
    inside = tuple(plain(child) for child in element if isinstance(child.tag, str))
    return name.text, tuple(sorted(attributes.items())), (element.text or "").strip(), inside


def foreign_content(root: etree._Element) -> Content:
    """Everything in a file that is not BPMN's own: attributes of elements, and what stands in extension areas."""
    found: Content = {}
    for element in root.iter(etree.Element):
        owner = element.get("id") or ""
        name = etree.QName(element)
        if name.namespace in STANDARD:
            own = [
                (k, v)
                for k, v in element.attrib.items()
                if (etree.QName(k).namespace or BPMN) not in STANDARD
            ]
            if own:
                found.setdefault((owner, "attributes", name.text), []).append(repr(sorted(own)))
        if name.text == f"{{{BPMN}}}extensionElements":
            parent = element.getparent()
            key = (parent.get("id") or "", "extensions", parent.tag)
            found.setdefault(key, []).extend(
                repr(plain(child)) for child in element if isinstance(child.tag, str)
            )
    return {key: sorted(values) for key, values in found.items() if values}


def take(board: Board, path: Path) -> str:
    """Import a file; what the report said."""
    board.page.locator("input[type=file]").set_input_files(path)
    dialog = board.page.get_by_role("dialog", name=f"导入“{path.name}”")
    expect(dialog).to_be_visible()
    text = dialog.inner_text()
    board.run("w.drawn = new Promise((done) => { const end = w.on('load', () => { end(); done(); }); });")
    dialog.get_by_role("button", name="采用这幅流程图").click()
    expect(dialog).to_be_hidden()
    board.run("await w.drawn")
    return text


@needs_files
def test_every_file_opens_with_a_report_and_is_saved_without_loss(page: Page):
    board = Board(page).start(source="", key="penalty/imported", name="导入的流程")
    lost: dict[str, Any] = {}
    for path in FILES:
        report = take(board, path)
        assert "个流程节点" in report, path.name
        expect(page.locator("[data-unreadable]")).to_have_count(0)
        drawn = board.run(
            "return e.get('elementRegistry').filter((s) => !s.waypoints && s.type !== 'label').length"
        )
        assert drawn > 2, path.name
        before = foreign_content(etree.parse(path).getroot())
        after = foreign_content(etree.fromstring(board.xml().encode()))
        wrong = {key: (values, after.get(key)) for key, values in before.items() if after.get(key) != values}
        if wrong:
            lost[path.name] = wrong
    assert not lost, lost
    assert not board.untranslated
    board.saved()


@needs_files
def test_a_file_without_a_drawing_is_laid_out(page: Page):
    board = Board(page).start(source="", key="penalty/undrawn", name="没有图形的流程")
    path = next(path for path in FILES if path.name.startswith("IBM-BlueWorks") and "A.2.0" in path.name)
    assert "已自动排版" in take(board, path)
    assert len(board.nodes()) == 8
    assert board.overlapping() == []


@needs_files
def test_the_report_names_what_is_refused_and_can_be_declined(
    page: Page, axe: Callable[[Page], None], shot: Callable[..., None]
):
    board = Board(page).start()
    before = board.xml()
    path = next(path for path in FILES if path.name == "reference_B.2.0.bpmn")
    page.locator("input[type=file]").set_input_files(path)
    dialog = page.get_by_role("dialog", name="导入“reference_B.2.0.bpmn”")
    for words in (
        "不能办理，需要改画",
        "请改用",
        "采用后还要补充",
        "文件编码由 ISO-8859-1 转为 UTF-8",
        "采用后将替换当前的内部流程图",
    ):
        expect(dialog).to_contain_text(words)
    axe(page)
    shot("studio-import", page)
    dialog.get_by_role("button", name="不采用").click()
    assert board.xml() == before


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.bpmn", b"not xml at all", "不是有效的 XML"),
        ("b.xml", b"<html/>", "不是 BPMN 2.0"),
        ("c.bpmn", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "文档类型声明"),
        ("d.bpmn", b"PK\x03\x04\xff\xfe\x00", "不符"),
        ("e.bpmn", f'<definitions xmlns="{BPMN}" id="d" targetNamespace="urn:t"/>'.encode(), ""),
    ],
)
def test_a_file_that_is_no_diagram_is_refused_in_chinese(page: Page, name: str, content: bytes, message: str):
    board = Board(page).start(source="", key="penalty/nothing", name="什么也没有")
    before = board.xml()
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/xml", "buffer": content}
    )
    if message:
        expect(page.locator("[data-told]")).to_contain_text(message)
    else:
        dialog = page.get_by_role("dialog", name=f"导入“{name}”")
        expect(dialog).to_contain_text("没有可以办理的流程")
        dialog.get_by_role("button", name="不采用").click()
    assert board.xml() == before


def test_our_own_diagram_comes_back_through_a_file(page: Page, tmp_path: Path):
    board = Board(page).start()
    path = ROOT / "bpmn" / "penalty" / "ordinary" / "internal.bpmn"
    assert "没有发现不能理解的内容" in take(board, path)
    before = foreign_content(etree.parse(path).getroot())
    assert foreign_content(etree.fromstring(board.xml().encode())) == before
