"""The differences of two diagrams in sentences, on the penalty procedure as shipped."""

import re
from collections.abc import Callable

import pytest

from app.diagrams import diff
from app.diagrams import service as diagrams
from app.diagrams.diff import ChangeKind

INTERNAL, EXTERNAL = "internal.bpmn", "external.bpmn"


@pytest.fixture(scope="module")
def shipped() -> dict[str, str]:
    bundle = diagrams.from_folder("penalty/ordinary")
    return diagrams.parts_of(
        diagrams.Procedure(
            0, bundle.key, 1, "", "", "", bundle.external, bundle.internal, None, bundle.forms
        ),
        bundle.rules,
    )


@pytest.fixture
def edited(shipped: dict[str, str]) -> Callable[..., list[diff.Change]]:
    """The changes after replacing texts in the internal diagram, each of which must be there."""

    def edit(*pairs: tuple[str, str], path: str = INTERNAL, layout: bool = False) -> list[diff.Change]:
        text = shipped[path]
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new, 1)
        return list(diagrams.compare(shipped, {**shipped, path: text}, layout=layout))

    return edit


def test_the_same_trees_do_not_differ(shipped):
    assert diagrams.compare(shipped, dict(shipped)) == ()


def test_a_limit_is_told_in_the_unit_of_the_law(edited):
    limit = 'xq:limit="{}" xq:form="penalty_pre_review"'.format
    [change] = edited((limit("3wd"), limit("2wd")))
    assert change.text == "“业务审核”的时限由 3 个工作日改为 2 个工作日。"
    assert (change.path, change.kind, change.element, change.what) == (
        INTERNAL, ChangeKind.CHANGED, "pre_review", "limit",
    )  # fmt: skip
    assert (change.before, change.after) == ("3wd", "2wd")


def test_a_task_given_to_another_position_has_moved(edited):
    reference = "<bpmn:flowNodeRef>{}</bpmn:flowNodeRef>".format
    changes = edited(
        (reference("check"), ""), (reference("register"), reference("register") + reference("check"))
    )
    assert [(c.kind, c.element, c.text) for c in changes] == [
        (ChangeKind.MOVED, "check", "“线索核查”由“执法办案岗”改到“受理登记岗”。")
    ]


def test_another_name(edited):
    [change] = edited(('name="立案审批"', 'name="立案批准"'))
    assert (change.kind, change.text) == (ChangeKind.RENAMED, "任务“立案审批”改名为“立案批准”。")


def test_a_form_is_told_by_its_title(edited):
    [change] = edited(('xq:form="penalty_lead"', 'xq:form="penalty_check"'))
    assert change.text == "“案源登记”的表单由“案源登记”改为“线索核查”。"


def test_a_document_added_and_one_taken_away(edited):
    [change] = edited(
        ('<xq:document code="DC-06" when="complete" />', '<xq:document code="DC-07" when="complete" />')
    )
    assert change.what == "documents"
    assert change.text == "“调查取证”增加文书“DC-07”，去掉文书“DC-06”。"


def test_a_condition_is_told_with_the_labels_of_the_rule_set(edited):
    [change] = edited((">filing_ok == True<", ">filing_ok == True and fine &gt;= 100<"))
    assert change.what == "condition"
    assert change.text == (
        "连线“立案”（是否立案 → 排他网关）的条件由（“批准立案”为是）改为（“批准立案”为是，且“罚款金额（元）”不少于 100）。"
    )


def test_an_inserted_task_is_a_new_task_and_a_flow_connected_otherwise(edited):
    changes = edited(
        ('<bpmn:userTask id="check"', '<bpmn:userTask id="extra" name="补充核实" xq:step="check.more" xq:limit="2wd" />'
         '<bpmn:sequenceFlow id="f_extra" sourceRef="extra" targetRef="check" /><bpmn:userTask id="check"'),
        ('sourceRef="register" targetRef="check"', 'sourceRef="register" targetRef="extra"'),
    )  # fmt: skip
    assert [(c.kind, c.text) for c in changes] == [
        (ChangeKind.ADDED, "新增任务“补充核实”（法定环节：“check.more”，时限：2 个工作日）。"),
        (ChangeKind.ADDED, "新增连线“补充核实 → 线索核查”。"),
        (ChangeKind.REROUTED, "连线由“案源登记 → 线索核查”改接为“案源登记 → 补充核实”。"),
    ]


