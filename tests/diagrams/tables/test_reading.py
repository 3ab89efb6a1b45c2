"""A table file: what is read, what is refused and why, and that what is written is read back."""

import pytest
from diagrams.tables.made import MAJOR, TIERS

from app.diagrams.tables import read, write
from app.kernel.errors import Invalid

RULE = '<rule id="row_1">\n        '


@pytest.mark.parametrize("table", [MAJOR, TIERS], ids=lambda table: table.name)
def test_what_is_written_is_read_back(table):
    assert read(table.name, write(table)) == table


def test_a_file_of_another_tool_with_a_single_unnamed_output():
    text = """<?xml version="1.0" encoding="UTF-8"?>
    <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="n" namespace="urn:x">
      <inputData id="i" name="fine"/>
      <decision id="x" name="重大"><variable name="major" typeRef="boolean"/>
        <decisionTable id="t">
          <input id="a" label="罚款"><inputExpression typeRef="number"><text>fine</text></inputExpression></input>
          <output id="o" typeRef="boolean"/>
          <rule id="r"><description>说明</description><inputEntry><text>>= 1</text></inputEntry>
            <outputEntry><text>true</text></outputEntry></rule>
        </decisionTable></decision></definitions>"""
    table = read("major", text)
    assert [column.name for column in table.outputs] == ["major"]
    assert table.rows[0].note == "说明"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("https://www.omg.org/spec/DMN/20191111/MODEL/", "http://www.omg.org/spec/DMN/20151101/dmn.xsd", "不是 DMN 1.3"),
        ('hitPolicy="COLLECT"', 'hitPolicy="FIRST"', "命中策略“FIRST”不支持"),
        ('hitPolicy="COLLECT"', 'hitPolicy="COLLECT" aggregation="SUM"', "汇总方式“SUM”不支持"),
        ('hitPolicy="COLLECT"', 'preferredOrientation="CrossTable"', "一条规则一行"),
        ("decisionTable", "literalExpression", "不是决策表"),
        ('typeRef="number"', 'typeRef="date"', "类型“date”不支持"),
        ("<text>fine</text>", "<text></text>", "没有选定属性"),
        ('name="major" typeRef', 'name="重大" typeRef', "应当以英文字母开头"),
        ("<text>fine</text>", "<text>party</text>", "出现了两次"),
        ("<inputEntry>\n          <text>-</text>\n        </inputEntry>", "", "格数与列数不符"),
        (f"{RULE}<inputEntry>", f'{RULE}<inputEntry expressionLanguage="js">', "表达式语言“js”"),
        ("<decision ", "<!DOCTYPE x><decision ", "文档类型声明"),
        ("</definitions>", "", ""),
    ],
)  # fmt: skip
def test_what_is_refused_says_why(old, new, told):
    text = write(MAJOR)
    assert old in text
    with pytest.raises(Invalid) as refused:
        read("major", text.replace(old, new))
    assert told in refused.value.message
