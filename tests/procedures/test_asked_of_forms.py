"""What the regulations ask of the forms of the shipped procedures, whatever the procedure."""

import json
import re
from datetime import date

import pytest

from app.forms import service as forms
from app.forms.context import FormContext
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

SHOWN = sorted(
    path.stem
    for path in (ROOT / "forms").glob("*.json")
    if '"key": "id_shown"' in path.read_text(encoding="utf-8")
)
POINTS = ("subject", "facts", "law", "procedure", "power", "document", "crime")
"""主体、事实证据、适用法律和裁量、程序、权限、文书、涉嫌犯罪: the points of a legal review (国办发〔2018〕118号)."""


def load(name):
    return forms.load(json.loads((ROOT / "forms" / f"{name}.json").read_text(encoding="utf-8")))


def wrong(name, **answers):
    with pytest.raises(Invalid) as caught:
        load(name).validate(answers, FormContext((), None, date(2026, 3, 2)))
    return set(caught.value.errors)


def test_there_are_forms_of_investigation_inspection_and_seizure():
    assert {"penalty_investigate", "inspect_exec", "seize_exec", "simple_onsite"} <= set(SHOWN)


@pytest.mark.requirement("S1-5")
@pytest.mark.parametrize("name", SHOWN)
def test_without_the_certificates_shown_no_investigation_or_inspection_is_done(name):
    assert "id_shown" in wrong(name)
    assert "id_shown" in wrong(name, id_shown="no")
    assert "id_shown" not in wrong(name, id_shown="yes")


@pytest.mark.requirement("S1-15")
def test_a_legal_review_concludes_on_each_of_the_seven_points():
    assert set(POINTS) <= wrong("penalty_legal_review")
    for point in POINTS:
        assert point in wrong("penalty_legal_review", **dict.fromkeys(set(POINTS) - {point}, "没有问题"))


REFUSALS = {
    "penalty_file_approve": ("refuse_reason", {"decision": "not_file"}),
    "licence_receive": ("why_not", {"in_scope": "no"}),
    "licence_reject": ("reason", {}),
    "confirm_receive": ("why_not", {"own_scope": "no"}),
    "confirm_reject": ("reason", {}),
    "adj_accept": ("reason", {"decision": "reject"}),
    "aid_receive": ("why_not", {"in_scope": "no"}),
}
"""不予立案, 不予受理: by form the answer that holds the reason, and when it is asked for."""


@pytest.mark.requirement("S2-19")
@pytest.mark.parametrize("name", REFUSALS)
def test_who_refuses_to_file_or_to_accept_gives_a_reason_that_is_one(name):
    key, when = REFUSALS[name]
    for reason in ("", "  ", "不同意。", "不符合条件。"):
        assert key in wrong(name, **when, **{key: reason}), reason
    assert key not in wrong(name, **when, **{key: "当事人没有违法事实，依法不予办理。"})


OPINIONS = sorted(
    path.stem
    for path in (ROOT / "forms").glob("*.json")
    if '"type": "opinion"' in path.read_text(encoding="utf-8")
)
TASK = re.compile(r'<bpmn:userTask id="\w+"[^>]*xq:form="(\w+)"')
HANDED_IN = sorted(
    {
        form
        for path in (ROOT / "bpmn").rglob("*.bpmn")
        for form in TASK.findall(path.read_text(encoding="utf-8"))
    }
)


@pytest.mark.requirement("S2-21", part="审批、审核环节")
@pytest.mark.parametrize("name", OPINIONS)
def test_without_an_opinion_no_approval_is_done(name):
    (key,) = [item.key for item in load(name).items if item.type == "opinion"]
    assert f"{key}.stance" in wrong(name)
    assert f"{key}.stance" in wrong(name, **{key: {"stance": "", "text": "写了意见，没有表明态度。"}})
    for stance in (
        "disagree",
        "amend",
    ):  # one the form does not offer, or one that is not given without its reason
        assert {f"{key}.stance", f"{key}.text"} & wrong(name, **{key: {"stance": stance, "text": ""}})


@pytest.mark.requirement("S2-21", part="其他环节")
@pytest.mark.parametrize("name", sorted(set(HANDED_IN) - set(OPINIONS)))
def test_without_telling_what_was_done_no_task_is_done(name):
    assert wrong(name)
