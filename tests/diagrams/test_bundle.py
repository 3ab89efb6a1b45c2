"""A bundle is what lies on disk, named by its content, and hostile or broken files are refused in Chinese."""

import json

import pytest

from app.diagrams import bundle
from app.diagrams.rules import parse
from app.kernel.errors import Invalid

DIAGRAM = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xq="urn:xingquan:bpmn:1">'
    b'<process id="p"><userTask id="a" xq:form="lead"/><userTask id="b" xq:form="lead"/></process>'
    b"</definitions>"
)
RULES = "key: demo\nname: 演示\nkind: penalty\nattributes: {}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bpmn/demo").mkdir(parents=True)
    (tmp_path / "forms").mkdir()
    (tmp_path / "bpmn/demo/external.bpmn").write_bytes(DIAGRAM)
    (tmp_path / "bpmn/demo/internal.bpmn").write_bytes(DIAGRAM)
    (tmp_path / "bpmn/demo/rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "forms/lead.json").write_text(json.dumps({"key": "lead", "items": []}), encoding="utf-8")
    return tmp_path


def test_the_same_content_has_the_same_digest(folder):
    first = bundle.from_folder("demo", folder)
    assert first.digest == bundle.from_folder("demo", folder).digest
    assert list(first.forms) == ["lead"]


def test_any_change_changes_the_digest(folder):
    first = bundle.from_folder("demo", folder).digest
    (folder / "forms/lead.json").write_text('{"key": "lead", "items": [], "version": 2}', encoding="utf-8")
    assert bundle.from_folder("demo", folder).digest != first


def test_a_missing_form_is_named(folder):
    (folder / "forms/lead.json").unlink()
    with pytest.raises(Invalid, match=r"forms/lead\.json"):
        bundle.from_folder("demo", folder)


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY l "ll"><!ENTITY m "&l;&l;&l;&l;">]><a>&m;</a>',
        b"<a>",
        b"not xml",
        b"<a>" + b"x" * 2_100_000 + b"</a>",
    ],
    ids=["external entity", "entity expansion", "unclosed", "no xml", "huge"],
)
def test_hostile_xml_is_refused(content):
    with pytest.raises(Invalid):
        bundle.safe_xml(content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attributes": {"x": {"type": "text", "default": ""}}}, "类型"),
        ({"attributes": {"x": {"type": "boolean"}}}, "默认值"),
        ({"attributes": {"x": {"type": "choice", "options": ["a"], "default": "b"}}}, "默认值不在选项中"),
        ({"attributes": {"x": {"type": "number", "default": False}}}, "类型正确的默认值"),
        ({"attributes": {"x": {"type": "boolean", "default": True}}, "derived": {"x": {"when": {}}}}, "既是"),
    ],
)
def test_a_broken_rule_set_is_refused_by_name(change, message):
    with pytest.raises(Invalid, match=message):
        parse({"key": "k", "name": "n", "kind": "penalty", "attributes": {}} | change)