def test_what_is_gone_comes_last(shipped):
    less = re.sub(r'<bpmn:userTask id="reject_inform".*?</bpmn:userTask>', "", shipped[INTERNAL], flags=re.S)
    changes = diagrams.compare(shipped, {**shipped, INTERNAL: less}, layout=False)
    assert changes[-1].kind is ChangeKind.REMOVED
    assert changes[-1].text == "删除任务“不予立案告知”。"
    assert changes[-1].before["step"] == "file.reject"


def test_a_shape_drawn_elsewhere_is_told_apart_and_left_out_where_only_meaning_counts(edited):
    pair = ('<dc:Bounds x="', '<dc:Bounds x="9')
    assert edited(pair) == []
    [change] = edited(pair, layout=True)
    assert change.kind is ChangeKind.LAYOUT


def test_what_another_tool_wrote_is_not_passed_over(edited):
    [change] = edited(
        ("<bpmn:extensionElements>", '<bpmn:extensionElements><x:rate xmlns:x="urn:x" value="3" />')
    )
    assert (change.what, change.kind) == ("rest", ChangeKind.CHANGED)
    assert change.text.endswith("的其他设置已修改。")


@pytest.mark.parametrize(
    "strange",
    [
        '<bpmn:choreography id="c"><bpmn:choreographyTask id="t" name="商定" /></bpmn:choreography>',
        '<x:plan xmlns:x="urn:x" value="3" />',
        '<bpmn:sequenceFlow sourceRef="register" targetRef="check" />',
    ],
)
def test_what_belongs_to_no_element_is_not_passed_over(shipped, strange):
    for place in ("</bpmn:definitions>", "</bpmn:process>"):
        other = shipped[INTERNAL].replace(place, strange + place)
        changes = diagrams.compare(shipped, {**shipped, INTERNAL: other})
        assert [(c.kind, c.what) for c in changes] == [(ChangeKind.CHANGED, "rest")]


def test_prefixes_blanks_and_the_order_of_attributes_mean_nothing(shipped):
    other = (
        shipped[EXTERNAL]
        .replace("<bpmn:", "<model:")
        .replace("</bpmn:", "</model:")
        .replace("xmlns:bpmn=", "xmlns:model=")
        .replace("\n", "\n  ")
    )
    [change] = diagrams.compare(shipped, {**shipped, EXTERNAL: other})
    assert (change.kind, change.text) == (ChangeKind.LAYOUT, "外部流程图只有书写格式改变，内容相同。")


@pytest.mark.parametrize("broken", ["", "<a", "<!DOCTYPE a><a/>", "\ufffe"])
def test_a_diagram_that_cannot_be_read_is_said_to_be(shipped, broken):
    changes = diagrams.compare(shipped, {**shipped, INTERNAL: broken, "runs/a.json": "{}"})
    assert [(c.path, c.kind) for c in changes] == [
        (INTERNAL, ChangeKind.UNREADABLE), ("runs/a.json", ChangeKind.ADDED),
    ]  # fmt: skip
    assert changes[0].text.startswith("不能逐项比较：")


def test_the_way_back_tells_the_opposite(shipped):
    other = shipped[INTERNAL].replace('xq:limit="23wd"', 'xq:limit="20wd"')
    forth = diagrams.compare(shipped, {**shipped, INTERNAL: other})
    back = diagrams.compare({**shipped, INTERNAL: other}, shipped)
    assert [(c.before, c.after) for c in forth] == [(c.after, c.before) for c in back]


def test_differences_in_one_line(edited):
    changes = edited(('xq:limit="23wd"', 'xq:limit="20wd"'), ('name="立案审批"', 'name="立案批准"'))
    assert diff.summary(changes) == "内部流程图改名 1 处、修改 1 处"


def test_a_change_is_told_to_programs_as_plain_values(edited):
    [change] = edited(('name="立案审批"', 'name="立案批准"'))
    assert change.told() == {
        "path": INTERNAL, "kind": "renamed", "element": "file_approve", "what": "name", "before": "立案审批",
        "after": "立案批准", "text": "任务“立案审批”改名为“立案批准”。", "file": "内部流程图",
    }  # fmt: skip
