"""Diagrams of other tools: read safely, nothing of theirs lost, and told what of them is not understood."""

import itertools
from pathlib import Path

import pytest
from lxml import etree

from app.kernel.errors import Invalid
from app.kernel.settings import ROOT
from app.studio import foreign

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
POSITIONS = {"intake": "受理登记岗", "legal_review": "法制审核岗"}
INTERCHANGE = ROOT.parent / "shared" / "data" / "bpmn-interchange"
FILES = sorted(INTERCHANGE.glob("*.bpmn"))
needs_files = pytest.mark.skipif(not FILES, reason="the interchange files are not at hand")


def diagram(
    body: str, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>', attributes: str = ""
) -> str:
    return (
        f'{declaration}<definitions xmlns="{BPMN}" xmlns:o="urn:other:tool" id="d" targetNamespace="urn:t" {attributes}>'
        f'<process id="p">{body}</process></definitions>'
    )


def flow(*nodes: str) -> str:
    ids = [etree.fromstring(node).get("id") for node in nodes]
    pairs = itertools.pairwise(ids)
    return "".join(nodes) + "".join(
        f'<sequenceFlow id="f{a}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs
    )


PLAIN = flow('<startEvent id="a"/>', '<task id="b" name="登记"/>', '<endEvent id="c"/>')


def test_a_plain_diagram_is_understood():
    found = foreign.receive(
        diagram(PLAIN, attributes='exporter="Tool" exporterVersion="1"').encode(), POSITIONS
    )
    assert (found.tool, found.nodes, found.drawn, found.refused, found.kept) == ("Tool 1", 3, False, (), ())


def test_what_the_platform_does_not_run_is_named_with_what_to_draw_instead():
    body = flow('<startEvent id="a"/>', '<scriptTask id="b" name="计算"/>', '<endEvent id="c"/>')
    [found] = foreign.receive(diagram(body).encode(), POSITIONS).refused
    assert (found.element, found.name, found.code) == ("b", "计算", "script_task")
    assert "改用已登记动作的服务任务" in found.message


def test_an_internal_diagram_is_told_what_it_lacks():
    found = foreign.receive(diagram(PLAIN).encode(), POSITIONS, attributes=["major"])
    assert "untyped_task" in {each.code for each in found.lacking}
    assert foreign.receive(diagram(PLAIN).encode(), POSITIONS).lacking == ()


def test_content_of_other_tools_is_counted_and_stays():
    body = PLAIN.replace('<task id="b"', '<task o:colour="red" id="b"').replace(
        'name="登记"/>',
        'name="登记"><extensionElements><o:note kind="x">重要</o:note></extensionElements></task>',
    )
    found = foreign.receive(diagram(body).encode(), POSITIONS)
    assert [(each.namespace, each.elements, each.attributes) for each in found.kept] == [
        ("urn:other:tool", 1, 1)
    ]
    assert '<o:note kind="x">重要</o:note>' in found.text
    assert 'o:colour="red"' in found.text


def test_repeated_extension_areas_become_one():
    two = "<extensionElements><o:a/></extensionElements><extensionElements><o:b/></extensionElements>"
    found = foreign.receive(
        diagram(PLAIN.replace('name="登记"/>', f'name="登记">{two}</task>')).encode(), POSITIONS
    )
    [wrapper] = etree.fromstring(found.text).iter(f"{{{BPMN}}}extensionElements")
    assert [etree.QName(child).localname for child in wrapper] == ["a", "b"]
    assert "合并" in found.changed[0]


def test_an_attribute_with_its_elements_own_prefix_is_written_once():
    body = PLAIN.replace(
        'name="登记"/>',
        'name="登记"><extensionElements><o:a k="1" o:k="1" o:m="2"/></extensionElements></task>',
    )
    [found] = etree.fromstring(foreign.receive(diagram(body).encode(), POSITIONS).text).iter(
        "{urn:other:tool}a"
    )
    assert dict(found.attrib) == {"k": "1", "m": "2"}


def test_lanes_called_like_positions_get_them():
    lanes = (
        '<laneSet id="s"><lane id="l1" name="法制审核岗"><flowNodeRef>b</flowNodeRef></lane>'
        '<lane id="l2" name="财务部"/></laneSet>'
    )
    found = foreign.receive(diagram(lanes + PLAIN).encode(), POSITIONS)
    assert found.positions == {"l1": "legal_review"}
    assert 'position="legal_review"' in found.text


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "GB18030", "UTF-16"])
def test_other_encodings_are_read(encoding: str):
    text = diagram(PLAIN.replace("登记", "é"), f'<?xml version="1.0" encoding="{encoding}"?>')
    found = foreign.receive(text.encode(encoding), POSITIONS)
    assert 'name="é"' in found.text
    assert "转为 UTF-8" in found.changed[0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "malformed"),
        (b"not xml", "malformed"),
        (b"PK\x03\x04\xff\xfe\x00", "encoding"),
        (b"<html/>", "no_bpmn"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "doctype"),
        (b'<?xml version="1.0" encoding="idna"?><x/>', "encoding"),
        (b'<?xml version="1.0" encoding="nothing"?><x/>', "encoding"),
        (b'<?xml version="1.0" encoding="ascii"?><x a="\xc3\xa9"/>', "encoding"),
        (b"<a>" * 2_000_000, "too_large"),
    ],
)
def test_what_is_no_diagram_is_refused_in_chinese(content: bytes, code: str):
    with pytest.raises(Invalid) as refused:
        foreign.receive(content, POSITIONS)
    assert refused.value.code == code
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.message)


def test_a_file_without_a_process_says_so():
    empty = f'<definitions xmlns="{BPMN}" id="d" targetNamespace="urn:t"/>'
    [found] = foreign.receive(empty.encode(), POSITIONS).refused
    assert found.code == "no_process"


@needs_files
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_interchange_file_is_received(path: Path):
    found = foreign.receive(path.read_bytes(), POSITIONS, attributes=[])
    assert found.nodes > 2
    again = foreign.receive(found.text.encode(), POSITIONS)
    assert etree.canonicalize(again.text) == etree.canonicalize(found.text), "what was put in order stays so"
    assert again.changed == ()
