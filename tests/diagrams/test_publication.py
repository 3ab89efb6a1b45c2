"""Publishing: a new content is a new version, running cases stay on theirs, a broken bundle is refused."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cases.conftest import cheap_hashes, desk, reached, stage, town
from sqlalchemy import func, select

from app.cases.demo import Drive
from app.cases.models import Case, CaseStatus
from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion
from app.kernel.errors import Invalid, NotFound

__all__ = ["cheap_hashes", "desk", "reached", "stage", "town"]

KEY = "penalty/ordinary"
APPROVED = diagrams.approved(1, "枣司案〔2026〕1号")


@pytest.fixture(scope="module")
def real() -> bundles.Bundle:
    return diagrams.from_folder(KEY)


def changed(bundle: bundles.Bundle, **parts: Any) -> bundles.Bundle:
    """The bundle with other parts, under the name of its new content."""
    new = dataclasses.replace(bundle, **parts)
    return dataclasses.replace(new, digest=bundles.named(new))


def renamed(bundle: bundles.Bundle) -> bundles.Bundle:
    """A second edition: a task is called otherwise."""
    return changed(bundle, internal=bundle.internal.replace("立卷归档".encode(), "整理归档".encode()))


def versions(session) -> int:
    chosen = select(func.count()).select_from(ProcedureVersion).where(ProcedureVersion.key == KEY)
    return session.scalar(chosen) or 0


def test_the_same_content_is_no_new_version(desk, real):
    first = diagrams.publish(desk, real, gate)
    assert diagrams.publish(desk, real, gate) is first
    assert (versions(desk), first.number) == (1, 1)


def test_running_cases_stay_on_their_version_and_finish_there(stage, desk, real):
    old = stage("shop-front", until="file_approve")
    second = diagrams.publish(desk, renamed(real), gate, APPROVED)
    assert second.number == 2
    assert diagrams.current(desk, KEY).number == 2
    assert diagrams.by_name(desk, f"{KEY}@1").internal == real.internal
    new = Drive(desk, {**old.plan, "id": "second-edition"})
    new.run()
    for node in ("file_approve", "reject_inform", "archive"):
        old.do(node)
    names = {}
    for drive in (old, new):
        case = desk.get_one(Case, drive.case_id)
        assert case.status == CaseStatus.CLOSED
        version = diagrams.procedure(desk, case.procedure_id)
        names[version.number] = "整理归档" if "整理归档".encode() in version.internal else "立卷归档"
    assert names == {1: "立卷归档", 2: "整理归档"}


def test_a_version_that_was_rolled_back_is_not_remembered(desk, real):
    with pytest.raises(ZeroDivisionError), desk.begin_nested():
        second = diagrams.publish(desk, renamed(real), gate, APPROVED)
        assert diagrams.by_name(desk, second_name(second)).number == 2
        raise ZeroDivisionError
    with pytest.raises(NotFound):
        diagrams.by_name(desk, f"{KEY}@2")


def second_name(version: ProcedureVersion) -> str:
    return f"{version.key}@{version.number}"


Change = Callable[[bundles.Bundle], Mapping[str, Any]]
GATEWAY = b"filing_ok == True"


def without(forms: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: form for name, form in forms.items() if name != key}


BROKEN: dict[str, tuple[Change, str]] = {
    "missing form": (lambda b: {"forms": without(b.forms, "penalty_check")}, "表单“penalty_check”不存在"),
    "missing form of an event": (
        lambda b: {"forms": without(b.forms, "penalty_party_response")},
        "表单“penalty_party_response”不存在",
    ),
    "task without form": (
        lambda b: {"internal": b.internal.replace(b' xq:form="penalty_check"', b"")},
        "“线索核查”没有指定表单",
    ),
    "another form's key": (
        lambda b: {"forms": {**b.forms, "penalty_check": b.forms["penalty_lead"]}},
        "两者应当一致",
    ),
    "unknown attribute": (
        lambda b: {"internal": b.internal.replace(GATEWAY, b"filed_ok == True", 1)},
        "filed_ok",
    ),
    "unknown action": (
        lambda b: {
            "called": {n: t.replace("supervision.major_reminder", "os.system") for n, t in b.called.items()}
        },
        "动作“os.system”没有登记",
    ),
    "missing document": (
        lambda b: {"internal": b.internal.replace(b'"LA-06"', b'"XX-99"')},
        "“XX-99”没有模板",
    ),
    "form writes undeclared": (
        lambda b: {
            "forms": {
                **b.forms,
                "penalty_collect": {**b.forms["penalty_collect"], "writes": {"free": {"field": "paid"}}},
            }
        },
        "没有声明的属性：free",
    ),
    "external with entities": (
        lambda b: {"external": b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'},
        "外部流程",
    ),
    "external unclosed": (lambda b: {"external": b"<a>"}, "外部流程"),
    "internal is no diagram": (lambda b: {"internal": b"<a/>"}, ""),
    "rules reset nothing": (
        lambda b: {"rules": {**b.rules, "resets": {"invest.end": {"nothing": False}}}},
        "没有声明的属性：nothing",
    ),
    "rules derive from nothing": (
        lambda b: {
            "rules": {
                **b.rules,
                "derived": {**b.rules["derived"], "odd": {"when": {"field": "none", "op": "eq", "value": 1}}},
            }
        },
        "不存在的字段“none”",
    ),
    "facts from nowhere": (
        lambda b: {"rules": {**b.rules, "facts": {"party": "penalty_lead.nobody"}}},
        "penalty_lead.nobody",
    ),
    "clock without limit": (
        lambda b: {"rules": {**b.rules, "clocks": [{"id": "x", "name": "某期限"}]}},
        "某期限",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_bundle_is_refused_with_its_reason(desk, real, name):
    change, reason = BROKEN[name]
    broken = changed(real, **change(real))
    with pytest.raises(Invalid) as caught:
        diagrams.publish(desk, broken, gate)
    assert any(reason in each for each in caught.value.errors["bundle"])
    assert caught.value.message.startswith("流程不能发布：")
    assert versions(desk) == 1


@pytest.mark.parametrize(
    "rules",
    [None, [], "x", {"attributes": None}, {"attributes": {"a": None}}, {"separation": [{}]}, {"voids": 7},
     {"derived": {"x": None}}, {"required_before": [{"before": "x"}]}, {"params": {"p": 1}}],
)  # fmt: skip
def test_rules_of_another_shape_are_refused_in_words(desk, real, rules):
    if isinstance(rules, dict):
        rules = {**real.rules, **rules}
    with pytest.raises(Invalid, match="规则文件"):
        diagrams.publish(desk, changed(real, rules=rules), gate)
    assert versions(desk) == 1


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (">review_required == True<", ">review_required == True and fine &gt; 900000<", "P17"),
        ('xq:limit="2wd" xq:form="penalty_publish"', 'xq:limit="9wd" xq:form="penalty_publish"', "G04"),
    ],
)
@pytest.mark.requirement("S4-24")
@pytest.mark.requirement("S0-5", part="不合规的流程图不能发布")
@pytest.mark.requirement("S1-14", part="跳过审核的流程图不能发布")
def test_what_is_not_proven_lawful_is_not_published(desk, real, old, new, rule):
    drawn = real.internal.decode()
    assert old in drawn
    before = versions(desk)
    with pytest.raises(Invalid) as refused:
        diagrams.publish(desk, changed(real, internal=drawn.replace(old, new).encode()), gate)
    assert any(reason.startswith(f"［{rule}］") for reason in refused.value.errors["bundle"])
    assert versions(desk) == before


def test_a_procedure_that_names_no_law_of_its_kind_is_refused(desk, real):
    elsewhere = changed(real, rules={**real.rules, "scope": "friends"})
    with pytest.raises(Invalid, match="没有说明适用哪一类权力的规则"):
        diagrams.publish(desk, elsewhere, gate)


@pytest.mark.requirement("S4-25")
@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        (r'(<bpmn:lane id="lane_archive" name="[^"]*") xq:position="archive"', r"\1"),
        (r'(<bpmn:userTask id="check"[^>]*?) xq:duty="[^"]*"', r"\1"),
        (r'(<bpmn:userTask id="check"[^>]*?) xq:limit="[^"]*"', r"\1"),
        (r'(<bpmn:userTask id="check"[^>]*?) xq:limit="[^"]*"', r'\1 xq:limit="90wd"'),
    ],
    ids=["no position", "no duty", "no limit", "longer than the law"],
)
def test_an_internal_diagram_without_position_duty_or_limit_or_beyond_the_law_is_not_published(
    desk, real, pattern, new
):
    drawn = real.internal.decode()
    broken, times = re.subn(pattern, new, drawn)
    assert times == 1
    before = versions(desk)
    with pytest.raises(Invalid):
        diagrams.publish(desk, changed(real, internal=broken.encode()), gate)
    assert versions(desk) == before
